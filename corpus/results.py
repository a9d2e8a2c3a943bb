"""The rows of a page of results: what each article is, where the query hit it, and its copies.

Only the rows that are shown are read. Snippets are cut from the text as published.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus.match import Match, Term
from corpus.segment import fold
from corpus.snippets import (
    EditPlace,
    Needle,
    Snippet,
    fragments,
    hole_fragment,
    needle_of,
    pattern_of,
    published_place,
    published_spans,
    spans,
)
from corpus.synonyms import Form

MAX_HOLE_SNIPPETS = 2
HIT_COLUMNS = (
    "id", "url", "site", "clean_title", "published", "published_precision", "first_captured", "script", "topic", "genre",
    "intent", "scope", "spam", "cluster_id", "length",
)  # fmt: skip
COLUMNS = ("number", *HIT_COLUMNS, "title", "is_canonical", "flagged", "text", "clean_text")
# The clean text is usually the text: reading it twice would cost as much as all the rest.
SELECT = f"SELECT {', '.join(COLUMNS[:-1])}, nullif(clean_text, text) FROM articles WHERE number IN "

Article = dict[str, Any]  # a row by its columns


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an article matched: ``word`` as typed, the ``form`` that was found, its kind (see corpus.synonyms.KINDS), and
    ``where``: "title", "text", or "hole" when a filter seems to have deleted it there."""

    word: str
    form: str
    kind: str
    where: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One article of the results. ``title`` is as published. ``copies`` counts the other pages of its cluster.

    ``hidden``: see ``hidden_by``, and "ruling" when moderators ruled the article out.
    """

    id: str
    url: str
    site: str
    title: Snippet
    clean_title: str
    published: str
    published_precision: str
    first_captured: str
    script: str
    topic: str
    genre: str
    intent: str
    scope: str
    spam: int
    cluster_id: str
    is_canonical: bool
    copies: int
    copy_sites: int
    length: int
    snippets: tuple[Snippet, ...]
    reasons: tuple[Reason, ...]
    hidden: tuple[str, ...] = ()


def hidden_by(article: Mapping[str, Any]) -> tuple[str, ...]:
    """Return why the view corpus_articles leaves an article out: codes of explanations.HIDDEN; empty: it does not."""
    codes: tuple[str, ...] = () if article["scope"] in ("core", "edge") else ("scope",)
    codes += ("spam",) if (article["spam"] or 0) >= 2 else ()
    codes += () if article["is_canonical"] else ("copy",)
    return (*codes, "flagged") if article["flagged"] else codes


def load_hits(
    connection: sqlite3.Connection,
    found: Match,
    numbers: Sequence[int],
    ruled_out: frozenset[str] = frozenset(),
) -> tuple[Hit, ...]:
    """Return the articles of these numbers, in this order; those that are gone meanwhile are left out.

    ruled_out: ids of articles that moderators ruled out, to be marked as such.
    """
    terms = tuple(Sought.of(term) for term in found.terms if term.wanted)
    patterns = {name: pattern_for(terms, name) for name in ("title", "text")}
    cursor = connection.cursor()
    cursor.row_factory = None
    rows = cursor.execute(f"{SELECT} ({', '.join('?' * len(numbers))})", numbers).fetchall()
    articles = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in rows}
    hits = (hit_of(cursor, articles[number], terms, patterns) for number in numbers if number in articles)
    return tuple(replace(hit, hidden=(*hit.hidden, "ruling")) if hit.id in ruled_out else hit for hit in hits)


@dataclass(frozen=True, slots=True)
class Sought:
    """A term made ready for many texts: each form with its needle."""

    field: str
    word: str
    forms: tuple[tuple[Form, Needle], ...]

    @staticmethod
    def of(term: Term) -> Sought:
        return Sought(term.field, term.forms[0].text, tuple((form, needle_of(form.text)) for form in term.forms))


Patterns = dict[str, "re.Pattern[str] | None"]


def hit_of(cursor: sqlite3.Cursor, row: Article, terms: Sequence[Sought], patterns: Patterns) -> Hit:
    edited = row["clean_text"] is not None or row["clean_title"] != row["title"]
    if row["clean_text"] is None:
        row["clean_text"] = row["text"]
    whole, length = fold(f"{row['clean_title']}\n{row['clean_text']}"), len(row["clean_title"])
    folded = {"title": whole[:length], "text": whole[length + 1 :]}
    edits = edits_of(cursor, row["id"]) if edited else {}
    marks = {name: published_spans(spans(folded[name], patterns[name]), edits.get(name, ())) for name in folded}
    title = Snippet("title", row["title"], tuple((a, b) for a, b in marks["title"] if b <= len(row["title"])))
    snippets = fragments("text", row["text"], marks["text"])
    reasons, holes = explain(cursor, row, terms, folded, edits)
    if holes and not marks["text"]:
        snippets = holes
    copies = copies_of(cursor, row["cluster_id"])
    return Hit(
        **{name: row[name] for name in HIT_COLUMNS},
        title=title,
        is_canonical=bool(row["is_canonical"]),
        copies=copies[0],
        copy_sites=copies[1],
        snippets=snippets,
        reasons=reasons,
        hidden=hidden_by(row),
    )


def pattern_for(terms: Sequence[Sought], name: str) -> re.Pattern[str] | None:
    """Return the pattern of all forms that may hit the field ``name``."""
    return pattern_of(needle for term in terms if term.field in ("", name) for _, needle in term.forms)


def edits_of(cursor: sqlite3.Cursor, article_id: str) -> dict[str, list[EditPlace]]:
    rows = cursor.execute(
        'SELECT field, start, "end", clean_start, clean_end FROM edits WHERE article_id = ? ORDER BY field, start, clean_start',
        (article_id,),
    )
    found: dict[str, list[EditPlace]] = {}
    for name, *place in rows:
        found.setdefault(name, []).append((place[0], place[1], place[2], place[3]))
    return found


def explain(
    cursor: sqlite3.Cursor,
    row: Article,
    terms: Sequence[Sought],
    folded: dict[str, str],
    edits: dict[str, list[EditPlace]],
) -> tuple[tuple[Reason, ...], tuple[Snippet, ...]]:
    """Return which form of each term was found where, and snippets around the holes that only a deleted word fills."""
    reasons: list[Reason] = []
    snippets: list[Snippet] = []
    holes: list[tuple[str, int, str]] | None = None
    for term in terms:
        hit = next(
            (
                Reason(term.word, form.text, form.kind, name)
                for name in ("title", "text")
                if term.field in ("", name)
                for form, needle in term.forms
                if needle.within(folded[name])
            ),
            None,
        )
        if hit is None and term.field in ("", "hole"):
            if holes is None:
                holes = holes_of(cursor, row["id"])
            hit, found = explain_hole(row, term, holes, edits)
            snippets += found
        if hit:
            reasons.append(hit)
    return tuple(reasons), tuple(snippets[:MAX_HOLE_SNIPPETS])


def holes_of(cursor: sqlite3.Cursor, article_id: str) -> list[tuple[str, int, str]]:
    rows = cursor.execute(
        "SELECT field, start, suggestion FROM holes WHERE article_id = ? ORDER BY field, start", (article_id,)
    )
    return [(str(name), int(start), str(word)) for name, start, word in rows]


def explain_hole(
    row: Article, term: Sought, holes: Sequence[tuple[str, int, str]], edits: dict[str, list[EditPlace]]
) -> tuple[Reason | None, list[Snippet]]:
    """Return the reason and the snippets for a term that stands in no text, but in what a filter deleted."""
    reason = None
    snippets = []
    for name, start, word in holes:
        clean = row["clean_title" if name == "title" else "clean_text"]
        around = clean[max(start - 7, 0) : start] + word + clean[start : start + 7]
        form = next((f for f, needle in term.forms if needle.within(fold(around))), None)
        if form is None:
            continue
        reason = reason or Reason(term.word, form.text, form.kind, "hole")
        places = edits.get(name, [])
        place = published_place(start, places, [edit[2] for edit in places])[0]
        snippets.append(hole_fragment(name, row["title" if name == "title" else "text"], place, word))
    return reason, snippets


def copies_of(cursor: sqlite3.Cursor, cluster_id: str) -> tuple[int, int]:
    """Return (other pages of the cluster, sites of the whole cluster)."""
    if not cluster_id:
        return 0, 1
    row = cursor.execute("SELECT size, sites FROM clusters WHERE id = ?", (cluster_id,)).fetchone()
    return (max(int(row[0]) - 1, 0), int(row[1])) if row else (0, 1)

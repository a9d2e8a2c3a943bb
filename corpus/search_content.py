"""What stands in the full-text index for an article: its texts, the words of its holes, and its marks."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import groupby

from corpus.field_tokens import field_tokens
from corpus.marks import EVERY, MAX_MARKS, date_marks, facet_marks, host_marks, mark, spam_mark

HOLE_CONTEXT = 7  # characters beside a hole that are indexed with its suggestion: words of 8 characters reach across
HOLE_LIMIT = 200  # holes of one article in the index
MARK_KINDS = ("place", "platform", "entity", "law", "province")
MARK_COLUMNS = ("topic", "genre", "intent", "scope", "spam")


@dataclass(frozen=True, slots=True)
class Indexed:
    """What stands in the index for one article, before it is cut into tokens."""

    text: str
    title: str
    holes: str
    marks: str

    @property
    def tokens(self) -> tuple[str, str, str, str]:
        return (
            field_tokens(self.text),
            field_tokens(self.title, "title"),
            field_tokens(self.holes, "holes"),
            self.marks,
        )


def indexed_before(connection: sqlite3.Connection, number: int) -> Indexed | None:
    """Return what the index holds for an article, or None."""
    row = connection.execute(
        "SELECT coalesce(d.text, a.clean_text, ''), coalesce(d.title, a.clean_title, ''), d.holes, d.marks "
        "FROM search_documents d LEFT JOIN articles a ON a.number = d.number WHERE d.number = ?",
        (number,),
    ).fetchone()
    return Indexed(*row) if row else None


def indexed_now(connection: sqlite3.Connection, number: int) -> Indexed | None:
    """Return what the index ought to hold for an article, or None when there is no such article."""
    row = connection.execute(
        "SELECT id, clean_text, clean_title, site, host, published, topic, genre, intent, scope, spam "
        "FROM articles WHERE number = ?",
        (number,),
    ).fetchone()
    if row is None:
        return None
    article_id, text, title, site, host, published, *values = tuple(row)
    return Indexed(
        text,
        title,
        hole_text(connection, article_id, {"title": title, "text": text}),
        " ".join(
            article_marks(connection, article_id, [site, host], published, dict(zip(MARK_COLUMNS, values, strict=True)))
        ),
    )


def hole_text(connection: sqlite3.Connection, article_id: str, texts: dict[str, str]) -> str:
    """Return each hole's suggestion between the words around it, a line each, in order."""
    rows = connection.execute(
        "SELECT field, start, suggestion FROM holes WHERE article_id = ? ORDER BY field, start, suggestion LIMIT ?",
        (article_id, HOLE_LIMIT),
    )
    lines = []
    for field, start, suggestion in rows:
        text = texts.get(field, "")
        if suggestion:
            left = text[max(start - HOLE_CONTEXT, 0) : max(start, 0)].split("\n")[-1]
            right = text[max(start, 0) : max(start, 0) + HOLE_CONTEXT].split("\n")[0]
            lines.append(f"{left}{suggestion}{right}")
    return "\n".join(lines)


def article_marks(
    connection: sqlite3.Connection, article_id: str, hosts: list[str], published: str, values: dict[str, object]
) -> list[str]:
    """Return the marks of an article, without repetition, in a fixed order."""
    marks = [EVERY, *(each for host in hosts for each in host_marks(host)), *date_marks(published or "")]
    marks += [
        spam_mark(int(str(value))) if name == "spam" else mark(name, str(value))
        for name, value in values.items()
        if value not in ("", None)
    ]
    subtopics = connection.execute(  # under the topic that was chosen for the article: law.rate
        "SELECT DISTINCT value FROM labels WHERE article_id = ? AND scheme = 'subtopic' AND parent = ? ORDER BY 1",
        (article_id, values.get("topic")),
    ).fetchall()
    for (value,) in subtopics:
        marks += [mark("topic", value), mark("topic", value.partition(".")[2])]
    facets = connection.execute(
        "SELECT DISTINCT kind, value, canonical FROM facets WHERE article_id = ? AND kind IN (?, ?, ?, ?, ?) ORDER BY 1, 3, 2",
        (article_id, *MARK_KINDS),
    ).fetchall()
    for kind, rows in groupby(facets, key=lambda row: str(row[0])):
        marks += facet_marks(kind, [str(name) for row in rows for name in (row[2], row[1])])
    return list(dict.fromkeys(each for each in marks if each))[:MAX_MARKS]

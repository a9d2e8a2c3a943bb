"""Rulings on labels in decisions.db, and the articles a round is chosen from in corpus.db.

Rulings are added and never changed; the last one of a rater on a scheme of an article counts. Rulings on texts that
are not in the corpus (imported with their text) keep the text as their evidence, so that training can use them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from classify.codebook import MODEL_SCHEMES
from classify.rulings import SECONDARY, Candidate, Ruling
from corpus.article_cases import by_article
from corpus.decisions import evidence_of, rule, rulings

KIND = "label"  # subject_kind of these rulings
# Rules that say a page is mass-made: where the model says it is honest, they disagree.
MASS_MADE = ("flag:templated-place", "flag:spun", "flag:injected", "flag:model-residue")
TEXT_LIMIT = 6_000  # characters of a text that a round shows


def add_rulings(connection: sqlite3.Connection, found: Iterable[Ruling], *, time: datetime) -> int:
    """Add rulings that are not there yet and return how many were new: importing twice changes nothing."""
    known = {(r.article, r.scheme, r.rater): r.value for r in read_rulings(connection)}
    added = 0
    for ruling in found:
        if known.get((ruling.article, ruling.scheme, ruling.rater)) == ruling.value:
            continue
        rule(
            connection, moderator=ruling.rater, subject_kind=KIND, subject=ruling.article,
            ruling=f"{ruling.scheme}={ruling.value}", time=time,
            evidence={"title": ruling.title, "text": ruling.text[:TEXT_LIMIT], "url": ruling.url},
        )  # fmt: skip
        known[(ruling.article, ruling.scheme, ruling.rater)] = ruling.value
        added += 1
    return added


def read_rulings(connection: sqlite3.Connection) -> tuple[Ruling, ...]:
    """Return the rulings in force, one per article, scheme and rater, with the texts they were made on."""
    last: dict[tuple[str, str, str], Ruling] = {}
    for decision in rulings(connection, KIND):
        scheme, _, value = decision.ruling.partition("=")
        seen = evidence_of(connection, decision.serial)
        last[(decision.subject, scheme, decision.moderator)] = Ruling(
            decision.subject, scheme, value, decision.moderator,
            str(seen.get("title", "")), str(seen.get("text", "")), str(seen.get("url", "")),
        )  # fmt: skip
    return tuple(last.values())


def article_rulings(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> tuple[Ruling, ...]:
    """Return what moderators ruled in the review queue as answers for schemes, with the texts of the corpus.

    "irrelevant" is scope out, "spam" is spam 2; "relevant" leaves the scope that the model gave where that is core or
    edge, else core. "unsure", rulings that were taken back, and articles that are no longer in the corpus say nothing.
    """
    found = []
    for article, standing in by_article(decisions).items():
        row = corpus.execute(
            "SELECT clean_title, substr(clean_text, 1, ?), url, scope FROM articles WHERE id = ?", (TEXT_LIMIT, article)
        ).fetchone()
        if row is None:
            continue
        answers = {
            "irrelevant": ("scope", "out"),
            "spam": ("spam", "2"),
            "relevant": ("scope", row[3] if row[3] in ("core", "edge") else "core"),
        }
        for said in {each.moderator: each for each in standing}.values():
            if said.ruling in answers:
                scheme, value = answers[said.ruling]
                found.append(Ruling(article, scheme, value, said.moderator, str(row[0]), str(row[1]), str(row[2])))
    return tuple(found)


def candidates(connection: sqlite3.Connection, ruled: Iterable[Ruling]) -> tuple[Candidate, ...]:
    """Return every canonical article that nobody ruled on, and those whose raters disagree.

    Disputed are texts that raters disagree on, and those that rules and model do. An article reaches the copies of its
    cluster, and all articles of its template until one of them is ruled on.
    """
    votes: dict[str, dict[str, set[str]]] = {}
    for ruling in ruled:
        votes.setdefault(ruling.article, {}).setdefault(ruling.scheme, set()).add(ruling.value)
    disputed = {
        article
        for article, schemes in votes.items()
        if any(len(values) > 1 for scheme, values in schemes.items() if scheme != SECONDARY)
    }
    rows = connection.execute(_CANDIDATES, (TEXT_LIMIT, *MASS_MADE)).fetchall()
    answered = _templates_of(connection, votes)
    return tuple(
        Candidate(
            row[0], row[1], row[2], row[3],
            tuple((scheme, str(value)) for scheme, value in zip(MODEL_SCHEMES, row[4:9], strict=True)),
            1 - (row[9] or 0.0), max(1, row[10], 1 if row[12] in answered else row[13]), row[0] in disputed or bool(row[11]),
            row[14], row[12],
        )
        for row in rows
        if row[0] not in votes or row[0] in disputed
    )  # fmt: skip


_CANDIDATES = """
WITH copies AS (SELECT cluster_id AS id, count(*) AS articles FROM articles WHERE cluster_id <> '' GROUP BY cluster_id),
 made AS (SELECT template_id AS id, count(*) AS articles FROM articles WHERE template_id <> '' GROUP BY template_id)
SELECT a.id, a.url, a.clean_title, substr(a.clean_text, 1, ?) AS text, a.scope, a.topic, a.genre, a.intent, a.spam,
 (SELECT min(l.score) FROM labels l WHERE l.article_id = a.id AND l.rank = 1
  AND l.scheme IN ('scope', 'topic', 'spam')) AS sure,
 ifnull(copies.articles, 0) AS copies,
 a.spam = 0 AND EXISTS (SELECT 1 FROM labels f WHERE f.article_id = a.id AND f.scheme IN (?, ?, ?, ?)) AS doubted,
 a.template_id, ifnull(made.articles, 0) AS made,
 ifnull((SELECT l.annotator FROM labels l WHERE l.article_id = a.id AND l.scheme = 'topic' AND l.rank = 1), '') AS model
FROM articles a LEFT JOIN copies ON copies.id = a.cluster_id LEFT JOIN made ON made.id = a.template_id
WHERE a.is_canonical = 1 ORDER BY a.id"""


def _templates_of(connection: sqlite3.Connection, articles: Iterable[str]) -> set[str]:
    """Return the templates of those articles."""
    found: set[str] = set()
    for article in articles:
        row = connection.execute("SELECT template_id FROM articles WHERE id = ?", (article,)).fetchone()
        found |= {row[0]} - {""} if row else set()
    return found

"""How the hits of a query divide: by site, topic, genre, year, spam level, place, platform and law."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass

from corpus.match import Match
from corpus.stories import where

COUNTED_HITS = 10_000  # the newest hits that are counted; a common word has hundreds of thousands
SHOWN_VALUES = 10
KINDS = ("place", "platform", "law")


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """``counts``: for each facet its most frequent values with their numbers of pages, most frequent first.

    ``counted``: how many hits were looked at, the newest ones.
    """

    counted: int
    counts: dict[str, tuple[tuple[str, int], ...]]


def facet_counts(
    connection: sqlite3.Connection, found: Match, *, values: int = SHOWN_VALUES, hits: int = COUNTED_HITS
) -> FacetCounts:
    """Return the facets of the newest ``hits`` hits. Empty values are left out."""
    sql, parameters = where(found)
    newest = f"SELECT f.rowid AS number FROM article_fts f WHERE {sql} ORDER BY f.rowid DESC LIMIT {hits}"
    rows = connection.execute(
        "SELECT a.site, a.topic, a.genre, substr(a.published, 1, 4), a.spam "
        f"FROM ({newest}) h CROSS JOIN articles a INDEXED BY search_rows ON a.number = h.number",
        parameters,
    ).fetchall()
    counts = {
        name: most(Counter(str(row[at]) for row in rows if row[at] != ""), values)
        for at, name in enumerate(("site", "topic", "genre", "year", "spam"))
    }
    named = connection.execute(
        "SELECT f.kind, f.canonical, count(DISTINCT f.article_id) "
        f"FROM ({newest}) h CROSS JOIN articles a ON a.number = h.number JOIN facets f ON f.article_id = a.id "
        "WHERE f.kind IN (?, ?, ?) GROUP BY 1, 2",
        [*parameters, *KINDS],
    ).fetchall()
    for kind in KINDS:
        counts[kind] = most(Counter({str(row[1]): int(row[2]) for row in named if row[0] == kind}), values)
    return FacetCounts(len(rows), counts)


def most(counter: Counter[str], values: int) -> tuple[tuple[str, int], ...]:
    """Return the most frequent values, equal ones by name."""
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:values])

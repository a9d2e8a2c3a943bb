"""Which articles are shown for a match, in which order: the walk over hits, folded into stories.

The full-text index answers with row numbers, the last stored first; one slim index on ``articles`` adds what ordering and
folding need. One story is shown once: of a cluster of copies its canonical article when that one matches, else the
matching copy that comes first in the order asked for.
"""

from __future__ import annotations

import heapq
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from corpus.marks import DIGITS, LAST_NUMBER, day_mark, period, range_marks
from corpus.match import Condition, Match, Reach, one_of_marks

BLOCK_BITS = 9  # search_blocks: 512 articles each
KNOWN = 200  # hits that are asked for before anything else: the page and the count of so few need not ask again
PUBLISHED_SORT = 1_000  # hits that "published" sorts at once; of more it takes one stretch of time after the other
ID_BEGINNING = re.compile("[0-9a-f]{6,}")  # may stand for the whole id, as results print it

Row = tuple[int, str, str, int, str]  # number, first_captured, cluster_id, is_canonical, published


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked beside the query. ``stories``: show copies once; ``see_contacts``: ``contact:`` is allowed.

    ``ruled_out``: ids of articles that rulings hide, beside the pages of flagged sites; ``show_ruled_out``: show both.
    """

    order: str = "newest"
    limit: int = 20
    offset: int = 0
    reach: Reach = field(default_factory=Reach)
    stories: bool = True
    see_contacts: bool = False
    ruled_out: frozenset[str] = frozenset()
    show_ruled_out: bool = False


def leave_out(connection: sqlite3.Connection, found: Match, request: Request) -> Match:
    """Return the match without what rulings hide; the match itself when they hide nothing or all is to be shown."""
    if request.show_ruled_out:
        return found
    hidden = []
    if connection.execute("SELECT 1 FROM articles INDEXED BY articles_flagged WHERE flagged = 1 LIMIT 1").fetchone():
        hidden.append(Condition("flagged", "", 0, wanted=False))
    if request.ruled_out:
        rows = connection.execute(
            "SELECT number FROM articles WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(request.ruled_out)),),
        )
        hidden.append(Condition("numbers", json.dumps([row[0] for row in rows]), 0, wanted=False))
    return replace(found, conditions=(*found.conditions, *hidden)) if hidden else found


def where(found: Match, alias: str = "f") -> tuple[str, list[str]]:
    """Return the SQL condition for a match on ``article_fts`` under ``alias``, and its parameters."""
    parts, values = [f"{alias}.article_fts MATCH ?"], [found.expression]
    for condition in found.conditions:
        sql, value = row_condition(condition, f"{alias}.rowid")
        parts.append(sql if condition.wanted else f"NOT {sql}")
        values += value
    return " AND ".join(parts), values


def row_condition(condition: Condition, number: str) -> tuple[str, list[str]]:
    """Return the SQL condition, and its parameters, that a filter outside FTS5 sets the article of that ``number``."""
    if condition.name == "cluster":
        first = condition.value.lower()
        beyond = first + ("g" if ID_BEGINNING.fullmatch(first) else "\x01")  # ids are hexadecimal
        return (
            f"{number} IN (SELECT number FROM articles WHERE cluster_id = ? "
            "UNION SELECT number FROM articles WHERE id >= ? AND id < ? "
            "UNION SELECT number FROM articles WHERE cluster_id IN "
            "(SELECT cluster_id FROM articles WHERE id >= ? AND id < ? AND cluster_id != ''))",
            [condition.value, first, beyond, first, beyond],
        )
    if condition.name == "flagged":  # asked per hit: there can be more flagged pages than hits
        asked = f"SELECT 1 FROM articles INDEXED BY articles_flagged WHERE flagged = 1 AND number = {number}"
        return f"EXISTS ({asked})", []
    if condition.name == "numbers":
        return f"{number} IN (SELECT value FROM json_each(?))", [condition.value]
    plain = "".join(condition.value.split())
    return (
        f"{number} IN (SELECT a.number FROM contacts c JOIN articles a ON a.id = c.article_id "
        "WHERE c.kind IN (SELECT DISTINCT kind FROM contacts) AND c.value IN (?, ?))",
        [plain, plain.lower()],
    )


def few(connection: sqlite3.Connection, found: Match, most: int = KNOWN) -> tuple[int, ...] | None:
    """Return the numbers of the articles that match, highest first, or None when there are more than ``most``.

    None for one character, too: its tokens are collected before the first hit, so that every question costs as much.
    """
    if '" *' in found.expression:
        return None
    sql, values = where(found)
    cursor = connection.cursor()
    cursor.row_factory = None
    numbers = cursor.execute(f"SELECT f.rowid FROM article_fts f WHERE {sql} LIMIT {most + 1}", values).fetchall()
    return tuple(row[0] for row in reversed(numbers)) if len(numbers) <= most else None


def rows(connection: sqlite3.Connection, found: Match, known: Sequence[int] | None = None) -> Iterator[Row]:
    """Yield the matching articles, highest number first; ``known``: what ``few`` has returned."""
    cursor = connection.cursor()
    cursor.row_factory = None
    columns = "a.number, a.first_captured, a.cluster_id, a.is_canonical, a.published"
    if known is not None:
        yield from cursor.execute(
            f"SELECT {columns} FROM json_each(?) k CROSS JOIN articles a INDEXED BY search_rows ON a.number = k.value",
            (json.dumps(known),),
        )
        return
    sql, values = where(found)
    yield from cursor.execute(
        f"SELECT {columns} FROM article_fts f "
        f"CROSS JOIN articles a INDEXED BY search_rows ON a.number = f.rowid WHERE {sql} ORDER BY f.rowid DESC",
        values,
    )


def newest(
    connection: sqlite3.Connection, found: Match, request: Request, known: Sequence[int] | None = None
) -> list[int]:
    """Return the numbers of the stories on this page, newest first capture first, then highest number.

    known: what ``few`` has returned for the match, where it was asked before: the index is not asked again.
    Exact also where articles were not stored in the order of their capture: the walk ends when no block of articles
    further down can hold a later capture than the stories found.
    """
    need = request.offset + request.limit
    stories = Stories(connection, found, request.stories, known)
    looked = -1  # the block in which it was last asked whether later captures may follow
    for row in rows(connection, found, known):
        if len(stories.best) >= need and row[0] >> BLOCK_BITS != looked:
            looked = row[0] >> BLOCK_BITS
            stories.keep(need)
            if not need or stories.last >= latest_capture(connection, row[0]):
                break
        stories.add(row)
    stories.keep(need)
    return [number for _, number in stories.ordered()[request.offset :]]


def latest_capture(connection: sqlite3.Connection, number: int) -> str:
    """Return the latest first capture among articles up to ``number``, or a later time; "" when there are none."""
    block = number >> BLOCK_BITS
    row = connection.execute(
        "SELECT max(coalesce((SELECT max(latest) FROM search_blocks WHERE block < ?1), ''), coalesce((SELECT "
        "max(first_captured) FROM articles INDEXED BY search_rows WHERE number >= ?1 << ?3 AND number <= ?2), ''))",
        (block, number, BLOCK_BITS),
    ).fetchone()
    return str(row[0])


@dataclass(slots=True)
class Stories:
    """The best stories so far: one per cluster, by its canonical article where that one matches."""

    connection: sqlite3.Connection
    found: Match
    folded: bool
    known: Sequence[int] | None = None  # all that match, where that is known
    whole: bool = False  # every hit is added: a canonical article that matches is among them
    best: dict[str, tuple[str, int]] = field(default_factory=dict)  # by cluster, or by number
    canonical_matches: dict[str, bool] = field(default_factory=dict)

    def add(self, row: Row, key: str | None = None) -> None:
        """Take a matching article; ``key``: what to order by instead of its capture."""
        number, captured, cluster, canonical, _ = row
        place = (captured if key is None else key, number)
        if not (self.folded and cluster):
            self.best[str(number)] = place
        elif canonical:
            self.best[cluster] = place
            self.canonical_matches[cluster] = True
        elif not self.has_canonical(cluster) and place > self.best.get(cluster, ("", -1)):
            self.best[cluster] = place

    def has_canonical(self, cluster: str) -> bool:
        if cluster not in self.canonical_matches and self.known is not None:
            row = self.connection.execute(
                "SELECT a.number FROM clusters c JOIN articles a ON a.id = c.canonical_article_id WHERE c.id = ?",
                (cluster,),
            ).fetchone()
            self.canonical_matches[cluster] = row is not None and row[0] in self.known
        elif cluster not in self.canonical_matches and not self.whole:
            sql, values = where(self.found)
            row = self.connection.execute(
                "SELECT a.number FROM clusters c JOIN articles a ON a.id = c.canonical_article_id "
                f"JOIN article_fts f ON f.rowid = a.number WHERE c.id = ? AND {sql}",
                [cluster, *values],
            ).fetchone()
            self.canonical_matches[cluster] = row is not None
        return self.canonical_matches.get(cluster, False)

    def keep(self, need: int) -> None:
        """Forget all but the ``need`` best."""
        if len(self.best) > need:
            self.best = dict(heapq.nlargest(need, self.best.items(), key=lambda item: item[1]))

    @property
    def last(self) -> str:
        return min(self.best.values())[0] if self.best else "~"

    def ordered(self) -> list[tuple[str, int]]:
        return sorted(self.best.values(), reverse=True)


def by_published(
    connection: sqlite3.Connection, found: Match, request: Request, known: Sequence[int] | None = None
) -> list[int]:
    """Return the numbers of the stories on this page, latest publication first, undated last; ``known``: see ``newest``."""
    need = request.offset + request.limit
    stories = Stories(connection, found, request.stories, known)
    for part in stretches(connection, found) if known is None else (found,):
        stories.whole = part is found
        for row in rows(connection, part, known):
            stories.add(row, row[4] if period(row[4]) else "")
        stories.keep(need)
        if len(stories.best) >= need:
            break
    return [number for _, number in stories.ordered()[request.offset :]]


def stretches(connection: sqlite3.Connection, found: Match) -> Iterator[Match]:
    """Yield matches for parts of the hits, from the latest publication back; the undated come last.

    All time is halved, and its halves again, until a part has few hits: each is one mark of the index.
    """
    if '" *' in found.expression or sortable(connection, found):  # one character: asking often costs more than sorting
        yield found
        return
    waiting = [(DIGITS - 1, 0), (DIGITS - 1, 1)]
    while waiting:
        level, prefix = waiting.pop()
        marks = one_of_marks([day_mark(level, prefix)])
        part = replace(found, expression=f"({found.expression} AND {marks})")
        if level and not sortable(connection, part):
            waiting += [(level - 1, 2 * prefix), (level - 1, 2 * prefix + 1)]
        else:
            yield part
    undated = one_of_marks(range_marks(0, LAST_NUMBER + 1))
    yield replace(found, expression=f"({found.expression} NOT {undated})")


def sortable(connection: sqlite3.Connection, found: Match) -> bool:
    """Return whether so few articles match that they may all be sorted."""
    sql, values = where(found)
    row = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM article_fts f WHERE {sql} LIMIT {PUBLISHED_SORT + 1})", values
    ).fetchone()
    return int(row[0]) <= PUBLISHED_SORT

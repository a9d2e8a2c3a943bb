"""Search over corpus.db: the page of results for a query, its count, and how the query was understood.

The full-text index answers with row numbers, newest last inserted first; one slim index on ``articles`` adds what
ordering and folding of copies need; only the rows that are shown are read whole. So the cost follows what is shown,
not what is found. Orders: ``newest`` captured, ``published``, ``relevance`` (``corpus/ranking.py``).

One story is shown once: of a cluster of copies its canonical article when that one matches, else the matching copy that
comes first in the order asked for. Counts count pages, copies included, up to COUNT_LIMIT.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from corpus.errors import QueryError, WorkspaceError
from corpus.match import Match, match
from corpus.query import filters, parse
from corpus.ranking import by_relevance
from corpus.results import Hit, load_hits
from corpus.search_index import VERSION, version
from corpus.stories import Request, by_published, few, leave_out, newest, where

COUNT_LIMIT = 10_000  # hits; above it "more than 10,000": counting all of a common word costs more than showing it
MAX_RESULTS = 1_000  # offset + limit: who needs more filters or exports
CODED = ("topic", "genre", "intent", "scope")  # filters whose values are codes of the codebook
ORDERS = ("newest", "published", "relevance")


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A filter by a code that no article has, and the codes there are."""

    name: str
    value: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of results. ``count``: pages that match, COUNT_LIMIT + 1 when there are more than COUNT_LIMIT.

    ``ranked``: of how many hits relevance looked at; 0 in other orders. ``left_out``: matching pages not shown, and not
    counted, since moderators ruled them out; COUNT_LIMIT + 1 when there are too many hits to tell. ``unknown``: looked for when nothing matches.
    """

    match: Match
    request: Request
    hits: tuple[Hit, ...]
    count: int
    ranked: int = 0
    left_out: int = 0
    unknown: tuple[UnknownCode, ...] = ()

    @property
    def count_shown(self) -> str:
        return f">{COUNT_LIMIT:,}" if self.count > COUNT_LIMIT else f"{self.count:,}"


def search(connection: sqlite3.Connection, text: str, request: Request = Request()) -> Results:  # noqa: B008 - frozen
    """Return the results of a query.

    Raises: QueryError, when it cannot be understood or asks for what the reader may not see;
    WorkspaceError, when the index has not been built.
    """
    whole = match(text, request.reach)
    check_request(connection, whole, request)
    found = leave_out(connection, whole, request)
    known = few(connection, found)
    ranked = 0
    if request.order == "relevance":
        numbers, ranked = by_relevance(connection, found, request)
    else:
        numbers = (by_published if request.order == "published" else newest)(connection, found, request, known)
    hits = load_hits(connection, found, numbers, request.ruled_out)
    shown = matching = count(connection, found) if known is None else len(known)
    if found is not whole:
        matching = count(connection, whole)
    left_out = matching - shown if matching <= COUNT_LIMIT else COUNT_LIMIT + 1
    unknown = () if matching else unknown_codes(connection, text)
    return Results(found, request, hits, shown, ranked, left_out if found is not whole else 0, unknown)


def check_request(connection: sqlite3.Connection, found: Match, request: Request) -> None:
    if request.order not in ORDERS:
        raise QueryError(f"results can be ordered by {', '.join(ORDERS)}, not by {request.order}", 0)
    if request.limit < 0 or request.offset < 0 or request.limit + request.offset > MAX_RESULTS:
        raise QueryError(f"only the first {MAX_RESULTS:,} results can be shown: narrow the query, or export", 0)
    for condition in found.conditions:
        if condition.name == "contact" and not request.see_contacts:
            raise QueryError(
                f"character {condition.position + 1}: contact: is only for those allowed to see contacts "
                f"/ 第 {condition.position + 1} 个字符：contact: 需要查看联系方式的权限",
                condition.position,
            )
    if version(connection) != VERSION:  # its tokens may be others than those asked for: answers would be missing
        raise WorkspaceError(
            "the search index has not been built, or is of another version: run 'cuishou process' (or 'cuishou doctor' to mend it)"
        )


def unknown_codes(connection: sqlite3.Connection, text: str) -> tuple[UnknownCode, ...]:
    """Return the filters of a query whose code no article has: a slip that would look like an answer."""
    found = []
    for item in filters(parse(text)):
        if item.name in CODED:
            scheme = "subtopic" if "." in item.value else item.name
            codes = codes_of(connection, scheme)
            if codes and item.value.lower() not in codes and not item.value.isdigit():
                found.append(UnknownCode(item.name, item.value, codes))
    return tuple(found)


def codes_of(connection: sqlite3.Connection, scheme: str) -> tuple[str, ...]:
    """Return the codes of a scheme that any article has, reading the index once per code instead of per article."""
    rows = connection.execute(
        "WITH RECURSIVE codes(code) AS (SELECT min(value) FROM labels WHERE scheme = ?1 UNION ALL "
        "SELECT (SELECT min(value) FROM labels WHERE scheme = ?1 AND value > code) FROM codes WHERE code IS NOT NULL) "
        "SELECT code FROM codes WHERE code IS NOT NULL LIMIT 200",
        (scheme,),
    )
    return tuple(row[0] for row in rows)


def count(connection: sqlite3.Connection, found: Match) -> int:
    """Return how many pages match, COUNT_LIMIT + 1 at most."""
    sql, values = where(found)
    row = connection.execute(
        f"SELECT count(*) FROM (SELECT f.rowid FROM article_fts f WHERE {sql} LIMIT {COUNT_LIMIT + 1})",
        values,
    ).fetchone()
    return int(row[0])

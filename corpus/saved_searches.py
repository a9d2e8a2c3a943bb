"""Standing queries: searches saved under a name, and which of their stories have been read.

They live in decisions.db, in tables that are only added to: what people asked and read must outlive a rebuild of
corpus.db. A reading is stored as digests of article ids (8 bytes each). A story is new when none of its pages, copies
included, has been read before: the forty-first copy of an old text is no news, and neither is an old page under the id
that an older capture gave it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.errors import InputError
from corpus.match import Match, Reach, match
from corpus.results import load_hits
from corpus.search import Results, check_request
from corpus.stories import Request, Row, Stories, leave_out, rows

MAX_NAME = 100  # characters
DIGEST = 8  # bytes of an article id's digest: a false "read" among ten million ids is a matter of 1 in 10^12

TABLES = """
CREATE TABLE IF NOT EXISTS saved_searches (
  serial INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, query TEXT NOT NULL, synonyms INTEGER NOT NULL,
  holes INTEGER NOT NULL, time TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS saved_searches_name ON saved_searches(name);
CREATE TABLE IF NOT EXISTS saved_search_reads (
  serial INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, time TEXT NOT NULL, articles BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS saved_search_reads_name ON saved_search_reads(name);
CREATE TRIGGER IF NOT EXISTS saved_searches_no_update BEFORE UPDATE ON saved_searches
  BEGIN SELECT RAISE(ABORT, 'saved searches are never changed: add a later one'); END;
CREATE TRIGGER IF NOT EXISTS saved_search_reads_no_update BEFORE UPDATE ON saved_search_reads
  BEGIN SELECT RAISE(ABORT, 'what has been read stays read'); END;
"""


@dataclass(frozen=True, slots=True)
class SavedSearch:
    name: str
    query: str
    reach: Reach
    time: str  # when it was saved, ISO 8601 in UTC


@dataclass(frozen=True, slots=True)
class Unread:
    """New stories of a saved search, newest first. ``read``: the digests to store once they have been delivered.

    ``left``: how many new stories are not among ``results`` because of its limit.
    """

    saved: SavedSearch
    results: Results
    read: bytes
    left: int


def prepare(decisions: sqlite3.Connection) -> None:
    """Make the tables in decisions.db where they are missing."""
    decisions.executescript(TABLES)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def save(
    decisions: sqlite3.Connection, corpus: sqlite3.Connection, saved: SavedSearch, *, from_start: bool = False
) -> int:
    """Store a search under its name, replacing an earlier one; return how many pages it matches already.

    Those count as read, unless ``from_start``. Raises: QueryError, InputError for an empty or very long name.
    """
    if not saved.name.strip() or len(saved.name) > MAX_NAME or not saved.name.isprintable():
        raise InputError(f"a saved search needs a name of 1 to {MAX_NAME} printable characters")
    found = match(saved.query, saved.reach)
    check_request(corpus, found, Request())
    matching = [identity for identity, _, _ in matching_ids(corpus, found)]
    prepare(decisions)
    decisions.execute("BEGIN IMMEDIATE")
    decisions.execute(
        "INSERT INTO saved_searches(name, query, synonyms, holes, time) VALUES(?, ?, ?, ?, ?)",
        (saved.name, saved.query, int(saved.reach.synonyms), int(saved.reach.holes), saved.time),
    )
    if not from_start:
        store_read(decisions, saved.name, b"".join(map(digest, matching)), saved.time)
    decisions.execute("COMMIT")
    return len(matching)


def remove(decisions: sqlite3.Connection, name: str, time: str) -> None:
    """Remove a saved search; its row stays, a later one says that it is gone.

    Raises: InputError, when there is none of that name.
    """
    saved = get(decisions, name)
    decisions.execute(
        "INSERT INTO saved_searches(name, query, synonyms, holes, time, removed) VALUES(?, ?, 0, 0, ?, 1)",
        (name, saved.query, time),
    )


def saved_searches(decisions: sqlite3.Connection) -> tuple[SavedSearch, ...]:
    """Return the saved searches by name."""
    if not decisions.execute("SELECT 1 FROM sqlite_master WHERE name = 'saved_searches'").fetchone():
        return ()
    found = decisions.execute(
        "SELECT name, query, synonyms, holes, time, removed FROM saved_searches WHERE serial IN "
        "(SELECT max(serial) FROM saved_searches GROUP BY name) ORDER BY name"
    ).fetchall()
    return tuple(SavedSearch(row[0], row[1], Reach(bool(row[2]), bool(row[3])), row[4]) for row in found if not row[5])


def get(decisions: sqlite3.Connection, name: str) -> SavedSearch:
    """Return the saved search of that name.

    Raises: InputError, which lists the names there are.
    """
    there = {saved.name: saved for saved in saved_searches(decisions)}
    if name not in there:
        known = "、".join(there) or "none yet; save one with 'cuishou search QUERY --save NAME'"
        raise InputError(f"there is no saved search {name!r} 没有这个保存的查询 (there are: {known})")
    return there[name]


def unread(
    decisions: sqlite3.Connection,
    corpus: sqlite3.Connection,
    name: str,
    limit: int,
    ruled_out: frozenset[str] = frozenset(),
) -> Unread:
    """Return the stories of a saved search that have not been read; ``mark_read`` them once they are delivered.

    ruled_out: ids of articles that rulings hide; like pages of flagged sites they are no news.
    """
    saved = get(decisions, name)
    request = Request(limit=limit, reach=saved.reach, ruled_out=ruled_out)
    found = match(saved.query, saved.reach)
    check_request(corpus, found, request)
    found = leave_out(corpus, found, request)
    read = read_digests(decisions, name)
    stories = Stories(corpus, found, folded=True)
    members: dict[str, list[bytes]] = {}
    for identity, row, known in matching_ids(corpus, found):
        if digest(identity) in read or any(digest(each) in read for each in known):
            continue
        stories.add(row)
        members.setdefault(row[2] or str(row[0]), []).append(digest(identity))
    shown = stories.ordered()[:limit]
    numbers = [number for _, number in shown]
    delivered = {key for key, place in stories.best.items() if place in shown}
    blob = b"".join(each for key in delivered for each in members.get(key, ()))
    hits = load_hits(corpus, found, numbers)
    results = Results(found, request, hits, len(stories.best))
    return Unread(saved, results, blob, len(stories.best) - len(shown))


def mark_read(decisions: sqlite3.Connection, unread_: Unread, time: str) -> None:
    """Note that the stories have been delivered."""
    if unread_.read:
        store_read(decisions, unread_.saved.name, unread_.read, time)


def store_read(decisions: sqlite3.Connection, name: str, digests: bytes, time: str) -> None:
    decisions.execute("INSERT INTO saved_search_reads(name, time, articles) VALUES(?, ?, ?)", (name, time, digests))


def read_digests(decisions: sqlite3.Connection, name: str) -> set[bytes]:
    """Return the digests of all pages that have been read under that name."""
    blobs = decisions.execute("SELECT articles FROM saved_search_reads WHERE name = ?", (name,))
    return {blob[i : i + DIGEST] for (blob,) in blobs for i in range(0, len(blob), DIGEST)}


def digest(identity: str) -> bytes:
    return hashlib.sha256(identity.encode()).digest()[:DIGEST]


def matching_ids(corpus: sqlite3.Connection, found: Match) -> Iterator[tuple[str, Row, Iterable[str]]]:
    """Yield each matching article: its id, its row, and the other ids under which its story may have been read."""
    for row in rows(corpus, found):
        identity = str(corpus.execute("SELECT id FROM articles WHERE number = ?", (row[0],)).fetchone()[0])
        yield identity, row, other_ids(corpus, identity, row[2])


def other_ids(corpus: sqlite3.Connection, identity: str, cluster: str) -> Iterator[str]:
    """Yield the ids of an article's copies, and the ids that it and they had before an older capture turned up."""
    same = [identity]
    if cluster:
        same += [row[0] for row in corpus.execute("SELECT id FROM articles WHERE cluster_id = ?", (cluster,))]
        yield from same[1:]
    for each in same:
        yield from (
            row[0] for row in corpus.execute("SELECT old_id FROM article_redirects WHERE article_id = ?", (each,))
        )

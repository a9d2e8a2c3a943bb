"""Withdraws pages by URL, host, article or body hash: from the archive, corpus.db and its index, crawl.db and exports.

What stays is a tombstone in decisions.db: a digest of what was withdrawn, when, by whom and why, never the address itself.
Whoever processes the archive or a new crawl asks ``Tombstones.cover`` and rejects what is covered (``taken-down``).
The tombstone is written first and every step can be repeated, so that a takedown that was interrupted is run again.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from corpus import search_index, warc
from corpus.date_store import forget_listed
from corpus.decisions import open_decisions
from corpus.errors import InputError, WorkspaceError
from corpus.store import drop_article, transaction
from corpus.tombstones import Tombstones, bury, digest, host_of
from corpus.urls import canonical_url
from corpus.workspace import VIEWS, archive_folder, clear_rebuilt, open_corpus

KINDS = ("url", "host", "article", "sha256")
EXPORTS = ("public.db", "articles.jsonl", "articles.parquet")
DATABASES = ("corpus.db", "crawl.db", "decisions.db")
BUSY_SECONDS = 30
CHUNK = 1 << 20  # bytes copied at a time


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a takedown removed. ``exports``: files that were deleted and have to be made anew."""

    captures: int
    articles: int
    records: int
    frontier: int
    exports: tuple[str, ...]


def take_down(
    workspace: Path,
    *,
    kind: str,
    value: str,
    moderator: str,
    why: str,
    now: datetime,
    settle: Callable[[Path], object] = lambda _workspace: None,
) -> Withdrawn:
    """Withdraw what ``value`` names; return what was removed.

    kind: "url", "host" (and every host below it), "article" (all captures of its URL), "sha256" (of a body).
    settle: processes the workspace once the rows are gone, so that clusters, templates, sites and networks forget, too.
    Raises: InputError, for a value that cannot be one, or without moderator and reason; WorkspaceError, when a file
    cannot be written or is being written by a crawl.
    """
    if not moderator.strip() or not why.strip():
        raise InputError("a takedown needs a moderator and a reason: --moderator, --why")
    if list(archive_folder(workspace).glob(f"*{warc.OPEN}")):
        raise WorkspaceError("a crawl is writing the archive: end it first, then run the takedown")
    with open_corpus(workspace, write=True) as connection:
        kind, value = subject(connection, kind, value)
        bury(workspace, kind, value, moderator, why, now)
        one = Tombstones(frozenset({digest(kind, value)}))
        places, records = rewrite_archive(archive_folder(workspace), one)
        captures, articles = remove_rows(connection, one, places)
        search_index.update(connection)
    settle(workspace)
    frontier = clear_frontier(workspace, one)
    scrub_decisions(workspace, one)
    clear_rebuilt(workspace)
    for name in DATABASES:
        compact(workspace / name)
    return Withdrawn(captures, articles, records, frontier, clear_exports(workspace))


def subject(connection: sqlite3.Connection, kind: str, value: str) -> tuple[str, str]:
    """Return kind and value in the form in which tombstones know them; an article stands for its URL."""
    value = value.strip()
    if kind == "article":
        row = connection.execute(
            "SELECT url FROM articles WHERE id = ?1 OR id = (SELECT article_id FROM article_redirects WHERE old_id = ?1)",
            (value,),
        ).fetchone()
        if row is None:
            raise InputError(f"no article has the id {value}: give its URL")
        return "url", str(row[0])
    if kind == "url":
        if not urlsplit(value).scheme:
            raise InputError(f"{value} is no URL: it begins with http:// or https://")
        return kind, canonical_url(value)
    if kind == "host":
        if not re.fullmatch(r"[A-Za-z0-9\u0080-\uffff.-]{1,253}", value):
            raise InputError(f"{value} is no host name")
        return kind, host_of(f"http://{value}")
    if kind == "sha256" and re.fullmatch("[0-9a-fA-F]{64}", value):
        return kind, value.lower()
    raise InputError("a takedown names a url, host, article or sha256 (64 hexadecimal digits)")


def rewrite_archive(folder: Path, withdrawn: Tombstones) -> tuple[dict[str, list[tuple[int, int]]], int]:
    """Write every archive file that holds a withdrawn record anew without it.

    Returns the stretches that were cut, (start, end) in bytes of the old file, by file name, and how many records.
    """
    places: dict[str, list[tuple[int, int]]] = {}
    records = 0
    for path in (*warc.archive_files(folder), *warc.archive_files(folder / VIEWS)):
        cuts = list(cuts_of(path, withdrawn))
        if cuts:
            places[path.name] = cuts
            records += len(cuts)
            copy_without(path, cuts)
    return places, records


def cuts_of(path: Path, withdrawn: Tombstones) -> Iterator[tuple[int, int]]:
    for entry in warc.entries(path):
        page = entry.page
        if page is not None and withdrawn.cover(page.url, page.sha256):
            yield page.provenance.warc_offset, entry.end


def copy_without(path: Path, cuts: list[tuple[int, int]]) -> None:
    """Replace a file by itself without some stretches; the old one stays until the new one is on disk."""
    partial = path.with_name(path.name + ".part")
    with path.open("rb") as source, partial.open("wb") as target:
        for start, end in zip(
            [0, *(cut[1] for cut in cuts)], [*(cut[0] for cut in cuts), path.stat().st_size], strict=True
        ):
            source.seek(start)
            left = end - start
            while left > 0 and (piece := source.read(min(CHUNK, left))):
                target.write(piece)
                left -= len(piece)
        target.flush()
        os.fsync(target.fileno())
    partial.replace(path)


def remove_rows(
    connection: sqlite3.Connection, withdrawn: Tombstones, places: dict[str, list[tuple[int, int]]]
) -> tuple[int, int]:
    """Delete the rows of withdrawn captures and the articles they show; return how many of each.

    An article that other captures show as well is deleted too, and these captures are processed again.
    """
    connection.create_function("withdrawn", 2, lambda url, sha256: int(withdrawn.cover(str(url), str(sha256))))
    with transaction(connection):
        gone = [row[0] for row in connection.execute("SELECT id FROM captures WHERE withdrawn(url, body_sha256)")]
        marks = [(each,) for each in gone]
        touched: set[str] = set()
        for capture in gone:
            rows = connection.execute("SELECT article_id FROM article_captures WHERE capture_id = ?", (capture,))
            touched |= {str(row[0]) for row in rows}
        again: set[tuple[str, str]] = set()
        for article in sorted(touched):
            rows = connection.execute(
                "SELECT c.id, c.warc_file FROM article_captures a JOIN captures c ON c.id = a.capture_id WHERE article_id = ?",
                (article,),
            )
            again |= {(str(row[0]), str(row[1])) for row in rows} - {(each, "") for each in gone}
            forget(connection, article)
        connection.executemany("DELETE FROM captures WHERE id = ?", marks)
        connection.executemany("DELETE FROM rejections WHERE capture_id = ?", marks)
        listed = connection.execute("SELECT url FROM (SELECT DISTINCT url FROM listed_dates) WHERE withdrawn(url, '')")
        forget_listed(connection, gone, [str(row[0]) for row in listed.fetchall()])
        connection.executemany("DELETE FROM captures WHERE id = ?", [(each,) for each, _ in again])
        connection.execute("UPDATE captures SET referrer = '' WHERE referrer != '' AND withdrawn(referrer, '')")
        connection.execute("UPDATE articles SET next_url = '' WHERE next_url != '' AND withdrawn(next_url, '')")
        move_offsets(connection, places)
        for name in {file for each, file in again if each not in set(gone)}:
            connection.execute("UPDATE archive_files SET bytes_done = 0 WHERE warc_file = ?", (name,))
    return len(gone), len(touched)


def forget(connection: sqlite3.Connection, article: str) -> None:
    """Delete an article and everything that tells of it; clusters and sites follow with the next processing."""
    drop_article(connection, article)
    connection.execute("DELETE FROM cluster_members WHERE article_id = ?", (article,))
    connection.execute("DELETE FROM article_redirects WHERE article_id = ?", (article,))


def move_offsets(connection: sqlite3.Connection, places: dict[str, list[tuple[int, int]]]) -> None:
    """Follow the records of files that became shorter."""
    for name, cuts in places.items():
        rows = connection.execute("SELECT id, warc_offset FROM captures WHERE warc_file = ?", (name,)).fetchall()
        connection.executemany(
            "UPDATE captures SET warc_offset = ? WHERE id = ?", [(moved(int(row[1]), cuts), row[0]) for row in rows]
        )
        row = connection.execute("SELECT bytes_done FROM archive_files WHERE warc_file = ?", (name,)).fetchone()
        if row:
            connection.execute(
                "UPDATE archive_files SET bytes_done = ? WHERE warc_file = ?", (moved(int(row[0]), cuts), name)
            )


def moved(offset: int, cuts: list[tuple[int, int]]) -> int:
    return offset - sum(min(end, offset) - start for start, end in cuts if start < offset)


def clear_frontier(workspace: Path, withdrawn: Tombstones) -> int:
    """Delete rows of crawl.db that name a withdrawn address or host, also as a referrer; return how many rows."""
    path = workspace / "crawl.db"
    if not path.is_file():
        return 0
    removed = 0
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        connection.create_function("withdrawn", 1, lambda url: int(withdrawn.cover(str(url), "")))
        for table, column in columns_named(connection, "url"):
            removed += connection.execute(f'DELETE FROM "{table}" WHERE withdrawn("{column}")').rowcount
        for table, column in columns_named(connection, "referrer"):
            connection.execute(f'UPDATE "{table}" SET "{column}" = \'\' WHERE withdrawn("{column}")')
        for table, column in columns_named(connection, "host"):
            connection.execute(f"DELETE FROM \"{table}\" WHERE withdrawn('http://' || \"{column}\" || '/')")
        for table, column in columns_named(connection, "options"):  # of runs: the addresses they started from
            for row, text in connection.execute(f'SELECT rowid, "{column}" FROM "{table}"').fetchall():
                kept = without(json.loads(text or "{}"), withdrawn)
                connection.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (json.dumps(kept), row))
        connection.commit()
    return removed


def without(value: object, withdrawn: Tombstones) -> object:
    """Return a JSON value without the strings that are withdrawn addresses."""
    if isinstance(value, dict):
        return {key: without(each, withdrawn) for key, each in value.items()}
    if isinstance(value, list):
        return [without(each, withdrawn) for each in value if not covered(each, withdrawn)]
    return value


def covered(value: object, withdrawn: Tombstones) -> bool:
    return isinstance(value, str) and "://" in value and withdrawn.cover(value, "")


def scrub_decisions(workspace: Path, withdrawn: Tombstones) -> None:
    """Empty the evidence of rulings that keeps text of a withdrawn page; the ruling itself stays as it was made."""
    with open_decisions(workspace, write=True) as decisions:
        rows = decisions.execute("SELECT serial, evidence FROM decisions WHERE evidence != '{}'").fetchall()
        gone = [(row[0],) for row in rows if covered(json.loads(row[1]).get("url"), withdrawn)]
        if not gone:
            return
        guard = "SELECT sql FROM sqlite_master WHERE name = 'decisions_no_update'"
        trigger = str(decisions.execute(guard).fetchone()[0])
        decisions.execute("BEGIN IMMEDIATE")
        decisions.execute("DROP TRIGGER decisions_no_update")
        decisions.executemany("UPDATE decisions SET evidence = '{}' WHERE serial = ?", gone)
        decisions.execute(trigger)
        decisions.execute("COMMIT")


def compact(path: Path) -> None:
    """Write a database anew, so that neither free pages nor its log nor the index hold what was deleted.

    Raises: WorkspaceError, when somebody reads it for longer than BUSY_SECONDS, so that its log cannot be emptied.
    """
    if not path.is_file():
        return
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        search_index.register(connection)
        connection.execute("PRAGMA secure_delete=ON")
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'article_fts'").fetchone():
            connection.execute("INSERT INTO article_fts(article_fts) VALUES ('optimize')")
        connection.execute("VACUUM")
        if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise WorkspaceError(
                f"{path} is being read, so its log still holds what was withdrawn: run the takedown again in a while"
            )


def columns_named(connection: sqlite3.Connection, wanted: str) -> list[tuple[str, str]]:
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [
        (table, row[1])
        for table in tables
        for row in connection.execute(f'PRAGMA table_info("{table}")')
        if row[1] == wanted
    ]


def clear_exports(workspace: Path) -> tuple[str, ...]:
    """Delete the exports that lie in the workspace: they may hold what was withdrawn, and are quickly made anew."""
    found = [workspace / name for name in EXPORTS if (workspace / name).exists()]
    for path in found:
        path.unlink()
        path.with_name(path.name + ".card.md").unlink(missing_ok=True)
    return tuple(path.name for path in found)

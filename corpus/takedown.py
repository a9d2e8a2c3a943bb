"""Withdraws pages by URL, host, article or body hash: from the archive, corpus.db and its index, crawl.db and exports.

What stays is a tombstone in decisions.db: a digest of what was withdrawn, when, by whom and why, never the address itself.
Whoever processes the archive or a new crawl asks ``Tombstones.cover`` and rejects what is covered (``taken-down``).
The tombstone is written first and every step can be repeated, so that a takedown that was interrupted is run again.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from corpus import search_index, warc
from corpus.decisions import open_decisions
from corpus.errors import InputError, WorkspaceError
from corpus.store import drop_article, transaction
from corpus.urls import canonical_url
from corpus.workspace import VIEWS, archive_folder, open_corpus

KINDS = ("url", "host", "article", "sha256")
EXPORTS = ("public.db", "articles.jsonl", "articles.parquet")
CHUNK = 1 << 20  # bytes copied at a time
migrations = Migrations("cuishou-tombstones")


@migrations()
def tombstones_1(db: Database) -> None:
    """Tombstones, append-only."""
    db.conn.execute(
        "CREATE TABLE tombstones (serial INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, moderator TEXT NOT NULL, "
        "kind TEXT NOT NULL, digest TEXT NOT NULL, why TEXT NOT NULL)"
    )
    db.conn.execute("CREATE INDEX tombstones_digest ON tombstones(digest)")
    for action in ("UPDATE", "DELETE"):
        db.conn.execute(
            f"CREATE TRIGGER tombstones_no_{action.lower()} BEFORE {action} ON tombstones "
            "BEGIN SELECT RAISE(ABORT, 'tombstones are never changed'); END"
        )


@dataclass(frozen=True, slots=True)
class Tombstones:
    """The digests of all that was withdrawn."""

    digests: frozenset[str] = frozenset()

    def cover(self, url: str, body_sha256: str) -> bool:
        """Whether a page is withdrawn: by its URL, its host or a domain above it, or its body."""
        if not self.digests:
            return False
        labels = host_of(url).split(".")
        keys = [("url", canonical_url(url)), ("sha256", body_sha256)]
        keys += [("host", ".".join(labels[start:])) for start in range(len(labels))]
        return any(digest(kind, value) in self.digests for kind, value in keys)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a takedown removed. ``exports``: files that were deleted and have to be made anew."""

    captures: int
    articles: int
    records: int
    frontier: int
    exports: tuple[str, ...]


def digest(kind: str, value: str) -> str:
    return hashlib.sha256(f"cuishou-tombstone\n{kind}\n{value}".encode("utf-8", "surrogatepass")).hexdigest()


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower().strip(".")


def read_tombstones(workspace: Path) -> Tombstones:
    """Return what was withdrawn in this workspace; nothing when nobody has ruled on anything yet."""
    path = workspace / "decisions.db"
    if not path.is_file():
        return Tombstones()
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tombstones'").fetchone():
            return Tombstones()
        return Tombstones(frozenset(row[0] for row in connection.execute("SELECT digest FROM tombstones")))


def take_down(workspace: Path, *, kind: str, value: str, moderator: str, why: str, now: datetime) -> Withdrawn:
    """Withdraw what ``value`` names; return what was removed.

    kind: "url", "host" (and every host below it), "article" (all captures of its URL), "sha256" (of a body).
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
        connection.execute("PRAGMA secure_delete=ON")
        search_index.update(connection)
        connection.execute("INSERT INTO article_fts(article_fts) VALUES ('optimize')")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Withdrawn(captures, articles, records, clear_frontier(workspace, one), clear_exports(workspace))


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


def bury(workspace: Path, kind: str, value: str, moderator: str, why: str, now: datetime) -> None:
    """Write the tombstone. The reason is kept as given: it should not name what was withdrawn."""
    with open_decisions(workspace, write=True) as decisions:
        migrations.apply(Database(decisions))
        decisions.execute(
            "INSERT INTO tombstones(time, moderator, kind, digest, why) VALUES (?, ?, ?, ?, ?)",
            (now.astimezone(UTC).isoformat(timespec="seconds"), moderator.strip(), kind, digest(kind, value), why),
        )


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
        connection.executemany("DELETE FROM captures WHERE id = ?", [(each,) for each, _ in again])
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
    """Delete rows of crawl.db that name a withdrawn address; return how many."""
    path = workspace / "crawl.db"
    if not path.is_file():
        return 0
    removed = 0
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.create_function("withdrawn", 1, lambda url: int(withdrawn.cover(str(url), "")))
        for table, column in url_columns(connection):
            removed += connection.execute(f'DELETE FROM "{table}" WHERE withdrawn("{column}")').rowcount
        connection.commit()
    return removed


def url_columns(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [
        (table, row[1])
        for table in tables
        for row in connection.execute(f'PRAGMA table_info("{table}")')
        if row[1] == "url"
    ]


def clear_exports(workspace: Path) -> tuple[str, ...]:
    """Delete the exports that lie in the workspace: they may hold what was withdrawn, and are quickly made anew."""
    found = [workspace / name for name in EXPORTS if (workspace / name).exists()]
    for path in found:
        path.unlink()
        path.with_name(path.name + ".card.md").unlink(missing_ok=True)
    return tuple(path.name for path in found)

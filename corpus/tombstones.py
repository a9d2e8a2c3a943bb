"""What was withdrawn, as digests: whoever crawls or processes asks ``Tombstones.cover``; the address itself is nowhere kept."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from corpus.decisions import open_decisions
from corpus.urls import canonical_url

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


def bury(workspace: Path, kind: str, value: str, moderator: str, why: str, now: datetime) -> None:
    """Write the tombstone. The reason is kept as given: it should not name what was withdrawn."""
    with open_decisions(workspace, write=True) as decisions:
        migrations.apply(Database(decisions))
        decisions.execute(
            "INSERT INTO tombstones(time, moderator, kind, digest, why) VALUES (?, ?, ?, ?, ?)",
            (now.astimezone(UTC).isoformat(timespec="seconds"), moderator.strip(), kind, digest(kind, value), why),
        )

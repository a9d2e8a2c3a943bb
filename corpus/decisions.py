"""decisions.db: what people ruled. Rows are added and never changed; a later row supersedes an earlier one.

Shared with Datasette, which attaches the file read-only for moderators. The database itself refuses to change or delete
a ruling (triggers), so that a case can always be told as it happened. Tables of other parts of the workspace that keep
what people said (saved searches, merged clusters) live in the same file, as migrations of their own.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from corpus.errors import InputError, WorkspaceError
from corpus.records import Decision
from corpus.workspace import BUSY_TIMEOUT, explain

SITE_RULINGS = ("flag", "clear", "watch", "hijacked", "not-hijacked", "undo", "appeal")
MAX_WHY = 4_000  # characters of a reason

migrations = Migrations("cuishou-decisions")


@migrations()
def rulings_1(db: Database) -> None:
    """Rulings, append-only."""
    db.conn.execute(
        """CREATE TABLE decisions (
          serial INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, moderator TEXT NOT NULL,
          subject_kind TEXT NOT NULL, subject TEXT NOT NULL, ruling TEXT NOT NULL, why TEXT NOT NULL DEFAULT '',
          supersedes INTEGER NOT NULL DEFAULT 0, evidence TEXT NOT NULL DEFAULT '{}')"""
    )
    db.conn.execute("CREATE INDEX decisions_subject ON decisions(subject_kind, subject)")
    for action in ("UPDATE", "DELETE"):
        db.conn.execute(
            f"CREATE TRIGGER decisions_no_{action.lower()} BEFORE {action} ON decisions "
            "BEGIN SELECT RAISE(ABORT, 'rulings are never changed: add one that supersedes it'); END"
        )


@migrations()
def lists_1(db: Database) -> None:
    """What other people's lists name; a list imported again replaces its rows."""
    db.conn.execute(
        "CREATE TABLE listed_sites (list TEXT NOT NULL, site TEXT NOT NULL, time TEXT NOT NULL, "
        "PRIMARY KEY (list, site)) WITHOUT ROWID"
    )


@contextmanager
def open_decisions(workspace: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """Open decisions.db of the workspace, made when missing; rows are sqlite3.Row.

    Raises: WorkspaceError, when it is locked, full or not a database.
    """
    path = workspace / "decisions.db"
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        migrations.apply(Database(connection))
        if not write:
            connection.execute("PRAGMA query_only=ON")
    except (sqlite3.Error, OSError) as error:
        raise WorkspaceError(explain(path, error) if isinstance(error, sqlite3.Error) else str(error)) from error
    try:
        yield connection
    except sqlite3.OperationalError as error:
        raise WorkspaceError(explain(path, error)) from error
    finally:
        connection.close()


def rule(
    connection: sqlite3.Connection,
    *,
    moderator: str,
    subject_kind: str,
    subject: str,
    ruling: str,
    why: str = "",
    supersedes: int = 0,
    evidence: Mapping[str, object] | None = None,
    time: datetime,
) -> Decision:
    """Add a ruling and return it. ``evidence``: what the moderator saw (score, points, articles), kept with it.

    Raises: InputError, without a moderator or subject, or when it supersedes what does not exist.
    """
    if not moderator.strip() or not subject.strip():
        raise InputError("a ruling needs a moderator and a subject: name yourself with --moderator")
    if time.tzinfo is None:
        raise InputError("the time of a ruling needs a time zone")
    if supersedes and connection.execute("SELECT 1 FROM decisions WHERE serial = ?", (supersedes,)).fetchone() is None:
        raise InputError(f"there is no ruling {supersedes} to supersede: see 'cuishou sites history'")
    moment = time.astimezone(UTC)
    cursor = connection.execute(
        "INSERT INTO decisions(time, moderator, subject_kind, subject, ruling, why, supersedes, evidence) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            moment.isoformat(timespec="seconds").replace("+00:00", "Z"), moderator.strip(), subject_kind, subject,
            ruling, why[:MAX_WHY], supersedes, json.dumps(evidence or {}, ensure_ascii=False, sort_keys=True),
        ),
    )  # fmt: skip
    serial = cursor.lastrowid or 0
    return Decision(serial, moment, moderator.strip(), subject_kind, subject, ruling, why[:MAX_WHY], supersedes)


def rulings(connection: sqlite3.Connection, subject_kind: str, subject: str | None = None) -> tuple[Decision, ...]:
    """Return the rulings of that kind, on one subject or on all, oldest first."""
    where, values = "subject_kind = ?", [subject_kind]
    if subject is not None:
        where, values = where + " AND subject = ?", [subject_kind, subject]
    rows = connection.execute(
        "SELECT serial, time, moderator, subject_kind, subject, ruling, why, supersedes FROM decisions "
        f"WHERE {where} ORDER BY serial",
        values,
    )
    return tuple(
        Decision(row[0], datetime.fromisoformat(row[1].replace("Z", "+00:00")), *(row[index] for index in range(2, 8)))
        for row in rows
    )


def evidence_of(connection: sqlite3.Connection, serial: int) -> dict[str, object]:
    """Return what the moderator saw when ruling, or nothing."""
    row = connection.execute("SELECT evidence FROM decisions WHERE serial = ?", (serial,)).fetchone()
    found: dict[str, object] = json.loads(row[0]) if row else {}
    return found

"""A workspace: one folder with the archive, the databases and the settings of one corpus.

archive/*.warc.gz  evidence, written once          crawl.db      frontier and hosts (operational)
archive/views/     pages as several visitors saw   decisions.db  what people ruled (append-only)
corpus.db          derived, can be rebuilt
public.db          exported and redacted           cuishou.yml   sites and settings
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from corpus.errors import WorkspaceError
from corpus.schema import migrate

CORPUS, REBUILT = "corpus.db", "corpus.db.rebuilt"
VIEWS = "views"  # folder of the archive that no processing reads
BUSY_TIMEOUT = 30.0  # seconds a writer waits for another one; commits take milliseconds, passes a few seconds


def archive_folder(workspace: Path) -> Path:
    """The folder of WARC files, made when missing.

    Raises: WorkspaceError, when the workspace cannot be written.
    """
    folder = workspace / "archive"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(f"cannot write to the workspace {workspace}: {error.strerror}") from error
    return folder


def views_folder(workspace: Path) -> Path:
    """The folder of WARC files with views of pages for comparison: evidence, but no captures of the corpus."""
    return archive_folder(workspace) / VIEWS


def existing(workspace: Path) -> Path:
    """``workspace`` itself, when it holds a corpus.

    Raises: WorkspaceError, when there is none.
    """
    if not (workspace / "corpus.db").is_file():
        raise WorkspaceError(
            f"no corpus in {workspace}: run 'cuishou crawl', 'cuishou ingest' or 'cuishou demo' first, "
            "or name the workspace with -C"
        )
    return workspace


@contextmanager
def open_corpus(workspace: Path, *, write: bool = False, name: str = CORPUS) -> Iterator[sqlite3.Connection]:
    """corpus.db of the workspace, its rows as sqlite3.Row; migrated first when opened to write.

    name: CORPUS, or REBUILT while it is derived anew.

    Readers never block the writer, nor the writer them (write-ahead log).
    Raises: WorkspaceError, when it is missing (reading), locked, full or not a database.
    """
    path = workspace / name
    if write:
        archive_folder(workspace)
    else:
        existing(workspace)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)
        connection.row_factory = sqlite3.Row
        if write:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            migrate(connection)
        else:
            connection.execute("PRAGMA query_only=ON")
    except sqlite3.Error as error:
        raise WorkspaceError(explain(path, error)) from error
    try:
        yield connection
    except sqlite3.OperationalError as error:
        raise WorkspaceError(explain(path, error)) from error
    finally:
        connection.close()


def clear_rebuilt(workspace: Path) -> None:
    """Delete what an earlier rebuild left behind."""
    for ending in ("", "-wal", "-shm"):
        (workspace / f"{REBUILT}{ending}").unlink(missing_ok=True)


def swap_in(workspace: Path) -> None:
    """Give corpus.db the content of the rebuilt database, in one transaction: readers see the old one or the new one.

    A database that is damaged is replaced as a file. Raises: WorkspaceError, when it cannot be written.
    """
    path, rebuilt = workspace / CORPUS, workspace / REBUILT
    try:
        with closing(sqlite3.connect(rebuilt)) as new, closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT)) as old:
            old.execute("PRAGMA journal_mode=WAL")
            new.backup(old)
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise WorkspaceError(explain(path, error)) from error
    except sqlite3.DatabaseError:
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        rebuilt.replace(path)
    clear_rebuilt(workspace)


def explain(path: Path, error: sqlite3.Error) -> str:
    """One sentence on what SQLite's error means for the user, and what to do."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"{path} is locked by another program: wait for it to finish, or close it"
    if "full" in text:
        return f"the disk is full: free some space, then run the command again ({path})"
    if "not a database" in text or "malformed" in text:
        return f"{path} is damaged: delete it and run 'cuishou process --rebuild', the archive holds everything"
    if "readonly" in text or "unable to open" in text:
        return f"{path} cannot be written: check the folder's permissions"
    return f"{path}: {text}"

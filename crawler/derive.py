"""Derives corpus.db from the archive: new records through the page stages, then the corpus passes.

What has been done is marked per archive file, in the transaction that stores the rows: an interrupted run goes on where
it stopped, a second run changes nothing, and a file that is still being written is followed to its last whole record.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import warc
from corpus.errors import InputError
from corpus.records import Document, Rejection
from corpus.store import StoreCounts, finish_run, mark_archive, put_outcomes, start_run, transaction
from corpus.tombstones import Tombstones, read_tombstones
from corpus.workspace import CORPUS, REBUILT, archive_folder, clear_rebuilt, open_corpus, swap_in
from crawler.batches import Batch, Result, batches, run_here, run_pool
from crawler.versions import code_version, model_versions

if TYPE_CHECKING:
    from crawler.passes import Progress

POLL_SECONDS = 0.3  # between two looks at a growing archive; a capture shows in the corpus within a second
IN_PROCESS_RECORDS = 24  # fewer new records than this are worked here: starting workers would take longer


@dataclass(slots=True)
class Derived:
    """What a run did."""

    counts: StoreCounts = field(default_factory=StoreCounts)
    passes: dict[str, int] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


def derive(
    workspace: Path,
    *,
    jobs: int,
    rebuild: bool = False,
    more: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> Derived:
    """Process what is new in the archive, then run the corpus passes.

    more: asked between looks whether the archive still grows; the run ends when it says no and nothing is left.
    rebuild: derive everything anew beside corpus.db, which stays readable and changes at once in the end.
    Raises: WorkspaceError, when corpus.db cannot be written.
    """
    report = progress or (lambda _what, _done, _total: None)
    if rebuild:
        clear_rebuilt(workspace)
    derived = Derived()
    with open_corpus(workspace, write=True, name=REBUILT if rebuild else CORPUS) as connection:
        run = f"process-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
        with transaction(connection):
            start_run(connection, run=run, kind="process", started=datetime.now(UTC), code=code_version())
        follow(workspace, connection, run, jobs, more or (lambda: False), derived, report)
        from crawler.passes import PASSES  # imported here: their libraries are not needed beside the workers

        for name, corpus_pass in PASSES:
            derived.passes[name] = corpus_pass(workspace, connection, report)
        with transaction(connection):
            finish_run(connection, run=run, finished=datetime.now(UTC), counts=derived.counts, models=model_versions())
    if rebuild:
        swap_in(workspace)
    return derived


def follow(
    workspace: Path,
    connection: sqlite3.Connection,
    run: str,
    jobs: int,
    more: Callable[[], bool],
    derived: Derived,
    report: Progress,
) -> None:
    """Process records until the archive has stopped growing and none is left."""
    withdrawn = read_tombstones(workspace)
    while True:
        growing = more()
        found = False
        for result in results(pending(workspace, connection, derived), jobs=jobs, growing=growing):
            found = True
            put_result(connection, result, run, derived.counts, withdrawn)
            report("pages", derived.counts.captures + derived.counts.known, 0)
        if not found and not growing:
            return
        if not found:
            time.sleep(POLL_SECONDS)


def results(todo: Iterator[Batch], *, jobs: int, growing: bool) -> Iterator[Result]:
    """The results of batches: in this process when they are few and no more are to come, else by workers.

    A thread other than the main one cannot set the time limit of a page: it always leaves the work to workers.
    """
    first = next(todo, None)
    if first is None:
        return iter(())
    small = len(first.ends) < IN_PROCESS_RECORDS and not growing
    everything: Iterable[Batch] = chain((first,), todo)
    if small and threading.current_thread() is threading.main_thread():
        return run_here(everything)
    return run_pool(everything, jobs=jobs)


def pending(workspace: Path, connection: sqlite3.Connection, derived: Derived) -> Iterator[Batch]:
    """Batches of records that have not been processed, oldest archive file first.

    Offsets are read when the batch is asked for, so that a file may grow meanwhile.
    """
    for path in warc.archive_files(archive_folder(workspace)):
        done = connection.execute(
            "SELECT bytes_done FROM archive_files WHERE warc_file = ?", (final_name(path),)
        ).fetchone()
        try:
            yield from batches(path, done[0] if done else 0)
        except InputError as error:
            if not path.exists():
                continue  # renamed when it was closed, between listing and opening: the next look finds it
            if str(error) not in derived.unreadable:
                derived.unreadable.append(str(error))


def put_result(
    connection: sqlite3.Connection, result: Result, run: str, counts: StoreCounts, withdrawn: Tombstones
) -> None:
    """Store the outcomes of a batch and how far the file is done, in one transaction; nothing of withdrawn pages."""
    kept = [
        without_withdrawn(each, withdrawn)
        for each in result.outcomes
        if not withdrawn.cover(each.capture.url, each.capture.body_sha256)
    ]
    with transaction(connection):
        new = put_outcomes(connection, kept, run)
        mark_archive(connection, final_name(Path(result.batch.path)), result.batch.ends[-1], len(result.outcomes))
    counts.captures += new.captures
    counts.articles += new.articles
    counts.rejections += new.rejections
    counts.known += new.known


def without_withdrawn(outcome: Document | Rejection, withdrawn: Tombstones) -> Document | Rejection:
    """The outcome without the dates that a list page gives withdrawn pages."""
    if isinstance(outcome, Document) or not outcome.listed:
        return outcome
    return replace(outcome, listed=tuple(each for each in outcome.listed if not withdrawn.cover(each.url, "")))


def final_name(path: Path) -> str:
    """The name of an archive file once it is closed."""
    return path.name.removesuffix(warc.OPEN)

"""Worker processes over the archive: batches of records in, encoded outcomes out.

A worker gets the path of an archive file and the offsets of some records, never pages, and never opens SQLite; the one
writer stores what comes back. A batch whose worker hangs in native code or dies is run again record by record, so that
only the page at fault is lost, and that as a rejection with a reason.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path

import msgspec
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from corpus import warc
from corpus.records import Document, Rejection
from crawler.limits import PAGE_SECONDS

BATCH_RECORDS = 32  # records a task; chosen: results stream in a few times a second
AHEAD = 3  # tasks in hand a worker; chosen: bounds the encoded outcomes that wait to be stored
WORKER_TASKS = 40  # tasks until a worker is replaced, which returns memory that parsers have fragmented
KILL_MARGIN = 2.0  # times the page limit, for one page that does not heed the signal


@dataclass(frozen=True, slots=True)
class Batch:
    """Some consecutive records of one archive file. ``ends``: the offset after each record."""

    path: str
    start: int
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcomes of a batch, in record order."""

    batch: Batch
    outcomes: tuple[Document | Rejection, ...]


def batches(path: Path, start: int = 0) -> Iterator[Batch]:
    """The records of an archive file from offset ``start`` on, in batches; only whole records.

    Raises: InputError, when the file cannot be read at all.
    """
    ends: list[int] = []
    for entry in warc.entries(path, start):
        ends.append(entry.end)
        if len(ends) == BATCH_RECORDS:
            yield Batch(str(path), start, tuple(ends))
            start, ends = entry.end, []
    if ends:
        yield Batch(str(path), start, tuple(ends))


def work(batch: Batch) -> bytes:
    """The encoded outcomes of a batch: what runs in a worker process.

    The stages are imported here: the process that only hands out batches has no need of their dictionaries and models.
    """
    from crawler.process import outcome

    outcomes = [outcome(entry.page) if entry.page else entry.rejection for entry in entries(batch)]
    return msgspec.msgpack.encode([(type(each).__name__, msgspec.msgpack.encode(each)) for each in outcomes])


def entries(batch: Batch) -> Iterator[warc.Entry]:
    """The records of a batch, read from its file; a file that was closed meanwhile has lost its ``.open``."""
    path = Path(batch.path)
    if not path.exists():
        path = path.with_name(path.name.removesuffix(warc.OPEN))
    for entry in warc.entries(path, batch.start):
        yield entry
        if entry.end >= batch.ends[-1]:
            return


def decode(encoded: bytes) -> tuple[Document | Rejection, ...]:
    """What ``work`` encoded."""
    kinds = {"Document": Document, "Rejection": Rejection}
    pairs = msgspec.msgpack.decode(encoded, type=list[tuple[str, bytes]])
    return tuple(msgspec.msgpack.decode(data, type=kinds[kind]) for kind, data in pairs)


def run_here(todo: Iterable[Batch]) -> Iterator[Result]:
    """The results of batches, worked in this process, one after the other."""
    for batch in todo:
        yield Result(batch, decode(work(batch)))


def run_pool(todo: Iterable[Batch], *, jobs: int) -> Iterator[Result]:
    """The results of batches in order, worked by ``jobs`` processes; memory stays bounded however many there are."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawler.batches", "crawler.warm"])
    waiting: deque[tuple[Batch, ProcessFuture[bytes]]] = deque()
    with ProcessPool(max_workers=jobs, max_tasks=WORKER_TASKS, context=context) as pool:
        try:
            for batch in todo:
                waiting.append((batch, schedule(pool, batch)))
                if len(waiting) >= AHEAD * jobs:
                    yield collect(pool, *waiting.popleft())
            while waiting:
                yield collect(pool, *waiting.popleft())
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call] # pebble types its functions, not this one
            raise


def schedule(pool: ProcessPool, batch: Batch) -> ProcessFuture[bytes]:
    return pool.schedule(work, args=[batch], timeout=PAGE_SECONDS * KILL_MARGIN * len(batch.ends))


def collect(pool: ProcessPool, batch: Batch, future: ProcessFuture[bytes]) -> Result:
    """The result of a batch; where its worker was lost, that of its records one by one."""
    try:
        return Result(batch, decode(future.result()))
    except (FutureTimeoutError, ProcessExpired):
        starts = (batch.start, *batch.ends[:-1])
        singles = (Batch(batch.path, start, (end,)) for start, end in zip(starts, batch.ends, strict=True))
        return Result(batch, tuple(each for single in singles for each in alone(pool, single)))


def alone(pool: ProcessPool, single: Batch) -> tuple[Document | Rejection, ...]:
    """The outcome of one record, worked by itself; a rejection when that loses its worker too."""
    try:
        return decode(schedule(pool, single).result())
    except FutureTimeoutError:
        reason, detail = "timeout", "killed: native code did not return"
    except ProcessExpired as error:
        reason, detail = "crashed", f"worker ended with {error.exitcode}"
    return tuple(Rejection(entry.page.capture, "process", reason, detail) for entry in entries(single) if entry.page)


def default_jobs() -> int:
    """One worker a usable core."""
    return len(os.sched_getaffinity(0))

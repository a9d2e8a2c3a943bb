"""Progress of long work: a live view on a terminal, one line a minute elsewhere, nothing when output is JSON."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

LINE_SECONDS = 60.0


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A function ``report(what, done, total)`` that shows how far it is; a total of 0 is unknown. Written to stderr."""
    if sys.stderr.isatty():
        with live(title) as report:
            yield report
    else:
        yield lines(title)


@contextmanager
def live(title: str) -> Iterator[Callable[[str, int, int], None]]:
    counts: dict[str, str] = {}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title)

        def report(what: str, done: int, total: int) -> None:
            counts[what] = amount(done, total)
            bar.update(task, description=f"{title}: {describe(counts)}")

        yield report


def lines(title: str) -> Callable[[str, int, int], None]:
    counts: dict[str, str] = {}
    last = time.monotonic()

    def report(what: str, done: int, total: int) -> None:
        nonlocal last
        counts[what] = amount(done, total)
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            print(f"{title}: {describe(counts)}", file=sys.stderr, flush=True)  # noqa: T201 - the line is the purpose

    return report


def amount(done: int, total: int) -> str:
    return f"{done} of {total}" if total else str(done)


def describe(counts: dict[str, str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counts.items())

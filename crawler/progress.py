"""Progress of long work: a live view on a terminal, one line a minute elsewhere, nothing when output is JSON."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

LINE_SECONDS = 60.0


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int], None]]:
    """A function ``report(what, more)`` that shows how many of what are done. Written to stderr."""
    if sys.stderr.isatty():
        with live(title) as report:
            yield report
    else:
        yield lines(title)


@contextmanager
def live(title: str) -> Iterator[Callable[[str, int], None]]:
    counts: Counter[str] = Counter()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title)

        def report(what: str, more: int) -> None:
            counts[what] += more
            bar.update(task, description=f"{title}: {describe(counts)}")

        yield report


def lines(title: str) -> Callable[[str, int], None]:
    counts: Counter[str] = Counter()
    last = time.monotonic()

    def report(what: str, more: int) -> None:
        nonlocal last
        counts[what] += more
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            print(f"{title}: {describe(counts)}", file=sys.stderr, flush=True)  # noqa: T201 - the line is the purpose

    return report


def describe(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counts.items())

"""What a person sees while a crawl runs: a view that is redrawn on a terminal, one line a minute elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table

from crawler.crawling import Crawl, figures
from crawler.politeness import Host

LINE_EVERY = 60.0  # seconds
ROWS = 12  # hosts shown


@contextmanager
def progress() -> Iterator[Callable[[Crawl, float], None]]:
    """Give a function that shows a running crawl on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        last = 0.0

        def line(running: Crawl, seconds: float) -> None:
            nonlocal last
            if seconds - last >= LINE_EVERY:
                last = seconds
                print(_line(running, seconds), file=sys.stderr, flush=True)  # noqa: T201 - progress is output

        yield line
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda running, seconds: live.update(_view(running, seconds), refresh=True)


def _line(running: Crawl, seconds: float) -> str:
    now = figures(running, seconds)
    return (
        f"{int(seconds)} s: {now['pages']} pages ({now['per_second']:.1f}/s), {now['left']} left, "
        f"{now['failed']} failed, {now['refused']} refused, {now['hosts']} hosts"
    )


def _view(running: Crawl, seconds: float) -> Table:
    table = Table(title=_line(running, seconds), title_justify="left", expand=False)
    for heading in ("host", "pages", "failed", "last status", "delay (s)"):
        table.add_column(heading, justify="left" if heading == "host" else "right")
    busy: list[Host] = sorted(running.dispatch.hosts(), key=lambda host: (-host.fetched, host.name))
    for host in busy[:ROWS]:
        state = host.dead or str(host.last_status or "")
        table.add_row(host.name, str(host.fetched), str(host.failed), state, f"{host.delay:.2f}")
    if len(busy) > ROWS:
        table.add_row(f"… {len(busy) - ROWS} more", "", "", "", "")
    return table

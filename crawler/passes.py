"""The corpus passes: what needs to see all pages. Run in this order at the end of each processing.

A pass takes the workspace, the open corpus.db and a function that it tells how many more are done, and returns how many
rows it touched. It commits its own transactions and gives the same rows whether it runs once at the end or after each page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from corpus import search_index

Advance = Callable[[int], None]
CorpusPass = Callable[[Path, sqlite3.Connection, Advance], int]


def index_search(_workspace: Path, connection: sqlite3.Connection, advance: Advance) -> int:
    """Bring the search index up to date; returns the articles indexed."""
    before = 0

    def progress(done: int, _total: int) -> None:
        nonlocal before
        advance(done - before)
        before = done

    return search_index.update(connection, progress=progress)


PASSES: tuple[tuple[str, CorpusPass], ...] = (("indexed", index_search),)

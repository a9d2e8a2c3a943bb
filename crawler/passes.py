"""The corpus passes: what needs to see all pages. Run in this order at the end of each processing.

A pass takes the workspace, the open corpus.db and a function that it tells what it does and how far it is, and returns how
many rows it touched. It commits its own transactions and gives the same rows whether it runs once at the end or after each
page.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from corpus import search_index, site_store
from corpus.decisions import open_decisions

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
CorpusPass = Callable[[Path, sqlite3.Connection, Progress], int]


def index_search(_workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Bring the search index up to date; returns the articles indexed."""
    return search_index.update(connection, progress=lambda done, total: progress("indexed", done, total))


def judge_sites(workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Bring features, scores, networks and states of sites up to date; returns the sites scored."""
    with open_decisions(workspace) as decisions:
        return site_store.update_sites(connection, decisions=decisions, progress=progress).scored


PASSES: tuple[tuple[str, CorpusPass], ...] = (("indexed", index_search), ("sites", judge_sites))

"""The corpus passes: what needs to see all pages. Run in this order at the end of each processing.

A pass takes the workspace, the open corpus.db and a function that it tells what it does and how far it is, and returns how
many rows it touched. It commits its own transactions and gives the same rows whether it runs once at the end or after each
page.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from corpus import article_cases, cluster_store, overview, search_index, site_store
from corpus.cluster_ids import keep_redirects
from corpus.decisions import open_decisions
from corpus.store import transaction
from crawler.redate import date_by_lists
from crawler.reshape import reshape

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
CorpusPass = Callable[[Path, sqlite3.Connection, Progress], int]


def index_search(_workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Bring the search index up to date; returns the articles indexed."""
    return search_index.update(connection, progress=lambda done, total: progress("indexed", done, total))


def cluster_articles(workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Bring clusters, templates and canonical marks up to date; returns the articles whose marks changed."""
    done: Counter[str] = Counter()

    def advance(what: str, more: int) -> None:
        done[what] += more
        progress(what, done[what], 0)

    changed = cluster_store.update_clusters(connection, progress=advance).articles
    with open_decisions(workspace, write=True) as decisions:
        keep_redirects(decisions, connection)
    return changed


def judge_sites(workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Bring features, scores, networks and states of sites up to date; returns the sites scored."""
    with open_decisions(workspace) as decisions:
        return site_store.update_sites(connection, decisions=decisions, progress=progress).scored


def sum_up(_workspace: Path, connection: sqlite3.Connection, _progress: Progress) -> int:
    """Bring what pages show first up to date, charts and the order of review; returns the rows that changed."""
    with transaction(connection):
        return overview.summarise(connection) + article_cases.weigh(connection)


PASSES: tuple[tuple[str, CorpusPass], ...] = (
    ("reshaped", reshape),  # first: it changes texts
    ("dated", date_by_lists),  # after it: it writes some of them again; before the clusters, whose sources go by dates
    ("clustered", cluster_articles),  # before the sites: a site's features count copies and variants
    ("sites", judge_sites),
    ("indexed", index_search),
    ("summed up", sum_up),  # last: it counts what the others have marked
)

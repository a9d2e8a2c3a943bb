"""The pass over all articles that says which are copies of which; incremental, and the same in any order.

Triggers note each fingerprint that comes, goes or changes (``duplicate_changes``). The pass brings the index of texts
up to date for those, then writes the clusters and templates of the texts connected with what changed. With
``rebuild=True``, or when much has changed, the index is made at once; the rows are the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from corpus.bulk_index import rebuild_index
from corpus.cluster_rows import Writer, Written, connected
from corpus.store import transaction
from corpus.text_index import Changes, number_of, update_index

Progress = Callable[[str, int], None]  # what is going on, and how many more are done
MANY = 2_000  # changed texts from which on the index is made anew when they are also a tenth of it (measured)
TENTH = 10
GROUP = 5_000  # touched texts whose clusters are written at once


@dataclass(frozen=True, slots=True)
class ClusterCounts:
    """What a pass did."""

    changed: int = 0  # restored texts whose articles changed
    added: int = 0  # texts new in the index
    removed: int = 0
    compared: int = 0  # pairs
    clusters: int = 0  # written anew
    templates: int = 0
    articles: int = 0  # whose cluster, template or canonical mark changed


def update_clusters(
    connection: sqlite3.Connection, *, progress: Progress | None = None, rebuild: bool = False
) -> ClusterCounts:
    """Bring clusters, templates and canonical marks up to date, in one transaction of its own."""
    report = progress or _silent
    with transaction(connection):
        noted = _noted(connection, everything=rebuild)
        if not noted and not rebuild:
            return ClusterCounts()
        (known,) = connection.execute("SELECT count(*) FROM duplicate_texts").fetchone()
        writer = Writer(connection)
        if rebuild or (len(noted) > MANY and len(noted) * TENTH > known):
            changes = rebuild_index(connection, report)
            writer.clear()
        else:
            changes = update_index(connection, sorted(noted))
            report("compared", changes.compared)
        total = _write(connection, writer, noted, changes, report)
        writer.finish()
        connection.execute("DELETE FROM duplicate_changes")
    return ClusterCounts(
        len(noted), changes.added, changes.removed, changes.compared, total.clusters, total.templates, total.articles
    )


def _noted(connection: sqlite3.Connection, *, everything: bool) -> dict[str, list[str]]:
    """The restored texts that changed, by digest, and the articles that were noted with them."""
    noted: dict[str, list[str]] = {}
    for restored, article_id in connection.execute("SELECT restored, article_id FROM duplicate_changes"):
        noted.setdefault(restored, []).append(article_id)
    if everything:
        for (restored,) in connection.execute("SELECT DISTINCT restored FROM fingerprints WHERE restored <> ''"):
            noted.setdefault(restored, [])
    return noted


def _write(
    connection: sqlite3.Connection, writer: Writer, noted: dict[str, list[str]], changes: Changes, progress: Progress
) -> Written:
    """Write what is connected with the changes, a bounded number of texts at a time."""
    digests = {number_of(restored): restored for restored in noted}
    waiting = sorted(changes.touched | digests.keys())
    done: set[int] = set()
    total = Written(0, 0, 0)
    for start in range(0, len(waiting), GROUP):
        some = [number for number in waiting[start : start + GROUP] if number not in done]
        group = connected(connection, some)
        changed = [digests[number] for number in {*some, *group.numbers} if number in digests]
        done.update(group.numbers)
        written = writer.write(group, changed, [article for each in changed for article in noted[each]])
        total = Written(
            total.clusters + written.clusters, total.templates + written.templates, total.articles + written.articles
        )
        progress("clusters", written.clusters)
    return total


def _silent(_what: str, _done: int) -> None:
    return None

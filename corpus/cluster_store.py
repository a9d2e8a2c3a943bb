"""The pass over all articles that says which are copies of which; incremental, and the same in any order.

Triggers note each fingerprint that comes, goes or changes (``duplicate_changes``). The pass brings the index of texts
up to date for those, then writes the clusters and templates of the texts connected with what changed. With
``rebuild=True``, or when much has changed, the index is made at once; the rows are the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from corpus.bulk_index import rebuild_index
from corpus.cluster_rows import Writer, Written
from corpus.connected_texts import connected
from corpus.store import transaction
from corpus.text_index import number_of, update_index

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
        (changed,) = connection.execute("SELECT count(DISTINCT restored) FROM duplicate_changes").fetchone()
        if not changed and not rebuild:
            return ClusterCounts()
        (known,) = connection.execute("SELECT count(*) FROM duplicate_texts").fetchone()
        writer = Writer(connection)
        if rebuild or (changed > MANY and changed * TENTH > known):
            changes = rebuild_index(connection, report)
            writer.clear()
            pieces = _everything(connection)
        else:
            noted = _noted(connection)
            changes = update_index(connection, sorted(noted))
            report("compared", changes.compared)
            pieces = _touched(noted, changes.touched)
        total = _write(connection, writer, pieces, report)
        writer.finish()
        connection.execute("DELETE FROM duplicate_changes")
    return ClusterCounts(
        changed, changes.added, changes.removed, changes.compared, total.clusters, total.templates, total.articles
    )


def _noted(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The restored texts that changed, by digest, and the articles that were noted with them."""
    noted: dict[str, list[str]] = {}
    for restored, article_id in connection.execute("SELECT restored, article_id FROM duplicate_changes"):
        noted.setdefault(restored, []).append(article_id)
    return noted


@dataclass(frozen=True, slots=True)
class _Piece:
    """Texts to write. digests: of the restored texts whose articles changed, by number; noted: those articles."""

    numbers: Sequence[int]
    digests: Mapping[int, str]
    noted: Mapping[str, Sequence[str]]


def _everything(connection: sqlite3.Connection) -> Iterator[_Piece]:
    """All restored texts, a bounded number at a time, in the order of their numbers."""
    last = ""
    while True:
        rows = connection.execute(
            "SELECT DISTINCT restored FROM fingerprints WHERE restored > ? ORDER BY restored LIMIT ?", (last, GROUP)
        ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        digests = {number_of(row[0]): row[0] for row in rows}
        yield _Piece(list(digests), digests, {})


def _touched(noted: Mapping[str, Sequence[str]], touched: Set[int]) -> Iterator[_Piece]:
    """The texts that changed and those whose relations did, in the order of their numbers."""
    digests = {number_of(restored): restored for restored in noted}
    waiting = sorted(touched | digests.keys())
    for start in range(0, len(waiting), GROUP):
        yield _Piece(waiting[start : start + GROUP], digests, noted)


def _write(connection: sqlite3.Connection, writer: Writer, pieces: Iterable[_Piece], progress: Progress) -> Written:
    """Write what is connected with the pieces, each group once."""
    done: set[int] = set()
    total = Written(0, 0, 0)
    for piece in pieces:
        some = [number for number in piece.numbers if number not in done]
        group = connected(connection, some)
        changed = [piece.digests[number] for number in {*some, *group.numbers} if number in piece.digests]
        done.difference_update(piece.numbers)
        done.update(number for number in group.numbers if number > piece.numbers[-1])  # numbers rise
        gone = [article for each in changed for article in piece.noted.get(each, ())]
        written = writer.write(group, changed, gone)
        total = Written(
            total.clusters + written.clusters, total.templates + written.templates, total.articles + written.articles
        )
        progress("clusters", written.clusters)
    return total


def _silent(_what: str, _done: int) -> None:
    return None

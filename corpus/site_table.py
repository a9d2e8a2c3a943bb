"""The pages of a corpus as numbers, site by site: stored traits, and what other passes know of each page.

Memory holds one site's traits at a time and a few bytes a page. Rows come in an order that every rebuild gives again.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from corpus.network_edges import MUTUAL_PAGES, Mutual
from corpus.site_features import MIN_PAGES, Norms, Pages, length_class, unpack

CHUNK = 20_000  # rows of traits read at once
NORM_PAGES = 200_000  # pages from which the usual compression is taken: all, or a fixed sample of so many
MAX_CLUSTER_SITES = 30  # sites of one cluster that are paired; more is a press release
LEAST_NORM = 30  # pages of a length class from which its own figures are taken


@dataclass(frozen=True, slots=True)
class PageTable:
    """What other passes know of each page, by article number; ``mutual``: sites that copy each other, both ways."""

    template_size: NDArray[np.int32]
    cluster: NDArray[np.int32]  # 0: none
    copied: NDArray[np.int8]
    lending: NDArray[np.int8]
    mutual: tuple[Mutual, ...]


def page_table(connection: sqlite3.Connection) -> PageTable:
    """Return what the passes before this one found, for all articles."""
    last = connection.execute("SELECT coalesce(max(number), 0) FROM articles").fetchone()[0]
    template_size = np.zeros(last + 1, dtype=np.int32)
    lending = np.zeros(last + 1, dtype=np.int8)
    # Answered by the index alone: no row with its texts is read.
    query = "SELECT number FROM articles INDEXED BY articles_marks WHERE scope IN ('core', 'edge')"
    for (number,) in _plain(connection, query):
        lending[number] = 1
    rows = _plain(connection, "SELECT template_id, number FROM articles WHERE template_id <> '' ORDER BY template_id")
    for _, members in groupby(rows, key=lambda row: row[0]):
        numbers = [row[1] for row in members]
        template_size[numbers] = len(numbers)
    cluster = np.zeros(last + 1, dtype=np.int32)
    copied = np.zeros(last + 1, dtype=np.int8)
    return PageTable(template_size, cluster, copied, lending, _copies(connection, cluster, copied))


def site_pages(connection: sqlite3.Connection, table: PageTable) -> Iterator[tuple[str, Pages]]:
    """Yield every site with its pages, in the order of their ids."""
    cursor = _plain(connection, "SELECT site, number, traits FROM site_pages ORDER BY site, number")
    site = ""
    rows: list[tuple[str, int, bytes]] = []
    while chunk := cursor.fetchmany(CHUNK):
        for name, group in groupby(chunk, key=lambda row: row[0]):
            if name != site:
                if rows:
                    yield site, _pages(rows, table)
                site, rows = name, []
            rows.extend(group)
    if rows:
        yield site, _pages(rows, table)


def page_norms(connection: sqlite3.Connection) -> Norms:
    """Return the usual compression of texts by length class, and holes a page; from a fixed sample in a large corpus."""
    count, last = connection.execute("SELECT count(*), max(number) FROM site_pages").fetchone()
    if count < 10 * MIN_PAGES:
        return Norms()
    step = max(1, count // NORM_PAGES)
    rows = connection.execute(
        "WITH RECURSIVE sample(number) AS (SELECT ?1 UNION ALL SELECT number + ?1 FROM sample WHERE number + ?1 <= ?2) "
        "SELECT p.traits FROM sample CROSS JOIN site_pages p ON p.number = sample.number",
        (step, last),
    ).fetchall()
    pages = unpack([row[0] for row in rows])
    classes = length_class(pages["length"])
    usual = Norms()
    means, deviations = list(usual.ratio_mean), list(usual.ratio_deviation)
    for each in range(len(means)):
        ratios = pages["ratio"][classes == each]
        if len(ratios) >= LEAST_NORM:
            means[each] = round(float(np.median(ratios)), 3)
            # The median distance from the median is not moved by the spam that is looked for; 1.48 makes it a deviation.
            deviations[each] = round(1.48 * float(np.median(np.abs(ratios - np.median(ratios)))) + 0.05, 3)
    return Norms(tuple(means), tuple(deviations), round(float(np.median(pages["holes"])), 3))


def _plain(connection: sqlite3.Connection, query: str) -> sqlite3.Cursor:
    """Rows as tuples: a third of the time of named ones."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(query)


def _copies(connection: sqlite3.Connection, cluster: NDArray[np.int32], copied: NDArray[np.int8]) -> tuple[Mutual, ...]:
    """Fill in clusters and copies by article number; return the sites that copy each other."""
    codes: dict[str, int] = {}
    forth = array("q")  # for each page: the site that had it earlier, and one that had it later, in one number
    rows = _plain(
        connection,
        "SELECT a.cluster_id, coalesce(nullif(a.published, ''), a.first_captured) AS at, a.id, a.number, p.site, "
        "a.source_name FROM articles a JOIN site_pages p ON p.number = a.number WHERE a.cluster_id <> '' "
        "ORDER BY a.cluster_id",
    )
    for code, (_, group) in enumerate(groupby(rows, key=lambda row: row[0]), start=1):
        members = sorted(row[1:] for row in group)
        first_site = members[0][3]
        earliest: dict[str, str] = {}
        for at, _, number, site, source in members:
            cluster[number] = code
            earliest.setdefault(site, at)
            if site != first_site and not source:
                copied[number] = 1
        ordered = list(earliest)[:MAX_CLUSTER_SITES]
        for place, left in enumerate(ordered):
            for right in ordered[place + 1 :]:
                if earliest[left] < earliest[right]:
                    forth.append(codes.setdefault(left, len(codes)) << 32 | codes.setdefault(right, len(codes)))
    return _mutual(list(codes), np.frombuffer(forth, dtype=np.int64) if forth else np.zeros(0, dtype=np.int64))


def _mutual(names: Sequence[str], forth: NDArray[np.int64]) -> tuple[Mutual, ...]:
    pairs, counts = np.unique(forth, return_counts=True)
    enough = counts >= MUTUAL_PAGES
    known = dict(zip(pairs[enough].tolist(), counts[enough].tolist(), strict=True))
    found = []
    for pair, count in known.items():
        one, other = pair >> 32, pair & 0xFFFFFFFF
        back = known.get(other << 32 | one)
        if back is not None and names[one] < names[other]:
            found.append(Mutual(names[one], names[other], "copies", count, back))
    return tuple(sorted(found, key=lambda mutual: (mutual.left, mutual.right)))


def _pages(rows: Sequence[tuple[str, int, bytes]], table: PageTable) -> Pages:
    pages = unpack([row[2] for row in rows])
    numbers = np.array([row[1] for row in rows], dtype=np.int64)
    pages["number"] = numbers
    pages["copied"], pages["lending"] = table.copied[numbers], table.lending[numbers]
    clusters = table.cluster[numbers]
    pages["template_size"] = table.template_size[numbers]
    if clusters.any():
        _, index, counts = np.unique(clusters, return_inverse=True, return_counts=True)
        pages["template_size"] = np.maximum(pages["template_size"], np.where(clusters > 0, counts[index], 0))
    return pages[np.argsort(pages["key"], kind="stable")]

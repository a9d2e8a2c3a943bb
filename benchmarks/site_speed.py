"""A large corpus of stored traits, and the pass over it, measured."""

from __future__ import annotations

import resource
import sqlite3
import time
from pathlib import Path

import numpy as np

from corpus.page_traits import VERSION
from corpus.site_features import STORED
from corpus.site_store import update_sites
from corpus.workspace import open_corpus

CHUNK = 1_000  # sites written at once
# What the pass reads of articles goes by these; indexes for readers are left out, and made input is a quarter the size.
KEPT_INDEXES = frozenset({"articles_cluster", "articles_template", "articles_flagged", "articles_marks"})
COPIED = 20  # one page in so many is a copy of one on another site
LENDING = 3  # one page in so many is about lending


def fill(folder: Path, sites: int, each: int) -> None:
    """Make a corpus.db of so many sites: articles without texts, traits as 1 in 10 spam sites and 9 in 10 honest ones.

    Rows come in the order of their keys and indexes last; clusters of copies join three pages of different sites each.
    """
    with open_corpus(folder, write=True) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=OFF")
        indexes = _drop(connection)
        connection.execute("BEGIN")
        connection.execute(_articles(connection), (sites * each, each))
        _pages(connection, sites, each)
        for statement in indexes:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")


def run(folder: Path) -> None:
    """Run the pass once and print CPU seconds by phase, wall time and peak memory."""
    phases: list[tuple[str, float]] = []
    started, wall = time.process_time(), time.time()

    def progress(what: str, _done: int, _total: int) -> None:
        if not phases or phases[-1][0] != what:
            phases.append((what, time.process_time()))

    with open_corpus(folder, write=True) as connection:
        counts = update_sites(connection, progress=progress)
    ended = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(counts)
    print(f"pass: {ended - started:.0f} CPU s, {time.time() - wall:.0f} s wall, peak memory {peak:.2f} GB")
    ends = [moment for _, moment in phases[1:]] + [ended]
    for (what, moment), end in zip(
        [("changes", started), *phases], [phases[0][1] if phases else ended, *ends], strict=True
    ):
        print(f"  {what:<12} {end - moment:6.1f} CPU s")


def _drop(connection: sqlite3.Connection) -> list[str]:
    """Drop triggers and indexes; return what makes the indexes again that the pass needs."""
    made = []
    for kind, name, table, sql in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall():
        if kind == "trigger" or (kind == "index" and sql and table in {"articles", "site_pages", "site_entities"}):
            connection.execute(f"DROP {kind} {name}")
            if kind == "index" and (table != "articles" or name in KEPT_INDEXES):
                made.append(sql)
    return made


def _articles(connection: sqlite3.Connection) -> str:
    """An INSERT for ?1 articles, ?2 a site, with nothing but what the pass reads of them."""
    given = {
        "number": "n", "id": "printf('%016x', n)", "url": "printf('http://s%06d.test/%d', (n - 1) / ?2, n)",
        "site": "''", "text_sha256": "'x'", "captured": "'t'", "versions": "'j'", "is_canonical": "1",
        "scope": f"CASE n % {LENDING} WHEN 0 THEN 'core' ELSE 'off' END",
        "cluster_id": f"CASE n % {COPIED} WHEN 0 THEN printf('%08x', (n * 7919) % (?1 / {3 * COPIED} + 1)) ELSE '' END",
        "template_id": "CASE WHEN n % (10 * ?2) < ?2 THEN printf('%08x', n / 25) ELSE '' END",
        "first_captured": "printf('2026-01-%02dT00:00:00Z', 1 + n % 28)",
    }  # fmt: skip
    columns = {
        row["name"]: given.get(row["name"]) or ("''" if row["type"] == "TEXT" else "0")
        for row in connection.execute("PRAGMA table_info(articles)").fetchall()
    }
    return (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1) "
        f"INSERT INTO articles({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM numbers"
    )


def _pages(connection: sqlite3.Connection, sites: int, each: int) -> None:
    rng = np.random.default_rng(0)
    for start in range(0, sites, CHUNK):
        rows: list[tuple[str, int, str, str, bytes]] = []
        for site in range(start, min(sites, start + CHUNK)):
            name, first = f"s{site:06}.test", site * each + 1
            stored = _traits(rng, each, spam=site % 10 == 0).tobytes()
            rows += [
                (name, first + page, "a", f"{first + page:016x} x t j {VERSION}", stored[page * STORED.itemsize : (page + 1) * STORED.itemsize])
                for page in range(each)
            ]  # fmt: skip
            _entities(connection, rng, name, site, each)
        connection.executemany("INSERT INTO site_pages VALUES (?, ?, ?, ?, ?)", rows)


def _traits(rng: np.random.Generator, each: int, *, spam: bool) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    pages = np.zeros(each, dtype=STORED)
    pages["key"] = rng.integers(0, 1 << 60, each)
    pages["title"] = rng.integers(1, 20 if spam else 1 << 60, each)
    pages["title_end"] = rng.integers(1, 8 if spam else 1 << 60, each)
    pages["sentences"] = rng.integers(1, 300 if spam else 1 << 31, (each, 16))
    pages["sentence_count"], pages["length"] = 30, rng.integers(300, 3_000, each)
    pages["ratio"] = rng.normal(1.9, 0.15, each)
    pages["pinyin"] = 12.0 if spam else 0.0
    pages["outside"] = rng.integers(0, 10, each)
    pages["posted"] = 1_700_000_000 + rng.integers(0, 10_000_000, each)
    return pages


def _entities(connection: sqlite3.Connection, rng: np.random.Generator, name: str, site: int, each: int) -> None:
    network = site // 200
    values = [("icp", f"粤ICP备{2_000_000_000 + site}号"), ("phone", f"139{site:08}")]
    if site % 10 == 0:
        values = [
            ("phone", f"138{network:08}"),
            ("qq", str(300_000_000 + network)),
            ("baidu-tongji", f"{network:032x}"),
        ]
    connection.executemany(
        "INSERT INTO site_entities VALUES (?, ?, ?, 'publisher', ?, 1.0, 0, ?, 0, 0, '', 0)",
        [(name, kind, value, each, each) for kind, value in values],
    )
    connection.execute("INSERT INTO site_texts VALUES (?, ?, 0, '')", (name, float(rng.uniform(1.1, 1.5))))

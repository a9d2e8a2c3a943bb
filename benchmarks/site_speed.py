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

CHUNK = 200  # sites written at once


def fill(folder: Path, sites: int, each: int) -> None:
    """Make a corpus.db of so many sites: articles without texts, traits as 1 in 10 spam sites and 9 in 10 honest ones."""
    rng = np.random.default_rng(0)
    with open_corpus(folder, write=True) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        empty = _empty_article(connection)
        number = 0
        for start in range(0, sites, CHUNK):
            connection.execute("BEGIN")
            for site in range(start, min(sites, start + CHUNK)):
                name = f"site-{site:06}.example.com"
                traits = _traits(rng, each, spam=site % 10 == 0)
                numbers = range(number + 1, number + each + 1)
                number += each
                connection.executemany(
                    empty,
                    [
                        (each_number, f"{each_number:016x}", f"http://{name}/{each_number}", name)
                        for each_number in numbers
                    ],
                )
                connection.executemany(
                    "INSERT INTO site_pages VALUES (?, ?, 'a', ?, ?)",
                    [
                        (name, each_number, f"{each_number:016x} x t j {VERSION}", row.tobytes())
                        for each_number, row in zip(numbers, traits, strict=True)
                    ],
                )
                _entities(connection, rng, name, site, each)
            connection.execute("COMMIT")
        connection.execute("ANALYZE")


def run(folder: Path) -> None:
    """Run the pass once and print CPU seconds by part, wall time and peak memory."""
    marks: dict[str, float] = {}
    started, wall = time.process_time(), time.time()

    def progress(what: str, _done: int, _total: int) -> None:
        marks.setdefault(f"first {what}", time.process_time() - started)

    with open_corpus(folder, write=True) as connection:
        counts = update_sites(connection, progress=progress)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(counts)
    print(
        f"pass: {time.process_time() - started:.0f} CPU s, {time.time() - wall:.0f} s wall, peak memory {peak:.2f} GB"
    )
    print({name: round(value, 1) for name, value in marks.items()})


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


def _empty_article(connection: sqlite3.Connection) -> str:
    """An INSERT for an article with nothing but its number, id, URL and site."""
    columns = connection.execute("PRAGMA table_info(articles)").fetchall()
    given = {"number": "?1", "id": "?2", "url": "?3", "site": "?4", "host": "?4"}
    fixed = {"text_sha256": "'x'", "captured": "'t'", "versions": "'j'"}
    names = [row["name"] for row in columns]
    values = [
        given.get(row["name"]) or fixed.get(row["name"]) or ("''" if row["type"] == "TEXT" else "0") for row in columns
    ]
    return f"INSERT INTO articles({', '.join(names)}) VALUES ({', '.join(values)})"

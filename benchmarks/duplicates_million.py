"""A million documents in one SQLite file: time and memory of the pass, size of its index, cost of a thousand more.

    python -m benchmarks.duplicates_million [--texts 1000000] [--folder DIR] [--jobs 2]

Texts of about 1,000 characters are made of the simulator's words by workers, one in ten a copy with 3 % of its
characters deleted, one in twenty a refilled template, one in thirty half copied; only what the pass reads is stored.
Prints wall and CPU seconds, peak memory of the process that runs the pass, and bytes of the index.
"""

from __future__ import annotations

import argparse
import random
import resource
import sqlite3
import tempfile
import time
from dataclasses import astuple
from functools import partial
from multiprocessing import Pool, Process
from pathlib import Path

import numpy as np

from benchmarks import copies
from corpus.cluster_store import update_clusters
from corpus.records import Fingerprints
from corpus.shingles import fingerprints
from corpus.store import transaction
from corpus.workspace import open_corpus

CHUNK = 2_000
Made = list[tuple[str, Fingerprints]]


def texts(chunk: int, count: int, length: int) -> list[str]:
    """Return the texts of one chunk; the same chunk is always the same."""
    rng, draw = random.Random(chunk), np.random.default_rng(chunk)
    words = [word for groups in copies.word_groups().values() for group in groups for word in group]
    made: list[str] = []
    while len(made) < count:
        kind = rng.random()
        if made and kind < 0.1:
            made.append(copies.deleted(rng, rng.choice(made), 0.03))
        elif kind < 0.15:
            made.append(
                f"{rng.choice(copies.PLACES)}{rng.choice(copies.PLATFORMS)}{_prose(draw, words, length, chunk % 7)}"
            )
        elif made and kind < 0.183:
            other = rng.choice(made)
            made.append(other[: len(other) // 2] + _prose(draw, words, length // 2))
        else:
            made.append(_prose(draw, words, length))
    return made


def _prose(draw: np.random.Generator, words: list[str], length: int, seed: int | None = None) -> str:
    generator = draw if seed is None else np.random.default_rng(seed)
    picked = generator.integers(0, len(words), round(length / 2.35)).tolist()
    marks = ("，", "。", "，", "。\n")
    return "".join(words[word] + (marks[word % 4] if at % 7 == 6 else "") for at, word in enumerate(picked))


def make(chunk: int, count: int, length: int) -> Made:
    listed = texts(chunk, count, length)
    return list(zip(listed, fingerprints(listed), strict=True))


def store(connection: sqlite3.Connection, made: Made, first: int) -> None:
    """Insert the columns that the pass reads; every other column is empty."""
    names = [row[1] for row in connection.execute("PRAGMA table_info(articles)")]
    empty = dict.fromkeys(names, "")
    rows, prints = [], []
    for number, (text, found) in enumerate(made, first):
        identity = f"{number * 2654435761 % 2**64:016x}"
        row = empty | {
            "number": number, "id": identity, "url": f"http://s{number % 997}.example/{number}", "site": f"s{number % 997}.example",
            "clean_text": text, "length": len(text), "is_canonical": 1, "spam": 0, "published_confidence": 0.0,
            "published_conflict": 0, "spam_score": 0.0, "first_captured": f"2026-01-01T{number % 24:02}:00:00.000000Z",
        }  # fmt: skip
        rows.append(tuple(row.values()))
        prints.append((identity, *astuple(found)))
    marks = ", ".join("?" * len(names))
    with transaction(connection):
        connection.executemany(f"INSERT INTO articles({', '.join(names)}) VALUES ({marks})", rows)
        connection.executemany("INSERT INTO fingerprints VALUES (?, ?, ?, ?, ?, ?)", prints)


def fill(folder: Path, total: int, length: int, jobs: int) -> None:
    """Make the texts and store them; run in a process of its own, so that the memory measured is the pass's."""
    with Pool(jobs) as pool, open_corpus(folder, write=True) as connection:
        work = partial(make, count=CHUNK, length=length)
        every = range((total + CHUNK - 1) // CHUNK)
        for first in every[:: 2 * jobs]:  # a few at a time: what is made must not wait in memory to be stored
            some = every[first : first + 2 * jobs]
            for at, made in zip(some, pool.imap(work, some), strict=True):
                store(connection, made, 1 + at * CHUNK)


def size(connection: sqlite3.Connection) -> int:
    pages, free = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
    return int(pages - free) * int(connection.execute("PRAGMA page_size").fetchone()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--length", type=int, default=1_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        start = time.monotonic()
        filling = Process(target=fill, args=(Path(folder), options.texts, options.length, options.jobs))
        filling.start()
        filling.join()
        print(f"{options.texts} texts made, fingerprinted and stored: {time.monotonic() - start:.0f} s", flush=True)
        with open_corpus(Path(folder), write=True) as connection:
            measure(connection, options)


def measure(connection: sqlite3.Connection, options: argparse.Namespace) -> None:
    """Run the pass over all texts and over a thousand more, and print what it took."""
    before = size(connection)
    timed(connection, "the pass over all of them")
    print(f"index and clusters: {(size(connection) - before) / 1e6:.0f} MB beside {before / 1e6:.0f} MB", flush=True)
    found = connection.execute("SELECT count(*), sum(size), max(size) FROM clusters").fetchone()
    relations = connection.execute("SELECT relation, count(*) FROM similar_texts GROUP BY 1").fetchall()
    print(
        f"{found[0]} clusters of {found[1]} articles, the largest {found[2]}; {dict(map(tuple, relations))}",
        flush=True,
    )
    store(connection, make(10**6, 1_000, options.length), 1 + options.texts + CHUNK)
    timed(connection, "a thousand more")


def timed(connection: sqlite3.Connection, what: str) -> None:
    wall, cpu = time.monotonic(), time.process_time()
    counts = update_clusters(connection)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what}: {time.monotonic() - wall:.1f} s wall, {time.process_time() - cpu:.1f} s CPU, peak {peak:.0f} MB; {counts}",
        flush=True,
    )


if __name__ == "__main__":
    main()

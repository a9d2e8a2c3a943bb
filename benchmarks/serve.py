"""Server time of readers' pages: ``python benchmarks/serve.py WORKSPACE``; CPU and wall time in ms, median and p95."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from crawler.serving import open_datasette

QUERIES = (
    "催收",
    "暴力催收",
    "網絡貸款",
    "协商还款",
    "催收 律师",
    "催收 -律师",
    "逾期 after:2024",
    "上门 OR 外访",
    "征信",
    "委托第三方催收",
)
REPEATS = 3
ARTICLES = 60


async def measure(workspace: Path) -> None:
    """Ask each kind of page, warm, and print how long the server took."""
    with closing(sqlite3.connect(workspace / "corpus.db")) as connection:
        last = connection.execute("SELECT max(number) FROM articles").fetchone()[0]
        count = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    numbers = random.Random(1).sample(range(1, last + 1), min(ARTICLES, last))
    pages = {
        "home": ["/"] * 12,
        "search": [f"/-/search?q={query}" for query in QUERIES] * REPEATS,
        "search json": [f"/-/search.json?q={query}" for query in QUERIES] * REPEATS,
        "article": [f"/corpus/articles/{number}" for number in numbers],
        "table": ["/corpus/corpus_articles"] * 6,
    }
    datasette = open_datasette(workspace)
    await datasette.invoke_startup()
    print(f"{count:,} articles")
    for name, paths in pages.items():
        first = await timed(datasette, paths[0])
        times = [await timed(datasette, path) for path in paths]
        for label, place in (("CPU", 0), ("wall", 1)):
            values = sorted(each[place] for each in times)
            p95 = values[min(int(len(values) * 0.95), len(values) - 1)]
            print(
                f"{name:12} {label:4} first {first[place]:7.1f}  median {statistics.median(values):7.1f}  p95 {p95:7.1f} ms"
            )


async def timed(datasette: Any, path: str) -> tuple[float, float]:
    started, wall = time.process_time(), time.perf_counter()
    answer = await datasette.client.get(path)
    assert answer.status_code in (200, 404), (path, answer.status_code)
    return (time.process_time() - started) * 1000, (time.perf_counter() - wall) * 1000


if __name__ == "__main__":
    asyncio.run(measure(Path(sys.argv[1])))

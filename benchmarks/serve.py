"""Server time of pages: ``python -m benchmarks.serve WORKSPACE``; CPU and wall time in ms, first, median and p95, warm.

Make a workspace with ``python -m benchmarks.serve_corpus``. Floors (200,000 articles, 2 cores, warm): home 300 ms, search
p95 150 ms, article p95 100 ms. Moderators' pages are asked for with the cookie of one.
"""

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

from crawler.serving import metadata, open_datasette

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
FLOORS = {"home": 300.0, "search": 150.0, "article": 100.0}  # ms, issue of the corpus in the browser
Row = tuple[float, float]  # ms of CPU, ms on the clock


def pages(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the paths to ask for, by kind of page."""

    def some(sql: str) -> list[Any]:
        return [row[0] for row in connection.execute(sql)]

    last = connection.execute("SELECT max(number) FROM articles").fetchone()[0]
    numbers = random.Random(1).sample(range(1, last + 1), min(ARTICLES, last))
    large = some(
        "SELECT a.number FROM clusters c JOIN articles a ON a.id = c.canonical_article_id ORDER BY size DESC LIMIT 3"
    )
    site = some("SELECT site FROM sites ORDER BY articles DESC LIMIT 1")[0]
    return {
        "home": ["/"] * 12,
        "search": [f"/-/search?q={query}" for query in QUERIES] * REPEATS,
        "search by relevance": [f"/-/search?q={query}&order=relevance" for query in QUERIES],
        "search by date": [f"/-/search?q={query}&order=published" for query in QUERIES],
        "search json": [f"/-/search.json?q={query}" for query in QUERIES] * REPEATS,
        "search atom": [f"/-/search.atom?q={query}" for query in QUERIES],
        "article": [f"/corpus/articles/{number}" for number in numbers],
        "article, many copies": [f"/corpus/articles/{number}" for number in large],
        "article json": [f"/corpus/articles/{number}.json" for number in numbers[:10]],
        "cluster": [f"/-/cluster/{key}" for key in some("SELECT id FROM clusters ORDER BY size DESC LIMIT 5")],
        "template": [f"/-/template/{key}" for key in some("SELECT id FROM templates ORDER BY size DESC LIMIT 5")],
        "site": [f"/-/site/{key}" for key in some("SELECT site FROM sites ORDER BY articles DESC LIMIT 10")],
        "network": [f"/-/network/{key}" for key in some("SELECT id FROM networks LIMIT 5")],
        "methods": ["/-/methods"] * 3,
        "database": ["/corpus"] * 3,
        "table corpus_articles": ["/corpus/corpus_articles"] * 3,
        "table articles": ["/corpus/articles"] * 3,
        "table edits": ["/corpus/edits"] * 3,
        **{f"query {name}": [f"/corpus/{name}.json?site={site}&q=催收"] * REPEATS for name in canned_queries()},
        "month": ["/corpus/corpus_articles?published__gte=2020-05&published__lt=2020-05~"] * 3,
        "review": ["/-/review"] * 3,
        "review sites": ["/-/review/sites"] * 3,
        "history": ["/-/review/history"] * 3,
    }


async def measure(workspace: Path) -> None:
    """Ask each kind of page, warm, and print how long the server took."""
    with closing(sqlite3.connect(workspace / "corpus.db")) as connection:
        count = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        asked = pages(connection)
    datasette = open_datasette(workspace)
    await datasette.invoke_startup()
    moderator = {"ds_actor": datasette.sign({"a": {"id": "li", "role": "moderator"}}, "actor")}
    print(f"{count:,} articles; ms of CPU, and on the clock in brackets")
    for name, paths in asked.items():
        cookies = moderator if name.startswith(("review", "history")) else {}
        if paths:
            first = await timed(datasette, paths[0], cookies)
            times = [await timed(datasette, path, cookies) for path in paths]
            print(line(name, first, times), flush=True)


def canned_queries() -> tuple[str, ...]:
    """Return the names of the canned queries. One that takes more than the time SQL may take answers 400, and stops this."""
    return tuple(metadata({})["databases"]["corpus"]["queries"])


def line(name: str, first: Row, times: list[Row]) -> str:
    def p95(place: int) -> float:
        values = sorted(each[place] for each in times)
        return values[min(int(len(values) * 0.95), len(values) - 1)]

    median = [statistics.median(each[place] for each in times) for place in (0, 1)]
    kind = "search" if name.startswith("search by") else name
    floor = f"  floor {FLOORS[kind]:.0f}" if kind in FLOORS else ""
    return (
        f"{name:26} first {first[0]:7.0f} ({first[1]:5.0f})  median {median[0]:6.0f} ({median[1]:5.0f})"
        f"  p95 {p95(0):6.0f} ({p95(1):5.0f}){floor}"
    )


async def timed(datasette: Any, path: str, cookies: dict[str, str]) -> Row:
    started, wall = time.process_time(), time.perf_counter()
    answer = await datasette.client.get(path, cookies=cookies)
    assert answer.status_code in (200, 404), (path, answer.status_code)
    return (time.process_time() - started) * 1000, (time.perf_counter() - wall) * 1000


if __name__ == "__main__":
    asyncio.run(measure(Path(sys.argv[1])))

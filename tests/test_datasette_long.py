"""A hostile page with a title of a million characters, from the archive to every page that readers see: bounded in size and time."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from corpus import warc
from corpus.records import Page
from corpus.workspace import archive_folder
from crawler.derive import derive
from crawler.serving import open_datasette
from tests.sample_corpus import HOSTILE, HOSTILE_URL

TITLE = "催收&lt;b&gt;" * 90_000  # more than a million bytes
LARGEST = 200_000  # bytes of a page
SLOWEST = 5.0  # seconds of CPU for one


def test_a_title_of_a_million_bytes_makes_no_page_large_or_slow(tmp_path: Path) -> None:
    body = HOSTILE.replace("<title>催收", f"<title>{TITLE}").replace("<h1>逾期之后", f"<h1>{TITLE}").encode()
    assert len(body) > 2_000_000
    with warc.Writer(archive_folder(tmp_path), run="long", durable=False) as writer:
        fetched = datetime(2026, 3, 1, tzinfo=UTC)
        writer.write(Page(HOSTILE_URL, 200, (("content-type", "text/html"),), body, fetched))
    derive(tmp_path, jobs=1)
    with closing(sqlite3.connect(tmp_path / "corpus.db")) as connection:
        number, site = connection.execute("SELECT number, site FROM articles").fetchone()
    searches = [f"/-/search{form}?q=催收" for form in ("", ".json", ".csv", ".atom")]
    ranked = [f"/-/search?q=催收&order={order}" for order in ("relevance", "published")]
    own = ["/", "/corpus", "/-/methods", f"/-/site/{site}", f"/corpus/articles/{number}"]
    tables = ["/corpus/articles", "/corpus/corpus_articles", "/corpus/newest", f"/corpus/articles/{number}.json"]
    sizes, times = asyncio.run(asked(tmp_path, [*own, *searches, *ranked, *tables]))
    assert {path: size for path, size in sizes.items() if size > LARGEST} == {}
    assert {path: took for path, took in times.items() if took > SLOWEST} == {}


async def asked(workspace: Path, paths: list[str]) -> tuple[dict[str, int], dict[str, float]]:
    """Return bytes and seconds of CPU by path."""
    datasette = open_datasette(workspace)
    await datasette.invoke_startup()
    sizes, times = {}, {}
    for path in paths:
        started = time.process_time()
        answer = await datasette.client.get(path)
        times[path] = time.process_time() - started
        assert answer.status_code == 200, path
        sizes[path] = len(answer.content)
    return sizes, times

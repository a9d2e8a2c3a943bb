"""Every page works while pages are stored, passes run and the corpus is rebuilt: no error, no half state."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from corpus import warc
from corpus.workspace import archive_folder
from crawler.derive import derive
from crawler.serving import open_datasette
from tests.sample_corpus import sample_corpus
from tests.test_accessibility import pages
from tests.test_takedown import UNTOUCHED, marked

__all__ = ["sample_corpus"]
BATCHES, PAGES = 4, 6  # times that pages are captured and processed, and how many each time
MODERATORS = ("/-/review", "/-/review/sites", "/-/review/history")
DATA = (
    "/-/search.json?q=催收",
    "/-/search.atom?q=催收",
    "/-/search.csv?q=催收",
    "/corpus/articles.csv?_size=20",
    "/corpus/by_topic.json",
)


@pytest.fixture
def live(sample_corpus: Path, tmp_path: Path) -> Path:
    """A copy of the sample workspace that a crawl writes to."""
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(sample_corpus, tmp_path / "live")
    return tmp_path / "live"


def capture_and_derive(workspace: Path) -> None:
    """What a crawl does beside the server: captures, processing with every pass, and at the end a rebuild."""
    for batch in range(BATCHES):
        with warc.Writer(archive_folder(workspace), run=f"live{batch}", durable=False) as writer:
            for number in range(PAGES):
                url = f"http://www.gamma.example/{batch}-{number}.html"
                writer.write(marked(url, UNTOUCHED, "热线 12378", hours=30 + batch * 10 + number))
        derive(workspace, jobs=1)
    derive(workspace, jobs=1, rebuild=True)


def test_every_page_works_while_a_crawl_writes_and_the_corpus_is_rebuilt(live: Path) -> None:
    paths = [*pages(live).values(), *MODERATORS, *DATA]
    allowed = {"/-/review": {200}, "/-/cluster/none": {404}, "/-/search?q=(催收": {400}}
    counted: list[int] = []

    async def work() -> dict[str, set[int]]:
        datasette = open_datasette(live)
        await datasette.invoke_startup()
        cookies = {"ds_actor": datasette.sign({"a": {"id": "li", "role": "moderator"}}, "actor")}
        count = "/corpus.json?sql=select+count(*)+from+articles&_shape=arrays"
        statuses: dict[str, set[int]] = {}

        async def ask(path: str) -> Any:
            answer = await datasette.client.get(path, cookies=cookies, follow_redirects=True)
            statuses.setdefault(path, set()).add(answer.status_code)
            return answer

        rounds = 0
        while writer.is_alive() or rounds < 1:
            for each in range(0, len(paths), 3):
                await asyncio.gather(*(ask(path) for path in paths[each : each + 3]))
                counted.append((await ask(count)).json()["rows"][0][0])
            rounds += 1
        for path in paths:
            await ask(path)
        counted.append((await ask(count)).json()["rows"][0][0])
        return statuses

    writer = get_context("spawn").Process(target=capture_and_derive, args=(live,))
    writer.start()
    statuses = asyncio.run(work())
    writer.join()
    assert writer.exitcode == 0
    wrong = {path: found for path, found in statuses.items() if not found <= allowed.get(path, {200})}
    assert wrong == {}
    assert counted == sorted(counted), "articles come in, and a rebuild shows whole or not at all"
    assert counted[-1] == counted[0] + BATCHES * PAGES
    assert len(set(counted)) > 1

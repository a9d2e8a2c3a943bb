"""The spine, and the workers around it: a page becomes a document or a rejection, in bounded time, the same wherever it runs."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from pebble import ProcessFuture, ProcessPool

from corpus import warc
from corpus.errors import Rejected
from corpus.records import Document, Page, Rejection
from corpus.store import article_id
from crawler import batches
from crawler.process import outcome, process, time_limit
from tests.making import page

PARAGRAPH = (
    "催收公司不得在晚上十点以后联系借款人，也不得向与债务无关的第三人透露欠款情况。借款人遇到骚扰时，"
    "可以保存通话录音和短信，向金融监管部门投诉，也可以请求平台停止委外催收并协商分期还款。"
)
HTML = f"""<html><head><title>催收电话太多怎么办</title></head><body><nav><a href="/">首页</a></nav>
<h1>催收电话太多怎么办</h1><p>作者：林一 2026-02-03 10:20</p><article>
{"".join(f"<p>{number}、{PARAGRAPH}</p>" for number in "一二三")}</article><footer>版权所有</footer></body></html>"""


def test_a_page_becomes_a_document() -> None:
    made = process(page(HTML))
    assert made.id == article_id(page().url, page(HTML).sha256)
    assert made.clean_title == "催收电话太多怎么办"
    assert "第三人透露" in made.clean.text
    assert made.labels


def test_processing_twice_gives_the_same_document() -> None:
    assert process(page(HTML)) == process(page(HTML))


def test_a_page_without_text_is_a_rejection_with_a_reason() -> None:
    found = outcome(page(""))
    assert isinstance(found, Rejection)
    assert found.reason == "empty-body"


def test_a_page_that_takes_too_long_is_stopped() -> None:
    def spin() -> None:
        while True:
            sum(range(1000))

    started = time.monotonic()
    with pytest.raises(Rejected, match="timeout"), time_limit(0.2):
        spin()
    assert time.monotonic() - started < 5


def test_the_limit_ends_with_its_block() -> None:
    with time_limit(5):
        pass
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


HOSTILE = [
    pytest.param(b"", id="empty"),
    pytest.param(b"\x00" * 5000, id="zeros"),
    pytest.param(os.urandom(0) + bytes(range(256)) * 40, id="binary"),
    pytest.param(HTML.encode()[:700], id="truncated"),
    pytest.param(b"<div>" * 60_000 + "催收".encode(), id="60,000 nested tags"),
    pytest.param(HTML.encode("gb18030"), id="undeclared GB18030"),
    pytest.param(PARAGRAPH.encode() * 3, id="no html at all"),
    pytest.param(b"<p>" + "催收".encode() * (4 << 20) + b"</p>", id="24 MB"),
    pytest.param(b"<a " + b"x" * (1 << 20) + b"=1>", id="an attribute of a megabyte"),
    pytest.param(b"&#x1F600;&#0;&#xD800;&bogus;" * 500, id="entities"),
]


@pytest.mark.parametrize("body", HOSTILE)
def test_no_body_raises_anything_but_a_rejection(body: bytes) -> None:
    assert isinstance(outcome(page(body)), Document | Rejection)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with warc.Writer(tmp_path, run="test") as writer:
        for number in range(batches.BATCH_RECORDS + 3):
            writer.write(page(HTML.replace("太多", f"太多{number}"), url=f"http://news.example/{number}.html"))
        writer.write(page("", url="http://news.example/empty.html"))
    return next(tmp_path.glob("*.warc.gz"))


def test_batches_cover_every_record_once(archive: Path) -> None:
    cut = list(batches.batches(archive))
    assert [len(batch.ends) for batch in cut] == [batches.BATCH_RECORDS, 4]
    assert list(batches.batches(archive, cut[-1].ends[-1])) == []


def test_workers_and_this_process_give_the_same_outcomes(archive: Path) -> None:
    here = [result.outcomes for result in batches.run_here(batches.batches(archive))]
    pool = [result.outcomes for result in batches.run_pool(batches.batches(archive), jobs=2)]
    assert here == pool
    assert sum(len(outcomes) for outcomes in here) == batches.BATCH_RECORDS + 4


def die(batch: batches.Batch) -> bytes:
    """Stands for native code that crashes on one page of the batch."""
    if any(entry.page and entry.page.url.endswith("/2.html") for entry in batches.entries(batch)):
        os.kill(os.getpid(), signal.SIGKILL)
    return batches.work(batch)


def test_only_the_page_that_kills_its_worker_is_lost(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def schedule(pool: ProcessPool, batch: batches.Batch) -> ProcessFuture[bytes]:
        return pool.schedule(die, args=[batch], timeout=60)

    monkeypatch.setattr(batches, "schedule", schedule)
    outcomes = [each for result in batches.run_pool(batches.batches(archive), jobs=1) for each in result.outcomes]
    lost = [each for each in outcomes if isinstance(each, Rejection) and each.reason == "crashed"]
    assert [each.capture.url for each in lost] == ["http://news.example/2.html"]
    assert len(outcomes) == batches.BATCH_RECORDS + 4


def test_a_document_survives_encoding(archive: Path) -> None:
    (first, *_) = batches.decode(batches.work(next(batches.batches(archive))))
    source: Page = next(warc.read(archive))
    assert first == outcome(source)

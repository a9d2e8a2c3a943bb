"""A crawl that is killed at any moment goes on where it was: nothing is lost, nothing is captured twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from corpus import warc
from tests.launch import launcher
from tests.loopback import Asked, Web, http, page, serve

HOSTS = 6
PAGES = 600
KILLS = 20
NAMES = [f"h{number}.example" for number in range(HOSTS)]
STARTS = [f"http://{name}/0" for name in NAMES]


def answer(asked: Asked) -> bytes:
    if asked.path == "/robots.txt":
        return http("", 404)
    number = int(asked.path.strip("/"))
    linked = [n for n in (2 * number + 1, 2 * number + 2, number + 7, 0) if n < PAGES // HOSTS]
    return page(*(f"/{n}" for n in linked), text="网贷逾期。" * 30)


def captures(archive: Path) -> list[str]:
    return [page.url for path in warc.archive_files(archive) for page in warc.read(path)]


@pytest.mark.timeout(300)  # 30 s on an idle machine of two cores
def test_twenty_kills_of_a_crawl_of_600_pages_lose_nothing(tmp_path: Path) -> None:
    with serve(answer) as web, launcher() as crawls:
        resolve = [(name, f"127.0.0.1:{web.port}") for name in NAMES]
        for moment in sorted(random.sample(range(1, PAGES + HOSTS), KILLS)):
            done_before = set(captures(tmp_path / "archive"))
            asked_before = len(web.asked)
            pid = crawls.start(tmp_path, STARTS, resolve=resolve)
            _wait(lambda moment=moment: len(web.asked) >= moment)
            time.sleep(random.random() * 0.02)  # anywhere between two answers
            os.kill(pid, signal.SIGKILL)
            assert crawls.ended() == -signal.SIGKILL
            again = _urls(web, asked_before) & done_before
            assert not again, f"captured before and fetched again: {again}"
        crawls.start(tmp_path, STARTS, resolve=resolve)
        assert crawls.ended() == 0
    urls = captures(tmp_path / "archive")
    assert len(urls) == PAGES
    assert set(Counter(urls).values()) == {1}, "captured twice"
    assert not list((tmp_path / "archive").glob("*.open"))
    asked = sum(request.path != "/robots.txt" for request in web.asked)
    assert asked - PAGES <= KILLS * HOSTS, "more was fetched again than can have been in flight"


def test_a_stopped_crawl_gives_back_what_was_in_flight(tmp_path: Path) -> None:
    with serve(answer) as web, launcher() as crawls:
        resolve = [(name, f"127.0.0.1:{web.port}") for name in NAMES]
        pid = crawls.start(tmp_path, STARTS, resolve=resolve)
        _wait(lambda: len(web.asked) >= 60)
        os.kill(pid, signal.SIGTERM)
        assert crawls.ended() == 0
        assert not list((tmp_path / "archive").glob("*.open"))
        assert crawls.crawl(tmp_path, STARTS, resolve=resolve)["reason"] == "finished"
    urls = captures(tmp_path / "archive")
    assert len(urls) == len(set(urls)) == PAGES


def _urls(web: Web, since: int) -> set[str]:
    return {f"http://{asked.host}{asked.path}" for asked in web.asked[since:]}


def _wait(condition: object) -> None:
    assert callable(condition)
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit, "the crawl does not get on"
        time.sleep(0.003)

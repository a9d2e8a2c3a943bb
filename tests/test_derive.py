"""Tests of ``crawler.derive``; what a whole run gives is in ``test_parity.py`` and ``test_demo.py``."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from corpus import warc
from corpus.workspace import archive_folder
from crawler.derive import derive
from tests.making import page
from tests.test_process import HTML


def test_a_page_derived_in_a_thread_is_an_article_too(tmp_path: Path) -> None:
    with warc.Writer(archive_folder(tmp_path), run="test") as writer:
        writer.write(page(HTML, url="http://news.example/1.html"))
    with ThreadPoolExecutor(1) as threads:
        derived = threads.submit(derive, tmp_path, jobs=1).result()
    assert (derived.counts.articles, derived.counts.rejections) == (1, 0)

"""Extraction beside well-known libraries on the same pages: never worse than trafilatura, and nothing lost that
BeautifulSoup sees."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from statistics import mean

import pytest
import trafilatura
from bs4 import BeautifulSoup

from benchmarks.extract_score import score_text
from corpus.records import Page
from crawler.decode import decode
from crawler.demo.pages import SamplePage
from crawler.demo.web import manifest
from crawler.extract import extract
from crawler.markup import scan

SPACE = re.compile(r"\s+")
HIDDEN = ["script", "style", "title", "template", "noscript", "iframe"]
SAMPLE = [made for made in manifest() if made.kind == "article" and made.outcome == "kept" and made.original][::9]


def page_of(made: SamplePage) -> Page:
    return Page(made.url, 200, (("content-type", made.content_type),), made.body, datetime(2026, 11, 1, tzinfo=UTC))


def by_trafilatura(page: Page) -> str:
    html = decode(page.body, page.header("content-type")).text
    return trafilatura.extract(f"<!DOCTYPE html>{html}", favor_precision=True, include_comments=False) or ""


def test_undamaged_articles_score_at_least_what_trafilatura_does() -> None:
    undamaged = [made for made in SAMPLE if not made.damage]
    ours = mean(score_text(made.original, extract(page_of(made)).text).f1 for made in undamaged)
    theirs = mean(score_text(made.original, by_trafilatura(page_of(made))).f1 for made in undamaged)
    assert len(undamaged) > 15
    assert ours >= max(theirs, 0.97)


@pytest.mark.parametrize("made", SAMPLE, ids=lambda made: made.url)
def test_nothing_that_beautifulsoup_reads_is_missing_from_the_ledger(made: SamplePage) -> None:
    html = decode(made.body, made.content_type).text
    soup = BeautifulSoup(html, "lxml")
    for element in soup.find_all(HIDDEN):
        element.decompose()
    ledger = SPACE.sub("", "".join(line.text for line in scan(html).lines))
    assert ledger == SPACE.sub("", soup.get_text())

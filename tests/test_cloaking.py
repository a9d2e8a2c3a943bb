"""Cloaking: a difference counts against an ordinary baseline, and is confirmed on another day."""

from __future__ import annotations

import random

import pytest

from benchmarks.site_texts import Writer
from corpus.cloaking import Verdict, View, compare

WRITER = Writer(random.Random(9))
LOANS, PUMPS, NEWS = (WRITER.text(20) for _ in range(3))
URL = "http://www.jixie.test/b/1.html"


def views(
    *texts: str, urls: tuple[str, ...] = (), statuses: tuple[int, ...] = (), raws: tuple[str, ...] = ()
) -> list[View]:
    kinds = ("ordinary", "again", "search-agent", "search-referrer", "mobile")
    return [
        View(kind, (urls or (URL,) * 9)[at], (statuses or (200,) * 9)[at], text, (raws or ("",) * 9)[at])
        for at, (kind, text) in enumerate(zip(kinds, texts, strict=False))
    ]


CASES = [
    ("all the same", views(LOANS, LOANS, LOANS), "same"),
    ("a little news beside the text", views(LOANS, LOANS, LOANS + WRITER.sentence()), "same"),
    ("another page for the search engine", views(PUMPS, PUMPS, LOANS), "differs"),
    ("the ordinary page changes by itself", views(PUMPS, NEWS, LOANS), "cannot-tell"),
    ("no second ordinary visit", views(PUMPS), "cannot-tell"),
    ("an error for the search engine", views(PUMPS, PUMPS, "x" * 200, statuses=(200, 200, 403)), "cannot-tell"),
    ("a challenge for the search engine", views(PUMPS, PUMPS, "安全验证" + "请稍候" * 50), "cannot-tell"),
    ("a paywall for everybody", views(*("付费阅读" + PUMPS,) * 3), "cannot-tell"),
    ("an empty shell", views("", "", LOANS), "cannot-tell"),
    (
        "visitors from search are sent away",
        views(PUMPS, PUMPS, PUMPS, LOANS, urls=(URL,) * 3 + ("http://bet.test/",)),
        "differs",
    ),
    ("everybody is sent away", views(PUMPS, PUMPS, PUMPS, urls=("http://new.test/",) * 3), "same"),
    ("a kit annotates one view", views(LOANS, LOANS, LOANS, raws=(LOANS, LOANS, "(pī)".join(LOANS))), "differs"),
]


@pytest.mark.parametrize(("given", "verdict"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_verdict(given: list[View], verdict: str) -> None:
    assert compare(given).verdict == verdict


def test_the_same_difference_on_another_day_confirms() -> None:
    once, twice = compare(views(PUMPS, PUMPS, LOANS)), compare(views(PUMPS, PUMPS, LOANS), seen_before=True)
    assert (once.verdict, twice.verdict) == ("differs", "cloaked")
    assert once.value < twice.value <= 1.0


def test_seen_before_makes_no_cloaking_of_equal_views() -> None:
    assert compare(views(LOANS, LOANS, LOANS), seen_before=True).verdict == "same"


def test_a_verdict_says_what_cannot_be_seen_from_here() -> None:
    verdict: Verdict = compare(views(LOANS, LOANS, LOANS))
    assert "by address" in verdict.en
    assert verdict.value == 0.0

"""Golden pages: one folder a page (page.html, page.json, expected.json), for every class of failure, form of date and
type of page that extraction is held to. expected.json states what a reader finds on the page; it is written by hand and
holds only what matters there. ``--update-golden`` writes the fields it holds anew; review the difference.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import Rejected
from corpus.records import Article, Page
from crawler.extract import extract

GOLDEN = Path(__file__).parent / "golden"
PAGES = sorted(folder for folder in GOLDEN.iterdir() if (folder / "expected.json").exists())
SIMPLE = ("title", "author", "editor", "source_name", "page_type", "next_url", "charset", "charset_source")


def read_page(folder: Path) -> Page:
    told = json.loads((folder / "page.json").read_text(encoding="utf-8"))
    body = (folder / "page.html").read_bytes()
    return Page(told["url"], 200, tuple(told["headers"].items()), body, datetime.fromisoformat(told["fetched_at"]))


def found_fields(article: Article, expected: dict[str, Any]) -> dict[str, Any]:
    """What extraction says of the fields that are expected, in their shape."""
    found: dict[str, Any] = {name: getattr(article, name) for name in SIMPLE if name in expected}
    found["flags"] = list(article.flags)
    if "text" in expected:
        found["text"] = article.text.splitlines()
    if "contains" in expected:
        found["contains"] = [words for words in expected["contains"] if words in article.text]
    if "removed" in expected:
        found["removed"] = {
            words: "/".join(sorted({block.reason or "kept" for block in article.blocks if words in block.text}))
            for words in expected["removed"]
        }
    if "replies" in expected:
        found["replies"] = [
            [reply.author, reply.text[: len(begin)]]
            for reply, (_, begin) in zip(article.replies, expected["replies"], strict=True)
        ]
    published = article.published
    dates = {"published": published.value, "updated": published.updated, "conflict": published.conflict}
    return found | {name: value for name, value in dates.items() if name in expected}


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_a_golden_page_yields_what_a_reader_finds_on_it(folder: Path, update_golden: bool) -> None:
    path = folder / "expected.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    try:
        article = extract(read_page(folder))
    except Rejected as rejected:
        found: dict[str, Any] = {"rejected": rejected.reason}
    else:
        found = found_fields(article, expected)
        expected.setdefault("flags", [])
    if update_golden:
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == expected


def test_the_golden_pages_cover_every_class_of_failure() -> None:
    names = {folder.name for folder in PAGES}
    for needed in (
        "class-01",
        "class-02",
        "class-03",
        "class-04",
        "class-05",
        "class-06",
        "class-08",
        "class-10",
        "class-11",
    ):
        assert any(name.startswith(needed) for name in names), needed
    assert sum(name.startswith("date-") for name in names) >= 18  # class 9
    assert sum(name.startswith("type-") for name in names) >= 6  # class 7 among them

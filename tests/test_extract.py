"""What extraction makes of a page: the facts of the two seed pages, and the rules every page keeps."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.errors import Rejected
from corpus.records import Article, Page
from crawler.extract import extract, page_links

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)


def page(html: str | bytes, url: str = "https://example.com/a/1.html", **headers: str) -> Page:
    body = html if isinstance(html, bytes) else html.encode()
    return Page(url, 200, tuple((key.replace("_", "-"), value) for key, value in headers.items()), body, FETCHED)


def reasons(article: Article, words: str) -> set[str]:
    """The reasons of all blocks that hold the words."""
    return {block.reason for block in article.blocks if words in block.text}


def test_the_dated_seed_page_yields_its_facts(shared: Path) -> None:
    article = extract(page((shared / "seeds" / "004_36543570d1c18c37.html").read_bytes()))
    assert hashlib.sha256(article.author.encode()).hexdigest()[:16] == "a296ee487349c0a1"
    assert hashlib.sha256(article.title.encode()).hexdigest()[:16] == "41d791f3f05ffa6c"
    assert article.published.value == "2024-12-05T12:46:54+08:00"
    assert reasons(article, "語音朗讀") == {"read-aloud"}
    assert reasons(article, article.title) == {"title", "repeated-title"}
    assert reasons(article, "刪帖") == {"contact-line"}
    for words in ("信用卡", "隨機看看", "相關(guān)推薦", "首頁", "編輯:"):
        assert "" not in reasons(article, words)
    assert len(article.text.splitlines()) == 38
    assert any("hm.baidu.com" in script for script in article.scripts)


def test_the_undated_seed_page_has_no_date_and_no_breadcrumb(shared: Path) -> None:
    article = extract(page((shared / "seeds" / "000_20ebcf89d378ea8d.html").read_bytes()))
    assert (article.published.value, article.author) == ("", "")
    assert reasons(article, ">>") == {"breadcrumb"}


def test_the_text_is_the_kept_blocks(shared: Path) -> None:
    for path in sorted((shared / "seeds").glob("*.html")):
        article = extract(page(path.read_bytes()))
        assert article.text == "\n".join(block.text for block in article.blocks if block.kept)
        assert [block.order for block in article.blocks] == list(range(len(article.blocks)))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "empty-body", id="empty"),
        pytest.param(b" \x00\n", "empty-body", id="white space"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "binary", id="picture"),
        pytest.param(b"<p>" + b"x" * 9_000_000, "too-large", id="9 MB"),
        pytest.param(b"<b>" * 200_000, "too-large", id="200,000 tags"),
        pytest.param(b"<html><body></body></html>", "no-main-text", id="no text"),
        pytest.param(b"<?xml version='1.0'?><rss><channel><title>x</title></channel></rss>", "not-html", id="feed"),
        pytest.param(b"<h1>Notice</h1><p>" + b"This page is in English, all of it. " * 9, "not-chinese", id="English"),
    ],
)
def test_what_is_no_article_is_rejected_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        extract(page(body))
    assert (caught.value.stage, caught.value.reason) == ("extract", reason)


PLAIN = "催收电话太多怎么办\n作者：张三 2024-05-06\n先核实对方身份，再要求对方说明债权来源，并保留全部通话录音。\n必要时可以向监管部门投诉。"


def test_text_without_markup_is_an_article_with_its_first_line_as_title() -> None:
    article = extract(page(PLAIN, url="https://example.com/a.txt", content_type="text/plain; charset=utf-8"))
    assert (article.title, article.author, article.published.value) == ("催收电话太多怎么办", "张三", "2024-05-06")
    assert article.text == "\n".join(PLAIN.splitlines()[1:])


def test_text_that_is_no_prose_is_no_page() -> None:
    with pytest.raises(Rejected, match="not-html"):
        extract(page("User-agent: *\nDisallow: /", content_type="text/plain"))


def test_the_links_of_a_list_page_are_still_to_be_had() -> None:
    rows = "".join(f'<li><a href="/a/{n}.html">逾期之后应当怎样与平台协商还款第{n}篇</a></li>' for n in range(12))
    listed = page(f"<h1>催收</h1><ul>{rows}</ul>", url="https://example.com/cuishou/")
    with pytest.raises(Rejected, match="list-page"):
        extract(listed)
    assert [link.url for link in page_links(listed)] == [f"https://example.com/a/{n}.html" for n in range(12)]

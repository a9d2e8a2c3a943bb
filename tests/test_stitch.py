"""Parts of an article: how they are recognised, and how they are joined."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.records import Article, Block, Published
from crawler.stitch import next_part, part_of, stitch


def part(url: str, *texts: str, next_url: str = "") -> Article:
    blocks = tuple(
        Block(text, "" if not text.startswith("-") else "navigation", "p", order) for order, text in enumerate(texts)
    )
    kept = "\n".join(block.text for block in blocks if block.kept)
    return Article(url, "标题文字", "", Published(), "a.cn", kept, blocks=blocks, next_url=next_url)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://a.cn/x/123.html", "https://a.cn/x/123_2.html"),
        ("https://a.cn/x/123.html", "https://a.cn/x/123-2.html"),
        ("https://a.cn/x/123", "https://a.cn/x/123/2"),
        ("https://a.cn/x/123", "https://a.cn/x/123/2/"),
        ("https://a.cn/x/123.html", "https://a.cn/x/123.html?page=2"),
        ("https://a.cn/show?id=5", "https://a.cn/show?id=5&page=2"),
        ("https://a.cn/show?id=5", "https://a.cn/show?id=5&p=2"),
        ("https://a.cn/?p=331", "https://a.cn/?p=331&page=2"),
        ("https://a.cn/blog/index.php?p=331", "https://a.cn/blog/index.php?p=331&page=2"),
    ],
)
def test_the_second_part_shares_everything_but_its_number(first: str, second: str) -> None:
    assert part_of(first)[0] == part_of(second)[0]
    assert (part_of(first)[1], part_of(second)[1]) == (1, 2)
    assert next_part(first, [(second, "下一页")]) == second
    assert next_part(first, [(second, "2")]) == second


def test_the_next_article_is_no_next_part() -> None:
    assert (
        next_part(
            "https://a.cn/x/123.html", [("https://a.cn/x/124.html", "下一页"), ("https://a.cn/x/123_2.html", "下一篇")]
        )
        == ""
    )


def test_a_stitched_article_holds_all_texts_and_an_exact_ledger() -> None:
    first = part("https://a.cn/1.html", "-首页", "第一段。", "第二段。", next_url="https://a.cn/1_2.html")
    second = part("https://a.cn/1_2.html", "-首页", "标题文字", "第二段。", "第三段。")
    whole = stitch([replace(first, flags=("truncated", "part")), second])
    assert whole.text == "第一段。\n第二段。\n第三段。"
    assert [block.reason for block in whole.blocks] == [
        "navigation",
        "",
        "",
        "navigation",
        "repeated-part",
        "repeated-part",
        "",
    ]
    assert [block.order for block in whole.blocks] == list(range(7))
    assert whole.flags == ("stitched",)
    assert (whole.url, whole.next_url) == (first.url, "")

"""What a site repeats at the edges of its texts is learnt, and removed with a reason."""

from __future__ import annotations

from corpus.records import Article, Block, Published
from crawler.site_profiles import SiteProfile, frame, learn, line_key, remove

LONG = "，催收人员应当表明身份，不得在夜间拨打电话，也不得向无关的第三人透露欠款"


def article(number: int, *texts: str, path: str = "div/p") -> Article:
    blocks = tuple(Block(text, "", path, order) for order, text in enumerate(texts))
    return Article(f"https://a.cn/{number}", f"标题{number}", "", Published(), "a.cn", "\n".join(texts), blocks=blocks)


def profile_of(articles: list[Article]) -> SiteProfile:
    """What is learnt of a site; the same text at two addresses is given once."""
    return learn("a.cn", {each.text: frame(each) for each in articles}.values())


def site(pages: int) -> list[Article]:
    words = "甲乙丙丁戊己庚辛"
    return [
        article(
            n,
            f"点击量 {n * 7}",
            f"正文{words[n]}第一段{LONG}。",
            "小编总结",
            f"正文{words[n]}第二段{LONG}。",
            "本网咨询热线全年无休",
        )
        for n in range(pages)
    ]


def test_lines_that_frame_most_texts_are_removed_and_listed() -> None:
    pages = site(6)
    profile = profile_of(pages)
    cleaned = remove(pages[2], profile)
    assert cleaned.text == f"正文丙第一段{LONG}。\n小编总结\n正文丙第二段{LONG}。"
    assert [block.reason for block in cleaned.blocks] == ["site-boilerplate", "", "", "", "site-boilerplate"]


def test_nothing_is_learnt_from_few_pages_or_from_one_text_at_many_addresses() -> None:
    assert profile_of(site(3)).lines == frozenset()
    assert profile_of([site(1)[0]] * 20).lines == frozenset()


def test_the_order_of_pages_and_a_second_removal_make_no_difference() -> None:
    pages = site(6)
    profile = profile_of(pages)
    assert profile_of(pages[::-1]) == profile
    once = remove(pages[0], profile)
    assert remove(once, profile) == once


def test_headings_are_never_boilerplate_and_something_is_always_left() -> None:
    headed = [article(n, "导语", f"正文{'甲乙丙丁戊己'[n]}。", path="div/h2") for n in range(6)]
    assert remove(headed[0], profile_of(headed)) == headed[0]
    only = [article(n, "本网咨询热线全年无休") for n in range(6)]
    assert remove(only[0], profile_of(site(6))) == only[0]


def test_prose_that_some_articles_share_is_their_content() -> None:
    shared = "梳理债务，列出每一张卡的本金、利息和逾期天数，做到心中有数，再与平台逐笔协商"
    pages = [*site(6), *(article(n + 10, f"正文{n}{LONG}。", f"又{n}{LONG}。", shared) for n in range(6))]
    assert line_key(shared) not in profile_of(pages).lines


def test_most_of_a_text_is_never_boilerplate() -> None:
    pages = [article(n, f"短讯{n}", "本网咨询热线全年无休") for n in range(6)]
    assert remove(pages[0], profile_of(pages)) == pages[0]


def test_numbers_and_script_do_not_hide_a_line() -> None:
    assert line_key("點擊量：123 次") == line_key("点击量:9次")

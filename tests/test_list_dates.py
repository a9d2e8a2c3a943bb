"""The dates that list pages show beside their links: which belongs to which link, and which belong to none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.records import ListedDate, Page, Rejection
from crawler.list_dates import listed_dates
from crawler.process import outcome

NOW = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # noon in China
TITLES = (
    "网贷逾期之后多久会被起诉到法院",
    "信用卡逾期怎样与银行协商还款",
    "催收上门到底是不是合法的行为",
    "个人征信报告应该怎样正确查询",
    "助贷中介收取高额服务费怎么办",
    "被冒名贷款之后应当怎样维权呢",
)
DAYS = ("2024-05-06", "2024-05-05", "2024-05-03", "2024-04-28", "2024-04-20", "2024-04-11")
EXPECTED = {f"http://news.example/a/{number}.html": day for number, day in enumerate(DAYS)}
TEASER = "近日，多地借款人反映，网贷逾期后频繁接到催收电话，个人信息被泄露的情况时有发生。"


def listed(body: str, url: str = "http://news.example/list/", **headers: str) -> tuple[ListedDate, ...]:
    fields = {"content-type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    html = f"<html><head><title>资讯列表</title></head><body>{body}</body></html>"
    return listed_dates(Page(url, 200, tuple(fields.items()), html.encode(), NOW))


def rows(shape: str, days: Sequence[str] = DAYS, *, join: str = "") -> str:
    """The items of a list: {u} address, {t} title, {d} day, {m} month and day, {n} number, {y} {dd} {ym} parts of the day."""
    return join.join(
        shape.format(
            u=f"/a/{number}.html", t=TITLES[number], d=day, m=day[5:], n=number, dd=day[8:], ym=day[:7], s=day.replace("-", "/"),
            z=re.sub(r"(\d+)-0?(\d+)-0?(\d+)", r"\1年\2月\3日", day), p="odd" if number % 2 else "even", x=TEASER,
        )
        for number, day in enumerate(days)
    )  # fmt: skip


def days_of(found: Sequence[ListedDate], role: str = "published") -> dict[str, str]:
    return {each.url: each.value[:10] for each in found if each.role == role}


LAYOUTS = {
    "after the link": '<ul>{}</ul>|<li><a href="{u}">{t}</a><span>{d}</span></li>',
    "before the link": '<ul>{}</ul>|<li><span class="date">[{d}]</span> <a href="{u}" title="{t}">{t}</a></li>',
    "odd and even rows": '<ul>{}</ul>|<li class="{p}"><a href="{u}">{t}</a><em>{s}</em></li>',
    "inside the link": '<ul>{}</ul>|<li><a href="{u}"><span>{t}</span><i>{d}</i></a></li>',
    "a card that is one link": '<div class="l">{}</div>|<a href="{u}" class="card"><h3>{t}</h3><p>{x}</p><div class="t">{d} 阅读 {n}23</div></a>',
    "lines and breaks": '<td>{}</td>|·<a href="{u}">{t}</a>（{d}）<br>',
    "rows of a table": '<table><tr><th>标题</th><th>发布单位</th><th>发布日期</th></tr>{}</table>|<tr><td><a href="{u}">{t}</a></td><td>办公室</td><td>{d}</td></tr>',
    "teasers": '<div>{}</div>|<div class="item"><h2><a href="{u}">{t}</a></h2><p>{x}</p><p class="info">作者：admin 时间：{d} 浏览：{n}12</p></div>',
    "flat, date below": '<div class="m">{}</div>|<h3><a href="{u}">{t}</a></h3><p class="sum">{x}</p><p class="meta">发布于 {d}</p>',
    "flat, date above": '<div class="m">{}</div>|<p class="meta">{d}</p><h3><a href="{u}">{t}</a></h3><p class="sum">{x}</p>',
    "definition list": '<dl>{}</dl>|<dt><a href="{u}">{t}</a></dt><dd>{z}</dd>',
    "the day in large figures": '<ul>{}</ul>|<li><div class="date"><b>{dd}</b> <span>{ym}</span></div><a href="{u}">{t}</a></li>',
    "section before the title": '<ul>{}</ul>|<li>[<a href="/loan/">网贷资讯</a>] <a href="{u}">{t}</a> <span>{d}</span></li>',
    "picture and title": '<ul>{}</ul>|<li><a href="{u}"><img src="/{n}.jpg"></a><div><a href="{u}">{t}</a><p>{x}</p><span>{d}</span><a href="{u}">阅读全文</a></div></li>',
    "articles of a blog": '<main>{}</main>|<article class="post-{n} post"><header><h2><a href="{u}">{t}</a></h2><time datetime="{d}">{z}</time> <a href="/author/lin">林小舟的专栏</a></header><p>{x}</p></article>',
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_each_link_has_the_date_of_its_own_item(layout: str) -> None:
    around, _, shape = layout.partition("|")
    header = '<div class="top">今天是 2026年11月1日 星期日 <a href="/">网站首页</a></div>'
    footer = "<p>版权所有 2008-2026</p>"
    assert days_of(listed(header + around.format(rows(shape)) + footer)) == EXPECTED


def test_a_month_and_day_are_of_the_latest_such_day_and_say_so() -> None:
    found = listed(
        f"<ul>{rows('<li><a href={u}>{t}</a><span>{m}</span></li>', ('2026-01-03', '2025-12-30', '2025-12-28'))}</ul>"
    )
    assert [(each.value, each.note) for each in found] == [
        (day, "year inferred from the fetch time") for day in ("2026-01-03", "2025-12-30", "2025-12-28")
    ]


def test_relative_days_are_relative_to_the_capture_of_the_list_and_weeks_are_none() -> None:
    body = "<li><a href={u}>{t}</a><span>{d}</span></li>"
    assert [each.value for each in listed(f"<ul>{rows(body, ('3小时前', '昨天 10:20', '2天前'))}</ul>")] == [
        "2026-11-01", "2026-10-31T10:20+08:00", "2026-10-30",
    ]  # fmt: skip
    assert listed(f"<ul>{rows(body, ('2周前', '3周前', '2个月前'))}</ul>") == ()


THREADS = (
    '<tr><th><a href="{u}">{t}</a></th><td class="by"><a href="/u/{n}">路人甲</a><em>{d}</em></td><td>3/20</td>'
    '<td class="by"><a href="/u/9">路人乙</a><em><a href="/last/{n}">2026-10-30 10:20</a></em></td></tr>'
)


def test_of_the_two_dates_of_a_board_the_first_is_that_of_the_thread() -> None:
    found = listed(f"<table>{rows(THREADS)}</table>", url="http://news.example/forum-2-1.html")
    assert days_of(found) == EXPECTED


@pytest.mark.parametrize(
    "shape",
    [
        "<tr><td><a href={u}>{t}</a></td><td>路人</td><td>{d}</td></tr>",
        "<li><a href={u}>{t}</a><span class=reply_date>{d}</span></li>",
        "<li><a href={u}>{t}</a><span>最后回复：{d}</span></li>",
        "<li><a href={u}>{t}</a><span>{d} 更新</span></li>",
    ],
    ids=["head of the column", "class", "words before", "words after"],
)
def test_a_last_reply_or_an_update_is_no_date_of_publishing(shape: str) -> None:
    head = "<tr><td>主题</td><td>作者</td><td>最后回复</td></tr>" if shape.startswith("<tr") else ""
    found = listed(f"<table>{head}{rows(shape)}</table>" if head else f"<ul>{rows(shape)}</ul>")
    assert days_of(found) == {}
    assert days_of(found, "updated") == EXPECTED


ITEM = "<li><a href={u}>{t}</a><span>{d}</span></li>"
PLAIN = "<li><a href={u}>{t}</a></li>"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"<p>今天是 2024年5月6日</p><ul>{rows(PLAIN)}</ul>", id="the clock of the header"),
        pytest.param(f"<ul>{rows(PLAIN, DAYS[:5])}<li><a href=/a/9.html>网贷逾期之后怎么办才好</a><span>2024-05-06</span></li></ul>", id="one item only"),
        pytest.param(f"<ul>{rows(ITEM, DAYS[:2])}</ul>", id="two items"),
        pytest.param(f"<ul>{rows(ITEM).replace('/a/', 'http://other.example/a/')}</ul>", id="links to another site"),
        pytest.param("<ul>" + "".join(f'<li><a href="/a/1.html">{TITLES[1]}</a><span>{day}</span></li>' for day in DAYS) + "</ul>", id="one address, many days"),
        pytest.param(f"<ul>{rows('<li><a href={u}>{t}</a><p>{x}{z}，法院开庭审理此案，双方没有达成一致的意见，案件还在进一步审理当中。</p></li>')}</ul>", id="days in teasers"),
        pytest.param(f"<ul>{rows('<li><a href={u}>{t}</a><span>活动截止时间：{d}</span></li>')}</ul>", id="days of something else"),
        pytest.param(f"<ul>{rows('<li hidden><a href={u}>{t}</a><span>{d}</span></li>')}</ul>", id="hidden"),
    ],
)  # fmt: skip
def test_a_date_that_is_of_no_item_dates_nothing(body: str) -> None:
    assert listed(body) == ()


def test_a_list_shows_no_day_after_its_own_capture_or_last_change() -> None:
    later = rows(ITEM, ("2026-12-24", "2026-11-20", "2026-11-02", "2026-10-31"))
    assert [each.value for each in listed(f"<ul>{later}</ul>")] == ["2026-11-02", "2026-10-31"]
    changed = listed(f"<ul>{rows(ITEM)}</ul>", last_modified="Fri, 03 May 2024 10:00:00 GMT")
    assert max(days_of(changed).values()) == "2024-05-03"


def test_a_rejected_list_carries_its_dates_and_an_article_has_none() -> None:
    html = (
        f"<html><head><title>资讯列表_江湾网</title></head><body><h1>资讯列表</h1><ul>{rows(ITEM)}</ul></body></html>"
    )
    found = outcome(Page("http://news.example/list/", 200, (), html.encode(), NOW))
    assert isinstance(found, Rejection)
    assert (found.reason, days_of(found.listed)) == ("list-page", EXPECTED)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["<li>", "</li>", "<a href=/a/1>网贷逾期怎么办</a>", "<a href=/b>催收合法吗吗", "2024-05-06", "05-06", "3天前", "<td>", "<tr>", "<table>", "</table>", "<div>", "</div>", "<p>", "更新", "<br>"]), max_size=80))  # fmt: skip
def test_any_markup_is_read_to_its_end(pieces: list[str]) -> None:
    found = listed("".join(pieces))
    assert len({(each.url, each.role) for each in found}) == len(found)

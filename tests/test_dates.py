"""The forms of dates, and what makes one of a page's dates the answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import Page, Published
from crawler.date_forms import find_moments
from crawler.dates import days_of_url, latest
from crawler.extract import extract
from crawler.line_rules import fold

NOW = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # noon in China


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("2024-12-05 12:46:54", "2024-12-05T12:46:54+08:00"),
        ("2023年05月06日", "2023-05-06"),
        ("2023年5月6日 下午3:20", "2023-05-06T15:20+08:00"),
        ("2023 年 5 月 6 日", "2023-05-06"),
        ("２０２３年５月６日", "2023-05-06"),
        ("2004年10月21日14:18", "2004-10-21T14:18+08:00"),
        ("2024/5/6 1:02", "2024-05-06T01:02+08:00"),
        ("2024.05.06", "2024-05-06"),
        ("2022 05/06 08:35:21", "2022-05-06T08:35:21+08:00"),
        ("2022 05/ 06", "2022-05-06"),
        ("2024-05-06T10:00:00Z", "2024-05-06T18:00:00+08:00"),
        ("2024-05-06T10:00:00+0900", "2024-05-06T09:00:00+08:00"),
        ("2024年5月6日（星期一）10:20", "2024-05-06T10:20+08:00"),
        ("1998年3月号", "1998-03"),
        ("2021年", "2021"),
        ("二〇二三年五月六日", "2023-05-06"),
        ("二零一二年十二月三十日", "2012-12-30"),
        ("民國112年5月6日", "2023-05-06"),
        ("中華民國一百一十二年五月六日", "2023-05-06"),
        ("發布日期：112-05-06", "2023-05-06"),
        ("發布日期：112/5/6 10:20", "2023-05-06T10:20+08:00"),
        ("昨天 12:30", "2026-10-31T12:30+08:00"),
        ("前天08:00", "2026-10-30T08:00+08:00"),
        ("今天 09:15", "2026-11-01T09:15+08:00"),
        ("3小时前", "2026-11-01"),
        ("20分钟前", "2026-11-01T11:40+08:00"),
        ("2天前", "2026-10-30"),
        ("2周前", "2026-10-18"),
        ("3个月前", "2026-08"),
        ("2年前", "2024"),
        ("刚刚", "2026-11-01"),
        ("05-06 10:20", "2026-05-06T10:20+08:00"),
        ("12-28 10:20", "2025-12-28T10:20+08:00"),
        ("5月6日 10:20", "2026-05-06T10:20+08:00"),
        ("9/17/2004", "2004-09-17"),
        ("7/5/2005 9:23:57 PM", "2005-07-05T21:23:57+08:00"),
        ("06/02/2022 - 13:48", "2022-02-06"),
        ("May 6, 2023 10:00 am", "2023-05-06T10:00+08:00"),
        ("6 May 2023", "2023-05-06"),
        ("日期 06.05.2022", "2022-05-06"),
        ("五月 6, 2023", "2023-05-06"),
        ("5月 6, 2023 10:20", "2023-05-06T10:20+08:00"),
        ("十二月 31, 2022", "2022-12-31"),
        ("06 5月 2023", "2023-05-06"),
        ("6 十一月, 2022", "2022-11-06"),
        ("Thu May 05 10:20:30 CST 2005", "2005-05-05T10:20:30+08:00"),
        ("05年3月21日", "2005-03-21"),
    ],
)
def test_a_form_yields_its_moment(line: str, value: str) -> None:
    moments = find_moments(fold(line), NOW)
    assert [moment.value for moment in moments] == [value]


@pytest.mark.parametrize(
    "line",
    [
        "2023年13月45日",
        "2023-02-30",
        "192.168.10.12",
        "版权所有 2000-2024",
        "电话 010-12345678",
        "1975年1月28日出生",
        "今天的天气很好",
        "12/2005",
        "第5-6页",
        "112-05-06",
    ],
)
def test_what_is_no_day_yields_none(line: str) -> None:
    assert [moment.value for moment in find_moments(fold(line), NOW)] == []


def test_what_is_inferred_says_so() -> None:
    assert find_moments("05-06 10:20", NOW)[0].note == "year inferred from the fetch time"
    assert find_moments("昨天 12:30", NOW)[0].note == "relative to the fetch time"
    assert find_moments("05年3月21日", NOW)[0].note == "century inferred"


@given(st.text(alphabet="0123456789年月日-/.: 前天昨今时分小个周TZ+上下午〇一二十民国", max_size=60))
def test_moments_are_valid_in_order_and_apart(line: str) -> None:
    end = 0
    for moment in find_moments(line, NOW):
        assert end <= moment.start < moment.end <= len(line)
        end = moment.end
        shape = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}.get(moment.precision)
        if shape:
            datetime.strptime(moment.value, shape)  # noqa: DTZ007
        else:
            assert datetime.fromisoformat(moment.value).tzinfo is not None


@pytest.mark.parametrize(
    ("url", "days"),
    [
        ("https://a.cn/2005-03-31/1.html", ["2005-03-31"]),
        ("https://a.cn/20240513A00GCM00", ["2024-05-13"]),
        ("https://a.cn/n1/2024/0510/c1.html", ["2024-05-10"]),
        ("https://a.cn/050427/347/x.html", ["2005-04-27"]),
        ("https://a.cn/05/0425/08/x.html", ["2005-04-25"]),
        ("https://a.cn/2024/13/45/x.html", []),
        ("https://a.cn/202405/x.html", []),
        ("https://a.cn/a/20245132.html", []),
    ],
)
def test_days_are_read_from_addresses(url: str, days: list[str]) -> None:
    assert days_of_url(url) == days


def test_nothing_after_the_fetch_or_the_last_change_is_believed() -> None:
    page = Page("https://a.cn/", 200, (), b"", NOW)
    assert latest(page) == "2026-11-02"
    changed = Page("https://a.cn/", 200, (("last-modified", "Mon, 06 May 2024 10:00:00 GMT"),), b"", NOW)
    assert latest(changed) == "2024-05-07"
    broken = Page("https://a.cn/", 200, (("last-modified", "yesterday"),), b"", NOW)
    assert latest(broken) == "2026-11-02"


PROSE = "借款人逾期之后，可以先与平台协商延期或者分期，并保留全部通话录音和还款记录，必要时向监管部门投诉。" * 3


def published(byline: str, url: str = "https://example.com/a/1.html", after: str = "") -> Published:
    html = f"<h1>逾期以后怎样协商</h1>{byline}<p>{PROSE}</p>{after}"
    return extract(Page(url, 200, (), html.encode(), NOW)).published


@pytest.mark.parametrize(
    ("byline", "value", "updated", "source"),
    [
        pytest.param('<time datetime="2024-05-06T10:20:00+08:00">6个月前</time>', "2024-05-06T10:20:00+08:00", "", "time", id="relative words"),
        pytest.param(
            '<time class="published" datetime="2024-05-06"></time><time class="updated" datetime="2024-06-01"></time>',
            "2024-05-06",
            "2024-06-01",
            "time",
            id="updated apart",
        ),
        pytest.param('<time datetime="">2024-05-06</time>', "2024-05-06", "", "byline", id="no value"),
        pytest.param('<span title="2023-02-03 11:22">3年前</span>', "2023-02-03T11:22+08:00", "", "time", id="title of a relative time"),
        pytest.param('<span title="2023年02月03日 11:22更新">3年前</span>', "2023-02-03T11:22+08:00", "2023-02-03T11:22+08:00", "time", id="title of an update"),
        pytest.param('<div title="2023年消费报告">3年前</div>', "", "", "", id="a title that is none"),
        pytest.param('<time datetime="PT5M">阅读约5分钟</time>', "", "", "", id="a duration"),
    ],
)  # fmt: skip
def test_time_elements_are_read(byline: str, value: str, updated: str, source: str) -> None:
    found = published(byline)
    assert (found.value, found.updated, found.source) == (value, updated, source)


def test_a_date_among_the_comments_is_not_the_articles() -> None:
    comments = (
        "<h3>2 条评论</h3><div><a href=/u/1>小北</a><p>写得真好，已经转给家里人看了。</p><span>2022-12-04</span></div>"
    )
    assert published("", after=f"<p>编辑于 2022-12-03 14:05</p>{comments}").value == "2022-12-03T14:05+08:00"
    assert published("", after=comments).value == ""


@pytest.mark.parametrize(
    ("byline", "value"),
    [
        ("<p><a href=/a/1.html>2024-05-06 10:20</a></p>", "2024-05-06T10:20+08:00"),
        ("<p><a href=/a/1.html>发布于2024-05-06 10:20</a> · 来自江湾</p>", "2024-05-06T10:20+08:00"),
        ("<p><a href=/a/2.html>2024-05-06 信用卡逾期怎样与银行协商还款</a></p>", ""),
        ("<p><a href=/old/>2024年05月06日查看旧版（2007年11月18日以前）</a></p>", ""),
    ],
    ids=["permalink", "with a label", "another story", "an archive"],
)
def test_a_date_that_leads_to_the_page_itself_is_its_own(byline: str, value: str) -> None:
    assert published(byline).value == value


def test_the_time_of_the_last_answer_is_not_that_of_the_question() -> None:
    assert published("<p>4 条回复 • 2021-05-07 08:10</p>").value == ""


def test_the_address_settles_the_year_of_a_day_without_one() -> None:
    found = published("<p class=time>05-06 10:20</p>", url="https://example.com/2021/0506/1.html")
    assert (found.value, found.note) == ("2021-05-06T10:20+08:00", "year taken from the address")
    assert published("<p class=time>05-06 10:20</p>", url="https://example.com/2021/0507/1.html").value[:4] == "2026"


@pytest.mark.parametrize(
    ("script", "value"),
    [
        pytest.param('<script>var ct = "1715580000";</script>', "2024-05-13T14:00:00+08:00", id="WeChat"),
        pytest.param("<script>page={publishTime:'2024-05-13 14:00'}</script>", "2024-05-13T14:00+08:00", id="a field"),
        pytest.param("<script>a={ctime:1715580000,list:[{ctime:1600000000}]}</script>", "", id="several days"),
        pytest.param("<!-- publishtime=2024-05-13 -->", "", id="a comment"),
        pytest.param('<script>var act = "1715580000"</script>', "", id="another name"),
    ],
)
def test_a_script_is_asked_only_where_it_names_one_day(script: str, value: str) -> None:
    assert published("", after=script).value == value
    assert published("<p>发布时间：2020-01-02</p>", after=script).value == "2020-01-02"


def test_an_update_stands_in_for_a_date_of_publishing_with_less_confidence_unless_the_address_names_its_day() -> None:
    alone = published("<p>2024-05-06 10:20更新</p>")
    dated = published("<p>2024-05-06 10:20更新</p>", url="https://example.com/2024/0506/1.html")
    stated = published("<p>发布时间：2024-05-06 10:20</p>")
    assert alone.value == alone.updated == dated.value == stated.value
    assert (alone.note, stated.note) == ("only an update is shown", "")
    assert alone.confidence < 0.75 < stated.confidence <= dated.confidence

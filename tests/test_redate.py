"""Articles without a date of their own are dated by the lists of their site; the same whenever the pass runs."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from pathlib import Path

import pytest

from corpus.date_store import forget_listed
from corpus.records import DateCandidate, Page, Published
from corpus.store import transaction
from corpus.takedown import take_down
from corpus.workspace import open_corpus
from crawler.dates import CONFIDENCE, LIST, choose, with_listed
from crawler.derive import derive
from crawler.extract import extract
from crawler.inspect import inspect
from crawler.serving import open_datasette
from tests.making import NOON, page
from tests.test_extract_golden import GOLDEN, PAGES, read_page
from tests.test_list_dates import TITLES
from tests.test_parity import rows
from tests.test_reshape import part_page, process, story

SITE = "http://news.example"


def listing(days: dict[int, str], url: str = f"{SITE}/list/", hours: float = 0, **headers: str) -> Page:
    """A list page that shows a day beside the link to each numbered article, and to four others."""
    days = days | dict.fromkeys(range(21, 25), "2024-12-01")
    items = "".join(
        f'<li><a href="{SITE}/a/{number}.html">{TITLES[number % 6]}</a><span>{day}</span></li>'
        for number, day in days.items()
    )
    html = f"<html><head><title>资讯列表</title></head><body><p>今天是 2026年3月1日</p><ul>{items}</ul></body></html>"
    return page(html, url=url, hours=hours, **headers)


def article(number: int, byline: str = "", hours: float = 0, **headers: str) -> Page:
    body = story(number).replace("</h1>", f"</h1>{byline}")
    return page(body, url=f"{SITE}/a/{number}.html", hours=hours, **headers)


DAYS = {1: "2025-05-06", 2: "2025-05-05", 3: "2025-05-03", 4: "2025-04-28"}


def found(workspace: Path, number: int = 1) -> sqlite3.Row:
    with open_corpus(workspace) as connection:
        row = connection.execute("SELECT * FROM articles WHERE url = ?", (f"{SITE}/a/{number}.html",)).fetchone()
        assert isinstance(row, sqlite3.Row)
        return row


def dates(row: sqlite3.Row) -> tuple[str, str, int]:
    return row["published"], row["published_source"], row["published_conflict"]


def test_a_list_dates_an_article_that_shows_no_date_and_says_where(tmp_path: Path) -> None:
    process(tmp_path, [listing(DAYS), article(1)])
    row = found(tmp_path)
    assert dates(row) == ("2025-05-06", LIST, 0)
    assert row["published_confidence"] == CONFIDENCE[LIST]
    (candidate,) = (DateCandidate(*each) for each in json.loads(row["date_candidates"]))
    assert candidate.where == f"2025-05-06 @ {SITE}/list/, captured 2026-03-01T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("byline", "expected", "surer"),
    [
        pytest.param("<p>发布时间：2025-05-06 10:20</p>", ("2025-05-06T10:20+08:00", "byline", 0), 0.05, id="confirms"),
        pytest.param("<p>发布时间：2025-03-01</p>", ("2025-03-01", "byline", 1), 0.0, id="contradicts"),
        pytest.param("<p>更新时间：2025-06-01</p>", ("2025-05-06", LIST, 0), None, id="beside an update"),
    ],
)  # fmt: skip
def test_a_list_confirms_or_contradicts_what_the_article_says(
    tmp_path: Path, byline: str, expected: tuple[str, str, int], surer: float | None
) -> None:
    process(tmp_path / "with", [listing(DAYS), article(1, byline)])
    process(tmp_path / "without", [article(1, byline)])
    row, alone = found(tmp_path / "with"), found(tmp_path / "without")
    assert dates(row) == expected
    assert row["updated"] == alone["updated"]
    if surer is not None:
        gained = row["published_confidence"] - alone["published_confidence"]
        assert gained > 0 if surer else gained == 0


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        pytest.param([listing(DAYS, url="http://other.example/list/"), article(1)], ("", "", 0), id="a list of another site"),
        pytest.param([listing(DAYS), listing({**DAYS, 1: "2025-05-20"}, f"{SITE}/front/"), article(1)], ("2025-05-06", LIST, 1), id="two lists that disagree"),
        pytest.param([listing(DAYS), listing(DAYS, f"{SITE}/front/"), article(1)], ("2025-05-06", LIST, 0), id="two lists that agree"),
        pytest.param([listing({**DAYS, 1: "2026-02-20"}), article(1, last_modified="Tue, 03 Feb 2026 10:00:00 GMT")], ("", "", 0), id="later than the article's last change"),
        pytest.param([listing({**DAYS, 1: "2026-04-20"}, hours=2000), article(1)], ("", "", 0), id="later than the article's capture"),
        pytest.param([listing({**DAYS, 1: "04-28"}, hours=9000), listing({**DAYS, 1: "04-28"}, f"{SITE}/front/"), article(1, hours=9100)], ("2025-04-28", LIST, 0), id="an inferred year later than the first listing"),
        pytest.param([listing(dict.fromkeys(DAYS, "05-06")), article(1)], ("2025-05-06", LIST, 0), id="a year inferred"),
        pytest.param([listing(DAYS), page(story(1), url="https://news.example/a/1.html")], None, id="https"),
    ],
)  # fmt: skip
def test_what_lists_may_say(tmp_path: Path, pages: list[Page], expected: tuple[str, str, int] | None) -> None:
    process(tmp_path, pages)
    if expected is None:
        with open_corpus(tmp_path) as connection:
            (row,) = connection.execute("SELECT * FROM articles").fetchall()
        assert dates(row) == ("2025-05-06", LIST, 0)
    else:
        assert dates(found(tmp_path)) == expected


def everything() -> list[Page]:
    """Lists, articles with and without dates, in parts, with a site's closing line, some captured again."""
    closing = "本站文章由江湾资料室整理，转载请注明出处"
    stories = [page(story(n, closing=closing), url=f"{SITE}/a/{n}.html") for n in range(1, 6)]
    listed = {1: "2025-05-06", 2: "2025-05-05", 3: "2025-05-03", 4: "2025-04-28", 5: "2025-04-27"}
    again = page(story(2, closing=closing) + "<p>另有补充的说明在后面一并给出。</p>", url=f"{SITE}/a/2.html", hours=30)
    parts = [part_page(number) for number in (1, 2, 3)]
    front = (
        "<html><head><title>资讯列表</title></head><body><ul>"
        + "".join(f'<li><a href="{SITE}/a/{name}">{TITLES[1]}</a> 2025-01-0{at}</li>' for at, name in enumerate(("report.html", "7.html", "8.html", "9.html", "10.html", "11.html", "12.html"), 1))
        + "</ul></body></html>"
    )  # fmt: skip
    return [
        listing(listed), *stories, listing({**listed, 3: "2025-05-13"}, f"{SITE}/list/2/", hours=5), again, *parts,
        page(front, url=f"{SITE}/reports/"), article(6, "<p>发布时间：2025-02-01</p>"), listing({**DAYS, 6: "2025-02-01"}, f"{SITE}/l/3/"),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_pages_one_run_at_a_time_in_any_order_give_the_same_rows(tmp_path: Path, seed: int) -> None:
    pages = everything()
    process(tmp_path / "at once", pages)
    random.Random(seed).shuffle(pages)
    for number, each in enumerate(pages):
        process(tmp_path / "one by one", [each], run=f"run{number}")
    before = rows(tmp_path / "at once")
    assert rows(tmp_path / "one by one") == before
    derive(tmp_path / "at once", jobs=1, rebuild=True)
    assert rows(tmp_path / "at once") == before
    with open_corpus(tmp_path / "at once") as connection:
        told = dict(connection.execute("SELECT url, published || ' ' || published_conflict FROM articles").fetchall())
    assert told[f"{SITE}/a/1.html"] == "2025-05-06 0"
    assert told[f"{SITE}/a/3.html"] == "2025-05-03 1"
    assert told[f"{SITE}/a/report.html"] == "2025-01-01 0"


def test_the_laws_in_force_follow_the_date_that_a_list_gives(tmp_path: Path) -> None:
    law = "<p>根据《中华人民共和国合同法》第二百零六条，借款人应当按照约定的期限返还借款。</p>"
    old = article(1, law)
    process(tmp_path / "without", [old])
    process(tmp_path / "with", [old, listing(dict.fromkeys(DAYS, "2019-05-06"))])
    in_force = []
    for name in ("without", "with"):
        with open_corpus(tmp_path / name) as connection:
            in_force += [row[0] for row in connection.execute("SELECT in_force FROM facets WHERE kind = 'law'")]
    assert in_force == ["", "yes"]


def test_a_list_that_is_withdrawn_dates_nothing_any_more(tmp_path: Path) -> None:
    process(tmp_path, [listing(DAYS), article(1)])
    with open_corpus(tmp_path, write=True) as connection, transaction(connection):
        captures = [row[0] for row in connection.execute("SELECT capture_id FROM listed_dates")]
        forget_listed(connection, captures, [])
    derive(tmp_path, jobs=1)
    assert dates(found(tmp_path)) == ("", "", 0)
    assert found(tmp_path)["date_candidates"] == "[]"


@pytest.mark.parametrize("url", [f"{SITE}/a/1.html", f"{SITE}/list/"], ids=["an article", "a list"])
def test_what_lists_say_of_a_withdrawn_page_is_withdrawn_and_stays_so(tmp_path: Path, url: str) -> None:
    process(tmp_path, [listing(DAYS), listing(DAYS, f"{SITE}/front/"), article(1), article(2)])
    take_down(
        tmp_path,
        kind="url",
        value=url,
        moderator="lin",
        why="request",
        now=NOON,
        settle=lambda path: derive(path, jobs=1),
    )
    for rebuild in (False, True):
        derive(tmp_path, jobs=1, rebuild=rebuild)
        with open_corpus(tmp_path) as connection:
            listed = [row[0] for row in connection.execute("SELECT url FROM listed_dates WHERE url LIKE '%/a/1.html'")]
        assert len(listed) == (0 if url.endswith("1.html") else 1)
        assert url not in found(tmp_path, 2)["date_candidates"]
        assert dates(found(tmp_path, 2)) == ("2025-05-05", LIST, 0)


def test_inspect_asks_the_lists_of_the_workspace(tmp_path: Path) -> None:
    process(tmp_path, [listing(DAYS), article(1)])
    told = inspect(article(1), workspace=tmp_path)["published"]
    assert isinstance(told, dict)
    assert (told["value"], told["source"]) == ("2025-05-06", LIST)
    assert inspect(article(1), workspace=tmp_path / "nothing here")["published"] != told
    rejected = inspect(listing(DAYS))["listed_dates"]
    assert isinstance(rejected, list)
    assert rejected[0]["value"] == "2025-05-06"


def test_the_page_of_an_article_says_which_list_dated_it(tmp_path: Path) -> None:
    process(tmp_path, [listing(DAYS), listing({**DAYS, 1: "2025-05-20"}, f"{SITE}/front/"), article(1)])
    number = found(tmp_path)["number"]

    async def shown() -> str:
        datasette = open_datasette(tmp_path)
        await datasette.invoke_startup()
        return str((await datasette.client.get(f"/corpus/articles/{number}")).text)

    html = asyncio.run(shown())
    assert "本站列表页" in html
    assert f"2025-05-06 @ {SITE}/list/, captured 2026-03-01" in html
    assert f"2025-05-20 @ {SITE}/front/" in html
    assert "可信的日期互相矛盾" in html


def test_a_short_list_without_text_of_its_own_dates_articles_too(tmp_path: Path) -> None:
    items = "".join(f'<li><a href="/a/{n}.html">{TITLES[n]}</a><span>2025-05-0{n}</span></li>' for n in (1, 2, 3))
    html = (
        f"<html><head><title>资讯</title></head><body><p>今天是 2026年3月1日 星期日</p><ul>{items}</ul></body></html>"
    )
    process(tmp_path, [page(html, url=f"{SITE}/short/"), article(1)])
    assert dates(found(tmp_path)) == ("2025-05-01", LIST, 0)


@pytest.mark.parametrize(
    "folder", [each for each in PAGES if each.name.startswith(("date", "layout"))], ids=lambda f: f.name
)
def test_an_answer_depends_on_its_candidates_alone(folder: Path) -> None:
    """So that the pass can settle it anew from what is stored."""
    if "rejected" in json.loads((GOLDEN / folder.name / "expected.json").read_text(encoding="utf-8")):
        return
    published = extract(read_page(folder)).published
    assert with_listed(published, (), "http://a.example/") == published
    assert choose(published.candidates).value == published.value


def test_a_year_taken_from_the_address_settles_a_day_of_a_list() -> None:
    listed = DateCandidate(
        "2025-05-06", "day", LIST, "published", CONFIDENCE[LIST], "", "year inferred from the fetch time"
    )
    told = with_listed(Published(latest="2026-01-01"), (listed,), "http://a.example/2021/0506/1.html")
    assert (told.value, told.note) == ("2021-05-06", "year taken from the address")

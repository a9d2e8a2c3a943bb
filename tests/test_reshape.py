"""Articles in parts become one, and what a site repeats leaves its texts; the same whenever the pass runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from corpus import warc
from corpus.records import Page
from corpus.workspace import archive_folder, open_corpus
from crawler.derive import derive
from tests.making import page
from tests.test_parity import rows

SENTENCES = (
    "催收人员应当表明身份，不得在夜间拨打电话，也不得向无关的第三人透露欠款。",
    "借款人可以要求平台提供合同与还款明细，核对利息和罚息是否超过法律的上限。",
    "协商分期之前，先列出每一笔债务的本金、期限和利率，再决定先还哪一笔。",
    "收到自称法院的短信，应当拨打公开的服务电话核实，不要点击短信里的链接。",
    "逾期记录自还清之日起保存五年，任何收费删除记录的承诺都不可信。",
    "委托第三方机构催收的，平台仍然要对其行为负责，并保存录音备查。",
    "小额贷款公司的综合成本应当明示，不得以服务费的名义变相收取利息。",
)
FOOTER = "本站文章由江湾资料室整理，转载请注明出处"


def story(number: int, *, closing: str = "") -> str:
    """A page of its own wording, number by number; ``closing`` is the site's last line."""
    body = "".join(f"<p>{SENTENCES[(number + at * 3) % 7]}第{number * 7 + at}例。</p>" for at in range(5))
    closed = f"<p>{closing}</p>" if closing else ""
    return (
        f"<html><head><title>第{number}篇说明</title></head><body><article><h1>第{number}篇说明</h1>"
        f"{body}{closed}</article></body></html>"
    )


def part(number: int, last: int) -> str:
    following = f'<a href="/a/report_{number + 1}.html">下一页</a>' if number < last else ""
    body = "".join(f"<p>{SENTENCES[(number * 2 + at) % 7]}第{number}部分第{at}段。</p>" for at in range(4))
    return (
        f"<html><head><title>长篇调查</title></head><body><article><h1>长篇调查</h1>{body}</article>"
        f"{following}</body></html>"
    )


def part_page(number: int, last: int = 3, hours: float = 0) -> Page:
    name = "report.html" if number == 1 else f"report_{number}.html"
    return page(part(number, last), url=f"http://news.example/a/{name}", hours=hours)


def process(workspace: Path, pages: Iterable[Page], run: str = "one") -> None:
    with warc.Writer(archive_folder(workspace), run=run, durable=False) as writer:
        for each in pages:
            writer.write(each)
    derive(workspace, jobs=1)


def test_the_parts_of_an_article_become_one(tmp_path: Path) -> None:
    process(tmp_path, [part_page(number) for number in (1, 2, 3)])
    with open_corpus(tmp_path) as connection:
        (row,) = connection.execute("SELECT id, url, clean_text, flags FROM articles").fetchall()
        roles = connection.execute("SELECT role, part FROM article_captures ORDER BY part").fetchall()
        gone = connection.execute("SELECT count(*) FROM article_redirects WHERE article_id = ?", (row["id"],))
        assert gone.fetchone()[0] == 2
    assert row["url"] == "http://news.example/a/report.html"
    assert [f"第{number}部分" in row["clean_text"] for number in (1, 2, 3)] == [True] * 3
    assert "stitched" in row["flags"]
    assert [tuple(role) for role in roles] == [("page", 1), ("part", 2), ("part", 3)]


def test_a_part_after_a_gap_stays_an_article_of_its_own(tmp_path: Path) -> None:
    process(tmp_path, [part_page(number, last=4) for number in (1, 2, 4)])
    with open_corpus(tmp_path) as connection:
        texts = dict(connection.execute("SELECT url, clean_text FROM articles").fetchall())
    assert sorted(texts) == ["http://news.example/a/report.html", "http://news.example/a/report_4.html"]
    assert "第2部分" in texts["http://news.example/a/report.html"]


@pytest.mark.parametrize("order", [(3, 2, 1), (2, 1, 3), (1, 3, 2)], ids=str)
def test_parts_that_arrive_one_run_at_a_time_give_the_same_rows(tmp_path: Path, order: tuple[int, ...]) -> None:
    process(tmp_path / "at once", [part_page(number) for number in (1, 2, 3)])
    for number in order:
        process(tmp_path / "one by one", [part_page(number)], run=f"run{number}")
    assert rows(tmp_path / "one by one") == rows(tmp_path / "at once")


def test_a_part_that_is_captured_again_is_taken_in_again(tmp_path: Path) -> None:
    pages = [part_page(number) for number in (1, 2, 3)]
    later = page(part(2, 3).replace("第2部分", "更正后的第2部分"), url=pages[1].url, hours=5)
    process(tmp_path, pages)
    process(tmp_path, [later], run="two")
    with open_corpus(tmp_path) as connection:
        (row,) = connection.execute("SELECT clean_text FROM articles").fetchall()
    assert "更正后的第2部分" in row["clean_text"]


def test_a_line_that_closes_a_sites_articles_is_removed_with_its_reason(tmp_path: Path) -> None:
    stories = [page(story(n, closing=FOOTER), url=f"http://news.example/a/{n}.html") for n in range(1, 8)]
    process(tmp_path, stories)
    with open_corpus(tmp_path) as connection:
        texts = [row[0] for row in connection.execute("SELECT text FROM articles")]
        removed = connection.execute("SELECT count(*) FROM removed_blocks WHERE text = ?", (FOOTER,)).fetchone()[0]
    assert len(texts) == 7
    assert not [text for text in texts if FOOTER in text]
    assert removed == 7


def test_boilerplate_that_shows_late_leaves_the_earlier_articles_too(tmp_path: Path) -> None:
    stories = [page(story(n, closing=FOOTER), url=f"http://news.example/a/{n}.html") for n in range(1, 8)]
    process(tmp_path / "at once", stories)
    for number, each in enumerate(stories):
        process(tmp_path / "one by one", [each], run=f"run{number}")
    assert rows(tmp_path / "one by one") == rows(tmp_path / "at once")

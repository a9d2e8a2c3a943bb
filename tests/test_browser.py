"""Readers' pages in a real browser: Debian's Chromium over Datasette on loopback, with the sample web and a hostile page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.sample_corpus import HOSTILE_URL, sample_corpus
from tests.served import browser, moderated, serving, sign_in

__all__ = ["browser", "moderated", "sample_corpus"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(sample_corpus: Path) -> Iterator[str]:
    with serving(sample_corpus) as found:
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that notes every request, every error and every breach of the content security policy."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    opened = context.new_page()
    opened.requests, opened.errors = [], []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.on("console", lambda line: opened.errors.append(line.text) if line.type == "error" else None)
    yield opened
    context.close()


def hosts(page: Any) -> set[str]:
    return {urlsplit(url).netloc for url in page.requests if not url.startswith("data:")}


@pytest.mark.parametrize(
    ("typed", "marked"), [("催收", {"催收"}), ("網絡貸款", {"网络贷款", "网贷"})], ids=["simplified", "traditional"]
)
def test_a_search_leads_to_an_article(page: Any, address: str, typed: str, marked: set[str]) -> None:
    page.goto(address)
    page.fill("input[name=q]", typed)
    page.press("input[name=q]", "Enter")
    page.wait_for_selector(".hit")
    assert marked & set(page.locator(".hit mark").all_inner_texts())
    page.click(".hit h2 a >> nth=0")
    page.wait_for_selector("article.reader h1")
    assert page.errors == []
    assert hosts(page) == {urlsplit(address).netloc}


def test_a_facet_narrows_the_results(page: Any, address: str) -> None:
    page.goto(f"{address}/-/search?q=催收")
    before = page.locator(".summary b").inner_text()
    page.click(".facets details >> nth=0 >> a >> nth=1")
    page.wait_for_selector(".hit")
    assert int(page.locator(".summary b").inner_text()) < int(before)
    assert "topic:" in page.input_value("input[name=q]")


def test_a_bar_of_a_chart_leads_to_its_rows(page: Any, address: str) -> None:
    page.goto(address)
    bar = page.locator("#chart-topic tbody tr").first
    page.locator("#chart-topic tbody tr a").first.click()
    page.wait_for_selector(".hit")
    assert "topic:" in page.input_value("input[name=q]")
    assert bar is not None


def test_edits_can_be_hidden_and_the_published_text_put_away(page: Any, address: str) -> None:
    sql = "select article_id from edits where rule='annotation' group by 1 order by count(*) desc limit 1"
    rows = page.request.get(f"{address}/corpus.json", params={"sql": sql, "_shape": "arrays"}).json()["rows"]
    page.goto(f"{address}/-/article/{rows[0][0]}")
    assert page.locator("p.published").first.is_visible()
    page.uncheck("#show-published")
    assert not page.locator("p.published").first.is_visible()
    page.uncheck("#show-edits")
    assert "unmarked" in str(page.get_attribute("#panes", "class"))
    assert page.errors == []


def test_no_script_of_a_page_runs_and_no_request_leaves(page: Any, address: str) -> None:
    sql = f"select number from articles where url = '{HOSTILE_URL}'"
    answer = page.request.get(f"{address}/corpus.json", params={"sql": sql, "_shape": "arrays"}).json()
    number = answer["rows"][0][0]
    for path in (
        f"/corpus/articles/{number}", "/", "/-/search?q=保留录音", "/corpus/articles", f"/corpus?sql=select+*+from+articles+where+number={number}",
    ):  # fmt: skip
        page.goto(address + path)
        assert page.evaluate("window.hit") is None, path
    assert hosts(page) == {urlsplit(address).netloc}
    assert page.errors == []


@pytest.mark.parametrize("path", ["/", "/-/search?q=催收", "/corpus/articles/1"])
def test_a_page_fits_a_phone(page: Any, address: str, path: str) -> None:
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.errors == []


def test_everything_is_readable_without_script(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"{address}/corpus/articles/1")
    assert opened.locator("#text p").count() > 0
    opened.goto(f"{address}/-/search?q=催收")
    assert opened.locator(".hit").count() > 0
    context.close()


def test_a_moderator_signs_in_rules_by_keyboard_skips_and_takes_back(page: Any, moderated: str) -> None:
    sign_in(page, moderated)
    page.goto(f"{moderated}/-/review")
    page.evaluate("window.here = true")
    first = page.input_value("form.rulings input[name=article]")
    page.keyboard.press("s")
    page.wait_for_selector("[role=status]")
    second = page.input_value("form.rulings input[name=article]")
    assert second != first
    page.keyboard.press("n")
    page.locator("[role=status]", has_text="skipped").wait_for()
    assert page.input_value("form.rulings input[name=article]") not in (first, second)
    page.keyboard.press("z")
    page.locator("[role=status]", has_text="taken back").wait_for()
    assert page.input_value("form.rulings input[name=article]") == first
    assert page.evaluate("window.here") is True, "the page was loaded anew"
    page.goto(f"{moderated}/-/review/history")
    assert page.locator("tbody tr").count() == 2
    assert page.errors == []


def test_a_month_of_the_chart_leads_to_the_articles_of_that_month(page: Any, address: str) -> None:
    page.goto(address)
    bar = page.locator("#chart-month tbody tr").first
    label, number = bar.locator("th").inner_text(), bar.locator("text").text_content()
    bar.locator("a").click()
    page.wait_for_selector("table.rows-and-columns")
    assert page.locator("td.col-published").count() == int(str(number))
    assert {text[:7] for text in page.locator("td.col-published").all_inner_texts()} == {label}
    page.goto(address)
    page.locator("#chart-month a.sql").click()
    page.wait_for_selector("table.rows-and-columns")
    assert label in page.locator("td.col-month").all_inner_texts()


def test_holes_can_be_put_away_and_evidence_is_marked(page: Any, address: str) -> None:
    sql = "select article_id from holes group by 1 order by count(*) desc limit 1"
    rows = page.request.get(f"{address}/corpus.json", params={"sql": sql, "_shape": "arrays"}).json()["rows"]
    page.goto(f"{address}/-/article/{rows[0][0]}")
    hole = page.locator("#panes ins.hole").first
    assert hole.is_visible()
    assert hole.inner_text().startswith("〔")
    page.uncheck("#show-holes")
    assert not hole.is_visible()
    assert page.locator("#panes .evidence").count() > 0
    assert "证据" in str(page.locator("#panes .evidence").first.get_attribute("title"))
    assert page.errors == []


def test_sites_are_ruled_on_by_keyboard_and_taken_back(page: Any, moderated: str) -> None:
    sign_in(page, moderated)
    page.goto(f"{moderated}/-/review/sites")
    page.evaluate("window.here = true")
    first = page.input_value("form.rulings input[name=site]")
    page.keyboard.press("n")
    page.locator("[role=status]", has_text="skipped").wait_for()
    second = page.input_value("form.rulings input[name=site]")
    page.keyboard.press("f")
    page.keyboard.type("批量拼接")
    page.keyboard.press("Enter")
    page.locator("[role=status]", has_text="已认定为垃圾网站").wait_for()
    assert page.input_value("form.rulings input[name=site]") not in (first, second)
    page.keyboard.press("z")
    page.locator("[role=status]", has_text="尚无裁定").wait_for()
    assert page.input_value("form.rulings input[name=site]") == second
    assert page.evaluate("window.here") is True, "the page was loaded anew"
    assert page.errors == []

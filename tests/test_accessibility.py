"""No page puts a serious barrier before anybody: axe-core in Debian's Chromium, every kind of page, two widths."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.axe import fetch, violations
from tests.sample_corpus import sample_corpus
from tests.served import browser, moderated, sign_in

__all__ = ["browser", "moderated", "sample_corpus"]
pytestmark = pytest.mark.browser
WIDTHS = (1280, 390)
BUSIEST = "(SELECT article_id FROM {} GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    return fetch(tmp_path_factory.mktemp("axe"))


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def pages(workspace: Path) -> dict[str, str]:
    """The path of each kind of page that readers see."""
    with closing(sqlite3.connect(workspace / "corpus.db")) as connection:

        def one(sql: str) -> str:
            return str(connection.execute(sql).fetchone()[0])

        return {
            "home": "/",
            "search": "/-/search?q=催收",
            "how to search": "/-/search",
            "nothing found": "/-/search?q=没有这样的词语啊",
            "bad query": "/-/search?q=(催收",
            "article with edits": "/-/article/" + one("SELECT id FROM articles WHERE id = " + BUSIEST.format("edits")),
            "article with holes": "/-/article/" + one("SELECT id FROM articles WHERE id = " + BUSIEST.format("holes")),
            "cluster": "/-/cluster/" + one("SELECT id FROM clusters ORDER BY size DESC, id LIMIT 1"),
            "template": "/-/template/" + one("SELECT id FROM templates ORDER BY size DESC, id LIMIT 1"),
            "site": "/-/site/" + one("SELECT site FROM sites WHERE network_id != '' ORDER BY score DESC, site LIMIT 1"),
            "network": "/-/network/" + one("SELECT id FROM networks ORDER BY sites DESC, id LIMIT 1"),
            "methods": "/-/methods",
            "sign in": "/-/login",
            "not found": "/-/cluster/none",
            "forbidden": "/-/review",
            "database": "/corpus",
            "view": "/corpus/corpus_articles",
            "table": "/corpus/articles",
            "canned query": "/corpus/by_topic",
            "SQL": "/corpus?sql=select+*+from+articles+limit+3",
        }


def barriers(page: Any, axe: str, address: str, paths: dict[str, str]) -> list[str]:
    found = []
    for name, path in paths.items():
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (
                f"{name} is wider than {width} pixels"
            )
            found += [f"{name}, {width} px: {each}" for each in violations(page, axe)]
    return found


def test_axe_finds_a_barrier_where_there_is_one(page: Any, axe: str) -> None:
    page.set_content("<html lang=zh><title>t</title><main><img src=x><input></main>")
    assert {each.split()[1] for each in violations(page, axe)} >= {"image-alt:", "label:"}


def test_readers_meet_no_serious_barrier(page: Any, axe: str, sample_corpus: Path, moderated: str) -> None:
    assert barriers(page, axe, moderated, pages(sample_corpus)) == []


def test_moderators_meet_no_serious_barrier(page: Any, axe: str, sample_corpus: Path, moderated: str) -> None:
    sign_in(page, moderated)
    seen = pages(sample_corpus)
    paths = {name: seen[name] for name in ("home", "article with edits", "site")}
    paths |= {"queue": "/-/review", "queue of sites": "/-/review/sites", "history": "/-/review/history"}
    assert barriers(page, axe, moderated, paths) == []


def test_the_dark_colours_have_contrast_too(browser: Any, axe: str, sample_corpus: Path, moderated: str) -> None:
    context = browser.new_context(color_scheme="dark")
    seen = pages(sample_corpus)
    names = ("home", "search", "article with edits", "article with holes", "site", "network", "methods", "sign in")
    assert barriers(context.new_page(), axe, moderated, {name: seen[name] for name in names}) == []
    context.close()

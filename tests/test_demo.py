"""The main job on the sample web, run once as a user runs it, and held to what is true of each page."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import InputError
from corpus.urls import canonical_url
from corpus.workspace import open_corpus
from crawler.demo.run import clear
from crawler.demo.web import manifest
from crawler.derive import derive
from crawler.ingest import ingest
from tests.test_parity import rows

PROJECT = Path(__file__).parent.parent


def cuishou(workspace: Path, *arguments: str) -> str:
    """The output of a command, run as the console script runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "crawler.cli", "-C", str(workspace), *arguments],
        cwd=PROJECT, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    workspace = tmp_path_factory.mktemp("demo") / "workspace"
    return workspace, json.loads(cuishou(workspace, "demo", "--no-serve", "--json"))


@pytest.fixture
def corpus(demo: tuple[Path, dict[str, Any]]) -> Iterator[sqlite3.Connection]:
    with open_corpus(demo[0]) as connection:
        yield connection


def test_every_page_that_answers_is_captured_once(corpus: sqlite3.Connection) -> None:
    captured = Counter(row[0] for row in corpus.execute("SELECT url FROM captures"))
    wanted = {
        canonical_url(made.url)
        for made in manifest()
        if made.status == 200 and not made.behaviour and made.kind in ("article", "thread", "part", "list")
    }
    refused = {canonical_url(made.url) for made in manifest() if "robots" in made.outcomes}
    assert wanted - refused <= set(captured)
    assert not refused & set(captured)
    assert set(captured.values()) == {1}


def test_articles_are_kept_and_nothing_is_dropped_without_a_reason(corpus: sqlite3.Connection) -> None:
    kept = {
        row[0]
        for row in corpus.execute("SELECT url FROM articles UNION SELECT url FROM captures WHERE outcome = 'kept'")
    }
    articles = {canonical_url(made.url) for made in manifest() if made.outcome == "kept" and made.status == 200}
    assert len(articles - kept) <= 0.02 * len(articles)
    (unexplained,) = corpus.execute(
        "SELECT count(*) FROM captures WHERE outcome != 'kept' AND id NOT IN (SELECT capture_id FROM rejections)"
    ).fetchone()
    assert unexplained == 0


def test_dates_are_those_of_the_pages(corpus: sqlite3.Connection) -> None:
    found = {row[0]: row[1] for row in corpus.execute("SELECT url, published FROM articles")}
    dated = [made for made in manifest() if made.published and canonical_url(made.url) in found]
    right = [made for made in dated if found[canonical_url(made.url)].startswith(made.published.replace(" ", "T")[:10])]
    assert len(right) >= 0.98 * len(dated)


def test_the_counts_tell_what_is_in_the_corpus(demo: tuple[Path, dict[str, Any]], corpus: sqlite3.Connection) -> None:
    counts = demo[1]
    assert counts["fetched"] >= 300
    assert counts["sites"] >= 12
    assert counts["kept"] == sum(number for _, number in counts["topics"])
    assert counts["fetched"] == corpus.execute("SELECT count(*) FROM captures").fetchone()[0]


@pytest.mark.parametrize("query", ["催收", "網絡貸款", "网络贷款"])
def test_simplified_and_traditional_words_are_found(demo: tuple[Path, dict[str, Any]], query: str) -> None:
    assert json.loads(cuishou(demo[0], "search", query, "--json"))["results"]


def test_a_replayed_crawl_gives_the_same_rows(demo: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    for _ in ingest(tmp_path, (demo[0] / "archive",), run="replay"):
        pass
    derive(tmp_path, jobs=2)
    assert rows(tmp_path) == rows(demo[0])


def test_the_demo_touches_no_folder_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("催收", encoding="utf-8")
    with pytest.raises(InputError, match="not made by the demo"):
        clear(tmp_path)
    assert (tmp_path / "thesis.txt").exists()

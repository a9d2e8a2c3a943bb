"""Datasette as readers see it: search, the article page, tables, canned queries. The real one, in process."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from classify import codebook
from crawler.serving import SETTINGS, datasette_arguments
from tests.asked import ask, contacts, get, number_of
from tests.sample_corpus import sample_corpus

__all__ = ["contacts", "sample_corpus"]


@pytest.mark.parametrize("query", ["催收", "網絡貸款", "网络贷款", "法院", "暴力催收", "协商 还款"])
def test_the_search_box_of_datasette_finds_what_the_text_holds(sample_corpus: Path, query: str) -> None:
    (answer,) = get(sample_corpus, f"/corpus/articles.json?_search={query}&_shape=array&_size=max&_nofacet=1")
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        from corpus.segment import fold

        rows = connection.execute("SELECT number, clean_title, clean_text FROM articles").fetchall()
    wanted = {n for n, title, text in rows if all(fold(w) in fold(f"{title}\n{text}") for w in query.split())}
    assert wanted
    assert {row["number"] for row in answer.json()} >= wanted


def test_the_search_page_shows_highlighted_stories_with_facets(sample_corpus: Path) -> None:
    (answer,) = get(sample_corpus, "/-/search?q=催收")
    assert answer.status_code == 200
    assert "<mark>催收</mark>" in answer.text
    assert 'href="search?q=%E5%82%AC%E6%94%B6+topic%3A' in answer.text


def test_search_results_come_as_json_csv_and_atom(sample_corpus: Path) -> None:
    from xml.etree import ElementTree

    as_json, as_csv, as_atom = get(sample_corpus, *(f"/-/search.{kind}?q=催收" for kind in ("json", "csv", "atom")))
    assert len(as_json.json()["results"]) == 20
    assert as_csv.text.count("\n") >= 20
    assert len(ElementTree.fromstring(as_atom.text).findall("{http://www.w3.org/2005/Atom}entry")) == 30


@pytest.mark.parametrize("query", ["催收 OR", "(催收", 'site:"', "contact:13900007654", "\ud800", "a" * 5000])
def test_a_query_that_cannot_be_understood_is_answered_with_a_sentence(sample_corpus: Path, query: str) -> None:
    from urllib.parse import quote

    (answer,) = get(sample_corpus, "/-/search?q=" + quote(query, errors="replace"))
    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.text


def test_an_article_shows_restored_and_published_text_side_by_side(sample_corpus: Path) -> None:
    number = number_of(
        sample_corpus,
        "id = (SELECT article_id FROM edits WHERE rule = 'annotation' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)",
    )
    (answer,) = get(sample_corpus, f"/corpus/articles/{number}")
    assert answer.status_code == 200
    for part in ('class="text pair"', '<del class="edit"', "去掉括注的拼音", "pinyin in brackets removed"):
        assert part in answer.text
    for heading in ("日期", "标签", "删去的内容", "副本与变体", "联系方式", "来历", "引用"):
        assert f"<h2>{heading}" in answer.text
    assert "[EB/OL]" in answer.text
    assert 'lang="zh-Hans"' in answer.text


def test_every_article_page_can_be_shown(sample_corpus: Path) -> None:
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        numbers = [row[0] for row in connection.execute("SELECT number FROM articles WHERE number % 5 = 0")]
    answers = get(sample_corpus, *(f"/corpus/articles/{number}" for number in numbers))
    assert {answer.status_code for answer in answers} == {200}


def test_the_permanent_address_leads_to_the_article(sample_corpus: Path) -> None:
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        identity = connection.execute("SELECT id FROM articles LIMIT 1").fetchone()[0]
    found, missing = get(sample_corpus, f"/-/article/{identity}", "/-/article/ffffffffffffffff")
    assert found.status_code == 200
    assert identity in found.text
    assert missing.status_code == 404


def test_the_command_line_serves_with_the_same_settings(sample_corpus: Path) -> None:
    arguments = datasette_arguments(sample_corpus, host="127.0.0.1", port=0)
    assert str(sample_corpus / "corpus.db") in arguments
    pairs = dict(pairwise(arguments))
    assert pairs["--metadata"].endswith("metadata.yml")
    assert sum(argument == "--setting" for argument in arguments) == len(SETTINGS)


def test_the_home_page_counts_what_the_corpus_holds(sample_corpus: Path) -> None:
    (home,) = get(sample_corpus, "/")
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        for table in ("articles", "corpus_articles", "captures", "rejections"):
            count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            assert f'href="/corpus/{table}"><b>{count:,}</b>' in home.text


def test_tables_are_known_by_their_own_keys(sample_corpus: Path) -> None:
    row, labels = get(sample_corpus, "/corpus/articles/1.json?_shape=objects", "/corpus/labels.json?_size=1")
    assert row.json()["primary_keys"] == ["number"]
    assert labels.json()["primary_keys"] == ["article_id", "scheme", "value", "annotator"]
    assert json.dumps(row.json()["rows"][0]["number"]) == "1"


def queries() -> dict[str, dict[str, str]]:
    import yaml

    from crawler.serving import CONFIG

    found: dict[str, dict[str, str]] = yaml.safe_load((CONFIG / "metadata.yml").read_text("utf-8"))["databases"][
        "corpus"
    ]["queries"]
    return found


@pytest.mark.parametrize("name", queries())
def test_a_canned_query_answers_and_says_what_it_is_for(sample_corpus: Path, name: str) -> None:
    (answer,) = get(sample_corpus, f"/corpus/{name}.json?_shape=objects&site=yuqibang.example&q=催收")
    assert answer.status_code == 200
    assert answer.json()["rows"] or name in ("dates_in_doubt", "laws")
    assert len(queries()[name]["description"]) > 10


def test_the_page_of_a_site_leads_to_the_articles_of_each_feature(sample_corpus: Path) -> None:
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        site, listed = connection.execute(
            "SELECT site, articles FROM site_features WHERE articles <> '[]' AND points > 0 ORDER BY points DESC, site LIMIT 1"
        ).fetchone()
    articles = json.loads(listed)
    page, first = get(sample_corpus, f"/-/site/{site}", f"/-/article/{articles[0]}")
    assert all(f"/-/article/{article}" in page.text for article in articles)
    assert first.status_code == 200


def test_clusters_templates_sites_and_networks_have_pages(sample_corpus: Path, contacts: set[str]) -> None:
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        first = {
            kind: connection.execute(f"SELECT {key} FROM {table} LIMIT 1").fetchone()[0]
            for kind, key, table in (
                ("cluster", "id", "clusters"), ("template", "id", "templates"), ("network", "id", "networks"),
                ("site", "site", "sites WHERE network_id != ''"),
            )
        }  # fmt: skip
    pages = get(sample_corpus, *(f"/-/{kind}/{key}" for kind, key in first.items()), "/-/methods", "/-/cluster/none")
    assert [page.status_code for page in pages] == [200, 200, 200, 200, 200, 404]
    assert "<line " in pages[2].text
    assert not any(secret in page.text for page in pages for secret in contacts)
    assert "去掉括注的拼音" in pages[4].text


def test_the_codebook_is_shown_whole_in_both_languages(sample_corpus: Path) -> None:
    (page,) = get(sample_corpus, "/-/methods")
    shown = unescape(page.text)
    for code in codebook.codes():
        for told in (code.definition_zh, code.definition_en, code.example, code.counter_example):
            assert told in shown
        assert f'{code.boundary_zh} <span lang="en">{code.boundary_en}</span>' in shown
        assert f"since version {code.since}" in shown


def test_the_list_of_tables_names_and_counts_all_that_is_not_hidden(sample_corpus: Path) -> None:
    page, as_json, sql = get(sample_corpus, "/corpus", "/corpus.json", "/corpus?sql=select+41%2B1")
    tables = {table["name"]: table["count"] for table in as_json.json()["tables"]}
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        for name in ("articles", "edits", "contacts", "network_edges"):
            rows = connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            assert tables[name] == (rows if rows <= 10_000 else None)
            assert f'href="/corpus/{name}"' in page.text
    assert {"article_fts_data", "bands", "review_weights"}.isdisjoint(tables)
    assert all(f'href="/corpus/{name}"' in page.text for name in queries())
    assert ">42<" in sql.text


def test_a_table_is_counted_up_to_a_limit(monkeypatch: pytest.MonkeyPatch, sample_corpus: Path) -> None:
    async def counted(datasette: Any) -> dict[str, int | None]:
        database = datasette.get_database("corpus")
        monkeypatch.setitem(database.table_counts.__func__.__globals__, "COUNTED", 3)
        found: dict[str, int | None] = await database.table_counts()
        return found

    counts = ask(sample_corpus, counted)
    assert (counts["runs"], counts["articles"]) == (1, None)

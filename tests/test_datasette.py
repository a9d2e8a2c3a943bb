"""Datasette as readers see it: search, the article page, masks, headers, hostile rows. The real one, in process."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest

from classify import codebook
from corpus.redact import mask_text
from crawler.serving import SETTINGS, datasette_arguments, open_datasette
from tests.sample_corpus import HOSTILE_URL, SECRETS, sample_corpus

__all__ = ["sample_corpus"]
Result = TypeVar("Result")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ask(workspace: Path, work: Callable[[Any], Awaitable[Result]]) -> Result:
    """The result of ``work(datasette)`` with Datasette started over the workspace."""

    async def run() -> Result:
        datasette = open_datasette(workspace)
        await datasette.invoke_startup()
        return await work(datasette)

    return asyncio.run(run())


def get(workspace: Path, *paths: str) -> list[Any]:
    """The answers of Datasette to these paths, followed where they redirect."""

    async def work(datasette: Any) -> list[Any]:
        return [await datasette.client.get(path, follow_redirects=True) for path in paths]

    return ask(workspace, work)


def number_of(workspace: Path, where: str) -> int:
    with closing(sqlite3.connect(workspace / "corpus.db")) as connection:
        return int(connection.execute(f"SELECT number FROM articles WHERE {where}").fetchone()[0])


@pytest.fixture(scope="module")
def contacts(sample_corpus: Path) -> set[str]:
    """Every personal contact point of the corpus, as written."""
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        rows = connection.execute("SELECT raw FROM contacts WHERE kind IN ('phone', 'wechat', 'qq', 'email')")
        return {row[0] for row in rows if len(row[0]) >= 7}


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


def test_no_column_of_any_table_gives_a_contact_point(sample_corpus: Path, contacts: set[str]) -> None:
    async def everything(datasette: Any) -> dict[str, str]:
        database = datasette.get_database("corpus")
        names = [*await database.table_names(), *await database.view_names()]
        found = {}
        for name in names:
            try:
                rows = (await database.execute(f'SELECT * FROM "{name}"', page_size=10_000)).rows
            except sqlite3.OperationalError:
                continue
            found[name] = repr([tuple(row) for row in rows])
            rows = (await database.execute(f'SELECT * FROM main."{name}"', page_size=10_000)).rows
            found[f"main.{name}"] = repr([tuple(row) for row in rows])
        return found

    tables = ask(sample_corpus, everything)
    assert {"articles", "contacts", "removed_blocks", "edits", "corpus_articles"} <= set(tables)
    leaks = {name: secret for name, text in tables.items() for secret in contacts if secret in text}
    # Site names and addresses are no contact points; an account that is also a word of a URL is not hidden there.
    assert {name for name in leaks if not name.endswith(("captures", "rejections"))} == set()


def test_no_page_gives_a_contact_point(sample_corpus: Path, contacts: set[str]) -> None:
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        rows = connection.execute("SELECT DISTINCT number FROM articles JOIN contacts ON article_id = id LIMIT 60")
        numbers = [row[0] for row in rows]
    paths = [f"/corpus/articles/{number}" for number in numbers]
    paths += [
        "/",
        "/-/search?q=电话 OR 微信",
        "/-/search.json?q=电话 OR 微信",
        "/-/search.csv?q=联系",
        "/-/search.atom?q=微信",
    ]
    paths += [
        f"/corpus/{table}{kind}?_size=max"
        for table in ("articles", "contacts", "edits")
        for kind in ("", ".json", ".csv")
    ]
    for answer in get(sample_corpus, *paths):
        assert answer.status_code == 200
        shown = {secret for secret in contacts if secret in answer.text}
        assert not shown, f"{answer.url}: {len(shown)}"


@pytest.mark.parametrize(
    "sql",
    [
        "select text from main.articles where url = :url",
        "with articles as (select text t from main.articles) select * from articles",
        "select hex(text) from main.articles",
        "select group_concat(block) from article_fts_data",
        "select text from article_fts_content",
        "select text, title from article_fts",
        "select highlight(article_fts, 0, '', '') from article_fts where article_fts match zh_query('电话')",
        "select value, raw from main.contacts",
        "select masked('contacts', 'value', rowid) from main.contacts",
        "select masked('articles', 'number', number), masked('sqlite_master', 'sql', 1) from articles",
        "select title, text from search_documents",
    ],
    ids=lambda sql: sql[:40],
)
def test_no_sql_gives_a_contact_point(sample_corpus: Path, contacts: set[str], sql: str) -> None:
    (answer,) = get(sample_corpus, f"/corpus.json?sql={sql}&_shape=arrays&_size=max&url={HOSTILE_URL}")
    text = answer.text
    assert not any(secret in text or secret.encode().hex().upper() in text for secret in (*contacts, *SECRETS))


@pytest.mark.parametrize(
    "sql", ["attach 'x.db' as x", "select * from pragma_table_list", "delete from articles", "vacuum"]
)
def test_sql_that_is_not_reading_is_refused(sample_corpus: Path, sql: str) -> None:
    (answer,) = get(sample_corpus, f"/corpus.json?sql={sql}")
    assert answer.status_code == 400


def test_masked_text_keeps_its_length_and_amounts(sample_corpus: Path) -> None:
    (answer,) = get(sample_corpus, f"/corpus/articles.json?url={HOSTILE_URL}&_shape=array")
    shown = answer.json()[0]["clean_text"]
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        raw = connection.execute("SELECT clean_text FROM articles WHERE url = ?", (HOSTILE_URL,)).fetchone()[0]
    assert len(shown) == len(raw)
    assert "1.5 万元" in shown
    assert "（2024）京0105民初12345号" in shown
    assert shown == mask_text(raw)


@pytest.mark.parametrize(
    "path", ["/", "/-/search?q=逾期", "/corpus/articles", "/corpus", "/corpus?sql=select+1", "/corpus/articles/1"]
)
def test_every_page_carries_the_headers_and_no_foreign_address(sample_corpus: Path, path: str) -> None:
    (answer,) = get(sample_corpus, path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert re.findall(r'(?:src|<link[^>]+href)="(?:https?:)?//(?!localhost/)[^"]*', answer.text) == []
    own = path in ("/", "/corpus") or path.startswith("/-/") or path.endswith("/1")
    assert ("'unsafe-inline'" in policy) != own
    if own:
        assert inline_script(answer.text) == []


def inline_script(text: str) -> list[str]:
    """Inline scripts, handlers and styles of a page, as a browser's parser sees them."""
    from lxml import html

    root = html.document_fromstring(text)
    found = [script.text or "" for script in root.iter("script") if not script.get("src")]
    return found + [
        name for node in root.iter() for name in node.attrib if str(name).startswith("on") or name == "style"
    ]


def test_hostile_rows_are_text_everywhere(sample_corpus: Path) -> None:
    number = number_of(sample_corpus, f"url = '{HOSTILE_URL}'")
    paths = [
        f"/corpus/articles/{number}", "/", "/-/search?q=逾期 保留录音", f"/corpus/articles?url={HOSTILE_URL}",
        f"/corpus?sql=select * from articles where number = {number}", "/-/search.atom?q=逾期 保留录音",
    ]  # fmt: skip
    for answer in get(sample_corpus, *paths):
        assert answer.status_code == 200
        for raw in (
            "<script>window",
            '<img src="http://beacon',
            "<img src=x",
            "<svg onload",
            "<mark>伪造",
            'href="javascript:',
        ):
            assert raw not in answer.text, f"{raw} in {answer.url}"


def test_the_command_line_serves_with_the_same_settings(sample_corpus: Path) -> None:
    arguments = datasette_arguments(sample_corpus, host="127.0.0.1", port=0)
    assert str(sample_corpus / "corpus.db") in arguments
    pairs = dict(pairwise(arguments))
    assert pairs["--metadata"].endswith("metadata.yml")
    assert sum(argument == "--setting" for argument in arguments) == len(SETTINGS)


def test_anonymous_and_foreign_posts_are_refused(sample_corpus: Path) -> None:
    async def work(datasette: Any) -> list[int]:
        return [
            (await datasette.client.post(path, data={"a": "1"}, headers={"origin": "http://evil.example"})).status_code
            for path in ("/", "/-/search", "/corpus/articles", "/corpus/articles/1", "/corpus?sql=select+1")
        ]

    assert set(ask(sample_corpus, work)) == {403}


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

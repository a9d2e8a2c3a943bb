"""What Datasette never gives: contact points, writing SQL, scripts, posts of strangers. The real one, in process."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpus.redact import mask_text
from tests.asked import ask, contacts, get, number_of
from tests.sample_corpus import HOSTILE_URL, SECRETS, sample_corpus

__all__ = ["contacts", "sample_corpus"]


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


def test_anonymous_and_foreign_posts_are_refused(sample_corpus: Path) -> None:
    async def work(datasette: Any) -> list[int]:
        return [
            (await datasette.client.post(path, data={"a": "1"}, headers={"origin": "http://evil.example"})).status_code
            for path in ("/", "/-/search", "/corpus/articles", "/corpus/articles/1", "/corpus?sql=select+1")
        ]

    assert set(ask(sample_corpus, work)) == {403}

"""A takedown leaves nothing but a digest, and what it withdrew does not come back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus import warc
from corpus.errors import InputError
from corpus.records import Page
from corpus.takedown import read_tombstones, take_down
from corpus.workspace import archive_folder, open_corpus
from crawler.derive import derive
from tests.sample_corpus import HOSTILE_URL, START

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SENTENCE = (
    "网贷逾期之后，催收员每天给借款人打十几个电话，借款人应当保留通话录音并向监管部门投诉，同时与平台协商分期还款，"
)
URLS = tuple(f"http://{host}.example/{name}.html" for host in ("www.alpha", "beta") for name in ("a", "b"))


def page(url: str, hours: int = 0) -> Page:
    body = f"<html><head><meta charset=utf-8><title>催收 {url}</title></head><body><article><h1>催收与逾期 {url}</h1>"
    body += "".join(f"<p>{SENTENCE}第{number}条说明见 {url}。</p>" for number in range(6)) + "</article></body></html>"
    return Page(url, 200, (("content-type", "text/html"),), body.encode(), START + timedelta(hours=hours))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    with warc.Writer(archive_folder(tmp_path), run="all", durable=False) as writer:
        for url in URLS:
            writer.write(page(url))
    derive(tmp_path, jobs=1)
    (tmp_path / "articles.jsonl").write_text(URLS[0])
    with closing(sqlite3.connect(tmp_path / "crawl.db")) as connection:
        connection.execute("CREATE TABLE frontier (url TEXT)")
        connection.executemany("INSERT INTO frontier VALUES (?)", [(url,) for url in URLS])
        connection.commit()
    return tmp_path


def shown(workspace: Path) -> set[str]:
    with open_corpus(workspace) as connection:
        return {row[0] for row in connection.execute("SELECT url FROM articles")}


def identity(workspace: Path, url: str) -> str:
    with open_corpus(workspace) as connection:
        return str(connection.execute("SELECT id FROM articles WHERE url = ?", (url,)).fetchone()[0])


@pytest.mark.parametrize("kind", ["url", "article", "host", "sha256"])
def test_what_is_withdrawn_is_nowhere_in_the_workspace(workspace: Path, kind: str) -> None:
    gone = {url for url in URLS if "alpha" in url} if kind == "host" else {URLS[0]}
    value = {
        "url": URLS[0],
        "article": identity(workspace, URLS[0]),
        "host": "alpha.example",
        "sha256": page(URLS[0]).sha256,
    }[kind]
    done = take_down(workspace, kind=kind, value=value, moderator="li", why="按要求", now=NOW)
    assert (done.captures, done.articles, done.records) == (len(gone),) * 3
    assert shown(workspace) == set(URLS) - gone
    in_archive = {p.url for path in warc.archive_files(archive_folder(workspace)) for p in warc.read(path)}
    assert in_archive == set(URLS) - gone
    assert done.exports == ("articles.jsonl",)
    for path in workspace.rglob("*"):
        if path.is_file() and path.suffix in (".db", ".jsonl"):
            assert not any(url.encode() in path.read_bytes() for url in gone) or path.name == "crawl.db"
    with closing(sqlite3.connect(workspace / "crawl.db")) as connection:
        left = {row[0] for row in connection.execute("SELECT url FROM frontier")}
    assert left == (set(URLS) if kind == "sha256" else set(URLS) - gone)


def test_a_later_crawl_does_not_bring_it_back(workspace: Path) -> None:
    take_down(workspace, kind="url", value=URLS[0], moderator="li", why="按要求", now=NOW)
    with warc.Writer(archive_folder(workspace), run="again", durable=False) as writer:
        writer.write(page(URLS[0], hours=5))
    derive(workspace, jobs=1)
    derive(workspace, jobs=1, rebuild=True)
    assert shown(workspace) == set(URLS[1:])


def test_the_rest_of_the_archive_is_where_the_corpus_says(workspace: Path) -> None:
    take_down(workspace, kind="url", value=URLS[1], moderator="li", why="按要求", now=NOW)
    with open_corpus(workspace) as connection:
        rows = connection.execute("SELECT url, warc_file, warc_offset FROM captures").fetchall()
    for url, name, offset in rows:
        assert next(warc.read(archive_folder(workspace) / name, offset)).url == url
    assert derive(workspace, jobs=1).counts.captures == 0


def test_the_index_forgets_it(workspace: Path) -> None:
    take_down(workspace, kind="host", value="beta.example", moderator="li", why="按要求", now=NOW)
    with open_corpus(workspace) as connection:
        assert connection.execute("SELECT count(*) FROM search_documents").fetchone()[0] == 2


def test_the_tombstone_holds_no_address_and_cannot_be_changed(workspace: Path) -> None:
    take_down(workspace, kind="url", value=URLS[0], moderator="li", why="按要求", now=NOW)
    with closing(sqlite3.connect(workspace / "decisions.db")) as connection:
        (row,) = connection.execute("SELECT * FROM tombstones").fetchall()
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("DELETE FROM tombstones")
    assert "alpha" not in repr(row)
    assert "按要求" in row
    assert read_tombstones(workspace).cover(URLS[0] + "#part", "")


def test_a_takedown_again_changes_nothing_more(workspace: Path) -> None:
    take_down(workspace, kind="url", value=URLS[0], moderator="li", why="按要求", now=NOW)
    done = take_down(workspace, kind="url", value=URLS[0], moderator="li", why="按要求", now=NOW)
    assert (done.captures, done.articles, done.records) == (0, 0, 0)


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        ("url", "no url", "x"),
        ("sha256", "abc", "x"),
        ("host", "a b", "x"),
        ("article", "ffff", "x"),
        ("url", HOSTILE_URL, " "),
    ],
    ids=["url", "sha256", "host", "article", "no reason"],
)
def test_what_names_nothing_is_refused(workspace: Path, kind: str, value: str, why: str) -> None:
    with pytest.raises(InputError):
        take_down(workspace, kind=kind, value=value, moderator="li", why=why, now=NOW)

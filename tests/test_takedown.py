"""A takedown leaves nothing but a digest, and what it withdrew does not come back."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from classify.label_store import add_rulings, read_rulings
from classify.rulings import Ruling
from corpus import warc
from corpus.decisions import open_decisions
from corpus.errors import InputError
from corpus.export import export
from corpus.records import Page
from corpus.takedown import take_down
from corpus.tombstones import read_tombstones
from corpus.workspace import archive_folder, open_corpus
from crawler.derive import derive
from crawler.frontier import Found, Frontier
from tests.launch import launcher
from tests.loopback import Asked, http, serve
from tests.loopback import page as served
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


RARE, UNTOUCHED = "龘靐齉爩", "鱻麤"  # characters that stand on the page that is withdrawn, and on one that stays
PHONE, WECHAT = "13900007771", "zhai_help_7771"
TRACES = (*RARE, PHONE, WECHAT, "zhai-7771", "wo-de-7771")


def marked(url: str, mark: str, contact: str, hours: int = 0) -> Page:
    """A page whose title, text and footer hold what is to be looked for afterwards."""
    body = f"<html><head><meta charset=utf-8><title>催收{mark}说明</title></head><body><h1>催收{mark}说明</h1><article>"
    body += "".join(f"<p>{SENTENCE}{mark}第{number}条，{contact}。</p>" for number in range(8))
    body += f"</article><footer>{mark}版权 {contact}</footer></body></html>"
    return Page(url, 200, (("content-type", "text/html"),), body.encode(), START + timedelta(hours=hours))


def contents(path: Path) -> bytes:
    """The bytes of a file, with those of its gzip members unpacked."""
    data = path.read_bytes()
    return data + gzip.decompress(data) if path.suffix == ".gz" else data


def traces(workspace: Path, wanted: tuple[str, ...] = TRACES) -> dict[str, set[str]]:
    """{what is looked for: the files that hold it}, in UTF-8, and as JSON escapes it."""
    files = {str(p.relative_to(workspace)): contents(p) for p in workspace.rglob("*") if p.is_file()}
    found: dict[str, set[str]] = {}
    for each in wanted:
        forms = {each.encode(), json.dumps(each).strip('"').encode()}
        if names := {name for name, data in files.items() if any(form in data for form in forms)}:
            found[each] = names
    return found


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A workspace in which the page to be withdrawn has left traces everywhere: copies, crawl, rulings, exports."""
    gone = "http://www.alpha.example/zhai-7771.html"
    contact = f"电话 {PHONE}，微信 {WECHAT}"
    with warc.Writer(archive_folder(tmp_path), run="all", durable=False) as writer:
        writer.write(marked(gone, RARE, contact))
        writer.write(marked(gone, RARE + "又", contact, hours=3))  # a second capture: a revision of the first
        for number in range(14):
            writer.write(marked(f"http://www.alpha.example/{number}.html", UNTOUCHED, "热线 12378", hours=1))
        refused = Page("http://www.alpha.example/wo-de-7771.html?x", 200, (), b"<p>short", START)
        writer.write(refused)
    derive(tmp_path, jobs=1)
    frontier = Frontier(tmp_path / "crawl.db")
    frontier.start_run("r", {"seeds": [gone]}, now=1.0)
    host = "www.alpha.example"
    frontier.add(
        [Found(gone, host, "alpha.example"), Found(f"http://{host}/9", host, "alpha.example", referrer=gone)], now=1.0
    )
    frontier.close()
    with open_decisions(tmp_path, write=True) as decisions:
        add_rulings(decisions, [Ruling("a1", "topic", "law", "li", RARE, f"{RARE} {PHONE}", gone)], time=NOW)
        add_rulings(decisions, [Ruling("a2", "topic", "law", "li", "标题", UNTOUCHED, "http://b.example/")], time=NOW)
    for form in ("jsonl", "public-db"):
        export(
            tmp_path,
            form,
            tmp_path / {"jsonl": "articles.jsonl", "public-db": "public.db"}[form],
            everything=True,
            now=NOW,
        )
    return tmp_path


def test_no_file_of_the_workspace_holds_a_trace_of_a_withdrawn_page(full: Path) -> None:
    gone = "http://www.alpha.example/zhai-7771.html"
    before = traces(full)
    assert set(before) == set(TRACES)
    assert {"corpus.db", "crawl.db", "decisions.db", "articles.jsonl", "public.db"} <= set().union(*before.values())
    with closing(sqlite3.connect(full / "corpus.db")) as reader:  # somebody serves the corpus meanwhile
        reader.execute("SELECT count(*) FROM articles").fetchall()
        for url in (gone, "http://www.alpha.example/wo-de-7771.html?x"):
            take_down(
                full, kind="url", value=url, moderator="li", why="按要求", now=NOW, settle=lambda w: derive(w, jobs=1)
            )
        assert traces(full) == {}
    assert traces(full) == {}
    assert {"corpus.db", "decisions.db"} <= traces(full, tuple(UNTOUCHED))[UNTOUCHED[0]]
    with open_corpus(full) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone()[0] == 14
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    with open_decisions(full, write=True) as decisions:
        assert [row.text for row in read_rulings(decisions)] == ["", UNTOUCHED]
        with pytest.raises(sqlite3.IntegrityError):
            decisions.execute("UPDATE decisions SET evidence = ''")


def test_a_crawl_neither_asks_for_nor_archives_what_was_withdrawn(tmp_path: Path) -> None:
    same = http("<html><body><p>" + SENTENCE * 4 + "</p></body></html>")

    def answer(asked: Asked) -> bytes:
        answers = {
            "/robots.txt": http("", 404),
            "/": served("/a", "/gone", "/moved", "/sub/x", "/copy"),
            "/moved": http("", 302, Location="/gone"),
            "/copy": same,
        }
        return answers.get(asked.path, served("/gone"))

    with launcher() as crawls, serve(answer) as web:
        first = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True)
        assert first["pages"] == 5, "the pages /, /a, /gone, /sub/x and /copy"
        derive(tmp_path, jobs=1)
        body = hashlib.sha256(same.split(b"\r\n\r\n", 1)[1]).hexdigest()
        for kind, value in (("url", f"{web.url}/gone"), ("sha256", body)):
            take_down(tmp_path, kind=kind, value=value, moderator="li", why="按要求", now=NOW)
        web.asked.clear()
        with closing(sqlite3.connect(tmp_path / "crawl.db")) as db:
            db.execute("UPDATE frontier SET state = 'queued', fetched_at = NULL")  # everything is due again
            db.commit()
        crawls.crawl(tmp_path, [web.url + "/", web.url + "/gone"], allow_loopback=True)
        assert web.times("/") == web.times("/copy") == 1
        assert web.times("/gone") == 0
        kept = {p.url for path in warc.archive_files(archive_folder(tmp_path)) for p in warc.read(path)}
        assert not {f"{web.url}/gone", f"{web.url}/copy"} & kept
        derive(tmp_path, jobs=1, rebuild=True)
        assert not {f"{web.url}/gone", f"{web.url}/copy"} & shown(tmp_path)
        assert "crawl.db" not in traces(tmp_path, ("/gone",))["/gone"], "only the page that links to it names it"
        take_down(tmp_path, kind="host", value="127.0.0.1", moderator="li", why="按要求", now=NOW)
        web.asked.clear()
        crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True)
        assert web.asked == [], "not even robots.txt"

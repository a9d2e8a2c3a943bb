"""``cuishou crawl`` as a person runs it: a process of its own, its exit code and its sentence."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.launch import PROJECT
from tests.loopback import free_port, page, serve


def cuishou(workspace: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler.cli", "-C", str(workspace), "crawl", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=120, **options)  # type: ignore[call-overload,no-any-return]


def test_a_crawl_with_everything_on_ends_in_the_corpus(tmp_path: Path) -> None:
    text = "网贷逾期之后，借款人应当主动与平台协商还款，保留通话录音和短信，不要轻信代理退息的广告。" * 12
    with serve(lambda _: page("/1", "/2", text=text)) as web:
        ended = cuishou(tmp_path, web.url, "--allow-loopback", "--delay", "0", "--json")
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout)
    assert (summary["pages"], summary["reason"]) == (3, "finished")
    with sqlite3.connect(tmp_path / "corpus.db") as db:
        assert db.execute("SELECT count(*) FROM captures").fetchone()[0] == 3


def test_without_a_terminal_there_is_a_summary_and_no_escape_codes(tmp_path: Path) -> None:
    with serve(lambda _: page()) as web:
        ended = cuishou(tmp_path, web.url, "--allow-loopback", "--no-process", "--delay", "0")
    assert ended.returncode == 0
    assert "1 pages fetched" in ended.stdout
    assert "\x1b" not in ended.stdout + ended.stderr
    assert ended.stderr == ""


def refused(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    """Assert that a command failed with a clear sentence and no traceback."""
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    for word in words:
        assert word in ended.stderr


def test_nothing_to_crawl(tmp_path: Path) -> None:
    refused(cuishou(tmp_path), "name a web address")


def test_an_unreachable_seed(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    ended = cuishou(tmp_path, url, "--allow-loopback", "--no-process", "--delay", "0", "--retry-wait", "0.01")
    refused(ended, url, "Connection was refused", "none of the addresses")


def test_a_name_that_does_not_exist(tmp_path: Path) -> None:
    arguments = ("--no-process", "--contact", "a@b.example", "--delay", "0", "--retry-wait", "0.01")
    refused(cuishou(tmp_path, "http://nowhere.invalid/", *arguments), "http://nowhere.invalid/", "unreachable")


def test_an_address_of_this_machine(tmp_path: Path) -> None:
    ended = cuishou(tmp_path, "http://127.0.0.1/", "--no-process", "--delay", "0")
    refused(ended, "unsafe-address", "none of the addresses")


def test_an_unknown_key_of_the_site_file(tmp_path: Path) -> None:
    (tmp_path / "sites.yml").write_text("sites:\n  - start: a.example\n    colour: red\n")
    refused(cuishou(tmp_path, "--sites", str(tmp_path / "sites.yml")), "line 3", "unknown key `colour`")


def test_a_resolve_that_is_not_loopback(tmp_path: Path) -> None:
    refused(cuishou(tmp_path, "http://a.example/", "--resolve", "a.example=10.0.0.1:80"), "only loopback")


def test_a_second_crawl_of_the_workspace(tmp_path: Path) -> None:
    with (tmp_path / "crawl.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(cuishou(tmp_path, "http://127.0.0.1/"), "another crawl is running")


def test_a_locked_database(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "crawl.db", isolation_level=None) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN EXCLUSIVE")
        refused(cuishou(tmp_path, "http://127.0.0.1/", "--no-process"), "crawl.db", "holds a lock")


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "crawl.db").write_text("这不是数据库 " * 500)
    refused(cuishou(tmp_path, "http://127.0.0.1/", "--no-process"), "crawl.db", "damaged")


def test_a_workspace_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = cuishou(tmp_path / "file", "http://127.0.0.1/")
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr


def test_a_full_disk_ends_the_crawl_with_a_sentence_and_a_whole_archive(tmp_path: Path) -> None:
    """A limit on the size of files fails like a full disk, for the archive and for the database."""

    def small_files() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    def answer(asked: object) -> bytes:
        number = len(web.asked)
        return page(f"/{number}", f"/x{number}", text=os.urandom(20_000).hex())

    with serve(answer) as web:
        arguments = (web.url, "--allow-loopback", "--no-process", "--delay", "0")
        ended = cuishou(tmp_path, *arguments, preexec_fn=small_files)
        refused(ended)
        assert "Free some space" in ended.stderr
        assert cuishou(tmp_path, *arguments, "--max-pages", "3").returncode == 0, "with room again it goes on"


@pytest.mark.parametrize("spider", ["sitemap", "feed"])
def test_other_spiders_start_from_what_their_name_says(tmp_path: Path, spider: str) -> None:
    from tests.loopback import http

    sources = {
        "/sitemap": http("<urlset><url><loc>/article</loc></url></urlset>", kind="text/xml"),
        "/feed": http("<rss><channel><item><link>/article</link></item></channel></rss>", kind="text/xml"),
        "/robots.txt": http("", 404),
    }
    with serve(lambda asked: sources.get(asked.path) or page("/not-followed")) as web:
        arguments = ("--spider", spider, "--allow-loopback", "--no-process", "--delay", "0", "--json")
        ended = cuishou(tmp_path, f"{web.url}/{spider}", *arguments)
        assert json.loads(ended.stdout)["pages"] == 1
        assert not web.times("/not-followed")

"""``cuishou sites cloak`` against a server on loopback that shows search engines another page."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from benchmarks.site_texts import Writer
from corpus import warc
from corpus.cloaking import Verdict, View
from corpus.decisions import open_decisions
from corpus.errors import InputError
from corpus.records import Page
from corpus.site_checks import put_check, put_list, require_pause, seen_before, worst
from corpus.site_store import update_sites
from corpus.takedown import take_down
from corpus.workspace import archive_folder, open_corpus, views_folder
from crawler.derive import derive
from crawler.views import SEARCH_AGENT, visits
from tests.making import document
from tests.test_site_store import put

PROJECT = Path(__file__).parent.parent
NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)
PUMPS, LOANS = (Writer(random.Random(seed)).text(20) for seed in (1, 2))
asked: list[tuple[str, str]] = []


class Cloaked(BaseHTTPRequestHandler):
    """Shows loans to Baidu's crawler and pumps to everybody else; one folder is disallowed."""

    def do_GET(self) -> None:
        asked.append((self.path, self.headers.get("User-Agent", "")))
        if self.path == "/robots.txt":
            body = "User-agent: *\nDisallow: /secret/\n"
        else:
            text = LOANS if "Baiduspider" in self.headers.get("User-Agent", "") else PUMPS
            body = f"<html><head><title>说明</title></head><body><h1>说明</h1><p>{text.replace(chr(10), '</p><p>')}</p></body></html>"
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[int]:
    asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Cloaked) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_address[1]
        running.shutdown()


def workspace_of(folder: Path, *urls: str) -> Path:
    with open_corpus(folder, write=True) as connection:
        put(connection, [document(url, PUMPS) for url in urls])
        update_sites(connection, now=NOW)
    return folder


def cloak(workspace: Path, site: str, port: int, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["sites", "cloak", site, "--resolve", f"{site}=127.0.0.1:{port}", "--delay", "0", "--json", *options]
    return subprocess.run(
        [sys.executable, "-m", "crawler.cli", "-C", str(workspace), *command],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_another_page_for_the_search_engine_is_seen_when_asked_for(tmp_path: Path, server: int) -> None:
    workspace = workspace_of(tmp_path, "http://pumps.test/a/1.html")
    done = cloak(workspace, "pumps.test", server, "--yes", "--search-views")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "differs"


def test_no_search_engine_is_impersonated_unless_asked_for(tmp_path: Path, server: int) -> None:
    workspace = workspace_of(tmp_path, "http://pumps.test/a/1.html")
    done = cloak(workspace, "pumps.test", server, "--yes")
    assert json.loads(done.stdout)["verdict"] == "same"
    assert all("cuishou" in agent for _, agent in asked if agent)
    assert SEARCH_AGENT not in {agent for _, agent in asked}


def test_nothing_is_fetched_without_yes(tmp_path: Path, server: int) -> None:
    done = cloak(workspace_of(tmp_path, "http://pumps.test/a/1.html"), "pumps.test", server)
    assert done.returncode == 1
    assert "nothing fetched" in done.stderr
    assert asked == []


def test_robots_are_obeyed(tmp_path: Path, server: int) -> None:
    workspace = workspace_of(tmp_path, "http://pumps.test/secret/1.html")
    done = cloak(workspace, "pumps.test", server, "--yes", "--search-views")
    assert json.loads(done.stdout)["verdict"] == "cannot-tell"
    assert {path for path, _ in asked} == {"/robots.txt"}


def test_search_views_are_opt_in() -> None:
    kinds = [visit.kind for visit in visits("a@example.com", search=False)]
    assert kinds == ["ordinary", "again", "mobile"]
    assert [visit.kind for visit in visits("", search=True)][3:] == ["search-agent", "search-referrer"]


def test_only_a_repetition_on_another_day_counts_in_the_score(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, *(f"http://pumps.test/a/{number}.html" for number in range(12)))
    with open_corpus(workspace, write=True) as connection, open_decisions(workspace, write=True) as decisions:

        def checked(verdict: Verdict, now: datetime) -> float:
            put_check(decisions, "pumps.test", verdict, {}, moderator="li", now=now)
            update_sites(connection, decisions=decisions, now=now)
            query = "SELECT value FROM site_features WHERE site = 'pumps.test' AND feature = 'cloaking'"
            return float(connection.execute(query).fetchone()[0])

        assert checked(Verdict("differs", 0.5, "不同", "differs"), NOW) == 0.0
        assert not seen_before(decisions, "pumps.test", NOW + timedelta(hours=1))
        assert seen_before(decisions, "pumps.test", NOW + timedelta(days=1))
        assert checked(Verdict("cloaked", 1.0, "不同", "cloaked"), NOW + timedelta(days=1)) == 1.0


def test_a_host_is_not_checked_twice_within_hours(tmp_path: Path) -> None:
    with open_decisions(tmp_path, write=True) as decisions:
        put_check(decisions, "pumps.test", Verdict("same", 0.0, "相同", "same"), {}, moderator="li", now=NOW)
        with pytest.raises(InputError, match="another day"):
            require_pause(decisions, "pumps.test", NOW + timedelta(hours=2))
        require_pause(decisions, "pumps.test", NOW + timedelta(days=1))
        require_pause(decisions, "loans.test", NOW)


def archived(workspace: Path) -> None:
    """Pages of pumps.test in the archive, and what follows from them."""
    with warc.Writer(archive_folder(workspace), run="all") as writer:
        for number in range(12):
            write = Writer(random.Random(number))
            text = "".join(f"<p>{line}</p>" for line in write.text(16).splitlines())
            body = f"<html><head><title>{write.title()}</title></head><body><article>{text}</article></body></html>"
            headers = (("content-type", "text/html; charset=utf-8"),)
            writer.write(Page(f"http://pumps.test/a/{number}.html", 200, headers, body.encode(), NOW))
    derive(workspace, jobs=1)


def test_checks_and_lists_outlive_a_rebuild_and_views_are_no_articles(tmp_path: Path, server: int) -> None:
    archived(tmp_path)
    done = cloak(tmp_path, "pumps.test", server, "--yes", "--search-views", "--moderator", "li")
    assert json.loads(done.stdout)["verdict"] == "differs", done.stderr
    with open_corpus(tmp_path, write=True) as connection, open_decisions(tmp_path, write=True) as decisions:
        put_list(decisions, "others", ["pumps.test"], moderator="li", now=NOW)
        update_sites(connection, decisions=decisions)
        before = everything(connection)
        (evidence,) = decisions.execute("SELECT evidence FROM decisions WHERE subject_kind = 'check'").fetchone()
    assert len(before[0]) == 2
    derive(tmp_path, jobs=1, rebuild=True)
    with open_corpus(tmp_path) as connection:
        assert everything(connection) == before
    kept = {
        page.provenance.warc_record_id: page
        for file in warc.archive_files(views_folder(tmp_path))
        for page in warc.read(file)
    }
    views = json.loads(evidence)["views"]
    assert len(views) == 15
    assert {(view["kind"], kept[view["record"]].provenance.source) for view in views} == {
        (visit.kind, f"view {visit.kind}") for visit in visits("", search=True)
    }


def everything(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    queries = (
        "SELECT * FROM site_checks ORDER BY kind",
        "SELECT id, url, text FROM articles ORDER BY id",
        "SELECT * FROM site_features ORDER BY site, feature",
    )
    return [[tuple(row) for row in connection.execute(query)] for query in queries]


def test_a_takedown_takes_views_along(tmp_path: Path, server: int) -> None:
    archived(tmp_path)
    cloak(tmp_path, "pumps.test", server, "--yes", "--moderator", "li")
    assert any(warc.archive_files(views_folder(tmp_path)))
    take_down(tmp_path, kind="host", value="pumps.test", moderator="li", why="申请", now=NOW)
    assert [page.url for file in warc.archive_files(views_folder(tmp_path)) for page in warc.read(file)] == []


def test_the_gravest_verdict_on_the_pages_stands() -> None:
    same = [View(kind, "http://a.test/", 200, PUMPS) for kind in ("ordinary", "again", "mobile")]
    other = [*same[:2], View("mobile", "http://a.test/", 200, LOANS)]
    assert worst({"1": same, "2": other}, before=False).verdict == "differs"
    assert worst({"1": same, "2": []}, before=False).verdict == "same"

"""``cuishou sites cloak`` against a server on loopback that shows search engines another page."""

from __future__ import annotations

import json
import random
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
from corpus.cloaking import Verdict, View
from corpus.site_checks import put_check, seen_before, worst
from corpus.site_store import update_sites
from corpus.workspace import open_corpus
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
    with open_corpus(workspace, write=True) as connection:
        put_check(connection, "pumps.test", Verdict("differs", 0.5, "不同", "differs"), ["u"], NOW)
        assert not seen_before(connection, "pumps.test", NOW + timedelta(hours=1))
        assert seen_before(connection, "pumps.test", NOW + timedelta(days=1))

        def value() -> float:
            update_sites(connection, now=NOW)
            query = "SELECT value FROM site_features WHERE site = 'pumps.test' AND feature = 'cloaking'"
            return float(connection.execute(query).fetchone()[0])

        assert value() == 0.0
        put_check(connection, "pumps.test", Verdict("cloaked", 1.0, "不同", "cloaked"), ["u"], NOW + timedelta(days=1))
        assert value() == 1.0


def test_the_gravest_verdict_on_the_pages_stands() -> None:
    same = [View(kind, "http://a.test/", 200, PUMPS) for kind in ("ordinary", "again", "mobile")]
    other = [*same[:2], View("mobile", "http://a.test/", 200, LOANS)]
    assert worst({"1": same, "2": other}, before=False).verdict == "differs"
    assert worst({"1": same, "2": []}, before=False).verdict == "same"

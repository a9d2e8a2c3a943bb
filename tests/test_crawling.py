"""Crawls of a site on loopback: what is fetched, what is refused and why, how often servers are asked."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import sleep

import pytest

from corpus import warc
from corpus.records import REASONS
from tests.launch import Launcher, launcher
from tests.loopback import Asked, free_port, http, page, serve


@pytest.fixture(scope="module")
def crawls() -> Iterator[Launcher]:
    with launcher() as started:
        yield started


def reasons(workspace: Path) -> dict[str, str]:
    """Return {path: reason} of what the crawl refused."""
    with sqlite3.connect(workspace / "crawl.db") as db:
        rows = db.execute("SELECT url, reason FROM refusals").fetchall()
    return {"/" + url.split("/", 3)[3]: reason for url, reason in rows}


def archived(workspace: Path) -> dict[str, bytes]:
    """Return {path: body} of what is in the archive."""
    pages = [page for path in warc.archive_files(workspace / "archive") for page in warc.read(path)]
    return {"/" + page.url.split("/", 3)[3]: page.body for page in pages}


def drip() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    for _ in range(200):
        sleep(0.1)  # the fault itself: a server that never comes to an end
        yield b"x"


def flood() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    for _ in range(400):
        yield b"y" * 65_536


HTML = "<p>网贷逾期之后怎么协商还款。</p>".encode() * 100
ZIPPED = gzip.compress(HTML)
BOMB = gzip.compress(b"\0" * (300 << 20), 9)
# What is served, and the reason of its refusal; "": it is archived as HTML.
FAULTS: dict[str, tuple[bytes | Iterator[bytes], str]] = {
    "/good": (http(HTML), ""),
    "/gzip": (http(ZIPPED, Content_Encoding="gzip"), ""),
    "/deflate": (http(zlib.compress(HTML), Content_Encoding="deflate"), ""),
    "/lies-about-gzip": (http(HTML, Content_Encoding="gzip"), ""),
    "/no-type": (http(HTML, kind=""), ""),
    "/500": (http("", 500), "http-error"),
    "/503": (http("", 503), "http-error"),
    "/404": (http("", 404), "http-error"),
    "/403": (http("", 403), "http-error"),
    "/drip": (b"", "timeout"),
    "/flood": (b"", "too-large"),
    "/bomb": (http(BOMB, Content_Encoding="gzip"), "too-large"),
    "/loop-a": (http("", 302, Location="/loop-b"), "redirect-loop"),
    "/loop-b": (http("", 302, Location="/loop-a"), "redirect-loop"),
    "/itself": (http("", 302, Location="/itself"), "redirect-loop"),
    "/no-length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Type: text/html\r\nConnection: close\r\n\r\nhalf",
        "truncated",
    ),
    "/cut-gzip": (http(ZIPPED[:-20], Content_Encoding="gzip"), "truncated"),
    "/bad-gzip": (http(ZIPPED[:20] + b"\xff" * 40, Content_Encoding="gzip"), "truncated"),
    "/picture": (http(b"\x89PNG", kind="image/png"), "binary"),
    "/hang-up": (b"", "unreachable"),
    "/not-http": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "unreachable"),
    "/to-file": (http("", 302, Location="file:///etc/passwd"), "unsafe-address"),
    "/to-elsewhere": (http("", 302, Location="http://other.example/"), "out-of-scope"),
    "/to-private": (http("", 302, Location="http://10.0.0.8/"), "unsafe-address"),
    "/forbidden/x": (http(HTML), "robots"),
}


def test_every_fault_has_a_reason_and_every_good_page_is_archived(crawls: Launcher, tmp_path: Path) -> None:
    def answer(asked: Asked) -> bytes | Iterator[bytes]:
        if asked.path == "/robots.txt":
            return http("User-agent: *\nDisallow: /forbidden/", kind="text/plain")
        if asked.path == "/":
            return page(*FAULTS)
        if asked.path == "/drip":
            return drip()
        if asked.path == "/flood":
            return flood()
        if asked.path == "/hang-up":
            return iter(())
        return FAULTS[asked.path][0]

    with serve(answer) as web:
        policy = {"retry_wait": 0.01, "tries": 2, "dead_after": 50}
        summary = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True, timeout=1.5, policy=policy)
        assert web.times("/500") == 2, "a server error is tried again, a few times"
        assert web.times("/404") == 1, "a missing page is not"
        assert web.times("/forbidden/x") == 0
    assert summary["reason"] == "finished"
    refused = reasons(tmp_path)
    assert {path: refused.get(path, "") for path in FAULTS} == {path: reason for path, (_, reason) in FAULTS.items()}
    assert set(refused.values()) <= set(REASONS)
    bodies = archived(tmp_path)
    assert {path for path in bodies if path != "/"} == {path for path, (_, reason) in FAULTS.items() if not reason}
    assert {bodies[path] for path in bodies if path != "/"} == {HTML}


@pytest.mark.parametrize(
    ("status", "body", "allowed"),
    [
        pytest.param(404, "", True, id="no robots.txt: everything"),
        pytest.param(403, "User-agent: *\nDisallow: /", True, id="403: everything"),
        pytest.param(200, "", True, id="empty: everything"),
        pytest.param(200, "User-agent: *\nDisallow: /", False, id="disallowed"),
        pytest.param(200, "User-agent: cuishou\nDisallow: /\n\nUser-agent: *\nAllow: /", False, id="us by name"),
        pytest.param(500, "", False, id="server error: nothing"),
        pytest.param(503, "User-agent: *\nAllow: /", False, id="503 with rules: nothing"),
        pytest.param(429, "", False, id="too many requests: nothing"),
        pytest.param(0, "", False, id="unreachable: nothing"),
    ],
)
def test_robots(crawls: Launcher, tmp_path: Path, status: int, body: str, allowed: bool) -> None:
    def answer(asked: Asked) -> bytes | Iterator[bytes]:
        if asked.path != "/robots.txt":
            return page()
        return http(body, status, kind="text/plain") if status else iter(())

    with serve(answer) as web:
        summary = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True, policy={"retry_wait": 0.01, "tries": 2})
        assert web.times("/") == int(allowed)
        assert web.times("/robots.txt") == (1 if status in {200, 403, 404} else 2)
    assert summary["pages"] == int(allowed)
    assert bool(summary["unreached"]) is not allowed


def test_redirected_robots_are_followed(crawls: Launcher, tmp_path: Path) -> None:
    def answer(asked: Asked) -> bytes:
        if asked.path == "/robots.txt":
            return http("", 301, Location="/rules")
        return http("User-agent: *\nDisallow: /", kind="text/plain") if asked.path == "/rules" else page()

    with serve(answer) as web:
        assert crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True)["pages"] == 0
        assert web.times("/") == 0


def test_retry_after_holds_the_whole_host(crawls: Launcher, tmp_path: Path) -> None:
    busy = [True]

    def answer(asked: Asked) -> bytes:
        if asked.path == "/robots.txt":
            return http("", 404)
        if asked.path == "/busy" and busy.pop(0) if busy else False:
            return http("", 429, Retry_After="1")
        return page("/busy", *(f"/{number}" for number in range(10)))

    with serve(answer) as web:
        summary = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True)
        assert summary["pages"] == 12
        assert len(web.asked) == 14, "each page once, the busy one twice, robots.txt once"
        refused = next(at for at, asked in enumerate(web.asked) if asked.path == "/busy")
        assert web.asked[refused + 1].at - web.asked[refused].at >= 0.95, (
            "another page was asked for while the host was held"
        )


def test_delay_and_crawl_delay_are_kept_and_requests_do_not_overlap(crawls: Launcher, tmp_path: Path) -> None:
    active = []

    def answer(asked: Asked) -> bytes:
        if asked.path == "/robots.txt":
            return http("User-agent: *\nCrawl-delay: 0.3", kind="text/plain")
        active.append(asked.at)
        return page("/1", "/2", "/3")

    with serve(answer) as web:
        crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True, policy={"delay": 0.05})
    gaps = [later - earlier for earlier, later in pairwise(active)]
    assert len(active) == 4
    assert min(gaps) >= 0.29


def test_servers_are_told_who_asks(crawls: Launcher, tmp_path: Path) -> None:
    with serve(lambda _: page()) as web:
        crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True, contact="https://corpus.example/contact")
        assert all(asked.headers["user-agent"].endswith("(+https://corpus.example/contact)") for asked in web.asked)


def test_strangers_are_not_asked_without_a_contact(crawls: Launcher, tmp_path: Path) -> None:
    outcome = crawls.crawl(tmp_path, ["http://www.example.cn/"])
    assert "contact" in outcome["error"]


UNSAFE = {
    "loopback": "http://127.0.0.1:{port}/secret",
    "name of loopback": "http://localhost:{port}/secret",
    "short": "http://127.1:{port}/secret",
    "decimal": "http://2130706433:{port}/secret",
    "hexadecimal": "http://0x7f000001:{port}/secret",
    "any": "http://0.0.0.0:{port}/secret",
    "IPv6": "http://[::1]:{port}/secret",
    "IPv4 in IPv6": "http://[::ffff:127.0.0.1]:{port}/secret",
    "with a user": "http://example.cn@127.0.0.1:{port}/secret",
}


@pytest.mark.parametrize("how", ["link", "redirect", "robots"])
def test_private_addresses_are_never_reached(crawls: Launcher, tmp_path: Path, how: str) -> None:
    with serve(lambda _: page()) as secret:
        targets = [url.format(port=secret.port) for url in UNSAFE.values()]

        def answer(asked: Asked) -> bytes:
            if asked.path == "/robots.txt":
                return http("", 302, Location=targets[0]) if how == "robots" else http("", 404)
            if asked.path.startswith("/to/"):
                return http("", 302, Location=targets[int(asked.path[4:])])
            links = targets if how == "link" else [f"/to/{number}" for number in range(len(targets))]
            return page(*links)

        with serve(answer) as web:
            # All of them in scope, so that only the addresses speak against them.
            hosts = ["open.example", "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]"]
            crawls.crawl(
                tmp_path,
                ["http://open.example/"],
                resolve=[("open.example", f"127.0.0.1:{web.port}")],
                rules={"hosts": hosts},
                policy={"tries": 1},
            )
            assert web.asked
        assert not secret.asked


def test_sitemaps_feeds_and_the_pages_they_name_are_fetched(crawls: Launcher, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        file.write(b"<urlset><url><loc>/packed</loc></url></urlset>")

    def answer(asked: Asked) -> bytes:
        served = {
            "/robots.txt": http(f"Sitemap: http://{asked.host}/index.xml", kind="text/plain"),
            "/index.xml": http(
                "<sitemapindex><sitemap><loc>/one.xml</loc></sitemap><sitemap><loc>/two.xml.gz</loc></sitemap></sitemapindex>"
            ),
            "/one.xml": http("<?xml version='1.0'?><urlset><url><loc> /plain </loc></url></urlset>", kind="text/xml"),
            "/two.xml.gz": http(packed.getvalue(), kind="application/octet-stream"),
            "/": http('<link rel="alternate" type="application/rss+xml" href="/rss">'),
            "/rss": http(
                "<rss><channel><item><link>/from-feed</link></item></channel></rss>", kind="application/rss+xml"
            ),
        }
        return served.get(asked.path) or page()

    with serve(answer) as web:
        summary = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True)
    assert summary["reason"] == "finished"
    assert set(archived(tmp_path)) == {"/", "/plain", "/packed", "/from-feed"}


def test_budgets_end_endless_sites(crawls: Launcher, tmp_path: Path) -> None:
    def answer(asked: Asked) -> bytes:
        if asked.path == "/robots.txt":
            return http("", 404)
        number = len(web.asked)
        deeper = asked.path.rstrip("/") + "/a/b"
        return page(deeper, f"/calendar?day={number}", f"/n/{number}.html", f"/x/{number * 7}.html")

    with serve(answer) as web:
        rules = {"max_pages": 60, "max_depth": 5}
        summary = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True, rules=rules)
    assert summary["reason"] == "finished"
    assert summary["pages"] <= 60
    assert dict(map(tuple, summary["reasons"])).keys() >= {"limit", "trap"}


def test_max_pages_stops_and_the_next_run_goes_on(crawls: Launcher, tmp_path: Path) -> None:
    with serve(lambda _: page(*(f"/{number}" for number in range(9)))) as web:
        first = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True, max_pages=4)
        assert (first["pages"], first["reason"]) == (4, "max-pages")
        second = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True)
        assert (second["pages"], second["reason"]) == (6, "finished")
        third = crawls.crawl(tmp_path, [web.url + "/"], allow_loopback=True)
        assert (third["pages"], third["reason"]) == (0, "finished")
    assert len(archived(tmp_path)) == 10


def test_a_seed_that_cannot_be_reached_is_named_with_its_reason(crawls: Launcher, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    summary = crawls.crawl(tmp_path, [url], allow_loopback=True, policy={"retry_wait": 0.01})
    assert [(where, reason) for where, reason, _ in summary["unreached"]] == [(url, "unreachable")]


def test_what_a_killed_host_left_is_tried_again_by_the_next_run(crawls: Launcher, tmp_path: Path) -> None:
    port = free_port()
    url = "http://www.away.example/"
    down = crawls.crawl(
        tmp_path, [url], resolve=[("www.away.example", f"127.0.0.1:{port}")], policy={"retry_wait": 0.01}
    )
    assert down["pages"] == 0
    with serve(lambda _: page()) as web:
        up = crawls.crawl(tmp_path, [url], resolve=[("www.away.example", f"127.0.0.1:{web.port}")])
    assert up["pages"] == 1

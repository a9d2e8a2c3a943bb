"""CPU of the crawler process, links and capture included, against a bare Scrapy download of the same pages.

    python -m benchmarks.crawl [--pages 800] [--rounds 3]

Serves pages of 36 kB with 190 links on eight loopback addresses from a process of its own, then runs by turns (each in
a fresh process, CPU by getrusage): Scrapy as it comes, given every URL, doing nothing with the answers; the same with
its LinkExtractor; and cuishou from the front pages, with robots.txt, archive, frontier and links. Prints CPU ms a page
(without start-up: a run of one page a host is subtracted), medians, and the ratio to bare Scrapy. Target: at most 2.5.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HOSTS = 8  # 127.0.0.1 … 127.0.0.8, each a host of its own
LINKS = 190
TARGET = 2.5
WORDS = [
    "催收",
    "网贷",
    "逾期",
    "协商",
    "还款",
    "平台",
    "借款人",
    "法律",
    "债务",
    "征信",
    "起诉",
    "利息",
    "合同",
    "电话",
]


def page(number: int, pages: int) -> bytes:
    """Return a page of about 36 kB: 130 links of navigation, the same on every page, and 60 of its own."""
    rng = random.Random(number)
    navigation = [n % pages for n in range(130)]
    own = [(2 * number + 1) % pages, (2 * number + 2) % pages, *(rng.randrange(pages) for _ in range(LINKS - 132))]
    link = '<li class="item list-item"><a href="/news/{0}.html" title="{1}" target="_blank">{1}</a><span>2025-03-04</span></li>\n'
    lists = "".join(link.format(n, "".join(rng.choices(WORDS, k=6))) for n in [*navigation, *own])
    text = "".join(f"<p>{''.join(rng.choices(WORDS, k=60))}。</p>\n" for _ in range(10))
    head = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>网贷资讯</title></head><body>'
    return f"{head}<ul>{lists}</ul><article>{text}</article></body></html>".encode()


def serve(ready: multiprocessing.connection.Connection, pages: int) -> None:
    """Serve the pages on a free port of every address until killed."""
    bodies = [page(number, pages) for number in range(pages)]
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(b) + b
        for b in bodies
    ]
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1]
                name = path.rpartition(b"/")[2].partition(b".")[0]
                writer.write(answers[int(name or 0)] if path != b"/robots.txt" else missing)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        first = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = first.sockets[0].getsockname()[1]
        for number in range(2, HOSTS + 1):
            await asyncio.start_server(answer, f"127.0.0.{number}", port)
        ready.send((port, sum(map(len, bodies)) // pages))
        await asyncio.Event().wait()

    asyncio.run(run())


SCRAPY = """
import scrapy, sys
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.linkextractors import LinkExtractor
port, hosts, pages, extract = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "links"
class Bare(scrapy.Spider):
    name = "bare"
    start_urls = [f"http://127.0.0.{h + 1}:{port}/news/{n}.html" for n in range(pages) for h in range(hosts)]
    extractor = LinkExtractor()
    def parse(self, response):
        assert len(response.body) > 1000
        if extract:
            assert self.extractor.extract_links(response)
process = AsyncCrawlerProcess({"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False})
process.crawl(Bare)
process.start()
"""
CUISHOU = """
import sys, tempfile
from pathlib import Path
from crawler.crawling import Options, crawl
from crawler.politeness import Policy
from crawler.scope import Site
port, hosts, pages = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
with tempfile.TemporaryDirectory(dir=sys.argv[4]) as folder:
    sites = tuple(Site(start=(f"http://127.0.0.{h + 1}:{port}/news/0.html",), max_depth=100) for h in range(hosts))
    done = crawl(Path(folder), Options(sites=sites, max_pages=pages * hosts, allow_loopback=True, process=False, policy=Policy(delay=0.0)))
    assert done.pages == pages * hosts, done
"""


def cpu(code: str, *arguments: object) -> tuple[float, float]:
    """Run code in a fresh interpreter; return its CPU seconds (user and system) and peak memory in MB."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)], cwd=Path(__file__).parent.parent
    )

    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("a run failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=800, help="pages in all; a multiple of 8")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    each = max(options.pages // HOSTS, 2)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, each), daemon=True)
    server.start()
    port, size = ours.recv()
    runs = {
        "bare Scrapy": (SCRAPY, "none"),
        "Scrapy + LinkExtractor": (SCRAPY, "links"),
        "cuishou, links and capture": (CUISHOU, tempfile.gettempdir()),
    }
    took: dict[str, list[float]] = {name: [] for name in runs}
    ratios: dict[str, list[float]] = {name: [] for name in runs}
    memory: dict[str, float] = {}
    for _ in range(options.rounds):
        for name, (code, extra) in runs.items():
            start_up, _ = cpu(code, port, HOSTS, 1, extra)
            whole, memory[name] = cpu(code, port, HOSTS, each, extra)
            took[name].append((whole - start_up) / (HOSTS * (each - 1)) * 1000)
        for name in runs:
            ratios[name].append(took[name][-1] / took["bare Scrapy"][-1])
    server.kill()
    print(
        f"{each * HOSTS} pages of {size / 1000:.0f} kB with {LINKS} links on {HOSTS} hosts, {options.rounds} rounds, medians"
    )
    print(f"{'':28} {'CPU ms/page':>12} {'x bare':>7} {'peak MB':>8}")
    for name in runs:
        print(
            f"{name:28} {statistics.median(took[name]):12.2f} {statistics.median(ratios[name]):7.2f} {memory[name]:8.0f}"
        )
    ratio = statistics.median(ratios["cuishou, links and capture"])
    print(json.dumps({"ratio": round(ratio, 2), "target": TARGET, "met": ratio <= TARGET}))


if __name__ == "__main__":
    main()

"""Extraction on pages made to be slow or large: CPU seconds and peak memory of each, of 8 MB, in a process of its own.

python -m benchmarks.extract_hostile [NAME…]
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from datetime import UTC, datetime

from corpus.errors import Rejected
from corpus.records import Page
from crawler.extract import MAX_BODY, extract
from crawler.list_dates import listed_dates
from crawler.markup import MAX_TAGS

PROSE = "借款人逾期之后，可以先与平台协商延期或者分期，并保留全部通话录音和还款记录。"


def full(piece: str, tags: int = 0, before: str = "<h1>逾期以后怎样协商</h1>") -> bytes:
    """Return a page of one piece over and over: as many as the bounds of size, or of tags (``tags`` a piece), allow."""
    size = len(piece.encode())
    times = (MAX_BODY - len(before.encode()) - 100) // size
    if tags:
        times = min(times, (MAX_TAGS - 20) // tags)
    return (before + piece * times).encode()


def numbered(piece: str, tags: int) -> bytes:
    """Return a page of a piece over and over with a number in it, as many as the bounds of tags allow."""
    return "".join(piece.replace("N", str(number)) for number in range((MAX_TAGS - 20) // tags)).encode()[:MAX_BODY]


HOSTILE = {
    "a list with dates": numbered("<li><a href=/N>逾期之后怎样协商N</a><i>2024-05-06</i></li>", 6),
    "a flat list with dates": numbered("<a href=/N>逾期之后怎样协商N</a> 05-06<br>", 3),
    "a deep list with dates": numbered("<div><a href=/N>逾期之后怎样协商N</a><p>3小时前", 4),
    "a table with dates": numbered("<tr><td><a href=/N>逾期之后怎样协商</a><td>2024-05-06", 5).replace(b"<tr>", b"<table><tr>", 1),
    "links and dates on one line": numbered("<a href=/N>逾期之后怎样协商N</a> 2024-05-06 ", 2),
    "nested elements": full("<div>", 1),
    "nested tables": full("<table><tr><td>字", 3),
    "nested lists": full("<ul><li>字", 2),
    "nested inline elements": full("<span class=a>字", 1),
    "end tags of nothing": full("</div></p></a>", 3),
    "paragraphs of one character": full("<p>字", 1),
    "attributes": b"<div " + full('a="b" ', before="") + b">",
    "classes": b'<div class="' + full("article ", before="") + b'">',
    "one attribute": b'<div title="' + full("字", before="") + b'">',
    "unclosed quotes": full("<a b=\"'><a b='x>", 2),
    "unclosed titles": full("<title>", 1),
    "unclosed scripts": full("<script>var a = {", 1),
    "scripts of data": full('<script>window.a={"content":"' + PROSE * 40 + '"}</script>', 2),
    "one script of data": b'<script>window.a={"content":"' + full(PROSE, before="") + b'"}</script>',
    "brackets in a script": b"<script>window.a=" + full("[", before="") + b"</script>",
    "dates in a script": b"<script>" + full('ct = "1715580000";', before="") + b"</script>",
    "unclosed comments": full("<!-- ", 1),
    "comments that publish": full("<!-- published at 2024-05-06 -->", 1),
    "entities": full("&#x4e2d;"),
    "broken entities": full("&#&amp"),
    "NULs": full("中\x00"),
    "signs": full("<"),
    "greater-than signs": full(">="),
    "white space": full(" \n\t"),
    "digits and dashes": full("2024-"),
    "dates": full("<p>2024-05-06 10:20</p>", 2),
    "time elements": full('<time datetime="2024-05-06">6</time>', 2),
    "lines of preformatted text": full("中\n", before="<pre>"),
    "brackets": full("(a"),
    "names": full("<p>作者：张三 李四 王五</p>", 2),
    "links": full('<a href="/a/1.html">逾期之后怎样协商还款</a>', 2),
    "long addresses": full(f'<a href="{"/a" * 900}">字</a>', 2),
    "metas": full('<meta name="pubdate" content="2024-05-06">', 1),
    "posts": full("<div class=post><b>1楼</b><i>2024-05-06 10:20</i><p>同意楼主的看法</p></div>", 8),
    "teasers": full("<h2><a href=/1>逾期之后怎样协商还款</a></h2><p>借款人可以先与平台协商延期或者分期，并保留录音</p>", 6),
    "headings like the title": full("<h1>逾期以后怎样协商</h1>", 2, before="<title>逾期以后怎样协商</title>"),
    "hidden lines": full("<p hidden>展开全文</p>", 2),
    "prose": full(f"<p>{PROSE}</p>", 2),
    "one paragraph": full(PROSE),
    "Traditional characters": full("<p>債務催收</p>", 2),
    "bytes of no character set": full("正文").replace(b"\xe6", b"\xff\xe6\x80")[:MAX_BODY],
    "GB18030 without a label": full("正文").decode().encode("gb18030"),
    "bytes at random": bytes(range(128, 256)) * (MAX_BODY // 128),
}  # fmt: skip


def measure(name: str, results: multiprocessing.SimpleQueue[tuple[str, float, float, str]]) -> None:
    """Put (name, CPU seconds, MB above what the interpreter and its modules take, outcome)."""
    page = Page("https://example.com/1", 200, (), HOSTILE[name], datetime(2026, 11, 1, tzinfo=UTC))
    small = Page(page.url, 200, (), f"<h1>逾期</h1><p>{PROSE}</p>".encode(), page.fetched_at)
    extract(small)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    try:
        outcome = extract(page).page_type
    except Rejected as rejected:
        outcome = rejected.reason
        if outcome == "list-page":
            outcome += f", {len(listed_dates(page))} dates"
    seconds = time.process_time() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results.put((name, seconds, (after - before) / 1024, outcome))


def results_of(names: list[str]) -> list[tuple[str, float, float, str]]:
    """Return the measurements of these pages, each made in a process of its own."""
    results: multiprocessing.SimpleQueue[tuple[str, float, float, str]] = multiprocessing.SimpleQueue()
    found = []
    for name in names:
        process = multiprocessing.Process(target=measure, args=(name, results))
        process.start()
        process.join(60)
        if process.is_alive() or process.exitcode:
            process.kill()
            raise SystemExit(f"{name}: {'more than 60 seconds' if process.exitcode is None else process.exitcode}")
        found.append(results.get())
    return found


def main() -> None:
    found = results_of(sys.argv[1:] or list(HOSTILE))
    for name, seconds, megabytes, outcome in sorted(found, key=lambda row: -row[1]):
        print(f"{name:34} {seconds:5.2f} s {megabytes:6.0f} MB  {outcome}")
    print(f"worst of {len(found)}: {max(row[1] for row in found):.2f} s, {max(row[2] for row in found):.0f} MB")


if __name__ == "__main__":
    main()

"""Fetches a few pages of one site as several kinds of visitors see them, for ``corpus.cloaking``.

Ordinary visits, a second one as baseline, and one as a telephone. Visits that name a search engine or come from one are
made only when asked for: pretending to be somebody is a decision of whoever runs this. One request at a time, seconds
apart, three pages a site, robots.txt obeyed, private addresses refused (``crawler.safe_net``).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from corpus.cloaking import View
from corpus.errors import Rejected
from corpus.records import Page, Provenance
from corpus.restore import restore
from corpus.warc import Writer
from crawler.extract import extract

MAX_PAGES = 3  # of a site in one check
DELAY = 5.0  # seconds between two requests
TIMEOUT = 30  # seconds for one answer
MAX_BYTES = 4 << 20
MOBILE = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
SEARCH_AGENT = "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)"
SEARCH_REFERRER = "https://www.baidu.com/s?wd="


@dataclass(frozen=True, slots=True)
class Visit:
    """How to ask: kind of view, headers."""

    kind: str
    headers: tuple[tuple[str, str], ...]


def visits(contact: str, *, search: bool) -> tuple[Visit, ...]:
    """Return the visits of one page, ordinary ones first; search: also as, and from, a search engine."""
    try:
        version = metadata.version("cuishou")
    except metadata.PackageNotFoundError:
        version = "0"
    ours = ("User-Agent", f"cuishou/{version} (+{contact})" if contact else f"cuishou/{version} (local)")
    found = [
        Visit("ordinary", (ours,)),
        Visit("again", (ours,)),
        Visit("mobile", (("User-Agent", f"{MOBILE} {ours[1]}"),)),
    ]
    if search:
        found += [
            Visit("search-agent", (("User-Agent", SEARCH_AGENT),)),
            Visit("search-referrer", (ours, ("Referer", SEARCH_REFERRER))),
        ]
    return tuple(found)


def fetch_views(
    urls: Sequence[str],
    asked: Sequence[Visit],
    *,
    archive: Path,
    delay: float = DELAY,
    allow_loopback: bool = False,
    resolve: tuple[tuple[str, str], ...] = (),
) -> dict[str, list[View]]:
    """Return the views of each URL; one that could not be fetched has status 0. Runs a reactor: once a process.

    archive: the folder of WARC files in which every answer is kept before it is looked at.
    Raises: WorkspaceError, when it cannot be written.
    """
    # Imported here: Scrapy takes half a second, which a wrong option should not cost.
    from scrapy.crawler import AsyncCrawlerProcess

    found: dict[str, list[View]] = {url: [] for url in urls[:MAX_PAGES]}
    settings = {
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.safe_net.SafeHTTPHandler", "https": "crawler.safe_net.SafeHTTPHandler",
            "data": None, "file": None, "ftp": None, "s3": None,
        },
        "TWISTED_DNS_RESOLVER": "crawler.safe_net.SafeThreadedResolver",
        "CUISHOU_ALLOW_LOOPBACK": allow_loopback, "CUISHOU_RESOLVE": dict(resolve),
        "USER_AGENT": dict(asked[0].headers)["User-Agent"], "ROBOTSTXT_OBEY": True, "ROBOTSTXT_USER_AGENT": "cuishou", "COOKIES_ENABLED": False, "RETRY_ENABLED": False,
        "CONCURRENT_REQUESTS": 1, "DOWNLOAD_DELAY": delay, "RANDOMIZE_DOWNLOAD_DELAY": False,
        "DOWNLOAD_TIMEOUT": TIMEOUT, "DOWNLOAD_MAXSIZE": MAX_BYTES, "DOWNLOAD_WARNSIZE": 0, "REDIRECT_MAX_TIMES": 5,
        "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "ERROR", "LOG_INSTALL_ROOT_HANDLER": False,
    }  # fmt: skip
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    process = AsyncCrawlerProcess(settings)
    with Writer(archive, run=f"views-{datetime.now(UTC):%Y%m%dT%H%M%S%f}") as writer:
        process.crawl(_spider(), found=found, asked=tuple(asked), writer=writer)
        process.start()
    return found


def _spider() -> Any:
    import scrapy

    class ViewsSpider(scrapy.Spider):
        """Asks for every URL in every way, one after another."""

        name = "views"

        def __init__(self, found: dict[str, list[View]], asked: tuple[Visit, ...], writer: Writer, **more: Any) -> None:
            super().__init__(**more)
            self.found, self.asked, self.writer = found, asked, writer

        async def start(self) -> Any:
            for url in self.found:
                for number, visit in enumerate(self.asked):
                    yield scrapy.Request(
                        url, headers=dict(visit.headers), callback=self.parse, errback=self.failed, dont_filter=True,
                        priority=-number, meta={"handle_httpstatus_all": False, "url": url, "kind": visit.kind},
                    )  # fmt: skip

        def parse(self, response: Any) -> Iterator[None]:
            self.found[response.meta["url"]].append(_view(response, self.writer))
            return iter(())

        def failed(self, failure: Any) -> None:
            request, response = failure.request, getattr(failure.value, "response", None)
            kind = request.meta["kind"]
            view = View(kind, request.url, 0, "") if response is None else _refused(response, kind, self.writer)
            self.found[request.meta["url"]].append(view)

    return ViewsSpider


def _view(response: Any, writer: Writer) -> View:
    page, record = _kept(response, response.meta["kind"], writer)
    try:
        raw = extract(page).text
    except Rejected:
        raw = ""
    return View(response.meta["kind"], response.url, response.status, restore(raw).text, raw, record)


def _refused(response: Any, kind: str, writer: Writer) -> View:
    _, record = _kept(response, kind, writer)
    return View(kind, response.url, response.status, "", "", record)


def _kept(response: Any, kind: str, writer: Writer) -> tuple[Page, str]:
    """Archive an answer, marked with the kind of its view; return it as a page, and the id of its record."""
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
        if name.lower() != b"content-encoding"  # the body comes without it
    )
    page = Page(
        response.url, response.status, headers, response.body, datetime.now(UTC), Provenance(source=f"view {kind}")
    )
    return page, writer.write(page).warc_record_id

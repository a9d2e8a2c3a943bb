"""Between Scrapy and the dispatch: tasks become requests; answers and failures go back before a spider sees them.

The middleware is the only one that is on. Redirects, retries, robots.txt, compression, delays and the user agent are
the dispatch's, where they survive a kill and can be tested without a network.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from corpus.errors import WorkspaceError
from corpus.records import Page
from crawler.dispatch import Answer, Dispatch
from crawler.frontier import Task
from crawler.safe_net import UnsafeAddressError

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.1",
    "Accept-Language": "zh-CN,zh;q=0.9,zh-TW;q=0.8,en;q=0.3",
    "Accept-Encoding": "gzip, deflate",
}


def request_of(task: Task, spider: Any) -> Request:
    """Return the request for a task."""
    headers = {**_HEADERS, "User-Agent": spider.crawl.user_agent}
    if task.referrer.startswith("http"):
        headers["Referer"] = task.referrer
    return Request(
        task.url,
        callback=spider.parse,
        headers=headers,
        dont_filter=True,
        meta={"task": task, "download_timeout": spider.crawl.timeout, "verbatim_url": True},
    )


class Capture:
    """Downloader middleware: hands every outcome to the dispatch, and only captured pages on to the spider."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._written = 0
        self._synced = 0
        self._waiting: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        task: Task = request.meta["task"]
        crawl = self._spider.crawl
        now = time.time()
        answer = Answer(response.status, _headers(response), response.body, now - task.claimed_at)
        try:
            page = crawl.dispatch.answered(task, answer, now=now)
            if page is not None and task.kind == "page":
                await self._on_disk(crawl.dispatch)
        except WorkspaceError as error:
            crawl.stop(error)
            raise IgnoreRequest(str(error)) from error
        if page is None:
            raise IgnoreRequest("not a page to follow")
        request.meta["page"] = page
        return response

    async def _on_disk(self, dispatch: Dispatch) -> None:
        """Wait until the captures so far are on the disk. One wait at a time serves all that have come before it."""
        self._written += 1
        mine = self._written
        while self._synced < mine:
            if self._waiting is not None:
                await asyncio.wait([self._waiting])
                continue
            until = self._written
            self._waiting = asyncio.ensure_future(asyncio.to_thread(dispatch.sync()))
            try:
                await self._waiting
                self._synced = until
            finally:
                self._waiting = None

    def process_exception(self, request: Request, exception: Exception) -> None:
        task: Task | None = request.meta.get("task")
        if task is None or isinstance(exception, IgnoreRequest):
            return
        reason, retry = reason_of(exception)
        crawl = self._spider.crawl
        try:
            crawl.dispatch.unanswered(task, reason, _detail(exception), now=time.time(), retry=retry)
        except WorkspaceError as error:
            crawl.stop(error)
        raise IgnoreRequest(reason) from exception

    @property
    def _spider(self) -> Any:
        return self._crawler.spider


def reason_of(error: Exception) -> tuple[str, bool]:
    """Return (reason code, whether another try may help) for what a download raised."""
    if isinstance(error, UnsafeAddressError):
        return "unsafe-address", False
    if isinstance(error, DownloadCancelledError):  # larger than DOWNLOAD_MAXSIZE
        return "too-large", False
    if isinstance(error, DownloadTimeoutError):
        return "timeout", True
    if isinstance(error, ResponseDataLossError):
        return "truncated", True
    if isinstance(error, UnsupportedURLSchemeError):
        return "unsafe-address", False
    if isinstance(error, CannotResolveHostError | DownloadConnectionRefusedError | DownloadFailedError | OSError):
        return "unreachable", True
    return "unreachable", False


def page_of(response: Response) -> tuple[Task, Page]:
    """Return the task and the captured page behind a response that a spider gets."""
    return response.meta["task"], response.meta["page"]


def _headers(response: Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1").lower(), _header_text(value))
        for name, values in response.headers.items()
        for value in values
    )


def _header_text(value: bytes) -> str:
    """Return a header value; servers send file names in it as UTF-8, whatever the standard says."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


_SAYS = {
    DownloadCancelledError: "larger than the limit",
    ResponseDataLossError: "the body ended early",
    DownloadTimeoutError: "no whole answer in time",
}


def _detail(error: Exception) -> str:
    """Return what happened, in words for people; Twisted wraps it in lists of failures."""
    for kind, words in _SAYS.items():
        if isinstance(error, kind):
            return words
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    wrapped = re.search(r"Failure [\w.]+: ([^>]+)", text)
    return (wrapped[1] if wrapped else text)[:300]

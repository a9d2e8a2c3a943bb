"""Scrapy's scheduler over the frontier: it hands out what ``Dispatch`` says is next, and wakes the engine when a host may be
asked again. Which URL, when, and whether at all are decided there; nothing waits in Scrapy's own queues."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.utils.asyncio import CallLaterResult, call_later

from corpus.errors import WorkspaceError
from crawler.fetch import request_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.spiders import Spider
    from twisted.internet.defer import Deferred

_LONGEST = 60.0  # seconds between two looks at the frontier


class FrontierScheduler(BaseScheduler):
    """Replaces Scrapy's queues, which lose what is pending when the process is killed."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._spider: Any = None
        self._alarm: CallLaterResult | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open(self, spider: Spider) -> Deferred[None] | None:
        self._spider = spider
        return None

    def close(self, reason: str) -> Deferred[None] | None:  # noqa: ARG002 - Scrapy's interface
        if self._alarm is not None:
            self._alarm.cancel()
        return None

    def has_pending_requests(self) -> bool:
        return not self._spider.crawl.failure and self._spider.crawl.dispatch.pending(time.time())

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request that a spider yields. It is fetched by its URL alone: the frontier keeps no callbacks."""
        return bool(self._spider.crawl.dispatch.add(request.url, now=time.time()))

    def next_request(self) -> Request | None:
        crawl = self._spider.crawl
        if crawl.failure:
            return None
        try:
            task = crawl.dispatch.next(time.time())
        except WorkspaceError as error:
            crawl.stop(error)
            return None
        if task is None:
            self._sleep(crawl.dispatch.wake_at())
            return None
        return request_of(task, self._spider)

    def _sleep(self, until: float | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if until is not None:
            self._alarm = call_later(min(max(until - time.time(), 0.001), _LONGEST), self._wake)

    def _wake(self) -> None:
        self._alarm = None
        engine: Any = self._crawler.engine
        if engine is not None and engine._slot is not None:  # noqa: SLF001 - the engine has no public way to be woken
            engine._slot.nextcall.schedule()  # noqa: SLF001

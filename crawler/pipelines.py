"""Item pipeline: what a spider found on a page goes into the frontier, and the page is done."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.errors import WorkspaceError
from crawler.frontier import Task
from crawler.links import PageLink

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response


@dataclass(frozen=True, slots=True)
class PageDone:
    """A page whose links are known: the item that our spiders yield."""

    task: Task
    links: tuple[PageLink, ...] = ()


class ParseFailure:
    """Spider middleware: a page that a spider cannot read is done, without links, instead of being tried at every start."""

    def process_spider_exception(self, response: Response, exception: Exception) -> list[PageDone]:
        task = response.meta.get("task")
        logging.getLogger(__name__).error("%s: no links could be read (%r)", response.url, exception)
        return [PageDone(task)] if task is not None else []


class FrontierPipeline:
    """Stores the links of ``PageDone`` items; other items pass."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, PageDone):
            crawl: Any = self._crawler.spider.crawl  # type: ignore[union-attr]
            try:
                crawl.dispatch.found(item.task, item.links, now=time.time())
            except WorkspaceError as error:
                crawl.stop(error)
        return item

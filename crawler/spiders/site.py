"""Follows the links of a site from its seeds. Also reads the sitemaps and feeds that are met on the way, so that one process
crawls a whole site file; the spiders ``sitemap`` and ``feed`` differ only in what they start from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Spider
from scrapy.http import Response

from crawler.feeds import feed_links
from crawler.fetch import page_of
from crawler.links import links
from crawler.pipelines import PageDone
from crawler.sitemaps import sitemap_links


class SiteSpider(Spider):
    """``crawl`` is the run that it works for, see ``crawler.crawling``."""

    name = "site"
    crawl: Any = None

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the frontier holds the seeds."""
        return
        yield

    def parse(self, response: Response, **_: Any) -> Iterator[PageDone]:
        task, page = page_of(response)
        if task.kind == "sitemap":
            yield PageDone(task, sitemap_links(page.body, page.url))
        elif task.kind == "feed":
            yield PageDone(task, feed_links(page.body, page.url))
        else:
            yield PageDone(task, links(page.body, page.header("content-type"), page.url).links)

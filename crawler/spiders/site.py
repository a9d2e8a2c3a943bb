"""Follows the links of a site from its seeds. Also reads the sitemaps and feeds that are met on the way, so that one process
crawls a whole site file; the spiders ``sitemap`` and ``feed`` differ only in what they start from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from scrapy import Spider
from scrapy.exceptions import UsageError
from scrapy.http import Response

from crawler.feeds import feed_links
from crawler.fetch import page_of
from crawler.links import links
from crawler.pipelines import PageDone
from crawler.sitemaps import sitemap_links

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler


class SiteSpider(Spider):
    """``crawl`` is the run that it works for, see ``crawler.crawling``."""

    name = "site"
    crawl: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Return the spider. Raises: UsageError, if it was not started by ``cuishou crawl``, which brings the run."""
        if kwargs.get("crawl") is None:
            raise UsageError(
                "This spider needs a workspace: start it with `cuishou -C DIR crawl URL --spider site|sitemap|feed`."
            )
        return super().from_crawler(crawler, *args, **kwargs)

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

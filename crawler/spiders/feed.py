"""Starts from feeds (RSS, Atom). The pages they announce are fetched, their links are not followed."""

from __future__ import annotations

from crawler.spiders.site import SiteSpider


class FeedSpider(SiteSpider):
    """``follow`` is what the run's site rules follow."""

    name = "feed"
    follow = ("feeds",)
    seed_kind = "feed"

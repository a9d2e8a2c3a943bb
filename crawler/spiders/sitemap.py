"""Starts from sitemaps: those given, or those that robots.txt names. Pages are fetched, their links are not followed."""

from __future__ import annotations

from crawler.spiders.site import SiteSpider


class SitemapSpider(SiteSpider):
    """``follow`` is what the run's site rules follow."""

    name = "sitemap"
    follow = ("sitemaps",)
    seed_kind = "sitemap"

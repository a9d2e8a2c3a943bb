"""URLs of the articles that a feed (RSS or Atom) announces."""

from __future__ import annotations

import io

import feedparser

from corpus.urls import join
from crawler.links import PageLink

MAX_SIZE = (
    512 << 10
)  # bytes of a feed that are read; feedparser takes up to 4 s a megabyte of hostile markup (measured)
MAX_ENTRIES = 1_000


def feed_links(body: bytes, url: str) -> tuple[PageLink, ...]:
    """Return the pages that a feed announces, in its order, each once; nothing for what is no feed."""
    # The body as a file: given a string, feedparser would fetch it if it looked like a URL or a path.
    feed = feedparser.parse(io.BytesIO(body[:MAX_SIZE]), sanitize_html=False, resolve_relative_uris=False)
    targets = (join(url, str(entry.get("link") or "")) for entry in feed.entries[:MAX_ENTRIES])
    return tuple(PageLink(target, "page", 1.0) for target in dict.fromkeys(targets) if target)

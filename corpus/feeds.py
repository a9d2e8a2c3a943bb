"""Standing queries as Atom (RFC 4287) and JSON Feed 1.1 documents.

One entry a story: its identifier comes from the oldest page of its cluster, so a new copy changes nothing that a feed
reader would take for news. Text of pages is escaped, contact points are masked; characters that XML 1.0 forbids are replaced.
"""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from corpus.explanations import HIDDEN
from corpus.results import Hit
from corpus.saved_searches import SavedSearch
from corpus.search import search
from corpus.search_output import copies_text, reason_text
from corpus.search_page import masked_hit
from corpus.snippets import render, to_html
from corpus.stories import Request

ENTRIES = 50
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cuishou.invalid/stories")


@dataclass(frozen=True, slots=True)
class Entry:
    """One story. ``link``: our page about it, or the page itself; ``page``: the page itself."""

    id: str
    title: str
    link: str
    page: str
    site: str
    captured: str
    published: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Feed:
    id: str
    title: str
    updated: str
    link: str
    entries: tuple[Entry, ...]


def feed_of(
    corpus: sqlite3.Connection,
    saved: SavedSearch,
    *,
    ruled_out: frozenset[str] = frozenset(),
    base_url: str = "",
    entries: int = ENTRIES,
) -> Feed:
    """Return the newest stories of a saved search as a feed.

    ruled_out: ids of articles that rulings hide.
    base_url: what comes before an article's id in the address of our own page about it, e.g.
    ``https://host/corpus/articles/``; "": entries link to the pages themselves. Times are those of the captures.
    """
    results = search(corpus, saved.query, Request(limit=entries, reach=saved.reach, ruled_out=ruled_out))
    found = tuple(entry_of(masked_hit(corpus, hit), story_id(corpus, hit), base_url) for hit in results.hits)
    return Feed(
        f"urn:uuid:{uuid.uuid5(NAMESPACE, 'search ' + saved.name)}",
        f"{saved.name}：{saved.query}",
        max([entry.captured for entry in found], default=saved.time),
        base_url,
        found,
    )


def story_id(corpus: sqlite3.Connection, hit: Hit) -> str:
    """Return the id of the oldest page of a story; the same for all its copies, and for those still to come."""
    if not hit.cluster_id:
        return hit.id
    row = corpus.execute(
        "SELECT id FROM articles WHERE cluster_id = ? ORDER BY first_captured, id LIMIT 1", (hit.cluster_id,)
    ).fetchone()
    return str(row[0]) if row else hit.id


def entry_of(hit: Hit, story: str, base_url: str) -> Entry:
    why = "；".join(reason_text(reason) for reason in hit.reasons)
    facts = [hit.site, hit.published or "日期不明 undated", *(" ".join(HIDDEN[code]) for code in hit.hidden)]
    if hit.copies:
        facts.append(copies_text(hit))
    shown = "".join(f"<p>{to_html(snippet)}</p>" for snippet in hit.snippets)
    return Entry(
        f"urn:uuid:{uuid.uuid5(NAMESPACE, story)}",
        hit.clean_title or hit.url,
        f"{base_url}{quote(hit.id)}" if base_url else hit.url,
        hit.url,
        hit.site,
        hit.first_captured,
        hit.published,
        f"{shown}<p>{escape(' · '.join(facts))}</p><p>匹配 matched: {escape(why)}</p>",
        "\n".join(
            [*(render(snippet, "【", "】") for snippet in hit.snippets), " · ".join(facts), f"匹配 matched: {why}"]
        ),
    )


def atom(feed: Feed) -> str:
    """Return the feed as an Atom document."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">',
        f"<id>{xml(feed.id)}</id><title>{xml(feed.title)}</title><updated>{xml(feed.updated)}</updated>",
        "<author><name>cuishou</name></author>",
    ]
    if feed.link:
        lines.append(f"<link href={attribute(feed.link)}/>")
    for entry in feed.entries:
        lines += [
            f"<entry><id>{xml(entry.id)}</id><title>{xml(entry.title)}</title>",
            f'<updated>{xml(entry.captured)}</updated><link rel="alternate" href={attribute(entry.link)}/>',
            f'<link rel="related" href={attribute(entry.page)}/><author><name>{xml(entry.site)}</name></author>',
            f'<content type="html">{xml(entry.html)}</content></entry>',
        ]
    return "\n".join([*lines, "</feed>"]) + "\n"


def xml(text: str) -> str:
    return escape(NOT_XML.sub("\ufffd", text))


def attribute(text: str) -> str:
    return quoteattr(NOT_XML.sub("\ufffd", text))


def json_feed(feed: Feed) -> str:
    """Return the feed as a JSON Feed 1.1 document."""
    items = [
        {
            "id": entry.id,
            "title": entry.title,
            "url": entry.link,
            "external_url": entry.page,
            "date_published": entry.captured,
            "content_html": entry.html,
            "content_text": entry.text,
            "authors": [{"name": entry.site}],
        }
        for entry in feed.entries
    ]
    document = {"version": "https://jsonfeed.org/version/1.1", "title": feed.title, "language": "zh-CN", "items": items}
    if feed.link:
        document["home_page_url"] = feed.link
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

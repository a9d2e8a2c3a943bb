"""Makes pages of a site: bodies in its charset, list pages, sitemaps, feeds, robots.txt."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape

from crawler.demo.layouts import Links, Site, Surroundings, list_page
from crawler.demo.pages import Manuscript, SamplePage, main_text, scope_of

Layout = Callable[[Site, Manuscript, Surroundings], str]
CHINA = timezone(timedelta(hours=8))
LISTED = "list-page|no-main-text"  # a short list may be refused for either
RELATED = 5  # links in a box; chosen
LIST_LENGTH = 12  # articles a list page; chosen, so that long sections have a second page
GZIP_TIME = 0  # so that the bytes are the same every time
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def url_of(site: Site, path: str) -> str:
    return f"http://{site.host}{path}"


def encoded(site: Site, html: str) -> bytes:
    """Return the HTML in the site's charset; characters it lacks become numeric references."""
    return html.encode(site.charset, "xmlcharrefreplace")


def page(site: Site, path: str, kind: str, outcome: str, html: str) -> SamplePage:
    """Return an HTML page of the site without truth about an article."""
    return SamplePage(
        url_of(site, path),
        kind,
        outcome,
        encoded(site, html),
        content_type=site.content_type,
        network=site.network,
        charset=site.charset,
    )


def neighbours(entries: Links, index: int) -> list[tuple[str, str]]:
    """Return up to RELATED other entries that follow the index, in a ring."""
    ring = [entries[(index + step) % len(entries)] for step in range(1, RELATED + 1)]
    return list(dict.fromkeys(entry for entry in ring if entry != entries[index]))


def article(site: Site, text: Manuscript, layout: Layout, around: Surroundings) -> SamplePage:
    """Return an honest article whose text as published is the text as written."""
    path = f"/{around.section_path}/{text.slug}.html"
    made = page(site, path, "article", "kept", layout(site, text, around))
    words = main_text(text.body)
    return replace(
        made,
        title=text.title,
        author=text.author,
        published=text.date.replace(" ", "T"),
        topic=text.topic,
        scope=text.scope or scope_of(text.topic),
        spam=0,
        original=words,
        readable=words,
    )


def lists(site: Site, entries: dict[str, Links], extra: Links = ()) -> list[SamplePage]:
    """Return the front page and the list pages of each section, LIST_LENGTH links a page.

    entries: section -> links of its articles; extra: links only the front page has.
    """
    made = []
    newest = [link for found in entries.values() for link in found[:RELATED]]
    front = list_page(site, site.name, [*newest, *extra])
    made.append(page(site, "/", "list", LISTED, front))
    for section, found in entries.items():
        name = site.sections[section]
        chunks = [found[start : start + LIST_LENGTH] for start in range(0, len(found), LIST_LENGTH)] or [()]
        paths = [
            f"/{section}/" if number == 0 else f"/{section}/list_{number + 1}.html" for number in range(len(chunks))
        ]
        pager = [(path, f"{number}") for number, path in enumerate(paths, 1)] if len(paths) > 1 else []
        made += [
            page(site, path, "list", LISTED, list_page(site, name, chunk, pager))
            for path, chunk in zip(paths, chunks, strict=True)
        ]
    return made


def robots(site: Site, *rules: str) -> SamplePage:
    """Return robots.txt with the rules for everybody."""
    body = "\n".join(["User-agent: *", *rules, ""]).encode()
    return SamplePage(url_of(site, "/robots.txt"), "robots", "links", body, content_type="text/plain")


def sitemap(site: Site, path: str, pages: Iterable[SamplePage], *, packed: bool = False) -> SamplePage:
    """Return a sitemap of the pages' URLs, gzip-packed if asked."""
    items = "".join(
        f"<url><loc>{escape(made.url)}</loc>{f'<lastmod>{made.published[:10]}</lastmod>' if made.published else ''}</url>\n"
        for made in pages
    )
    body = f'{XML}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{items}</urlset>\n'.encode()
    content_type = "application/gzip" if packed else "application/xml"
    return SamplePage(
        url_of(site, path),
        "sitemap",
        "links",
        gzip.compress(body, mtime=GZIP_TIME) if packed else body,
        content_type=content_type,
    )


def sitemap_index(site: Site, path: str, parts: Sequence[SamplePage]) -> SamplePage:
    """Return an index of sitemaps."""
    items = "".join(f"<sitemap><loc>{escape(part.url)}</loc></sitemap>\n" for part in parts)
    body = f'{XML}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{items}</sitemapindex>\n'
    return SamplePage(url_of(site, path), "sitemap", "links", body.encode(), content_type="application/xml")


def _moment(published: str) -> datetime:
    return datetime.fromisoformat(published).replace(tzinfo=CHINA)


def rss(site: Site, path: str, pages: Sequence[SamplePage]) -> SamplePage:
    """Return an RSS 2.0 feed of the pages."""
    items = "".join(
        f"<item><title>{escape(made.title)}</title><link>{escape(made.url)}</link><guid>{escape(made.url)}</guid>"
        f"<pubDate>{format_datetime(_moment(made.published))}</pubDate>"
        f"<description>{escape(made.readable[:80])}</description></item>\n"
        for made in pages
    )
    body = (
        f'{XML}<rss version="2.0"><channel><title>{escape(site.name)}</title><link>{url_of(site, "/")}</link>'
        f"<description>{escape(site.name)}</description>\n{items}</channel></rss>\n"
    )
    return SamplePage(url_of(site, path), "feed", "links", body.encode(), content_type="application/rss+xml")


def atom(site: Site, path: str, pages: Sequence[SamplePage]) -> SamplePage:
    """Return an Atom feed of the pages."""
    entries = "".join(
        f'<entry><title>{escape(made.title)}</title><id>{escape(made.url)}</id><link href="{escape(made.url)}"/>'
        f"<updated>{_moment(made.published).isoformat()}</updated></entry>\n"
        for made in pages
    )
    newest = max(made.published for made in pages)
    body = (
        f'{XML}<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(site.name)}</title>'
        f"<id>{url_of(site, '/')}</id><updated>{_moment(newest).isoformat()}</updated>\n{entries}</feed>\n"
    )
    return SamplePage(url_of(site, path), "feed", "links", body.encode(), content_type="application/atom+xml")

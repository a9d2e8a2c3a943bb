"""URLs named in a sitemap: an index of sitemaps, a set of pages, or plain lines; gzip or not.

Source: sitemaps.org protocol 0.9. Hostile input is bounded: no entities, no network, a cap on size and on URLs.
"""

from __future__ import annotations

import io

from lxml import etree

from corpus.urls import is_web_url, join
from corpus.warc import decode_body
from crawler.links import PageLink

MAX_URLS = 50_000  # the protocol's own limit
MAX_SIZE = 52_428_800  # bytes unpacked, the protocol's own limit


def sitemap_links(body: bytes, url: str) -> tuple[PageLink, ...]:
    """Return the sitemaps and pages that a sitemap names, in its order, each once; nothing for what is no sitemap."""
    if body.startswith(b"\x1f\x8b"):
        body = decode_body(body, "gzip", MAX_SIZE)
    if b"<" not in body[:1000]:
        return _lines(body, url)
    found: dict[str, PageLink] = {}
    parser = etree.iterparse(
        io.BytesIO(body),
        events=("end",),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for _, element in parser:
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if name == "loc" and element.text and element.getparent() is not None:
                kind = "sitemap" if etree.QName(element.getparent()).localname == "sitemap" else "page"
                target = join(url, element.text)
                if target:
                    found.setdefault(target, PageLink(target, kind))
            elif name in {"url", "sitemap"}:
                element.clear()
            if len(found) >= MAX_URLS:
                break
    except etree.XMLSyntaxError:
        pass  # what was read until then is good
    return tuple(found.values())


def _lines(body: bytes, url: str) -> tuple[PageLink, ...]:
    lines = body.decode("utf-8", "replace").splitlines()[:MAX_URLS]
    targets = (join(url, line) for line in lines if line.strip().startswith("http"))
    return tuple(PageLink(target) for target in dict.fromkeys(targets) if is_web_url(target))

"""Links of a page, sitemap or feed: absolute, canonical, each once; whatever the bytes."""

from __future__ import annotations

import codecs
import gzip
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds import feed_links
from crawler.links import PageLink, links
from crawler.sitemaps import sitemap_links

BASE = "http://www.a.example/news/1.html"


def urls(html: str, kind: str = "text/html; charset=utf-8", encoding: str = "utf-8") -> list[str]:
    return [link.url for link in links(html.encode(encoding), kind, BASE).links]


HREFS = {
    "rooted": ("/x.html", ["http://www.a.example/x.html"]),
    "relative": ("2.html", ["http://www.a.example/news/2.html"]),
    "other host": ("//b.example/x", ["http://b.example/x"]),
    "white space": (" \n/x.html ", ["http://www.a.example/x.html"]),
    "entity": ("/x?a=1&amp;b=2", ["http://www.a.example/x?a=1&b=2"]),
    "fragment": ("#top", []),
    "script": ("javascript:void(0)", []),
    "mail": ("mailto:a@b.example", []),
    "file": ("file:///etc/passwd", []),
    "broken": ("http://[", []),
    "empty": ("", []),
    "Chinese": ("/催收/1", ["http://www.a.example/%E5%82%AC%E6%94%B6/1"]),
}


@pytest.mark.parametrize(("href", "expected"), HREFS.values(), ids=HREFS.keys())
def test_hrefs(href: str, expected: list[str]) -> None:
    assert urls(f'<a href="{href}">x</a>') == expected


def test_each_link_once_in_the_order_of_the_page() -> None:
    assert urls('<a href="/b">x</a><a href="/a">x</a><a href="/b#c">x</a>') == [
        "http://www.a.example/b",
        "http://www.a.example/a",
    ]


def test_a_query_is_escaped_in_the_charset_of_the_page() -> None:
    assert urls('<a href="/s?q=催收">x</a>', "text/html; charset=gb2312", "gbk") == [
        "http://www.a.example/s?q=%B4%DF%CA%D5"
    ]


def test_nofollow_is_honoured() -> None:
    found = links(b'<a rel="nofollow ugc" href="/a">x</a><a href="/b">x</a>', "text/html", BASE)
    assert ([link.url for link in found.links], found.nofollow) == (["http://www.a.example/b"], 1)
    assert urls('<META NAME="Robots" content="noindex,NOFOLLOW"><a href="/b">x</a>') == []


def test_base_frames_refresh_and_feeds() -> None:
    html = (
        '<base href="/deep/"><a href="x">x</a><iframe src="y"></iframe><meta http-equiv="Refresh" content="3; URL=\'z\'">'
        '<link rel="alternate" type="application/atom+xml" href="/feed">'
    )
    found = {link.url: link.kind for link in links(html.encode(), "text/html", BASE).links}
    assert found == {
        "http://www.a.example/deep/x": "page",
        "http://www.a.example/deep/y": "page",
        "http://www.a.example/deep/z": "page",
        "http://www.a.example/feed": "feed",
    }


def test_words_of_the_topic_come_first() -> None:
    topic, other = links(
        "<a href='/1'>网贷<b>逾期</b>怎么办</a><a href='/2'>天气</a>".encode(), "text/html", BASE
    ).links
    assert topic.priority > other.priority


@pytest.mark.parametrize(
    "charset", ["idna", "unicode_escape", "zip", "undefined", "utf-16", "no such", "utf-8-sig", "gbk"]
)
def test_no_charset_label_is_a_trap(charset: str) -> None:
    for body in (b'<a href="/x">y</a>', codecs.BOM_UTF16_LE + '<a href="/x?催">y</a>'.encode("utf-16-le")):
        links(body, f"text/html; charset={charset}", BASE)


MARKUP = {
    "upper case": ("<A HREF=/x>y</A>", ["http://www.a.example/x"]),
    "single quotes": ("<a class='c' href='/x'>y</a>", ["http://www.a.example/x"]),
    "no space between attributes": ('<a class="c"href="/x">y</a>', ["http://www.a.example/x"]),
    "line breaks": ('<a\n  href\n=\n"/x"\n>y</a>', ["http://www.a.example/x"]),
    "no value": ("<a href>y</a><a disabled href=/x>y</a>", ["http://www.a.example/x"]),
    "the first of two": ('<a href="/x" href="/y">y</a>', ["http://www.a.example/x"]),
    "a quote that never ends": ('<a href="/y>y</a> <a href=/x>y</a>', ["http://www.a.example/x"]),
    "greater-than in a value": ('<a title="a > b" href="/x">y</a>', ["http://www.a.example/x"]),
    "comment": ('<!-- <a href="/y"> --><a href="/x">', ["http://www.a.example/x"]),
    "empty comment": ('<!--><a href="/x">', ["http://www.a.example/x"]),
    "script": ("<script>'<a href=\"/y\">'</script><a href='/x'>", ["http://www.a.example/x"]),
    "script that never ends": ("<a href='/x'><script><a href='/y'>", ["http://www.a.example/x"]),
    "other tags that begin like it": ("<abbr href='/y'><area><a href='/x'>", ["http://www.a.example/x"]),
    "amp that is no entity": ('<a href="/s?a=1&copy=2">', ["http://www.a.example/s?a=1&copy=2"]),
    "entities": ('<a href="/s?a=1&#38;b=2&amp;c=3">', ["http://www.a.example/s?a=1&b=2&c=3"]),
}


@pytest.mark.parametrize(("markup", "expected"), MARKUP.values(), ids=MARKUP.keys())
def test_markup(markup: str, expected: list[str]) -> None:
    assert urls(markup) == expected


HOSTILE = {
    "open tags": b"<div>" * 800_000,
    "formatting tags": b"".join(b"<a href=/%d><font c=%d><div>" % (n, n) for n in range(100_000)),
    "paragraphs in bold": b"".join(b"<b id=%d>" % n for n in range(60_000)) + b"<p>x" * 60_000,
    "links in objects": b"<a href=/x><object>" * 200_000,
    "quotes that never end": b'<a href="' * 400_000,
    "comments that never end": b"<!--" * 1_000_000,
    "scripts that never end": b"<script>" * 500_000,
    "attributes": b"<a " + b"x=1 " * 1_000_000 + b"href=/x>",
    "spaces": b"<a" + b" " * 4_000_000,
    "links of one tag": b"<a href=/x " * 300_000,
    "entities": b"<a href='" + b"&amp" * 1_000_000 + b"'>",
    "less-than": b"<" * 4_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.timeout(20)
def test_hostile_pages_of_megabytes_cost_seconds_at_most(body: bytes) -> None:
    begun = process_time()
    links(body, "text/html", BASE)
    assert process_time() - begun < 4.0


def test_nesting_and_link_dumps_are_bounded() -> None:
    assert links(b"<div>" * 60_000, "text/html", BASE).links == ()
    dump = "".join(f'<a href="/{number}">x</a>' for number in range(5_000))
    assert len(urls(dump)) == 3_000


@given(st.binary(max_size=400), st.text(max_size=40))
def test_any_bytes_are_read(body: bytes, kind: str) -> None:
    for found in (links(b"<" + body, kind, BASE).links, sitemap_links(body, BASE), feed_links(body, BASE)):
        assert all(link.url.startswith("http") for link in found)


def test_a_sitemap_names_sitemaps_and_pages() -> None:
    index = b'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/a.xml</loc></sitemap></sitemapindex>'
    assert sitemap_links(index, BASE) == (PageLink("http://www.a.example/a.xml", "sitemap"),)
    pages = b"<urlset><url><loc> /1 </loc></url><url><loc>/2</loc></url><url><loc>/1</loc></url></urlset>"
    expected = (PageLink("http://www.a.example/1"), PageLink("http://www.a.example/2"))
    assert sitemap_links(pages, BASE) == sitemap_links(gzip.compress(pages), BASE) == expected
    assert sitemap_links(b"http://www.a.example/1\n\nnothing\nhttp://www.a.example/2\n", BASE) == expected


def test_entities_of_a_sitemap_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    body = bomb + b"<urlset><url><loc>/&b;</loc></url><url><loc>/&f;</loc></url><url><loc>/2</loc></url></urlset>"
    assert "http://www.a.example/2" in [link.url for link in sitemap_links(body, BASE)]
    assert not any("aaaa" in link.url or "root" in link.url for link in sitemap_links(body, BASE))


def test_a_cut_sitemap_gives_what_it_has() -> None:
    assert [link.url for link in sitemap_links(b"<urlset><url><loc>/1</loc></url><url><loc>/2", BASE)][:1] == [
        "http://www.a.example/1"
    ]


@pytest.mark.parametrize(
    "feed",
    [
        b"<rss version='2.0'><channel><item><link>http://www.a.example/1</link></item><item><link>/2</link></item></channel></rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='/1'/></entry><entry><link href='/2'/></entry></feed>",
    ],
    ids=["RSS", "Atom"],
)
def test_a_feed_names_pages(feed: bytes) -> None:
    assert [link.url for link in feed_links(feed, BASE)] == ["http://www.a.example/1", "http://www.a.example/2"]


def test_a_feed_that_is_a_path_is_not_opened(tmp_path: object) -> None:
    assert feed_links(b"/etc/passwd", BASE) == ()
    assert feed_links(b"http://127.0.0.1:9/", BASE) == ()

"""Canonical URLs and sites."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.urls import canonical_url, host_of, is_web_url, join, site_of, url_key

CANONICAL = {
    "case, user and default port": ("HTTP://U:p@Www.Example.CN:80/A", "http://www.example.cn/A"),
    "other port stays": ("https://a.cn:8443/", "https://a.cn:8443/"),
    "empty path": ("http://a.cn", "http://a.cn/"),
    "fragment": ("http://a.cn/x#top", "http://a.cn/x"),
    "dot segments": ("http://a.cn/a/./b/../c", "http://a.cn/a/c"),
    "more dot segments than folders": ("http://a.cn/../../etc/passwd", "http://a.cn/etc/passwd"),
    "escapes in one spelling": ("http://a.cn/%7eab/%e4%bd%a0", "http://a.cn/~ab/%E4%BD%A0"),
    "Chinese path and query": ("http://a.cn/催?词=收", "http://a.cn/%E5%82%AC?%E8%AF%8D=%E6%94%B6"),
    "bare percent sign": ("http://a.cn/100%", "http://a.cn/100%25"),
    "query sorted": ("http://a.cn/?b=2&a=1", "http://a.cn/?a=1&b=2"),
    "tracking dropped": ("http://a.cn/?utm_source=x&spm=1.2&id=3&share_token=z", "http://a.cn/?id=3"),
    "session dropped": ("http://a.cn/;jsessionid=A1?sid=0123456789abcdef0", "http://a.cn/"),
    "a short sid is a key": ("http://a.cn/?sid=12", "http://a.cn/?sid=12"),
    "a share mark is dropped": ("http://a.cn/?from=singlemessage", "http://a.cn/"),
    "a place to start from is a key": ("http://a.cn/?from=20", "http://a.cn/?from=20"),
    "Chinese host": ("http://用户.中国/", "http://xn--zouo53b.xn--fiqs8s/"),
    "trailing dot of the host": ("http://a.cn./x", "http://a.cn/x"),
    "IPv6": ("http://[0:0::1]:80/x", "http://[::1]/x"),
    "white space": (" \nhttp://a.cn/x\ty ", "http://a.cn/xy"),
    "a file": ("file:///pages/a.html#x", "file:///pages/a.html"),
    "no URL at all": ("javascript:alert(1)", "javascript:alert(1)"),
    "a port that cannot be": ("http://a.cn:99999/", "http://a.cn:99999/"),
}


@pytest.mark.parametrize(("url", "expected"), CANONICAL.values(), ids=CANONICAL.keys())
def test_canonical_url(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


web_urls = st.builds(
    "{}://{}{}/{}?{}".format,
    st.sampled_from(["http", "HTTPS"]),
    st.from_regex(r"[a-zA-Z0-9\u4e00-\u4e80-]{1,20}(\.[a-z]{1,6}){1,3}", fullmatch=True),
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.text(max_size=40),
    st.text(max_size=40),
)


@given(st.one_of(st.text(max_size=200), web_urls))
def test_canonical_urls_come_back_unchanged_and_nothing_raises(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    site_of(url)
    join("http://a.cn/b/", url)


@given(web_urls)
def test_a_web_url_stays_a_web_url(url: str) -> None:
    assert is_web_url(canonical_url(url)) == bool(host_of(canonical_url(url)))


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "url", ["http://" + "a-" * 900 + "!/", "http://a.cn/" + "a/" * 900 + "!", "http://" + "a." * 5000]
)
def test_long_hostile_urls_cost_nothing(url: str) -> None:
    for _ in range(100):
        canonical_url(url)


SITES = {
    "registrable domain": ("http://news.daikuan.com.cn/a", "daikuan.com.cn"),
    "a host": ("www.example.cn", "example.cn"),
    "shared host, private part of the list": ("lao-wang.github.io", "lao-wang.github.io"),
    "shared host of our own list": ("http://x.blog.163.com/1", "x.blog.163.com"),
    "a suffix itself": ("github.io", "github.io"),
    "address": ("http://10.0.0.1:80/", "10.0.0.1"),
    "IPv6 address": ("http://[::1]/", "[::1]"),
    "name without a dot": ("localhost", "localhost"),
    "unlisted top-level domain": ("www.lender.test", "lender.test"),
    "Chinese domain": ("http://www.贷款.中国/", "xn--0kwr83e.xn--fiqs8s"),
    "file": ("file:///a/b.html", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("given_", "expected"), SITES.values(), ids=SITES.keys())
def test_site_of(given_: str, expected: str) -> None:
    assert site_of(given_) == expected


def test_schemes_share_a_key() -> None:
    assert url_key("http://a.cn/x") == url_key("https://a.cn/x") != url_key("http://www.a.cn/x")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("../x.html", "http://a.cn/x.html"),
        ("//b.cn/", "http://b.cn/"),
        ("?p=2", "http://a.cn/b/c.html?p=2"),
        ("#top", ""),
        ("javascript:void(0)", ""),
        ("mailto:a@b.cn", ""),
        ("http://[bad/", ""),
        ("file:///etc/passwd", ""),
        ("", ""),
    ],
)
def test_join(link: str, expected: str) -> None:
    assert join("http://a.cn/b/c.html", link) == expected

"""Which pages are judged together."""

from __future__ import annotations

import pytest

from corpus.site_units import is_path_unit, shared_depth, shared_hosts, site_of_unit, unit_of

UNITS = [
    ("registrable domain", "https://www.a.example.com.cn/x/1.html", "example.com.cn"),
    ("subdomains are one", "http://m.daikuan.com.cn/", "daikuan.com.cn"),
    ("account in the host name", "https://lisi.github.io/a", "lisi.github.io"),
    ("account in the path", "https://blog.csdn.net/lisi/article/details/1", "blog.csdn.net/lisi"),
    ("column", "https://zhuanlan.zhihu.com/p/123", "zhuanlan.zhihu.com/p/123"),
    ("front page of a shared host", "https://blog.csdn.net/", "blog.csdn.net"),
    ("folder of a hijacked host", "http://www.jixie.example/b/1.html", "www.jixie.example/b"),
    ("root of a hijacked host", "http://www.jixie.example/1.html", "www.jixie.example"),
    ("no address", "file:///tmp/a.html", ""),
]


@pytest.mark.parametrize(("url", "unit"), [row[1:] for row in UNITS], ids=[row[0] for row in UNITS])
def test_unit(url: str, unit: str) -> None:
    assert unit_of(url, {"jixie.example"}) == unit


def test_a_unit_lies_in_its_site() -> None:
    assert site_of_unit("www.jixie.example/b") == "jixie.example"
    assert is_path_unit("www.jixie.example/b")
    assert not is_path_unit("jixie.example")


def test_shared_hosts_are_listed_once_with_a_depth() -> None:
    assert all(shared_depth(host) in {1, 2} for host in shared_hosts())

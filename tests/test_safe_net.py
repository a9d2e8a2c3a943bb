"""Addresses the crawler may connect to. (That no listener is reached is tested by a crawl, in test_crawling.)"""

from __future__ import annotations

import pytest

from corpus.errors import InputError
from crawler.safe_net import is_public, lookup, may_connect, parse_resolve, unsafe

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
    "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "::1", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


def test_the_exception_is_loopback_only() -> None:
    assert may_connect("127.0.0.1", allow_loopback=True)
    assert not may_connect("10.0.0.1", allow_loopback=True)
    assert not may_connect("169.254.169.254", allow_loopback=True)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://www.a.example/", ""),
        ("https://www.a.example:8443/", ""),
        ("http://www.a.example:22/", "port 22"),
        ("http://www.a.example:6379/", "port 6379"),
        ("ftp://www.a.example/", "scheme ftp"),
        ("file:///etc/passwd", "scheme file"),
        ("http://10.0.0.1/", "address 10.0.0.1"),
        ("http://[::1]/", "address ::1"),
        ("http://u:p@www.a.example/", "a user name in the address"),
        ("http://[/", "not a URL"),
    ],
)
def test_urls_that_are_unsafe_by_themselves(url: str, why: str) -> None:
    assert unsafe(url, allow_loopback=False, resolve={}) == why


def test_resolve_names_hosts_and_suffixes() -> None:
    resolve = parse_resolve(["a.example=127.0.0.1:81", "*.b.example=127.0.0.2:82"])
    assert lookup("a.example", resolve) == "127.0.0.1:81"
    assert lookup("x.y.b.example", resolve) == "127.0.0.2:82"
    assert lookup("b.example", resolve) == lookup("c.example", resolve) == ""


@pytest.mark.parametrize(
    "pair", ["a", "a=", "=127.0.0.1:1", "a=10.0.0.1:80", "a=127.0.0.1", "a=127.0.0.1:0", "a=localhost:80"]
)
def test_resolve_takes_loopback_only(pair: str) -> None:
    with pytest.raises(InputError, match="only loopback"):
        parse_resolve([pair])

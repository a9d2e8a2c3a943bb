"""The site file: what it may say, and that every mistake names its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InputError
from crawler.scope import Site
from crawler.site_file import SiteFile, read_site_file


def read(folder: Path, text: str | bytes) -> SiteFile:
    path = folder / "sites.yml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_site_file(path)


def test_everything_it_may_say(tmp_path: Path) -> None:
    text = """
contact: research@corpus.example
delay: 2
timeout: 20
retry_wait: 5
max_pages: 1000
sites:
  - start: [www.a.example, "https://b.example/news/"]
    name: 江湾日报
    hosts: [A.example]
    include: ["/news/*"]
    exclude: ["*/print/*"]
    follow: [links, feeds]
    sitemaps: https://www.a.example/sitemap.xml
    feeds: [https://www.a.example/rss.xml]
    max_pages: 50
    max_depth: 3
    delay: 5
"""
    site = Site(
        start=("http://www.a.example/", "https://b.example/news/"),
        hosts=("a.example",),
        include=("/news/*",),
        exclude=("*/print/*",),
        follow=("links", "feeds"),
        sitemaps=("https://www.a.example/sitemap.xml",),
        feeds=("https://www.a.example/rss.xml",),
        name="江湾日报",
        max_pages=50,
        max_depth=3,
        delay=5.0,
    )
    expected = SiteFile((site,), "research@corpus.example", 2.0, 1000, 20.0, 5.0)
    assert read(tmp_path, text) == expected


MISTAKES = {
    "unknown key": (
        "sites:\n  - start: a.example\n    max_page: 3\n",
        3,
        "unknown key `max_page`. Did you mean `max_pages`?",
    ),
    "unknown key at the top": ("site:\n  - start: a.example\n", 1, "Did you mean `sites`?"),
    "unlike any key": ("zzz: 1\n", 1, "Known keys: sites,"),
    "key twice": ("contact: a\nsites:\n  - start: a.example\ncontact: b\n", 4, "given twice"),
    "no start": ("sites:\n  - start: a.example\n  - name: b\n", 3, "needs `start`"),
    "not an address": (
        "sites:\n  - start:\n    - a.example\n    - ftp://b.example\n",
        4,
        "ftp://b.example is not a web address",
    ),
    "not a number": ("sites:\n  - start: a.example\n    max_depth: deep\n", 3, "whole number from 0 to 100"),
    "too large": ("delay: 9999999\n", 1, "a number from 0 to 3600"),
    "not a list": ("sites: a.example\n", 1, "must be a list of sites"),
    "empty list": ("sites: []\n", 1, "must be a list of sites"),
    "site is a text": ("sites:\n  - a.example\n", 2, "`key: value` lines"),
    "pattern": ("sites:\n  - start: a.example\n    include: [news]\n", 3, "begins with / or *"),
    "host": ("sites:\n  - start: a.example\n    hosts: [http://a.example/]\n", 3, "takes host names"),
    "follow": ("sites:\n  - start: a.example\n    follow: [link]\n", 3, "takes links, sitemaps, feeds"),
    "no YAML": ("sites:\n  - start: [a.example\n", 3, "not YAML"),
    "tab": ("sites:\n\t- start: a\n", 2, "not YAML"),
    "empty": ("", 1, "is empty"),
    "a list": ("- a\n", 1, "`key: value` lines"),
}


@pytest.mark.parametrize(("text", "line", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_names_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read(tmp_path, text)
    assert f"sites.yml, line {line}: " in str(raised.value)
    assert message in str(raised.value)


def test_wrong_encoding_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2: this is not UTF-8"):
        read(tmp_path, b"contact: a\n# " + "催收".encode("gbk"))


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_site_file(tmp_path / "nothing.yml")


def test_deep_nesting_is_no_crash(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read(tmp_path, "[" * 50_000)


@given(st.one_of(st.binary(max_size=300), st.text("sites: \n-[]{}&*!|>'\"#start", max_size=200)))
def test_whatever_stands_in_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str | bytes) -> None:
    try:
        read(tmp_path_factory.mktemp("sites"), text)
    except InputError as error:
        assert "sites.yml" in str(error)  # noqa: PT017 - any text is tried; most raise nothing

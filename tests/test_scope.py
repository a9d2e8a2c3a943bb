"""Which URLs a crawl may fetch."""

from __future__ import annotations

import pytest

from crawler.scope import MAX_PER_QUERY_TEMPLATE, Scope, Site, refusal, template

SITE = Site(
    start=("http://www.a.example/",), include=("/news/*", "/"), exclude=("*/print/*",), max_pages=10, max_depth=3
)


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("a.example", True),
        ("www.a.example", True),
        ("deep.www.a.example:8080", True),
        ("evil-a.example", False),
        ("a.example.evil.example", False),
        ("example", False),
        ("", False),
    ],
)
def test_a_site_is_its_registrable_domain_and_what_is_under_it(host: str, inside: bool) -> None:
    assert (Scope([SITE]).rule(host) is SITE) is inside


def test_the_nearest_rule_counts() -> None:
    special = Site(start=(), hosts=("news.a.example",))
    scope = Scope([SITE, special])
    assert scope.rule("x.news.a.example") is special
    assert scope.rule("www.a.example") is SITE


def test_on_a_shared_host_a_site_is_one_persons() -> None:
    scope = Scope([Site(start=("http://wang.github.io/",))])
    assert scope.rule("li.github.io") is None


CASES = {
    "front page": ("/", 0, 0, 0, ""),
    "included": ("/news/1.html", 1, 0, 0, ""),
    "not included": ("/about", 1, 0, 0, "out-of-scope"),
    "excluded": ("/news/print/1", 1, 0, 0, "out-of-scope"),
    "too deep": ("/news/1.html", 4, 0, 0, "limit"),
    "too many pages": ("/news/1.html", 1, 10, 0, "limit"),
    "picture": ("/news/1.JPG", 1, 0, 0, "binary"),
    "document": ("/news/1.pdf?x=1", 1, 0, 0, "binary"),
    "repeated folders": ("/news/a/b/a/b/a/b", 1, 0, 0, "trap"),
    "many folders": ("/news/" + "/".join(map(str, range(20))), 1, 0, 0, "trap"),
    "many parameters": ("/news/?" + "&".join(f"p{n}=1" for n in range(9)), 1, 0, 0, "trap"),
    "calendar": ("/news/?day=7", 1, 0, MAX_PER_QUERY_TEMPLATE, "trap"),
    "articles of one form are no calendar": ("/news/7.html", 1, 0, MAX_PER_QUERY_TEMPLATE, ""),
}


@pytest.mark.parametrize(("path", "depth", "pages", "alike", "reason"), CASES.values(), ids=CASES.keys())
def test_refusal(path: str, depth: int, pages: int, alike: int, reason: str) -> None:
    url = "http://www.a.example" + path
    assert refusal(url, SITE, depth=depth, pages=pages, template_pages=alike)[0] == reason


@pytest.mark.timeout(5)
def test_globs_of_many_stars_cost_nothing() -> None:
    site = Site(start=(), hosts=("a.example",), exclude=("/" + "*a" * 60 + "b",))
    refusal("http://a.example/" + "a" * 1900, site, depth=0, pages=0, template_pages=0)


def test_a_template_is_the_url_without_its_numbers() -> None:
    assert template("http://a.cn/x?day=12&id=0a1b2c3d4e5f6a7b") == "http://a.cn/x?day=N&id=X"
    assert template("http://a.cn/x?day=1") == template("http://a.cn/x?day=31")

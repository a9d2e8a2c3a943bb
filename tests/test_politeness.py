"""How often a host is asked, and what its robots.txt means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.politeness import Host, Policy, Robots, backoff, next_delay, retry_after, robots_of, settle

POLICY = Policy(delay=1.0, max_delay=60.0, max_wait=3600.0, retry_wait=10.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("999999999", 3600.0),
        ("9" * 400, 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("Thu, 01 Jan 1970 00:17:40 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 99 Foo 1970 00:00:00 GMT", 0.0),
    ],
)
def test_retry_after(value: str, seconds: float) -> None:
    assert retry_after(value, now=1000.0, policy=POLICY) == seconds


@given(st.text(max_size=50))
def test_no_retry_after_raises_or_holds_longer_than_the_policy(value: str) -> None:
    assert 0.0 <= retry_after(value, now=1000.0, policy=POLICY) <= POLICY.max_wait


def test_the_delay_follows_the_latency_within_its_bounds() -> None:
    assert next_delay(1.0, 0.01, good=True, policy=POLICY) == 1.0
    assert next_delay(1.0, 5.0, good=True, policy=POLICY) == 5.0
    assert next_delay(9.0, 1.0, good=True, policy=POLICY) == 5.0
    assert next_delay(1.0, 500.0, good=True, policy=POLICY) == 60.0


def test_errors_answer_fast_and_do_not_shorten_the_delay() -> None:
    assert next_delay(9.0, 0.1, good=False, policy=POLICY) == 9.0


@pytest.mark.parametrize(
    ("asked", "gap"), [("7", 7.0), ("0.1", 1.0), ("999999", 3600.0), ("soon", 1.0), ("nan", 1.0), ("inf", 1.0)]
)
def test_crawl_delay_is_kept_within_reason(asked: str, gap: float) -> None:
    host = Host("a.example", "a.example", robots=Robots(f"User-agent: *\nCrawl-delay: {asked}", "cuishou"))
    settle(host, now=100.0, latency=0.1, status=200, policy=POLICY)
    assert host.next_at == 100.0 + gap


def test_backoff_doubles_and_ends() -> None:
    assert [backoff(attempt, POLICY) for attempt in (1, 2, 3, 99)] == [10.0, 20.0, 40.0, 3600.0]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 599])
def test_robots_errors_of_the_server_allow_nothing(status: int) -> None:
    assert robots_of(status, b"User-agent: *\nAllow: /", "cuishou") is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_other_robots_errors_allow_everything(status: int) -> None:
    rules = robots_of(status, b"User-agent: *\nDisallow: /", "cuishou")
    assert rules is not None
    assert rules.allows("http://a.example/x")


def test_the_user_agents_name_is_matched_without_version_and_contact() -> None:
    text = b"User-agent: Cuishou\nDisallow: /\n\nUser-agent: *\nAllow: /"
    rules = robots_of(200, text, "cuishou/0.1 (+https://corpus.example/)")
    assert rules is not None
    assert not rules.allows("http://a.example/x")


@given(st.binary(max_size=300))
def test_any_robots_txt_can_be_asked(body: bytes) -> None:
    rules = robots_of(200, b"User-agent: *\n" + body, "cuishou")
    assert rules is not None
    rules.allows("http://a.example/催")
    assert rules.crawl_delay >= 0.0
    assert isinstance(rules.sitemaps, tuple)

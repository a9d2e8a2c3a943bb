"""How often a host may be asked, and what its robots.txt allows.

One request at a time per host, a delay that follows the latency of the host (the rule of Scrapy's AutoThrottle), never
shorter than its Crawl-delay; Retry-After and repeated errors hold the whole host, not one request. robots.txt answers of
5xx and 429, and hosts that cannot be reached, mean "nothing is allowed" (RFC 9309, section 2.3.1.4), other 4xx mean
"everything is". Times are seconds since the epoch, delays seconds; the clock is an argument.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from protego import Protego

MAX_ROBOTS = 512_000  # bytes; RFC 9309 asks for at least 500 KiB
_ALLOW_ALL = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """How polite a crawl is. The defaults are for strangers' servers."""

    delay: float = 1.5  # seconds between two requests to a host, at least
    max_delay: float = 60.0  # seconds that latency alone can lead to
    target_concurrency: float = 1.0  # AutoThrottle's: requests in parallel that the latency should allow
    max_wait: float = 3600.0  # seconds that Retry-After and Crawl-delay are believed
    tries: int = 3  # of one URL, and of robots.txt, before we give up
    retry_wait: float = 10.0  # seconds before the second try; doubled for each further one
    dead_after: int = 3  # URLs of a host in a row that could not be reached, before the rest is given up
    robots_age: float = 86_400.0  # seconds for which robots.txt is believed (RFC 9309, section 2.4)
    user_agent: str = "cuishou"


class Robots:
    """What a robots.txt allows. An unparsable file allows everything, as an empty one does."""

    def __init__(self, text: str, user_agent: str) -> None:
        self.text = text
        self._agent = user_agent
        self._rules = Protego.parse(text) if text.strip() else None

    def allows(self, url: str) -> bool:
        """Return whether the URL may be fetched."""
        return self._rules is None or bool(self._rules.can_fetch(url, self._agent))

    @property
    def crawl_delay(self) -> float:
        """Seconds between two requests that the host asks for; 0: it does not say."""
        asked = float(self._rules.crawl_delay(self._agent) or 0.0) if self._rules else 0.0
        return asked if 0.0 < asked < math.inf else 0.0  # "nan" and "inf" are numbers to a parser

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """URLs of sitemaps named in the file, in its order."""
        return tuple(self._rules.sitemaps) if self._rules else ()


@dataclass(slots=True)
class Host:
    """What is known of one host (name, with the port where it is not the scheme's). Changes as the host answers."""

    name: str
    site: str
    delay: float = 0.0
    next_at: float = 0.0  # not to be asked before
    in_flight: bool = False
    waiting: bool = False  # stands in the dispatcher's queue of hosts
    robots: Robots | None = None
    robots_at: float = 0.0
    robots_tries: int = 0
    robots_url: str = ""  # where robots.txt is fetched next: a redirect may lead elsewhere
    robots_hops: int = 0
    dead: str = ""  # reason code, once the host is given up for this run
    failures: int = 0  # in a row, of the connection
    fetched: int = 0
    failed: int = 0
    last_status: int = 0
    last_success: float = 0.0
    errors: dict[str, int] = field(default_factory=dict)


def robots_of(status: int, body: bytes, user_agent: str) -> Robots | None:
    """Return the rules that an answer to robots.txt means, or None for "nothing is allowed, ask again later"."""
    if status == 429 or status >= 500:
        return None
    text = body[:MAX_ROBOTS].decode("utf-8", "replace").lstrip("\ufeff") if 200 <= status < 300 else _ALLOW_ALL
    return Robots(text, user_agent)


def next_delay(delay: float, latency: float, *, good: bool, policy: Policy) -> float:
    """Return the delay after an answer that took ``latency`` seconds.

    good: status 200; others answer fast and must not shorten the delay. Source: Scrapy's AutoThrottle extension.
    """
    target = latency / policy.target_concurrency
    longer = max(target, (delay + target) / 2.0)
    longer = min(max(policy.delay, longer), policy.max_delay)
    return delay if not good and longer < delay else longer


def settle(host: Host, *, now: float, latency: float, status: int, policy: Policy) -> None:
    """Take note of an answer: the host's delay and the time from which it may be asked again."""
    host.delay = next_delay(max(host.delay, policy.delay), latency, good=status == 200, policy=policy)
    asked = min(host.robots.crawl_delay, policy.max_wait) if host.robots else 0.0
    host.next_at = max(host.next_at, now + max(host.delay, asked))
    host.last_status = status


def hold(host: Host, *, now: float, seconds: float) -> None:
    """Ask the host nothing for so many seconds."""
    host.next_at = max(host.next_at, now + seconds)


def retry_after(value: str, *, now: float, policy: Policy) -> float:
    """Return the seconds that a Retry-After header asks for, bounded by the policy; 0.0 where it says nothing.

    Source: RFC 9110, section 10.2.3 (seconds, or a date).
    """
    value = value.strip()
    if value.isdecimal() and len(value) < 12:
        seconds = float(value)
    else:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return min(max(seconds, 0.0), policy.max_wait)


def backoff(attempt: int, policy: Policy) -> float:
    """Return the seconds to wait after the ``attempt``-th failed try (1, 2 …)."""
    return min(policy.retry_wait * 2.0 ** min(max(attempt - 1, 0), 20), policy.max_wait)

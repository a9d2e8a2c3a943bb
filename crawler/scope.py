"""Which URLs a crawl may fetch: those of its sites, within budgets that traps cannot outgrow.

A ``Scope`` is a set of site rules. A link is asked about once, with what is known of it (depth, how many pages of the
site and of the URL's template are in the frontier already), and gets a reason code of ``corpus.records.REASONS`` or "".
Budgets rather than cleverness: calendars, session ids and spider pools of wildcard subdomains all end at the same caps.
Source of the caps: research on traps in Chinese crawls; the numbers are chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urlsplit

from corpus.urls import host_of, site_of

MAX_REPEATS = 2  # times that a path segment may occur; /a/b/a/b/a/b is a trap
MAX_SEGMENTS = 16
MAX_PARAMETERS = 8
MAX_PER_QUERY_TEMPLATE = 300  # URLs that differ only in digits, with a query: calendars, filters, sorts
_DIGITS = re.compile(r"\d+")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f-]*[a-f])[0-9a-f][0-9a-f-]{11,}(?![0-9A-Za-z])")
# Files that are no page; asked about by ending, so that they are not even requested.
_BINARY = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|bmp|tiff?|css|js|json|woff2?|ttf|eot|mp[34]|avi|mov|wmv|flv|m4[av]|wav|zip|rar|7z|"
    r"gz|bz2|xz|tar|exe|apk|ipa|dmg|msi|iso|pdf|docx?|xlsx?|pptx?|swf|torrent)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Site:
    """What to crawl of one site. Patterns are globs over path and query (``/news/*``); exclude wins over include."""

    start: tuple[str, ...]  # URLs to start from
    hosts: tuple[str, ...] = ()  # hosts in scope: the name itself and names under it; default: the sites of ``start``
    include: tuple[str, ...] = ()  # empty: everything
    exclude: tuple[str, ...] = ()
    follow: tuple[str, ...] = ("links", "sitemaps", "feeds")
    sitemaps: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    name: str = ""
    max_pages: int = 5_000  # of the registrable domain
    max_depth: int = 8
    delay: float = 0.0  # seconds; 0: the policy's

    def scope_hosts(self) -> tuple[str, ...]:
        """Return the hosts in scope, lower-case."""
        given = self.hosts or tuple(site_of(url) for url in (*self.start, *self.sitemaps, *self.feeds))
        return tuple(dict.fromkeys(host.lower() for host in given if host))


def nothing_withdrawn(_url: str, _body_sha256: str) -> bool:
    return False


class Scope:
    """The sites of a crawl, asked about by URL. ``withdrawn(url, sha256 of the body)``: whether it was taken down."""

    def __init__(self, sites: Iterable[Site], withdrawn: Callable[[str, str], bool] = nothing_withdrawn) -> None:
        self.withdrawn = withdrawn
        self._by_host = {host: site for site in sites for host in site.scope_hosts()}
        self.rule = lru_cache(maxsize=20_000)(self._rule)

    def _rule(self, host: str) -> Site | None:
        """Return the site that a host (with or without port) belongs to, or None if it is out of scope."""
        found = self._by_host.get(host)
        if found is None and ":" in host and not host.endswith("]"):
            host = host.rpartition(":")[0]
            found = self._by_host.get(host)
        while found is None and "." in host:
            host = host.partition(".")[2]
            found = self._by_host.get(host)
        return found

    def site_of_url(self, url: str) -> Site | None:
        """Return the site that a URL belongs to, or None if it is out of scope."""
        return self._rule(host_of(url))


def refusal(url: str, rule: Site | None, *, depth: int, pages: int, template_pages: int) -> tuple[str, str]:
    """Return (reason, detail) for a URL that must not be fetched, ("", "") for one that may.

    pages: of its site, in the frontier so far; template_pages: of its template.
    """
    if rule is None:
        return "out-of-scope", ""
    if depth > rule.max_depth:
        return "limit", f"deeper than {rule.max_depth} links"
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    if rule.include and not any(fnmatchcase(target, pattern) for pattern in rule.include):
        return "out-of-scope", "not included by the site's patterns"
    if any(fnmatchcase(target, pattern) for pattern in rule.exclude):
        return "out-of-scope", "excluded by the site's patterns"
    if _BINARY.search(parts.path):
        return "binary", "by its ending"
    trap = _trap(parts.path, parts.query)
    if trap:
        return "trap", trap
    if pages >= rule.max_pages:
        return "limit", f"more than {rule.max_pages} pages of the site"
    if parts.query and template_pages >= MAX_PER_QUERY_TEMPLATE:
        return "trap", f"more than {MAX_PER_QUERY_TEMPLATE} addresses of one form"
    return "", ""


def template(url: str) -> str:
    """Return the URL with runs of digits as N and long hexadecimal ids as X: the form that pages of one kind share.

    >>> template("http://a.cn/news/20240105/98.html?page=2")
    'http://a.cn/news/N/N.html?page=N'
    """
    return _DIGITS.sub("N", _HEX.sub("X", url))


def _trap(path: str, query: str) -> str:
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > MAX_SEGMENTS:
        return f"more than {MAX_SEGMENTS} folders"
    if segments and max(Counter(segments).values()) > MAX_REPEATS:
        return "folders repeat"
    if query.count("&") >= MAX_PARAMETERS:
        return f"more than {MAX_PARAMETERS} parameters"
    return ""

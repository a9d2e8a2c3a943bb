"""Which addresses the crawler may connect to, checked where the connection is made.

A page can link to, redirect to, or own a name that resolves to a machine behind our firewall (server-side request
forgery). The check sits in the resolver, so the address checked is the address dialled, and a name that changes its
mind between two look-ups gains nothing. The only exceptions are loopback addresses that the user names: all of them
(``--allow-loopback``) or single host names led to one port (``--resolve``), as tests and the demo do.

Limits: IPv4, and the HTTP/1.1 handler; no proxy is used, since a proxy would resolve names by itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Request, Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer
from twisted.internet.error import DNSLookupError

from corpus.errors import InputError

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

PORTS = frozenset({80, 81, 88, 443, 8000, 8001, 8008, 8080, 8081, 8088, 8090, 8443, 8888, 9000, 9090})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REMEMBERED = 10_000  # refused hosts
_refused: dict[str, str] = {}  # host -> address; Twisted loses the reason on its way from resolver to handler


class UnsafeAddressError(DNSLookupError):
    """The host leads to an address that is not public."""


def is_public(address: str) -> bool:
    """Return whether the address is one of the public Internet: not private, loopback, link-local, reserved or multicast."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def may_connect(address: str, *, allow_loopback: bool) -> bool:
    """Return whether the crawler may connect to the address."""
    if is_public(address):
        return True
    try:
        return allow_loopback and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def unsafe(url: str, *, allow_loopback: bool, resolve: Mapping[str, str]) -> str:
    """Return why the URL must not be fetched as far as the URL itself can tell, or "".

    resolve: host name -> "127.0.0.1:port", as ``parse_resolve`` returns it.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "not a URL"
    if parts.scheme not in {"http", "https"} or not host:
        return f"scheme {parts.scheme or 'missing'}"
    if lookup(host, resolve):
        return ""
    if parts.username or parts.password:
        return "a user name in the address"
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        literal = None
    if literal is not None and not may_connect(host, allow_loopback=allow_loopback):
        return f"address {host}"
    if literal is not None and literal.is_loopback:
        return ""
    if port is not None and port not in PORTS and not allow_loopback:
        return f"port {port}"
    return ""


def parse_resolve(pairs: Sequence[str]) -> dict[str, str]:
    """Return {host: "address:port"} for "HOST=ADDRESS:PORT"; HOST may be "*.suffix", ADDRESS must be loopback.

    Raises: InputError, for anything else.
    """
    resolved = {}
    for pair in pairs:
        host, _, target = pair.partition("=")
        address, _, port = target.rpartition(":")
        try:
            good = bool(host) and ipaddress.IPv4Address(address).is_loopback and 0 < int(port) < 65536
        except ValueError:
            good = False
        if not good:
            raise InputError(f"--resolve {pair}: give HOST=127.0.0.1:PORT; only loopback addresses are allowed.")
        resolved[host.lower()] = f"{address}:{port}"
    return resolved


def lookup(host: str, resolve: Mapping[str, str]) -> str:
    """Return "address:port" for a host named in ``resolve``, itself or by "*.suffix", or ""."""
    if not resolve:
        return ""
    found = resolve.get(host, "")
    while not found and "." in host:
        host = host.partition(".")[2]
        found = resolve.get(f"*.{host}", "")
    return found


class SafeThreadedResolver(CachingThreadedResolver):
    """Scrapy's default resolver, refusing names that lead to an address the crawler may not connect to."""

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float, *, allow_loopback: bool) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._allow_loopback = allow_loopback

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        settings = crawler.settings
        return cls(
            reactor,
            settings.getint("DNSCACHE_SIZE"),
            settings.getfloat("DNS_TIMEOUT"),
            # Hosts named in --resolve reach this resolver as the literal loopback address their handler gave them.
            allow_loopback=settings.getbool("CUISHOU_ALLOW_LOOPBACK") or bool(settings.getdict("CUISHOU_RESOLVE")),
        )

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        found = super().getHostByName(name, timeout)
        found.addCallback(self._checked, name)
        return found

    def _checked(self, address: str, name: str) -> Any:
        if may_connect(address, allow_loopback=self._allow_loopback):
            return address
        if len(_refused) < _REMEMBERED:
            _refused[name] = address
        return defer.fail(UnsafeAddressError(f"{name} leads to {address}"))


class SafeHTTPHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler behind the checks of this module."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._resolve: dict[str, str] = crawler.settings.getdict("CUISHOU_RESOLVE")
        self._allow_loopback = crawler.settings.getbool("CUISHOU_ALLOW_LOOPBACK")

    async def download_request(self, request: Request) -> Response:
        """Return the response. Raises: UnsafeAddressError, and what the handler raises."""
        why = unsafe(request.url, allow_loopback=self._allow_loopback, resolve=self._resolve)
        if why:
            raise UnsafeAddressError(why)
        host = urlsplit(request.url).hostname or ""
        target = lookup(host, self._resolve)
        if target:
            return await self._from_loopback(request, target)
        try:
            response = await super().download_request(request)
        except CannotResolveHostError as error:
            if host in _refused:
                raise UnsafeAddressError(f"{host} leads to {_refused[host]}") from error
            raise
        peer = str(response.ip_address or "")
        if peer and not may_connect(peer, allow_loopback=self._allow_loopback):
            raise UnsafeAddressError(f"{host} answered from {peer}")
        return response

    async def _from_loopback(self, request: Request, target: str) -> Response:
        parts = urlsplit(request.url)
        headers = request.headers.copy()
        headers["Host"] = parts.netloc
        sent = request.replace(url=parts._replace(scheme="http", netloc=target).geturl(), headers=headers)
        response = await super().download_request(sent)
        return response.replace(url=request.url)

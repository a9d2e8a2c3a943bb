"""The sample web: every page of every host, built the same way each time from texts of our own.

``manifest`` says for each URL what is served and what is true of it, so that a run of the whole system can be compared
with what went in. People, firms, platforms, numbers and accounts are invented; host names end in .example (RFC 2606).
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache

from crawler.demo import doorways, farms, honest, traps
from crawler.demo.pages import SamplePage
from crawler.demo.serving import GZIP_TIME

ADDRESS = "127.0.0.1"
CLOSED_PORT = 9  # discard; refused where nobody runs a service of the 1980s
HOST = re.compile(rb"(http://[a-z0-9.-]+\.example)(?=[/\"'<\s]|$)")
FEEDS = {honest.DAILY.host: "rss.xml", honest.MEDIA.host: "atom.xml"}
SITEMAPS = {honest.LAW.host: "sitemap.xml"}


@lru_cache(maxsize=1)
def _pages() -> tuple[SamplePage, ...]:
    pages = (*honest.pages(), *farms.pages(), *doorways.pages(honest.ASSOCIATION), *traps.pages())
    repeated = [url for url, count in Counter(made.url for made in pages).items() if count > 1]
    if repeated:
        raise ValueError(f"the sample web has two pages at {repeated[0]}")
    return pages


def manifest(port: int = 0) -> tuple[SamplePage, ...]:
    """Return every page of the sample web. port: URLs, in pages and in the manifest, carry it; 0: they carry none."""
    return tuple(_at_port(made, port) for made in _pages())


def _at_port(made: SamplePage, port: int) -> SamplePage:
    """Return the page with the port in its URL and in every link to a host of the sample web."""
    if not port:
        return made
    packed = made.url.endswith(".gz")
    body = gzip.decompress(made.body) if packed else made.body
    body = HOST.sub(rb"\1:%d" % port, body)
    return replace(
        made,
        url=HOST.sub(rb"\1:%d" % port, made.url.encode()).decode(),
        body=gzip.compress(body, mtime=GZIP_TIME) if packed else body,
    )


def hosts() -> tuple[str, ...]:
    """Return the names that the crawl's resolver maps to loopback, sorted. The dead host is not among them."""
    return tuple(sorted({made.host for made in manifest()}))


def dead_hosts() -> tuple[str, ...]:
    """Return names in scope that pages link to and that have no address: a closed site and a spider pool's subdomains."""
    return (traps.DEAD_HOST, *(name for host in doorways.SHOP_HOSTS for name in doorways.pool_hosts(host)))


def resolve(port: int) -> tuple[str, ...]:
    """Return HOST=127.0.0.1:PORT for each host, as ``--resolve`` takes it; dead hosts lead to a port nobody listens on."""
    live = (f"{host}={ADDRESS}:{port}" for host in hosts())
    return (*live, *(f"{host}={ADDRESS}:{CLOSED_PORT}" for host in dead_hosts()))


def seeds(port: int = 0) -> tuple[str, ...]:
    """Return the front pages to begin with: one a host, those of the disreputable hosts among them, and the dead host."""
    suffix = f":{port}" if port else ""
    return tuple(f"http://{host}{suffix}/" for host in (*hosts(), traps.DEAD_HOST))


def site_file(port: int = 0) -> str:
    """Return the site file (YAML) that lists the seed sites for ``cuishou crawl --sites``."""
    suffix = f":{port}" if port else ""
    lines = ["# The sample web. Hosts end in .example and are served on loopback.", "sites:"]
    for url in seeds(port):
        host = url.split("/")[2].removesuffix(suffix)
        lines.append(f'  - start: ["{url}"]')
        if host in FEEDS:
            lines.append(f'    feeds: ["{url}{FEEDS[host]}"]')
        if host in SITEMAPS:
            lines.append(f'    sitemaps: ["{url}{SITEMAPS[host]}"]')
    return "\n".join(lines) + "\n"

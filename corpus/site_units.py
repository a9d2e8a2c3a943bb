"""The unit that is judged: who answers for a page, as far as its address tells.

A registrable domain is one unit; on hosts where everybody can write (blog platforms, code hosts, question sites) the
account is; on a hijacked host the host with the first folder of the path is, so that its owner is not judged by what
somebody else put there. Source: Public Suffix List through ``corpus.urls``; shared_hosts.tsv for platforms by path.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files
from urllib.parse import unquote, urlsplit

from corpus.urls import host_of, site_of

MAX_UNIT = 200  # characters; longer accounts or folders are cut


def unit_of(url: str, hijacked: Collection[str] = ()) -> str:
    """Return the unit of a page: "example.cn", "blog.csdn.net/lisi" or, for a host in ``hijacked``, "host.cn/b".

    hijacked: hosts, or registrable domains all of whose hosts are meant. "" for what is no web address.
    """
    site = site_of(url)
    if not site:
        return ""
    host = host_of(url) or site
    depth = shared_depth(host)
    if depth:
        return _with_path(host, url, depth)
    if host in hijacked or site in hijacked:
        return _with_path(host, url, 1)
    return site


def site_of_unit(unit: str) -> str:
    """Return the registrable domain (or shared host) a unit lies in."""
    return site_of(unit.partition("/")[0])


def is_path_unit(unit: str) -> bool:
    """Return whether the unit is only a part of a host, so that no list of hosts may name it."""
    return "/" in unit


def shared_depth(host: str) -> int:
    """Return how many folders of the path name the account on a shared host; 0 for a host of one owner."""
    shared = _shared_hosts()
    if host in shared:
        return shared[host]
    _, _, parent = host.partition(".")
    return shared.get("*." + parent, 0) if parent else 0


def shared_hosts() -> tuple[str, ...]:
    """Return the hosts whose accounts are units, sorted; "*." stands for one label."""
    return tuple(sorted(_shared_hosts()))


def _with_path(host: str, url: str, depth: int) -> str:
    segments = [segment for segment in urlsplit(url).path.split("/") if segment]
    if segments and depth >= len(segments) and "." in segments[-1]:
        segments = segments[:-1]  # a file in the root is no account
    account = "/".join(unquote(segment) for segment in segments[:depth])
    return f"{host}/{account}"[:MAX_UNIT] if account else host


@cache
def _shared_hosts() -> dict[str, int]:
    lines = files("corpus").joinpath("shared_hosts.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {row[0]: int(row[1]) for row in rows}

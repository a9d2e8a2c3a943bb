"""The site file: which sites to crawl and how, in YAML, checked so that every mistake names its line.

contact: research@example.org        # who is told in the user agent
delay: 2                             # seconds between two requests to a host, at least
sites:
  - url: https://www.example.cn/news/
  - url: [http://a.example.cn/, http://b.example.cn/]
    name: Example
    hosts: [example.cn]              # in scope: these names and names under them; default: the sites of the URLs
    include: ["/news/*"]             # globs over path and query
    exclude: ["*/print/*"]
    follow: [links, sitemaps, feeds] # what leads from page to page; default: all three
    sitemaps: [https://www.example.cn/sitemap.xml]
    feeds: [https://www.example.cn/rss.xml]
    max_pages: 5000
    max_depth: 8
    delay: 5
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from corpus.errors import InputError
from corpus.urls import canonical_url, is_web_url
from crawler.scope import Site

MAX_SIZE = 4 << 20  # bytes of a site file
_FOLLOW = ("links", "sitemaps", "feeds")


@dataclass(frozen=True, slots=True)
class SiteFile:
    """What a site file says. None: it says nothing about it."""

    sites: tuple[Site, ...] = ()
    contact: str | None = None
    delay: float | None = None
    max_pages: int | None = None
    timeout: float | None = None
    retry_wait: float | None = None


@dataclass(frozen=True, slots=True)
class _Key:
    read: Callable[[yaml.Node, _Place], Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file we are, for messages."""

    path: Path
    key: str = ""

    def error(self, node: yaml.Node, message: str) -> InputError:
        return InputError(f"{self.path}, line {node.start_mark.line + 1}: {message}")


def read_site_file(path: Path) -> SiteFile:
    """Return what the file says.

    Raises: InputError, if it cannot be read, is no YAML, or has an unknown key or a value of the wrong kind; the message names the line.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise InputError(f"{path}: the site file cannot be read ({error.strerror}).") from error
    if len(text) > MAX_SIZE:
        raise InputError(f"{path}: the site file is larger than {MAX_SIZE} bytes.")
    try:
        node = yaml.compose(text.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: this is not UTF-8. Save the file as UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}{where}: this is not YAML ({error.problem or error.context}).") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: this is not YAML ({error}).") from error
    except RecursionError as error:
        raise InputError(f"{path}: this is nested too deeply to be a site file.") from error
    if node is None:
        raise InputError(f"{path}, line 1: the site file is empty. It needs `sites:` with a list of sites.")
    values = _mapping(node, _Place(path, "the site file"), _TOP)
    return SiteFile(**values)


def _mapping(node: yaml.Node, place: _Place, known: dict[str, _Key]) -> dict[str, Any]:
    """Return {field: value} of a mapping. Raises: InputError, for what is no mapping and for unknown or repeated keys."""
    if not isinstance(node, yaml.MappingNode):
        raise place.error(node, f"{place.key} must be a list of `key: value` lines.")
    values: dict[str, Any] = {}
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = str(getattr(key_node, "value", ""))
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(known)}."
            raise place.error(key_node, f"unknown key `{key}`. {hint}")
        if key in seen:
            raise place.error(key_node, f"`{key}` is given twice.")
        seen.add(key)
        values[key] = known[key].read(value_node, _Place(place.path, f"`{key}`"))
    return values


def _text(node: yaml.Node, place: _Place) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise place.error(node, f"{place.key} must be a text.")
    return str(node.value.strip())


def _number(least: float, most: float) -> Callable[[yaml.Node, _Place], float]:
    def read(node: yaml.Node, place: _Place) -> float:
        try:
            value = float(_text(node, place))
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise place.error(node, f"{place.key} must be a number from {least:g} to {most:g}.")
        return value

    return read


def _count(least: int, most: int) -> Callable[[yaml.Node, _Place], int]:
    def read(node: yaml.Node, place: _Place) -> int:
        value = _text(node, place)
        if not value.isascii() or not value.isdecimal() or not least <= int(value[:12]) <= most:
            raise place.error(node, f"{place.key} must be a whole number from {least} to {most}.")
        return int(value)

    return read


def _texts(node: yaml.Node, place: _Place) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode):
        return tuple(_text(item, place) for item in node.value)
    return (_text(node, place),)


def _urls(node: yaml.Node, place: _Place) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    urls = []
    for item in items:
        text = _text(item, place)
        url = canonical_url(text if "://" in text else f"http://{text}")
        if not is_web_url(url):
            raise place.error(item, f"{place.key}: {text} is not a web address.")
        urls.append(url)
    return tuple(urls)


def _hosts(node: yaml.Node, place: _Place) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        if "/" in _text(item, place):
            raise place.error(item, f"{place.key} takes host names such as www.example.cn, not addresses.")
    return tuple(text.lower() for text in _texts(node, place))


def _patterns(node: yaml.Node, place: _Place) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        if _text(item, place)[0] not in "/*":
            raise place.error(item, f"{place.key}: a pattern begins with / or *, as in /news/*.")
    return _texts(node, place)


def _follow(node: yaml.Node, place: _Place) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        if _text(item, place) not in _FOLLOW:
            raise place.error(item, f"{place.key} takes {', '.join(_FOLLOW)}.")
    return _texts(node, place)


def _site(node: yaml.Node, place: _Place) -> Site:
    site = Site(**{"start": (), **_mapping(node, _Place(place.path, "a site"), _SITE)})
    if not (site.start or site.sitemaps or site.feeds):
        raise place.error(node, "a site needs `start`, `sitemaps` or `feeds` to start from.")
    return site


def _sites(node: yaml.Node, place: _Place) -> tuple[Site, ...]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise place.error(node, f"{place.key} must be a list of sites, each beginning with `- start: …`.")
    return tuple(_site(item, place) for item in node.value)


_SITE: dict[str, _Key] = {
    "start": _Key(_urls),
    "name": _Key(_text),
    "hosts": _Key(_hosts),
    "include": _Key(_patterns),
    "exclude": _Key(_patterns),
    "follow": _Key(_follow),
    "sitemaps": _Key(_urls),
    "feeds": _Key(_urls),
    "max_pages": _Key(_count(1, 10_000_000)),
    "max_depth": _Key(_count(0, 100)),
    "delay": _Key(_number(0, 3600)),
}
_TOP: dict[str, _Key] = {
    "sites": _Key(_sites),
    "contact": _Key(_text),
    "delay": _Key(_number(0, 3600)),
    "max_pages": _Key(_count(1, 1_000_000_000)),
    "timeout": _Key(_number(0.1, 600)),
    "retry_wait": _Key(_number(0, 3600)),
}

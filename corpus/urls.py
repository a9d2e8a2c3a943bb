"""Canonical form and site of a URL.

A URL goes in as a page or a person wrote it; out comes the spelling under which it is fetched, stored and compared. The
canonical form keeps what can change the answer of the server (scheme, host, path, query) and drops what only tracks the
reader. Nothing here raises on hostile input: a string that is no web address comes back trimmed. The list of public
suffixes is the one bundled with tldextract; nothing is downloaded.

Source: RFC 3986 section 6.2 (syntax-based normalisation), WHATWG URL (white space), the parameters seen on Chinese sites.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

import idna
import tldextract

MAX_URL = 2000  # characters; longer addresses are traps or data, and no server of an article needs them
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_SAFE_PATH = "/:@!$&'()*+,;=~-._%"
_SAFE_QUERY = _SAFE_PATH + "?"
# Hosts whose subdomains belong to different people, beyond the private part of the Public Suffix List.
SHARED_HOSTS = (
    "blog.163.com",
    "blog.hexun.com",
    "blogbus.com",
    "blogspot.com",
    "diandian.com",
    "livejournal.com",
    "lofter.com",
    "over-blog.com",
    "pixnet.net",
    "tumblr.com",
    "wordpress.com",
    "xanga.com",
)
# Parameters that only say how the reader came here, whatever their value.
_TRACKING = re.compile(
    r"(?:utm_\w+|spm|scm|share_?\w*|gclid|fbclid|msclkid|yclid|bd_vid|qhclickid|hmsr|hmpl|hmcu|hmkw|hmci|nsukey|"
    r"isappinstalled|wfr|_ga|mc_[ce]id)",
    re.IGNORECASE,
)
# Parameters that are sessions or share marks for some values, and real keys for others (sid=123 can be an article).
_SESSION = re.compile(r"(?:phpsessid|jsessionid|aspsessionid\w*|sessionid|session_id|sid)", re.IGNORECASE)
_SESSION_VALUE = re.compile(r"[0-9a-zA-Z!.-]{16,}")
_SHARE_MARK = re.compile(r"(?:singlemessage|timeline|groupmessage|appmsg|weibo|qq|wechat|weixin|qzone)", re.IGNORECASE)
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?]*", re.IGNORECASE)
# The spelling of almost every link: already canonical, so that nothing has to be taken apart.
_WORD = r"[A-Za-z0-9_~-]+"
_PLAIN = re.compile(rf"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([1-9]\d{{0,4}}))?/(?:{_WORD}(?:[./]{_WORD})*/?)?")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def canonical_url(url: str) -> str:
    """Return the URL in its canonical spelling; canonical URLs come back unchanged.

    Lower-case scheme and host, punycode, no default port, user, fragment or dot segments, escapes in one spelling, query
    parameters sorted, tracking and session parameters dropped. http and https stay apart (see ``url_key``).
    Never raises: what is no http(s) URL comes back without white space around it (and, for ``file:``, the fragment).

    >>> canonical_url(" HTTP://Www.Example.CN:80/a/../b?utm_source=x&b=2&a=1#top")
    'http://www.example.cn/b?a=1&b=2'
    """
    plain = _PLAIN.fullmatch(url) if len(url) <= MAX_URL else None
    if plain and _host(plain[2]) == plain[2] and _is_bare_port(plain[1], plain[3]):
        return url
    text = url.strip("".join(map(chr, range(0x21)))).replace("\n", "").replace("\r", "").replace("\t", "")
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port = str(parts.port) if parts.port is not None else ""
    except ValueError:
        return text
    scheme = parts.scheme.lower()
    if scheme == "file":
        return text.partition("#")[0]
    name = _host(host)
    if scheme not in _DEFAULT_PORTS or not name:
        return text
    if port == _DEFAULT_PORTS[scheme]:
        port = ""
    path = _dots(_escaped(_PATH_SESSION.sub("", parts.path), _SAFE_PATH)) or "/"
    query = _query(parts.query)
    return f"{scheme}://{name}{':' if port else ''}{port}{path}{'?' if query else ''}{query}"


def url_key(url: str) -> str:
    """Return what two spellings of one page share: the canonical URL without its scheme.

    The frontier fetches a key once, so that a site reached by http and https is not crawled twice.
    """
    return canonical_url(url).partition("://")[2] or canonical_url(url)


def join(base: str, link: str) -> str:
    """Return the canonical absolute URL of a link on the page ``base``, or "" where it leads to no web page."""
    link = link.strip()
    if not link or len(link) > MAX_URL or link[0] == "#":
        return ""
    try:
        absolute = canonical_url(urljoin(base, link))
    except ValueError:
        return ""
    return absolute if is_web_url(absolute) else ""


def is_web_url(url: str) -> bool:
    """Return whether the URL is http or https, has a host that can exist, and is not absurdly long."""
    return len(url) <= MAX_URL and url[:4].lower() == "http" and bool(host_of(url)) and not _CONTROL.search(url)


def host_of(url: str) -> str:
    """Return the host of an http(s) URL, lower-case and in punycode, or "" where it has none."""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() not in _DEFAULT_PORTS:
            return ""
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return _host(host)


@lru_cache(maxsize=50_000)
def site_of(url_or_host: str) -> str:
    """Return the site: the registrable domain, or the host itself where hosts under one domain are different people's.

    Addresses and names without a dot are their own site; "" for a URL without a host (``file:``, for one).

    >>> site_of("http://www.daikuan.com.cn/a"), site_of("lao-wang.github.io"), site_of("10.0.0.1")
    ('daikuan.com.cn', 'lao-wang.github.io', '10.0.0.1')
    """
    url = url_or_host if "://" in url_or_host else f"http://{url_or_host}"
    host = host_of(url)
    if not host or host.startswith("[") or _is_address(host):
        return host
    parts = _suffixes().extract_str(host)
    if parts.top_domain_under_public_suffix:
        return str(parts.top_domain_under_public_suffix)
    # A public suffix itself, or a top-level domain that is not on the list (.test): the last two labels.
    return host if parts.suffix else ".".join(host.split(".")[-2:])


@lru_cache(maxsize=1)
def _suffixes() -> tldextract.TLDExtract:
    # An empty tuple of addresses and no cache folder: the list bundled with the package, and no download.
    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, extra_suffixes=SHARED_HOSTS
    )


@lru_cache(maxsize=10_000)
def _host(host: str) -> str:
    """Return the host lower-case and in punycode, IPv6 in brackets, or "" for what cannot be a host."""
    host = host.strip().rstrip(".").lower()
    if ":" in host or host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host.strip('[]')).compressed}]"
        except ValueError:
            return ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii").rstrip(".").lower()
        except (idna.IDNAError, UnicodeError):
            return ""
    return host if len(host) <= 253 and _NAME.fullmatch(host) else ""


def _is_bare_port(scheme: str, port: str | None) -> bool:
    """Return whether a canonical URL of that scheme may show the port, or shows none."""
    return port is None or (port != _DEFAULT_PORTS[scheme] and int(port) < 65_536)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _escaped(text: str, safe: str) -> str:
    """Return the text with escapes in upper case, unreserved characters bare, everything else that needs it escaped."""

    def spelled(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    text = _ESCAPE.sub(spelled, text)
    # A bare % is escaped too; an escape stays. Lone surrogates cannot be UTF-8 and become U+FFFD.
    text = re.sub(r"%(?![0-9A-F]{2})", "%25", text)
    return quote(text.encode("utf-8", "replace"), safe=safe)


def _dots(path: str) -> str:
    """Return the path without "." and ".." segments (RFC 3986, section 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    if not query:
        return ""
    kept = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair and not _is_noise(name, value):
            kept.append(_escaped(pair, _SAFE_QUERY))
    return "&".join(sorted(kept))


def _is_noise(name: str, value: str) -> bool:
    if "%" in name:
        name = unquote_to_bytes(name).decode("utf-8", "replace")
    if _TRACKING.fullmatch(name):
        return True
    if _SESSION.fullmatch(name):
        return _SESSION_VALUE.fullmatch(value) is not None
    return name.lower() == "from" and _SHARE_MARK.fullmatch(value) is not None

"""Articles that a page carries as data for its own script only: __NEXT_DATA__, RENDER_DATA, window.__INITIAL_STATE__ …

Asked only where a page shows no text of its own. The longest Chinese text among the values of the data is the body; the
title, date and author beside it are its own. What is found is put into the page as the markup that its script would
have made of it, so that the one way of reading pages reads these too, and their ledger shows where the text came from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from urllib.parse import unquote

from crawler.date_forms import CHINA

MAX_DATA = 2_000_000  # characters of one script that are read
MAX_SCRIPTS = 12
MAX_NODES = 20_000
LEAST = 80  # ideographs of a text that is an article
UNNAMED = 240  # … and of one whose key does not say that it is a body
NAMED = 2.0  # factor of a text whose key says that it is a body

_DATA = re.compile(
    r"<script\b([^>]{0,300})>\s*(?=[\[{]|%7B|(?:window|self|var|let|const|globalThis)\b[^={}<]{0,80}=\s*(?:JSON\.parse\()?[\"'{\[])",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^>]{0,500}>")
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]+")
_BODY_KEY = re.compile(
    r"(?:article|news|post|detail|content|rich|main)?_?(?:content|body|text|html|richtext|detail)(?:_?(?:html|text|body))?",
    re.IGNORECASE,
)
_TITLE_KEY = re.compile(r"(?:article|news|post|share|main)?_?(?:title|headline|subject)", re.IGNORECASE)
_DATE_KEY = re.compile(
    r"(?:publish(?:ed)?_?(?:time|date|at|on)?|pub_?(?:time|date)|date_?published|post_?(?:time|date)|release_?(?:time|date)|c(?:reate)?_?time|created_?at)",
    re.IGNORECASE,
)
_AUTHOR_KEY = re.compile(r"author(?:_?name)?|writer|byline", re.IGNORECASE)
_SOURCE_KEY = re.compile(r"source(?:_?name)?|media(?:_?name)?", re.IGNORECASE)
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*(?:undefined|NaN|void 0)(?=\s*[,}\]])")


@dataclass(frozen=True, slots=True)
class ScriptBody:
    """An article out of a script's data; fields are "" where the data does not name them. html: its text as markup."""

    title: str
    published: str
    author: str
    source_name: str
    html: str


def find_script_body(html: str) -> ScriptBody | None:
    """Return the article that the data of a page's scripts hold, or None."""
    best: tuple[float, Mapping[str, object], str] | None = None
    for data in _objects(html):
        for node in _nodes(data):
            for key, value in node.items():
                if not isinstance(value, str) or len(value) < LEAST:
                    continue
                words = _TAG.sub("", value[:MAX_DATA])
                size = float(sum(map(len, _IDEOGRAPHS.findall(words))))
                if size < LEAST or size < 0.3 * len("".join(words.split())):
                    continue
                named = _BODY_KEY.fullmatch(key) is not None
                if not named and size < UNNAMED:
                    continue  # a disclaimer, a description of the site, a message
                size *= NAMED if named else 1.0
                if best is None or size > best[0]:
                    best = size, node, value
    if best is None:
        return None
    _, node, value = best
    markup = value if "<" in value else "<br>".join(escape(line) for line in value.splitlines())
    if "<" not in _TAG.sub("", unescape(value)) and "&lt;" in value:
        markup = unescape(value)
    return ScriptBody(
        _field(node, _TITLE_KEY), _date(node), _field(node, _AUTHOR_KEY), _field(node, _SOURCE_KEY), markup
    )


def with_script_body(html: str, body: ScriptBody) -> str:
    """Return a page with the article in it that its script would have shown."""
    byline = " ".join(
        f"{label}：{escape(value)}"
        for label, value in (("发布时间", body.published), ("来源", body.source_name), ("作者", body.author))
        if value
    )
    heading = f'<h1 class="title">{escape(body.title)}</h1>' if body.title else ""
    return f'{html}<article class="script-data">{heading}<p class="info">{byline}</p>{body.html}</article>'


def _objects(html: str) -> Iterator[object]:
    """Yield the data of the scripts that are nothing but data, in order."""
    decoder = json.JSONDecoder(strict=False)
    for number, match in enumerate(_DATA.finditer(html)):
        if number >= MAX_SCRIPTS:
            return
        end = html.find("</script", match.end())
        source = html[match.end() : end if end >= 0 else len(html)][:MAX_DATA]
        if source[:3].upper() == "%7B":
            source = unquote(source)
        begin = next((place for place, sign in enumerate(source[:200]) if sign in "{["), -1)
        if begin < 0:
            continue
        for text in (source[begin:], _UNDEFINED.sub("null", source[begin:])):
            try:
                yield decoder.raw_decode(text)[0]
                break
            except (ValueError, RecursionError):
                continue


def _nodes(data: object) -> Iterator[Mapping[str, object]]:
    stack, seen = [data], 0
    while stack and seen < MAX_NODES:
        node = stack.pop()
        seen += 1
        if isinstance(node, dict):
            yield node
            stack.extend(value for value in node.values() if isinstance(value, (dict, list)))
        elif isinstance(node, list):
            stack.extend(value for value in node[:500] if isinstance(value, (dict, list)))


def _field(node: Mapping[str, object], wanted: re.Pattern[str]) -> str:
    for key, value in node.items():
        if wanted.fullmatch(key):
            if isinstance(value, dict):
                value = value.get("name") or value.get("nickname") or ""
            if isinstance(value, str) and 0 < len(value.strip()) <= 200:
                return value.strip()
    return ""


def _date(node: Mapping[str, object]) -> str:
    """Return the date of a node as a reader would see it: a stamp becomes day and time in China."""
    for key, value in node.items():
        if not _DATE_KEY.fullmatch(key) or not isinstance(value, (str, int)) or isinstance(value, bool):
            continue
        words = str(value).strip()
        if words.isascii() and words.isdigit() and len(words) in (10, 13):
            return datetime.fromtimestamp(int(words[:10]), CHINA).strftime("%Y-%m-%d %H:%M:%S")
        if len(words) <= 40 and any(map(str.isdigit, words)):
            return words
    return ""

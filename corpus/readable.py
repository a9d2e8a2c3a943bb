"""Text or HTML in, the visible text out: enough to look a page up, no more.

Main text is found by ``crawler.extract``; a copy is found among the navigation as well, since containment counts.
"""

from __future__ import annotations

import re

import lxml.html
from lxml import etree

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|p|article|span|br|table)\b", re.IGNORECASE)
_UNSEEN = ("script", "style", "noscript", "template", "head", "nav", "footer", "svg", "iframe")
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "blockquote",
        "td",
        "dd",
        "dt",
    ]
)


def readable(text: str) -> str:
    """Return the visible text of HTML, a line a block; other text as it is."""
    if not _MARKUP.search(text[:20_000]):
        return text
    parser = lxml.html.HTMLParser(huge_tree=False, encoding="utf-8")
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError):
        return ""
    etree.strip_elements(root, *_UNSEEN, etree.Comment, with_tail=False)
    lines: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        text_here = element.text if event == "start" else element.tail
        if element.tag in _BLOCKS:
            lines.append("\n")
        lines.append(text_here or "")
    return re.sub(r"\s*\n\s*", "\n", "".join(lines)).strip()

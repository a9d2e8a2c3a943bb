"""Pages in parts: which link leads to the next part of an article, and the joining of the parts that were captured.

Finding the next part is a page stage (``next_part``); joining is a corpus pass that hands captured parts to ``stitch``.
A part is recognised by its address: the same path but for a number (_2.html, -2, /2/, ?page=2), never by words alone,
since 下一篇 (next article) looks like 下一页 (next page).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from corpus.records import Article, Block

MAX_PARTS = 50
_NEXT_WORDS = re.compile(
    r"^[\W_]*(?:下一?页|后一?页|next(?: page)?|余下全文|继续阅读)[\W_]*$|^[\W_]*(?:第\s*)?(\d{1,2})(?:\s*页)?[\W_]*$",
    re.IGNORECASE,
)
_PART_QUERY = re.compile(r"(?:^|&)(?:page|p|pn|pg|pageno|currentpage|pageindex)=(\d{1,3})(?=&|$)", re.IGNORECASE)
_FRONT = re.compile(r"(?:^|/)(?:index\.\w+)?$", re.IGNORECASE)
_PART_PATH = re.compile(r"^(.*?)(?:[_-](\d{1,2}))?(\.[a-z]{3,5})?$", re.IGNORECASE)
_LIST_NAME = re.compile(r"(?:index|list|page|default|home|more|news|forum|category|tag|search)s?", re.IGNORECASE)
_PART_FOLDER = re.compile(r"^(.*/[^/]*\d[^/]*)/(\d{1,2})/?$")


def part_of(url: str) -> tuple[str, int]:
    """Return (what the parts of one article share, number of this part, from 1).

    >>> part_of("https://a.cn/x/123_2.html")
    ('a.cn/x/123.html?', 2)
    """
    try:
        pieces = urlsplit(url)
    except ValueError:
        return url, 1
    query, number = pieces.query, 1
    found = _PART_QUERY.finditer(query)
    # /?p=331 is the id of an article in WordPress.
    match = next(
        (each for each in found if not (each[0].strip("&").startswith("p=") and _FRONT.search(pieces.path))), None
    )
    if match:
        number, query = int(match[1]), (query[: match.start()] + query[match.end() :]).strip("&")
        return f"{pieces.hostname or ''}{pieces.path.rstrip('/')}?{query}", max(number, 1)
    folder = _PART_FOLDER.match(pieces.path)
    if folder:
        return f"{pieces.hostname or ''}{folder[1]}?{query}", int(folder[2])
    path = _PART_PATH.match(pieces.path)
    if path and path[2] and _names_an_article(path[1].rsplit("/", 1)[-1]):
        return f"{pieces.hostname or ''}{path[1]}{path[3] or ''}?{query}", int(path[2])
    return f"{pieces.hostname or ''}{pieces.path.rstrip('/')}?{query}", 1


def _names_an_article(name: str) -> bool:
    """Return whether the file name without its number is one of an article: its id, or words that name no list."""
    return bool(re.search(r"\d", name)) or (len(name) > 3 and not _LIST_NAME.fullmatch(name))


def next_part(url: str, links: Iterable[tuple[str, str]]) -> str:
    """Return the address of the next part of the article at ``url`` among the page's (address, words), or ""."""
    stem, number = part_of(url)
    for link, words in links:
        if link != url and len(words) <= 12 and _NEXT_WORDS.match(words) and part_of(link) == (stem, number + 1):
            return link
    return ""


def stitch(parts: Sequence[Article]) -> Article:
    """Return one article of its parts, in order: the first one's fields, all texts, and all blocks with new numbers.

    A paragraph that ends one part and begins the next again is kept once; its second block is "repeated-part".
    """
    first = parts[0]
    blocks: list[Block] = []
    for part in parts:
        before = [block.text for block in blocks if block.kept][-3:]
        fresh = False
        for block in part.blocks:
            reason = block.reason
            if not reason and not fresh:
                if block.text in before or (part is not first and block.text == first.title):
                    reason = "repeated-part"
                else:
                    fresh = True
            blocks.append(replace(block, reason=reason, order=len(blocks)))
    text = "\n".join(block.text for block in blocks if block.kept)
    kept_flags = dict.fromkeys(
        flag for part in (first, parts[-1]) for flag in part.flags if flag not in ("part", "truncated")
    )
    ending = tuple(flag for flag in parts[-1].flags if flag == "truncated")
    links = tuple({link.url: link for part in parts for link in part.links}.values())
    return replace(
        first,
        text=text,
        blocks=tuple(blocks),
        links=links,
        replies=tuple(reply for part in parts for reply in part.replies),
        next_url=parts[-1].next_url,
        flags=(*kept_flags, *ending, "stitched"),
        replacement_count=sum(part.replacement_count for part in parts),
    )

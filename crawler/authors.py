"""Who wrote an article, who edited it, and which medium it was taken from, out of byline lines.

In: the folded lines near title and text, and the lines as published; names are returned as published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.line_rules import fold

MAX_NAME = 40  # characters
_END = r"(?=\s*(?:$|[|,,。;;()\[\]【】<>《》]|\d{2,4}[-/.年]|\s{2,}|(?:来源|出处|时间|日期|发布|发表|编辑|责任|责编|作者|记者|浏览|阅读|点击|评论|字体|分享|摄|更新|人气|稿源|通讯员|关注|文章|查看|访问|校对|审核)))"
_NAME = r"([^\s:：|，。；;()\[\]【】<>《》\d/\\]{1,20}(?:[\s、·&/\\,,]{1,2}[^\s:：|，。；;()\[\]【】<>《》\d/\\]{1,6}){0,5}?)"


@dataclass(frozen=True, slots=True)
class Names:
    """Names as published, "" where none is shown; ``where``: the field's words, for people."""

    author: str = ""
    editor: str = ""
    source_name: str = ""
    where: str = ""


_FIELDS: tuple[tuple[str, re.Pattern[str], float], ...] = (
    (
        "author",
        re.compile(r"(?:本文|文章|原文)?(?:作者|原作者|撰稿人?|撰文|著者|执笔)\s*[::/|]\s*" + _NAME + _END),
        1.0,
    ),
    ("author", re.compile(r"(?:^|[\s((\[【|/])文\s*[/::|]\s*" + _NAME + _END), 0.9),
    ("author", re.compile(r"(?:[\u4e00-\u9fff]{0,10}(?:记者|通讯员))\s*[::/]?\s{0,2}" + _NAME + _END), 0.8),
    (
        "author",
        re.compile(
            r"(?:楼主|发帖人|发布者|发布人|发表人|提问者|博主|up主|投稿人|发帖者|网友)\s*[::]\s*" + _NAME + _END
        ),
        0.7,
    ),
    (
        "author",
        re.compile(
            r"(?:^|\s)by\s*[:：]?\s*([a-z\u4e00-\u9fff][^\s|,，。;；:：\d]{1,20}(?: [a-z][a-z.]{1,14}){0,2})",
            re.IGNORECASE,
        ),
        0.6,
    ),
    (
        "editor",
        re.compile(
            r"(?:责任编辑|责编|(?:值班|执行|网络|本文|实习|文字|见习)?编辑|录入|小编)\s*[::/]\s*" + _NAME + _END
        ),
        0.5,
    ),
    (
        "source_name",
        re.compile(
            r"(?:来源|来自|出处|稿源|转自|摘自|转载自|信息来源|文章来源)\s*[::]\s*([^\s|,，。;；:：\[\]]{2,30})"
        ),
        0.5,
    ),
)
_NOT_A_NAME = re.compile(
    r"^(?:不详|未知|佚名|匿名|网友|管理员|admin|网络|本站|原创|转载|互联网|无|时间|来源|发布|编辑|作者|其他|更多|null|none|查看|关注|点击|阅读|搜索|全部|登录|注册|本报|本网|本刊|见习|实习|您|我|的|了|获悉|从|在|了解|报道|今日|采访|表示|介绍)$"
    r"|^(?:从|在|获悉|了解|报道|采访|日前|近日|今天|看到|来到|发现|注意|走进|表示|问|就|对|为|与|和|于|们|证|的|站|团|节|招待|会|编辑|手记|观察|调查)|的$|[?!]"
)


def find_names(lines: Iterable[tuple[str, str]]) -> Names:
    """Return the names in byline lines: (folded, as published), most trusted lines first."""
    found: dict[str, tuple[float, str]] = {}
    where = ""
    for rank, (folded, line) in enumerate(lines):
        for field, pattern, worth in _FIELDS:
            for match in pattern.finditer(folded[:300]):
                name = as_published(match[1], line)
                if not name or _NOT_A_NAME.search(match[1].strip()):
                    continue
                score = worth - rank * 0.001
                if field not in found or score > found[field][0]:
                    found[field] = (score, name)
                    if field == "author":
                        where = line[:80]
                break
    author = found.get("author", (0.0, ""))[1]
    editor = found.get("editor", (0.0, ""))[1]
    return Names(author, editor, found.get("source_name", (0.0, ""))[1], where)


def as_published(name: str, line: str) -> str:
    """Return the characters of the line that a folded name came from; the folded name where they cannot be told."""
    name = name.strip("、·&/, ")
    if not name or len(name) > MAX_NAME:
        return ""
    if name in line:
        return name
    folded = ""
    for start in range(len(line)):
        if fold(line[start:]).startswith(name):
            for end in range(start + 1, min(len(line), start + 4 * len(name) + 12) + 1):
                folded = fold(line[start:end])
                if folded == name and (end == len(line) or line[end] != "("):
                    return line[start:end]
            break
    return name if folded else ""


def from_metas(metas: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return (author, source) that meta elements name."""
    author = next(
        (
            v
            for k, v in metas
            if k in ("author", "article:author", "og:article:author", "dc.creator", "byl", "sailthru.author")
        ),
        "",
    )
    source = next((v for k, v in metas if k in ("source", "mediaid", "contentsource", "og:site_name", "copyright")), "")
    return author.strip()[:MAX_NAME], source.strip()[:MAX_NAME]

"""The title of an article, without the name of the site, and where on the page it stands.

Most sites write <title> as headline, separator, section, site. A heading of the page that <title> begins with is the
headline as its readers see it; where there is none, what the page says of itself (og:title, JSON-LD), the only h1, and
last <title> cut at its separators decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.line_rules import fold
from crawler.markup import Line, Markup

LEAST = 4  # letters or ideographs of a headline that is recognised by comparison alone
MAX_TITLE = 300  # characters
_SEPARATOR = re.compile(
    r"\s*[_|｜丨–—»›]+\s*|\s+[-－·:]+\s+|\s*-{1,3}\s*(?=[^-_|]*$)|\s*[-－](?=[^-]{2,12}(?:网|站|论坛|社区|频道|新闻|日报|晚报|博客|在线|官网|资讯)$)"
)
_NOT_LETTERS = re.compile(r"[\W_]+")
_TITLE_CUE = re.compile(r"title|headline|biaoti|subject|(?<![a-z])(?:tit|bt|h1|arttit)(?![a-z])")
_KIND = re.compile(r"\s*[\[【(（][^\]】)）]{1,8}[\]】)）]\s*")
_SUBJECT = re.compile(r"[\W_]*(?:贴子|帖子|本帖|本贴)?(?:主题|标题)\s*[:：]\s*")
_MEDIA = re.compile(r"^\s*[\[【((]?(?:图|组图|视频|转载|原创|转|图文)[\]】))]?$")
_SITE_WORD = re.compile(
    r"(?:网|网站|论坛|社区|频道|新闻网|日报|晚报|博客|在线|官网|资讯|门户|百科|中心|平台|新闻|财经|娱乐|体育|首页|com|cn|net|org)$"
)


@dataclass(frozen=True, slots=True)
class Title:
    """text as published; line: where it stands on the page, -1 where it does not; source: "h1", "og:title" …"""

    text: str
    line: int
    source: str
    span: int = 1  # lines of the page that it takes


def letters(text: str) -> str:
    """Return what is compared of a title: folded, letters, digits and ideographs only."""
    return _NOT_LETTERS.sub("", fold(text[:MAX_TITLE]))


def letters_of(folded: str) -> str:
    """Return what is compared of a folded line."""
    return _NOT_LETTERS.sub("", folded)


def find_title(page: Markup, folded: Sequence[str], headline: str) -> Title:
    """Return the title of a page. headline: what JSON-LD calls it, or ""."""
    whole = letters(page.title)
    named = [(value, source) for source, value in page.metas if source in ("og:title", "twitter:title", "articletitle")]
    if headline:
        named.append((headline, "json-ld"))
    best = _heading(page, folded, whole, [letters(strip_site(value)) for value, _ in named])
    if best is not None:
        return _fuller(page, best)
    for value, source in named:
        cut = strip_site(value)
        if len(letters(cut)) >= LEAST:
            return Title(cut[:MAX_TITLE], _line_of(page.lines, folded, cut), source)
    headings = [(number, line) for number, line in enumerate(page.lines) if line.heading == 1 and not line.hidden]
    cut = strip_site(page.title)
    if len(headings) == 1 and len(letters(headings[0][1].text)) >= LEAST and not _SITE_WORD.search(headings[0][1].text):
        number, line = headings[0]
        if line.links < len(line.text) or not cut:
            return Title(line.text[:MAX_TITLE], number, "h1")
    return Title(cut[:MAX_TITLE], _line_of(page.lines, folded, cut), "title") if cut else Title("", -1, "")


def _fuller(page: Markup, title: Title) -> Title:
    """Return the only h1 of a page, where an unmarked line that <title> begins with is but a part of it; else ``title``."""
    if title.source != "line":
        return title
    headings = [(number, line) for number, line in enumerate(page.lines) if line.heading == 1 and not line.hidden]
    if len(headings) == 1 and not headings[0][1].links:
        number, line = headings[0]
        if len(line.text) <= MAX_TITLE and letters(title.text) in letters(line.text) != letters(title.text):
            return Title(line.text, number, "h1")
    return title


def _heading(page: Markup, folded: Sequence[str], whole: str, named: Sequence[str]) -> Title | None:
    """Return the line that reads like the beginning of <title> (or one of the other names), the best of them."""
    best: tuple[float, Title] | None = None
    read, half = 0, sum(len(line.text) for line in page.lines) * 0.5
    for number, line in enumerate(page.lines):
        read += len(line.text)
        size = len(line.text)
        if size > MAX_TITLE or size < 3 or line.hidden:
            continue
        marked = line.heading or _TITLE_CUE.search(line.cue) or _TITLE_CUE.search(page.cues[line.element])
        titled = line.heading == 1 or _HEADLINE_CUE.search(f"{line.cue} {page.cues[line.element]}") is not None
        if not marked and (read > half or (folded[number][:1].isalnum() and folded[number][0] != whole[:1])):
            continue
        own = letters_of(folded[number]) if folded[number] else letters(line.text)
        if len(own) < 2:
            continue
        fits = whole.startswith(own) or own in named
        text = line.text
        if not fits and (kind := _KIND.match(text)) and len(letters(text[kind.end() :])) >= LEAST:
            # 【求助】 (asking for help) before the headline is the board's mark, where <title> goes without.
            rest = letters(text[kind.end() :])
            if whole.startswith(rest):
                fits, own, text = True, rest, text[kind.end() :]
        if not fits and (subject := _SUBJECT.match(text)) and len(letters(text[subject.end() :])) >= LEAST:
            rest = letters(text[subject.end() :])  # boards whose <title> begins with their own name
            if whole.endswith(rest):
                fits, own, text = True, rest, text[subject.end() :]
        inside = (
            not fits
            and marked
            and len(own) >= 8
            and (
                (
                    own in whole
                    and (not whole.endswith(own) or (titled and not line.links and not _SITE_WORD.search(text)))
                )
                or (len(whole) >= 8 and whole in own and len(own) < len(whole) * 1.6)
            )
        )
        if not fits and not inside:
            continue
        if len(own) < LEAST and not line.heading:
            continue
        score = len(own) + (20 if fits else 0) + {1: 30, 2: 20, 3: 10}.get(line.heading, 8 if marked else 0)
        score -= 25 if line.links >= size * 0.8 else 0
        if best is None or score > best[0]:
            best = (score, Title(text, number, f"h{line.heading}" if line.heading else "line"))
    if best is None or (
        len(letters(best[1].text)) < 0.34 * len(letters(strip_site(page.title))) and not best[1].source.startswith("h1")
    ):
        return None
    return _whole_heading(page, folded, whole, best[1])


def _whole_heading(page: Markup, folded: Sequence[str], whole: str, title: Title) -> Title:
    """Return a headline with its second and third line, where <title> goes on with them."""
    text, span = title.text, 1
    for number in range(title.line + 1, min(title.line + 3, len(page.lines))):
        line = page.lines[number]
        inside = page.lines[title.line].element in (line.element, page.parents[line.element])
        if not inside or not letters_of(folded[number]):
            break
        if not whole.startswith(letters(text) + letters_of(folded[number])):
            break
        text, span = f"{text} {line.text}", span + 1
    return Title(text[:MAX_TITLE], title.line, title.source, span)


def headline_above(page: Markup, folded: Sequence[str], reasons: Sequence[str], title: Title) -> Title:
    """Return the line above the text that heads it, on a page whose <title> only names the site (or nothing); else
    ``title``. reasons: of the lines, "" for main text."""
    if title.line >= 0 or title.source not in ("", "title") or not _names_the_site(title.text, folded, reasons):
        return title
    kept = [number for number, reason in enumerate(reasons) if not reason]
    first = next((number for number in kept if len(page.lines[number].text) >= PROSE), -1)
    for number in range(first - 1, max(first - MARKED_ABOVE, -1), -1):
        line = page.lines[number]
        marked = line.heading in (1, 2) or _HEADLINE_CUE.search(f"{line.cue} {page.cues[line.element]}")
        fits = len(letters_of(folded[number])) >= LEAST and len(line.text) <= 2 * MAX_HEADLINE
        if marked and fits and not line.links and not line.hidden and reasons[number] in ("", "outside"):
            return Title(line.text, number, f"h{line.heading}" if line.heading else "line marked as headline")
    for number in range(first - 1, max(first - ABOVE_TEXT, -1), -1):
        line = page.lines[number]
        if reasons[number] not in ("", "outside") or line.hidden:
            continue
        words = folded[number]
        least = LEAST if line.heading else 2 * LEAST
        headline = len(letters_of(words)) >= least and len(line.text) <= MAX_HEADLINE and not _STOPS.search(words)
        apart = line.element != page.lines[first].element
        return Title(line.text, number, "line above the text") if headline and apart and not line.links else title
    return title


def _names_the_site(words: str, folded: Sequence[str], reasons: Sequence[str]) -> bool:
    """Return whether a <title> is the name of the site or says nothing: it is called so, or stands so in the footer."""
    own = letters(words)
    return (
        len(own) < LEAST
        or _NO_TITLE.search(words.lower()) is not None
        or _SITE_WORD.search(words) is not None
        or any(own in letters_of(line) for line, reason in zip(folded, reasons, strict=True) if reason == "footer")
    )


_NO_TITLE = re.compile(r"document\.|undefined|untitled|无标题|新建网页|new page|^[\W\d]*$")
PROSE = 40  # characters of a line that is the text's, not its headline's
ABOVE_TEXT = 5  # lines above the text that are looked at
MARKED_ABOVE = 15  # lines, for one whose class says that it is the headline
_HEADLINE_CUE = re.compile(
    r"(?<![a-z])(?:(?:article|news|content|main|art|post|doc|wenzhang|detail|page)[-_]?)?(?:title|headline|heading|biaoti|tit|bt)(?![a-z])"
)
MAX_HEADLINE = 40  # characters
_STOPS = re.compile(r"[。;,!?:]$|(?:19|20)\d\d[-/年.]\d|^[\W\d]*$")


def strip_site(title: str) -> str:
    """Return a <title> without section and site, which follow it behind separators.

    >>> strip_site("逾期怎么办_法律问答_某某网")
    '逾期怎么办'
    """
    parts = [part.strip() for part in _SEPARATOR.split(title) if part and part.strip()]
    if len(parts) < 2:
        return title.strip()
    first = parts[0]
    rest_is_site = all(_SITE_WORD.search(part) or len(part) <= 8 for part in parts[1:])
    if (
        len(letters(first)) >= LEAST
        and (rest_is_site or len(first) >= 10)
        and not (_SITE_WORD.search(first) and len(parts[1]) > len(first))
    ):
        return first
    return max(parts, key=lambda part: len(part) - (6 if _SITE_WORD.search(part) else 0))


def _line_of(lines: Sequence[Line], folded: Sequence[str], title: str) -> int:
    own = letters(title)
    if len(own) < LEAST:
        return -1
    for number, line in enumerate(lines[: max(len(lines) // 2, 20)]):
        if line.hidden or line.links >= len(line.text) * 0.8 or own[0] not in folded[number]:
            continue
        if letters_of(folded[number]) == own:
            return number
    return -1

"""Whether a page is a list, a gallery or an error page rather than an article, and whether an article is whole.

A list page is made of headlines that link elsewhere, alone or above teasers, and has no story of its own; an article
has a headline of its own with its text below it, however many lists stand around. Threads: ``crawler.threads``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from crawler.markup import Markup
from crawler.titles import Title

HEADLINE = 8  # characters of a linked line from which it reads as a headline
ENOUGH_HEADLINES = 6  # in one place of the markup
ENOUGH_TEASERS = 4  # linked headlines with a teaser below
TEASER = 250  # characters of the longest teaser
STORY = 40.0  # characters of its own below its own headline that make an article
PER_HEADLINE = 12.0  # characters of prose for each headline below which a page without own headline is a list
LIST_PROSE = (
    300.0  # characters of prose above which a page without teasers is no list, twice that where more speaks for one
)
LITTLE = 120.0  # characters of prose below which a page of pictures is a gallery
PICTURES = 6
ERROR_PROSE = 400.0  # characters of prose above which "404" is what an article is about

_LIST_URL = re.compile(
    r"://[^/]+/?(?:index\.\w+)?(?:\?.*)?$|/(?:tags?|category|categories|list|search|sort|lanmu)(?:[/_.-]|$)|/(?:archives?|channel|column|node)/?$"
    r"|/(?:list|index)[_-]?\d*\.\w+$|[?&](?:tag|cat|category|keyword|q|s)=",
    re.IGNORECASE,
)
_LIST_TITLE = re.compile(r"列表|标签|相关文章|搜索结果|第\s*\d+\s*页|文章归档|栏目|首页$|^首页|大全_|频道首页")
_ERROR = re.compile(
    r"404|页面(?:不存在|未找到|没有找到|已删除|走丢|找不到)|(?:网页|文章|内容|帖子|主题|信息)(?:不存在|已(?:被)?(?:删除|下线|屏蔽)|未找到|找不到|没有找到)|您(?:访问|查看|请求)的(?:页面|文章|内容)"
    r"|page not found|not found|(?:系统|服务器)(?:出错|错误|繁忙)|访问(?:被拒绝|受限|出错)|没有权限|抱歉,?(?:您|你|该|此|指定)|请开启javascript|正在(?:跳转|验证)|安全验证"
)
_CUT = re.compile(
    r"(?:展开|阅读|查看|显示|点击|继续阅读)(?:剩余|余下|完整)?(?:全文|全部内容|更多内容)|剩余\s*\d+\s*%|还有\s*\d+\s*%|下载.{0,10}(?:app|客户端).{0,6}(?:阅读|查看|看)全文|打开.{0,12}(?:app|客户端).{0,6}(?:阅读|查看|看)全文|全文(?:未完|见)"
)
_PAYWALL = re.compile(
    r"(?:付费|订阅|购买|充值|开通会员|成为会员|加入会员|vip|登[录陆]).{0,8}(?:后|即可|才能|可).{0,6}(?:阅读|查看|解锁|看)|试读(?:结束|已结束)|付费(?:阅读|内容|文章)|本文为?(?:会员|付费|订阅)|解锁全文|余下内容"
)
_UNFINISHED = re.compile(r"(?:[^.。!?！？…]\.{3}|…)\s*$")


def is_list(page: Markup, reasons: Sequence[str], title: Title, url: str) -> bool:
    """Return whether a page is a list of links, given what was chosen as its text."""
    lines = page.lines
    places: Counter[str] = Counter()
    for line in lines:
        if not line.hidden and len(line.text) >= HEADLINE and line.links >= 0.5 * len(line.text):
            places[page.path(line.element)] += 1
    headlines = places.most_common(1)[0][1] if places else 0
    below = teasers_of(page, reasons)
    teasers = len(below)
    hints = 2 * (_LIST_URL.search(url) is not None) + (_LIST_TITLE.search(page.title) is not None)
    own = [
        0 if reason or number in below else len(line.text) - line.links
        for number, (line, reason) in enumerate(zip(lines, reasons, strict=True))
    ]
    story = story_below(page, own, title)
    if headlines >= 2 and not any(reason == "" for reason in reasons):
        return True
    if headlines < ENOUGH_HEADLINES and teasers < ENOUGH_TEASERS:
        return False
    total = float(
        sum(size for size, line in zip(own, lines, strict=True) if size >= 15 and not _DATED.search(line.text))
    )
    if story:
        return hints >= 2 and total < 4 * STORY
    if teasers >= ENOUGH_TEASERS:
        return total < LIST_PROSE
    return total < min(PER_HEADLINE * sum(places.values()), LIST_PROSE) * (2 if hints else 1)


def teasers_of(page: Markup, reasons: Sequence[str]) -> frozenset[int]:
    """Return the lines of prose that stand below linked headlines of one kind, at least three of them."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(page.lines):
        if (
            reasons[number] not in ("", "outside")
            or not 20 <= len(line.text) <= TEASER
            or line.links >= 0.5 * len(line.text)
        ):
            continue
        for above in page.lines[max(0, number - 1) : number] + page.lines[max(0, number - 2) : max(0, number - 1)]:
            if len(above.text) >= 5 and above.links > 0.7 * len(above.text):
                groups[_DIGITS.sub("0", page.path(above.element))].append(number)
                break
            if len(above.text) >= 40 or not any(map(str.isdigit, above.text)):
                break  # a date or a count may stand between headline and teaser, no more
    return frozenset(number for group in groups.values() if len(group) >= 3 for number in group)


_DATED = re.compile(r"^.{0,20}\d{1,4}[-/年:]\d{1,2}.{0,20}$")  # a name and a date: the cells of a table of threads
_DIGITS = re.compile(r"\d+")


def story_below(page: Markup, own: Sequence[int], title: Title) -> bool:
    """Return whether the page has a headline of its own, not a link, with a story of its own right below."""
    if title.line < 0 or len(title.text) < 4:
        return False
    line = page.lines[title.line]
    if line.links > 0.7 * len(line.text) and line.heading != 1:
        return False
    return sum(own[title.line : title.line + 40]) >= STORY


def is_gallery(page: Markup, prose: float, first: int, last: int) -> bool:
    """Return whether pictures are what the page shows. [first, last): its lines from the title to the text's end."""
    return prose < LITTLE and sum(1 for place in page.images if first <= place <= last) >= PICTURES


def is_error(page: Markup, folded: Sequence[str], prose: float) -> bool:
    """Return whether a page says that what was asked for is not there (a soft 404)."""
    if prose > ERROR_PROSE:
        return False
    if re.match(r"\s*(?:404|error|错误|出错|提示信息|系统提示|页面不存在|not found)", page.title.lower()):
        return True
    return (
        prose < LITTLE
        and sum(
            1
            for words, line in zip(folded[:60], page.lines[:60], strict=True)
            if 0 < len(words) < 60 and line.links < 0.5 * len(line.text) and _ERROR.search(words)
        )
        > 0
    )


def flags(folded: Sequence[str], last: int, text: str) -> tuple[str, ...]:
    """Return "truncated" and "paywalled", where the lines at the end of the text say so. last: the last kept line."""
    around = [words for words in folded[max(0, last - 1) : last + 12] if 0 < len(words) < 60]
    found = []
    paid = any(_PAYWALL.search(words) for words in around)
    if any(_CUT.search(words) for words in around) or paid or _UNFINISHED.search(text):
        found.append("truncated")
    if paid:
        found.append("paywalled")
    return tuple(found)

"""Forum threads and questions with answers: their recognition, and the text of their posts.

A thread is a row of posts, each headed (or closed) by a short line with a time or a floor number that stands at the same
place of the same markup. Between two such heads lies what somebody wrote; names, times, ranks, buttons and signatures
around it are removed with a reason. A news page with comments below is no thread: what makes one is a forum's address,
markup or vocabulary together with such a row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.records import Reply
from crawler.markup import Markup
from crawler.titles import Title, letters

MAX_HEAD = 90  # characters of a line that heads a post
MAX_NAME = 24  # characters
MAX_REPLIES = 500
LONG_POST = 1_500  # characters of prose of a page whose first post may be an article
HEADLINE = 8  # characters of a linked line from which it reads as a headline
HEADLINE_NEAR = 6  # lines above the head of an entry in which its headline stands
INFO = 40  # characters up to which a line in a box of user data is such data

_TIME = re.compile(
    r"(?:19[89]|20[0-4])\d[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}[-/月]\d{1,2}日?\s+\d{1,2}:\d{2}|(?:\d+|半)\s?(?:秒|分钟|小时|天|周|个?月|年)\s?之?前|(?:昨天|前天|今天)\s*\d{1,2}:\d{2}"
)
TIME = _TIME
_MAYBE = re.compile(r"[\d楼沙板于前]")  # what every such line holds
_FLOOR = re.compile(r"(?:^|\s|第)(?:\d{1,5}\s?(?:#|楼|f\b)|#\d{1,5}\b|楼主|沙发|板凳|地板)|发表于|回答于|回复于|推荐于")
_URL = re.compile(
    r"://(?:[^/]*\.)?(?:bbs|forum|club|tieba|zhidao|ask|wenda|iask|question|discuss|community|luntan|topic)[^/]*\.[^/]*/"
    r"|/(?:bbs|forum|forums|thread|threads|topic|topics|question|questions|viewthread|showthread|dispbbs|ask|wenda|answer|discuss(?:ion)?s?|faq|luntan)(?:[/._?-]|\d)|/[dt]/\d"
    r"|viewthread|showthread|readthread|dispbbs|forumthread|read\.php\?tid|thread-\d|tid[=-]\d|/comments\b",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"thread|postlist|post-stream|floor|answer|question|(?<![a-z])topic|forum|bbs|tieba|louzhu|reply-list|replies|(?<![a-z])reply"
)
_WORDS = re.compile(r"论坛|社区|贴吧|知道|问答|bbs|讨论区|吧_|知乎")
_GENERATOR = re.compile(
    r"discuz|phpwind|flarum|discourse|vbulletin|phpbb|xenforo|nodebb|dvbbs|wecenter|question2answer", re.IGNORECASE
)
_SCHEMA = re.compile(r'"@type"\s*:\s*"(?:QAPage|Question|DiscussionForumPosting)"')
_INFO_CUE = re.compile(
    r"user|author|avatar|uname|nick|(?<![a-z])name|meta|action|(?<![a-z])(?:info|vote|level|sign|stat|opt|oper|btn|ctrl|time|date|tags?|foot|head)(?![a-z])|footer|signature|medal|badge|rank|credit|score|toolbar|share|extra|sidebar|recommend|related|side-|breadcrumb|modal|login|wrap-tip|count|tool"
)
_POST_CUE = re.compile(r"detail|content|text|body|markdown|preview|message|(?<![a-z])(?:p|con|post|txt|msg)(?![a-z])")
_BESIDE = re.compile(
    r"sidebar|recommend|related|tuijian|(?<![a-z])(?:aside|footer|copyright|login|modal|dialog|breadcrumb)(?![a-z])"
)
_DIGITS = re.compile(r"\d+")  # posts carry their number in class or id
_FIGURES = re.compile(r"[\d\W_a-z]{0,12}$")
_INTERFACE = re.compile(
    r"[\W_\d]*(?:有用|没用|赞同|反对|赞|踩|感谢|收起|展开|只看(?:该作者|楼主|ta|大图)|倒序|显示全部|楼主|举报|回复|引用|支持|道具|使用道具|评分|置顶|精华|加精|电梯直达|复制链接|\[复制链接\]|本楼|个人资料|发短消息|加为好友|当前(?:离线|在线)|积分|帖子|精华|金币|威望|注册时间|最后登录|在线时间|阅读权限|主题|听众|签到|级别|等级|经验|性别|来自|楼层|作者|发帖|头衔|签名|来源|热心网友|匿名用户|推荐于|本回答|你对这个回答|已赞过|已踩过|评价是|为你推荐|追问|追答|其他回答|更多回答|最佳答案|提问者|登录后|关注者|被浏览|写回答|邀请回答|好问题|添加评论|条评论|喜欢|收藏|继续追问|默认排序|按时间排序|全部回复|关注问题|\d+\s*[个条](?:回答|回复|答案|解答)|(?:律师|全部|网友|最新|精选)?(?:解答|回答|回复|答案)\s*共?\s*\(?\d+|共\s*\d+|查看|浏览|阅读|点击)[\W\d_]*"
)


@dataclass(frozen=True, slots=True)
class Posts:
    """The row of posts of a page. heads: the numbers of their head lines, in order; container: element around all."""

    heads: tuple[int, ...]
    container: int


NO_POSTS = Posts((), -1)


def find_posts(page: Markup, folded: Sequence[str], rules: Sequence[str]) -> Posts:
    """Return the longest row of posts of a page; no heads where there is none."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(folded):
        line = page.lines[number]
        if not words or line.hidden or len(words) > MAX_HEAD or not _MAYBE.search(words):
            continue
        if _TIME.search(words) or _FLOOR.search(words):
            groups[_DIGITS.sub("0", f"{page.path(line.element)}|{line.cue[:40]}")].append(number)
    best: list[int] = []
    for numbers in groups.values():
        posts = [
            number
            for number, after in zip(numbers, [*numbers[1:], numbers[-1] + 25], strict=True)
            if _has_text(page, rules, number + 1, after)
        ]
        if len(posts) >= 0.6 * len(numbers) and len(posts) > len(best):
            best = posts
    return Posts(tuple(best), common_element(page, [page.lines[number].element for number in best]) if best else -1)


def _has_text(page: Markup, rules: Sequence[str], first: int, last: int) -> bool:
    return any(
        not rules[number]
        and page.lines[number].links < 0.5 * len(page.lines[number].text)
        and len(letters(page.lines[number].text)) >= 4
        for number in range(first, min(last, first + 25, len(rules)))
    )


def common_element(page: Markup, elements: Sequence[int]) -> int:
    """Return the innermost element that holds all of these; parents come before children."""
    chain: list[int] = []
    element = elements[0]
    while element >= 0:
        chain.append(element)
        element = page.parents[element]
    for candidate in chain:
        first, last = page.first[candidate], page.last[candidate]
        if all(first <= page.first[other] and page.last[other] <= last and candidate <= other for other in elements):
            return candidate
    return 0


def is_thread(page: Markup, url: str, posts: Posts, prose_before: float, prose: float) -> bool:
    """Return whether a page is a thread. prose_before: characters of prose before the first post, of ``prose``."""
    strong = 2 * bool(_URL.search(url))
    strong += 2 * any(key == "generator" and _GENERATOR.search(value) is not None for key, value in page.metas)
    strong += 3 * any(_SCHEMA.search(source) is not None for source in page.json_ld)
    weak = int(_WORDS.search(page.title[-20:].lower()) is not None)
    if posts.heads:
        weak += any(_CUE.search(page.cues[element]) for element in _around(page, posts.heads[0]))
        weak += len(posts.heads) >= 3
    else:
        weak += sum(1 for cue in page.cues if cue and _CUE.search(cue)) >= 3
    if (
        len(posts.heads) < 2
        and strong < 3
        and not (posts.heads and any(_CUE.search(page.cues[element]) for element in _around(page, posts.heads[0])))
    ):
        return False  # one date below an address such as /wenda/ makes no thread
    if has_headlines(page, posts):
        return False  # a row of questions, each a link to its own page
    hints = strong + weak
    if hints < (3 if posts.heads else 4) or (not strong and weak < 2):
        return False
    # A long article with a few words below it is read as an article, unless everything speaks for a thread.
    return hints > 3 or prose < LONG_POST or prose_before < 0.6 * prose


def has_headlines(page: Markup, posts: Posts) -> bool:
    """Return whether most entries of a row have a linked headline: a list of threads, not one."""
    linked = 0
    for before, head in pairwise([-1, *posts.heads]):
        near = page.lines[max(before + 1, head - HEADLINE_NEAR) : head]
        linked += any(len(line.text) >= HEADLINE and line.links > 0.8 * len(line.text) for line in near)
    return len(posts.heads) >= 4 and linked >= 0.8 * len(posts.heads)


def _around(page: Markup, number: int) -> list[int]:
    element = page.lines[number].element
    found: list[int] = []
    while element > 0 and len(found) < 12:
        found.append(element)
        element = page.parents[element]
    return found


def choose_posts(
    page: Markup, title: Title, posts: Posts, folded: Sequence[str], rules: Sequence[str], region: int
) -> list[str]:
    """Return the reason of every line of a thread, "" for what somebody posted. region: where an article would be."""
    elements = [page.lines[number].element for number in posts.heads] + ([region] if region > 0 else [])
    container = common_element(page, elements) if elements else 0
    first, last = page.first[container], page.last[container]
    if (title.line >= 0 and not first <= title.line < last and title.line < first) or first <= title.line < last:
        first = title.line
    heads = set(posts.heads)
    beside = parts_beside(page, posts)
    reasons: list[str] = []
    for number, line in enumerate(page.lines):
        if line.hidden:
            reasons.append("hidden")
        elif number == title.line:
            reasons.append("")  # a question is asked in its title
        elif not first <= number < last:
            reasons.append(rules[number] or ("navigation" if line.links > 0.5 * len(line.text) else "outside"))
        elif number in heads:
            reasons.append("byline")
        elif beside[line.element]:
            reasons.append(rules[number] or "site-part")
        else:
            reasons.append(post_reason(page, number, folded[number], rules[number]))
    for number in name_lines(page, posts, reasons, title.line):
        reasons[number] = "byline"
    for after, head in pairwise([-1, *posts.heads]):
        box = name_box(page, head, after) if name_near(page, head, reasons) < 0 else None
        for number in range(*(box or (0, 0))):
            reasons[number] = reasons[number] or "post-info"
    return reasons


def name_lines(page: Markup, posts: Posts, reasons: Sequence[str], title: int) -> list[int]:
    """Return the lines above the heads of posts that hold nothing but names: short, always at one place of the markup."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(page.lines):
        if not reasons[number] and number != title:
            places[_DIGITS.sub("0", page.path(line.element))].append(number)
    found: list[int] = []
    for place, numbers in places.items():
        if len(posts.heads) < 2 or len(numbers) > 1.5 * len(posts.heads) or _POST_CUE.search(place.rsplit("/", 1)[-1]):
            continue
        above = sum(1 for head in posts.heads if any(head - 4 < number < head for number in numbers))
        if above >= 0.6 * len(posts.heads) and all(len(page.lines[number].text) <= MAX_NAME for number in numbers):
            found += numbers
    return found


def parts_beside(page: Markup, posts: Posts) -> list[bool]:
    """Return for each element whether it is, or is inside, a part beside the thread: sidebar, recommendations, footer."""
    found: list[bool] = []
    for element, (tag, cue, parent) in enumerate(zip(page.tags, page.cues, page.parents, strict=True)):
        inside = parent >= 0 and found[parent]
        if not inside and (tag in ("aside", "nav", "footer") or (cue and _BESIDE.search(cue))):
            # A class such as "with-sidebar" names what stands around the posts, not beside them.
            inside = not any(page.first[element] <= head < page.last[element] for head in posts.heads)
        found.append(inside)
    return found


def post_reason(page: Markup, number: int, words: str, ruled: str) -> str:
    """Return why a line among posts is not what somebody wrote, or ""."""
    line = page.lines[number]
    size = len(line.text)
    if ruled in ("comment", "byline", "related", "share", "interface", "footer", "pager", "contact-line", "breadcrumb"):
        return ruled
    if line.links > 0.8 * size and size < 60:
        return "navigation"
    if words and size < INFO:
        if _FIGURES.match(words) and not any("\u4e00" <= c <= "\u9fff" for c in words):
            return "interface"
        match = _INTERFACE.match(words)
        if match and len(words) - match.end() < 8 and size < 24:
            return "interface"
        if _TIME.search(words) and size < 40:
            return "byline"
        own, *above = [page.cues[element] for element in _around(page, number)[:2]] or [""]
        if _INFO_CUE.search(own) or (line.cue and _INFO_CUE.search(line.cue)):
            return "post-info"
        if above and _INFO_CUE.search(above[0]) and not _POST_CUE.search(own):
            return "post-info"
    return "" if ruled in ("", "rights-notice", "read-aloud") else ruled


def replies(page: Markup, posts: Posts, reasons: Sequence[str]) -> tuple[Reply, ...]:
    """Return the posts of a thread, in order, each with the name and time that stand at its head."""
    found: list[Reply] = []
    after = -1
    for head, end in list(pairwise([*posts.heads, len(reasons)]))[:MAX_REPLIES]:
        text = "\n".join(page.lines[number].text for number in range(head, end) if not reasons[number])
        if text:
            found.append(Reply(_name(page, head, reasons, after), page.lines[head].text[:MAX_HEAD], text))
        after = head
    return tuple(found)


def is_name(words: str) -> bool:
    """Return whether a few words can be what somebody is called: no time, no number of a floor."""
    return 0 < len(words) <= MAX_NAME and not _TIME.search(words) and not _NO_NAME.match(words)


_NO_NAME = re.compile(
    r"[\W\d_]*(?:#|楼|f|楼主|沙发|板凳|地板|回复|引用|举报|只看(?:该作者|楼主|大图|ta|他|她)|[倒正]序(?:阅读|浏览|看帖|排列)?|电梯直达|显示全部楼层|收起|查看.{0,6}|编辑|删除|发(?:短)?消息|加(?:为)?好友|个人空间|串个门|打招呼|给我留言|加?关注|私信|分享|收藏|作者)?[\W\d_]*$"
)


def name_box(page: Markup, head: int, after: int) -> tuple[int, int] | None:
    """Return the lines [name, end) of the box beside a post that holds its author's name, rank and figures: short lines
    only, in a block above the head that does not hold the head. after: the line of the head before."""
    for number in range(head - 1, max(after, head - MAX_BOX), -1):
        line = page.lines[number]
        element = line.element
        around = " ".join([line.cue, *(page.cues[each] for each in _around(page, number)[:3])])
        named = _NAME_CUE.search(around)
        if not named or not line.links or not is_name(line.text):
            continue
        end = number + 1
        while element > 0 and page.last[element] <= head and page.first[element] >= number - 2:
            inside = range(number, page.last[element])
            if any(len(page.lines[each].text) >= INFO for each in inside) or any(
                _POST_CUE.search(page.cues[page.lines[each].element]) for each in inside
            ):
                break
            if page.tags[element] in ("td", "dt", "aside") or _INFO_CUE.search(page.cues[element]):
                end = max(end, page.last[element])
            element = page.parents[element]
        return number, end
    return None


MAX_BOX = 16  # lines above the head of a post in which its author's box stands
_NAME_CUE = re.compile(
    r"auth|(?:user|nick|poster|member|read)_?-?name|user|nick|poster|member|uname|(?<![a-z])name(?![a-z])|louzhu|xw1"
)


def name_near(page: Markup, head: int, reasons: Sequence[str]) -> int:
    """Return the line right above the head of a post that holds a name, or -1."""
    for number in range(head - 1, max(head - 4, 0), -1):
        named = page.lines[number].links or reasons[number] == "byline"
        if named and is_name(page.lines[number].text):
            return number
    return -1


def _name(page: Markup, head: int, reasons: Sequence[str], after: int = -1) -> str:
    """Return the name at the head of a post: the linked words of the head line, of its author's box, or the short line
    before it. after: the line of the head before."""
    for _, words, _, number in page.links:
        if number == head and is_name(words):
            return words
    near = name_near(page, head, reasons)
    if near >= 0:
        return page.lines[near].text
    box = name_box(page, head, after)
    if box:
        return page.lines[box[0]].text
    before = _TIME.split(page.lines[head].text)[0].strip(" |·-—:：发表于")
    return before if is_name(before.split()[-1] if before else "") and len(before) <= MAX_NAME else ""

"""Chooses which lines of a page are its main text, and says of every other line why it is not.

Each line weighs what it adds to a text: prose counts for it, links, boilerplate and the headings of other sections count
against it. The article is the element whose lines weigh most, given its class names, those above it, and how soon after
the title its text begins. Inside it the text ends where another section begins (related stories, comments, a second
headline like the first). Of the lines that remain only those go that say of themselves what they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from crawler.line_rules import HARD_CERTAIN, HARD_CUE, POSITIVE_CUE, SOFT_CUE, rule
from crawler.markup import Line, Markup
from crawler.threads import NO_POSTS, Posts, choose_posts, find_posts, is_thread
from crawler.titles import Title, letters, letters_of

PROSE_MARK = re.compile(r"[，。！？；：、“”…,;!?]")
TEASER_END = re.compile(r"(?:\.\.\.|…|\[?【?\[?(?:详细|阅读全文|查看全文|全文|详情|更多)\]?】?>*)\W{0,3}$")
LONG = 40  # characters from which a line without punctuation still counts as prose
SHORT = 15  # characters below which a line is no prose, whatever its punctuation
MOST = 500.0  # characters of one line that count
LINKED = 0.5  # share of a line's characters inside links from which it is navigation
HARD, SOFT, GOOD = 0.25, 0.6, 1.15  # factors of class names
WRAPPER = 0.8  # share of a page's prose from which an element's bad name is not believed
SECTION = -60.0  # weight of the heading of another section
PROSE_ALONE = 0.3  # share of an element's prose that its links cannot outweigh, a third of it without a good name
LITTLE = 150.0  # characters of prose in a footer or sidebar that make no article
SKIPPED_LEAST = 100.0  # characters that are no lead or caption
SKIPPED = 150.0  # characters of prose between title and region that halve a region's score: the text begins earlier
MARKERS = frozenset(["related", "comment", "pager"])


@dataclass(frozen=True, slots=True)
class Choice:
    """reasons: one a line, "" for main text. region: index of the chosen element, -1 where none was found."""

    reasons: list[str]
    region: int
    folded: list[str]
    page_type: str = "article"
    posts: Posts = NO_POSTS


def choose(page: Markup, folded: list[str], title: Title, url: str = "") -> Choice:
    """Return the reason of every line of a page."""
    lines = page.lines
    rules = [rule(text) if text else "" for text in folded]
    kinds = cue_kinds(page)
    shown, weights = visible_weights(page, rules, title, kinds)
    factors = element_factors(page, weights, kinds, title)
    trusted = [
        weight * factors[line.element] if weight > 0 else weight for weight, line in zip(weights, lines, strict=True)
    ]
    region = best_region(page, trusted, title, kinds)
    if region >= 0 and factors[region] <= HARD and sum(weight for weight in weights if weight > 10) < LITTLE:
        region = -1  # all that is left is a footer's sentence: the page has no text of its own
    posts = find_posts(page, folded, rules)
    before = sum(weight for weight in weights[: posts.heads[0]] if weight > 10) if posts.heads else 0.0
    if is_thread(page, url, posts, before, sum(weight for weight in weights if weight > 10)):
        found = choose_posts(page, title, posts, folded, rules, region)
        if any(not reason for reason in found):
            repeated_titles(folded, title, shown, found)
            return Choice(found, region, folded, "thread", posts)
    reasons = [
        "hidden" if not show else reason or ("navigation" if line.links > LINKED * len(line.text) else "outside")
        for line, reason, show in zip(lines, rules, shown, strict=True)
    ]
    if region >= 0:
        keep(page, folded, region, title, weights, rules, kinds, shown, reasons, posts)
    if title.line >= 0:
        reasons[title.line : title.line + title.span] = ["title"] * title.span
    repeated_titles(folded, title, shown, reasons)
    return Choice(reasons, region, folded)


def repeated_titles(folded: Sequence[str], title: Title, shown: Sequence[bool], reasons: list[str]) -> None:
    """Set the reason of lines that say the title again."""
    heading = letters(title.text)
    if not heading:
        return
    for number, words in enumerate(folded):
        if (
            heading[0] in words
            and reasons[number] != "title"
            and number != title.line
            and shown[number]
            and letters_of(words) == heading
        ):
            reasons[number] = "repeated-title"


def keep(
    page: Markup,
    folded: Sequence[str],
    region: int,
    title: Title,
    weights: Sequence[float],
    rules: Sequence[str],
    kinds: Sequence[float],
    shown: Sequence[bool],
    reasons: list[str],
    posts: Posts,
) -> None:
    """Set the reasons of the lines of a region, "" for those that are main text."""
    begin, end = limits(page, region, weights, rules, title)
    below = comments_below(posts, folded, weights, begin, end)
    if below < end:
        for number in range(below, end):
            reasons[number] = rules[number] or "comment"
        end = below
    for number in stated_fields(page, folded, title, begin):
        reasons[number] = ""
    inner = inner_reasons(page, region, kinds, weights)
    joined = siblings(page, region, weights, kinds) if end == page.last[region] else []
    prose = [number for number in range(begin, end) if weights[number] > 10] or [end]
    for first, last in [(begin, end), *joined]:
        for number in range(first, last):
            line = page.lines[number]
            if not shown[number]:
                continue
            reason = rules[number] or inner.get(line.element, "")
            if not reason and title.line < number <= title.line + UNDER_TITLE and title.line >= 0:
                boxed = BYLINE_CUE.search(page.cues[line.element]) is not None
                reason = "byline" if is_byline(folded[number], boxed=boxed) else ""
            if not reason and line.links > 0.8 * len(line.text) and weights[number] < 0:
                reason = "navigation"
            ended = prose[-1] < number and (prose[0] < prose[-1] or page.tags[line.element] == "td")
            if reason == "byline" and ended and DAY_ALONE.fullmatch(folded[number]):
                reason = ""  # below the last prose a day stands below a signature
            reasons[number] = reason


def stated_fields(page: Markup, folded: Sequence[str], title: Title, begin: int) -> list[int]:
    """Return the lines of the table of fields that official notices show above their text (索引号, 发文机关 …)."""
    first = max(0, begin - MAX_FIELDS)
    keys = [number for number in range(first, begin) if _NOTICE_KEY.match(folded[number])]
    if len({folded[number][:3] for number in keys}) < 2:
        return []
    return [
        number
        for number in range(keys[0], min(keys[-1] + 2, begin))
        if number != title.line
        and not page.lines[number].hidden
        and page.lines[number].links < 0.5 * len(page.lines[number].text)
    ]


_NOTICE_KEY = re.compile(
    r"(?:索\s*引\s*号|发文(?:机关|单位|字号|日期)|发布(?:机构|机关)|成文日期|文\s*号|主题(?:分类|词)|公文(?:种类|时效)|有\s*效\s*性|信息(?:类别|分类|来源)|公开(?:方式|日期|形式)|生效日期|废止日期|制发机关)\s*(?:[::]|$)"
)
MAX_FIELDS = 40  # lines above a text that may hold them


def visible_weights(
    page: Markup, rules: Sequence[str], title: Title, kinds: Sequence[float]
) -> tuple[list[bool], list[float]]:
    """Return which lines a reader sees, and what each of those weighs in its place."""
    lines = page.lines
    weights = [
        weigh(line, reason, kinds[line.element] > 1 or page.tags[line.element] in TEXT_TAGS)
        for line, reason in zip(lines, rules, strict=True)
    ]
    shown = unfolded(page, [not line.hidden for line in lines])
    visible = sum(weight for weight, show in zip(weights, shown, strict=True) if show and weight > 0)
    unseen = sum(weight for weight, show in zip(weights, shown, strict=True) if not show and weight > 0)
    if visible < 0.5 * unseen:
        shown = [True] * len(lines)  # a page that hides its article until a script has run
    counts = Counter(line.text for line in lines if len(line.text) < 100)
    weights = [
        0.0 if not show or (weight > 0 and counts[line.text] > 2) else weight
        for weight, show, line in zip(weights, shown, lines, strict=True)
    ]
    return shown, in_context(weights, rules, title)


def unfolded(page: Markup, shown: list[bool]) -> list[bool]:
    """Return which lines a reader can see who presses 展开全文 (show all): what such a button hides is the article's."""
    for number, line in enumerate(page.lines[:-1]):
        if len(line.text) <= 16 and not line.hidden and page.lines[number + 1].hidden and FOLDED.search(line.text):
            after = number + 1
            while after < len(shown) and page.lines[after].hidden:
                shown[after] = True
                after += 1
    return shown


FOLDED = re.compile(r"(?:展开|阅读|查看|展開|閱讀|顯示|显示)(?:全文|剩余|更多|完整|全部內容|全部内容)")


def weigh(line: Line, reason: str, in_text: bool) -> float:
    """Return what a line adds to the text around it, in characters of prose; negative for navigation."""
    size = len(line.text)
    if reason:
        return SECTION if reason in MARKERS and size < 20 else -10.0
    own = size - line.links
    marks = len(PROSE_MARK.findall(line.text[:200])) if size > 5 else 0
    if line.links > LINKED * size and (own < SHORT or not marks):
        return 0.0 if marks > 1 and size > LONG else -5.0 - min(size, 30)
    if (marks and size >= SHORT) or size >= LONG:
        weight = min(float(own), MOST)
        return weight * 0.1 if TEASER_END.search(line.text[-12:]) and size < 200 else weight
    return 2.0 if size >= 6 and in_text else 0.0


TEXT_TAGS = frozenset(["p", "td", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section", "article"])


def in_context(weights: list[float], rules: Sequence[str], title: Title) -> list[float]:
    """Return the weights with prose discounted that stands between linked headlines: the teasers of other stories."""
    found = list(weights)
    for number in range(1, len(weights) - 1):
        if weights[number] > 2.0 and weights[number - 1] < 0 and not rules[number - 1] and number - 1 != title.line:
            after = weights[number + 1]
            if after < 0 or (after <= 2.0 and number + 2 < len(weights) and weights[number + 2] < 0):
                found[number] *= 0.15
    return found


def cue_kinds(page: Markup) -> list[float]:
    """Return the factor of each element's own class names."""
    kinds = {cue: cue_kind(cue) for cue in set(page.cues)}
    return [kinds[cue] for cue in page.cues]


@lru_cache(maxsize=16_384)
def cue_kind(cue: str) -> float:
    """Return the factor of a class name. Remembered: the pages of a site, and of a system, use the same few."""
    if not cue:
        return 1.0
    if HARD_CUE.search(cue):
        return HARD
    if POSITIVE_CUE.search(cue):
        return GOOD
    return SOFT if SOFT_CUE.search(cue) else 1.0


def element_factors(page: Markup, weights: Sequence[float], kinds: Sequence[float], title: Title) -> list[float]:
    """Return how far each element's prose is trusted, in 0.05..1, by its class names and those above it."""
    prose = list(accumulate([weight if weight > 0 else 0.0 for weight in weights], initial=0.0))
    factors: list[float] = []
    for element, (tag, parent, kind) in enumerate(zip(page.tags, page.parents, kinds, strict=True)):
        factor = factors[parent] if parent >= 0 else 1.0
        holds = prose[page.last[element]] - prose[page.first[element]]
        first = page.first[element]
        apart = kind == HARD and first > title.line >= 0 and prose[first] - prose[title.line] >= OWN_WORDS
        if (
            holds <= WRAPPER * prose[-1]
            or (holds < LITTLE and FOOT.search(page.cues[element] or tag))
            or (apart and OTHERS_WORDS.search(page.cues[element]))
        ):
            if tag in ASIDE:
                factor *= 0.3
            elif kind < 1.0:
                factor *= kind
        factors.append(factor if factor > 0.05 else 0.05)
    return factors


OWN_WORDS = 40.0  # characters of prose between title and comments: then those are not the article, however many
OTHERS_WORDS = re.compile(r"comment|pinglun|recommend|tuijian|related|xiangguan")
ASIDE = frozenset(["aside", "nav", "footer"])


def best_region(page: Markup, weights: Sequence[float], title: Title, kinds: Sequence[float]) -> int:
    """Return the element that holds the article, or -1."""
    sums = list(accumulate(weights, initial=0.0))
    prose = list(accumulate([weight if weight > 0 else 0.0 for weight in weights], initial=0.0))
    first_prose = next_prose(weights)
    best, best_score = -1, 0.0
    for element, tag in enumerate(page.tags):
        first, last = page.first[element], page.last[element]
        if last <= first:
            continue
        named = kinds[element] > 1 or tag in ("article", "main")
        least = PROSE_ALONE if named else PROSE_ALONE / 3
        whole, words = sums[last] - sums[first], prose[last] - prose[first]
        if whole < 0.5 * words and words >= LITTLE:
            # A text with lists of links after it in one cell. Of elements around the same run the inner one is meant.
            whole = max(whole, RUN * best_run(weights[first:last]) - 0.01 * (last - first))
        score = max(whole, least * words) * (GOOD if named else 1.0)
        if score <= 0:
            continue
        if title.line >= 0:
            skipped = prose[first] - prose[title.line] if first > title.line else 0.0
            skipped = skipped if skipped > SKIPPED_LEAST else 0.0
            after = first_prose[max(first, title.line + title.span)] if title.line < last else first_prose[first]
            score *= nearness(title.line, first, last, after) * (1.0 - 0.5 * min(1.0, skipped / SKIPPED))
        if score > best_score:
            best, best_score = element, score
    return own_article(page, prose, best) if best >= 0 else best


def own_article(page: Markup, prose: Sequence[float], region: int) -> int:
    """Return the <article> inside a region that holds nearly all of its prose, or the region itself: what stands around
    the one thing that a page marks as its article is about it (profiles, thanks, buttons)."""
    words = prose[page.last[region]] - prose[page.first[region]]
    for element in range(region + 1, len(page.tags)):
        first, last = page.first[element], page.last[element]
        if first >= page.last[region]:
            break
        if page.tags[element] == "article" and prose[last] - prose[first] >= MARKED * words:
            return element
    return region


MARKED = 0.8  # share of a region's prose


def best_run(weights: Sequence[float]) -> float:
    """Return the largest sum of consecutive weights (Kadane's algorithm); 0 where all are negative."""
    best = run = 0.0
    for weight in weights:
        run = run + weight if run > 0 else weight
        best = max(best, run)
    return best


RUN = 0.6  # how far an element's best run of lines counts against its whole


def next_prose(weights: Sequence[float]) -> list[int]:
    """Return for each line the number of the first line of prose from there on."""
    found = [len(weights)] * (len(weights) + 1)
    for number in range(len(weights) - 1, -1, -1):
        found[number] = number if weights[number] > 10 else found[number + 1]
    return found


def nearness(title: int, first: int, last: int, prose: int) -> float:
    """Return how well a region fits the place of the title, in 0.2..1: its prose should follow soon after."""
    if last <= title:
        return 0.2
    gap = max(prose - title, 0) if first > title else max(min(prose, last) - title, 0) if prose > title else 0
    return 1.0 if gap <= 12 else max(0.3, 1.0 - (gap - 12) * 0.03)


def limits(page: Markup, region: int, weights: Sequence[float], rules: Sequence[str], title: Title) -> tuple[int, int]:
    """Return the lines [begin, end) of a region between the title and the next section."""
    first, last = page.first[region], page.last[region]
    begin = first
    if first <= title.line < last:
        before = sum(weight for weight in weights[first : title.line] if weight > 2)
        after = sum(weight for weight in weights[title.line : last] if weight > 2)
        begin = title.line if before < 0.3 * after else first
    own_path = page.path(page.lines[title.line].element) if title.line >= 0 and page.lines[title.line].heading else ""
    read = 0.0
    for number in range(begin, last):
        line = page.lines[number]
        again = own_path and number > title.line and line.heading and read > 30 and page.path(line.element) == own_path
        if again and letters(line.text) != letters(title.text):
            return begin, number  # a second headline like the first: the next story of an endless page
        if rules[number] in ("related", "comment") and len(line.text) < 24 and read > 30:
            following = weights[number + 1 : min(number + 13, last)]
            prose = sum(weight for weight in following if weight > 10)
            linked = sum(1 for weight in following if weight < 0) >= 0.34 * len(following)
            if rules[number] == "comment" or ((linked or prose < 60) and not goes_on(page, weights, number + 1, last)):
                return begin, number
        read += max(weights[number], 0.0) if weights[number] > 2 else 0.0
    return begin, last


def comments_below(posts: Posts, folded: Sequence[str], weights: Sequence[float], begin: int, end: int) -> int:
    """Return the line where the comments below an article begin: a row of posts, each with its time of day; else ``end``."""
    heads = [head for head in posts.heads if begin < head < end and CLOCK.search(folded[head])]
    if len(heads) < 3 or len(heads) < 0.8 * len(posts.heads):
        return end
    before = sum(weight for weight in weights[begin : heads[0]] if weight > 10)
    return heads[0] if before >= 60 else end


CLOCK = re.compile(r"\d{1,2}:\d{2}|(?:秒|分钟|小时|天|周|月|年)\s?之?前|楼")


def is_byline(words: str, *, boxed: bool = False) -> bool:
    """Return whether a line under the title is a name and a date (律师 张三 · 2025-01-15), or stands in a box for them."""
    return 0 < len(words) <= 50 and (boxed or DAY.search(words) is not None) and not re.search(r"[,。!?;]", words)


BYLINE_CUE = re.compile(
    r"(?<![a-z])(?:meta|byline|author|source|date|time|pubtime|info)(?![a-z])|meta_list|meta_content|entry-meta|post-meta|article-meta|article-info|news-info"
)


DAY_ALONE = re.compile(r"(?:19|20)\d\d\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日")
FOOT = re.compile(r"(?<![a-z])(?:foot|copy)(?![a-z])|footer|copyright")
UNDER_TITLE = 3  # lines below a title that may be its byline
DAY = re.compile(r"(?<!\d)(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")


def goes_on(page: Markup, weights: Sequence[float], start: int, end: int) -> bool:
    """Return whether running text, two lines of prose in a row, follows before any headline."""
    for number in range(start, end - 1):
        if page.lines[number].heading in (1, 2):
            return False
        if weights[number] > 40 and weights[number + 1] > 40:
            return True
    return False


def siblings(page: Markup, region: int, weights: Sequence[float], kinds: Sequence[float]) -> list[tuple[int, int]]:
    """Return the lines of the region's siblings of the same tag and class that go on with its text."""
    tag, cue, parent = page.tags[region], page.cues[region], page.parents[region]
    found: list[tuple[int, int]] = []
    if tag == "li" or parent < 0 or kinds[region] < 1:
        return found
    for element in range(parent + 1, len(page.tags)):
        first, last = page.first[element], page.last[element]
        if first >= page.last[parent]:
            break
        if (
            element == region
            or page.parents[element] != parent
            or page.tags[element] != tag
            or page.cues[element] != cue
        ):
            continue
        if sum(weights[first:last]) >= 20:
            found.append((first, last))
    return found


def inner_reasons(page: Markup, region: int, kinds: Sequence[float], weights: Sequence[float]) -> dict[int, str]:
    """Return the elements inside a region whose class names say that they are something else."""
    found: dict[int, str] = {}
    total = sum(weight for weight in weights[page.first[region] : page.last[region]] if weight > 0)
    apart = 0.0
    for element in range(region + 1, len(page.tags)):
        if page.first[element] >= page.last[region]:
            break
        parent = page.parents[element]
        if parent in found:
            found[element] = found[parent]
        elif kinds[element] == HARD or page.tags[element] in ASIDE:
            own = sum(weight for weight in weights[page.first[element] : page.last[element]] if weight > 0)
            if own < 0.3 * total or (total - apart - own > 40 and HARD_CERTAIN.search(page.cues[element])):
                found[element] = "site-part"
                apart += own
    return found

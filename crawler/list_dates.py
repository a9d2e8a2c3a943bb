"""The dates that a list page shows beside its links: often the only place where an article's date stands.

A date belongs to an item, not to the page: it counts only where at least three alike items (headlines at one place of the
markup, each leading to a page of the same site) show a date at one place of the markup, and most of them do. So the clock
in a page's header, a calendar or the date of its newest issue dates nothing. What an item is, its markup decides: the
largest element that holds one headline only, else its line, else the lines up to the next headline.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from corpus.records import ListedDate, Page
from corpus.urls import canonical_url, join, site_of
from crawler.date_forms import Moment, find_moments
from crawler.dates import HAS_DAY, OTHER_WORD, UPDATED_AFTER, UPDATED_WORD, latest
from crawler.extract import base_of, read_markup
from crawler.line_rules import fold, fold_all
from crawler.markup import Markup

LEAST_ITEMS = 3  # alike items that make a list
SHARE = 0.6  # of the items that must show a date at one place
MAX_ITEMS = 300  # headlines of one kind, and dated links of a page
MAX_SPAN = 30  # lines of an item that are looked at
BEFORE = 4  # lines above a headline that can be its item's
LEAST_WORDS = 4  # ideographs of a headline
MOST_WORDS = 30  # characters of a line besides its dates and its headline
RIVAL = 0.7  # of a headline's length: a second link so long makes the line a row of links

_IDEOGRAPH = re.compile("[㐀-鿿]")
_DIGITS = re.compile(r"\d+")
_ITEM_CLASS = re.compile(r"(?<![a-z])(li|tr)\.[^/]*")  # odd, even, first, last: no other kind of item
_LATER_BEFORE = re.compile(r"(?:最后|最新)?(?:回复|回帖|跟帖|回应)\s*(?:时间|于|[::])?\s*$|最后(?:发表|更新|活动)")
_LATER_AFTER = re.compile(r"[\s·•|,]{0,3}(?:最后(?:回复|发表|更新|回应)|回复|有新回复)")
_LATER_CUE = re.compile(r"reply|last(?:post|_?modif|_?update|_?time|_?date)|update|modif")
_ROUGH = re.compile("[周月年]|星期")  # 3周前 (three weeks ago) says no day
_SPLIT = re.compile(
    r"(\d{1,2})日?\s+((?:19[89]|20[0-4])\d)\s?[-/.年]\s?(\d{1,2})月?"
)  # 06 2024-05, the day in large print


@dataclass(frozen=True, slots=True)
class _Headline:
    """A link that heads an item."""

    line: int
    href: str
    words: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """A date in an item. place: the tags around it."""

    place: str
    role: str
    moment: Moment
    text: str


_Dated = tuple[_Headline, _Seen]


def listed_dates(page: Page) -> tuple[ListedDate, ...]:
    """Return the dates beside the links of a list page, in page order, at most one a link and role.

    Only links to the page's own site count, and only dates up to the page's own fetch or last change; a link that the
    page dates differently in two places has none. Raises: Rejected, where the page cannot be read.
    """
    _, markup = read_markup(page)
    folded = fold_all([line.text for line in markup.lines])
    base, site, own, limit = base_of(page, markup), site_of(page.url), canonical_url(page.url), latest(page)
    found: defaultdict[tuple[str, str], list[_Seen]] = defaultdict(list)
    for headlines in headline_groups(markup):
        for headline, seen in dated_items(markup, folded, headlines, page.fetched_at):
            url = join(base, headline.href)
            known = (url, seen.role) in found or len(found) < MAX_ITEMS
            if known and url and url != own and site_of(url) == site and seen.moment.day <= limit:
                found[url, seen.role].append(seen)
    listed = []
    for (url, role), dates in found.items():
        if len({seen.moment.day for seen in dates}) == 1:
            best = max(dates, key=lambda seen: len(seen.moment.value))
            listed.append(ListedDate(url, best.moment.value, best.moment.precision, role, best.text, best.moment.note))
    return tuple(listed)


def headline_groups(page: Markup) -> Iterator[list[_Headline]]:
    """Yield the headlines that stand at one place of the markup, one a line, in page order, place after place."""
    groups: defaultdict[str, defaultdict[int, list[_Headline]]] = defaultdict(lambda: defaultdict(list))
    for href, words, _, number in page.links:
        if number < len(page.lines) and len(_IDEOGRAPH.findall(words)) >= LEAST_WORDS:
            line = page.lines[number]
            if not line.hidden and not href.startswith(("#", "javascript:")):
                groups[place_of(page, line.element)][number].append(_Headline(number, href, words))
    for lines in groups.values():
        best: dict[str, _Headline] = {}  # by address: below a teaser, 阅读全文 (read on) leads where the title does
        for links in lines.values():
            longest = longest_of(links)
            if longest and (longest.href not in best or len(longest.words) > len(best[longest.href].words)):
                best[longest.href] = longest
        if len(best) >= LEAST_ITEMS:
            yield sorted(best.values(), key=lambda headline: headline.line)[:MAX_ITEMS]


def longest_of(links: Sequence[_Headline]) -> _Headline | None:
    """Return the headline among the links of a line, whose section may stand beside it; None for a row of tags."""
    first, *others = sorted(links, key=lambda link: -len(link.words))
    rivals = [link for link in others if link.href != first.href and len(link.words) > RIVAL * len(first.words)]
    return None if rivals else first


def place_of(page: Markup, element: int) -> str:
    """Return the tags around an element as alike items share them: without numbers and classes of items."""
    return _ITEM_CLASS.sub(r"\1", _DIGITS.sub("0", page.path(element)))


def dated_items(page: Markup, folded: Sequence[str], headlines: Sequence[_Headline], fetched: datetime) -> list[_Dated]:
    """Return alike headlines with their dates; none where too few of them have one at one place."""
    starts = [headline.line for headline in headlines]

    def read(ranges: Sequence[tuple[int, int]]) -> list[_Dated]:
        items = [
            list(dates_in(page, folded, headline, first, min(last, first + MAX_SPAN), fetched))
            for headline, (first, last) in zip(headlines, ranges, strict=True)
        ]
        return [each for role in ("published", "updated") for each in alike(headlines, items, role)]

    for ranges in (one_each(page, starts), [(start, start + 1) for start in starts]):
        if found := read(ranges):
            return found
    longest = max(after - start for start, after in pairwise(starts))
    below = read(list(zip(starts, [*starts[1:], starts[-1] + longest], strict=True)))
    above = read(list(zip([max(0, starts[0] - BEFORE), *(start + 1 for start in starts)], starts, strict=False)))
    return below if len(below) > len(above) else above if len(above) > len(below) else []


def one_each(page: Markup, starts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the lines of the largest element around each headline that holds no other of them."""
    ranges = []
    for start in starts:
        element, best = page.lines[start].element, (start, start + 1)
        while element > 0:
            first, last = page.first[element], page.last[element]
            if bisect_left(starts, last) - bisect_left(starts, first) > 1:
                break
            best, element = (first, last), page.parents[element]
        ranges.append(best)
    return ranges


def alike(headlines: Sequence[_Headline], items: Sequence[Sequence[_Seen]], role: str) -> list[_Dated]:
    """Return the headlines whose items show a date in this role at the place where most items do; the first of two there:
    the second column of a board is that of the last reply. None where fewer than SHARE of the items have one."""
    found: list[_Dated] = []
    places = Counter(
        place for item in items for place in dict.fromkeys(seen.place for seen in item if seen.role == role)
    )
    for place, count in places.most_common(1):
        if count < max(LEAST_ITEMS, SHARE * len(items)):
            break
        for headline, item in zip(headlines, items, strict=True):
            here = [seen for seen in item if seen.place == place and seen.role == role]
            if here and len(here) <= 2 and here[-1].moment.day >= here[0].moment.day:
                found.append((headline, here[0]))
    return found


def dates_in(
    page: Markup, folded: Sequence[str], headline: _Headline, first: int, last: int, fetched: datetime
) -> Iterator[_Seen]:
    """Yield the dates in the lines [first, last) of an item that are no part of its headline or of running prose."""
    for number in range(first, min(last, len(folded))):
        words = folded[number]
        if page.lines[number].hidden or not HAS_DAY.search(words):
            continue
        alone = False
        if number == headline.line:
            title = fold(headline.words)
            alone = words == title  # one link around title and date: only a date at either end is beside the title
            words = words if alone else words.replace(title, " " * len(title), 1)
        moments = find_moments(words, fetched)
        if split := joined(words.strip()):
            moments = [split]
        covered = sum(moment.end - moment.start for moment in moments)
        if not alone and len(words.strip()) - covered > MOST_WORDS:
            continue
        for moment in moments:
            if not alone or moment.start <= 1 or moment.end >= len(words) - 1:
                yield from seen_as(page, number, words, moment)


def seen_as(page: Markup, number: int, words: str, moment: Moment) -> Iterator[_Seen]:
    """Yield a date with its place and role, unless it is too rough or of something else."""
    line = page.lines[number]
    before, after = words[max(0, moment.start - 14) : moment.start], words[moment.end : moment.end + 10]
    text = words[moment.start : moment.end].strip()
    replied = _LATER_BEFORE.search(before)
    other = OTHER_WORD.search(before) and not replied
    if other or moment.precision == "year" or (moment.form == "relative" and _ROUGH.search(text)):
        return
    updated = (
        replied
        or UPDATED_WORD.search(before)
        or UPDATED_AFTER.search(after)
        or _LATER_AFTER.match(after)
        or _LATER_CUE.search(f"{line.cue} {page.cues[line.element]}")
        or _LATER_BEFORE.search(heading_of_column(page, line.element))
    )
    yield _Seen(place_of(page, line.element), "updated" if updated else "published", moment, text[:40])


def joined(words: str) -> Moment | None:
    """Return the day of a line such as 06 2024-05, as themes print it that show the day in large figures."""
    match = _SPLIT.fullmatch(words)
    if match is None:
        return None
    try:
        day = date(int(match[2]), int(match[3]), int(match[1]))
    except ValueError:
        return None
    return Moment(day.isoformat(), "day", "split", 0, len(words))


def heading_of_column(page: Markup, element: int) -> str:
    """Return the words at the head of the column of a table in which an element stands, or ""."""
    while element > 0 and page.tags[element] != "td":
        element = page.parents[element]
    row = page.parents[element] if element > 0 else -1
    table = row
    while table > 0 and page.tags[table] != "table":
        table = page.parents[table]
    if table <= 0:
        return ""
    column = sum(1 for other in range(row + 1, element) if page.parents[other] == row)
    head = next((other for other in range(table + 1, row) if page.tags[other] == "tr"), -1)
    if head < 0:
        return ""
    cells = [other for other in range(head + 1, min(head + 40, row)) if page.parents[other] == head]
    if column >= len(cells):
        return ""
    lines = page.lines[page.first[cells[column]] : page.last[cells[column]]]
    return fold(lines[0].text[:40]) if lines else ""

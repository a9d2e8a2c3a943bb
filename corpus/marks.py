"""What an article is, as tokens of the full-text index: site, topic, date, places … beside its words.

Filters such as ``site:`` and ``after:`` would be slow as conditions on rows: a common word has hundreds of thousands of
hits, and each would need its row. As tokens they are intersected by the index itself, in any combination with words,
OR and NOT. The column is readable: ``topic：law`` (full-width signs are letters to the tokenizer ``ascii``), so plain SQL
can say ``article_fts MATCH 'marks:"topic：law" AND 催收'``. Marks have three characters or more, pairs of text have two:
they never meet.

Dates are numbers of days in base 2: a day has one mark for each beginning of its digits, and a range of days is an OR of
at most two marks per digit, instead of one per day. A date known only to the month or year counts as its first day.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from datetime import date

from corpus.segment import runs

UNSURE_SPAM = -1  # column ``spam`` of an article whose grade the model does not know: never 0, which says it is honest
EVERY = "all"  # every article has it: what "everything but …" begins from
FIRST_DAY = date(1990, 1, 1)  # the Chinese web is younger
DIGITS = 16  # 65,536 days, to 2169
LAST_NUMBER = 65_535
MAX_MARKS = 400  # an article that names more places and platforms than that is a list
# Endings by which one place has two names: 甘肃省 and 甘肃.
PLACE_ENDING = re.compile("(?:壮族|回族|维吾尔)?(?:特别行政区|自治区|自治州|地区|省|市)$")
PLACE_KINDS = ("province", "place")
DIVISION = re.compile("[^省市县区州盟旗]{2,}?(?:特别行政区|自治区|自治州|自治县|地区|省|市|县|区|盟|旗)")
ARTICLE = re.compile(r"第(\d+)条")  # 民法典第680条 is 民法典680
PERIOD = re.compile(r"\s*(\d{4})(?:\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?\s*月?)?\s*年?")
TO_LETTERS = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if not chr(code).isalnum()} | {0x20: 0xFF3F}


def mark(name: str, value: str) -> str:
    """Return the mark for a property: one token for the tokenizer ``ascii``.

    >>> mark("site", "Example.com")
    'site：example．com'
    """
    return f"{name}:{value}".strip().lower().translate(TO_LETTERS)


def spam_mark(level: int) -> str:
    """Return the mark of a spam grade: ``spam：unsure`` where the model does not know it."""
    return mark("spam", "unsure" if level < 0 else str(level))


def host_marks(host: str) -> list[str]:
    """Return the marks of a host and of every domain above it, so that ``site:gov.cn`` finds them all."""
    labels = host.lower().strip(".").split(".")[-6:]
    return [mark("site", ".".join(labels[start:])) for start in range(len(labels))]


def facet_marks(kind: str, names: Iterable[str]) -> list[str]:
    """Return the marks of a place, platform, firm or law under each of its names.

    A place's canonical name has its code before it (GB/T 2260) and the divisions above it within: 620100 甘肃省兰州市 is
    found as 甘肃, 兰州 and 620100. A law's may have its article: 民法典#680 is found as 民法典 and 民法典680.
    """
    found = []
    for name in names:
        found.append(name)
        if kind in PLACE_KINDS:
            code, _, place = name.rpartition(" ")
            found += [code, *DIVISION.findall(place)]
        elif kind == "law":
            found.append(name.partition("#")[0])
    filter_name = "province" if kind in PLACE_KINDS else kind
    return [mark(filter_name, plain) for name in found if (plain := plain_name(filter_name, name))]


def plain_name(kind: str, name: str) -> str:
    """Return a name as it is compared: folded, without signs, a place without its ending."""
    plain = ARTICLE.sub(r"\1", "".join(runs(name)))
    shorter = PLACE_ENDING.sub("", plain) if kind == "province" else plain
    return shorter if len(shorter) > 1 else plain


def period(text: str) -> tuple[int, int] | None:
    """Return the numbers of the first and last day of a year, month or day, or None when ``text`` begins with none.

    >>> period("2024-02"), period("2024-02-29T10:00:00+08:00")
    ((12449, 12477), (12477, 12477))
    """
    found = PERIOD.match(text)
    if found is None:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        first = date(year, month or 1, day or 1)
        last = date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
    except ValueError:
        return None
    return number_of(first), number_of(last)


def number_of(day: date) -> int:
    days = (day - FIRST_DAY).days
    return 0 if days < 0 else LAST_NUMBER if days > LAST_NUMBER else days


def day_mark(level: int, prefix: int) -> str:
    """Return the mark of the days whose number, without its last ``level`` binary digits, is ``prefix``."""
    return f"d{level:x}{prefix:x}"


def date_marks(published: str) -> list[str]:
    """Return the marks of the first day an article may have been published; none for an unknown date."""
    days = period(published)
    return [day_mark(level, days[0] >> level) for level in range(DIGITS)] if days else []


def range_marks(first: int, after: int) -> list[str]:
    """Return marks one of which every article has whose day is ``first`` or later and earlier than ``after``.

    The fewest whole binary intervals that make up the range, as in a segment tree (de Berg and others, Computational
    Geometry, section 10.3).
    """
    marks: list[str] = []
    for level in range(DIGITS):
        if first >= after:
            break
        if level == DIGITS - 1:  # no longer beginning is marked: both halves of all days
            return [*marks, *(day_mark(level, half) for half in range(first, after))]
        if first & 1:
            marks.append(day_mark(level, first))
            first += 1
        if after & 1:
            after -= 1
            marks.append(day_mark(level, after))
        first >>= 1
        after >>= 1
    return marks

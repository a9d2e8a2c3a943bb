"""Dates in a text, and dated events: a date with what its clause says was done on it.

In goes a clean text, out come facets ``date`` ("2024-05-12", "2024-05") and ``event`` ("2024-05-12 判决"). The verbs are
data (``corpus/gazetteer/events.tsv``).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from corpus.facet_names import gazetteer
from corpus.facet_numbers import DIGITS, number
from corpus.records import Facet

DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:\s?年\s?(1[0-2]|0?[1-9])\s?月(?:\s?(3[01]|[12]\d|0?[1-9])\s?[日号])?"
    r"|([-/.])(1[0-2]|0?[1-9])(?:\4(3[01]|[12]\d|0?[1-9]))?(?![\d%％]))"
)
CHINESE_DATE = re.compile(
    r"((?:二[〇零○]|一九)[〇零○一二三四五六七八九]{2})年(十[一二]?|[一二三四五六七八九])月"
    r"(?:(三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九]|二十)[日号])?"
)
_GAP = re.compile(r"\s?(?:[日号]?(?:上午|下午|晚上?|凌晨|当天|左右|起)?)\s?[，,]?")
CLAUSE = re.compile(r"[^，。！？；,!?;\n]{0,30}+")
LED = re.compile(r"(?:日期|时间|之日|于|在|[:：为是]|\s|自|[（(]){0,3}$")
LEADING = 10  # characters before a date in which its verb can stand (施行日期：2024年5月1日)
NOT_DONE = re.compile(r"(?:不|未|没有?|尚未|可能|如果|是否|将被|会被|怎么|如何|能否)$")


def find_dates(text: str) -> Iterator[Facet]:
    """Yield the dates of a text that are in the calendar, and the events they belong to."""
    found = [facet for match in DATE.finditer(text) if (facet := _date(match, *_parts(match)))]
    if "年" in text and ("二" in text or "一九" in text):
        found += [
            facet
            for match in CHINESE_DATE.finditer(text)
            if (
                facet := _date(match, _year(match.group(1)), *(int(number(g or "零") or 0) for g in match.groups()[1:]))
            )
        ]
    found.sort(key=lambda facet: facet.start)
    yield from found
    for facet, behind in zip(found, [*(f.start for f in found[1:]), len(text)], strict=False):
        event = _event(text, facet, behind)
        if event:
            yield event


def _parts(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match.group(1)), int(match.group(2) or match.group(5)), int(match.group(3) or match.group(6) or 0)


def _year(text: str) -> int:
    return int("".join(str(DIGITS[c]) for c in text))


def _date(match: re.Match[str], year: int, month: int, day: int) -> Facet | None:
    """Return the facet of a date, None for a day that its month does not have (2024-02-31)."""
    try:
        datetime.date(year, month, day or 1)
    except ValueError:
        return None
    return Facet("date", match.group(), f"{year}-{month:02d}" + (f"-{day:02d}" if day else ""), *match.span())


def _event(text: str, date: Facet, limit: int) -> Facet | None:
    """Return the event of a date: the first verb of the clause that it opens, else one that leads up to it."""
    verbs = gazetteer().events
    gap = _GAP.match(text, date.end)
    start = gap.end() if gap else date.end
    clause = CLAUSE.match(text, start, min(limit, len(text)))
    if clause:
        for match in verbs.pattern.finditer(clause.group()):
            if not NOT_DONE.search(clause.group()[: match.start()]):
                end = start + match.end()
                canonical = f"{date.canonical} {verbs.canonical[match.group()]}"
                return Facet("event", text[date.start : end], canonical, date.start, end)
    before = LED.sub("", text[max(0, date.start - LEADING) : date.start])
    leading = [m for m in verbs.pattern.finditer(before) if m.end() == len(before)]
    if not leading or len(before) == min(LEADING, date.start):
        return None
    begin = max(0, date.start - LEADING) + leading[-1].start()
    canonical = f"{date.canonical} {verbs.canonical[leading[-1].group()]}"
    return Facet("event", text[begin : date.end], canonical, begin, date.end)

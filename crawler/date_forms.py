"""The forms in which Chinese pages write a moment, read out of one short line.

In: a folded line (``crawler.line_rules.fold``) and the time of the fetch, for relative forms. Out: moments with value,
precision and what had to be inferred. A moment is never more precise than what is written: 2023年5月 is a month.
Times without a zone are China Standard Time (UTC+8, no summer time since 1991).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")
FIRST_YEAR = 1990  # no page is older than the web; texts about earlier days are not bylines
YEAR_INFERRED = "year inferred from the fetch time"
MAX_LINE = 400  # characters looked at

_TIME = (
    r"(?:[\sT,日]{0,3}(?:星期.|周[一二三四五六日天]|\((?:星期|周)?.\))?\s{0,3}(上午|下午|晚上|凌晨|中午|早上|晚|am|pm)?\s?"
    r"([01]?\d|2[0-4])\s?[:时点]\s?([0-5]\d)(?:\s?[:分]\s?([0-5]\d)(?:\.\d{1,9})?秒?)?\s?(am|pm)?\s?(z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
)
_YEAR = r"((?:19[89]|20[0-4])\d)"
_FULL = re.compile(
    rf"(?<![\d./-]){_YEAR}\s?(?:[-/.年_]|--)\s?(0?[1-9]|1[0-2])\s?(?:[-/.月_]|--)\s?(3[01]|[12]\d|0?[1-9])(?![\d%])(?:\s?日)?"
    + _TIME,
    re.IGNORECASE,
)
# 2022 05/06 10:20:30: year, day and time in boxes of their own
_BOXES = re.compile(
    rf"(?<![\d./-]){_YEAR}\s{{1,3}}(0[1-9]|1[0-2])\s?[/.-]\s?(3[01]|[12]\d|0[1-9])(?![\d%./-])" + _TIME, re.IGNORECASE
)
_SHORT_YEAR = re.compile(
    r"(?<![\d./:-])([09]\d|[12]\d)\s?(?:[-/.]|年)\s?(0?[1-9]|1[0-2])\s?(?:[-/.]|月)\s?(3[01]|[12]\d|0?[1-9])(?![\d%.])(?:\s?日)?"
    + _TIME,
    re.IGNORECASE,
)
_DOTTED = re.compile(rf"(?<![\d.])(3[01]|[12]\d|0?[1-9])\.(1[0-2]|0?[1-9])\.{_YEAR}(?![\d.])" + _TIME, re.IGNORECASE)
# 112-05-06, 民國 (1912) years in digits, as government pages in Taiwan write them behind a label; 2011 to 2050.
_REPUBLIC_DIGITS = re.compile(
    r"(?<=日期)(\s?[::]\s?)(1[0-3]\d)\s?[-/.年]\s?(0?[1-9]|1[0-2])\s?[-/.月]\s?(3[01]|[12]\d|0?[1-9])(?![\d%])(?:\s?日)?"
    + _TIME,
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    rf"(?<![\d./-])(3[01]|[12]\d|0?[1-9])[/-](3[01]|[12]\d|0?[1-9])[/-]{_YEAR}(?!\d)" + _TIME, re.IGNORECASE
)
_DIGITS = re.compile(
    r"(?<!\d)((?:19[89]|20[0-4])\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:([01]\d|2[0-3])([0-5]\d)([0-5]\d)?)?(?!\d)"
)
_MONTH = re.compile(rf"(?<![\d./-]){_YEAR}\s?(?:年\s?(0?[1-9]|1[0-2])\s?月(?!\s?\d)|[-/.](0[1-9]|1[0-2])(?![\d./-]))")
_YEAR_ONLY = re.compile(rf"(?<!\d){_YEAR}\s?年(?!\s?\d)")
_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_ENGLISH = re.compile(rf"(?<![a-z]){_NAME}\s{{0,2}}([0-3]?\d)(?:st|nd|rd|th)?,?\s{{1,2}}{_YEAR}" + _TIME, re.IGNORECASE)
_ENGLISH_DAY_FIRST = re.compile(
    rf"(?<!\d)([0-3]?\d)(?:st|nd|rd|th)?[\s-]{{1,2}}{_NAME},?[\s-]{{1,2}}{_YEAR}" + _TIME, re.IGNORECASE
)
_ENGLISH_UNIX = re.compile(
    rf"(?<![a-z]){_NAME}\s{{1,2}}([0-3]?\d)\s(\d\d):(\d\d):(\d\d)\s(?:[a-z]{{3,4}}\s)?{_YEAR}", re.IGNORECASE
)
_LATIN = re.compile("[a-z]{3}")
_NUMERAL = "〇零○一二三四五六七八九十廿卅"
_CHINESE = re.compile(
    rf"([二一][〇零○0o一二三四五六七八九九]{{3}})\s?年\s?([{_NUMERAL}]{{1,3}})\s?月(?:\s?([{_NUMERAL}]{{1,3}})\s?[日号])?"
)
# 五月 6, 2019 and 6 5月, 2019: English order with Chinese months, as blogs write it whose dates were not translated.
_NUMBERED = r"(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s?月"
_MONTH_FIRST = re.compile(
    rf"(?<![\d年十]){_NUMBERED}\s{{0,2}}(3[01]|[12]\d|0?[1-9])日?,?\s{{1,2}}{_YEAR}(?![\d年])" + _TIME, re.IGNORECASE
)
_DAY_FIRST = re.compile(
    rf"(?<![\d/.:-])(3[01]|[12]\d|0?[1-9])日?,?\s{{1,2}}{_NUMBERED},?\s{{1,2}}{_YEAR}(?![\d年])" + _TIME, re.IGNORECASE
)
_REPUBLIC = re.compile(
    rf"民国\s?(\d{{2,3}}|[{_NUMERAL}百]{{1,6}})\s?年\s?(\d{{1,2}}|[{_NUMERAL}]{{1,3}})\s?月\s?(?:(\d{{1,2}}|[{_NUMERAL}]{{1,3}})\s?日)?"
)
_MONTH_DAY = re.compile(
    r"(?<![\d./:年-])(?:(0?[1-9]|1[0-2])\s?月\s?(3[01]|[12]\d|0?[1-9])\s?[日号]?|(0[1-9]|1[0-2])[-/.](3[01]|[12]\d|0[1-9]))(?![\d./%-])"
    + _TIME,
    re.IGNORECASE,
)
_AGO = re.compile(r"(?<!\d)(\d{1,3}|半|几)\s?(秒钟?|分钟?|个?小时|天|日|周|星期|个月|月|年)\s?(?:之?前)")
_DAY_WORD = re.compile(r"(今天|今日|昨天|昨日|前天)" + _TIME, re.IGNORECASE)
_NOW = re.compile(r"刚刚|刚才")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as written. ``value`` is ISO 8601 as long as ``precision`` allows; [start, end) in the line."""

    value: str
    precision: str  # "year", "month", "day", "minute", "second"
    form: str  # "full", "relative", "month-day" …
    start: int
    end: int
    note: str = ""

    @property
    def day(self) -> str:
        """The date part, as far as it is known."""
        return self.value[:10]


def find_moments(line: str, fetched: datetime, *, bare_digits: bool = False) -> list[Moment]:
    """Return the moments written in a folded line, in order, without overlaps.

    bare_digits: whether 20240513 counts as a day, as it does in URLs and meta elements.
    """
    line = line[:MAX_LINE]
    found: list[Moment] = []
    for read in _READERS if not bare_digits else (*_READERS, _read_digits):
        for moment in read(line, fetched):
            if all(moment.end <= other.start or moment.start >= other.end for other in found):
                found.append(moment)
    return sorted(found, key=lambda moment: moment.start)


def _moment(match: re.Match[str], day: tuple[int, int, int], time: int, form: str, note: str = "") -> list[Moment]:
    """Return the moment of a match whose time groups begin at group ``time``, or none, where there is no such day."""
    try:
        written = date(*day)
    except ValueError:
        return []
    if written.year < FIRST_YEAR:
        return []
    noon, hour, minute, second, after, zone = match.groups()[time - 1 : time + 5]
    if hour is None:
        return [Moment(written.isoformat(), "day", form, match.start(), match.end(), note)]
    hours = int(hour) % 24
    if (noon or after or "").lower() in ("下午", "晚上", "晚", "pm") and hours < 12:
        hours += 12
    moment = datetime(*day, hours, int(minute), int(second or 0), tzinfo=_zone(zone))
    value = moment.astimezone(CHINA).isoformat(timespec="seconds" if second else "minutes")
    return [Moment(value, "second" if second else "minute", form, match.start(), match.end(), note)]


def _zone(written: str | None) -> timezone:
    if not written:
        return CHINA
    if written[0] not in "+-":
        return UTC
    hours, minutes = int(written[1:3]), int(written[-2:])
    if hours > 14 or minutes > 59:
        return CHINA
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if written[0] == "-" else offset)


def _read_full(line: str, _: datetime) -> list[Moment]:
    return [
        moment
        for pattern in (_FULL, _BOXES)
        for x in pattern.finditer(line)
        for moment in _moment(x, (int(x[1]), int(x[2]), int(x[3])), 4, "full")
    ]


def _read_american(line: str, _: datetime) -> list[Moment]:
    """Read 9/17/2004, and 7/5/2005 9:23 PM as July 5th; 06/02/2022 - 13:48, on a 24-hour clock, as February 6th."""
    found: list[Moment] = []
    for x in _AMERICAN.finditer(line):
        first, second, year = int(x[1]), int(x[2]), int(x[3])
        month_first = second > 12 or (first <= 12 and bool(x[4] or x[8]))
        month, day = (first, second) if month_first else (second, first)
        note = "" if first > 12 or second > 12 else "order of month and day inferred"
        found += _moment(x, (year, month, day), 4, "slashes", note)
    for x in _DOTTED.finditer(line):  # 06.05.2022, as in Europe
        found += _moment(x, (int(x[3]), int(x[2]), int(x[1])), 4, "dots")
    return found


def _read_english(line: str, _: datetime) -> list[Moment]:
    if not _LATIN.search(line):
        return []
    found: list[Moment] = []
    for x in _ENGLISH_UNIX.finditer(line):
        try:
            moment = datetime(int(x[6]), _month(x[1]), int(x[2]), int(x[3]), int(x[4]), int(x[5]), tzinfo=CHINA)
        except ValueError:
            continue
        found.append(Moment(moment.isoformat(), "second", "english", x.start(), x.end()))
    for x in _ENGLISH.finditer(line):
        found += _moment(x, (int(x[3]), _month(x[1]), int(x[2])), 4, "english")
    for x in _ENGLISH_DAY_FIRST.finditer(line):
        found += _moment(x, (int(x[3]), _month(x[2]), int(x[1])), 4, "english")
    return found


def _read_untranslated(line: str, _: datetime) -> list[Moment]:
    if "月" not in line:
        return []
    found: list[Moment] = []
    for x in _MONTH_FIRST.finditer(line):
        found += _moment(x, (int(x[3]), _numeral(x[1]), int(x[2])), 4, "english")
    for x in _DAY_FIRST.finditer(line):
        found += _moment(x, (int(x[3]), _numeral(x[2]), int(x[1])), 4, "english")
    return found


def _month(name: str) -> int:
    return _MONTH_NAMES.index(name[:3].lower()) + 1


def _read_chinese(line: str, _: datetime) -> list[Moment]:
    found: list[Moment] = []
    for x in _CHINESE.finditer(line):
        year = "".join(str("〇一二三四五六七八九".index(_ZERO.get(c, c))) for c in x[1])
        found += _spelt(x, int(year), _numeral(x[2]), _numeral(x[3]) if x[3] else 0, "numerals")
    for x in _REPUBLIC.finditer(line):
        found += _spelt(x, 1911 + _numeral(x[1]), _numeral(x[2]), _numeral(x[3]) if x[3] else 0, "republic")
    return found


_ZERO = {"零": "〇", "○": "〇", "0": "〇", "o": "〇"}


def _spelt(match: re.Match[str], year: int, month: int, day: int, form: str) -> list[Moment]:
    try:
        written = date(year, month, day or 1)
    except ValueError:
        return []
    value, precision = (written.isoformat(), "day") if day else (f"{year}-{month:02}", "month")
    return [Moment(value, precision, form, match.start(), match.end())] if year >= FIRST_YEAR else []


def _numeral(written: str) -> int:
    """Return the number of a Chinese numeral up to 999, or of digits: 二十三 -> 23, 一百一十二 -> 112."""
    if written.isdigit() and written.isascii():
        return int(written)
    total, digit = 0, 0
    for character in written:
        character = _ZERO.get(character, character)
        if character == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif character == "十":
            total, digit = total + (digit or 1) * 10, 0
        elif character in "廿卅":
            total, digit = total + (20 if character == "廿" else 30), 0
        else:
            digit = "〇一二三四五六七八九".index(character)
    return total + digit


def _read_republic_digits(line: str, fetched: datetime) -> list[Moment]:
    found: list[Moment] = []
    for x in _REPUBLIC_DIGITS.finditer(line):
        year = 1911 + int(x[2])
        if year <= fetched.year:
            note = "year of the Republic of China"
            found += [
                replace(m, start=m.start + len(x[1]))
                for m in _moment(x, (year, int(x[3]), int(x[4])), 5, "republic", note)
            ]
    return found


def _read_short_year(line: str, fetched: datetime) -> list[Moment]:
    found: list[Moment] = []
    for x in _SHORT_YEAR.finditer(line):
        year = 2000 + int(x[1]) if int(x[1]) < 90 else 1900 + int(x[1])
        if year <= fetched.year:
            found += _moment(x, (year, int(x[2]), int(x[3])), 4, "short-year", "century inferred")
    return found


def _read_month(line: str, _: datetime) -> list[Moment]:
    return [
        Moment(f"{x[1]}-{int(x[2] or x[3]):02}", "month", "month", x.start(), x.end()) for x in _MONTH.finditer(line)
    ]


def _read_year(line: str, _: datetime) -> list[Moment]:
    return [Moment(x[1], "year", "year", x.start(), x.end()) for x in _YEAR_ONLY.finditer(line)]


def _read_digits(line: str, _: datetime) -> list[Moment]:
    found: list[Moment] = []
    for x in _DIGITS.finditer(line):
        try:
            date(int(x[1]), int(x[2]), int(x[3]))
        except ValueError:
            continue
        value, precision = f"{x[1]}-{x[2]}-{x[3]}", "day"
        if x[4]:
            value, precision = (
                f"{value}T{x[4]}:{x[5]}" + (f":{x[6]}" if x[6] else "") + "+08:00",
                "second" if x[6] else "minute",
            )
        found.append(Moment(value, precision, "digits", x.start(), x.end()))
    return found


def _read_relative(line: str, fetched: datetime) -> list[Moment]:
    if "前" not in line and "今" not in line and "昨" not in line and "刚" not in line:
        return []
    now = fetched.astimezone(CHINA)
    found: list[Moment] = []
    for x in _DAY_WORD.finditer(line):
        if x[3] is None and line.strip() != x[1]:
            continue  # "today" alone is a word of the text
        day = (now - timedelta(days={"今": 0, "昨": 1, "前": 2}[x[1][0]])).date()
        found += _moment(x, (day.year, day.month, day.day), 2, "relative", "relative to the fetch time")
    for x in _AGO.finditer(line):
        value, precision = _ago(x[1], x[2], now)
        found.append(Moment(value, precision, "relative", x.start(), x.end(), "relative to the fetch time"))
    for x in _NOW.finditer(line):
        found.append(
            Moment(now.date().isoformat(), "day", "relative", x.start(), x.end(), "relative to the fetch time")
        )
    return found


def _ago(amount: str, unit: str, now: datetime) -> tuple[str, str]:
    count = int(amount) if amount.isdigit() else 1
    if unit[0] in "秒分":
        return (now - timedelta(minutes=0 if unit[0] == "秒" else count)).isoformat(timespec="minutes"), "minute"
    if "小时" in unit:
        # "3 hours ago" is true to the hour; the day is what can be said.
        return (now - timedelta(hours=count)).date().isoformat(), "day"
    if unit in ("天", "日", "周", "星期"):
        return (now - timedelta(days=count * (1 if unit in ("天", "日") else 7))).date().isoformat(), "day"
    if "月" in unit:
        months = now.year * 12 + now.month - 1 - count
        return f"{months // 12}-{months % 12 + 1:02}", "month"
    return str(now.year - count), "year"


def _read_month_day(line: str, fetched: datetime) -> list[Moment]:
    """Read 05-06 10:20: the latest such day that is not after the fetch."""
    now = fetched.astimezone(CHINA)
    found: list[Moment] = []
    for x in _MONTH_DAY.finditer(line):
        month, day = int(x[1] or x[3]), int(x[2] or x[4])
        year = now.year if (month, day) <= (now.month, now.day) else now.year - 1
        found += _moment(x, (year, month, day), 5, "month-day", YEAR_INFERRED)
    return found


_READERS = (
    _read_full,
    _read_american,
    _read_english,
    _read_untranslated,
    _read_chinese,
    _read_republic_digits,
    _read_short_year,
    _read_month,
    _read_relative,
    _read_month_day,
    _read_year,
)

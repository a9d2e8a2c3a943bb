"""When an article was published: every date the page shows, with its source and confidence, and the choice among them.

A date must stand on the page where its own dates stand: in its metadata, on a line near the title, or right after the
text. A date in a URL, a sidebar, a list, a copyright row or running prose never is the answer by itself; the URL only
settles which of the dates on the page is meant. Nothing later than the fetch is believed. Published and updated are
kept apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice

from corpus.records import DateCandidate, Page, Published
from crawler.date_forms import CHINA, YEAR_INFERRED, Moment, find_moments
from crawler.line_rules import fold
from crawler.markup import Markup

# Confidence of a source, in 0..1 (order measured on the gold pages, values chosen).
CONFIDENCE = {
    "json-ld": 0.9,
    "meta": 0.85,
    "time": 0.7,
    "byline": 0.8,
    "signature": 0.55,
    "tail": 0.5,
    "library": 0.35,
    "script": 0.45,
    "comment": 0.35,
    "url": 0.3,
    "text": 0.25,
    "list page": 0.6,
}
LABELLED = 0.12  # gain of a date that says what it is (发布时间：)
BY_CUE = 0.05  # gain of an element whose class says date or time
AGREES_WITH_URL = 0.15  # gain of a candidate of the same day as the URL
AGREES = 0.1  # gain of a candidate of the same day as one of another source
UPDATE_ONLY = -0.25  # loss of an update that stands in for a date of publishing
INFERRED = -0.2  # loss of a year or century that was inferred
FULLER = {"second": 0.03, "minute": 0.03, "day": 0.0, "month": -0.1, "year": -0.3}
DISTANCE = 0.015  # loss for each line between a date and the title
LEAST = 0.4  # confidence from which a candidate is an answer
CREDIBLE = 0.6  # confidence from which two candidates that differ are a conflict
MAX_CANDIDATES = 40
MAX_NODES = 2_000  # of JSON-LD
LIST = "list page"  # the source of dates that lists of the site show beside the link to the page
MAX_LISTED = 8  # such candidates of an article

_META_PUBLISHED = re.compile(
    r"^(?:article:published(?:_time|time)?|og:(?:article:)?(?:published_time|release_date|pubdate)|bytedance:published_time|weibo: ?article:create_at"
    r"|pub(?:lish)?[-_.]?(?:date|time|ed)?|published[-_.]?(?:date|time|at)?|date|dc\.date(?:\.(?:issued|created))?|dcterms\.(?:created|issued|date)|datepublished|release_?date|creat(?:e|ion)_?date|datecreated|contentdate|publishdate|pdate|fileguid_date|sailthru\.date|parsely-pub-date)$"
)
_META_UPDATED = re.compile(
    r"^(?:article:modified(?:_time|time)?|og:(?:article:)?(?:updated?_time|modified_time)|bytedance:updated_time|datemodified|last-modified|lastmod|dcterms\.modified|weibo: ?article:update_at|og:updated_time)$"
)
UPDATED_WORD = re.compile(
    r"(?:更新|修改|编辑|最后(?:更新|修改|编辑|回复)|modified|updated)\s*(?:时间|日期|于|在)?\s*[::]?\s*$|^\s*(?:更新|修改)"
)
UPDATED_AFTER = re.compile(r"^\s*(?:更新|修改|编辑过)(?!\s*(?:时间|日期|于|[::]))")
_PUBLISHED_WORD = re.compile(
    r"(?:发布|发表|时间|日期|刊发|发稿|创建|录入|添加|上传|成文|印发|公布|published|posted|date|on|发|于)\s*(?:时间|日期|于|在)?\s*[::]?\s*$",
    re.IGNORECASE,
)
OTHER_WORD = re.compile(
    r"(?:注册|登录|生日|出生|有效|截止|到期|活动|开始|结束|浏览|回复|加入|开奖|上映|首播|成立|截至|至|从|自|版权|copyright|©|\(c\))\s*(?:时间|日期|于)?\s*[::]?\s*$"
    r"|\d\s?[条个]\s?(?:回复|回帖|评论|回答)[\s•·|,]*$"
)
_FOOTER_WORD = re.compile(r"copyright|©|版权|icp|备案|all rights|许可证|有效期")
_DATE_CUE = re.compile(
    r"time|date|pub|(?<![a-z])(?:info|source|meta|byline|ly|rq|sj|shijian|riqi|laiyuan|postmeta|fabu)(?![a-z])|meta|info"
)
_URL_DATE = re.compile(
    r"(?<!\d)((?:19[89]|20[0-4])\d)[-/_.]?(0[1-9]|1[0-2])(?:[-/_.]?(0[1-9]|[12]\d|3[01]))?(?!\d)|/(?:(0\d)/)?(0\d)?(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])/"
)


_SCRIPT_DATE = re.compile(
    r"(?<![a-z_.])(?:publish_?(?:ed)?_?(?:time|date|at)|pub_?(?:time|date)|create_?time|ct)[\"']?\s*[:=]\s*[\"']?"
    r"(\d{10}(?:\d{3})?(?!\d)|(?:19[89]|20[0-4])\d[-/]\d{1,2}[-/]\d{1,2}(?:[ T][\d:]{4,8})?)",
    re.IGNORECASE,
)
MAX_SCRIPTED = 3_000_000  # characters of a page whose scripts are asked


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page dates are looked for, as line numbers. title: -1 if not on the page; text: [first, last); end: where
    comments or other stories begin, whose dates are not the page's."""

    title: int
    first: int
    last: int
    end: int = 1_000_000


def find_published(
    page: Page, markup: Markup, folded: Sequence[str], kept: Sequence[bool], place: Place, html: str = ""
) -> Published:
    """Return when the article was published, with all candidates, best first. html: whose scripts are asked where the
    page states no date otherwise."""
    url_days = days_of_url(page.url)
    limit = latest(page)
    found = [
        candidate
        for source in (
            _of_json(markup, page.fetched_at),
            _of_metas(markup, page.fetched_at),
            _of_comments(markup, page.fetched_at),
            _of_times(markup, place, page.fetched_at),
            _of_lines(markup, folded, kept, place, page.fetched_at),
        )
        for candidate in source
        if candidate.value[:10] <= limit
    ]
    found = [_with_year(candidate, url_days) for candidate in found]
    sources: dict[str, set[str]] = {}
    for candidate in found:
        sources.setdefault(candidate.value[:10], set()).add(candidate.source)
    weighed = [_weigh(candidate, url_days, len(sources[candidate.value[:10]]) > 1) for candidate in found]
    weighed += [
        DateCandidate(day, "day", "url", "published", CONFIDENCE["url"], page.url[:200], "not shown on the page")
        for day in url_days
    ]
    weighed.sort(key=lambda candidate: -candidate.confidence)
    chosen = choose(tuple(weighed[:MAX_CANDIDATES]))
    if not chosen.value and html:
        stated = [candidate for candidate in _of_scripts(html, page.fetched_at) if candidate.value[:10] <= limit]
        chosen = choose((*stated, *weighed[: MAX_CANDIDATES - 1])) if stated else chosen
    return replace(chosen, latest=limit)


def with_listed(own: Published, listed: Sequence[DateCandidate], url: str, latest_day: str = "") -> Published:
    """Return when an article was published, given what lists of its site show beside the link to it.

    own: of the page, with or without such candidates from before. listed: in any order, with the confidence of their
    source. latest_day: the last day on which it can have been published, if earlier than ``own.latest``. Where the page states no date of publishing, the list's is the answer, the
    earliest of the surest; lists that differ by more than a day are a conflict. Where it states one, that stays: a list
    that names the same day confirms it, one that names another is a conflict.
    """
    alone = tuple(candidate for candidate in own.candidates if candidate.source != LIST)
    page = replace(choose(alone), latest=own.latest)
    url_days = days_of_url(url)
    days = {candidate.value[:10] for candidate in alone}
    limits = {"published": min(filter(None, (own.latest, latest_day)), default="9"), "updated": own.latest or "9"}
    usable = [_with_year(candidate, url_days) for candidate in listed]
    weighed = [
        _weigh(candidate, url_days, candidate.value[:10] in days)
        for candidate in usable
        if candidate.value[:10] <= limits[candidate.role]
    ]
    weighed.sort(key=lambda candidate: (candidate.role != "published", -candidate.confidence, candidate.value))
    if not weighed:
        return page
    candidates = (*alone, *weighed[:MAX_LISTED])
    told = [candidate for candidate in weighed[:MAX_LISTED] if candidate.role == "published"]
    stated = any(candidate.role == "published" and candidate.confidence >= LEAST for candidate in alone)
    if stated or not told or told[0].confidence < LEAST:
        agrees = any(page.value and candidate.value[:10] == page.value[:10] for candidate in told)
        differs = any(c.confidence >= CREDIBLE and stated and _apart(c.value, page.value) for c in told)
        surer = round(min(1.0, page.confidence + (AGREES if agrees else 0.0)), 3)
        return replace(page, confidence=surer, conflict=page.conflict or differs, candidates=candidates)
    best = told[0]
    exact = max((c for c in told if c.value.startswith(best.value)), key=lambda c: len(c.value))
    conflict = any(c.confidence >= LEAST and _apart(c.value, best.value) for c in told)
    return Published(
        exact.value, exact.precision, LIST, best.confidence, conflict, candidates, page.updated, best.note, own.latest
    )


def _with_year(candidate: DateCandidate, url_days: Sequence[str]) -> DateCandidate:
    """Return a candidate whose year was inferred with the year of the address, where that names the same day."""
    if candidate.note != YEAR_INFERRED:
        return candidate
    for day in url_days:
        if day[4:] == candidate.value[4:10]:
            return replace(candidate, value=day + candidate.value[10:], note="year taken from the address")
    return candidate


def latest(page: Page) -> str:
    """Return the last day that is believed: the day after the fetch in China, or after Last-Modified if earlier."""
    bound = page.fetched_at
    modified = page.header("last-modified")
    if modified:
        try:
            stated = parsedate_to_datetime(modified)
            bound = min(bound, stated if stated.tzinfo else stated.replace(tzinfo=UTC))
        except (ValueError, TypeError, OverflowError):
            pass
    return (bound.astimezone(CHINA) + timedelta(days=1)).date().isoformat()


def days_of_url(url: str) -> list[str]:
    """Return the days in a URL's path: /2005-03-31/, /20240513, /2024/05/06/, /050427/, /05/0425/."""
    path = url.split("://", 1)[-1].partition("/")[2][:500]
    found: list[str] = []
    for match in _URL_DATE.finditer(f"/{path}"):
        year, month, day, year2, year3, month2, day2 = match.groups()
        if year and not day:
            continue
        if year is None:
            if not (year2 or year3) or (year2 and year3):
                continue
            year, month, day = f"20{year2 or year3}", month2, day2
        try:
            found.append(date(int(year), int(month), int(day)).isoformat())
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def choose(candidates: tuple[DateCandidate, ...]) -> Published:
    """Return the answer among weighed candidates, best first; what it depends on is in them alone."""
    credible = [c for c in candidates if c.confidence >= LEAST]
    published = [c for c in credible if c.role == "published"]
    changed = [c.value for c in credible if c.role == "updated"]
    updated = max((value for value in changed if value.startswith(changed[0])), key=len, default="")
    if not published:
        # Sites that show one date often call it an update (08:13更新) and mean the day of publishing; where the address
        # names that day it is, else an update is the latest that publishing can have been.
        shown = {c.value for c in candidates if c.source == "url"}
        published = [
            replace(
                c,
                note=(c.note + "; " if c.note else "") + "only an update is shown",
                confidence=c.confidence if c.value[:10] in shown else max(c.confidence + UPDATE_ONLY, 0.0),
            )
            for c in credible[:1]
        ]
    if not published:
        return Published(candidates=candidates, updated=updated)
    best = published[0]
    # The same day told more exactly elsewhere is the same answer, better.
    for other in published[1:]:
        if len(other.value) > len(best.value) and other.value.startswith(best.value) and other.confidence >= CREDIBLE:
            best = replace(other, confidence=best.confidence)
            break
    conflict = any(c.confidence >= CREDIBLE and _apart(c.value, best.value) for c in published[1:])
    return Published(
        best.value, best.precision, best.source, round(best.confidence, 3), conflict, candidates, updated, best.note
    )


def _apart(one: str, other: str) -> bool:
    """Return whether two dates differ by more than a day, as far as both are known."""
    if len(one) < 10 or len(other) < 10:
        return not (one.startswith(other) or other.startswith(one))
    return abs((date.fromisoformat(one[:10]) - date.fromisoformat(other[:10])).days) > 1


def _weigh(candidate: DateCandidate, url_days: Sequence[str], agreed: bool) -> DateCandidate:
    confidence = candidate.confidence + FULLER.get(candidate.precision, 0.0) + (AGREES if agreed else 0.0)
    if candidate.value[:10] in url_days:
        confidence += AGREES_WITH_URL
    if "inferred" in candidate.note and candidate.value[:10] not in url_days:
        confidence += INFERRED
    return replace(candidate, confidence=round(max(0.0, min(confidence, 1.0)), 3))


def _first(value: str, fetched: datetime) -> Moment | None:
    """Return the moment of a metadata value, stamps in seconds or milliseconds included."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) in (10, 13):
        stamp = int(value[:10])
        if 631_152_000 <= stamp <= fetched.timestamp() + 86_400:  # from 1990 on
            moment = datetime.fromtimestamp(stamp, CHINA)
            return Moment(moment.isoformat(timespec="seconds"), "second", "stamp", 0, len(value))
        return None
    moments = find_moments(fold(value[:80]), fetched, bare_digits=True)
    return moments[0] if moments else None


def _of_metas(markup: Markup, fetched: datetime) -> Iterator[DateCandidate]:
    for name, value in markup.metas:
        role = "published" if _META_PUBLISHED.match(name) else "updated" if _META_UPDATED.match(name) else ""
        if role and (moment := _first(value, fetched)):
            worth = CONFIDENCE["library" if name.startswith(("dc.", "dcterms.")) else "meta"]
            worth -= 0.25 if name == "date" else 0.0
            yield DateCandidate(moment.value, moment.precision, "meta", role, worth, f"meta {name}", moment.note)


def json_nodes(markup: Markup) -> Iterator[dict[str, object]]:
    """Yield the objects of a page's JSON-LD, outer ones first; broken JSON yields none."""
    for source in markup.json_ld:
        try:
            stack: list[object] = [json.loads(source, strict=False)]
        except (ValueError, RecursionError):
            continue
        seen = 0
        while stack and seen < MAX_NODES:
            node = stack.pop()
            seen += 1
            if isinstance(node, list):
                stack.extend(reversed(node[:200]))
            elif isinstance(node, dict):
                yield node
                stack.extend(value for value in node.values() if isinstance(value, (list, dict)))


def _of_json(markup: Markup, fetched: datetime) -> Iterator[DateCandidate]:
    for node in json_nodes(markup):
        for key, role in (
            ("datePublished", "published"),
            ("pubDate", "published"),
            ("upDate", "updated"),
            ("dateModified", "updated"),
        ):
            value = node.get(key)
            if isinstance(value, (str, int)) and (moment := _first(str(value), fetched)):
                worth = CONFIDENCE["json-ld"] - (
                    0.3 if str(node.get("@type")) in ("Comment", "Answer", "VideoObject") else 0.0
                )
                yield DateCandidate(
                    moment.value, moment.precision, "json-ld", role, worth, f"JSON-LD {key}", moment.note
                )


def _of_scripts(html: str, fetched: datetime) -> Iterator[DateCandidate]:
    """Yield the date that inline scripts write into the page (WeChat: var ct = "1715580000"), if they name one day only."""
    found = [
        moment
        for match in islice(_SCRIPT_DATE.finditer(html[:MAX_SCRIPTED]), MAX_CANDIDATES)
        if html.rfind("<script", 0, match.start()) > html.rfind("</script", 0, match.start())
        and (moment := _first(match[1], fetched))
    ]
    if found and len({moment.value[:10] for moment in found}) == 1:
        best = max(found, key=lambda moment: len(moment.value))
        yield DateCandidate(
            best.value,
            best.precision,
            "script",
            "published",
            CONFIDENCE["script"],
            "inline script",
            "written by a script",
        )


def _of_comments(markup: Markup, fetched: datetime) -> Iterator[DateCandidate]:
    for words in markup.comments:
        if moment := _first(words.lower().partition("ublish")[2][:60] or words, fetched):
            yield DateCandidate(
                moment.value, moment.precision, "comment", "published", CONFIDENCE["comment"], words[:80], moment.note
            )


def head_lines(place: Place, lines: int) -> range:
    """Return the lines from a little above the title to a little below the first prose."""
    anchor = place.title if place.title >= 0 else place.first
    return range(max(0, min(anchor, place.first) - ABOVE), min(lines, max(anchor, place.first) + BELOW, place.end))


def _of_times(markup: Markup, place: Place, fetched: datetime) -> Iterator[DateCandidate]:
    """Yield the machine-readable dates of the <time> elements around the title."""
    head = head_lines(place, len(markup.lines))
    anchor = place.title if place.title >= 0 else place.first
    for value, number, words in markup.times:
        if number in head and not markup.lines[number].hidden and (moment := _first(value, fetched)):
            later = "updat" in words or "modif" in words or _LATER.search(value) is not None
            role = "updated" if later else "published"
            worth = CONFIDENCE["time"] + (LABELLED if "publi" in words or "pubdate" in words else 0.0)
            worth -= min(abs(number - anchor) * DISTANCE, 0.25)
            yield DateCandidate(
                moment.value, moment.precision, "time", role, round(worth, 3), f"time {words.strip()}", moment.note
            )


_LATER = re.compile(r"更新|修改|编辑|回复|最后")


def _of_lines(
    markup: Markup, folded: Sequence[str], kept: Sequence[bool], place: Place, fetched: datetime
) -> Iterator[DateCandidate]:
    """Yield the dates of the lines from a little above the title to the first prose, and of those right after the text."""
    anchor = place.title if place.title >= 0 else place.first
    head = head_lines(place, len(folded))
    exact = {number for value, number, _ in markup.times if HAS_DAY.search(value)}
    tail = range(max(place.first, place.last - IN_TAIL), min(len(folded), place.last + BELOW, place.end))
    seen: set[int] = set()
    for source, numbers in (("byline", head), ("tail", tail)):
        for number in numbers:
            line = markup.lines[number]
            if number in seen or not HAS_DAY.search(folded[number]):
                continue
            seen.add(number)
            yield from _of_line(
                markup,
                number,
                folded[number],
                line.cue + " " + markup.cues[line.element],
                source,
                kept[number],
                abs(number - anchor),
                fetched,
                number in exact,
            )


ABOVE, BELOW, IN_TAIL = 8, 20, 6  # lines
PERMALINK = 4  # lines


def _of_line(
    markup: Markup,
    number: int,
    words: str,
    cue: str,
    source: str,
    kept: bool,
    distance: int,
    fetched: datetime,
    exact: bool,
) -> Iterator[DateCandidate]:
    line = markup.lines[number]
    moments = find_moments(words, fetched)
    if not moments or _FOOTER_WORD.search(words):
        return
    covered = sum(moment.end - moment.start for moment in moments)
    linked = line.links > 0.6 * len(line.text)
    rest = len(words) - covered
    # In running prose a date is what the text is about; after a headline, it is another story's.
    prose = rest > 60 or (kept and rest > 25 and _SENTENCE.search(words) is not None)
    # The one date below a title often leads to the page itself.
    stated = rest <= 6 or _PUBLISHED_WORD.search(words[: moments[0].start]) is not None
    permalink = distance <= PERMALINK and len(moments) == 1 and rest <= 20 and stated
    listed = (linked and not permalink) or (rest > 4 and _LISTED.search(words) is not None)
    signed = source == "tail" and kept and len(words) < 40 and not prose
    for place, moment in enumerate(moments):
        before, after = words[max(0, moment.start - 14) : moment.start], words[moment.end : moment.end + 8]
        if OTHER_WORD.search(before):
            continue
        role = "updated" if UPDATED_WORD.search(before) or UPDATED_AFTER.search(after) else "published"
        labelled = role == "updated" or _PUBLISHED_WORD.search(before) is not None
        if (
            listed
            or (prose and not _FIELD.search(before))
            or (kept and not labelled and not signed and covered < 0.6 * len(words))
        ):
            worth, labelled = CONFIDENCE["text"], False
        else:
            worth = CONFIDENCE["signature" if signed else source]
        worth += (LABELLED if labelled else 0.0) + (BY_CUE if _DATE_CUE.search(cue) else 0.0)
        worth -= min(distance * DISTANCE, 0.25) if source == "byline" else 0.0
        worth -= 0.3 if moment.precision == "year" or place > 3 else 0.0
        worth -= 0.4 if exact and moment.form == "relative" else 0.0  # what <time datetime> says exactly
        yield DateCandidate(moment.value, moment.precision, source, role, round(worth, 3), words[:80], moment.note)


# What every written date holds; lines without it are spared the readers of all forms.
HAS_DAY = re.compile(
    r"\d\s{0,2}[-/._年月]|[〇零○\d一二三四五六七八九十]\s?[年月]|[前昨今刚]|\d\s?[a-z]{3}|[a-z]{3}\.?\s{0,2}\d"
)
_SENTENCE = re.compile(r"[,。!?;]")
_LISTED = re.compile(r"^[·•\-*■□◆◇▪]|[(\[]\s?[\d\-/.: 年月日apm]{5,24}[)\]]\s*$")
_FIELD = re.compile(
    r"(?:(?:发布|发表|更新|刊发|发稿|创建|录入|上传|成文)(?:时间|日期|于)?|(?<!当地)(?:时间|日期))\s*[::]\s*$|(?:本帖|本贴|由).{1,10}于$"
)

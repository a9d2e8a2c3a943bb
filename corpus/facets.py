"""Places, platforms, collectors, laws, methods, amounts, rates, days overdue and dates named in a clean text.

In go the clean text and the page's date, out come facets with their offsets. One pass over the text finds all names of
the gazetteers (``corpus/gazetteer/*.tsv``: source, aliases and dates are in the files), a few anchored patterns find
the numbers. Names that are also words (白银 silver, 平安 safe, 白条 IOU) count only in a context that makes them names.
Search filters use the same code, so that a filter and a facet never disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus.errors import ModelError
from corpus.facet_numbers import find_numbers, number
from corpus.phrases import Phrases, compile_phrases, find_phrases
from corpus.records import Facet

FOLDER = Path(__file__).parent / "gazetteer"
VERSION = "facets/1"
MAX_CHARACTERS = 60_000  # of a text that are read
MAX_FACETS = 400  # of one text; a page of link lists names thousands of places
NEAR = 12  # characters within which a loan word makes a name out of a word
KINDS = (
    "place", "platform", "collector", "channel", "law", "method", "amount", "rate", "overdue", "date",
)  # fmt: skip

# Names of prefectures that are words, too: only with 市 or 地区 behind or a province before.
AMBIGUOUS_PLACES = frozenset(
    [
        "白银",
        "来宾",
        "安康",
        "中山",
        "三明",
        "和田",
        "长治",
        "普洱",
        "朝阳",
        "东方",
        "吉安",
        "保山",
        "海东",
        "海北",
        "大同",
        "黄山",
        "河池",
        "红河",
        "文山",
    ]
)
PROVINCES = ("省", "市", "自治区", "特别行政区")
ETHNIC = re.compile(r"(?:维吾尔|壮族|回族)?自治区$|特别行政区$|省$|市$")
PREFECTURE = re.compile(
    r"(?:(?:蒙古族?|藏族|羌族|彝族|回族|土家族|苗族|侗族|布依族|朝鲜族|傣族|景颇族|傈僳族|白族|哈尼族|壮族|蒙古|哈萨克|柯尔克孜)+)?(?:自治州|地区|盟|市)$"
)
LOAN_WORDS = re.compile(r"贷|借|逾期|还款|分期|额度|催收|欠|账单|套现|利息")

DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:\s?年\s?(1[0-2]|0?[1-9])\s?月(?:\s?(3[01]|[12]\d|0?[1-9])\s?[日号])?"
    r"|([-/.])(1[0-2]|0?[1-9])(?:\4(3[01]|[12]\d|0?[1-9]))?(?![\d%％]))"
)
ARTICLE = re.compile(
    r"》?(?:（[^（）]{1,12}）|\([^()]{1,12}\))?(?:中|的)?第([一二三四五六七八九十百千零〇\d]{1,9})条(之[一二三四五])?"
)


@dataclass(frozen=True, slots=True)
class Law:
    """A rule with the days between which it is in force: ``from`` inclusive, ``until`` exclusive, "" for open."""

    name: str
    since: str
    until: str
    jurisdiction: str

    def in_force(self, date: str) -> str:
        """Return "yes" or "no" on a date (ISO, any precision), "" without a date or where the date is too coarse."""
        if not date:
            return ""
        for edge, before, after in ((self.since, "no", "yes"), (self.until, "yes", "no")):
            if edge and date[:10] != edge[: len(date[:10])]:
                if (date[:10] < edge) and before == "no":
                    return "no"
                if (date[:10] > edge) and after == "no":
                    return "no"
            elif edge and len(date) < len(edge):
                return ""  # the year of the change: either could be true
            elif edge and before == "yes":
                return "no"
        return "yes"


@dataclass(frozen=True, slots=True)
class Name:
    """What a phrase of the gazetteer stands for. needs: "" or the context without which it is only a word."""

    kind: str
    canonical: str
    needs: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names by phrase, the compiled search, the laws, and the divisions by code."""

    names: dict[str, tuple[Name, ...]]
    phrases: Phrases
    laws: dict[str, Law]
    divisions: dict[str, str]


def find_facets(clean_text: str, published: str = "") -> tuple[Facet, ...]:
    """Return the facets of a text in text order, at most MAX_FACETS.

    clean_text: restored Simplified text; offsets count in it. published: ISO date of any precision or "", which
    decides whether a law cited is in force. Canonical forms: places "620100 甘肃省兰州市", laws "民法典#680", amounts in
    yuan "30000", rates "24%/year", overdue in days "90", dates "2024-05-12" or "2024-05".
    """
    text = clean_text[:MAX_CHARACTERS]
    book = gazetteer()
    found: list[Facet] = []
    hits = [(start, end, book.names[phrase]) for start, end, phrase in find_phrases(book.phrases, text)]
    provinces = {name.code[:2] for _, _, names in hits for name in names if name.code.endswith("0000")}
    cities = {name.code[:4] for _, _, names in hits for name in names if name.code.endswith("00") and not name.needs}
    for start, end, names in hits:
        name = _choose(names, provinces, cities)
        if name.needs and not _in_context(name, text, start, end):
            continue
        if name.kind == "law":
            found.append(_law(name, text, start, end, published, book))
        else:
            found.append(Facet(name.kind, text[start:end], name.canonical or text[start:end], start, end))
        if len(found) >= MAX_FACETS:
            break
    found += _dates(text)
    found += find_numbers(text)
    return tuple(sorted(found, key=lambda f: (f.start, f.end, f.kind))[:MAX_FACETS])


def _choose(names: tuple[Name, ...], provinces: set[str], cities: set[str]) -> Name:
    """Return the division a name stands for, by the cities and provinces that the text names; else an open one."""
    if len(names) == 1:
        return names[0]
    near = [n for n in names if n.code[:4] in cities] or [n for n in names if n.code[:2] in provinces]
    if len(near) == 1:
        return near[0]
    return Name(names[0].kind, "", names[0].needs)  # 和平区 alone: a dozen cities have one


def _in_context(name: Name, text: str, start: int, end: int) -> bool:
    if name.needs == "place":
        before = text[max(0, start - 4) : start]
        return (
            text[end : end + 1] in {"市", "警"}
            or text[end : end + 2] in {"地区", "中院", "法院"}
            or before.endswith(
                (
                    "省",
                    "自治区",
                    "甘肃",
                    "广西",
                    "陕西",
                    "广东",
                    "福建",
                    "新疆",
                    "山西",
                    "云南",
                    "辽宁",
                    "海南",
                    "江西",
                    "青海",
                    "四川",
                    "安徽",
                    "西藏",
                )
            )
        )
    return bool(LOAN_WORDS.search(text, max(0, start - NEAR), min(len(text), end + NEAR)))


def _law(name: Name, text: str, start: int, end: int, published: str, book: Gazetteer) -> Facet:
    article = ARTICLE.match(text, end)
    canonical = name.canonical
    if article:
        canonical += f"#{_integer(article.group(1))}" + (article.group(2) or "")
        end = article.end()
    return Facet("law", text[start:end], canonical, start, end, book.laws[name.canonical].in_force(published))


def _dates(text: str) -> Iterator[Facet]:
    for match in DATE.finditer(text):
        year, month, day = match.group(1), match.group(2) or match.group(5), match.group(3) or match.group(6)
        value = f"{year}-{int(month):02d}" + (f"-{int(day):02d}" if day else "")
        yield Facet("date", match.group(), value, *match.span())


def _integer(text: str) -> int:
    return int(number(text) or 0)


@cache
def gazetteer() -> Gazetteer:
    """Return all gazetteers, read once. Raises ModelError when a file is missing or cut short."""
    names: dict[str, list[Name]] = {}
    laws: dict[str, Law] = {}
    try:
        divisions = {code: name for code, name, *_ in _rows("places.tsv")}
        for phrase, name in _places(divisions):
            names.setdefault(phrase, []).append(name)
        for file, kind in (
            ("platforms", "platform"),
            ("collectors", "collector"),
            ("methods", "method"),
            ("channels", "channel"),
        ):
            for canonical, aliases, *_ in _rows(f"{file}.tsv"):
                for alias in filter(None, (canonical if kind != "method" else "", *aliases.split(","))):
                    names.setdefault(alias.rstrip("?"), [Name(kind, canonical, "loan" if alias.endswith("?") else "")])
        for canonical, aliases, since, until, jurisdiction, *_ in _rows("laws.tsv"):
            laws[canonical] = Law(canonical, since, until, jurisdiction)
            for alias in filter(None, (canonical, *aliases.split(","))):
                names.setdefault(alias, [Name("law", canonical)])
    except (OSError, ValueError) as error:
        raise ModelError("A gazetteer of corpus/gazetteer cannot be read: install cuishou anew.") from error
    final = {phrase: tuple(found) for phrase, found in names.items()}
    return Gazetteer(final, compile_phrases(final), laws, divisions)


def _rows(file: str) -> Iterator[list[str]]:
    for line in (FOLDER / file).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _places(divisions: dict[str, str]) -> Iterator[tuple[str, Name]]:
    """Yield (phrase, name) of every division and of the short forms of provinces and prefectures."""
    for code, name in divisions.items():
        above = "".join(
            divisions.get(code[:digits] + "0" * (6 - digits), "")
            for digits in (2, 4)
            if code[digits:] != "0" * (6 - digits)
        )
        canonical = f"{code} {above}{name}"
        if len(name) >= 3 or code.endswith("00"):
            yield name, Name("place", canonical, "", code)
        if code.endswith("0000"):
            yield ETHNIC.sub("", name).replace("回族", ""), Name("place", canonical, "", code)
        elif code.endswith("00") or code[2:4] == "90":
            short = PREFECTURE.sub("", name)
            if short != name and len(short) >= 2:
                yield short, Name("place", canonical, "place" if short in AMBIGUOUS_PLACES else "", code)

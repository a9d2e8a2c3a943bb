"""The names that facets look for, read from ``corpus/gazetteer/*.tsv``: places, platforms, laws, methods, events …

Every file says in its head what its columns hold; each row has its source, and dates where the thing began or ended.
An alias with ``?`` counts only near a loan word, one with ``!`` only where a brand can stand (今借到 opens an IOU, too).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus.errors import ModelError
from corpus.phrases import Phrases, compile_phrases

FOLDER = Path(__file__).parent / "gazetteer"
NEEDS = {"?": "loan", "!": "brand"}
NAME_FILES = (("platforms", "platform"), ("collectors", "collector"), ("methods", "method"), ("channels", "channel"))

ETHNIC = re.compile(r"(?:维吾尔|壮族|回族)?自治区$|特别行政区$|省$|市$")
PREFECTURE = re.compile(
    r"(?:(?:蒙古族?|藏族|羌族|彝族|回族|土家族|苗族|侗族|布依族|朝鲜族|傣族|景颇族|傈僳族|白族|哈尼族|壮族|蒙古|哈萨克|柯尔克孜)+)?(?:自治州|地区|盟|市)$"
)


@dataclass(frozen=True, slots=True)
class Law:
    """A rule, or one version of it, with the days between which it is in force: ``since`` inclusive, ``until`` exclusive.

    Both are ISO dates of any precision, "" for open. version: the year by which a version is cited, or "".
    """

    name: str
    since: str
    until: str
    jurisdiction: str = "CN"
    version: str = ""

    def in_force(self, date: str) -> str:
        """Return "yes" or "no" on a date (ISO, any precision), "" without a date or where the date is too coarse."""
        return in_force(self.since, self.until, date)


def in_force(since: str, until: str, date: str) -> str:
    """Return whether a date (ISO, any precision) is in [since, until): "yes", "no", "" where that cannot be said."""
    if not date:
        return ""
    for edge, before, after in ((since, "no", "yes"), (until, "yes", "no")):
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
    """What a phrase of the gazetteer stands for. needs: "" or the context without which it is only a word.

    entity: the firm behind a platform. until: the day a platform, collector or authority ended, or "".
    """

    kind: str
    canonical: str
    needs: str = ""
    code: str = ""
    entity: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Verbs:
    """The phrases of events: what finds them, and the canonical form of each."""

    pattern: re.Pattern[str]
    canonical: dict[str, str]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names by phrase, the compiled search, laws and their versions by canonical name, divisions by code.

    entities: the names of known firms that end as firms do, longest first.
    """

    names: dict[str, tuple[Name, ...]]
    phrases: Phrases
    laws: dict[str, Law]
    divisions: dict[str, str]
    versions: dict[str, tuple[Law, ...]]
    entities: tuple[str, ...]
    events: Verbs

    def version(self, law: str, date: str) -> Law | None:
        """Return the version of a law that is in force on a date, None where that cannot be said."""
        return next((v for v in self.versions.get(law, ()) if v.in_force(date) == "yes"), None)


@cache
def gazetteer() -> Gazetteer:
    """Return all gazetteers, read once. Raises ModelError when a file is missing or cut short."""
    names: dict[str, list[Name]] = {}
    laws: dict[str, Law] = {}
    versions: dict[str, tuple[Law, ...]] = {}
    try:
        divisions = {code: name for code, name, *_ in rows("places.tsv")}
        for phrase, name in _places(divisions):
            names.setdefault(phrase, []).append(name)
        for phrase, *_ in rows("words.tsv"):
            names.setdefault(phrase, [Name("word", phrase)])
        entities = dict.fromkeys(_brands(names))
        for canonical, aliases, since, until, jurisdiction, *_ in rows("laws.tsv"):
            law, _, version = canonical.partition("@")
            found = Law(law, since, until, jurisdiction, version)
            if version:
                versions[law] = (*versions.get(law, ()), found)
            else:
                laws[law] = found
            for alias in filter(None, ("" if version else law, *aliases.split(","))):
                names.setdefault(alias, [Name("law", law, code=version)])
        verbs = {phrase: canonical for canonical, phrases, *_ in rows("events.tsv") for phrase in phrases.split(",")}
    except (OSError, ValueError) as error:
        raise ModelError("A gazetteer of corpus/gazetteer cannot be read: install cuishou anew.") from error
    final = {phrase: tuple(found) for phrase, found in names.items()}
    pattern = re.compile("|".join(sorted(verbs, key=len, reverse=True)))
    firms = tuple(sorted((e for e in entities if e.endswith("公司")), key=len, reverse=True))
    return Gazetteer(final, compile_phrases(final), laws, divisions, versions, firms, Verbs(pattern, verbs))


def _brands(names: dict[str, list[Name]]) -> Iterator[str]:
    """Put the platforms, collectors, methods and channels in, and yield the firms behind the platforms."""
    firms = []
    for file, kind in NAME_FILES:
        for row in rows(f"{file}.tsv"):
            canonical, aliases = row[:2]
            entity, since, until = (row[2], row[4], row[5]) if kind == "platform" else ("", row[2], row[3])
            firms.append(entity)
            for alias in filter(None, (*aliases.split(","), canonical if kind != "method" else "")):
                needs = NEEDS.get(alias[-1], "")
                name = Name(kind, canonical, needs, "", entity, since, until)
                names.setdefault(alias.removesuffix(alias[-1] if needs else ""), [name])
    for firm in filter(None, firms):
        begins = any(n.kind == "platform" for i in range(2, len(firm)) for n in names.get(firm[:i], ()))
        if not firm.endswith("公司") and len(firm) > 2 and not begins:
            names.setdefault(firm, [Name("entity", firm)])
        yield firm


def rows(file: str) -> Iterator[list[str]]:
    """Yield the rows of a gazetteer, comments left out."""
    for line in (FOLDER / file).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _places(divisions: dict[str, str]) -> Iterator[tuple[str, Name]]:
    """Yield (phrase, name) of every division and of the short forms of provinces and prefectures."""
    ambiguous = {name for name, *_ in rows("ambiguous_places.tsv")}
    for code, name in divisions.items():
        above = "".join(
            divisions.get(code[:digits] + "0" * (6 - digits), "")
            for digits in (2, 4)
            if code[digits:] != "0" * (6 - digits)
        )
        canonical = f"{code} {above}{name}"
        if len(name) >= 3 or code.endswith("00"):
            yield name, Name("place", canonical, "place" if name in ambiguous else "", code)
        if code.endswith("0000"):
            yield ETHNIC.sub("", name).replace("回族", ""), Name("place", canonical, "", code)
        elif code.endswith("00") or code[2:4] == "90":
            short = PREFECTURE.sub("", name)
            if short != name and len(short) >= 2:
                yield short, Name("place", canonical, "place" if short in ambiguous else "", code)

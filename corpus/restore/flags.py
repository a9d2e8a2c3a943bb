"""What is said about stretches of the clean text without changing them: lost text, residue, jammers, spun wording."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import cache
from pathlib import Path

from corpus.records import Span
from corpus.restore.draft import Change
from corpus.restore.language import UNKNOWN, language_model

INJECTED_RULE = "injected"
LOST = "lost-text"
RESIDUE = "model-residue"
TEMPLATE = "template-residue"
JAMMER = "jammer"
SPUN = "spun"

_LOST = re.compile(r"(?:锟斤拷){1,}|锟[斤拷]{1,}|烫{4,}|屯{4,}|\?{4,}|\ufffd+|[\ue000-\uf8ff]+")
# What language models and their chat pages leave behind: citation marks, the copy button, phrases about themselves.
_RESIDUE = re.compile(
    r"\[?\[?(?:网页|webpage ?)\d{1,3}\]?\]?|text ?Copy ?Code|【\d{1,3}†[^】]{0,30}】|:contentReference\[oaicite:\d+\]|oai_citation|"
    r"作为(?:一个|一款)?(?:AI|人工智能)(?:语言)?(?:模型|助手)|E-E-A-T|以下是(?:根据您的要求|为您)(?:撰写|生成)的"
)
_TEMPLATE = re.compile(
    r"(?:Warning|Notice|Fatal error|Parse error): [^\n]{0,200} on line \d+|\{dede:[^}\n]{1,80}\}|\{\{[^}\n]{1,80}\}\}|<\?php[^\n]{0,80}|"
    r"\{\$[a-z_.]{1,40}\}|主站蜘蛛池模板[:：]?|\[!--[a-z.]{1,30}--\]"
)
_ASCII_NOISE = re.compile(r"[!-~](?<![A-Za-z0-9].)[!-~]? (?:[!-~]{1,2} ){5,}[!-~]{1,2}(?![A-Za-z0-9])")
_NOISE_MARK = re.compile(r"[!-/:-@\[-`{-~]")
_RARE_PAIR = re.compile("([\u3400-\u9fff]{2})[，。！？；]")
JAMMER_RARE = -13.5  # ln of the frequency below which a character counts as rare
LEAST_JAMMERS = 3
JAMMER_SHARE = 0.3  # of the marks of a page
LEAST_BLANKS = 6
LEAST_SPUN = 2
# What a match must contain: a text without any of it is not searched.
_LOST_SIGNS = frozenset("锟\ufffd") | frozenset(map(chr, range(0xE000, 0xF900)))
_LOST_RUNS = ("????", "烫烫烫烫", "屯屯屯屯")
_RESIDUE_SIGNS = (
    *("网页", "webpage", "Copy", "†", "oai", "E-E-A-T", "以下是根", "以下是为"),
    *(before + name for before in "为个款" for name in ("AI", "人工智能")),
)
_TEMPLATE_SIGNS = (" on line ", "{", "<?php", "主站蜘蛛池", "[!--")
# An advertisement set into a word: 了[XX讨债公司]解.
_INJECTED = re.compile(
    r"(?<=[\u3400-\u9fff])(?:[\[【][\u3400-\u9fffA-Za-z]{0,12}(?:(?:讨债|要账|要债|清账|追债|收债|收账)公司|讨债|要账)[\]】]|"
    r"[（(][\u3400-\u9fffA-Za-z]{0,12}(?:讨债|要账|要债|清账|追债|收债|收账)公司[）)])(?=[\u3400-\u9fff])"
)


def remove_injected(text: str, present: Set[str]) -> Iterator[Change]:
    """Yield the changes that take advertisements in brackets out of the middle of a sentence."""
    if not present.isdisjoint("债账") and not present.isdisjoint("[【(（"):
        for match in _INJECTED.finditer(text):
            yield Change(match.start(), match.end(), "", INJECTED_RULE, 0.97)


@cache
def spun_words() -> dict[str, str]:
    """Return the words that spinning software puts for others: {告贷人: 借款人}."""
    rows = Path(__file__).with_name("spun.tsv").read_text("utf-8").splitlines()[1:]
    return {row.split("\t")[0]: row.split("\t")[1] for row in rows if row}


@cache
def _spun_characters() -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((word, frozenset(word)) for word in spun_words())


@cache
def _common() -> frozenset[str]:
    """Return the characters that are not rare."""
    model = language_model()
    symbols = model.symbol_of.tolist()
    return frozenset(
        chr(point)
        for point, symbol in enumerate(symbols)
        if symbol != UNKNOWN and model.unigrams[symbol] >= JAMMER_RARE
    )


def find_flags(text: str, field: str, present: Set[str]) -> tuple[Span, ...]:
    """Return the flagged stretches of a clean text, in order. ``present``: its characters."""
    spans = [*_matches(text, field, present), *_spun(text, field, present)]
    if text.count(" ") >= LEAST_BLANKS:
        spans += _noise(text, field)
    if len(present - _common()) >= LEAST_JAMMERS:
        spans += _jammers(text, field)
    return tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def _span(text: str, field: str, start: int, end: int, kind: str) -> Span:
    return Span(field, start, end, kind, text[start:end])


def _matches(text: str, field: str, present: Set[str]) -> Iterator[Span]:
    def has(signs: Sequence[str]) -> bool:
        return any(sign[-1] in present and sign in text for sign in signs)

    kinds: list[tuple[re.Pattern[str], str]] = []
    if not _LOST_SIGNS.isdisjoint(present) or has(_LOST_RUNS):
        kinds.append((_LOST, LOST))
    if has(_RESIDUE_SIGNS):
        kinds.append((_RESIDUE, RESIDUE))
    if has(_TEMPLATE_SIGNS):
        kinds.append((_TEMPLATE, TEMPLATE))
    for pattern, kind in kinds:
        for match in pattern.finditer(text):
            yield _span(text, field, match.start(), match.end(), kind)


def _noise(text: str, field: str) -> Iterator[Span]:
    for match in _ASCII_NOISE.finditer(text):
        if len(_NOISE_MARK.findall(match[0])) * 4 >= len(match[0].split()):
            yield _span(text, field, match.start(), match.end(), JAMMER)


def _jammers(text: str, field: str) -> Iterator[Span]:
    """Yield pairs of rare characters before marks, where a page does it throughout."""
    matches = list(_RARE_PAIR.finditer(text))
    rare = [match for match in matches if _common().isdisjoint(match[1])]
    if len(rare) >= LEAST_JAMMERS and len(rare) >= JAMMER_SHARE * len(matches):
        for match in rare:
            yield _span(text, field, match.start(1), match.end(1), JAMMER)


def _spun(text: str, field: str, present: Set[str]) -> Iterator[Span]:
    words = [word for word, characters in _spun_characters() if characters <= present and word in text]
    if len(words) >= LEAST_SPUN:
        for match in re.finditer("|".join(map(re.escape, sorted(words, key=len, reverse=True))), text):
            yield _span(text, field, match.start(), match.end(), SPUN)

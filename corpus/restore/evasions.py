"""Evasions: writing meant to pass filters, not readers, turned back into the known term.

``variants.tsv`` lists the terms and the known ways to write them, each with its source and, where the written form is
also a word or a name, the company it must keep: 崔收 is 催收 (debt collection), but not in 崔收到 (Cui received). Marks
inside a term (催*收) and letters for a syllable (cui收) are found by rule from the terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from corpus.errors import ModelError
from corpus.restore.draft import Change
from corpus.restore.language import language_model

RULES = {"symbol": "evasion-symbol", "letters": "evasion-letters", "homophone": "evasion-homophone"}
NUMBER_RULE = "evasion-digits"
CONFIDENCE = {"homophone": 0.95, "split": 0.98, "contact": 0.97}
SYMBOL_CONFIDENCE = 0.98
LETTERS_CONFIDENCE = 0.98
SPACE_CONFIDENCE = 0.95
NUMBER_CONFIDENCE = 0.98

# Ornaments never stand inside a word; dots, dashes and blanks may, so they need hanzi on both sides of the whole term.
ORNAMENTS = "*＊☆★※●○◆◇■□▲△▼▽♡♥❤✿❀❁✦✧✨^~～_＿#＃@＠+＋=｜丨|♪♫〇◎⊙√✓✔×%＆&$￥💰💸💵💴💳🔥⭐🌟❗❣💥🚫"
QUIET = " .·-/\\•﹒．…'`,"


def _between_hanzi(marks: str, most: int) -> re.Pattern[str]:
    """Return the pattern of up to ``most`` marks between hanzi. It begins with a mark, which a search skips to."""
    mark, hanzi = f"[{re.escape(marks)}]", "[\u3400-\u9fff]"
    return re.compile(f"{mark}(?<={hanzi}{mark}){mark}{{0,{most - 1}}}(?={hanzi})")


_ORNAMENT = _between_hanzi(ORNAMENTS + "\ufe0f", 3)
_QUIET = _between_hanzi(QUIET, 2)
_GAP = rf"[{re.escape(ORNAMENTS + QUIET)}\ufe0f]{{0,3}}"
_LETTERS = re.compile(r"[A-Za-z](?<![A-Za-z].)[A-Za-z]{1,5}(?![A-Za-z])")  # of a syllable
_HANZI = re.compile("[\u3400-\u9fff]")
# Marks that real text sets between these very terms: 借/贷 (debit and credit), 借、贷.
QUIET_EXCEPTIONS = frozenset({"借贷", "分期", "电话", "额度", "利息", "债务"})
SHORTEST_NUMBER = 11  # digits of a mobile number
_NUMERALS = "零〇○Ｏ一二三四五六七八九壹贰叁肆伍陆柒捌玖幺"
_NUMERAL_VALUES = dict(zip(_NUMERALS, "0000" + "123456789" * 2 + "1", strict=True))
_CIRCLED = {chr(0x2460 + i): str(i + 1) for i in range(9)} | {chr(0x2776 + i): str(i + 1) for i in range(9)}
_CIRCLED |= {"⓪": "0", "⓿": "0"} | {chr(0x2474 + i): str(i + 1) for i in range(9)}
_DIGITS = _NUMERAL_VALUES | _CIRCLED | {str(i): str(i) for i in range(10)}
_KEYCAP = re.compile("(?:[0-9]\ufe0f?\u20e3 ?){5,}")
_NUMBER = re.compile(
    rf"[一壹幺1①❶](?<![{_NUMERALS}0-9①-⑨].)[三四五六七八九叁肆伍陆柒捌玖3-9③-⑨❸-❾](?:[ -]?[{_NUMERALS}0-9①-⑨❶-❾⓪⓿]){{9}}(?![{_NUMERALS}0-9①-⑨十百千万年月])"
)
_LABELLED = re.compile(
    rf"(?:QQ|微信|电话|号码)(号?群?[:： ]{{0,2}})([{_NUMERALS}0-9①-⑨❶-❾⓪⓿]{{6,12}})(?![{_NUMERALS}十百千万年月])"
)


@dataclass(frozen=True, slots=True)
class Variant:
    """A written form and the term it stands for, with patterns of what must stand before and after it."""

    kind: str
    written: str
    term: str
    before: str
    after: str
    source: str


@cache
def variants() -> tuple[Variant, ...]:
    """Return the rows of variants.tsv. Raises ModelError where a row is cut short."""
    rows = Path(__file__).with_name("variants.tsv").read_text("utf-8").splitlines()[1:]
    try:
        return tuple(Variant(*row.split("\t")) for row in rows if row)
    except TypeError as error:
        raise ModelError("variants.tsv has a row without six columns: reinstall cuishou") from error


@cache
def _written() -> dict[str, tuple[tuple[str, tuple[tuple[Variant, re.Pattern[str]], ...]], ...]]:
    """Return (form, its variants with their whole patterns) of every listed form, by its last character."""
    listed: dict[str, list[tuple[Variant, re.Pattern[str]]]] = {}
    for variant in variants():
        if variant.kind != "term":
            pattern = re.compile(f"{variant.before}{re.escape(variant.written)}{variant.after}")
            listed.setdefault(variant.written, []).append((variant, pattern))
    by_last: dict[str, list[tuple[str, tuple[tuple[Variant, re.Pattern[str]], ...]]]] = {}
    for form, rows in listed.items():
        by_last.setdefault(form[-1], []).append((form, tuple(rows)))
    return {last: tuple(forms) for last, forms in by_last.items()}


@cache
def _by_pair() -> dict[str, tuple[tuple[str, int], ...]]:
    """Return (term, place) for every two characters that stand side by side in a term, longest terms first."""
    pairs: dict[str, list[tuple[str, int]]] = {}
    for variant in sorted(variants(), key=lambda row: -len(row.term)):
        if variant.kind == "term":
            for at in range(len(variant.term) - 1):
                pairs.setdefault(variant.term[at : at + 2], []).append((variant.term, at))
    return {pair: tuple(found) for pair, found in pairs.items()}


@cache
def _by_letters() -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Return (what stands before, after, term) for every toneless syllable of a term."""
    from pypinyin import lazy_pinyin

    syllables: dict[str, list[tuple[str, str, str]]] = {}
    for variant in variants():
        if variant.kind == "term":
            spoken = lazy_pinyin(variant.term)
            for at, syllable in enumerate(spoken):
                if len(syllable) > 1:
                    syllables.setdefault(syllable, []).append((variant.term[:at], variant.term[at + 1 :], variant.term))
    return {syllable: tuple(found) for syllable, found in syllables.items()}


def undo_evasions(text: str, present: Set[str]) -> tuple[Change, ...]:
    """Return the changes that write evaded terms out. ``present``: the characters of the text."""
    found: list[Change] = [*_listed(text, present)]
    if not _ORNAMENT_SET.isdisjoint(present):
        found += _marked(text, _ORNAMENT, quiet=False)
    if not _QUIET_SET.isdisjoint(present):
        found += _marked(text, _QUIET, quiet=True)
    if not _LETTER_SET.isdisjoint(present):
        found += _spelled(text)
    if not _NUMBER_SET.isdisjoint(present) and _NUMBER_RUN.search(text):
        found += _numbers(text)
    return _apart(found)


_ORNAMENT_SET = frozenset(ORNAMENTS)
_QUIET_SET = frozenset(QUIET)
_LETTER_SET = frozenset("aeiouAEIOU")
_NUMBER_SET = frozenset(_NUMERALS) | frozenset(_CIRCLED) | {"\u20e3"}
_NUMBER_RUN = re.compile(f"[{_NUMERALS}①-⑨❶-❾⓪⓿⑴-⑼0-9 \ufe0f\u20e3-]{{6}}")


def _apart(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes in order, the earlier and longer of two that overlap."""
    kept: list[Change] = []
    for change in sorted(changes, key=lambda change: (change.start, -change.end)):
        if not kept or change.start >= kept[-1].end:
            kept.append(change)
    return tuple(kept)


def _listed(text: str, present: Set[str]) -> Iterator[Change]:
    written = _written()
    for form, rows in chain.from_iterable(map(written.__getitem__, written.keys() & present)):
        start = text.find(form) if all(map(present.__contains__, form)) else -1
        while start >= 0:
            for variant, whole in rows:
                if whole.match(text, start):
                    rule, confidence = f"evasion-{variant.kind}", CONFIDENCE[variant.kind]
                    yield Change(start, start + len(form), variant.term, rule, confidence)
                    break
            start = text.find(form, start + 1)


def _marked(text: str, pattern: re.Pattern[str], *, quiet: bool) -> Iterator[Change]:
    """Yield the terms with marks between their characters."""
    terms = _by_pair()
    for match in pattern.finditer(text):
        for term, at in terms.get(text[match.start() - 1] + text[match.end()], ()):
            blank = not match[0].strip(" /")
            if quiet and blank and term in QUIET_EXCEPTIONS:
                continue
            span = _spread(text, term, match.start() - 1, at)
            if span and not (
                quiet and not (_inside_sentence(text, *span) and (not blank or _is_one_word(text, span[1], term)))
            ):
                confidence = SPACE_CONFIDENCE if quiet else SYMBOL_CONFIDENCE
                yield Change(*span, term, RULES["symbol"], confidence)
                break


@lru_cache(maxsize=1024)
def _spread_patterns(term: str, at: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a term up to its character ``at``, and from it on, with marks between its characters."""
    return re.compile(_GAP.join(map(re.escape, term[: at + 1])) + r"\Z"), re.compile(
        _GAP.join(map(re.escape, term[at:]))
    )


def _spread(text: str, term: str, place: int, at: int) -> tuple[int, int] | None:
    """Return where a term lies whose character ``at`` is at ``place``, marks allowed between its characters."""
    before, after = _spread_patterns(term, at)
    start = place + 1 - min(place + 1, 4 * (at + 1))
    head = before.search(text, start, place + 1)
    tail = after.match(text, place)
    return (head.start(), tail.end()) if head and tail else None


def _inside_sentence(text: str, start: int, end: int) -> bool:
    """Tell whether a stretch stands in a sentence: hanzi beside it, and no blank; not a table's heading or a label."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    beside = [bool(_HANZI.match(side)) for side in (before, after)]
    return any(beside) and all(
        is_hanzi or side in _EDGES for is_hanzi, side in zip(beside, (before, after), strict=True)
    )


_EDGES = ("", "\n", *"，。、；？！“”,?!")


def _is_one_word(text: str, end: int, term: str) -> bool:
    """Tell whether a term ends where it seems to, and its last character does not begin another word: 失 信件 stays."""
    after = text[end : end + 1]
    if not _HANZI.match(after) or after in _PARTICLES:
        return True
    model = language_model()
    return model.after_one(*model.context(term[-1] + after)) < BOUND


BOUND = -6.0  # ln P(next | last) from which on two characters are taken for a word
_PARTICLES = frozenset("的了吗呢吧和就都也会要是不有在被把很太之全电公人")


def _spelled(text: str) -> Iterator[Change]:
    """Yield the terms with letters for one syllable."""
    for match in _LETTERS.finditer(text):
        start, end = match.span()
        if not (_HANZI.match(text[start - 1 : start] or " ") or _HANZI.match(text[end : end + 1] or " ")):
            continue
        for before, after, term in _by_letters().get(match[0].lower(), ()):
            if text.endswith(before, 0, start) and text.startswith(after, end):
                yield Change(start - len(before), end + len(after), term, RULES["letters"], LETTERS_CONFIDENCE)
                break


def _numbers(text: str) -> Iterator[Change]:
    """Yield telephone and account numbers written in circled, keycap or Chinese numerals."""
    for match in _KEYCAP.finditer(text) if "\u20e3" in text else ():
        digits = "".join(c for c in match[0] if c.isascii() and c.isdigit())
        yield Change(match.start(), match.end(), digits, NUMBER_RULE, NUMBER_CONFIDENCE)
    for match in _NUMBER.finditer(text):
        digits = "".join(_DIGITS[c] for c in match[0] if c in _DIGITS)
        if not match[0].isascii() and len(digits) == SHORTEST_NUMBER:
            yield Change(match.start(), match.end(), digits, NUMBER_RULE, NUMBER_CONFIDENCE)
    for match in _LABELLED.finditer(text):
        if 2 * sum(map(str.isascii, match[2])) < len(match[2]):
            yield Change(
                match.start(2), match.end(2), "".join(_DIGITS[c] for c in match[2]), NUMBER_RULE, NUMBER_CONFIDENCE
            )

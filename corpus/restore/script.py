"""Script: which one a text is in, and its conversion to Simplified for reading and search.

Machine conversion maps character by character, so that merged characters come out wrong: 之后, 聯系, 范圍 (one
character left as it was) or 皇後, 公裏 (one put where it does not belong). Writers of Traditional and phrase-aware
converters write 之後, 聯繫, 範圍. The text is converted to Simplified and back by phrases; where merged characters
differ from the text, a machine wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from corpus.restore.characters import (
    HANZI,
    MOST_POINTS,
    PLACEHOLDER,
    code_points,
    simplified_only,
    table_places,
    to_simplified,
    to_traditional,
    traditional_only,
)
from corpus.restore.draft import Change, Draft
from corpus.restore.language import language_model

RULE = "script"
CONFIDENCE = 0.9999  # at most 3 wrong characters in 100,000, see benchmarks/restore.py
TRADITIONAL_SHARE = 0.9  # of the characters that tell; below its complement the text is Simplified
MACHINE_SHARE = 0.2  # of the merged characters that disagree with conversion by phrases
FEW_TELLING = 8  # characters that tell, below which the script of the page decides
LEAST_MERGED = 2  # merged characters needed to call a text native or machine-made by them alone

SIMPLIFIED = "simplified"
TRADITIONAL = "traditional"
MACHINE = "machine-traditional"
MIXED = "mixed"
NONE = "none"

# 著 is a form of 着 (随着, with) and a character of its own (著名, famous): the model decides, 着 where it is even.
ZHU_MARGIN = 1.0  # nats
# Nats for 著 by its company: words and frames that hold it (土著人, natives; 宋强著的《…》, by Song Qiang), those whose letters
# also meet by chance (闪耀着名人智慧, the wisdom of the famous shines), and verbs that take 着 (看着名单, at the list).
ZHU_COMPANY = (
    (re.compile("(?<=[土专名卓巨撰昭彰])著|(?<![彰凸浮]显)(?<=显)著"), 4.0),
    (re.compile("著(?=名(?![单字义额次])|[作称述录者译]|的《)|(?<=[论编译原遗杂拙新])著"), 2.0),
    (re.compile("(?<=[随看接想指沿活顺睡打跟怀向朝身围点趁冲借藉持赶靠贴按附挨乘引凭吸烧穿带抱])著"), -2.0),
)
_VARIANTS = dict(zip("裏爲羣臺台颱檯線着牀峯衆啓衞麪喫", "裡為群台台台台綫著床峰眾啟衛麵吃", strict=True))
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a script: characters only Traditional has, only Simplified has, and merged characters that agree
    or disagree with conversion by phrases."""

    hanzi: int
    traditional: int
    simplified: int
    agree: int = 0
    disagree: int = 0

    @property
    def script(self) -> str:
        if not self.hanzi:
            return NONE
        telling = self.traditional + self.simplified
        if self.traditional < (1 - TRADITIONAL_SHARE) * telling or not telling:
            return SIMPLIFIED
        if self.traditional < TRADITIONAL_SHARE * telling:
            return MIXED
        return MACHINE if self.machine_share > MACHINE_SHARE else TRADITIONAL

    def decided(self, page: str) -> str:
        """Return the script, for a few characters that of the page they stand on ("" where that is unknown)."""
        few = self.traditional + self.simplified < FEW_TELLING
        return page if page and few and self.hanzi and self.traditional >= self.simplified else self.script

    @property
    def machine_share(self) -> float:
        merged = self.agree + self.disagree
        return self.disagree / merged if merged >= LEAST_MERGED else 0.0


def examine(text: str, present: Set[str] | None = None) -> Evidence:
    """Return how many characters of a text only Traditional has, and only Simplified. ``present``: its characters."""
    converted, reduced = traditional_only(), simplified_only()
    present = set(text) if present is None else present
    some_simplified = not reduced.isdisjoint(present)
    if converted.isdisjoint(present):
        hanzi = some_simplified or any(map(HANZI.match, present))
        return Evidence(int(hanzi), 0, int(some_simplified))
    kinds = np.bincount(_telling()[table_places(text)], minlength=3)
    return Evidence(1, int(kinds[1]), int(kinds[2]))


@cache
def _telling() -> NDArray[np.uint8]:
    """Return, by code point, 1 for a character that only Traditional has, 2 for one that only Simplified has."""
    kinds = np.zeros(MOST_POINTS, np.uint8)
    for kind, characters in ((1, traditional_only()), (2, simplified_only())):
        kinds[list(map(ord, characters))] = kind
    return kinds


def weigh(evidence: Evidence, text: str, plain: str) -> Evidence:
    """Return the evidence with the merged characters of a Traditional text and its Simplified form ``plain`` counted.

    Only clauses with such a character are converted back, the first CLAUSES of them.
    """
    if evidence.traditional <= evidence.simplified or len(text) != len(plain):
        return evidence
    clauses = [match for match in _CLAUSE.finditer(plain) if not MERGED.isdisjoint(match[0])][:CLAUSES]
    simple = "\n".join(match[0] for match in clauses)
    shown = "\n".join(text[match.start() : match.end()] for match in clauses)
    back = to_traditional(simple)
    if len(back) != len(shown):
        return evidence
    agree = disagree = 0
    for match in _MERGED.finditer(simple):
        at = match.start()
        character, expected = (_VARIANTS.get(side[at], side[at]) for side in (shown, back))
        if character == expected:
            agree += character != match[0]
        elif character not in _UNDECIDED:
            disagree += character != "係" or shown[at + 1 : at + 2] in ("統", "列")
    return Evidence(evidence.hanzi, evidence.traditional, evidence.simplified, agree, disagree)


# Characters that writers of Traditional, OpenCC's phrases and Cantonese (係, is) use differently.
_UNDECIDED = frozenset("才捲週周了瞭布佈發髮鬆註復錶闆鹹乾簽籤隻志誌捨")
_CLAUSE = re.compile("[\u3400-\u9fff]+")
CLAUSES = 80


# Simplified characters that stand for several Traditional ones, one of them themselves; common ones.
MERGED = frozenset(
    "后里于系只面发范准征制志游回布注采占才余冲表胡了折舍借困谷斗板卷致几松丑干云向周郁姜克咸党种御签价复"
)
_MERGED = re.compile(f"[{''.join(sorted(MERGED))}]")


def simplified_text(text: str, *, traditional: bool) -> str:
    """Return the Simplified form, of the same length; 著 is judged only in Traditional text."""
    plain = to_simplified(text)
    if PLACEHOLDER in plain and len(plain) == len(text):
        plain = "".join(map(_kept, text, plain))
    if len(plain) != len(text):
        plain = "".join(_kept(character, to_simplified(character)) for character in text)
    if not traditional or "著" not in plain:
        return plain
    pieces = list(plain)
    for at in _particles(plain):
        pieces[at] = "着"
    return "".join(pieces)


def _particles(plain: str) -> list[int]:
    """Return the places of 著 that the model would rather read as 着."""
    places = [match.start() for match in re.finditer("著", plain)]
    company = dict.fromkeys(places, 0.0)
    for pattern, nats in ZHU_COMPANY:
        for match in pattern.finditer(plain):
            company[match.start()] += nats
    padded = f"\n\n{plain}\n\n".replace("著", "着")
    model = language_model()
    adverb = model.context("著")
    found: list[int] = []
    for at in places:
        window = model.context(padded[at : at + 5])
        particle = model.total(window)
        window[2:3] = adverb
        if model.total(window) + company[at] <= particle + ZHU_MARGIN:
            found.append(at)
    return found


def _kept(shown: str, simple: str) -> str:
    """Return the converted character, or the shown one where conversion cannot say."""
    return shown if simple == PLACEHOLDER or len(simple) != 1 else simple


def simplify(draft: Draft, present: Set[str], script: str, known: tuple[str, str] = ("", "")) -> tuple[Change, ...]:
    """Return one change for every run of characters that conversion alters, cut where earlier edits lie.

    known: a text and its Simplified form, for when the draft has come to that text.
    """
    text = draft.text
    if traditional_only().isdisjoint(present) and not (script in (TRADITIONAL, MACHINE) and "著" in present):
        return ()
    traditional = script in (TRADITIONAL, MACHINE, MIXED)
    plain = known[1] if traditional and known[0] == text else simplified_text(text, traditional=traditional)
    cuts = {place for _, _, start, end, _, _ in draft.joints for place in (start, end)}
    changes: list[Change] = []
    start = end = -1
    for at in np.flatnonzero(code_points(text) != code_points(plain)).tolist():
        if start >= 0 and (at != end or at in cuts):
            changes.append(Change(start, end, plain[start:end], RULE, CONFIDENCE))
            start = -1
        if start < 0:
            start = at
        end = at + 1
    if start >= 0:
        changes.append(Change(start, end, plain[start:end], RULE, CONFIDENCE))
    return tuple(changes)

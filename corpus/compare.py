"""Two texts in, what one is to the other out: copy, variant, partial copy, or two texts that quote the same.

Candidates come from shared bands or shared sentences; here the shingles themselves decide. The answer depends on the
two texts alone and is the same either way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.candidates import Values, distinct
from corpus.clusters import NEAR, REVIEW
from corpus.letters import Codes, Letters, letters
from corpus.quotations import own_words, quotations
from corpus.sentences import Sentences, is_partial, sentences_of, shared_sentences
from corpus.shingles import MIN_LENGTH, batches, overlap, shingle, shingle_set
from corpus.substitutions import Histogram, filled_in, histograms, may_be_filled_in
from corpus.templates import BRACKET, DAY, NUMBER, PLACE, PLATFORM, find_slots, masked_codes, slot_values

QUOTED = 0.2  # share of a text's letters in quotations from which its own words are compared apart (chosen)
WHOLE = 0.88  # containment from which the smaller text counts as standing wholly in the larger,
SMALLER = 0.97  # if it is at most this much of the larger one's shingles
# Kinds of slots: how many values the text with fewer of them needs before they count, and the share of them that must
# be common, or the texts speak of different things. One other place is enough; numbers also change by chance.
_SLOT_LIMITS = {BRACKET: (1, 0.5), PLATFORM: (1, 0.5), PLACE: (1, 0.5), DAY: (3, 0.34), NUMBER: (3, 0.34)}
_REPEATED = 3  # times that a value stands in a text that speaks of it
RELATIONS: dict[str, tuple[str, str]] = {
    "same": ("the same restored text", "还原后文字相同"),
    "copy": ("a near-duplicate", "近似重复"),
    "variant": (
        "the same template with other places, platforms, numbers or days",
        "同一模板，只换地名、平台、数字或日期",
    ),
    "partial": ("a partial copy: one holds sentences of the other", "部分抄袭：含有对方的句子"),
    "quotation": ("both quote the same source; their own words differ", "引用相同出处，自身文字不同"),
    "review": ("alike, but not surely a copy: for a person to judge", "相似但不能确定，需人工判断"),
    "": ("no relation", "无关"),
}


SlotCounts = tuple[dict[int, int], ...]  # for each kind of slot, its values and how often each stands in the text


@dataclass(frozen=True, slots=True)
class Profile:
    """What a text is about, as far as templates go. masked: its codes with every slot masked. own: shingles without
    quotations, None where there are few."""

    codes: Codes
    letters: Histogram
    slots: SlotCounts
    masked: bytes
    own: Values | None


@dataclass(frozen=True, slots=True)
class Comparable:
    """What comparing needs of one text."""

    profile: Profile
    shingles: Values
    sentences: Sentences


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two texts share. similarity: Jaccard, 0..1. containment: of the smaller text's shingles in the larger, 0..1.
    shared: share of the shorter text's sentences, by letters. relation: a key of RELATIONS. whole: the smaller text
    stands wholly in the larger one, whatever the relation."""

    similarity: float
    containment: float
    shared: float
    relation: str
    whole: bool = False


def comparable(text: str) -> Comparable:
    """Return one text made ready for comparison."""
    return next(comparables([text]))


def comparables(texts: Iterable[str]) -> Iterator[Comparable]:
    """Yield the texts made ready for comparison, in order."""
    for listed in batches(texts):
        batch = letters(listed)
        shingles = shingle(batch)
        bounds = np.searchsorted(shingles.owner, np.arange(len(listed) + 1))
        for index, (profile, found) in enumerate(
            zip(_profiles(listed, batch), sentences_of(batch, listed), strict=True)
        ):
            yield Comparable(profile, distinct(shingles.hashes[bounds[index] : bounds[index + 1]]), found)


def profiles(texts: Iterable[str]) -> Iterator[Profile]:
    """Yield what ``relation_of_near`` needs of the texts, in order."""
    for listed in batches(texts):
        yield from _profiles(listed, letters(listed))


def _profiles(texts: Sequence[str], batch: Letters) -> Iterator[Profile]:
    slots = find_slots(batch)
    masked, bounds = masked_codes(batch, slots)
    counted = histograms(batch)
    for index, (text, values) in enumerate(zip(texts, slot_values(batch, slots), strict=True)):
        own = None
        if sum(end - start for start, end in quotations(text)) >= QUOTED * len(text) > 0:
            own = shingle_set(own_words(text))
        counts: SlotCounts = tuple({} for _ in _SLOT_LIMITS)
        for value in values.tolist():
            kind = counts[value >> 29]
            kind[value] = kind.get(value, 0) + 1
        codes = batch.text_codes(index)
        yield Profile(codes, counted[index], counts, masked[bounds[index] : bounds[index + 1]].tobytes(), own)


def compare(left: Comparable, right: Comparable) -> Comparison:
    """Return what the two texts share and what they are to each other."""
    similarity, containment = overlap(left.shingles, right.shingles)
    count, shared_letters, total = shared_sentences(left.sentences, right.sentences)
    shared = shared_letters / max(total, 1)
    smaller, larger = sorted((len(left.shingles), len(right.shingles)))
    whole = containment >= WHOLE and smaller <= SMALLER * larger
    relation = ""
    if similarity >= NEAR:
        relation = relation_of_near(left.profile, right.profile)
    elif is_partial(count, shared_letters, total) or (whole and smaller >= MIN_LENGTH):
        relation = "partial"
    elif similarity >= REVIEW:
        relation = "quotation" if _only_quote(left.profile, right.profile) else "review"
    return Comparison(similarity, containment, shared, relation, whole)


def relation_of_near(left: Profile, right: Profile) -> str:
    """Return what two texts whose similarity is at least NEAR are to each other: copy, variant or quotation."""
    if _only_quote(left, right):
        return "quotation"
    if left.masked == right.masked or slots_differ(left.slots, right.slots):
        return "variant"
    if may_be_filled_in(left.letters, right.letters) and filled_in(left.codes, right.codes):
        return "variant"
    return "copy"


def _only_quote(left: Profile, right: Profile) -> bool:
    if left.own is None or right.own is None or min(len(left.own), len(right.own)) < MIN_LENGTH:
        return False
    return overlap(left.own, right.own)[0] < REVIEW


def slots_differ(left: SlotCounts, right: SlotCounts) -> bool:
    """Return whether the texts name different places, platforms, days or numbers: so few of one kind are common that
    it is not the same thing they speak of, or what one repeats the other replaces by something else that it repeats. A
    kind that one of them lacks says nothing."""
    for kind, (least, share) in _SLOT_LIMITS.items():
        mine, theirs = left[kind], right[kind]
        if mine == theirs:
            continue
        fewer = min(sum(mine.values()), sum(theirs.values()))
        common = sum(min(count, theirs.get(value, 0)) for value, count in mine.items())
        if fewer >= least and common < share * fewer:
            return True
        if _repeats_another(mine, theirs) and _repeats_another(theirs, mine):
            return True
    return False


def _repeats_another(mine: dict[int, int], theirs: dict[int, int]) -> bool:
    return any(count >= _REPEATED and value not in theirs for value, count in mine.items())

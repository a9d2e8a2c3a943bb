"""What a template fills in: places, platforms, numbers, days and 【】, found, masked and compared.

Two pages that are equal once these are masked are variants of one template: 甘肃网贷逾期 and 湖南网贷逾期 (overdue online
loans in Gansu, in Hunan). A variant is no copy, since the place may be what the page is about; it shares a template id
and stays visible. Spans are found in whole batches of texts: a table of two-letter beginnings, then a word list.
Source: place names GB/T 2260-2007, ``slots.tsv``; the list is small on purpose, the comparison does without it where a
copy changed more than its slots.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from corpus.letters import CLOSE, MASKS, OPEN, POINT, Codes, Letters, Positions, encode

BRACKET, PLATFORM, PLACE, DAY, NUMBER = range(5)  # kinds of slots, the first wins where two overlap
KINDS = ("bracket", "platform", "place", "day", "number")
LONGEST_BRACKET = 20  # letters; longer text in 【】 is a heading, not a filled-in name (chosen)
MAX_VALUES = 1_000  # slot values kept of one text
_MIX = np.uint64(0x9E3779B97F4A7C15)
_KIND_OF_WORD = {"platform": PLATFORM, "place": PLACE, "day": DAY}
# What a code may be: part of a number; a Chinese numeral, a number before a unit (一 alone is in 一些, some); a unit, of a
# day; the first or second code of a listed word; what may follow a place and belong to it.
_DIGIT, _NUMERAL, _UNIT, _DAY_UNIT, _FIRST, _SECOND, _SUFFIX = (np.uint8(1 << bit) for bit in range(7))
_SUFFIXES = "省市县区州盟"


@dataclass(frozen=True, slots=True)
class Slots:
    """Spans of a batch's codes that a template may have filled in, in order, none overlapping."""

    starts: Positions
    ends: Positions
    kinds: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Words:
    """The listed words. pairs: (2^16,), by hash of the first two codes. hashes: of each length of words, the shortest
    first, the hashes of its words, ascending; kinds: of each."""

    pairs: NDArray[np.bool_]
    lengths: tuple[int, ...]
    hashes: tuple[NDArray[np.uint64], ...]
    kinds: tuple[NDArray[np.int64], ...]


@cache
def _words() -> _Words:
    by_length: dict[int, dict[int, int]] = {}
    pairs = np.zeros(1 << 16, dtype=np.bool_)
    for word, kind in _listed_words().items():
        codes = encode(word)
        pairs[_pair_hash(codes[:1], codes[1:2])] = True
        by_length.setdefault(len(codes), {})[int(_run_hashes(codes[None])[0, -1])] = kind
    lengths = tuple(sorted(by_length))
    tables = [sorted(by_length[length].items()) for length in lengths]
    hashes = tuple(np.array([each for each, _ in table], dtype=np.uint64) for table in tables)
    return _Words(pairs, lengths, hashes, tuple(np.array([kind for _, kind in table]) for table in tables))


def _run_hashes(codes: Codes) -> NDArray[np.uint64]:
    """The hash of each beginning of each row of codes, of the same shape."""
    hashes = codes.astype(np.uint64)
    hashes[:, 0] *= _MIX
    for column in range(1, codes.shape[1]):
        hashes[:, column] = (hashes[:, column] + hashes[:, column - 1]) * _MIX
    return hashes


def _listed_words() -> dict[str, int]:
    """The words of ``slots.tsv`` and their kinds."""
    lines = files("corpus").joinpath("slots.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {word: _KIND_OF_WORD[kind] for kind, word in rows}


def _pair_hash(first: Codes, second: Codes) -> NDArray[np.uint32]:
    pairs = first.astype(np.uint32) << np.uint32(16) | second
    return pairs * np.uint32(0x9E3779B1) >> np.uint32(16)


def find_slots(batch: Letters) -> Slots:
    """Return the slots of all texts of the batch."""
    taken = np.zeros(len(batch.codes), dtype=np.bool_)
    classes = _classes()[batch.codes]
    found = [_brackets(batch, taken), _listed(batch, classes, taken), _numbers(batch, classes, taken)]
    starts, ends, kinds = (np.concatenate([each[part] for each in found]) for part in range(3))
    order = np.argsort(starts, kind="stable")
    return Slots(starts[order], ends[order], kinds[order])


_Spans = tuple[Positions, Positions, NDArray[np.int64]]


def _spans(starts: Sequence[int], ends: Sequence[int], kinds: Sequence[int]) -> _Spans:
    return np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64), np.array(kinds, dtype=np.int64)


def _brackets(batch: Letters, taken: NDArray[np.bool_]) -> _Spans:
    marks = np.flatnonzero((batch.raw == OPEN) | (batch.raw == CLOSE))
    starts, ends = [], []
    texts = np.searchsorted(batch.raw_starts, marks, "right")
    paired = (batch.raw[marks[:-1]] == OPEN) & (batch.raw[marks[1:]] == CLOSE) & (texts[:-1] == texts[1:])
    for at in np.flatnonzero(paired).tolist():
        start, end = int(batch.kept_before[marks[at]]), int(batch.kept_before[marks[at + 1]])
        if start < end <= start + LONGEST_BRACKET:
            starts.append(start)
            ends.append(end)
            taken[start:end] = True
    return _spans(starts, ends, [BRACKET] * len(starts))


def _listed(batch: Letters, classes: NDArray[np.uint8], taken: NDArray[np.bool_]) -> _Spans:
    """Listed words that nothing else has taken, the longest from each letter, those further left first."""
    words, codes = _words(), batch.codes
    hits = np.flatnonzero((classes[:-1] << 1 & classes[1:] & _SECOND) != 0)
    hits = hits[words.pairs[_pair_hash(codes[hits], codes[hits + 1])] & ~taken[hits]]
    limits = batch.starts[np.searchsorted(batch.starts, hits, "right")]
    beyond = hits[:, None] + np.arange(words.lengths[-1])
    runs = _run_hashes(codes[np.minimum(beyond, len(codes) - 1)])
    ends, kinds = np.zeros_like(hits), np.zeros_like(hits)
    for length, hashes, of_words in zip(words.lengths, words.hashes, words.kinds, strict=True):
        place = np.minimum(np.searchsorted(hashes, runs[:, length - 1]), len(hashes) - 1)
        found = (hashes[place] == runs[:, length - 1]) & (hits + length <= limits)
        ends[found], kinds[found] = hits[found] + length, of_words[place[found]]
    suffixed = (kinds == PLACE) & (ends < limits)
    suffixed[suffixed] = classes[ends[suffixed]] & _SUFFIX != 0
    ends += suffixed  # 甘肃省 is one place
    known = ends > hits
    return _apart(hits[known], ends[known], kinds[known], taken)


def _apart(starts: Positions, ends: Positions, kinds: NDArray[np.int64], taken: NDArray[np.bool_]) -> _Spans:
    """Those of the spans that overlap neither what is taken nor one further left; they are taken then."""
    if (starts[1:] < ends[:-1]).any() or taken[ends - 1].any():
        kept, free = [], 0
        for at, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            if start >= free and not taken[start:end].any():
                kept.append(at)
                free = end
        starts, ends, kinds = starts[kept], ends[kept], kinds[kept]
    taken[_inside(starts, ends)] = True
    return starts, ends, kinds


def _inside(starts: Positions, ends: Positions) -> Positions:
    """All places of the spans, in order."""
    lengths = ends - starts
    places: Positions = np.arange(lengths.sum()) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return places


def _numbers(batch: Letters, classes: NDArray[np.uint8], taken: NDArray[np.bool_]) -> _Spans:
    """Runs of digits, and of Chinese numerals before a unit, that nothing else has taken."""
    places = np.flatnonzero(classes & (_DIGIT | _NUMERAL))
    places = places[~taken[places]]
    if not len(places):
        return _spans([], [], [])
    text_starts = np.zeros(len(classes) + 1, dtype=np.bool_)
    text_starts[batch.starts] = True
    sort = classes[places] & _DIGIT
    begins = np.ones(len(places), dtype=np.bool_)
    begins[1:] = (np.diff(places) > 1) | (sort[1:] != sort[:-1]) | text_starts[places[1:]]
    first = np.flatnonzero(begins)
    starts, ends = places[first], places[np.append(first[1:], len(places)) - 1] + 1
    after = np.where(text_starts[ends], 0, classes[np.minimum(ends, len(classes) - 1)])
    wanted = (sort[first] | (after & _UNIT)) > 0
    starts, ends, after = starts[wanted], ends[wanted], after[wanted]
    return starts, ends, np.where(after & _DAY_UNIT, DAY, NUMBER)


@cache
def _classes() -> NDArray[np.uint8]:
    """(65536,): what a code may be to a slot, bits of _DIGIT to _SUFFIX."""
    table = np.zeros(0x10000, dtype=np.uint8)
    table[encode("0123456789")] = _DIGIT
    table[POINT] = _DIGIT  # inside a number; elsewhere it is no letter
    table[encode("零〇一二两三四五六七八九十百千万亿")] = _NUMERAL
    table[encode("年月日号天期元倍成")] |= _UNIT
    table[encode("年月日号")] |= _DAY_UNIT
    begun = np.stack([encode(word)[:2] for word in _listed_words()])
    table[begun[:, 0]] |= _FIRST
    table[begun[:, 1]] |= _SECOND
    table[encode(_SUFFIXES)] |= _SUFFIX
    return table


def masked_codes(batch: Letters, slots: Slots | None = None) -> tuple[Codes, Positions]:
    """Return the codes of the batch with one code of its kind for each slot, and where each text begins in them,
    (n_texts + 1,)."""
    found = slots or find_slots(batch)
    masked = batch.codes.copy()
    masked[found.starts] = (MASKS + found.kinds).astype(np.uint16)
    kept = np.ones(len(masked), dtype=np.bool_)
    kept[_inside(found.starts + 1, found.ends)] = False
    dropped = np.append(0, np.cumsum(found.ends - found.starts - 1))
    return masked[kept], batch.starts - dropped[np.searchsorted(found.starts, batch.starts)]


def slot_values(batch: Letters, slots: Slots | None = None) -> list[NDArray[np.uint32]]:
    """Return for each text the values of its slots, ascending, repeats included: three bits of kind, 29 of hash.

    甘肃省 and 甘肃 are one value. At most MAX_VALUES a text, the least: a page of numbers costs no more.
    """
    slots = slots or find_slots(batch)
    lengths = slots.ends - slots.starts
    lengths -= (slots.kinds == PLACE) & (lengths > 2) & (_classes()[batch.codes[slots.ends - 1]] & _SUFFIX != 0)
    if not len(lengths):
        return [np.zeros(0, dtype=np.uint32) for _ in batch.lengths]
    place = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    codes = batch.codes[place + np.repeat(slots.starts, lengths)].astype(np.uint64)
    mixed = (codes | (place.astype(np.uint64) << np.uint64(16))) * _MIX
    mixed ^= mixed >> np.uint64(29)
    sums = np.add.reduceat(mixed * _MIX, np.cumsum(lengths) - lengths) * _MIX
    values = (sums >> np.uint64(35) | slots.kinds.astype(np.uint64) << np.uint64(29)).astype(np.uint32)
    edges = np.searchsorted(slots.starts, batch.starts)
    return [np.sort(values[low:high])[:MAX_VALUES] for low, high in itertools.pairwise(edges)]

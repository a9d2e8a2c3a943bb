"""What a template fills in: places, platforms, numbers, days and 【】, found, masked and compared.

Two pages that are equal once these are masked are variants of one template: 甘肃网贷逾期 and 湖南网贷逾期 (overdue online
loans in Gansu, in Hunan). A variant is no copy, since the place may be what the page is about; it shares a template id
and stays visible. Spans are found in whole batches of texts: a table of two-letter beginnings, then a word list.
Source: place names GB/T 2260-2007, ``slots.tsv``; the list is small on purpose, the comparison does without it where a
copy changed more than its slots.
"""

from __future__ import annotations

import itertools
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
_SUFFIXES = frozenset(encode("省市县区州盟").tolist())  # may follow a place and belong to it
_DAY_UNITS = encode("年月日号")
_UNITS = encode("年月日号天期元倍成")  # make a Chinese numeral a number; 一 alone is in 一些 (some)
_NUMERALS = encode("零〇一二两三四五六七八九十百千万亿")


@dataclass(frozen=True, slots=True)
class Slots:
    """Spans of a batch's codes that a template may have filled in, in order, none overlapping."""

    starts: Positions
    ends: Positions
    kinds: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Words:
    kinds: dict[bytes, int]  # codes of a word as bytes -> kind
    beginnings: NDArray[np.bool_]  # (2^20,), by hash of the first two codes
    lengths: dict[bytes, tuple[int, ...]]  # first two codes as bytes -> lengths of the words that begin so, descending


@cache
def _words() -> _Words:
    kinds: dict[bytes, int] = {}
    beginnings = np.zeros(1 << 20, dtype=np.bool_)
    lengths: dict[bytes, tuple[int, ...]] = {}
    for line in files("corpus").joinpath("slots.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, word = line.split("\t")
            codes = encode(word)
            kinds[codes.tobytes()] = _KIND_OF_WORD[kind]
            beginnings[_pair_hash(codes[:1], codes[1:2])] = True
            first = codes[:2].tobytes()
            lengths[first] = tuple(sorted({len(codes), *lengths.get(first, ())}, reverse=True))
    return _Words(kinds, beginnings, lengths)


def _pair_hash(first: Codes, second: Codes) -> NDArray[np.uint32]:
    pairs = first.astype(np.uint32) << np.uint32(16) | second
    return pairs * np.uint32(0x9E3779B1) >> np.uint32(12)


def find_slots(batch: Letters) -> Slots:
    """Return the slots of all texts of the batch."""
    taken = np.zeros(len(batch.codes), dtype=np.bool_)
    found = [_brackets(batch, taken), _listed(batch, taken), _numbers(batch, taken)]
    starts, ends, kinds = (np.concatenate([each[part] for each in found]) for part in range(3))
    order = np.argsort(starts, kind="stable")
    return Slots(starts[order], ends[order], kinds[order])


_Spans = tuple[Positions, Positions, NDArray[np.int64]]


def _spans(spans: list[tuple[int, int, int]]) -> _Spans:
    table = np.array(spans, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _brackets(batch: Letters, taken: NDArray[np.bool_]) -> _Spans:
    marks = np.flatnonzero((batch.raw == OPEN) | (batch.raw == CLOSE))
    spans = []
    texts = np.searchsorted(batch.raw_starts, marks, "right")
    paired = (batch.raw[marks[:-1]] == OPEN) & (batch.raw[marks[1:]] == CLOSE) & (texts[:-1] == texts[1:])
    for at in np.flatnonzero(paired).tolist():
        start, end = int(batch.kept_before[marks[at]]), int(batch.kept_before[marks[at + 1]])
        if start < end <= start + LONGEST_BRACKET:
            spans.append((start, end, BRACKET))
            taken[start:end] = True
    return _spans(spans)


def _listed(batch: Letters, taken: NDArray[np.bool_]) -> _Spans:
    words, codes = _words(), batch.codes
    spans: list[tuple[int, int, int]] = []
    if len(codes) < 2:
        return _spans(spans)
    hits = np.flatnonzero(words.beginnings[_pair_hash(codes[:-1], codes[1:])] & ~taken[:-1])
    clear = not taken.any()
    limits = batch.starts[np.searchsorted(batch.starts, hits, "right")]
    stored, kinds, free = codes.tobytes(), words.kinds, 0
    for start, limit in zip(hits.tolist(), limits.tolist(), strict=True):
        if start < free:
            continue
        for length in words.lengths.get(stored[2 * start : 2 * start + 4], ()):
            end = start + length
            kind = kinds.get(stored[2 * start : 2 * end])
            if kind is not None and end <= limit:
                if kind == PLACE and end < limit and int(codes[end]) in _SUFFIXES:
                    end += 1  # 甘肃省 is one place
                if clear or not taken[start:end].any():
                    spans.append((start, end, kind))
                    free = end
                break
    found = _spans(spans)
    depth = np.zeros(len(codes) + 1, dtype=np.int8)
    depth[found[0]] += 1
    depth[found[1]] -= 1
    taken |= np.cumsum(depth[:-1], dtype=np.int8) > 0
    return found


def _numbers(batch: Letters, taken: NDArray[np.bool_]) -> _Spans:
    """Runs of digits, and of Chinese numerals before a unit, that nothing else has taken."""
    codes = batch.codes
    lookup = _numeral_table()[codes]
    lookup[taken] = 0
    edge = np.zeros(len(codes) + 1, dtype=np.bool_)
    edge[batch.starts] = True
    edge[1:-1] |= lookup[1:] != lookup[:-1]
    bounds = np.flatnonzero(edge)
    starts, ends = bounds[:-1], bounds[1:]
    kind_of_run = lookup[starts] if len(starts) else lookup[:0]
    following = np.zeros(len(codes) + 1, dtype=np.uint16)
    following[:-1] = codes
    text_ends = np.zeros(len(codes) + 1, dtype=np.bool_)
    text_ends[batch.starts] = True
    after = np.where(text_ends[ends], 0, following[ends])
    wanted = (kind_of_run == 1) | ((kind_of_run == 2) & np.isin(after, _UNITS))
    starts, ends, after = starts[wanted], ends[wanted], after[wanted]
    return starts, ends, np.where(np.isin(after, _DAY_UNITS), DAY, NUMBER)


@cache
def _numeral_table() -> NDArray[np.uint8]:
    """(65536,): 1 for digits and the point inside a number, 2 for Chinese numerals, else 0."""
    table = np.zeros(0x10000, dtype=np.uint8)
    table[ord("0") : ord("9") + 1] = 1
    table[POINT] = 1
    table[_NUMERALS] = 2
    return table


def masked_codes(batch: Letters, slots: Slots | None = None) -> tuple[Codes, Positions]:
    """Return the codes of the batch with one code of its kind for each slot, and where each text begins in them,
    (n_texts + 1,)."""
    found = slots or find_slots(batch)
    masked = batch.codes.copy()
    masked[found.starts] = (MASKS + found.kinds).astype(np.uint16)
    # +1 after a slot's first letter, -1 after its last: what lies between is dropped.
    depth = np.zeros(len(masked) + 2, dtype=np.int64)
    depth[found.starts + 1] += 1
    depth[np.maximum(found.ends, found.starts + 1)] -= 1
    kept = np.cumsum(depth)[: len(masked)] == 0
    before = np.zeros(len(masked) + 1, dtype=np.int64)
    np.cumsum(kept, out=before[1:])
    return masked[kept], before[batch.starts]


def slot_values(batch: Letters, slots: Slots | None = None) -> list[NDArray[np.uint32]]:
    """Return for each text the values of its slots, ascending, repeats included: three bits of kind, 29 of hash.

    甘肃省 and 甘肃 are one value. At most MAX_VALUES a text, the least: a page of numbers costs no more.
    """
    slots = slots or find_slots(batch)
    lengths = slots.ends - slots.starts
    lengths -= (slots.kinds == PLACE) & (lengths > 2) & np.isin(batch.codes[slots.ends - 1], list(_SUFFIXES))
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

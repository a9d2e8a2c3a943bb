"""Two near-duplicates in, whether they are one template with another name filled in, out: for names in no list.

米粒借 and 云朵钱包 (invented lenders) stand in no gazetteer, but where one text has the first, each time, and its twin the
second, the texts are variants. The twins are aligned on the runs of four letters that each holds once; what differs
between two such anchors is a replacement. One that is consistent, short and seen again and again is a filled-in name; a
spun text replaces many words, and some of their occurrences only.
Source: anchors as in Patience Diff (Cohen); the limits are measured in docs/duplicates.md.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.letters import Codes, Letters

ANCHOR = 4  # letters
LONGEST = 12  # letters of a filled-in name
MAX_NAMES = 3  # names that differ between two variants; more is rewording
MAX_ALIGNED = 20_000  # letters aligned of each text, the first
BUCKETS = 1_024  # of the histogram that tells cheaply whether aligning is worth while
_FEW_LETTERS = 32  # so little changed that even one replacement says something
# What names of lenders and loan products end in, unless the ending begins an ordinary word (贷款 loan, 借款 borrow).
_LENDER = re.compile(
    r".{0,2}?(?:分期|钱包|白条|金融|普惠|借(?![款钱贷人给出入据用])|贷(?![款记前后方人])|花(?![费销钱]))"
)

Histogram = NDArray[np.int16]


def histograms(batch: Letters) -> NDArray[np.int16]:
    """Return how often letters of each bucket stand in each text, (n_texts, BUCKETS)."""
    cells = (batch.codes & np.uint16(BUCKETS - 1)) + np.repeat(np.arange(len(batch.lengths)) * BUCKETS, batch.lengths)
    counts = np.bincount(cells, minlength=len(batch.lengths) * BUCKETS)
    return np.minimum(counts, 0x7FFF).astype(np.int16).reshape(-1, BUCKETS)


def may_be_filled_in(left: Histogram, right: Histogram) -> bool:
    """Return whether the letters that differ look like names: some missing and some new, few, or several times each."""
    change = left - right
    sizes = np.abs(change)
    total = int(sizes.sum())
    if total == 0 or change.min() >= 0 or change.max() <= 0:
        return False
    repeated = sizes >= 2
    return total <= _FEW_LETTERS or int(sizes[repeated].sum()) * 2 >= total


def filled_in(left: Codes, right: Codes) -> bool:
    """Return whether the texts differ by names, each replaced by another one throughout, and by little else."""
    one, other = left[:MAX_ALIGNED], right[:MAX_ALIGNED]
    edits = Counter(replacements(one, other))
    named = [pair for pair in edits if all(pair) and max(map(len, pair)) <= LONGEST]
    before, after = Counter(pair[0] for pair in named), Counter(pair[1] for pair in named)
    texts = _text(one), _text(other)
    names = {
        pair: edits[pair]
        for pair in named
        if before[pair[0]] == after[pair[1]] == 1 and pair[0] not in texts[1] and pair[1] not in texts[0]
    }
    sure = {
        pair: count
        for pair, count in names.items()
        if (count >= 2 and min(map(len, pair)) >= 2) or _of_lender(pair, texts)
    }
    if not 1 <= len(sure) <= MAX_NAMES:
        return False
    often = any(count >= 3 and min(map(len, pair)) >= 2 for pair, count in sure.items())
    # Damage takes letters out; a spinner puts words in the place of words, some of them throughout.
    counted = sum(count for pair, count in edits.items() if all(pair)) if often else edits.total()
    return sum(sure.values()) * 2 >= counted


def _of_lender(pair: tuple[str, str], texts: tuple[str, str]) -> bool:
    for name, text in zip(pair, texts, strict=True):
        at = text.find(name)
        if not _LENDER.match(text, at + max(0, len(name) - 2)):
            return False
    return True


def replacements(left: Codes, right: Codes) -> Iterator[tuple[str, str]]:
    """Yield what stands between the anchors that both texts hold, in order: (left, right), one of them maybe empty."""
    one, other = _text(left), _text(right)
    here, there = (
        np.append(each, len(codes)) for each, codes in zip(_anchors(left, right), (left, right), strict=True)
    )
    before, after = (np.append(0, each[:-1] + ANCHOR) for each in (here, there))
    # An anchor that begins where the last one ends, or overlaps it by as much in both texts, leaves nothing between.
    same = (here - before == there - after) & (here <= before)
    table = np.stack([before, here, after, there])[:, ~same]
    for start, end, begin, stop in table.T.tolist():
        if end < start or stop < begin:  # the anchors overlap unevenly: something was put in or left out
            if end - start != stop - begin:
                yield "", other[stop : stop + 1]
        else:
            yield from _trimmed(one[max(start - 1, 0) : start], one[start:end], other[begin:stop])


def _trimmed(lead: str, left: str, right: str) -> Iterator[tuple[str, str]]:
    """What differs between two stretches; of a single letter, with the one before it, for 芽 alone says little."""
    if left == right:
        return
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    before, after = left[start : len(left) - end], right[start : len(right) - end]
    if before and after and min(len(before), len(after)) == 1:
        lead = left[start - 1] if start else lead
        before, after = lead + before, lead + after
    yield before, after


def _anchors(left: Codes, right: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the runs that each text holds once, the longest series that is in order in both."""
    (keys, places), (others, other_places) = _once(left), _once(right)
    _, here, there = np.intersect1d(keys, others, assume_unique=True, return_indices=True)
    order = np.argsort(places[here])
    here, there = places[here][order], other_places[there][order]
    chosen = _longest_rising(there.tolist()) if (there[1:] < there[:-1]).any() else slice(None)
    return here[chosen], there[chosen]


def _longest_rising(values: Sequence[int]) -> list[int]:
    """Return the places of a longest rising series of distinct values. Source: patience sorting (Fredman 1975)."""
    ends: list[int] = []  # least end of a rising series of each length
    tops: list[int] = []
    previous: list[int] = []
    for at, value in enumerate(values):
        length = bisect_left(ends, value)
        previous.append(tops[length - 1] if length else -1)
        ends[length : length + 1] = [value]
        tops[length : length + 1] = [at]
    chosen, at = [], tops[-1]
    while at >= 0:
        chosen.append(at)
        at = previous[at]
    return chosen[::-1]


def _once(codes: Codes) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The runs of ANCHOR letters that stand in a text once, ascending, and their places."""
    if len(codes) < ANCHOR:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    wide = codes.astype(np.uint64)
    keys = np.zeros(len(codes) - ANCHOR + 1, dtype=np.uint64)
    for offset in range(ANCHOR):
        keys |= wide[offset : len(codes) - ANCHOR + 1 + offset] << np.uint64(16 * offset)
    found, places, counts = np.unique(keys, return_index=True, return_counts=True)
    return found[counts == 1], places[counts == 1]


def _text(codes: Codes) -> str:
    return codes.astype("<u2").tobytes().decode("utf-16-le", "surrogatepass")

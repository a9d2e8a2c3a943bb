"""Hashes of any span of a text in three array operations: in go code points, out come 24-bit numbers.

With prefix sums S[i] = sum(code[j] * P**j, j < i) modulo 2**64 the hash of text[s:e] is (S[e] - S[s]) * P**-s, mixed.
Hashing trick: Weinberger et al. 2009.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

LONGEST = 5_300  # characters of title and text together
BLANK, DIGIT = 32, ord("0")  # what all white space and all digits are folded to

# What a thing counts that occurs so many times, in title and text together: 1 + log(times).
GROWTH = 1 + np.log(np.maximum(1, np.arange(2 * LONGEST)))

_PRIME = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64 (golden ratio, Knuth)
_MASK64 = (1 << 64) - 1


@cache
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return P**i and P**-i for every place of the longest input."""
    inverse = pow(_PRIME, -1, 1 << 64)
    forward, backward = [1], [1]
    for _ in range(LONGEST):
        forward.append(forward[-1] * _PRIME & _MASK64)
        backward.append(backward[-1] * inverse & _MASK64)
    return np.array(forward, dtype=np.uint64), np.array(backward, dtype=np.uint64)


@cache
def _folded() -> NDArray[np.uint32]:
    """Return what each code point is folded to."""
    table = np.arange(0x110000, dtype=np.uint32)
    table[ord("0") : ord("9") + 1] = DIGIT
    table[ord("A") : ord("Z") + 1] += ord("a") - ord("A")
    table[: BLANK + 1] = table[[0x3000, 0xA0]] = BLANK
    return table


def fold(text: str) -> NDArray[np.uint64]:
    """Return code points with digits as 0, Latin letters lower, and white space as one code."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    return _folded().take(codes).astype(np.uint64)


def code_classes(classes: Sequence[str]) -> NDArray[np.uint8]:
    """Return the class of each code point, counting from 1; 0 for the others, and for all beyond the table (mode="clip")."""
    table = np.zeros(0x10001, dtype=np.uint8)
    for number, characters in enumerate(classes, 1):
        table[[ord(character) for character in characters]] = number
    return table


def mixed(raw: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return hashes of 24 bits (the finaliser of splitmix64)."""
    found = raw * np.uint64(_PRIME)
    found ^= found >> np.uint64(29)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found >>= np.uint64(40)
    return found.view(np.int64)


def prefix_sums(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the sums that ``raw_spans`` needs, shape (len(codes) + 1,); at most LONGEST codes."""
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    (codes * _powers()[0][: len(codes)]).cumsum(out=sums[1:])
    return sums


def raw_spans(sums: NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return 64 bits for each span of the text with these prefix sums: two spans that differ hardly ever share them.

    What goes beyond the end of the text is cut short.
    """
    found: NDArray[np.uint64] = (sums.take(ends, mode="clip") - sums.take(starts)) * _powers()[1].take(starts)
    return found


def raw_steps(sums: NDArray[np.uint64], size: int, step: int) -> NDArray[np.uint64]:
    """Return ``raw_spans`` of the spans of so many characters that start a step apart, the last possible one left out."""
    end = max(0, len(sums) - 1 - size)
    starts = sums[:end:step]
    found: NDArray[np.uint64] = (sums[size : size + end : step] - starts) * _powers()[1][:end:step]
    return found


def pairs(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return all pairs of neighbours as one number each, shape (len(codes) - 1,), not yet mixed."""
    joined: NDArray[np.uint64] = (codes[:-1] << np.uint64(21)) | codes[1:]
    return joined


def hash_words(words: list[str]) -> NDArray[np.uint64]:
    """Return what ``raw_spans`` gives each of these words, wherever it stands in a text."""
    codes = fold("".join(words))
    lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    ends = np.cumsum(lengths)
    starts = ends - lengths
    found = np.empty(len(words), dtype=np.uint64)
    first = 0
    while first < len(words):  # as many words at once as the powers reach
        last = int(np.searchsorted(ends, starts[first] + LONGEST, side="right"))
        low = starts[first]
        sums = prefix_sums(codes[low : ends[last - 1]])
        found[first:last] = raw_spans(sums, starts[first:last] - low, ends[first:last] - low)
        first = last
    return found

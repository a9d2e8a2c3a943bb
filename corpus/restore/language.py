"""A character trigram model of Simplified Chinese: log-probabilities for the searches that damaged bytes leave open.

The table ``data/language.npz`` is written by ``python -m corpus.restore.build_language`` from text and word lists that
packages ship. Two hashed tables hold the interpolated probabilities (absolute discounting, Ney, Essen & Kneser 1994):
bigrams with a back-off weight each, trigrams without. A key missing from a table backs off. Sixteen fingerprint bits a
key let about one lookup in 16,000 of an absent key answer with another key's value, which only ranks guesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError

MODEL_FILE = Path(__file__).with_name("data") / "language.npz"
FORMAT = 1
SLOTS = 4  # keys a bucket
STEP = 1 / 16  # nats a quantised unit; a byte reaches down to -15.9
LIMIT = 1 << 16  # characters beyond the Basic Multilingual Plane are unknown

UNKNOWN = 0
BOUNDARY = 1  # start or end of a line
DIGIT = 2
LETTER = 3
SPACE = 4
FIRST_CHARACTER = 5

# Marks that stand for the same thing in full and half width share one symbol.
SAME_MARK = {
    "，": ",",
    "：": ":",
    "；": ";",
    "？": "?",
    "！": "!",
    "（": "(",
    "）": ")",
    "「": "“",
    "」": "”",
    "『": "‘",
    "』": "’",
    "［": "[",
    "］": "]",
    "％": "%",
    "—": "-",
    "－": "-",
    "･": "·",
    "•": "·",
}

Ids = NDArray[np.int64]
Scores = NDArray[np.float64]

_MIX_1 = np.uint64(0x9E3779B97F4A7C15)
_MIX_2 = np.uint64(0xBF58476D1CE4E5B9)


def mix(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well-spread 64-bit hashes of keys (the first rounds of splitmix64)."""
    mixed = keys * _MIX_1
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX_2
    mixed ^= mixed >> np.uint64(32)
    return mixed


def place(keys: NDArray[np.uint64], buckets: int) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """Return the bucket and the non-zero 16-bit fingerprint of each key."""
    mixed = mix(keys)
    bucket = ((mixed >> np.uint64(20)) % np.uint64(buckets)).astype(np.int64)
    print_ = (mixed & np.uint64(0xFFFF)).astype(np.uint16)
    return bucket, np.maximum(print_, np.uint16(1))


def bigram_key(first: Ids, second: Ids) -> NDArray[np.uint64]:
    return ((first << 14) | second).astype(np.uint64)


def trigram_key(first: Ids, second: Ids, third: Ids) -> NDArray[np.uint64]:
    return ((first << 28) | (second << 14) | third).astype(np.uint64)


def quantise(logarithm: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return log-probabilities as bytes; 0 stands for no entry."""
    quantised: NDArray[np.uint8] = np.clip(np.rint(logarithm / STEP) + 255, 1, 255).astype(np.uint8)
    return quantised


def _look_up(
    prints: NDArray[np.uint16], keys: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return (row, column, found) of each key in a hashed table."""
    row, print_ = place(keys, len(prints))
    hits = prints[row] == print_[..., None]
    return row, hits.argmax(axis=-1), hits.any(axis=-1)


_LOGARITHM = (np.arange(256) - 255) * STEP


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Log-probabilities (natural logarithms) of a character after two others."""

    symbol_of: NDArray[np.uint16]  # by code point
    unigrams: NDArray[np.float32]
    unigram_weights: NDArray[np.float32]  # what is left for characters never seen after this one
    bigram_prints: NDArray[np.uint16]  # (buckets, SLOTS)
    bigram_values: NDArray[np.uint8]
    bigram_weights: NDArray[np.uint8]
    trigram_prints: NDArray[np.uint16]
    trigram_values: NDArray[np.uint8]

    def symbols(self, text: str) -> Ids:
        """Return the symbol of each character."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return self.symbol_of[np.minimum(points, LIMIT - 1)].astype(np.int64)

    def after_one(self, first: Ids, second: Ids) -> Scores:
        """Return ln P(second | first), element by element."""
        row, column, found = _look_up(self.bigram_prints, bigram_key(first, second))
        value = _LOGARITHM[self.bigram_values[row, column]]
        return np.where(found, value, self.unigram_weights[first] + self.unigrams[second])

    def after_two(self, first: Ids, second: Ids, third: Ids) -> Scores:
        """Return ln P(third | first second), element by element of arrays of one dimension and length."""
        size = len(third)
        pairs = np.concatenate((bigram_key(second, third), bigram_key(first, second)))
        row, column, found = _look_up(self.bigram_prints, pairs)
        below = np.where(
            found[:size],
            _LOGARITHM[self.bigram_values[row[:size], column[:size]]],
            self.unigram_weights[second] + self.unigrams[third],
        )
        weight = np.where(found[size:], _LOGARITHM[self.bigram_weights[row[size:], column[size:]]], 0.0)
        row, column, found = _look_up(self.trigram_prints, trigram_key(first, second, third))
        return np.where(found, _LOGARITHM[self.trigram_values[row, column]], weight + below)

    def score(self, text: str) -> float:
        """Return ln P(text) as a whole line, its end included."""
        symbols = np.concatenate(([BOUNDARY, BOUNDARY], self.symbols(text), [BOUNDARY]))
        return float(self.after_two(symbols[:-2], symbols[1:-1], symbols[2:]).sum())

    def score_inside(self, text: str) -> float:
        """Return ln P of all characters but the first two, which are context; newlines are borders of lines."""
        symbols = self.symbols(text)
        symbols[[at for at, character in enumerate(text) if character == "\n"]] = BOUNDARY
        return float(self.after_two(symbols[:-2], symbols[1:-1], symbols[2:]).sum())


@cache
def language_model() -> LanguageModel:
    """Return the model that ships with the package. Raises ModelError when its file is missing, cut short or old."""
    try:
        with np.load(MODEL_FILE, allow_pickle=False) as file:
            if int(file["format"]) != FORMAT:
                raise ModelError(f"{MODEL_FILE.name} has another format: run python -m corpus.restore.build_language")
            return LanguageModel(**{name: file[name] for name in LanguageModel.__slots__})
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(f"{MODEL_FILE.name} cannot be read ({error}): reinstall cuishou") from error

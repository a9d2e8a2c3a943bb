"""A character trigram model of Simplified Chinese: log-probabilities for the searches that damaged bytes leave open.

The table ``data/language.npz`` is written by ``python -m corpus.restore.build_language`` from text and word lists that
packages ship. It is a trie, as in KenLM (Heafield 2011): the pairs of symbols in order, each with its interpolated
probability (absolute discounting, Ney, Essen & Kneser 1994), its back-off weight and the third symbols seen after it.
A trigram that is missing backs off to its last pair, a pair to its last symbol. Searches ask about a handful of symbols
at a time: look-ups in plain Python are several times faster there than numpy's.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from corpus.restore.characters import MOST_POINTS, table_places

MODEL_FILE = Path(__file__).with_name("data") / "language.npz"
FORMAT = 2
STEP = 1 / 16  # nats a quantised unit; a byte reaches down to -15.9
ROWS = 2048  # symbols whose followers are kept at hand, 6 KB each

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


def quantise(logarithm: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return log-probabilities as bytes; 0 stands for no entry."""
    quantised: NDArray[np.uint8] = np.clip(np.rint(logarithm / STEP) + 255, 1, 255).astype(np.uint8)
    return quantised


_LOGARITHM = tuple((value - 255) * STEP for value in range(256))


class Asked:
    """Two or more different symbols that the model is asked about together, again and again."""

    __slots__ = ("pick", "places", "unigrams")

    def __init__(self, symbols: Sequence[int]) -> None:
        self.places = {symbol: at for at, symbol in enumerate(symbols)}
        self.pick = itemgetter(*symbols)
        self.unigrams: tuple[float, ...] = self.pick(language_model().unigrams)


@dataclass(frozen=True, slots=True, eq=False)
class LanguageModel:
    """Log-probabilities (natural logarithms) of a character after two others.

    seconds, pair_values, pair_weights: one entry a pair of symbols, in order; those that begin with symbol s are
    [rows[s], rows[s + 1]). thirds, third_values: one entry a trigram, in order; those that begin with pair p are
    [starts[p], starts[p + 1]). Values are quantised.
    """

    symbol_of: array[int]  # by code point
    unigrams: tuple[float, ...]
    unigram_weights: tuple[float, ...]  # what is left for characters never seen after this one
    rows: array[int]
    seconds: array[int]
    pair_values: bytes
    pair_weights: bytes
    starts: array[int]
    thirds: array[int]
    third_values: bytes

    def symbols(self, text: str) -> NDArray[np.int64]:
        """Return the symbol of each character; a newline is unknown."""
        return np.frombuffer(self.symbol_of, np.uint16)[table_places(text)].astype(np.int64)

    def pair(self, first: int, second: int) -> int:
        """Return the place of a pair of symbols, or -1."""
        high = self.rows[first + 1]
        at = bisect_left(self.seconds, second, self.rows[first], high)
        return at if at < high and self.seconds[at] == second else -1

    def after_one(self, first: int, second: int) -> float:
        """Return ln P(second | first)."""
        pair = self.pair(first, second)
        return self.unigram_weights[first] + self.unigrams[second] if pair < 0 else _LOGARITHM[self.pair_values[pair]]

    def after_two(self, first: int, second: int, third: int) -> float:
        """Return ln P(third | first second)."""
        pair = self.pair(first, second)
        if pair < 0:
            return self.after_one(second, third)
        high = self.starts[pair + 1]
        at = bisect_left(self.thirds, third, self.starts[pair], high)
        if at < high and self.thirds[at] == third:
            return _LOGARITHM[self.third_values[at]]
        return _LOGARITHM[self.pair_weights[pair]] + self.after_one(second, third)

    def each_after_two(self, first: int, second: int, asked: Asked) -> list[float]:
        """Return ln P(third | first second) of several thirds."""
        pair = self.pair(first, second)
        weight = _LOGARITHM[self.pair_weights[pair]] if pair >= 0 else 0.0
        rest = weight + self.unigram_weights[second]
        values = [
            weight + _LOGARITHM[seen] if seen else rest + unigram
            for seen, unigram in zip(asked.pick(_row(second)), asked.unigrams, strict=True)
        ]
        if pair >= 0:
            for place in range(self.starts[pair], self.starts[pair + 1]):
                at = asked.places.get(self.thirds[place])
                if at is not None:
                    values[at] = _LOGARITHM[self.third_values[place]]
        return values

    def row(self, first: int) -> bytes:
        """Return the quantised ln P(second | first) of every symbol, 0 where the pair was never seen."""
        dense = np.zeros(len(self.unigrams), np.uint8)
        low, high = self.rows[first], self.rows[first + 1]
        dense[np.frombuffer(self.seconds, np.uint16)[low:high]] = np.frombuffer(self.pair_values, np.uint8)[low:high]
        return dense.tobytes()

    def context(self, text: str) -> list[int]:
        """Return the symbol of each character of a short text; newlines are borders of lines."""
        return [BOUNDARY if c == "\n" else self.symbol_of[min(ord(c), MOST_POINTS - 1)] for c in text]

    def score(self, text: str) -> float:
        """Return ln P(text) as a whole line, its end included."""
        return self.total([BOUNDARY, BOUNDARY, *self.symbols(text).tolist(), BOUNDARY])

    def score_inside(self, text: str) -> float:
        """Return ln P of all characters but the first two, which are context; newlines are borders of lines."""
        return self.total(self.context(text))

    def total(self, symbols: list[int]) -> float:
        """Return ln P of all symbols but the first two, which are context."""
        return sum(map(self.after_two, symbols, symbols[1:], symbols[2:]))


@lru_cache(maxsize=ROWS)
def _row(first: int) -> bytes:
    return language_model().row(first)


def _running(counts: NDArray[np.uint16]) -> array[int]:
    """Return where each of several runs of these lengths begins, and the end of the last."""
    return array("I", np.concatenate(([0], np.cumsum(counts))).astype(np.uint32).tobytes())


@cache
def language_model() -> LanguageModel:
    """Return the model that ships with the package. Raises ModelError when its file is missing, cut short or old."""
    try:
        with np.load(MODEL_FILE, allow_pickle=False) as file:
            if int(file["format"]) != FORMAT:
                raise ModelError(f"{MODEL_FILE.name} has another format: run python -m corpus.restore.build_language")
            return LanguageModel(
                symbol_of=array("H", file["symbol_of"].tobytes()),
                unigrams=tuple(file["unigrams"].tolist()),
                unigram_weights=tuple(file["unigram_weights"].tolist()),
                rows=_running(file["pair_counts"]),
                seconds=array("H", file["seconds"].tobytes()),
                pair_values=file["pair_values"].tobytes(),
                pair_weights=file["pair_weights"].tobytes(),
                starts=_running(file["third_counts"]),
                thirds=array("H", file["thirds"].tobytes()),
                third_values=file["third_values"].tobytes(),
            )
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(f"{MODEL_FILE.name} cannot be read ({error}): reinstall cuishou") from error

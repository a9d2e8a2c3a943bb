"""Kneser-Ney smoothing of counts of a text, interpolated with what a word model expects.

Counts of the text are discounted; expected counts are smooth already and are added whole. They know no marks: how
often one follows is left as the text has it. Pairs and triples that gain little over the shorter context are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.restore.language import BOUNDARY
from corpus.restore.word_model import Floats, Ints, binned, sums

DISCOUNT = 0.9  # of each count, given to what was never seen
MARKS_PRIOR = 20  # times that a context counts as seen with the marks of the shorter one
LEAST_GAIN = (1.0, 0.7)  # nats over the whole text that a pair, a triple has to gain to be kept
BITS = 14  # of a symbol
LOW = (1 << BITS) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Of the text and of the word model: counts of pairs and triples, by key (BITS a symbol), keys in order."""

    pairs: Ints
    pair_counts: Floats
    triples: Ints
    triple_counts: Floats


def key(*symbols: Ints) -> Ints:
    """Return symbols as one number, BITS each."""
    number = symbols[0]
    for symbol in symbols[1:]:
        number = number << BITS | symbol
    return number


def found(keys: Ints, wanted: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Return where each wanted number stands in keys (in order), and whether it does."""
    at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return at, keys[at] == wanted


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Probabilities of keys, and what their contexts leave to shorter ones."""

    keys: Ints
    chances: Floats
    contexts: Ints
    left: Floats

    def marks(self, is_mark: NDArray[np.bool_]) -> Floats:
        """Return the probability that a mark follows, by the context's own number."""
        marks = is_mark[self.keys & LOW]
        return binned(self.keys[marks] >> BITS, self.chances[marks], int(self.contexts[-1]) + 1)


def level(
    text: tuple[Ints, Floats],
    words: tuple[Ints, Floats],
    words_total: Callable[[Ints], Floats],
    below: Callable[[Ints], Floats],
    marks_below: Callable[[Ints], Floats],
    is_mark: NDArray[np.bool_],
    keeps: float | Ints,
) -> Level:
    """Return one order of the model: discounted counts of the text and expected counts of the words, interpolated.

    words_total: what the words give each context in all; below: the probability of a key's last symbols by the shorter
    context; marks_below: of any mark there; keeps: the keys to keep, or the nats a key has to gain over the whole text.
    """
    (text_keys, counts), (word_keys, weights) = text, words
    contexts, place = np.unique(np.concatenate([text_keys >> BITS, word_keys >> BITS]), return_inverse=True)
    size, here, there = len(contexts), place[: len(text_keys)], place[len(text_keys) :]
    seen = np.bincount(here, counts, size)
    expects = np.maximum(words_total(contexts), np.bincount(there, weights, size))
    mark = is_mark[text_keys & LOW]
    marks = np.bincount(here[mark], counts[mark], size) + MARKS_PRIOR * marks_below(contexts)
    share = np.minimum(marks / (seen + MARKS_PRIOR), 0.95)
    whole = expects / (1 - share)  # with the marks that the words lack
    numerators = np.maximum(counts - DISCOUNT, 0) + np.where(
        mark, counts * (whole * share / np.maximum(marks, 1e-9))[here], 0
    )
    keys, numerators = sums(np.concatenate([text_keys, word_keys]), np.concatenate([numerators, weights]))
    place = np.searchsorted(contexts, keys >> BITS)
    total = (seen + whole)[place]
    shares, lower = numerators / total, below(keys)
    if isinstance(keeps, float):
        rest = np.maximum(1 - np.bincount(place, shares, size), 1e-6)[place] * lower
        gains = total * (shares + rest) * (np.log(shares + rest) - np.log(np.maximum(rest, 1e-30)))
        kept = (gains >= keeps) & (numerators > 0)
    else:
        kept = found(keeps, keys)[1] & (numerators > 0)
    keys, shares, place, lower = keys[kept], shares[kept], place[kept], lower[kept]
    left = np.maximum(1 - np.bincount(place, shares, size), 1e-6)
    return Level(keys, shares + left[place] * lower, contexts, left)


def levels(text: Counts, words: Counts, alone: Floats, is_mark: NDArray[np.bool_]) -> tuple[Floats, Level, Level]:
    """Return the probabilities of single symbols, and the pairs and triples worth keeping.

    alone: how often the words have each symbol; is_mark: whether it is none that they know.
    """
    size = len(alone)
    # Kneser-Ney: what backs off is counted by how many different characters stand before it, not how often.
    at, _ = found(text.pairs, text.triples & (1 << 2 * BITS) - 1)
    types = np.bincount(at, np.minimum(text.triple_counts, 1.0), len(text.pairs)).astype(np.float64)
    starts = (text.pairs >> BITS) == BOUNDARY  # nothing stands before a line: its first character is counted as is
    types = np.where(starts | (types == 0), text.pair_counts, types)
    scale = types.sum() / text.pair_counts.sum()  # of expected counts, to weigh as much against these
    kinds = np.full(size, 0.05)
    for keys, counts in ((text.pairs, text.pair_counts), (words.pairs, words.pair_counts)):
        kinds += np.bincount(keys & LOW, np.minimum(counts, 1.0), size)
    ones = kinds / kinds.sum()
    marks = float(ones[is_mark].sum())

    def pairs_of(keeps: float | Ints) -> Level:
        return level(
            (text.pairs, types), (words.pairs, words.pair_counts * scale), lambda c: alone[c] * scale,
            lambda keys: ones[keys & LOW], lambda c: np.full(len(c), marks), is_mark, keeps,
        )  # fmt: skip

    def triples_of(pairs: Level) -> Level:
        rest = np.ones(size)
        rest[pairs.contexts] = pairs.left
        by_symbol = pairs.marks(is_mark)

        def below(keys: Ints) -> Floats:
            lower = keys & (1 << 2 * BITS) - 1
            at, there = found(pairs.keys, lower)
            return np.where(there, pairs.chances[at], rest[lower >> BITS] * ones[lower & LOW])

        def in_words(contexts: Ints) -> Floats:
            at, there = found(words.pairs, contexts)
            return np.where(there, words.pair_counts[at], 0.0)

        return level(
            (text.triples, text.triple_counts), (words.triples, words.triple_counts), in_words, below,
            lambda c: by_symbol[c & LOW], is_mark, LEAST_GAIN[1],
        )  # fmt: skip

    pairs = pairs_of(0.0)
    begins = np.unique(triples_of(pairs).keys >> BITS)
    keys, counts = sums(
        np.concatenate([text.pairs, words.pairs]), np.concatenate([text.pair_counts, words.pair_counts])
    )
    at, there = found(pairs.keys, keys)
    rest = np.ones(size)
    rest[pairs.contexts] = pairs.left
    gains = np.where(there, counts * np.log(pairs.chances[at] / (rest[keys >> BITS] * ones[keys & LOW])), 0.0)
    pairs = pairs_of(keys[(gains >= LEAST_GAIN[0]) | found(begins, keys)[1]])
    return ones, pairs, triples_of(pairs)

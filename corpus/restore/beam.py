"""The beam of a search through damaged bytes: ways to read a stretch so far, how each may go on, which to keep.

Ways are scored by the trigram model on the Simplified form and by the words that the page uses elsewhere.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from corpus.restore.characters import simple_forms
from corpus.restore.language import BOUNDARY, UNKNOWN, Asked, language_model

BEAM = 32  # states kept
WIDE = 150  # the same behind a lost pair, before what follows it tells the likely ones from the others
MANY = 3  # ways looked at for each state kept
GAP = 16.0  # nats behind the best at which a state is given up
SAME_TRIPLE = 4.0  # nats that a page adds to its own words
SAME_PAIR = 1.5
SYMBOL_BITS = 14
CLOSING = "。！？…；：”’）!?;:)"
LINE_ENDS = 0.003  # of the characters in the texts of the model that are no such marks end a line
KEPT = 2  # last characters of a way that decide how it goes on: of ways that share them only the best is kept
TEMPERATURE = 1.5  # of the scores when they are turned into a confidence: the model is surer than it is right

# What pends after a state's text: nothing, any lead byte, a lead byte (0..255), any w where (v, w) has no character
# (HOLE + v), or whatever stands behind a lead byte v that was shown as ``?`` (OPEN + v).
NOTHING = -1
ANY = -2
HOLE = 256
OPEN = 512


class State(NamedTuple):
    """One way to read a stretch so far."""

    score: float
    text: str  # decoded, from two characters before the stretch
    first: int  # symbols of its last two characters
    second: int
    pending: int = NOTHING
    guesses: int = 0  # lost pairs and lead bytes filled in by the model
    mass: float = 0.0  # ln of the sum over all ways that end like this one, at TEMPERATURE


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """How a state may go on: a character (or "") each, its symbol, its own penalty, and what pends after it.

    The model sees single characters only; asked are their different symbols, where there are several, and places says
    for each option which of these it is, or how many there are.
    """

    texts: tuple[str, ...]
    symbols: tuple[int, ...]  # UNSCORED for texts that the model does not see
    penalties: tuple[float, ...]
    pendings: tuple[int, ...]
    guesses: int = 0
    asked: Asked | None = None
    places: tuple[int, ...] = ()


UNSCORED = -1
NO_OPTIONS = Options((), (), (), ())


@cache
def symbol_of(character: str) -> int:
    """Return the model's symbol of a character's Simplified form."""
    return language_model().context(simple_forms().get(character, character))[0]


def options_of(choices: Sequence[tuple[str, int, float]], guesses: int = 0) -> Options:
    """Return options of (text, pending, penalty); of a longer text the model sees nothing."""
    if not choices:
        return NO_OPTIONS
    texts, pendings, penalties = zip(*choices, strict=True)
    symbols = tuple(symbol_of(text) if len(text) == 1 else UNSCORED for text in texts)
    different = tuple(dict.fromkeys(symbol for symbol in symbols if symbol != UNSCORED))
    if len(different) < 2:
        return Options(texts, symbols, penalties, pendings, guesses)
    asked = Asked(different)
    places = tuple(asked.places.get(symbol, len(different)) for symbol in symbols)
    return Options(texts, symbols, penalties, pendings, guesses, asked, places)


@dataclass(frozen=True, slots=True)
class Words:
    """The character bigrams, in order, and trigrams of a page, as numbers.

    A page repeats its words: they are likelier in a damaged stretch than the model alone would have it (a cache, Kuhn &
    De Mori 1990). Shares of the page's own counts, mixed with the model's probabilities, do no better than a bonus.
    """

    pairs: list[int]
    triples: set[int]
    ending: float = 0.0  # nats that a line is likelier to end behind what is no mark than in the texts of the model

    def bonus(self, first: int, second: int, third: int) -> float:
        """Return how much likelier (nats) a symbol is because the page has it in the same company."""
        if third == BOUNDARY:
            return 0.0 if second in closing_marks() else self.ending
        pair = second << SYMBOL_BITS | third
        at = bisect_left(self.pairs, pair)
        if at == len(self.pairs) or self.pairs[at] != pair:
            return 0.0
        return SAME_TRIPLE if first << 2 * SYMBOL_BITS | pair in self.triples else SAME_PAIR

    def learn(self, text: str) -> None:
        """Count what a damaged stretch was read as among the words of the page."""
        symbols = [symbol_of(character) for character in text]
        for first, second in pairwise(symbols):
            pair = first << SYMBOL_BITS | second
            at = bisect_left(self.pairs, pair)
            if at == len(self.pairs) or self.pairs[at] != pair:
                self.pairs.insert(at, pair)
        self.triples.update(
            (first << SYMBOL_BITS | second) << SYMBOL_BITS | third
            for first, second, third in zip(symbols, symbols[1:], symbols[2:], strict=False)
        )

    def bonuses(self, first: int, second: int) -> list[tuple[int, float]]:
        """Return each symbol that is likelier after these two on this page, or less, and by how much (nats)."""
        low = second << SYMBOL_BITS
        start = bisect_left(self.pairs, low)
        keys = self.pairs[start : bisect_left(self.pairs, low + (1 << SYMBOL_BITS), start)]
        before = first << 2 * SYMBOL_BITS
        found = [
            (key - low, SAME_TRIPLE if before | key in self.triples else SAME_PAIR)
            for key in keys
            if key - low != BOUNDARY
        ]
        if second not in closing_marks():
            found.append((BOUNDARY, self.ending))
        return found


@cache
def closing_marks() -> frozenset[int]:
    """Return the symbols of marks that a line ends with."""
    return frozenset(map(symbol_of, CLOSING))


def words_of(plain: str) -> Words:
    """Return the words of a text in Simplified characters; borders of lines stand for what the model does not know."""
    symbols = language_model().symbols(plain)
    symbols[symbols == UNKNOWN] = BOUNDARY
    pairs = symbols[:-1] << SYMBOL_BITS | symbols[1:]
    triples = pairs[:-1] << SYMBOL_BITS | symbols[2:]
    ends = sum(line[-1:] not in CLOSING for line in plain.split("\n") if line)
    ending = math.log((ends + 1) / (len(plain) + 1 / LINE_ENDS) / LINE_ENDS)
    return Words(np.unique(pairs).tolist(), set(triples.tolist()), ending)


def grow(states: Sequence[State], options: Sequence[Options], words: Words, beam: int = BEAM) -> list[State]:
    """Return every state with each of its options, scored by the model, the best ``beam`` of them, best first.

    Of ways that go on alike only the best is returned; it carries what the others weigh.
    """
    ways = [(state, option) for state, option in zip(states, options, strict=True) if option.texts]
    if not ways:
        return []
    if len(ways) == 1 and len(ways[0][1].texts) == 1:  # nothing to compare
        state, option = ways[0]
        penalty = option.penalties[0]
        text = state.text + option.texts[0]
        return [_advanced(state, option, 0, state.score + penalty, text, state.mass + penalty / TEMPERATURE)]
    known: dict[tuple[int, int, int], list[float]] = {}  # most states differ only in what lies further back
    scores: list[float] = []
    ends: list[int] = []
    for state, option in ways:
        key = (state.first, state.second, id(option))
        gains = known.get(key)
        if gains is None:
            gains = known[key] = _gains(state.first, state.second, option, words)
        score = state.score
        if len(gains) == 1:
            scores.append(score + gains[0])
        else:
            scores += [score + gain for gain in gains]
        ends.append(len(scores))
    branches = len(scores) > len(ways)
    floor = max(scores) - GAP
    if len(scores) > MANY * beam:
        floor = max(floor, sorted(scores)[-MANY * beam])
    ranked = sorted([(-score, at) for at, score in enumerate(scores) if score >= floor])
    places: dict[tuple[str, int], int] = {}
    chosen: list[tuple[State, Options, int, float, str]] = []
    masses: list[list[float]] = []
    for negative, at in ranked:
        way = bisect_right(ends, at) if branches else at
        state, option = ways[way]
        index = at - ends[way]  # from the end of the options
        text = state.text + option.texts[index]
        reached = (text[-KEPT:], option.pendings[index])
        place = places.setdefault(reached, len(chosen))
        if place == len(chosen):
            if place == beam:
                break
            chosen.append((state, option, index, -negative, text))
            masses.append([state.mass + (-negative - state.score) / TEMPERATURE])
        elif text != chosen[place][4]:
            masses[place].append(state.mass + (-negative - state.score) / TEMPERATURE)
    return [_advanced(*way, _sum(mass)) for way, mass in zip(chosen, masses, strict=True)]


def _sum(logarithms: list[float]) -> float:
    """Return ln of the sum of the numbers with these logarithms."""
    if len(logarithms) == 1:
        return logarithms[0]
    most = max(logarithms)
    return most + math.log(sum([math.exp(each - most) for each in logarithms]))


def _gains(first: int, second: int, option: Options, words: Words) -> list[float]:
    """Return what each option adds to the score of a state that ends with two symbols."""
    if option.asked is None:
        return [
            _gain(first, second, symbol, words) + penalty
            for symbol, penalty in zip(option.symbols, option.penalties, strict=True)
        ]
    values = language_model().each_after_two(first, second, option.asked)
    places = option.asked.places
    for third, bonus in words.bonuses(first, second):
        if third in places:
            values[places[third]] += bonus
    values.append(0.0)  # what the model does not see
    return [values[place] + penalty for place, penalty in zip(option.places, option.penalties, strict=True)]


def _gain(first: int, second: int, third: int, words: Words) -> float:
    """Return what one symbol adds to the score of a state that ends with two others."""
    if third == UNSCORED:
        return 0.0
    return language_model().after_two(first, second, third) + words.bonus(first, second, third)


def _advanced(state: State, option: Options, index: int, score: float, text: str, mass: float) -> State:
    """Return a state with one of its options taken, which makes its text this."""
    added = option.texts[index]
    if len(added) == 1 and option.symbols[index] != UNSCORED:
        first, second = state.second, option.symbols[index]
    elif len(added) > 1:
        first, second = symbol_of(text[-2]), symbol_of(text[-1])
    else:
        first, second = state.first, state.second
    return State(score, text, first, second, option.pendings[index], state.guesses + option.guesses, mass)

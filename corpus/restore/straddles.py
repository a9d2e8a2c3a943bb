"""Byte straddles: stretches of a page whose GBK bytes a tool cut between two characters, put together again.

A tool that works on bytes writes "(cè)" behind 冊 wherever its two bytes stand, also where they are the end of 們 and
the beginning of 在: 們在獲 becomes 們?cè)讷@. Or it takes the end of 薄 and the beginning of ： for a 。 and drops what is
left over: 淡薄：部分 becomes 淡?。翰糠. The bytes after such a cut are shown in the wrong pairs until the next ASCII
character. Read back from the characters, they pair up rightly once the lost byte is known:

- ``?py)``: the byte before and the lost one are a character that reads py; nearly always only one fits;
- ``?`` before a mark: any lead byte may be lost; the language model picks;
- ``?`` elsewhere in a shifted stretch: a pair without a character was shown; both its bytes are open.

A beam search reads a stretch from left to right with one state for every way to fill the open bytes, scored by the
trigram model on the Simplified form. To leave everything as it stands is one of the ways.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.restore import gbk
from corpus.restore.characters import readings, simple_forms, simplified_only, traditional_only
from corpus.restore.draft import Change
from corpus.restore.language import BOUNDARY, UNKNOWN, Ids, Scores, bigram_key, language_model, trigram_key
from corpus.restore.pinyin import SYLLABLE, spelled

ANNOTATION_RULE = "annotation-straddle"
PUNCTUATION_RULE = "punctuation-straddle"

MARKS = "。，、；：！？”“"
BEAM = 48  # states kept
GAP = 16.0  # nats behind the best at which a state is given up
LOST_LEAD = -6.0  # nats: a lead byte lost before a mark, against a real question mark
LITERAL_QUESTION = -8.0  # a real question mark inside a stretch
LITERAL_NOTE = -25.0  # pinyin in brackets that stays
UNSEEN = -9.0  # nats: one of the 15,000 characters that the model never saw
OTHER_SCRIPT = -7.0  # a Simplified-only character in a page in Traditional characters, or the reverse
RARE = -14.0  # log-probability below which an open character is not tried
COMMON = -9.5  # the same where both its bytes are lost
FEW_STATES = 12  # tried with characters whose bytes are both lost
LONGEST = 400  # characters of a stretch
MOST_STEPS = 2_000  # tokens read in damaged stretches in one go over a page; 1,500 fully annotated characters take 200
SURE = 0.999
TEMPERATURE = 1.5  # of the scores when they are turned into a confidence: the model is surer than it is right
TWO_GUESSES = 0.85  # at most, where a mark cut a character and a pair was lost as well
SETTLED = 2  # characters after a stretch that the model sees before it decides
SYMBOLS_EATEN = ",.;:!)( 0123456789\n"
DIGIT_SHARE = -2.3  # nats: one of ten digits, which the model does not tell apart
SPACE_SHARE = -3.0
SAME_TRIPLE = 2.5  # nats that a page adds to its own words
SAME_PAIR = 1.0

# What pends after a state's text: nothing, any lead byte, a lead byte (0..255), any w where (v, w) has no character
# (HOLE + v), or whatever stands behind a lead byte v that was shown as ``?`` (OPEN + v).
NOTHING = -1
ANY = -2
HOLE = 256
OPEN = 512

_TOKEN = re.compile(rf"\?({SYLLABLE}) ?\)|\(({SYLLABLE}) ?\)|.", re.DOTALL)
_NOTES = re.compile(rf"[?(]{SYLLABLE} ?\)")
TRIGGER = re.compile(
    rf"\?{SYLLABLE} ?\)|(?<=[\u3400-\u9fff\ue000-\ue765])\?(?=[{MARKS}])|(?<=[^\x00-\x7f])[\x40-\x7e](?=\({SYLLABLE} ?\))"
)


Style = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page tells its damaged stretches: its script, its marks, and the words it uses elsewhere.

    pairs, triples: the keys of its character bigrams and trigrams, sorted. A page repeats its words: they are likelier
    in a stretch than the model alone would have it (a cache, Kuhn & De Mori 1990).
    """

    traditional: bool
    style: Style
    pairs: NDArray[np.uint64]
    triples: NDArray[np.uint64]

    def bonus(self, first: Ids, second: Ids, third: Ids) -> Scores:
        """Return how much likelier (nats) each character is because the page has it in the same company."""
        triple = _among(trigram_key(first, second, third), self.triples)
        pair = _among(bigram_key(second, third), self.pairs)
        return np.where(triple, SAME_TRIPLE, np.where(pair, SAME_PAIR, 0.0))


def _among(keys: NDArray[np.uint64], page: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(page):
        return np.zeros(len(keys), dtype=bool)
    found: NDArray[np.bool_] = page[np.searchsorted(page, keys).clip(max=len(page) - 1)] == keys
    return found


@cache
def _simple_table() -> dict[int, str]:
    return str.maketrans(dict(simple_forms()))


def page_of(text: str, traditional: bool) -> Page:
    """Return what a page tells, notes left out."""
    bare = _NOTES.sub("", text)
    plain = bare.translate(_simple_table()) if traditional else bare
    symbols = language_model().symbols(plain)
    symbols[symbols == UNKNOWN] = BOUNDARY
    return Page(
        traditional,
        eaten_style(bare),
        np.unique(bigram_key(symbols[:-1], symbols[1:])),
        np.unique(trigram_key(symbols[:-2], symbols[1:-1], symbols[2:])),
    )


class State(NamedTuple):
    """One way to read a stretch so far."""

    score: float
    text: str  # decoded, from two characters before the stretch
    first: int  # symbols of its last two characters
    second: int
    pending: int = NOTHING
    guesses: int = 0  # lost pairs and lead bytes filled in by the model


@dataclass(frozen=True, slots=True)
class Options:
    """How a state may go on: a character (or "") each, its symbol, its own penalty, and what pends after it."""

    texts: tuple[str, ...]
    symbols: NDArray[np.int64]
    penalties: NDArray[np.float64]
    pendings: tuple[int, ...]
    guesses: int = 0


NO_OPTIONS = Options((), np.zeros(0, np.int64), np.zeros(0), ())


def _options(choices: Sequence[tuple[str, int, float]], guesses: int = 0) -> Options:
    """Return options of (text, pending, penalty); of a longer text the model sees nothing."""
    if not choices:
        return NO_OPTIONS
    texts, pendings, penalties = zip(*choices, strict=True)
    symbols = np.array([_symbol(text) if len(text) == 1 else -1 for text in texts], dtype=np.int64)
    return Options(texts, symbols, np.array(penalties, dtype=np.float64), pendings, guesses)


@cache
def _symbol(character: str) -> int:
    """Return the model's symbol of a character's Simplified form."""
    if character == "\n":
        return BOUNDARY
    return int(language_model().symbol_of[min(ord(simple_forms().get(character, character)), 65535)])


@cache
def _trails_by_reading() -> dict[tuple[int, str], tuple[int, ...]]:
    """Return the trail bytes of the converted characters with (lead byte, reading)."""
    found: dict[tuple[int, str], list[int]] = {}
    pairs = gbk.byte_pairs()
    for character in sorted(traditional_only()):
        if character in pairs:
            lead, trail = pairs[character]
            for reading in readings(character):
                found.setdefault((lead, reading), []).append(trail)
    return {key: tuple(trails) for key, trails in found.items()}


def _common(candidates: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the candidates that are not too rare to be guessed."""
    model = language_model()
    return [(byte, c) for byte, c in candidates if _symbol(c) != UNKNOWN and model.unigrams[_symbol(c)] > RARE]


def _penalty(character: str, traditional: bool) -> float:
    """Return what the model does not know of a character: its script, and which of thousands an unknown one is."""
    penalty = UNSEEN if _symbol(character) == UNKNOWN else 0.0
    return penalty + (OTHER_SCRIPT if character in (simplified_only() if traditional else traditional_only()) else 0.0)


@cache
def _any_lead(trail: int, traditional: bool) -> Options:
    """Return the characters that end with a trail byte."""
    return _options([(c, NOTHING, _penalty(c, traditional)) for _, c in _common(gbk.by_trail()[trail])])


@cache
def _after_hole(lost: int, trail: int, traditional: bool) -> Options:
    """Return the characters that end with a trail byte and begin with a w where (lost, w) has no character."""
    wanted = gbk.holes()[lost]
    candidates = [(c, NOTHING, _penalty(c, traditional)) for w, c in _common(gbk.by_trail()[trail]) if w in wanted]
    return _options(candidates)


@cache
def _any_trail(lead: int, traditional: bool) -> Options:
    """Return the characters that begin with a lead byte and end with one that was shown as ``?``."""
    candidates = [
        (c, OPEN + trail, _penalty(c, traditional)) for trail, c in _common(gbk.by_lead()[lead]) if trail >= 0x80
    ]
    return _options(candidates, 1)


@lru_cache(maxsize=8192)
def _after_open(trail: int, at_end: bool, style: Style) -> Options:
    """Return what a ``?`` hid besides the trail byte before it: an ASCII character, or a byte that made no pair."""
    hole = [("", HOLE + trail, 0.0)] if gbk.holes()[trail] and not at_end else []
    if at_end:
        hole = [("", NOTHING, 0.0)]  # the bytes end there
    return _options([*hole, *((eaten, NOTHING, penalty) for eaten, penalty in style)])


@cache
def _two_lost(lost: int, traditional: bool) -> Options:
    """Return the commoner characters whose lead is a w where (lost, w) has no character; their trail was lost too."""
    model, wanted = language_model(), gbk.holes()[lost]
    return _options(
        [
            (c, OPEN + trail, _penalty(c, traditional))
            for w in sorted(wanted)
            for trail, c in gbk.by_lead()[w]
            if trail >= 0x80 and _symbol(c) != UNKNOWN and model.unigrams[_symbol(c)] > COMMON
        ],
        2,
    )


def eaten_style(text: str) -> Style:
    """Return each ASCII character that a lead byte may have swallowed, with its share among its forms (ln, half nats).

    A page keeps to one form, so its marks are counted together.
    """
    narrow = sum(text.count(mark) for mark in ",;:!")
    wide = sum(text.count(mark) for mark in "，；：！。（")
    share = round(2 * math.log((narrow + 0.5) / (narrow + wide + 1))) / 2
    return tuple(
        (
            symbol,
            DIGIT_SHARE if symbol.isdigit() else 0.0 if symbol == "\n" else SPACE_SHARE if symbol == " " else share,
        )
        for symbol in SYMBOLS_EATEN
    )


@cache
def _single(character: str, pending: int, penalty: float = 0.0) -> Options:
    return _options([(character, pending, penalty)])


def _grow(states: Sequence[State], options: Sequence[Options], page: Page) -> list[State]:
    """Return every state with each of its options, scored by the model, the best BEAM of them, best first."""
    counts = [len(option.texts) for option in options]
    total = sum(counts)
    if not total:
        return []
    if total == 1:
        index = counts.index(1)
        return [_advanced(states[index], options[index], 0, states[index].score + float(options[index].penalties[0]))]
    if max(counts) == 1:  # nothing branches: a known character after each state
        owner = np.flatnonzero(counts)
        rows = [(states[at], options[at]) for at in owner.tolist()]
        symbols = np.array([option.symbols[0] for _, option in rows])
        known = np.array([(state.first, state.second) for state, _ in rows])
        first, second = known[:, 0], known[:, 1]
        scores = np.array([state.score + option.penalties[0] for state, option in rows])
    else:
        owner = np.repeat(np.arange(len(states)), counts)
        symbols = np.concatenate([option.symbols for option in options])
        known = np.array([(state.first, state.second) for state in states])[owner]
        first, second = known[:, 0], known[:, 1]
        scores = np.array([state.score for state in states])[owner]
        scores += np.concatenate([option.penalties for option in options])
    scored = symbols >= 0
    first, second, third = first[scored], second[scored], symbols[scored]
    scores[scored] += language_model().after_two(first, second, third) + page.bonus(first, second, third)
    order = np.argsort(-scores, kind="stable")
    starts = np.concatenate(([0], np.cumsum(counts)))
    floor = scores[order[0]] - GAP
    grown: list[State] = []
    seen: set[tuple[str, int]] = set()
    for at in order[: 2 * BEAM].tolist():
        if scores[at] < floor or len(grown) == BEAM:
            break
        index = int(owner[at])
        state = _advanced(states[index], options[index], at - int(starts[index]), float(scores[at]))
        if (state.text, state.pending) not in seen:
            seen.add((state.text, state.pending))
            grown.append(state)
    return grown


def _advanced(state: State, options: Options, at: int, score: float) -> State:
    text = options.texts[at]
    first, second = state.first, state.second
    for character in text:
        first, second = second, _symbol(character)
    return State(score, state.text + text, first, second, options.pendings[at], state.guesses + options.guesses)


def _tail_byte(text: str) -> int:
    """Return the last byte of a text in GBK, or -1."""
    last = text[-1:]
    if last and last.isascii():
        return ord(last)
    pair = gbk.byte_pairs().get(last)
    return pair[1] if pair else -1


@lru_cache(maxsize=65536)
def _byte(before: int, byte: int, pending: int, traditional: bool) -> Options:
    """Return the characters that what pends before and the next byte make; ``pending`` follows them."""
    ascii_ = chr(pending) if 0 <= pending < 0x80 else ""  # a trail byte that was an ASCII character of its own
    pending = NOTHING if ascii_ else pending
    if before == ANY:
        options = _any_lead(byte, traditional)
    elif before >= HOLE:
        options = _after_hole(before - HOLE, byte, traditional)
    else:
        character = gbk.characters()[before * 256 + byte]
        options = _single(character, NOTHING, _penalty(character, traditional)) if character else NO_OPTIONS
    texts = tuple(text + ascii_ for text in options.texts)
    return Options(texts, options.symbols, options.penalties, (pending,) * len(texts), options.guesses)


def _plain(state: State, character: str, traditional: bool) -> Options:
    """Return how a shown character continues a state."""
    if state.pending == NOTHING:
        return _single(character, NOTHING)
    if character.isascii():
        return _byte(state.pending, ord(character), NOTHING, traditional) if ord(character) >= 0x40 else NO_OPTIONS
    pair = gbk.byte_pairs().get(character)
    return _byte(state.pending, pair[0], pair[1], traditional) if pair else NO_OPTIONS


@lru_cache(maxsize=4096)
def _question(pending: int, marked: bool, traditional: bool, first: bool) -> Options:
    """Return what a lone ``?`` may stand for: itself, a lost lead byte, or a byte and what made no pair with it."""
    if pending == NOTHING:
        lost = [("", ANY, LOST_LEAD)] if marked else []
        return _options([("?", NOTHING, 0.0 if first else LITERAL_QUESTION), *lost], 1 if lost else 0)
    if pending == ANY:
        return NO_OPTIONS
    return _two_lost(pending - HOLE, traditional) if pending >= HOLE else _any_trail(pending, traditional)


@lru_cache(maxsize=65536)
def _eaten_note(pending: int, tail: int, syllable: str, shown: str) -> Options:
    """Return how a note goes on whose bracket a lost byte swallowed: its character ends with that byte.

    tail: the last byte of what stands before it.
    """
    table = gbk.characters()
    if pending == NOTHING:
        trails = _trails_by_reading().get((tail, syllable), ())
        return _options([(shown, NOTHING, LITERAL_NOTE), *(("", trail, 0.0) for trail in trails if trail >= 0x80)])
    if pending >= HOLE:
        return _eaten_after_hole(pending - HOLE, syllable)
    if 0 <= pending < HOLE:
        trails = _trails_by_reading().get((pending, syllable), ())
        return _options([(table[pending * 256 + trail], NOTHING, 0.0) for trail in trails if trail >= 0x80])
    return NO_OPTIONS


@cache
def _eaten_after_hole(lost: int, syllable: str) -> Options:
    """Return the converted characters that read so and begin with a w where (lost, w) has no character."""
    table, trails = gbk.characters(), _trails_by_reading()
    choices = [
        (table[w * 256 + trail], NOTHING, 0.0)
        for w in sorted(gbk.holes()[lost])
        for trail in trails.get((w, syllable), ())
        if trail >= 0x80
    ]
    return _options(choices, 1)


@lru_cache(maxsize=65536)
def _note(pending: int, tail: str, syllable: str, shown: str) -> Options:
    """Return how a note continues a state: out where the two bytes before it read so, else left as it is shown.

    tail: the last two characters of what stands before it.
    """
    table = gbk.characters()
    byte = _tail_byte(tail)
    if pending == NOTHING:
        last = tail[-1:]
        before = _tail_byte(tail[:-1])
        joined = table[before * 256 + byte] if before >= 0x81 and last.isascii() else ""
        fits = syllable in readings(last) or (joined and syllable in readings(joined))
        return _single("", NOTHING) if fits else _options([(shown, NOTHING, LITERAL_NOTE)])
    joined = table[byte * 256 + pending] if byte >= 0x81 and 0 <= pending < HOLE else ""
    return _single("", pending) if joined and syllable in readings(joined) else NO_OPTIONS


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch [start, end) of a text read anew."""

    start: int
    end: int
    text: str
    confidence: float
    rule: str


def _read(text: str, start: int, limit: int, page: Page) -> tuple[Reading | None, int]:
    """Return the best reading of the stretch that begins at ``start``, None where it stays as it is, and the steps."""
    context = ("\n\n" + text[max(0, start - 2) : start])[-2:]
    states = [State(0.0, context, _symbol(context[0]), _symbol(context[1]))]
    position = start
    settled = steps = 0
    while position < limit:
        steps += 1
        match = _TOKEN.match(text, position)
        assert match is not None
        if match[0] == "?":
            following = text[match.end() : match.end() + 1]
            states = _after_question(states, following, page, first=position == start)
        else:
            states = _step(states, match, page)
        if not states:
            return None, steps
        position = match.end()
        pends = any(state.pending != NOTHING for state in states)
        settled = 0 if pends or match[0][0] == "?" else settled + 1
        if settled >= SETTLED and text[position : position + 1] not in ("?", "("):
            break
    return _decided(text, start, position, states, len(context)), steps


def _step(states: Sequence[State], match: re.Match[str], page: Page) -> list[State]:
    """Return the states after one more token: a note, a note without its bracket, any other character."""
    if match[1] is not None:
        options = [_eaten_note(state.pending, _tail_byte(state.text), spelled(match[1]), match[0]) for state in states]
    elif match[2] is not None:
        options = [_note(state.pending, state.text[-2:], spelled(match[2]), match[0]) for state in states]
    else:
        options = [_plain(state, match[0], page.traditional) for state in states]
    return _grow(states, options, page)


def _after_question(states: Sequence[State], following: str, page: Page, *, first: bool) -> list[State]:
    """Return the states after a lone question mark."""
    if any(state.pending >= HOLE for state in states):
        states = states[:FEW_STATES]
    marked = bool(following) and following in MARKS
    options = [_question(state.pending, marked, page.traditional, first) for state in states]
    grown = _grow(states, options, page)
    if all(state.pending < OPEN for state in grown):
        return grown
    at_end = not following or following == "\n"
    options = [
        _after_open(state.pending - OPEN, at_end, page.style) if state.pending >= OPEN else _single("", state.pending)
        for state in grown
    ]
    return _grow(grown, options, page)


def _decided(text: str, start: int, position: int, states: Sequence[State], context: int) -> Reading | None:
    """Return the best of the states that end with a whole character; its share of the probability is the confidence."""
    complete = [state for state in states if state.pending == NOTHING]
    if not complete:
        return None
    best = complete[0]
    before, after = text[start:position], best.text[context:]
    if after == before:
        return None
    total = sum(math.exp((state.score - best.score) / TEMPERATURE) for state in complete)
    rule = PUNCTUATION_RULE if before[:1] == "?" and before[1:2] in MARKS else ANNOTATION_RULE
    confidence = min(1 / total, SURE)
    if rule == PUNCTUATION_RULE and best.guesses > 1:
        confidence = min(confidence, TWO_GUESSES)
    return Reading(start, position, after, round(confidence, 3), rule)


def repair_straddles(text: str, *, traditional: bool = True) -> tuple[Change, ...]:
    """Return the changes that put cut byte pairs together, notes inside the stretches removed.

    traditional: the page is in Traditional characters. Text without ``?`` and notes costs one search.
    """
    if "?" not in text and "(" not in text:
        return ()
    changes: list[Change] = []
    page: Page | None = None
    position = done = 0
    for match in TRIGGER.finditer(text):
        if match.start() < position or not match.start():
            continue
        end = text.find("\n", match.start())
        limit = min(len(text) if end < 0 else end, match.start() + LONGEST)
        page = page or page_of(text, traditional)
        reading, steps = _read(text, match.start(), limit, page)
        done += steps
        if reading is not None:
            changes.append(_trimmed(text, reading))
            position = reading.end
        if done > MOST_STEPS:
            break
    return tuple(changes)


def _trimmed(text: str, reading: Reading) -> Change:
    """Return a reading as a change without what both ends share."""
    before, after = text[reading.start : reading.end], reading.text
    tail = 0
    while tail < min(len(before), len(after)) and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return Change(reading.start, reading.end - tail, after[: len(after) - tail], reading.rule, reading.confidence)

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from corpus.restore import gbk
from corpus.restore.annotations import CONFIDENCE as NOTE_CONFIDENCE
from corpus.restore.characters import readings, simplified_only, to_simplified, traditional_only
from corpus.restore.draft import Change
from corpus.restore.language import BOUNDARY, language_model
from corpus.restore.pinyin import SYLLABLE, is_toned, spelled

ANNOTATION_RULE = "annotation-straddle"
PUNCTUATION_RULE = "punctuation-straddle"

MARKS = "。，、；：！？”“"
BEAM = 48  # states kept
GAP = 18.0  # nats behind the best at which a state is given up
LOST_LEAD = -6.0  # nats: a lead byte lost before a mark, against a real question mark (research: -6 to -9)
LOST_PAIR = -4.0
EATEN = -4.0  # a lead byte swallowed the ASCII character after it
LITERAL_NOTE = -25.0  # pinyin in brackets that stays
SIMPLIFIED = -7.0  # a Simplified-only character in a page in Traditional characters
RARE = -14.0  # log-probability from which on an open character is not tried
LONGEST = 400  # characters of a stretch
MOST_STRETCHES = 400  # a page
SURE = 0.999
NOTHING = -1  # no byte pends
ANY = -2  # a lead byte pends, whichever
SYMBOLS_EATEN = ",.;:!)( 0123456789\n"

_TOKEN = re.compile(rf"\?({SYLLABLE}) ?\)|\(({SYLLABLE}) ?\)|.", re.DOTALL)
TRIGGER = re.compile(rf"\?{SYLLABLE} ?\)|\?(?=[{MARKS}])")
_HANZI = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class State:
    """One way to read a stretch so far."""

    score: float
    text: str  # decoded, from two characters before the stretch
    pending: int = NOTHING  # a lead byte whose trail is still to come, ANY, or 256 + v: any w where (v, w) is a hole
    guesses: int = 0  # lost pairs and lead bytes filled in by the model


@cache
def _simple_form() -> dict[str, str]:
    """Return the Simplified form of every character with one of its own."""
    characters = sorted(traditional_only())
    return dict(zip(characters, to_simplified("\n".join(characters)).split("\n"), strict=True))


@cache
def _leads_by_reading() -> dict[tuple[int, str], tuple[int, ...]]:
    """Return the trail bytes of the converted characters with (lead byte, reading)."""
    found: dict[tuple[int, str], list[int]] = {}
    pairs = gbk.byte_pairs()
    for character in sorted(traditional_only()):
        if character in pairs:
            lead, trail = pairs[character]
            for reading in readings(character):
                found.setdefault((lead, reading), []).append(trail)
    return {key: tuple(trails) for key, trails in found.items()}


@cache
def _symbols() -> dict[str, int]:
    return {}


def _symbol(character: str) -> int:
    """Return the model's symbol of a character's Simplified form."""
    if character == "\n":
        return BOUNDARY
    return int(language_model().symbol_of[min(ord(_simple_form().get(character, character)), 65535)])


def _extend(states: Sequence[State], options: Sequence[Sequence[tuple[str, int, float, int]]]) -> list[State]:
    """Return every state with each of its options (text to add, pending, penalty, guesses), scored and pruned.

    Text of options is scored by its first two characters; literal notes carry their own penalty.
    """
    flat = [(state, option) for state, choices in zip(states, options, strict=True) for option in choices]
    if not flat:
        return []
    if len(flat) == 1:
        state, (added, pending, penalty, guesses) = flat[0]
        return [State(state.score + penalty, state.text + added, pending, state.guesses + guesses)]
    scores = np.zeros(len(flat))
    longest = min(2, max(len(option[0]) for _, option in flat))
    model = language_model()
    for step in range(longest):
        rows = [i for i, (_, option) in enumerate(flat) if len(option[0]) > step]
        history = [flat[i][0].text + flat[i][1][0][: step + 1] for i in rows]
        symbols = np.array([[_symbol(c) for c in text[-3:]] for text in history], dtype=np.int64).T
        scores[rows] += model.after_two(symbols[0], symbols[1], symbols[2])
    unwanted = simplified_only()
    made = [
        State(
            state.score + penalty + float(score) + SIMPLIFIED * sum(c in unwanted for c in added),
            state.text + added,
            pending,
            state.guesses + guesses,
        )
        for (state, (added, pending, penalty, guesses)), score in zip(flat, scores, strict=True)
    ]
    return _pruned(made)


def _pruned(states: Iterable[State]) -> list[State]:
    """Return the best states, one for each text and pending byte, best first."""
    best: dict[tuple[str, int], State] = {}
    for state in states:
        key = (state.text, state.pending)
        if key not in best or state.score > best[key].score:
            best[key] = state
    ranked = sorted(best.values(), key=lambda state: -state.score)[:BEAM]
    return [state for state in ranked if state.score > ranked[0].score - GAP]


def _tail_byte(text: str) -> int:
    """Return the last byte of a text in GBK, or -1."""
    last = text[-1:]
    if last and last.isascii():
        return ord(last)
    pair = gbk.byte_pairs().get(last)
    return pair[1] if pair else -1


@cache
def _candidates_by_lead(lead: int) -> tuple[tuple[int, str], ...]:
    return _common(gbk.by_lead()[lead])


@cache
def _candidates_by_trail(trail: int) -> tuple[tuple[int, str], ...]:
    return _common(gbk.by_trail()[trail])


def _common(candidates: Sequence[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    """Return the candidates that are not too rare to be guessed."""
    model, unwanted = language_model(), simplified_only()
    return tuple(
        (byte, c)
        for byte, c in candidates
        if c not in unwanted and model.unigrams[_symbol(c)] > RARE and _symbol(c) != 0
    )


def _byte_options(state: State, first: int) -> list[tuple[str, int, float, int]]:
    """Return how the pending byte and ``first`` make a character: (character, NOTHING, penalty, guesses)."""
    table = gbk.characters()
    if state.pending == ANY:
        return [(c, NOTHING, 0.0, 0) for _, c in _candidates_by_trail(first)]
    if state.pending >= 256:
        holes = gbk.holes()[state.pending - 256]
        return [(c, NOTHING, 0.0, 0) for lead, c in _candidates_by_trail(first) if lead in holes]
    c = table[state.pending * 256 + first]
    return [(c, NOTHING, 0.0, 0)] if c else []


def _plain_options(state: State, character: str) -> list[tuple[str, int, float, int]]:
    """Return how a shown character continues a state."""
    if state.pending == NOTHING:
        return [(character, NOTHING, 0.0, 0)]
    if character.isascii():
        return _byte_options(state, ord(character)) if ord(character) >= 0x40 else []
    pair = gbk.byte_pairs().get(character)
    if pair is None:
        return []
    return [(c, pair[1], penalty, guesses) for c, _, penalty, guesses in _byte_options(state, pair[0])]


def _question_options(state: State, following: str) -> list[tuple[str, int, float, int]]:
    """Return what a lone ``?`` may stand for."""
    if state.pending == NOTHING:
        literal = [("?", NOTHING, 0.0, 0)]
        return [*literal, ("", ANY, LOST_LEAD, 1)] if following and following in MARKS else literal
    if state.pending == ANY or state.pending >= 256:
        return []
    options: list[tuple[str, int, float, int]] = []
    holes = gbk.holes()
    for trail, c in _candidates_by_lead(state.pending):
        if trail >= 0x80 and holes[trail] and following:
            options.append((c, 256 + trail, LOST_PAIR, 1))
        if trail >= 0x81:
            options += [(c + eaten, NOTHING, EATEN, 1) for eaten in SYMBOLS_EATEN]
    return options


def _note_options(state: State, syllable: str, shown: str, *, eaten: bool) -> list[tuple[str, int, float, int]]:
    """Return how a note continues a state: taken out, or left as it is shown.

    eaten: the bracket was swallowed by a lost byte, so that the note's character ends with that byte.
    """
    syllable = spelled(syllable)
    literal = [(shown, NOTHING, LITERAL_NOTE, 0)] if state.pending == NOTHING else []
    table = gbk.characters()
    if eaten:
        if state.pending >= 0:
            lead = state.pending
            if lead >= 256:
                return literal
            trails = _leads_by_reading().get((lead, syllable), ())
            return [(table[lead * 256 + trail], NOTHING, 0.0, 0) for trail in trails if trail >= 0x81]
        lead = _tail_byte(state.text)
        trails = _leads_by_reading().get((lead, syllable), ()) if state.pending == NOTHING else ()
        return [*literal, *(("", trail, 0.0, 0) for trail in trails if trail >= 0x81)]
    if state.pending == NOTHING:
        last = state.text[-1:]
        if syllable in readings(last):
            return [("", NOTHING, 0.0, 0)]
        before = _tail_byte(state.text[:-1])
        joined = table[before * 256 + ord(last)] if before >= 0x81 and last and last.isascii() else ""
        return [("", NOTHING, 0.0, 0)] if joined and syllable in readings(joined) else literal
    if state.pending == ANY or state.pending >= 256:
        return []
    joined = table[_tail_byte(state.text) * 256 + state.pending] if _tail_byte(state.text) >= 0x81 else ""
    return [("", state.pending, 0.0, 0)] if joined and syllable in readings(joined) else []


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch [start, end) of a text read anew."""

    start: int
    end: int
    text: str
    confidence: float
    rule: str


def _read(text: str, start: int, limit: int) -> Reading | None:
    """Return the best reading of the stretch that begins at ``start``, or None where it stays as it is."""
    context = ("\n\n" + text[max(0, start - 2) : start])[-2:]
    states = [State(0.0, context)]
    position = start
    shifted = False
    settled = 0
    while position < limit:
        match = _TOKEN.match(text, position)
        assert match is not None
        shown = match[0]
        if match[1] is not None:
            options = [_note_options(state, match[1], shown, eaten=True) for state in states]
        elif match[2] is not None:
            options = [_note_options(state, match[2], shown, eaten=False) for state in states]
        elif shown == "?":
            following = text[match.end() : match.end() + 1]
            options = [_question_options(state, following) for state in states]
        else:
            options = [_plain_options(state, shown) for state in states]
        states = _extend(states, options)
        if not states:
            return None
        position = match.end()
        pends = any(state.pending != NOTHING for state in states)
        shifted = shifted or pends
        settled = 0 if pends or shown[0] == "?" else settled + 1
        if settled >= 2 and text[position : position + 1] not in ("?", "("):
            break
    return _decided(text, start, position, states, len(context))


def _decided(text: str, start: int, position: int, states: Sequence[State], context: int) -> Reading | None:
    complete = [state for state in states if state.pending == NOTHING]
    if not complete:
        return None
    best = complete[0]
    after = best.text[context:]
    before = text[start:position]
    if after == before:
        return None
    total = sum(math.exp(state.score - best.score) for state in complete)
    rule = PUNCTUATION_RULE if before[:1] == "?" and before[1:2] in MARKS else ANNOTATION_RULE
    confidence = SURE if len(complete) == 1 and not best.guesses else 1 / total
    return Reading(start, position, after, round(min(confidence, SURE), 3), rule)


def repair_straddles(text: str) -> tuple[Change, ...]:
    """Return the changes that put cut byte pairs together, notes inside the stretches removed; text without ``?`` costs
    one search."""
    if "?" not in text:
        return ()
    changes: list[Change] = []
    position = 0
    for match in TRIGGER.finditer(text):
        if match.start() < position or len(changes) >= MOST_STRETCHES:
            continue
        if not match.start() or not _HANZI.match(text[match.start() - 1]):
            continue
        end = text.find("\n", match.start())
        limit = min(len(text) if end < 0 else end, match.start() + LONGEST)
        reading = _read(text, match.start(), limit)
        if reading is not None:
            changes.append(_trimmed(text, reading))
            position = reading.end
    return tuple(changes)


def _trimmed(text: str, reading: Reading) -> Change:
    """Return a reading as a change without what both ends share."""
    before, after = text[reading.start : reading.end], reading.text
    tail = 0
    while tail < min(len(before), len(after)) and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return Change(reading.start, reading.end - tail, after[: len(after) - tail], reading.rule, reading.confidence)


__all__ = ["ANNOTATION_RULE", "NOTE_CONFIDENCE", "PUNCTUATION_RULE", "is_toned", "repair_straddles"]

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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from corpus.restore.beam import (
    BEAM,
    HOLE,
    NOTHING,
    OPEN,
    TEMPERATURE,
    WIDE,
    Options,
    State,
    Words,
    grow,
    symbol_of,
    words_of,
)
from corpus.restore.characters import simple_forms
from corpus.restore.continuations import (
    Style,
    after_open,
    eaten_note,
    eaten_style,
    note,
    plain,
    question,
    single,
    tail_byte,
)
from corpus.restore.draft import Change
from corpus.restore.pinyin import SYLLABLE, spelled

ANNOTATION_RULE = "annotation-straddle"
PUNCTUATION_RULE = "punctuation-straddle"

MARKS = "。，、；：！？”“"
FEW_STATES = 12  # tried with characters whose bytes are both lost
LONGEST = 400  # characters of a stretch
MOST_STEPS = 2_000  # tokens read in damaged stretches in one go over a page; 1,500 fully annotated characters take 200
SURE = 0.999
LEARNT = 0.5  # confidence from which what was read tells later stretches the words of the page
TWO_GUESSES = 0.85  # at most, where a mark cut a character and a pair was lost as well
SETTLED = 2  # characters after a stretch that the model sees before it decides

_TOKEN = re.compile(rf"\?({SYLLABLE}) ?\)|\(({SYLLABLE}) ?\)|.", re.DOTALL)
_NOTES = re.compile(rf"[?(]{SYLLABLE} ?\)")
# It begins with a character that a search skips to: a note or a mark behind ?, a note behind the second byte of a pair.
TRIGGER = re.compile(
    rf"[?@-~](?:(?<=\?){SYLLABLE} ?\)|(?<=[\u3400-\u9fff\ue000-\ue765]\?)(?=[{MARKS}])|"
    rf"(?<=[^\x00-\x7f][@-~])(?=\({SYLLABLE} ?\)))"
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page tells its damaged stretches: its script, its marks, and the words it uses elsewhere."""

    traditional: bool
    style: Style
    words: Words


@cache
def _simple_table() -> dict[int, str]:
    return str.maketrans(dict(simple_forms()))


def page_of(text: str, traditional: bool) -> Page:
    """Return what a page tells, notes left out."""
    bare = _NOTES.sub("", text)
    return Page(traditional, eaten_style(bare), words_of(bare.translate(_simple_table()) if traditional else bare))


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
    bare = ("\n\n" + _NOTES.sub("", text[max(0, start - 40) : start]))[-2:]  # notes are not what the model reads
    states = [State(0.0, context, symbol_of(bare[0]), symbol_of(bare[1]))]
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
        syllable = spelled(match[1])
        options = [eaten_note(state.pending, tail_byte(state.text), syllable, match[0]) for state in states]
    elif match[2] is not None:
        syllable = spelled(match[2])
        options = [note(state.pending, state.text[-2:], syllable, match[0]) for state in states]
    else:
        options = _by_pending(states, lambda pending: plain(pending, match[0], page.traditional))
    return grow(states, options, page.words)


def _after_question(states: Sequence[State], following: str, page: Page, *, first: bool) -> list[State]:
    """Return the states after a lone question mark."""
    if any(state.pending >= HOLE for state in states):
        states = states[:FEW_STATES]
    marked = bool(following) and following in MARKS
    options = _by_pending(states, lambda pending: question(pending, marked, page.traditional, first))
    grown = grow(states, options, page.words, WIDE)
    if all(state.pending < OPEN for state in grown):
        return grown
    at_end = not following or following == "\n"
    # A swallowed ASCII character is tried behind the best ways only, a pair that was lost whole behind all of them.
    whole = _opened(grown[:BEAM], at_end, page.style) + _opened(grown[BEAM:], at_end, ())
    return grow(grown, whole, page.words, WIDE)


def _opened(states: Sequence[State], at_end: bool, style: Style) -> list[Options]:
    """Return how states go on behind a ``?`` that hid a byte and what stood behind it."""
    return _by_pending(
        states,
        lambda pending: after_open(pending - OPEN, at_end, style) if pending >= OPEN else single("", pending),
    )


def _by_pending(states: Sequence[State], goes_on: Callable[[int], Options]) -> list[Options]:
    """Return how each state goes on where only what pends decides it."""
    options = {pending: goes_on(pending) for pending in {state.pending for state in states}}
    return [options[state.pending] for state in states]


def _decided(text: str, start: int, position: int, states: Sequence[State], context: int) -> Reading | None:
    """Return the best of the states that end with a whole character; its share of the probability is the confidence."""
    complete = [state for state in states if state.pending == NOTHING]
    if not complete:
        return None
    best = complete[0]
    before, after = text[start:position], best.text[context:]
    if after == before:
        return None
    total = sum(math.exp(state.mass - best.score / TEMPERATURE) for state in complete)
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
            if reading.confidence >= LEARNT:
                page.words.learn(reading.text)
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

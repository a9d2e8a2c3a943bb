"""How a way to read damaged bytes may go on at each token: what fits what pends, by the tables of GBK and of readings.

A token is a character, a lone ``?``, a note whose bracket a lost byte swallowed (``?py)``), or a whole note (``(py)``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache

from corpus.restore import gbk
from corpus.restore.beam import ANY, HOLE, NO_OPTIONS, NOTHING, OPEN, UNSCORED, Options, options_of, symbol_of
from corpus.restore.characters import readings, simplified_only, traditional_only
from corpus.restore.language import DIGIT, LETTER, UNKNOWN, language_model

LOST_LEAD = -6.0  # nats: a lead byte lost before a mark, against a real question mark
LITERAL_QUESTION = -8.0  # a real question mark inside a stretch
LITERAL_NOTE = -25.0  # pinyin in brackets that stays
UNSEEN = -9.0  # nats: one of the 15,000 characters that the model never saw
OTHER_SCRIPT = -7.0  # a Simplified-only character in a page in Traditional characters, or the reverse
RARE = -14.0  # log-probability below which an open character is not tried
COMMON = -9.5  # the same where both its bytes are lost
SYMBOLS_EATEN = ",.;:!)( 0123456789\n"
SELDOM_EATEN = "\"'/-%+\t"  # where the page has them
MOST_SELDOM = 8.0  # nats at most that a page makes one of these likelier
WRAPPED_LINE = 20  # characters of a line that was broken at a width, at least
# Of the numbers behind a Chinese character that begin with each digit (33,000 in the texts of the model).
FIRST_DIGITS = (0.017, 0.357, 0.181, 0.107, 0.077, 0.080, 0.051, 0.043, 0.048, 0.037)
WIDE_DIGIT = -3.0  # nats: one of ten digits, which the model does not tell apart, in full width
WIDE_LETTER = -5.5  # one of 52 letters, which it does not tell apart, in full width
SPACE_SHARE = -3.0

Style = tuple[tuple[str, float], ...]


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
    return [(byte, c) for byte, c in candidates if symbol_of(c) != UNKNOWN and model.unigrams[symbol_of(c)] > RARE]


def _penalty(character: str, traditional: bool) -> float:
    """Return what the model does not know of a character: its script, and which of thousands an unknown one is."""
    symbol = symbol_of(character)
    penalty = {UNKNOWN: UNSEEN, DIGIT: WIDE_DIGIT, LETTER: WIDE_LETTER}.get(symbol, 0.0)
    return penalty + (OTHER_SCRIPT if character in (simplified_only() if traditional else traditional_only()) else 0.0)


@cache
def _any_lead(trail: int, traditional: bool) -> Options:
    """Return the characters that end with a trail byte."""
    return options_of([(c, NOTHING, _penalty(c, traditional)) for _, c in _common(gbk.by_trail()[trail])])


@cache
def _after_hole(lost: int, trail: int, traditional: bool) -> Options:
    """Return the characters that end with a trail byte and begin with a w where (lost, w) has no character."""
    wanted = gbk.holes()[lost]
    candidates = [(c, NOTHING, _penalty(c, traditional)) for w, c in _common(gbk.by_trail()[trail]) if w in wanted]
    return options_of(candidates)


@cache
def _any_trail(lead: int, traditional: bool) -> Options:
    """Return the characters that begin with a lead byte and end with one that was shown as ``?``."""
    candidates = [
        (c, OPEN + trail, _penalty(c, traditional)) for trail, c in _common(gbk.by_lead()[lead]) if trail >= 0x80
    ]
    return options_of(candidates, 1)


@lru_cache(maxsize=8192)
def after_open(trail: int, at_end: bool, style: Style) -> Options:
    """Return what a ``?`` hid besides the trail byte before it: an ASCII character, or a byte that made no pair."""
    if at_end:
        return _eaten(True, style)  # the bytes end there
    if not gbk.holes()[trail]:
        return _eaten(False, style)
    options = _eaten(True, style)
    return replace(options, pendings=(HOLE + trail, *options.pendings[1:]))


@lru_cache(maxsize=256)
def _eaten(nothing: bool, style: Style) -> Options:
    """Return the ASCII characters of a page's style; first nothing at all, where that may be."""
    choices = [("", NOTHING, 0.0)] if nothing else []
    options = options_of([*choices, *((eaten, NOTHING, penalty) for eaten, penalty in style)])
    if not style or ("\n", 0.0) in style:
        return options
    # Lines broken at a width: the sentence goes on behind the end, and the model reads on.
    unseen = len(options.asked.places) if options.asked else 0
    ends = [text == "\n" for text in options.texts]
    return replace(
        options,
        symbols=tuple(UNSCORED if end else symbol for end, symbol in zip(ends, options.symbols, strict=True)),
        places=tuple(unseen if end else place for end, place in zip(ends, options.places, strict=True)),
    )


@cache
def _two_lost(lost: int, traditional: bool) -> Options:
    """Return the commoner characters whose lead is a w where (lost, w) has no character; their trail was lost too."""
    model, wanted = language_model(), gbk.holes()[lost]
    return options_of(
        [
            (c, OPEN + trail, _penalty(c, traditional))
            for w in sorted(wanted)
            for trail, c in gbk.by_lead()[w]
            if trail >= 0x80 and symbol_of(c) != UNKNOWN and model.unigrams[symbol_of(c)] > COMMON
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
    common = [
        (
            symbol,
            math.log(FIRST_DIGITS[int(symbol)])
            if symbol.isdigit()
            else _broken(text)
            if symbol == "\n"
            else SPACE_SHARE
            if symbol == " "
            else share,
        )
        for symbol in SYMBOLS_EATEN
    ]
    return tuple(common + [(symbol, _seldom(symbol, text)) for symbol in SELDOM_EATEN if symbol in text])


def _seldom(symbol: str, text: str) -> float:
    """Return how much likelier (nats) a page makes a symbol than the texts of the model."""
    usual = language_model().unigrams[symbol_of(symbol)]
    return round(min(max(math.log(text.count(symbol) / len(text)) - usual, 0.0), MOST_SELDOM))


def _broken(text: str) -> float:
    """Return ln of the share of line ends where lines are broken at a width, inside sentences; 0 on other pages."""
    lines = [line for line in text.split("\n") if line.strip()]
    broken = sum(len(line) >= WRAPPED_LINE and "\u3400" <= line[-1] <= "\u9fff" for line in lines)
    return round(math.log(len(lines) / len(text))) if 2 * broken > max(len(lines), 10) else 0.0


@cache
def single(character: str, pending: int, penalty: float = 0.0) -> Options:
    return options_of([(character, pending, penalty)])


def tail_byte(text: str) -> int:
    """Return the last byte of a text in GBK, or -1."""
    last = text[-1:]
    if last and last.isascii():
        return ord(last)
    pair = gbk.byte_pairs().get(last)
    return pair[1] if pair else -1


@lru_cache(maxsize=65536)
def paired(before: int, byte: int, pending: int, traditional: bool) -> Options:
    """Return the characters that what pends before and the next byte make; ``pending`` follows them."""
    ascii_ = chr(pending) if 0 <= pending < 0x80 else ""  # a trail byte that was an ASCII character of its own
    pending = NOTHING if ascii_ else pending
    if before == ANY:
        options = _any_lead(byte, traditional)
    elif before >= HOLE:
        options = _after_hole(before - HOLE, byte, traditional)
    else:
        character = gbk.characters()[before * 256 + byte]
        options = single(character, NOTHING, _penalty(character, traditional)) if character else NO_OPTIONS
    texts = tuple(text + ascii_ for text in options.texts)
    return replace(options, texts=texts, pendings=(pending,) * len(texts))


def plain(pending: int, character: str, traditional: bool) -> Options:
    """Return how a shown character goes on after what pends."""
    if pending == NOTHING:
        return single(character, NOTHING)
    if character.isascii():
        return paired(pending, ord(character), NOTHING, traditional) if ord(character) >= 0x40 else NO_OPTIONS
    pair = gbk.byte_pairs().get(character)
    return paired(pending, pair[0], pair[1], traditional) if pair else NO_OPTIONS


@lru_cache(maxsize=4096)
def question(pending: int, marked: bool, traditional: bool, first: bool) -> Options:
    """Return what a lone ``?`` may stand for: itself, a lost lead byte, or a byte and what made no pair with it."""
    if pending == NOTHING:
        lost = [("", ANY, LOST_LEAD)] if marked else []
        return options_of([("?", NOTHING, 0.0 if first else LITERAL_QUESTION), *lost], 1 if lost else 0)
    if pending == ANY:
        return NO_OPTIONS
    return _two_lost(pending - HOLE, traditional) if pending >= HOLE else _any_trail(pending, traditional)


@lru_cache(maxsize=65536)
def eaten_note(pending: int, tail: int, syllable: str, shown: str) -> Options:
    """Return how a note goes on whose bracket a lost byte swallowed: its character ends with that byte.

    tail: the last byte of what stands before it.
    """
    table = gbk.characters()
    if pending == NOTHING:
        trails = _trails_by_reading().get((tail, syllable), ())
        return options_of([(shown, NOTHING, LITERAL_NOTE), *(("", trail, 0.0) for trail in trails if trail >= 0x80)])
    if pending >= HOLE:
        return _eaten_after_hole(pending - HOLE, syllable)
    if 0 <= pending < HOLE:
        trails = _trails_by_reading().get((pending, syllable), ())
        return options_of([(table[pending * 256 + trail], NOTHING, 0.0) for trail in trails if trail >= 0x80])
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
    return options_of(choices, 1)


@lru_cache(maxsize=65536)
def note(pending: int, tail: str, syllable: str, shown: str) -> Options:
    """Return how a note continues a state: out where the two bytes before it read so, else left as it is shown.

    tail: the last two characters of what stands before it.
    """
    table = gbk.characters()
    byte = tail_byte(tail)
    if pending == NOTHING:
        last = tail[-1:]
        before = tail_byte(tail[:-1])
        joined = table[before * 256 + byte] if before >= 0x81 and last.isascii() else ""
        fits = syllable in readings(last) or (joined and syllable in readings(joined))
        return single("", NOTHING) if fits else options_of([(shown, NOTHING, LITERAL_NOTE)])
    joined = table[byte * 256 + pending] if byte >= 0x81 and 0 <= pending < HOLE else ""
    return single("", pending) if joined and syllable in readings(joined) else NO_OPTIONS

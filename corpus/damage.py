"""Damage done to text on purpose, forward from the mechanisms, to measure restoration on text where the truth is known.

Each function does what a tool of content farms does to a page (../docs/restoration.md shows the signs): conversion
character by character, pinyin written behind characters over the bytes of GBK, marks matched over bytes, words deleted
by filters, decoding with the wrong character set. Nothing here is used by restoration itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from pypinyin import Style, lazy_pinyin

from corpus.restore import gbk
from corpus.restore.characters import simplified_only, to_traditional, traditional_only

MARKS = "。，！？"
NINE_MARKS = "。，、；：！？”“"


@cache
def character_table(*, merged: bool = False) -> Mapping[str, str]:
    """Return what a converter without phrases puts for each Simplified character.

    Only characters that Traditional text does not use are converted, and 着 becomes 著 (随着 comes out as 隨著, 著名
    stays). merged: those that stand for several Traditional characters are converted too, always to the same one (皇後).
    """
    table = {c: full for c in simplified_only() if len(full := to_traditional(c)) == 1}
    table["着"] = "著"
    if merged:
        table |= {
            "后": "後",
            "里": "裏",
            "系": "係",
            "制": "製",
            "注": "註",
            "范": "範",
            "征": "徵",
            "面": "麵",
            "干": "幹",
        }
    return table


def convert_by_character(text: str, *, merged: bool = False) -> str:
    """Return the text with every character converted on its own."""
    table = character_table(merged=merged)
    return "".join(table.get(character, character) for character in text)


@cache
def reading(character: str) -> str:
    """Return the reading that a tool writes behind a character."""
    return str(lazy_pinyin(character, style=Style.TONE)[0])


def table_of(density: float, random: Random) -> frozenset[str]:
    """Return the characters that a tool annotates: a share of all converted ones."""
    characters = sorted(c for c in traditional_only() if c in gbk.byte_pairs())
    return frozenset(characters if density >= 1 else random.sample(characters, round(density * len(characters))))


@dataclass(frozen=True, slots=True)
class Shown:
    """A text after bytewise damage, and what was lost: ``straddles`` notes or marks that cut a character, ``lost`` pairs
    of bytes shown as one ``?`` or private-use character's worth (an eaten bracket before a note not counted)."""

    text: str
    notes: int = 0
    straddles: int = 0
    lost: int = 0


def decode_lossy(data: bytes, *, private_use: bool) -> tuple[str, int]:
    """Return GBK bytes as a lenient decoder shows them, and how many pairs are lost.

    A lead byte takes the byte after it along, whatever it is. private_use: pairs of CP936's user-defined areas are
    shown as private-use characters; otherwise, and for all other pairs without a character, as one ``?``.
    """
    table = gbk.characters()
    shown: list[str] = []
    lost = at = 0
    while at < len(data):
        lead = data[at]
        if lead < 0x80:
            shown.append(chr(lead))
            at += 1
            continue
        trail = data[at + 1] if at + 1 < len(data) else 0
        character = table[lead * 256 + trail]
        if not character and private_use:
            character = gbk.private_use(lead, trail)
        if not character:
            character = "?"
            lost += data[at + 1 : at + 2] != b"(" or not _NOTE_AHEAD.match(data, at + 1)
        shown.append(character)
        at += 2
    return "".join(shown), lost


_NOTE_AHEAD = re.compile(rb"\([a-z\x80-\xff]{1,12} ?\)")


@cache
def _pattern(table: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(b"|".join(re.escape(gbk.byte_pairs()[c]) for c in sorted(table)))


def annotate(text: str, table: frozenset[str], *, space: bool = False, private_use: bool = False) -> Shown:
    """Return the text with the reading behind each character of the table, matched over its GBK bytes.

    The match begins at any byte, so it also finds the end of one character and the beginning of the next.
    """
    data = text.encode("gbk", "replace")
    notes = straddles = 0
    boundary = [False] * (len(data) + 1)
    at = 0
    while at <= len(data):
        boundary[at] = True
        at += 1 if at >= len(data) or data[at] < 0x80 else 2

    def note(match: re.Match[bytes]) -> bytes:
        nonlocal notes, straddles
        notes += 1
        straddles += not boundary[match.start()]
        syllable = reading(match[0].decode("gbk")).encode("gbk", "ignore")
        return match[0] + b"(" + syllable + (b" )" if space else b")")

    annotated = _pattern(table).sub(note, data) if table else data
    shown, lost = decode_lossy(annotated, private_use=private_use)
    return Shown(shown, notes, straddles, lost)


def cut_at_marks(text: str, marks: str = MARKS, *, private_use: bool = False) -> Shown:
    """Return the text as it looks after a tool split it at marks over its GBK bytes.

    Each piece is decoded on its own: a match that begins inside a character leaves its lead byte behind.
    """
    data = text.encode("gbk", "replace")
    pattern = re.compile(b"(" + b"|".join(mark.encode("gbk") for mark in marks) + b")")
    shown: list[str] = []
    straddles = lost = 0
    for piece in pattern.split(data):
        decoded, missing = decode_lossy(piece, private_use=private_use)
        orphan = _ends_inside(piece)
        straddles += orphan
        lost += missing - orphan
        shown.append(decoded)
    return Shown("".join(shown), 0, straddles, lost)


def _ends_inside(data: bytes) -> bool:
    """Tell whether bytes end with a lead byte."""
    at = 0
    while at < len(data):
        at += 1 if data[at] < 0x80 else 2
    return at > len(data)


def delete_words(text: str, words: Mapping[str, str], rate: float, random: Random) -> tuple[str, tuple[int, ...]]:
    """Return the text with words cut (问题 -> 问, 电话 -> blank) at a rate, and the places of the cuts in the new text."""
    pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
    pieces: list[str] = []
    places: list[int] = []
    position = length = 0
    for match in pattern.finditer(text):
        if random.random() >= rate:
            continue
        pieces += (text[position : match.start()], words[match[0]])
        length += match.start() - position + len(words[match[0]])
        places.append(length)
        position = match.end()
    return "".join(pieces) + text[position:], tuple(places)


def insert(term: str, symbols: Sequence[str], random: Random) -> str:
    """Return a term with a symbol between two of its characters: 催*收."""
    at = random.randrange(1, len(term))
    return term[:at] + random.choice(symbols) + term[at:]


def chosen(text: str, terms: Collection[str], change: Callable[[str], str]) -> str:
    """Return the text with each of the terms changed."""
    return re.sub("|".join(map(re.escape, sorted(terms, key=len, reverse=True))), lambda m: change(m[0]), text)

"""Texts in, the letters and digits that carry them out: the form in which texts are compared.

Comparable are letters (Chinese characters first of all) and digits, in NFKC and lower case; spaces, punctuation,
symbols and emoji are not, so a copy with other line breaks or full-width commas is the same text. A point between two
digits stays, since 1.5 is not 15. Many texts are laid end to end in one array and looked up in one table: numpy's cost
a call is paid once a batch, not once a text.
Source: NFKC is UAX #15; batching is measured in docs/duplicates.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint16]
Positions = NDArray[np.int64]

DROPPED = 0  # carries no text
STOP = 1  # ends a sentence
OPEN = 2  # 【
CLOSE = 3  # 】
POINT = 4  # a full stop or point that may stand inside a number
FIRST_LETTER = 5
MASKS = 0xE000  # first of the private-use codes that stand for what a template fills in

_STOPS = frozenset("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029。！？!?；;…｡")
_POINTS = frozenset(".．")


@dataclass(frozen=True, slots=True)
class Letters:
    """A batch of texts laid end to end.

    raw: one code a code point of the texts, texts in order, STOP between two of them.
    codes: those of ``raw`` that carry text. starts: (n_texts + 1,), where each text begins in ``codes``; the last is
    its length. kept_before: (len(raw) + 1,), how many of ``raw[:i]`` are in ``codes``. raw_starts: (n_texts + 1,),
    where each text begins in ``raw``.
    """

    raw: Codes
    codes: Codes
    starts: Positions
    kept_before: Positions
    raw_starts: Positions

    @property
    def lengths(self) -> Positions:
        """Letters and digits of each text, (n_texts,)."""
        return np.diff(self.starts)

    def text_codes(self, index: int) -> Codes:
        """The codes of one text."""
        return self.codes[self.starts[index] : self.starts[index + 1]]


def letters(texts: Sequence[str]) -> Letters:
    """Return the comparable letters of the texts. Any string is accepted, lone surrogates included."""
    joined = "\n".join(texts) + "\n"
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table = _table()
    raw = table.take(points, mode="clip")
    beyond = np.flatnonzero(points > 0xFFFF)
    if len(beyond):
        found, where = np.unique(points[beyond], return_inverse=True)
        raw[beyond] = np.fromiter((_code(int(point)) for point in found), dtype=np.uint16, count=len(found))[where]
    kept = raw >= FIRST_LETTER
    inside = np.flatnonzero(raw == POINT)
    if len(inside):
        kept[inside] = _is_digit(raw[np.maximum(inside - 1, 0)]) & _is_digit(raw[np.minimum(inside + 1, len(raw) - 1)])
    kept_before = np.zeros(len(raw) + 1, dtype=np.int64)
    np.cumsum(kept, out=kept_before[1:])
    raw_starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts)), out=raw_starts[1:])
    return Letters(raw, raw[kept], kept_before[raw_starts], kept_before, raw_starts)


def encode(text: str) -> Codes:
    """Return the codes of one short text, such as an entry of a word list."""
    return letters([text]).codes


def _is_digit(codes: Codes) -> NDArray[np.bool_]:
    return (codes >= ord("0")) & (codes <= ord("9"))


@cache
def _table() -> Codes:
    """The code of each code point of the basic plane; built once, the same on every machine of one Unicode version."""
    table = np.fromiter((_code(point) for point in range(0x10000)), dtype=np.uint16, count=0x10000)
    table.setflags(write=False)
    return table


def _code(point: int) -> int:
    character = chr(point)
    if character in _STOPS:
        return STOP
    if character in "【】":
        return OPEN if character == "【" else CLOSE
    if character in _POINTS:
        return POINT
    if 0xD800 <= point < 0xF900 or point >= 0xF0000:  # surrogates and private use: marks of damage, not text
        return DROPPED
    normal = unicodedata.normalize("NFKC", character).lower()
    letter = next((ord(each) for each in normal if each.isalnum()), DROPPED)
    if letter <= 0xFFFF:
        return letter
    # Rare characters beyond the basic plane share the room of the private-use area: two may meet in one code, which
    # makes two texts look alike in that place and nothing worse. The first 0x100 codes there are kept for masks.
    return 0xE100 + letter % 0x1700

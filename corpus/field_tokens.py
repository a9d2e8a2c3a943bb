"""The tokens of an article's fields: its pairs of characters, and two kinds beside them that let searches read less.

* Titles and holes are short, but a word within one is found among the places of that word in all texts. So their pairs
  stand there a second time behind a sign of their own: ``title:催收`` is the token 題催收, which no text holds.
* A word of several pairs is a phrase, whose pairs must be read and compared. The words of the field
  (``whole_words.txt``), which are what most searches ask for, are tokens as well: 停息挂账 is one instead of three.

The signs are Traditional characters, which folding makes Simplified: they cannot stand in a folded text.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from corpus.segment import decoded, folded_codes, pairs

SIGNS = {"title": "題", "holes": "遺"}  # before the pairs of these fields
BORDER = "詞"  # between pairs and whole words, so that no phrase runs from one to the other
BEGINNING = 3  # characters by which whole words are looked up; the shortest are as long
HASH_BITS = 20


def field_tokens(text: str, field: str = "text") -> str:
    """Return the tokens of a field, separated by spaces: pairs, pairs behind the field's sign, whole words.

    >>> field_tokens("停息挂账").split()
    ['停息', '息挂', '挂账', '账', '詞', '停息挂账']
    >>> field_tokens("停息。", "title").split()
    ['停息', '息', '題停息', '題息']
    """
    codes = folded_codes(text)
    tokens = pairs(codes)
    if field in SIGNS:
        tokens += pairs(codes, SIGNS[field])
    if words := words_within(codes):
        tokens += f"{BORDER} {' '.join(words)} "
    return tokens


@cache
def whole_words() -> frozenset[str]:
    """Return the words that are indexed whole. A constant, read once."""
    lines = files("corpus").joinpath("whole_words.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def beginnings() -> tuple[NDArray[np.bool_], dict[str, tuple[str, ...]]]:
    """Return (which hashes of beginnings there are, the whole words by their first characters). Constants."""
    words: dict[str, tuple[str, ...]] = {}
    for word in sorted(whole_words()):
        words[word[:BEGINNING]] = (*words.get(word[:BEGINNING], ()), word)
    there = np.zeros(1 << HASH_BITS, dtype=np.bool_)
    for beginning in words:
        there[hashes(folded_codes(beginning))] = True
    there.flags.writeable = False
    return there, words


def hashes(codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return a hash of the three characters that begin at each place, (len(codes) - 2,). Odd factors, chosen."""
    mixed: NDArray[np.uint32] = codes[:-2] * np.uint32(0x9E3779B1)
    mixed ^= codes[1:-1] * np.uint32(0x85EBCA77)
    mixed ^= codes[2:] * np.uint32(0xC2B2AE3D)
    mixed >>= np.uint32(32 - HASH_BITS)
    return mixed


def words_within(codes: NDArray[np.uint32]) -> tuple[str, ...]:
    """Return the whole words that stand in a folded text, each once, in the order of their first places."""
    if len(codes) < BEGINNING:
        return ()
    there, words = beginnings()
    places = np.flatnonzero(there[hashes(codes)])
    if not len(places):
        return ()
    text = decoded(codes)
    found: dict[str, None] = {}
    for place in places.tolist():
        for word in words.get(text[place : place + BEGINNING], ()):
            if word not in found and text.startswith(word, place):
                found[word] = None
    return tuple(found)

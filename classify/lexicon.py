"""Groups of the field's phrases: in go the characters of a text, out come the phrases in it, longest first.

Every candidate place is hashed with its next characters (``classify.hashing``) and looked up in small tables, all
places at once; only phrases with digits or of five characters and more are compared letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classify.hashing import fold, hash_words, mixed, pairs, raw_spans
from corpus.errors import ModelError

LEXICON = Path(__file__).parent / "data" / "lexicon.tsv"
SIZES = (2, 3, 4, 5)  # characters that are hashed; longer phrases by their first five
TABLE_BITS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Phrases of a text: starts, ends, and which phrase of the lexicon, each of shape (n,), in order."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    phrases: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Groups of phrases: names in order, phrases in order, and the compiled search.

    member: shape (n_phrases, n_groups), 1 where the phrase is in the group. heads: first two characters -> lengths of their
    phrases of five and more characters or with digits, longest first. opens: table of the hashes of first two characters;
    tables: for each of SIZES, of phrases so long, for the last of the beginnings of longer ones. keys, order: sorted hashes
    of all phrases, and their places; careful: whether a phrase of these holds a digit, all of which hash alike.
    """

    groups: tuple[str, ...]
    phrases: tuple[str, ...]
    member: NDArray[np.uint8]
    place: dict[str, int]
    heads: dict[str, tuple[int, ...]]
    opens: NDArray[np.bool_]
    tables: tuple[NDArray[np.bool_], ...]
    keys: NDArray[np.uint64]
    order: NDArray[np.int64]
    careful: NDArray[np.bool_]


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of ``data/lexicon.tsv``. Raises ModelError when it cannot be read."""
    try:
        lines = LEXICON.read_text("utf-8").splitlines()
        rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
        groups = tuple(name for name, _ in rows)
        of_phrase: dict[str, list[int]] = {}
        for index, (_, listed) in enumerate(rows):
            for phrase in filter(lambda p: len(p) > 1, dict.fromkeys(listed.split(","))):
                of_phrase.setdefault(phrase.lower(), []).append(index)
    except (OSError, ValueError) as error:
        raise ModelError(f"The lexicon {LEXICON.name} cannot be read: install cuishou anew.") from error
    return compile_lexicon(groups, {key: tuple(found) for key, found in of_phrase.items()})


def compile_lexicon(groups: tuple[str, ...], of_phrase: dict[str, tuple[int, ...]]) -> Lexicon:
    """Return the lexicon ready for searching; phrases are of two characters or more, in small letters."""
    phrases = tuple(of_phrase)
    member = np.zeros((len(phrases), len(groups)), dtype=np.uint8)
    for row, found in enumerate(of_phrase.values()):
        member[row, list(found)] = 1
    heads: dict[str, set[int]] = {}
    for phrase in phrases:
        heads.setdefault(phrase[:2], set()).add(len(phrase))
    opens = np.zeros(1 << TABLE_BITS, dtype=np.bool_)
    opens[_key(mixed(pairs(fold("".join(sorted(heads))))[::2]))] = True
    longest = SIZES[-1]
    tables = tuple(_table(p[:n] for p in phrases if len(p) == n or len(p) > n == longest) for n in SIZES)
    keys = hash_words(list(phrases))
    order = np.argsort(keys, kind="stable")
    careful = np.array([any(c.isdigit() for c in phrases[i]) for i in order.tolist()])
    return Lexicon(
        groups, phrases, member, {phrase: row for row, phrase in enumerate(phrases)},
        {head: tuple(sorted(lengths, reverse=True)) for head, lengths in heads.items()},
        opens, tables, keys[order], order, careful,
    )  # fmt: skip


def _table(words: Iterable[str]) -> NDArray[np.bool_]:
    found = np.zeros(1 << TABLE_BITS, dtype=np.bool_)
    found[_key(mixed(hash_words(sorted(words))))] = True
    return found


def _key(hashed: NDArray[np.int64]) -> NDArray[np.int64]:
    return hashed >> (24 - TABLE_BITS)


def find(book: Lexicon, text: str, sums: NDArray[np.uint64], couples: NDArray[np.int64]) -> Hits:
    """Return the longest phrase at each place, left to right, without overlaps.

    text: in small letters; sums: ``hashing.prefix_sums`` of its folded characters; couples: their pairs, mixed.
    """
    places = np.flatnonzero(book.opens[_key(couples)])
    best = np.zeros(len(places), dtype=np.int64)
    best_raw = np.zeros(len(places), dtype=np.uint64)
    for size, table in zip(SIZES, book.tables, strict=True):
        inside = places[: np.searchsorted(places, len(text) - size, side="right")]
        raw = raw_spans(sums, inside, inside + size)
        there = np.flatnonzero(table[_key(mixed(raw))])
        best[there], best_raw[there] = size, raw[there]
    kept = np.flatnonzero(best)
    places, best, best_raw = places[kept], best[kept], best_raw[kept]
    at = np.minimum(np.searchsorted(book.keys, best_raw), len(book.keys) - 1)
    careful = np.flatnonzero((book.keys[at] != best_raw) | (best == SIZES[-1]) | book.careful[at])
    phrases = book.order[at]
    for index in careful.tolist():
        best[index], phrases[index] = _letter_by_letter(book, text, int(places[index]))
    return _apart(places, places + best, phrases)


def _letter_by_letter(book: Lexicon, text: str, start: int) -> tuple[int, int]:
    """Return (length, phrase) of the longest phrase at a place, (0, 0) where there is none."""
    for length in book.heads.get(text[start : start + 2], ()):
        phrase = book.place.get(text[start : start + length], -1)
        if phrase >= 0 and start + length <= len(text):
            return length, phrase
    return 0, 0


def _apart(starts: NDArray[np.int64], ends: NDArray[np.int64], phrases: NDArray[np.int64]) -> Hits:
    """Return the hits that do not overlap one before; a hit of no length is none."""
    kept: list[int] = []
    reached = 0
    for index, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        if start >= reached and end > start:
            reached = end
            kept.append(index)
    return Hits(starts[kept], ends[kept], phrases[kept])

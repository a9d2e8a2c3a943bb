"""Groups of the field's phrases: in go the characters of a text, out come the phrases in it, longest first.

Every candidate place is hashed with its next characters (``classify.hashing``) and looked up in small tables, all
places at once; only phrases with digits or of five characters and more are compared letter by letter.
"""

from __future__ import annotations

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
_SPREAD = np.uint64(0xBF58476D1CE4E5B9)  # odd: brings every bit of a hash to its highest ones
_SIZES = np.array(SIZES)[:, None]
_BITS = (1 << np.arange(len(SIZES), dtype=np.uint8))[:, None]  # of the tables, by size


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """Phrases of a text: starts, ends, and which phrase of the lexicon, each of shape (n,), in order."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    phrases: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Groups of phrases: names in order, phrases in order, and the compiled search.

    groups_of: shape (n_phrases, most groups of a phrase), places of its groups, filled up with n_groups. heads: first two characters -> lengths of their
    phrases, longest first. opens: table of the hashes of first two characters; tables: by hash, bit i set for a phrase of
    SIZES[i] characters. keys: sorted hashes of all phrases, longer ones by their beginning; by key: order, lengths: phrase
    and its characters; careful: whether to compare letters, as for digits, all of which hash alike.
    """

    groups: tuple[str, ...]
    phrases: tuple[str, ...]
    groups_of: NDArray[np.int64]
    place: dict[str, int]
    heads: dict[str, tuple[int, ...]]
    opens: NDArray[np.bool_]
    tables: NDArray[np.uint8]
    keys: NDArray[np.uint64]
    order: NDArray[np.int64]
    lengths: NDArray[np.int64]
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
    listed = [sorted(set(found)) for found in of_phrase.values()]
    groups_of = np.full((len(phrases), max(map(len, listed))), len(groups), dtype=np.int64)
    for row, found in enumerate(listed):
        groups_of[row, : len(found)] = found
    heads: dict[str, set[int]] = {}
    for phrase in phrases:
        heads.setdefault(phrase[:2], set()).add(len(phrase))
    opens = np.zeros(1 << TABLE_BITS, dtype=np.bool_)
    opens[_pair_key(mixed(pairs(fold("".join(sorted(heads))))[::2]))] = True
    starts = [phrase[: SIZES[-1]] for phrase in phrases]
    hashed, lengths = hash_words(starts), np.fromiter(map(len, starts), dtype=np.int64)
    tables = np.zeros(1 << TABLE_BITS, dtype=np.uint8)
    np.bitwise_or.at(tables, _key(hashed), _BITS[lengths - SIZES[0], 0])
    order = np.argsort(hashed, kind="stable")
    begun = {phrase[: SIZES[-1]] for phrase in phrases if len(phrase) > SIZES[-1]}
    careful = np.array([start in begun or any(c.isdigit() for c in start) for start in starts], dtype=np.bool_)
    return Lexicon(
        groups, phrases, groups_of, {phrase: row for row, phrase in enumerate(phrases)},
        {head: tuple(sorted(found, reverse=True)) for head, found in heads.items()},
        opens, tables, hashed[order], order, lengths[order], careful[order],
    )  # fmt: skip


def _pair_key(hashed: NDArray[np.int64]) -> NDArray[np.int64]:
    return hashed >> (24 - TABLE_BITS)


def _key(raw: NDArray[np.uint64]) -> NDArray[np.int64]:
    return ((raw * _SPREAD) >> np.uint64(64 - TABLE_BITS)).view(np.int64)


def group_counts(book: Lexicon, hits: Hits) -> NDArray[np.int64]:
    """Return how many of the hits are in each group, shape (n_groups,)."""
    size = len(book.groups)
    counts: NDArray[np.int64] = np.bincount(book.groups_of.take(hits.phrases, axis=0).ravel(), minlength=size + 1)
    return counts[:size]


def find(book: Lexicon, text: str, sums: NDArray[np.uint64], couples: NDArray[np.int64]) -> Hits:
    """Return the longest phrase at each place, left to right, without overlaps; capital letters are as small ones.

    sums: ``hashing.prefix_sums`` of its folded characters; couples: their pairs, mixed.
    """
    places = book.opens.take(_pair_key(couples)).nonzero()[0]
    # A span cut short by the end is a shorter phrase or none: its length is that of the phrase found.
    raw = raw_spans(sums, places, places + _SIZES)
    maybe = (book.tables.take(_key(raw)) & _BITS).ravel().nonzero()[0]
    found = raw.take(maybe)
    at = book.keys[1:].searchsorted(found, side="right")  # place of the last key not beyond it, or the first
    exact = (book.keys.take(at) == found).nonzero()[0]
    longest = np.zeros(len(places), dtype=np.int64)
    longest[maybe.take(exact) % len(places)] = at.take(exact) + 1  # sizes ascend: the last one written is the longest
    there = longest.nonzero()[0]
    at, places = longest.take(there) - 1, places.take(there)
    lengths, phrases = book.lengths.take(at), book.order.take(at)
    for index in book.careful.take(at).nonzero()[0].tolist():
        lengths[index], phrases[index] = _letter_by_letter(book, text, int(places[index]))
    return _apart(places, lengths, phrases)


def _letter_by_letter(book: Lexicon, text: str, start: int) -> tuple[int, int]:
    """Return (length, phrase) of the longest phrase at a place, (0, 0) where there is none."""
    for length in book.heads.get(text[start : start + 2].lower(), ()):
        phrase = book.place.get(text[start : start + length].lower(), -1)
        if phrase >= 0 and start + length <= len(text):
            return length, phrase
    return 0, 0


def _apart(starts: NDArray[np.int64], lengths: NDArray[np.int64], phrases: NDArray[np.int64]) -> Hits:
    """Return the hits that do not overlap one before; a hit of no length is none."""
    real = lengths.nonzero()[0]
    starts = starts.take(real)
    ends = starts + lengths.take(real)
    following = starts.searchsorted(ends).tolist()  # the first hit that does not overlap each
    kept, place = [], 0
    while place < len(following):
        kept.append(place)
        place = following[place]
    rows = np.array(kept, dtype=np.int64)
    return Hits(starts.take(rows), ends.take(rows), phrases.take(real.take(rows)))

"""Groups of the field's phrases: in go the characters of a text, out come the phrases in it, longest first.

Every candidate place is hashed with its next characters (``classify.hashing``) and looked up in small tables, all
places at once; only what passes is compared letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classify.hashing import hash_words, spans
from corpus.errors import ModelError

LEXICON = Path(__file__).parent / "data" / "lexicon.tsv"
PREFIXES = (3, 4, 5)  # characters that are hashed beside the first two; longer phrases by their first five
TABLE_BITS = 16

Hits = list[tuple[int, int, str]]  # (start, end, phrase), in order


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Groups of phrases: names in order, phrase -> indices of its groups, and the compiled search.

    heads: first two characters -> lengths of their phrases, longest first. opens, pairs: places of tables of the hashes of
    first two characters, and of phrases of two; prefixes: of phrases of three and four, and of the first five of others.
    """

    groups: tuple[str, ...]
    of_phrase: dict[str, tuple[int, ...]]
    heads: dict[str, tuple[int, ...]]
    opens: NDArray[np.bool_]
    pairs: NDArray[np.bool_]
    prefixes: tuple[NDArray[np.bool_], ...]


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
    heads: dict[str, set[int]] = {}
    for phrase in of_phrase:
        heads.setdefault(phrase[:2], set()).add(len(phrase))
    ordered = {head: tuple(sorted(lengths, reverse=True)) for head, lengths in heads.items()}
    *short, longest = (
        _table(p[:n] for p in of_phrase if len(p) == n or len(p) > n == PREFIXES[-1]) for n in (2, *PREFIXES)
    )
    return Lexicon(groups, of_phrase, ordered, _table(heads), short[0], (*short[1:], longest))


def _table(words: Iterable[str]) -> NDArray[np.bool_]:
    found = np.zeros(1 << TABLE_BITS, dtype=np.bool_)
    found[_key(hash_words(sorted(words)))] = True
    return found


def _key(hashed: NDArray[np.int64]) -> NDArray[np.int64]:
    return hashed >> (24 - TABLE_BITS)


def find(book: Lexicon, text: str, sums: NDArray[np.uint64]) -> Hits:
    """Return the longest phrase at each place, left to right, without overlaps.

    text: in small letters; sums: ``hashing.prefix_sums`` of its folded characters.
    """
    places = np.arange(max(0, len(text) - 1))
    keys = _key(spans(sums, places, places + 2))
    places = np.flatnonzero(book.opens[keys])
    best = np.where(book.pairs[keys[places]], 2, 0)
    for size, table in zip(PREFIXES, book.prefixes, strict=True):
        inside = places[: np.searchsorted(places, len(text) - size, side="right")]
        best[: len(inside)][table[_key(spans(sums, inside, inside + size))]] = size
    return _letter_by_letter(book, text, places[best > 0].tolist(), best[best > 0].tolist())


def _letter_by_letter(book: Lexicon, text: str, places: list[int], sizes: list[int]) -> Hits:
    found: Hits = []
    reached = 0
    heads, known, longest = book.heads, book.of_phrase, PREFIXES[-1]
    for start, size in zip(places, sizes, strict=True):
        if start < reached:
            continue
        phrase = text[start : start + size]
        if size == longest or phrase not in known:  # longer than the tables tell, or another of the same hash
            lengths = heads.get(phrase[:2], ())
            phrase = next((p for p in (text[start : start + n] for n in lengths) if p in known), "")
        if phrase:
            reached = start + len(phrase)
            found.append((start, reached, phrase))
    return found

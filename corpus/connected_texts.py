"""Which texts hang together in the index: what must be clustered together, read from corpus.db.

Copies, variants and texts of the same masked text are followed from what an update touched, until nothing new is found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.candidates import Pairs
from corpus.text_index import Pair, article_ids, pieces, texts_of_masks


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that are connected with each other or were so before, and their relations."""

    numbers: Sequence[int]  # ascending
    copies: Sequence[Pair]
    similarity: Sequence[float]  # of the copies
    variants: Sequence[Pair]

    def places(self, pairs: Sequence[Pair]) -> Pairs:
        """Return pairs of numbers as pairs of places in ``numbers``, (n, 2)."""
        numbers, wanted = (np.asarray(each, dtype=np.int64) for each in (self.numbers, pairs))
        found: Pairs = np.searchsorted(numbers, wanted)
        return found


def connected(connection: sqlite3.Connection, touched: Iterable[int]) -> Group:
    """Return all texts connected with the touched ones by copies, variants and equal masked text."""
    seen: set[int] = set()
    waiting = set(touched)
    copies: dict[Pair, float] = {}
    variants: set[Pair] = set()
    while waiting:
        seen |= waiting
        found: set[int] = set()
        for left, right, relation, similarity in _relations(connection, waiting):
            if relation == "copy":
                copies[left, right] = similarity
            else:
                variants.add((left, right))
            found.update((left, right))
        for first, other in _same_mask(connection, waiting):
            if first != other:
                variants.add((first, other))
            found.update((first, other))
        waiting = found - seen
    alive = set(article_ids(connection, seen))
    inside = sorted(seen & alive)
    kept = sorted(each for each in copies if alive.issuperset(each))
    return Group(
        inside,
        kept,
        [copies[each] for each in kept],
        sorted(each for each in variants if alive.issuperset(each)),
    )


def _relations(connection: sqlite3.Connection, numbers: Iterable[int]) -> Iterable[tuple[int, int, str, float]]:
    for places, piece in pieces(numbers):
        for column in ('"left"', '"right"'):
            yield from connection.execute(
                f'SELECT "left", "right", relation, similarity FROM similar_texts WHERE {column} IN ({places}) '
                "AND relation IN ('copy', 'variant')",
                piece,
            )


def _same_mask(connection: sqlite3.Connection, numbers: Iterable[int]) -> Iterable[Pair]:
    """Pairs of the least text of a masked text and each of the same."""
    masks: set[str] = set()
    for places, piece in pieces(numbers):
        masks.update(
            row[0]
            for row in connection.execute(
                "SELECT masked FROM duplicate_texts JOIN fingerprints USING (article_id) "
                f"WHERE number IN ({places}) AND masked <> ''",
                piece,
            )
        )
    first: dict[str, int] = {}
    for masked, number in texts_of_masks(connection, masks):
        yield first.setdefault(masked, number), number

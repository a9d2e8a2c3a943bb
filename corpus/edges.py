"""Candidate pairs in, verified edges out: each pair is given its relation by the texts themselves.

An estimate of the signatures settles most: far below REVIEW there is no relation, well above NEAR the texts are near
and only their slots and quotations are looked at. In between the shingles are compared. Texts are loaded once for each
group of connected candidates, a bounded number at a time, so memory does not grow with the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.candidates import Pairs, Values, estimates
from corpus.clusters import MARGIN, NEAR, REVIEW, components
from corpus.compare import Comparison, comparables, compare, profiles, relation_of_near

SURE = NEAR + MARGIN  # estimate from which shingles need not be compared
HOPELESS = REVIEW - MARGIN  # estimate below which they need not either
_LOADED = 4_096  # texts held at once, about 60 MB

Load = Callable[[Sequence[int]], Sequence[str]]  # numbers of texts -> texts


@dataclass(frozen=True, slots=True)
class Edge:
    """Two texts, smaller number first, and what they are to each other."""

    left: int
    right: int
    comparison: Comparison


def verify(pairs: Pairs, signatures: Values, load: Load) -> Iterator[Edge]:
    """Yield the pairs that have a relation, with it.

    pairs: (n, 2) rows of ``signatures``; load: gives the texts of such rows.
    """
    guesses = estimates(signatures, pairs)
    likely = guesses >= HOPELESS
    pairs, guesses = pairs[likely], guesses[likely]
    if not len(pairs):
        return
    for chunk in _chunks(pairs):
        yield from _verify_chunk(pairs[chunk], guesses[chunk], load)


def _chunks(pairs: Pairs) -> Iterator[NDArray[np.int64]]:
    """Yield the places of the pairs, connected ones together, in chunks of about _LOADED texts."""
    touched, numbers = np.unique(pairs, return_inverse=True)
    labels = components(len(touched), numbers.reshape(-1, 2))[numbers.reshape(-1, 2)[:, 0]]
    order = np.lexsort((pairs[:, 1], pairs[:, 0], labels))
    start = 0
    while start < len(order):
        # Each pair brings at most two texts, and connected pairs share most of theirs: look ahead, then cut.
        stop = min(len(order), start + 16 * _LOADED)
        ahead = pairs[order[start:stop]].ravel()
        _, first = np.unique(ahead, return_index=True)
        if len(first) > _LOADED:
            stop = start + max(1, int(np.sort(first)[_LOADED]) // 2)
        yield order[start:stop]
        start = stop


def _verify_chunk(pairs: Pairs, guesses: NDArray[np.float32], load: Load) -> Iterator[Edge]:
    sure = guesses >= SURE
    near, doubtful = np.unique(pairs[sure]).tolist(), np.unique(pairs[~sure]).tolist()
    known = dict(zip(near, profiles(load(near)), strict=True))
    for (left, right), guess in zip(pairs[sure].tolist(), guesses[sure].tolist(), strict=True):
        yield Edge(left, right, Comparison(guess, -1.0, -1.0, relation_of_near(known[left], known[right])))
    ready = dict(zip(doubtful, comparables(load(doubtful)), strict=True))
    for left, right in pairs[~sure].tolist():
        found = compare(ready[left], ready[right])
        if found.relation:
            yield Edge(left, right, found)

"""Band keys in, candidate pairs out: texts that may be copies of each other and must be compared.

Texts are numbered in the order of their digests, so nothing here depends on the order of arrival. Candidates share a
band; a crowded band is tied to its first members only, so that a passage printed by half the corpus costs linear time.
Bands can be worked on apart from each other, on as many machines as there are.
Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4; we differ in MAX_BAND.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

MAX_BAND = 64  # texts in a band that are all compared with each other: 2,016 pairs at most (chosen)
REPRESENTATIVES = 16  # of a more crowded band: its first texts, with which every other is compared (chosen)
_PIECE = 1 << 20  # pairs in one piece: 16 MB
_WAITING = 1 << 23  # pairs held before repeats are taken out: 64 MB
_CHUNK = 1 << 16  # pairs compared at once: 2 × 32 MB of signatures

Pairs = NDArray[np.int64]  # (n, 2), smaller number first
Values = NDArray[np.uint32]  # signatures, (n_texts, n_values)
Number = TypeVar("Number", bound=np.integer[Any])
Keys = NDArray[np.uint64]  # band keys, (n_texts, n_bands)


def candidate_pairs(columns: Iterable[Keys], signatures: Values, least: float = 0.0) -> Pairs:
    """Return the pairs of texts that share a band and whose estimated similarity is ``least`` or more, each once,
    sorted, (n, 2).

    columns: the keys of one band after the other, each (n_texts,), texts in the order of their digests.
    """
    found = [np.zeros(0, dtype=np.int64)]
    waiting = 0
    for column in columns:
        for pairs in band_pieces(column):
            likely = pairs[estimates(signatures, pairs) >= least]
            found.append(likely[:, 0] * len(column) + likely[:, 1])
            waiting += len(likely)
            if waiting > _WAITING:  # copies share most of their bands: what is held is mostly repeats
                found = [distinct(np.concatenate(found))]
                waiting = 0
    codes = distinct(np.concatenate(found))
    return np.stack([codes // len(signatures), codes % len(signatures)], axis=1)


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Return the values ascending, each once: ``np.unique`` of integers, which since numpy 2.3 takes seven times as long
    for a text's shingles (it hashes them first)."""
    ordered = np.sort(values)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def band_pairs(column: Keys, *, largest: int | None = None) -> Pairs:
    """Return the pairs of equal keys in one band: all of them, or those with the first REPRESENTATIVES of a crowd.

    largest: a band of more texts than that gives no pairs at all.
    """
    found = list(band_pieces(column, largest=largest))
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def band_pieces(column: Keys, *, largest: int | None = None) -> Iterator[Pairs]:
    """Yield the same in pieces of _PIECE pairs to twice as many."""
    if not len(column):
        return
    order = np.argsort(column, kind="stable")
    ordered = column[order]
    starts = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])
    sizes = np.diff(np.concatenate([starts, [len(ordered)]]))
    waiting: list[Pairs] = []
    # Groups of one size are one array: no loop over groups, of which there may be a million.
    for size in distinct(sizes[(sizes > 1) & (sizes <= (largest or len(column)))]).tolist():
        left, right = _all_pairs(size) if size <= MAX_BAND else _star(size)
        first = starts[sizes == size]
        step = max(1, _PIECE // len(left))
        for at in range(0, len(first), step):
            groups = order[first[at : at + step, None] + np.arange(size)]
            waiting.append(np.stack([groups[:, left].ravel(), groups[:, right].ravel()], axis=1))
            if sum(map(len, waiting)) > _PIECE:
                yield np.concatenate(waiting)
                waiting = []
    if waiting:
        yield np.concatenate(waiting)


@cache
def _all_pairs(size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    left, right = np.triu_indices(size, 1)
    return left.astype(np.int64), right.astype(np.int64)


def _star(size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    left, right = np.meshgrid(
        np.arange(REPRESENTATIVES, dtype=np.int64), np.arange(size, dtype=np.int64), indexing="ij"
    )
    wanted = left < right
    return left[wanted], right[wanted]


def estimates(signatures: Values, pairs: Pairs) -> NDArray[np.float32]:
    """Return the estimated similarity of each pair, (n_pairs,), in bounded memory."""
    found = np.empty(len(pairs), dtype=np.float32)
    for start in range(0, len(pairs), _CHUNK):
        part = pairs[start : start + _CHUNK]
        same = signatures[part[:, 0]] == signatures[part[:, 1]]
        found[start : start + _CHUNK] = np.count_nonzero(same, axis=1) / signatures.shape[1]
    return found

"""Counts of right and wrong answers by family, and the bootstrap over them.

Passages of one family err together, so families are drawn, not passages (a cluster bootstrap; Davison and Hinkley 1997,
3.8). The draws depend on the number of families alone: two models measured on the same passages are resampled in the
same way, and the differences of their draws are those of a paired bootstrap.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
INTERVAL = (2.5, 97.5)  # percentiles
_BLOCK = 50  # draws at once: bounds the memory for many families
HITS, ANSWERS, GOLD = range(3)


def tally(gold: NDArray[np.int64], best: NDArray[np.int64], families: Sequence[str], codes: int) -> NDArray[np.float64]:
    """Return counts of hits, answers and gold, shape (n_families, 3, codes); a place past the codes is "unsure"."""
    names, family = np.unique(np.array(families), return_inverse=True)

    def count(places: NDArray[np.int64], rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        flat = np.bincount((family * (codes + 1) + places)[rows], minlength=len(names) * (codes + 1))
        return flat.reshape(len(names), codes + 1)[:, :codes]

    every = np.ones(len(gold), dtype=bool)
    return np.stack([count(gold, gold == best), count(best, every), count(gold, every)], axis=1).astype(np.float64)


def resampled(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the summed counts of DRAWS resamples of the families, shape (DRAWS, 3, codes); the same ones each time."""
    families, random = len(counts), np.random.default_rng(0)
    flat, found = counts.reshape(families, -1), []
    for _ in range(DRAWS // _BLOCK):
        drawn = [np.bincount(random.integers(0, families, families), minlength=families) for _ in range(_BLOCK)]
        found.append(np.array(drawn) @ flat)
    return np.concatenate(found).reshape(DRAWS, *counts.shape[1:])


def precision_recall_f1(
    counts: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return precision, recall and F1 of each code for counts of shape (..., 3, codes); 0 where nothing was answered."""
    hits, answers, gold = counts[..., HITS, :], counts[..., ANSWERS, :], counts[..., GOLD, :]
    some = np.maximum
    return hits / some(answers, 1), hits / some(gold, 1), 2 * hits / some(answers + gold, 1)


def macro_f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean F1 of the codes that occur in gold, for counts of shape (..., 3, codes)."""
    occurs = counts[..., GOLD, :] > 0
    f1 = precision_recall_f1(counts)[2]
    mean: NDArray[np.float64] = (f1 * occurs).sum(axis=-1) / np.maximum(occurs.sum(axis=-1), 1)
    return mean


def interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % percentile interval of draws."""
    low, high = np.percentile(draws, INTERVAL)
    return float(low), float(high)

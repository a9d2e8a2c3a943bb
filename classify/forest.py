"""Trees over what was answered first: they learn which answers go together, e.g. who sells in a page that only informs.

Extremely randomised trees (Geurts et al. 2006), grown by scikit-learn (``classify.grow``) and kept as arrays, so that a
model file holds no pickle and the trees of all schemes are walked at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TREES = 100  # of a scheme; 300 bring nothing
DEPTH = 12  # questions at most
UNIT = 255  # shares are whole numbers of 8 bits


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """The trees of all schemes.

    roots: shape (n_trees,), scheme by scheme, TREES of each. feature, threshold, below: shape (n_nodes,); a node asks whether
    input[feature] > threshold and goes on to below, or below + 1 if so; a leaf is its own below and never asks.
    leaf: shape (n_nodes,), where a leaf's shares begin. shares: shape (n,), in 1 / UNIT, as many for a leaf as its scheme
    has codes. sizes: number of codes by scheme.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.uint8]
    threshold: NDArray[np.float32]
    below: NDArray[np.int32]
    leaf: NDArray[np.int32]
    shares: NDArray[np.uint8]
    sizes: tuple[int, ...]


def forest_answers(forest: Forest, inputs: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return the mean share of each code over the trees of a scheme, for each scheme; inputs: shape (n_inputs,)."""
    node: NDArray[np.int32] = forest.roots
    for _ in range(DEPTH):
        higher = inputs.take(forest.feature.take(node)) > forest.threshold.take(node)
        node = forest.below.take(node) + higher.astype(np.int32)
    places = forest.leaf.take(node)
    found = []
    for scheme, size in enumerate(forest.sizes):
        at = np.add.outer(places[scheme * TREES : (scheme + 1) * TREES], np.arange(size))
        total = forest.shares.take(at).sum(axis=0, dtype=np.float32)
        found.append(total / total.sum())
    return found

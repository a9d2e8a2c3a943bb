"""Trees over what was answered first: they learn which answers go together, e.g. who sells in a page that only informs.

Extremely randomised trees (Geurts et al. 2006), grown by scikit-learn (``classify.grow``) and kept as arrays, so that a
model file holds no pickle and the trees of all schemes are walked at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

TREES = 50  # of a scheme; 100 or 300 bring nothing
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
    layout = _layout(forest)
    node = layout.roots
    for _ in range(DEPTH):
        asked = layout.nodes.take(node)
        node = asked["below"] + (inputs.take(asked["feature"]) > asked["threshold"])
    shares = forest.shares.take(forest.leaf.take(node).take(layout.tree) + layout.place)
    total = np.bincount(layout.code, weights=shares, minlength=sum(forest.sizes)).astype(np.float64, copy=False)
    mean = (total / np.add.reduceat(total, layout.firsts).take(layout.scheme)).astype(np.float32)
    return [mean[first : first + size] for first, size in zip(layout.firsts.tolist(), forest.sizes, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """The same trees, laid out to be walked. roots: as in ``Forest``; nodes: what a node asks in one piece, so that a step
    reads one place of memory. For each share that is added up, shape (n,): tree, place in its leaf, code of all schemes'.
    firsts: first code of each scheme; scheme: of each code.
    """

    roots: NDArray[np.int64]
    nodes: NDArray[Any]
    tree: NDArray[np.int64]
    place: NDArray[np.int64]
    code: NDArray[np.int64]
    firsts: NDArray[np.int64]
    scheme: NDArray[np.int64]


@lru_cache(maxsize=2)
def _layout(forest: Forest) -> _Layout:
    nodes = np.zeros(len(forest.below), dtype=[("feature", np.int32), ("threshold", np.float32), ("below", np.int64)])
    nodes["feature"], nodes["threshold"], nodes["below"] = forest.feature, forest.threshold, forest.below
    wide = np.repeat(forest.sizes, TREES)  # codes by tree
    tree = np.repeat(np.arange(len(wide)), wide)
    place = np.arange(len(tree)) - np.repeat(np.cumsum(wide) - wide, wide)
    sizes = np.array(forest.sizes, dtype=np.int64)
    firsts = sizes.cumsum() - sizes
    code = place + np.repeat(firsts, sizes * TREES)
    scheme = np.repeat(np.arange(len(sizes)), sizes)
    return _Layout(forest.roots.astype(np.int64), nodes, tree, place, code, firsts, scheme)

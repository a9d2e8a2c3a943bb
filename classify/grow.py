"""Grows the trees of ``classify.forest`` with scikit-learn; training alone needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier

from classify.forest import DEPTH, TREES, UNIT, Forest

LEAVES = 200  # of a tree at most
LEAST = 2  # passages in a leaf
SHARE = 0.3  # of the inputs that a question is chosen from
SEED = 1
JOBS = 2  # threads; each tree has a seed of its own, so that their number changes nothing


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What the trees of one scheme learn. rows: the passages with a label; codes, weights: of these; size: of the scheme."""

    rows: NDArray[np.int64]
    codes: NDArray[np.int64]
    weights: NDArray[np.float64]
    size: int


def grow(inputs: NDArray[np.float32], questions: Sequence[Question]) -> Forest:
    """Return the trees of all schemes, the same bits each time. inputs: shape (n_passages, n_inputs), at most 256 wide."""
    trees = [
        _tree(grown, classes, question.size) for question in questions for grown, classes in _grown(inputs, question)
    ]
    nodes = np.cumsum([0, *(len(tree.feature) for tree in trees)])
    leaves = np.cumsum([0, *(len(tree.shares) for tree in trees)])
    return Forest(
        nodes[:-1].astype(np.int32),
        np.concatenate([tree.feature for tree in trees]),
        np.concatenate([tree.threshold for tree in trees]),
        np.concatenate([tree.below + first for tree, first in zip(trees, nodes, strict=False)]).astype(np.int32),
        np.concatenate([tree.leaf + first for tree, first in zip(trees, leaves, strict=False)]).astype(np.int32),
        np.concatenate([tree.shares for tree in trees]),
        tuple(question.size for question in questions),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """One tree as in ``Forest``, its nodes and shares counted from 0."""

    feature: NDArray[np.uint8]
    threshold: NDArray[np.float32]
    below: NDArray[np.int64]
    leaf: NDArray[np.int64]
    shares: NDArray[np.uint8]


def _grown(inputs: NDArray[np.float32], question: Question) -> list[tuple[Any, NDArray[np.int64]]]:
    """Return (tree of scikit-learn, the codes its shares stand for)."""
    model = ExtraTreesClassifier(
        TREES, max_depth=DEPTH, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST, max_features=SHARE, random_state=SEED,
        n_jobs=JOBS,
    )  # fmt: skip
    model.fit(inputs[question.rows], question.codes, sample_weight=question.weights)
    return [(estimator.tree_, model.classes_) for estimator in model.estimators_]


def _tree(grown: Any, classes: NDArray[np.int64], size: int) -> _Tree:
    """Return a tree with its nodes numbered anew, so that the two below a node are neighbours."""
    order, below = [0], []
    for node in order:  # grows as it is read
        inner = grown.children_left[node] >= 0
        below.append(len(order) if inner else -1)
        if inner:
            order += [grown.children_left[node], grown.children_right[node]]
    places = np.array(order)
    asks = np.array(below) >= 0
    value = grown.value[places[~asks], 0, :]
    shares = np.zeros((len(value), size))
    shares[:, classes] = value / value.sum(axis=1, keepdims=True)
    leaf = np.zeros(len(places), dtype=np.int64)
    leaf[~asks] = np.arange(len(value)) * size
    return _Tree(
        np.where(asks, grown.feature[places], 0).astype(np.uint8),
        np.where(asks, grown.threshold[places], np.inf).astype(np.float32),
        np.where(asks, np.array(below), np.arange(len(places))),
        leaf,
        np.round(shares * UNIT).astype(np.uint8).ravel(),
    )

"""Trees kept as arrays answer what scikit-learn's trees answer, and the same ones grow each time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier

from classify.forest import DEPTH, TREES, UNIT, Forest, forest_answers
from classify.grow import LEAST, LEAVES, SEED, SHARE, Question, grow

DRAWN = np.random.default_rng(7)
INPUTS = DRAWN.normal(size=(300, 6)).astype(np.float32)
FIRST = (INPUTS[:, 0] > 0).astype(np.int64) + (INPUTS[:, 1] > 1)
OTHER = ((INPUTS[:, 2] > 0) ^ (INPUTS[:, 3] > 0)).astype(np.int64)  # no linear model tells it
WEIGHTS = DRAWN.uniform(0.5, 2, size=300)


def question(codes: NDArray[np.int64], size: int, rows: NDArray[np.int64] | None = None) -> Question:
    kept = np.arange(len(codes)) if rows is None else rows
    return Question(kept, codes[kept], WEIGHTS[kept], size)


@pytest.fixture(scope="module")
def forest() -> Forest:
    return grow(INPUTS, [question(FIRST, 3), question(OTHER, 2)])


def test_answers_are_those_of_the_grown_trees(forest: Forest) -> None:
    model = ExtraTreesClassifier(
        TREES, max_depth=DEPTH, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST, max_features=SHARE, random_state=SEED
    ).fit(INPUTS, FIRST, sample_weight=WEIGHTS)
    ours = np.array([forest_answers(forest, row)[0] for row in INPUTS])
    assert ours == pytest.approx(model.predict_proba(INPUTS), abs=1 / UNIT)


def test_trees_learn_what_belongs_together(forest: Forest) -> None:
    answers = np.array([forest_answers(forest, row)[1] for row in INPUTS])
    assert (answers.argmax(axis=1) == OTHER).mean() > 0.9


def test_answers_of_each_scheme_sum_to_one(forest: Forest) -> None:
    assert [float(share.sum()) for share in forest_answers(forest, INPUTS[0])] == pytest.approx([1, 1])


def test_inputs_beyond_all_bounds_are_answered(forest: Forest) -> None:
    for value in (np.inf, -np.inf, 1e30, np.nan):
        assert [len(share) for share in forest_answers(forest, np.full(6, value, dtype=np.float32))] == [3, 2]


def test_a_code_no_passage_has_gets_no_share() -> None:
    (share,) = forest_answers(grow(INPUTS, [question(OTHER * 2, 4)]), INPUTS[0])
    assert share[[1, 3]].tolist() == [0, 0]


def test_passages_without_a_label_are_not_learnt_from() -> None:
    rows = np.arange(0, 300, 2)
    noise = OTHER.copy()
    noise[1::2] = 1 - noise[1::2]
    kept, all_right = grow(INPUTS, [question(noise, 2, rows)]), grow(INPUTS, [question(OTHER, 2, rows)])
    assert (kept.threshold == all_right.threshold).all()


def test_the_same_passages_grow_the_same_trees(forest: Forest) -> None:
    again = grow(INPUTS, [question(FIRST, 3), question(OTHER, 2)])
    assert (again.threshold == forest.threshold).all()
    assert (again.shares == forest.shares).all()

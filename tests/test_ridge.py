"""First answers: no passage is scored by a model that saw its family, and 16 bits keep what was learnt."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classify.passages import fold_of
from classify.ridge import LARGEST, Kernel, Target, balanced, best_temperature, in_16_bits, out_of_fold, target_of

DRAWN = np.random.default_rng(3)
FAMILIES = tuple(f"family-{i // 2}" for i in range(80))
POINTS = DRAWN.normal(size=(80, 12)).astype(np.float32)
VECTORS = POINTS / np.linalg.norm(POINTS, axis=1, keepdims=True)
CODES = (POINTS[:, 0] > 0).astype(np.int64)
KERNEL = Kernel(POINTS @ POINTS.T + np.float32(1), VECTORS, FAMILIES)


def target(codes: NDArray[np.int64]) -> Target:
    return target_of([(str(code),) for code in codes], [("0",), ("1",)], np.ones(len(codes)))


def test_labels_of_a_fold_do_not_reach_its_own_scores() -> None:
    mine = np.array([fold_of(family) == 0 for family in FAMILIES])
    turned = np.where(mine, 1 - CODES, CODES)
    (before,), (after,) = out_of_fold(KERNEL, [target(CODES)]), out_of_fold(KERNEL, [target(turned)])
    weights_differ = not np.allclose(target(CODES).weight[~mine], target(turned).weight[~mine])
    assert mine.any()
    assert np.allclose(before[mine], after[mine], atol=0.05 if weights_differ else 1e-5)
    assert not np.allclose(before[~mine], after[~mine], atol=1e-2)


def test_scores_out_of_fold_tell_the_codes_apart() -> None:
    (scores,) = out_of_fold(KERNEL, [target(CODES)])
    assert (scores.argmax(axis=1) == CODES).mean() > 0.8


def test_passages_without_a_label_are_scored_and_not_learnt_from() -> None:
    answers = [(str(code),) if place % 2 else ("",) for place, code in enumerate(CODES)]
    half = target_of(answers, [("0",), ("1",)], np.ones(80))
    (scores,) = out_of_fold(KERNEL, [half])
    assert half.rows.tolist() == list(range(1, 80, 2))
    assert scores.shape == (80, 2)
    assert scores[::2].any(axis=1).all()


def test_rare_codes_weigh_more() -> None:
    codes = np.array([0] * 9 + [1])
    assert balanced(np.ones(10), codes, 2, 0.0).tolist() == [1] * 10
    raised = balanced(np.ones(10), codes, 2, 1.0)
    assert raised[:9].sum() == pytest.approx(raised[9])


def test_sure_and_wrong_scores_get_a_high_temperature() -> None:
    codes, ones = np.array([0, 1] * 20), np.ones(40)
    right = np.eye(2)[codes]
    wrong = right.copy()
    wrong[::4] = wrong[::4, ::-1]
    assert best_temperature(wrong, codes, ones) > best_temperature(right, codes, ones)


def test_16_bits_keep_weights_to_a_part_in_sixty_thousand() -> None:
    weights = (DRAWN.normal(size=(50, 4)) * [1e-6, 1, 1e6, 0]).astype(np.float32)
    small, scale = in_16_bits(weights)
    assert small.dtype == np.int16
    assert (np.abs(small * scale - weights) <= np.abs(weights).max(axis=0) / LARGEST).all()

"""When an answer is unsure: below the confidence where out-of-fold answers begin to be right often enough."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from classify.train import ALIKE, SUREST, unsure_below


def answers(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    share = np.column_stack((confidence, *[(1 - confidence) / 9] * 9))
    return share, np.where(right, 0, 1)


def test_answers_that_are_mostly_wrong_are_unsure() -> None:
    confidence = np.linspace(0.2, 1, 2000)
    drawn = np.random.default_rng(1).random(2000)
    share, target = answers(confidence, drawn < np.where(confidence < 0.5, 0.1, 0.9))
    assert unsure_below(share, target) == pytest.approx(0.5, abs=0.04)


def test_few_answers_of_low_confidence_do_not_end_the_search() -> None:
    """Five answers at .2 and the next ones at .4: a gap is no sign that answers are right."""
    confidence = np.concatenate((np.full(5, 0.2), np.linspace(0.4, 1, 1000)))
    share, target = answers(confidence, confidence > 0.55)
    assert unsure_below(share, target) == pytest.approx(0.55, abs=0.04)


def test_answers_that_are_right_are_never_unsure() -> None:
    share, target = answers(np.linspace(0.3, 1, 500), np.ones(500, dtype=np.bool_))
    assert unsure_below(share, target) == pytest.approx(0.3, abs=0.01)


def test_no_threshold_lies_above_the_surest() -> None:
    share, target = answers(np.linspace(0.2, 1, 500), np.zeros(500, dtype=np.bool_))
    assert unsure_below(share, target) == SUREST
    assert unsure_below(share[:ALIKE], target[:ALIKE]) == 0

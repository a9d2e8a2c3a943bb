"""The second answer: shares stay shares, and a temperature changes how sure they are, never which is likeliest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from classify.second import FLOOR, FOREST_SHARE, blended, second_inputs, tempered

SHARES = st.lists(st.integers(0, 1000), min_size=2, max_size=12).filter(any).map(lambda n: np.array(n) / sum(n))


@given(SHARES, st.floats(0.3, 3))
def test_tempered_shares_sum_to_one_and_keep_their_order(shares: NDArray[np.float64], temperature: float) -> None:
    found = tempered(shares, temperature)
    assert found.sum() == pytest.approx(1)
    assert (np.diff(found[np.argsort(shares, kind="stable")]) >= 0).all()


def test_below_one_a_temperature_makes_surer() -> None:
    shares = np.array([0.7, 0.2, 0.1])
    assert tempered(shares, 0.5)[0] > tempered(shares, 1.0)[0] > tempered(shares, 2.0)[0]


def test_the_final_answer_is_mostly_the_trees() -> None:
    found = blended(np.array([1.0, 0.0]), np.array([0.0, 1.0], dtype=np.float32))
    assert found == pytest.approx([1 - FOREST_SHARE, FOREST_SHARE])
    assert FOREST_SHARE > 0.5


def test_inputs_are_first_answers_then_scores() -> None:
    found = second_inputs(np.array([0.0, 1.0]), np.array([0.5, -0.5], dtype=np.float32))
    assert found == pytest.approx([np.log(FLOOR), np.log(1 + FLOOR), 0.5, -0.5], abs=1e-5)
    assert found.dtype == np.float32

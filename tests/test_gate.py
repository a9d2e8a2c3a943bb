"""A new model is refused for what it loses beyond chance, measured on the same passages."""

from __future__ import annotations

import pytest

from classify.evaluate import answer
from classify.gate import Comparison, compare, verdict
from classify.model_file import PACKAGED, load
from classify.passages import compose

GATE = [
    ("lost, and surely", 0.90, 0.894, (-0.010, -0.001), True),
    ("lost, within chance", 0.90, 0.890, (-0.025, 0.001), False),
    ("surely, but less than half a point", 0.90, 0.896, (-0.006, -0.001), False),
    ("better", 0.90, 0.91, (0.002, 0.02), False),
]


@pytest.mark.parametrize(("name", "present", "new", "interval", "refused"), GATE, ids=[row[0] for row in GATE])
def test_refused_is_half_a_point_lost_beyond_chance(
    name: str, present: float, new: float, interval: tuple[float, float], refused: bool
) -> None:
    compared = Comparison("topic", present, new, interval)
    assert compared.refused is refused
    assert ("lost more than half a point" in verdict([compared])) is refused


def test_models_are_compared_on_the_same_passages_only() -> None:
    few = [p for p in compose(480) if p.held_out][:4]
    with pytest.raises(ValueError, match="same passages"):
        compare(answer(load(PACKAGED), few), answer(load(PACKAGED), few[1:]))

"""The character model: what it is asked at once and one by one is the same, and it is small enough to ship."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.restore.language import BOUNDARY, MODEL_FILE, UNKNOWN, Asked, language_model

MOST_BYTES = 10_000_000
SYMBOLS = st.integers(0, len(language_model().unigrams) - 1)
CONTEXTS = {"line": (BOUNDARY, BOUNDARY), "unknown": (UNKNOWN, UNKNOWN)} | {
    text: tuple(language_model().symbols(text).tolist()) for text in ("中华", "的人", "，贷", "圑圝")
}


def test_packaged_model_is_small() -> None:
    assert MODEL_FILE.stat().st_size <= MOST_BYTES


@given(SYMBOLS, SYMBOLS, st.lists(SYMBOLS, min_size=2, max_size=40, unique=True))
@settings(max_examples=200, deadline=None)
def test_symbols_asked_together_have_the_values_they_have_alone(first: int, second: int, thirds: list[int]) -> None:
    model = language_model()
    together = model.each_after_two(first, second, Asked(thirds))
    assert together == pytest.approx([model.after_two(first, second, third) for third in thirds])


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
def test_probabilities_after_two_characters_sum_to_one(context: tuple[int, int]) -> None:
    model = language_model()
    total = sum(math.exp(model.after_two(*context, third)) for third in range(len(model.unigrams)))
    assert total == pytest.approx(1, abs=0.1)  # 1/16 nat a step of the stored values


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [("中华人民共和国", "中化人民共和国"), ("请问你是谁", "请问题你是谁")],
    ids=["name", "question"],
)
def test_line_that_is_written_so_is_likelier(likely: str, unlikely: str) -> None:
    assert language_model().score(likely) > language_model().score(unlikely)


def test_text_inside_a_line_is_scored_without_its_first_two_characters() -> None:
    model = language_model()
    first, second, third = model.symbols("中华人").tolist()
    assert model.score_inside("中华人") == model.after_two(first, second, third)
    assert model.score_inside("\n\n人") == model.after_two(BOUNDARY, BOUNDARY, third)

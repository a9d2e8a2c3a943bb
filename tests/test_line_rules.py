"""Folding of lines: the fast way gives what normalising and translating every character gives."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.line_rules import CHANGES, FOLD, MAX_RULED, fold, fold_all

NO_READING = st.text(st.characters(exclude_characters="()（）\n", exclude_categories=["Cs"]), max_size=80)


def slowly(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(FOLD).lower()


@pytest.mark.parametrize("size", [1, 30, 400])
def test_every_character_that_folding_changes_folds_alike_alone_and_among_others(size: int) -> None:
    changing = [old for old in CHANGES if "(" not in CHANGES[old]]
    for start in range(0, len(changing), size):
        text = "".join(changing[start : start + size])
        assert fold(text) == slowly(text)


@given(NO_READING)
def test_any_text_folds_as_it_would_character_by_character(text: str) -> None:
    assert fold(text) == slowly(text)


@given(NO_READING)
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert slowly(fold(text)) == fold(text)


@given(st.lists(NO_READING, max_size=8))
def test_lines_fold_together_as_they_do_alone(lines: list[str]) -> None:
    assert fold_all(lines) == [fold(line) if len(line) <= MAX_RULED else "" for line in lines]

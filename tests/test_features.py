"""Features of any text: what lies beyond no limit, what no character upsets, and where the words stand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify.features import BUCKETS, FIRST, Passage, featurise

ODD = st.text(alphabet="网贷逾期a1 　\n\uffff\x00\u2028😀İ，" + "\ud800\ud83d\ude00", max_size=40)


@given(ODD, ODD)
def test_words_stand_in_order_inside_the_text_and_hold_no_white_space(title: str, text: str) -> None:
    features = featurise(Passage(title, text))
    starts, ends = features.word_starts, features.word_ends
    assert (starts < ends).all()
    assert (ends[:-1] <= starts[1:]).all()
    covered = "".join(text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
    assert [c for c in covered if c != "\xa0"] == [c for c in text if ord(c) > ord(" ") and c not in "\u3000\xa0"]


@given(ODD, ODD)
def test_buckets_come_block_by_block(title: str, text: str) -> None:
    buckets = featurise(Passage(title, text)).buckets
    blocks = np.searchsorted(FIRST, buckets, side="right")
    assert (blocks[1:] >= blocks[:-1]).all()
    assert ((buckets >= 0) & (buckets < BUCKETS)).all()


@pytest.mark.parametrize("mark", ["\uffff", "\ud800", "\ud83d\ude00"], ids=["sign", "half", "two halves"])
def test_a_character_that_is_none_moves_no_word(mark: str) -> None:
    plain, odd = (featurise(Passage("", f"网贷{between}逾期怎么办")) for between in ("，" * len(mark), mark))
    assert odd.word_starts.tolist() == plain.word_starts.tolist()


def test_groups_count_phrases_of_text_and_title() -> None:
    features = featurise(Passage("网贷逾期", "网贷，网贷。催收"))
    in_text, in_title = features.groups.sum(axis=1).tolist()
    assert in_text >= len(features.hits.phrases) >= 3
    assert in_title >= len(features.title_hits.phrases) >= 1

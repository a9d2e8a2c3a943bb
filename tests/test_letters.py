"""Comparable letters: layout gone, numbers whole, any code point accepted."""

from __future__ import annotations

import pytest

from corpus.letters import FIRST_LETTER, MASKS, encode, letters


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("催收 电话！", "催收电话", id="spaces and punctuation go"),
        pytest.param("ＡＢＣ", "abc", id="full width becomes lower case"),
        pytest.param("①②", "12", id="circled digits"),
        pytest.param("利率1.5%。", "利率1.5", id="point inside a number stays"),
        pytest.param("1.甲", "1甲", id="point after a number goes"),
        pytest.param("。\u200b\ue000\ufffd", "", id="marks of damage are no text"),
        pytest.param("😀网", "网", id="emoji go"),
    ],
)
def test_kept_letters(text: str, kept: str) -> None:
    assert encode(text).tolist() == [ord(each) if each != "." else FIRST_LETTER - 1 for each in kept]


def test_rare_characters_are_kept_in_the_room_of_the_private_use_area() -> None:
    codes = encode("\U00020000\U0002a6d6")
    assert len(codes) == 2
    assert (codes >= MASKS + 0x100).all()
    assert (codes < 0xF900).all()


def test_texts_lie_end_to_end() -> None:
    batch = letters(["网贷", "", "，逾期。"])
    assert batch.lengths.tolist() == [2, 0, 2]
    assert batch.text_codes(2).tolist() == [ord("逾"), ord("期")]
    assert batch.raw_starts.tolist() == [0, 3, 4, 9]


def test_lone_surrogates_are_accepted() -> None:
    assert encode("\ud800网\udfff").tolist() == [ord("网")]

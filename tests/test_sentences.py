"""Sentences shared by two texts: quotations left out, set phrases too, layout makes no difference."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.sentences import MAX_TEXTS, is_partial, sentence_pairs, sentences, shared_sentences

ONE = "借款人应当先核对合同与还款记录。"
TWO = "遇到暴力催收时可以保留录音和短信。"
THREE = "不要轻信收费的债务重组广告宣传。"
SHORT = "谢谢阅读。"


def test_hashes_are_distinct_sorted_and_without_short_sentences() -> None:
    (found,) = sentences([TWO + ONE + SHORT + ONE])
    assert len(found.hashes) == 2
    assert (np.diff(found.hashes) > 0).all()
    assert found.total == 15 + 16


def test_a_batch_gives_what_each_text_gives_alone() -> None:
    texts = [ONE, "", SHORT, TWO + ONE, "\n"]
    for text, found in zip(texts, sentences(texts), strict=True):
        assert found.hashes.tolist() == sentences([text])[0].hashes.tolist()


def test_layout_makes_no_difference() -> None:
    left, right = sentences([ONE + TWO, TWO.replace("。", "！ \n") + " " + ONE.replace("，", ",")])
    assert shared_sentences(left, right)[0] == 2


def test_order_of_words_makes_one() -> None:
    left, right = sentences([ONE, "先借款人应当核对合同与还款记录。"])
    assert shared_sentences(left, right)[0] == 0


def test_quoted_sentences_are_left_out() -> None:
    (found,) = sentences(["第六百八十条 禁止高利放贷，借款的利率不得违反国家有关规定。"])
    assert len(found.hashes) == 0


@pytest.mark.parametrize(
    ("shared", "letters", "total", "partial"),
    [
        pytest.param(3, 120, 480, True, id="a quarter of a long text"),
        pytest.param(2, 120, 480, False, id="too few sentences"),
        pytest.param(3, 100, 400, False, id="too few letters"),
        pytest.param(3, 120, 500, False, id="less than a quarter"),
        pytest.param(1, 40, 60, True, id="most of a short text"),
        pytest.param(1, 20, 20, False, id="one phrase"),
        pytest.param(0, 0, 0, False, id="nothing"),
    ],
)
def test_what_makes_a_partial_copy(shared: int, letters: int, total: int, partial: bool) -> None:
    assert is_partial(shared, letters, total) is partial


def test_pairs_that_share_most_of_a_text_are_found() -> None:
    found = sentences([ONE + TWO + THREE, SHORT, THREE + TWO + ONE, TWO])
    assert sentence_pairs(found).tolist() == [[0, 2]]
    assert sentence_pairs(found[1:2]).tolist() == []


def test_a_sentence_of_too_many_texts_joins_nobody() -> None:
    assert len(sentence_pairs(sentences([ONE + TWO + THREE] * (MAX_TEXTS + 1)))) == 0
    assert len(sentence_pairs(sentences([ONE + TWO + THREE] * 20))) == 190

"""Folding keeps every character's place; pairs find exactly the substrings."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.segment import fold, index_text, phrase, runs

CHINESE = st.text(alphabet="催收贷网网贷款暴力力，。 \n、aA1！後后", max_size=30)


@given(st.text() | st.text(alphabet=st.characters(codec=None)))
@example("İΣß\x00\ud800㎡①⼈")
def test_fold_keeps_the_length_of_any_text_and_folding_again_changes_nothing(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("網絡貸款", "网络贷款", id="traditional"),
        pytest.param("ＡＰＰ１２３", "app123", id="full-width"),
        pytest.param("Cui Shou", "cui shou", id="case"),
        pytest.param("逾期，怎么办？", "逾期 怎么办 ", id="punctuation-separates"),
        pytest.param("催\u200b收\u3000\x00", "催 收  ", id="invisible-characters-separate"),
        pytest.param("⼈①", "人1", id="compatibility-forms"),
        pytest.param("💰\ue000", "💰\ue000", id="emoji-and-private-use-stay"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_each_word_character_is_one_token(text: str) -> None:
    assert len(index_text(text).split()) == sum(character != " " for character in fold(text))


@given(st.text())
def test_index_text_holds_nothing_but_pairs_single_characters_and_spaces(text: str) -> None:
    assert all(1 <= len(token) <= 2 for token in index_text(text).split(" ") if token)


def found_by_tokens(text: str, query: str) -> bool:
    """Return whether the tokens of ``query`` follow each other in those of ``text``: what FTS5 does."""
    tokens, prefix = phrase(query)
    held = index_text(text).split()
    return any(
        held[i : i + len(tokens) - 1] == list(tokens[:-1])
        and (held[i + len(tokens) - 1].startswith(tokens[-1]) if prefix else held[i + len(tokens) - 1] == tokens[-1])
        for i in range(len(held) - len(tokens) + 1)
    )


def stands_in(text: str, query: str) -> bool:
    """Return whether ``query`` is a substring, however many separators stand between its runs: the brute force."""
    return re.search(" +".join(map(re.escape, runs(query))), fold(text)) is not None


@given(CHINESE, CHINESE.filter(lambda text: bool(runs(text))))
@example("期后，平台", "后，平")
@example("期，x后，平台", "期，后")
@example("后平", "后，平")
def test_a_phrase_of_pairs_is_found_exactly_where_the_substring_is(text: str, query: str) -> None:
    assert found_by_tokens(text, query) == stands_in(text, query)


def test_a_phrase_without_word_characters_is_empty() -> None:
    assert phrase("，。 ！") == ((), False)

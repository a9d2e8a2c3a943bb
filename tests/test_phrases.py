"""Fixed phrases are found where they stand, the longest first, without overlaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.phrases import compile_phrases, find_phrases

WORDS = st.lists(st.text(alphabet="催收员逾期", min_size=2, max_size=4), min_size=1, max_size=8)


def test_the_longest_phrase_wins() -> None:
    assert find_phrases(compile_phrases(["催收", "催收员"]), "催收员催收") == [(0, 3, "催收员"), (3, 5, "催收")]


def test_one_character_is_no_phrase() -> None:
    with pytest.raises(ValueError, match="2 characters"):
        compile_phrases(["债"])


@given(WORDS, st.text(alphabet="催收员逾期 😀\ud800", max_size=60))
def test_it_finds_what_a_plain_scan_finds(words: list[str], text: str) -> None:
    expected, place = [], 0
    while place < len(text):
        longest = max((w for w in words if text.startswith(w, place)), key=len, default="")
        if longest:
            expected.append((place, place + len(longest), longest))
        place += len(longest) or 1
    assert find_phrases(compile_phrases(words), text) == expected

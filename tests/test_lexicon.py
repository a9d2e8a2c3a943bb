"""The lexicon's search finds what a plain search finds: the longest phrase at each place, left to right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify.hashing import fold, mixed, pairs, prefix_sums
from classify.lexicon import Lexicon, compile_lexicon, find, lexicon

Found = list[tuple[int, int, str]]

SMALL = compile_lexicon(
    ("one",), dict.fromkeys(("网贷", "网贷逾期", "贷逾期怎么办了吗", "逾期", "714高炮", "m1"), (0,))
)


def search(text: str, book: Lexicon = SMALL) -> Found:
    codes = fold(text)
    hits = find(book, text, prefix_sums(codes), mixed(pairs(codes)))
    phrases = [book.phrases[i] for i in hits.phrases.tolist()]
    return list(zip(hits.starts.tolist(), hits.ends.tolist(), phrases, strict=True))


def plain(text: str) -> Found:
    found, place = [], 0
    while place < len(text):
        phrase = max((p for p in SMALL.phrases if text.startswith(p, place)), key=len, default="")
        if phrase:
            found.append((place, place + len(phrase), phrase))
        place += len(phrase) or 1
    return found


CASES = [
    ("longest", "网贷逾期了", [(0, 4, "网贷逾期")]),
    ("no overlap", "网贷网贷逾期怎么", [(0, 2, "网贷"), (2, 6, "网贷逾期")]),
    ("longer than the tables tell", "贷逾期怎么办了吗", [(0, 8, "贷逾期怎么办了吗")]),
    ("first five of a longer phrase alone", "贷逾期怎么说", [(1, 3, "逾期")]),
    ("other digits of the same fold", "715高炮，714高炮", [(6, 11, "714高炮")]),
    ("capital letters", "进入M1阶段", [(2, 4, "m1")]),
    ("a letter that grows when small", "İ进入M1阶段", [(3, 5, "m1")]),
    ("at the end", "我的网贷", [(2, 4, "网贷")]),
    ("empty", "", []),
    ("one character", "网", []),
]


@pytest.mark.parametrize(("text", "found"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_phrases_are_found_longest_first_without_overlaps(text: str, found: Found) -> None:
    assert search(text) == found


@given(st.text(alphabet="网贷逾期怎么办了吗714高炮m1 ", max_size=60))
def test_the_tables_find_what_a_plain_search_finds(text: str) -> None:
    assert search(text) == plain(text)


def test_every_phrase_of_the_lexicon_is_found_in_itself() -> None:
    book = lexicon()
    for phrase in book.phrases:
        assert search(phrase, book) == [(0, len(phrase), phrase)]

"""What stands in the index beside pairs of characters: signed pairs of titles and holes, and words of the field whole."""

from __future__ import annotations

import hashlib
import random
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import search_index
from corpus.field_tokens import BORDER, SIGNS, field_tokens, whole_words, words_within
from corpus.match import Reach, match, zh_query
from corpus.segment import fold, folded_codes, index_text, runs
from tests.search_corpus import add, empty_corpus, numbers

PIECES = [
    "停息挂账",
    "停息",
    "挂账",
    "第三方催收",
    "催收",
    "民法典",
    "網絡貸款",
    "律師函",
    "函",
    "后",
    "，",
    "。",
    "平台",
    "a",
    "💰",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "field", "tokens"),
    [
        pytest.param("催收。", "text", "催收 收", id="pairs"),
        pytest.param("停息挂账", "text", "停息 息挂 挂账 账 詞 停息挂账", id="a-word-of-the-field"),
        pytest.param(
            "停息掛賬，停息挂账", "text", "停息 息挂 挂账 账 停息 息挂 挂账 账 詞 停息挂账", id="each-word-once"
        ),
        pytest.param("停息，挂账", "text", "停息 息 挂账 账", id="no-word-across-a-sign"),
        pytest.param("催收", "title", "催收 收 題催收 題收", id="title"),
        pytest.param("催收", "holes", "催收 收 遺催收 遺收", id="holes"),
        pytest.param("律師函", "title", "律师 师函 函 題律师 題师函 題函 詞 律师函", id="title-with-a-word"),
        pytest.param("", "title", "", id="empty"),
        pytest.param("，。", "holes", "", id="signs-only"),
    ],
)
def test_tokens(text: str, field: str, tokens: str) -> None:
    assert field_tokens(text, field).split() == tokens.split()


@given(TEXTS | st.text())
def test_whole_words_are_found_exactly_where_they_stand(text: str) -> None:
    folded = fold(text)
    assert set(words_within(folded_codes(text))) == {word for word in whole_words() if word in folded}


@given(st.text(), st.sampled_from(["text", "title", "holes"]))
def test_the_pairs_come_first_and_as_they_are(text: str, field: str) -> None:
    pairs = index_text(text).split()
    assert field_tokens(text, field).split()[: len(pairs)] == pairs


def test_signs_and_border_stand_in_no_folded_text() -> None:
    for sign in (*SIGNS.values(), BORDER):
        assert fold(sign) != sign


def test_whole_words_are_folded_chinese_of_three_to_eight_characters_in_order() -> None:
    lines = [w for w in files("corpus").joinpath("whole_words.txt").read_text("utf-8").splitlines() if w[0] != "#"]
    assert lines == sorted(set(lines))
    assert all(re.fullmatch("[\u4e00-\u9fff]{3,8}", word) and fold(word) == word for word in lines)


def test_what_is_indexed_has_a_version() -> None:
    """When this fails: raise search_index.VERSION, so that indexes are built anew, and note version and digest here."""
    digest = hashlib.sha256()
    for name in ("fold.tsv", "whole_words.txt"):
        digest.update(files("corpus").joinpath(name).read_bytes())
    assert (search_index.VERSION, digest.hexdigest()[:16]) == ("6", "43f2baa9d4b2e0a7")


QUERIES = [
    "停息挂账", "title:停息挂账", "text:停息挂账", "title:催收", "text:催收", "hole:催收", "hole:停息挂账", "title:函", "title:后",
    '"后，平"', '"账，停"', 'title:"函，停"', "title:停息 -催收", "民法典 OR title:律师函", "title:催收 NEAR/3 title:平台",
    "催收 NEAR/2 停息挂账", "title:第三方催收 title:停息挂账", "-title:停息挂账", "停息挂账 -text:停息挂账", "hole:停", "遺", "題", "詞",
]  # fmt: skip


def test_quick_and_portable_expressions_find_the_same_and_what_stands_there() -> None:
    chance = random.Random(3)
    connection = empty_corpus()
    held: dict[int, dict[str, str]] = {}
    for number in range(1, 301):
        title, text = ("".join(chance.choices(PIECES, k=chance.randint(1, 5))) for _ in range(2))
        add(connection, number, text, title)
        hole = chance.choice(["", "", "催收", "停息挂账"])
        if hole:
            row = (f"article-{number}", "text", 0, hole)
            connection.execute("INSERT INTO holes VALUES(?, ?, ?, ?, 0.9, 'rule')", row)
        around = hole and hole + text[:7]
        held[number] = {"title": fold(title), "text": fold(text), "hole": fold(around)}
    search_index.update(connection)
    for query in QUERIES:
        quick = match(query, Reach(synonyms=False)).expression
        portable = match(query, Reach(synonyms=False), portable=True).expression
        found = numbers(connection, quick)
        assert found == numbers(connection, portable), query
        if simple := re.fullmatch(r'(?:(title|text|hole):)?("?)([^- ][^ ]*)\2', query):
            needle = re.compile(" +".join(map(re.escape, runs(simple[3]))))
            fields = [simple[1]] if simple[1] else ["title", "text", "hole"]
            assert found == [n for n, each in held.items() if any(needle.search(each[f]) for f in fields)], query


def test_expressions_for_sql_ask_for_pairs_alone() -> None:
    """public.db and indexes of an older version hold nothing else."""
    assert zh_query("=停息挂账") == '("停息 息挂 挂账")'
    assert zh_query("=停息 -topic:law spam:<2").count("marks : (") == 2  # refused where there are no marks
    assert match("=停息挂账").expression == '("停息挂账")'

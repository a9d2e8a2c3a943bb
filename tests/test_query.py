"""What people type is parsed, or refused at the character where it went wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import QueryError
from corpus.query import MAX_DEPTH, MAX_LENGTH, And, Filter, Near, Node, Not, Or, Word, parse

A, B = Word("催收", 0), Word("律师", 3)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param("催收", A, id="word"),
        pytest.param("催收 律师", And((A, B)), id="two-words"),
        pytest.param("催收\u3000律师", And((A, B)), id="full-width-space"),
        pytest.param("催收 AND 律师", And((A, Word("律师", 7))), id="and"),
        pytest.param("催收 OR 律师", Or((A, Word("律师", 6))), id="or"),
        pytest.param("催收 或 律师", Or((A, Word("律师", 5))), id="chinese-or"),
        pytest.param("催收 -律师", And((A, Not(Word("律师", 4)))), id="minus"),
        pytest.param("催收 －律师", And((A, Not(Word("律师", 4)))), id="full-width-minus"),
        pytest.param("催收 NOT 律师", And((A, Not(Word("律师", 7)))), id="not"),
        pytest.param('"催收 律师"', Word("催收 律师", 0, exact=True), id="phrase"),
        pytest.param("“催收”", Word("催收", 0, exact=True), id="chinese-quotes"),
        pytest.param("「催收」", Word("催收", 0, exact=True), id="corner-quotes"),
        pytest.param("=催收", Word("催收", 0, exact=True), id="exact"),
        pytest.param("(催收 或 律师)", Or((Word("催收", 1), Word("律师", 6))), id="parentheses"),
        pytest.param("（催收）", Word("催收", 1), id="full-width-parentheses"),
        pytest.param("a b OR c", Or((And((Word("a", 0), Word("b", 2))), Word("c", 7))), id="or-binds-least"),
        pytest.param("site:a.cn", Filter("site", "a.cn", 0), id="filter"),
        pytest.param("网站：a.cn", Filter("site", "a.cn", 0), id="chinese-filter"),
        pytest.param("标题：催收", Word("催收", 0, field="title"), id="title"),
        pytest.param('title:"催 收"', Word("催 收", 0, exact=True, field="title"), id="title-phrase"),
        pytest.param("催收 NEAR/5 律师", Near(A, Word("律师", 10), 5), id="near"),
        pytest.param("https://a.cn/x", Word("https://a.cn/x", 0), id="address-is-text"),
        pytest.param("QQ:12345", Word("QQ:12345", 0), id="unknown-name-is-text"),
        pytest.param("2024-05", Word("2024-05", 0), id="minus-within-a-word"),
        pytest.param("催收 ，", A, id="mere-signs-are-passed-over"),
    ],
)
def test_parse(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "position"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("！？", 0, id="no-word"),
        pytest.param("催收 OR", 3, id="or-without-right"),
        pytest.param("OR 催收", 0, id="or-without-left"),
        pytest.param("AND 催收", 0, id="and-without-left"),
        pytest.param("催收 (律师", 3, id="open-parenthesis"),
        pytest.param("催收) 律师", 2, id="closing-parenthesis"),
        pytest.param("催收 ()", 4, id="empty-parentheses"),
        pytest.param("催收 -", 3, id="lone-minus"),
        pytest.param("催收 - 律师", 3, id="minus-with-space"),
        pytest.param('催收 "律师', 3, id="open-quote"),
        pytest.param('催收 ""', 3, id="empty-quotes"),
        pytest.param("催收 topc:law", 3, id="misspelt-filter"),
        pytest.param("催收 site:", 7, id="filter-without-value"),
        pytest.param("催收 NEAR", 3, id="near-without-right"),
        pytest.param("催收 NEAR/x 律师", 3, id="near-without-number"),
        pytest.param("催收 NEAR 法", 8, id="near-of-one-character"),
        pytest.param("催收 NEAR 律师 NEAR 法院", 11, id="near-of-three"),
        pytest.param("贷" * (MAX_LENGTH + 1), MAX_LENGTH, id="too-long"),
        pytest.param("a " * 101, 0, id="too-many-words"),
    ],
)
def test_errors_name_the_character(text: str, position: int) -> None:
    with pytest.raises(QueryError) as raised:
        parse(text)
    assert raised.value.position == position
    assert f"character {position + 1}" in str(raised.value)
    assert f"第 {position + 1} 个字符" in str(raised.value)


@pytest.mark.parametrize("opening", ["(", "-", "-("])
def test_depth_is_bounded(opening: str) -> None:
    with pytest.raises(QueryError):
        parse(opening * (MAX_DEPTH + 5) + "x" + ")" * (MAX_DEPTH + 5) * ("(" in opening))


@given(st.text(max_size=60) | st.text(alphabet='催收 ()-"“”=:OR或NEAR/1title', max_size=40))
def test_anything_is_parsed_or_refused_within_the_text(text: str) -> None:
    refused = None
    try:
        parse(text)
    except QueryError as error:
        refused = error.position
    assert refused is None or 0 <= refused <= max(len(text) - 1, 0)

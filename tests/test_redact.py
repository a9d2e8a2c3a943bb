"""Masks and tokens of personal data: what must go goes, what must stay stays, and offsets stay true."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.redact import Personal, find_personal, is_card_number, is_id_number, mask_text, moved_spans, redact_text
from tests.personal_lines import harmless_lines, personal_lines

KEY = b"test key"


@pytest.mark.parametrize("kind", ["id", "card", "phone"])
def test_at_least_99_of_100_personal_numbers_are_masked(kind: str) -> None:
    lines = [(value, line) for found, value, line in personal_lines(2_400) if found == kind]
    missed = [line for value, line in lines if value in mask_text(line)]
    assert len(missed) / len(lines) <= 0.01, missed[:10]


def test_no_amount_date_case_number_or_hotline_is_harmed() -> None:
    harmed = [(line, mask_text(line)) for line in harmless_lines(2_400) if mask_text(line) != line]
    assert harmed == []
    assert [line for line in harmless_lines(2_400) if redact_text(line, KEY) != line] == []


@given(st.text(max_size=300))
def test_a_mask_keeps_the_length_and_masks_nothing_twice(text: str) -> None:
    masked = mask_text(text)
    assert len(masked) == len(text)
    spans = find_personal(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_the_same_number_however_written_gives_the_same_token() -> None:
    forms = ("电话13900001234。", "电话139-0000-1234。", "电话１３９００００１２３４。", "电话+86 13900001234。")
    tokens = {re.findall(r"\[phone:([0-9a-f]{12})\]", redact_text(form, KEY))[0] for form in forms}
    assert len(tokens) == 1
    assert tokens != {re.findall(r"\[phone:([0-9a-f]{12})\]", redact_text(forms[0], b"other key"))[0]}


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("借款人张三丰，男", "张三丰"),
        ("被执行人：李四（身份证", "李四"),
        ("车牌号甘A12B45的车", "甘A12B45"),
        ("微信：loan_help_77", "loan_help_77"),
    ],
    ids=["borrower", "executed", "plate", "wechat"],
)
def test_names_beside_debtors_plates_and_accounts_are_replaced(text: str, gone: str) -> None:
    assert gone not in redact_text(text, KEY)


@pytest.mark.parametrize(
    "text", ["借款人应当还款", "被告人可以上诉", "债务人有权拒绝", "担保人与借款人", "姓名和住址", "甘A股上市"]
)
def test_words_beside_debtors_are_no_names(text: str) -> None:
    assert redact_text(text, KEY) == text


def test_a_number_broken_by_an_edit_is_masked_as_published() -> None:
    moved = moved_spans((Personal(2, 13, "phone"),), ((5, 9, 5, 5),))
    assert moved == (Personal(2, 17, "phone"),)


def test_check_digits() -> None:
    assert is_id_number("11010119900307109X") != is_id_number("110101199003071090")
    assert is_card_number("4111111111111111")
    assert not is_card_number("4111111111111112")


def test_a_number_across_the_chunks_of_a_long_text_is_masked() -> None:
    text = "字" * 99_995 + "电话13900001234" + "字" * 10
    assert "13900001234" not in mask_text(text)

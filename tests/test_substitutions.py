"""Names in no list that two near-duplicates fill in differently; spun, cut and edited texts are no variants."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import copies
from corpus.compare import comparable, compare
from corpus.letters import encode, letters
from corpus.substitutions import filled_in, histograms, may_be_filled_in, replacements

BASE = copies.article(random.Random(21), length=500)


def _with(name: str, times: int = 4) -> str:
    """The base with a name at the beginning of some of its sentences."""
    sentences = BASE.split("。")
    step = len(sentences) // (times + 1)
    for number in range(times):
        sentences[(number + 1) * step] = f"{name}平台说明" + sentences[(number + 1) * step]
    return "。".join(sentences)


def _differ(left: str, right: str) -> bool:
    batch = letters([left, right])
    return may_be_filled_in(*histograms(batch)) and filled_in(batch.text_codes(0), batch.text_codes(1))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("米粒", "云朵", id="other name"),
        pytest.param("米粒借", "云朵钱包", id="other length"),
        pytest.param("橙芽分期", "橙果分期", id="one letter of a lender's name"),
        pytest.param("河谷县城", "高岭镇上", id="a place in no list"),
    ],
)
def test_a_name_replaced_throughout_makes_a_variant(left: str, right: str) -> None:
    assert _differ(_with(left), _with(right))
    assert _differ(_with(right), _with(left))
    assert compare(comparable(_with(left)), comparable(_with(right))).relation == "variant"


def test_one_other_lender_is_enough_where_nothing_else_changed() -> None:
    assert _differ(_with("米粒借", 1), _with("云朵钱包", 1))
    assert not _differ(_with("第一步骤", 1), _with("首要步骤", 1))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("edit", [name for name in copies.COPY_EDITS if name != "script"])
def test_other_edits_make_no_variant(edit: str, seed: int) -> None:
    base = copies.article(random.Random(seed + 50), length=800)
    assert not _differ(base, copies.COPY_EDITS[edit](random.Random(seed), base))


def test_a_cut_and_reworded_variant_is_found() -> None:
    assert _differ(_with("米粒借", 6), copies.spun(random.Random(2), _with("云朵钱包", 6), 0.02))


def test_words_spun_throughout_are_no_names() -> None:
    """A spinner that replaces a word each time replaces many others too; 协商 (negotiate) is no lender."""
    text = "。".join(
        f"{part}，可以与银行协商，说清情况，核对方式和疑问{number}" for number, part in enumerate(BASE.split("。"))
    )
    spun = (
        text.replace("协商", "商议")
        .replace("银行", "行家")
        .replace("方式", "办法")
        .replace("核对", "对照")
        .replace("疑问", "问题")
    )
    assert not _differ(text, spun)
    assert _differ(_with("米粒", 6), copies.filtered(random.Random(3), _with("云朵", 6)))


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        pytest.param("一二三四五六七八", "一二三四甲六七八", [("四五", "四甲")], id="too short for a second anchor"),
        pytest.param("一二三四五六七八九", "一二三四甲乙六七八九", [("四五", "四甲乙")], id="between anchors"),
        pytest.param("一二三四五六", "一二三四五六", [], id="equal"),
        pytest.param("", "一二", [("", "一二")], id="empty"),
    ],
)
def test_replacements(left: str, right: str, found: list[tuple[str, str]]) -> None:
    assert list(replacements(encode(left), encode(right))) == found


@settings(deadline=None, max_examples=80)
@given(st.text(st.sampled_from("一二三四五六七"), max_size=80), st.text(st.sampled_from("一二三四五六七"), max_size=80))
def test_any_two_texts_can_be_aligned(left: str, right: str) -> None:
    one, other = encode(left), encode(right)
    assert filled_in(one, other) in (True, False)
    assert not list(replacements(one, one))

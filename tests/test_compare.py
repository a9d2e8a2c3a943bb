"""What two texts are to each other, on the simulator's edits and on texts that quote the same."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import copies
from corpus.compare import RELATIONS, comparable, comparables, compare, slots_differ
from corpus.quotations import own_words, quotations

BASE = copies.article(random.Random(7))
OTHER = copies.article(random.Random(8))
PATTERN = copies.template(random.Random(9))


def _relation(left: str, right: str) -> str:
    return compare(comparable(left), comparable(right)).relation


@pytest.mark.parametrize(
    ("copied", "relation"),
    [
        pytest.param(copies.shuffled(random.Random(1), BASE), "copy", id="paragraphs shuffled"),
        pytest.param(copies.deleted(random.Random(1), BASE, 0.03), "copy", id="characters deleted"),
        pytest.param(copies.spun(random.Random(1), BASE), "copy", id="synonyms spun"),
        pytest.param(copies.partly(random.Random(1), BASE, 0.5), "partial", id="half copied"),
        pytest.param(OTHER, "", id="another article"),
        pytest.param(BASE[: len(BASE) // 2], "copy", id="cut in half"),
    ],
)
def test_relation_of_a_simulated_copy(copied: str, relation: str) -> None:
    assert _relation(BASE, copied) == relation


def test_a_text_that_holds_another_whole_is_said_to() -> None:
    found = compare(comparable(BASE), comparable(BASE + "\n" + OTHER[:200]))
    assert found.whole
    assert found.containment > 0.95


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        pytest.param(("甘肃", "花呗", 30, 24), ("湖南", "花呗", 30, 24), "variant", id="place"),
        pytest.param(("甘肃", "花呗", 30, 24), ("甘肃", "借呗", 30, 24), "variant", id="platform"),
        pytest.param(("甘肃", "花呗", 30, 24), ("甘肃", "花呗", 31, 24), "variant", id="number"),
    ],
)
def test_a_template_filled_in_otherwise_is_a_variant(
    left: tuple[str, str, int, int], right: tuple[str, str, int, int], relation: str
) -> None:
    texts = [
        PATTERN.format(place=place, platform=platform, days=days, percent=percent)
        for place, platform, days, percent in (left, right)
    ]
    assert _relation(*texts) == relation


def test_a_reworded_variant_is_still_a_variant() -> None:
    texts = [PATTERN.format(place=place, platform="花呗", days=3, percent=24) for place in ("甘肃", "湖南")]
    assert _relation(texts[0], copies.spun(random.Random(2), texts[1])) == "variant"


def test_articles_that_quote_the_same_statute_are_not_joined() -> None:
    quoted = "\n".join(copies.STATUTES)
    texts = [copies.article(random.Random(seed))[:150] + "\n" + quoted for seed in (1, 2)]
    found = compare(comparable(texts[0]), comparable(texts[1]))
    assert found.similarity >= 0.5
    assert found.relation == "quotation"


def test_two_copies_of_a_statute_are_joined() -> None:
    statutes = "\n".join(copies.STATUTES)
    assert _relation(statutes, statutes.replace("借款人", "借款方")) == "copy"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param(
            "第六百八十条 禁止高利放贷，借款的利率不得违反国家有关规定。\n我的看法。", "\n\n我的看法。", id="statute"
        ),
        pytest.param("根据第六百八十条规定不得高利放贷。", "根据第六百八十条规定不得高利放贷。", id="citation"),
        pytest.param("他说“好”。", "他说“好”。", id="short quotation"),
        pytest.param("公告称“" + "依法处理" * 10 + "”。", "公告称\n。", id="long quotation"),
        pytest.param("“" + "长" * 5000, "“" + "长" * 5000, id="a quotation that never ends"),
    ],
)
def test_own_words_leave_out_quotations(text: str, own: str) -> None:
    assert own_words(text) == own


@settings(deadline=None, max_examples=50)
@given(st.text(st.sampled_from("第一条“”「」 \n借款的利率"), max_size=300))
def test_quotations_are_in_order_and_apart(text: str) -> None:
    spans = quotations(text)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 50), st.integers(0, 50), st.floats(0, 0.5))
def test_comparison_is_the_same_either_way_round(first: int, second: int, share: float) -> None:
    left = copies.article(random.Random(first), length=300)
    right = copies.deleted(random.Random(second), left, share)
    one, other = comparables([left, right])
    assert compare(one, other) == compare(other, one)
    assert compare(one, other).relation in RELATIONS
    assert slots_differ(one.profile.slots, other.profile.slots) == slots_differ(other.profile.slots, one.profile.slots)


def test_a_sum_replaced_throughout_makes_a_variant() -> None:
    """Numbers of the template stay; what each text speaks of differs."""
    text = (
        "我借款{0}元，分12期，还到第5期想结清。平台要求付清7期利息，3天内回复。借款{0}元早已到账，"
        + BASE
        + "涉诉金额{0}元。"
    )
    assert compare(comparable(text.format(7960)), comparable(text.format(5000))).relation == "variant"
    assert compare(comparable(text.format(7960)), comparable(text.format(7960) + "其他人也遇到过。")).relation == "copy"

"""Fingerprints: same for a text alone and in a batch, blind to layout, true estimates, bounded on any input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import shingles
from corpus.letters import letters
from corpus.shingles import (
    MIN_LENGTH,
    band_keys,
    batches,
    estimate,
    fingerprint,
    fingerprints,
    overlap,
    read_signatures,
    shingle_set,
)
from corpus.signing import FUNCTIONS, VALUES, least_values, load_compiled, use_compiled

# Overdue loans: consult, negotiate, keep the evidence. Invented.
PARAGRAPH = (
    "网贷逾期以后，借款人应当先核对合同与还款记录，确认本金、利息和费用各是多少。"
    "遇到暴力催收，可以保留录音和短信，向监管部门投诉。协商还款时说明收入情况，提出自己负担得起的方案。"
    "不要轻信收费的债务重组广告，更不要以贷养贷。"
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("网贷逾期", "网贷 逾期\n", id="spaces"),
        pytest.param("逾期，怎么办？", "逾期怎么办!", id="punctuation"),
        pytest.param("ＡＰＰ贷款", "app贷款", id="full width and case"),
        pytest.param("年利率24%", "年利率２４％", id="full-width digits"),
    ],
)
def test_layout_does_not_change_the_restored_digest(left: str, right: str) -> None:
    assert fingerprint(left).restored == fingerprint(right).restored


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("利率1.5%", "利率15%", id="point inside a number"),
        pytest.param("借款合同", "贷款合同", id="one character"),
        pytest.param("逾期", "逾期逾期", id="repetition"),
    ],
)
def test_other_texts_have_other_digests(left: str, right: str) -> None:
    assert fingerprint(left).restored != fingerprint(right).restored


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        pytest.param("甘肃网贷逾期怎么办", "湖南网贷逾期怎么办", True, id="place"),
        pytest.param("甘肃省网贷逾期", "湖南网贷逾期", True, id="suffix belongs to the place"),
        pytest.param("花呗逾期三天", "借呗逾期5天", True, id="platform and number"),
        pytest.param("2023年1月2日通报", "2024年12月30日通报", True, id="day"),
        pytest.param("【张三】你好", "【李四】你好", True, id="bracket"),
        pytest.param("甘肃网贷逾期怎么办", "甘肃网贷逾期怎样办", False, id="other words"),
        pytest.param("一些平台", "三些平台", False, id="a numeral without a unit is a word"),
    ],
)
def test_variants_share_the_masked_digest(left: str, right: str, same: bool) -> None:
    assert (fingerprint(left).masked == fingerprint(right).masked) is same


def test_short_texts_have_no_signature() -> None:
    assert fingerprint("贷" * (MIN_LENGTH - 1)).signature == b""
    assert len(fingerprint("贷" * MIN_LENGTH).signature) == VALUES * 4


def test_an_empty_text_has_no_digest() -> None:
    assert fingerprint(" \n，") == fingerprint("")
    assert fingerprint("").restored == ""


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(st.sampled_from("网贷逾期甘肃花呗12.三年【】。，\n\ud800😀𠀀ab "), max_size=200), max_size=8))
def test_a_batch_gives_what_each_text_gives_alone(texts: list[str]) -> None:
    together = list(fingerprints([PARAGRAPH, *texts, PARAGRAPH]))
    assert together == [fingerprint(text) for text in [PARAGRAPH, *texts, PARAGRAPH]]


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
def test_any_string_has_fingerprints(text: str) -> None:
    made = fingerprint(text)
    assert made == fingerprint(text)
    assert made.length == len(letters([text]).codes)


def test_batches_keep_every_text_in_order() -> None:
    texts = ["a" * 10, "b" * 100, "", "c" * 5, "d" * 7]
    cut = list(batches(texts, 20))
    assert [text for batch in cut for text in batch] == texts
    assert max(map(len, cut)) < len(texts)


@pytest.mark.parametrize("similarity", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("size", [100, 1000], ids=["short", "long"])
def test_estimates_are_unbiased_and_as_exact_as_plain_minhash(similarity: float, size: int) -> None:
    shared = round(2 * size * similarity / (1 + similarity))
    truth = shared / (2 * size - shared)
    errors, hits = [], 0
    for seed in range(300):
        pool = np.random.default_rng(seed).permutation(2**20)[: 2 * size - shared].astype(np.uint32)
        pool = pool * np.uint32(2654435761) ^ np.uint32(seed)
        left, right = pool[:size], np.concatenate([pool[:shared], pool[size:]])
        signatures = least_values(np.concatenate([left, right]), np.repeat([0, 1], size), 2)
        errors.append(float(estimate(signatures[0], signatures[1])) - truth)
        keys = band_keys(signatures)
        hits += bool((keys[0] == keys[1]).any())
    deviation = (truth * (1 - truth) / VALUES) ** 0.5
    assert abs(np.mean(errors)) < 4 * deviation / 300**0.5 + 0.002
    assert np.std(errors) < 1.15 * deviation
    expected = 1 - (1 - truth**5) ** FUNCTIONS
    assert abs(hits / 300 - expected) < 0.1


def test_signatures_are_read_as_they_were_written() -> None:
    made = [fingerprint(PARAGRAPH), fingerprint(PARAGRAPH[::-1])]
    table = read_signatures([each.signature for each in made])
    assert table.shape == (2, VALUES)
    assert table[0].astype("<u4").tobytes() == made[0].signature


def test_band_keys_name_their_band_and_fit_47_bits() -> None:
    keys = band_keys(read_signatures([fingerprint(PARAGRAPH).signature]))
    assert (keys >> np.uint64(42)).tolist() == [list(range(FUNCTIONS))]


def test_overlap_counts_shingles() -> None:
    whole, half = shingle_set(PARAGRAPH), shingle_set(PARAGRAPH[: len(PARAGRAPH) // 2])
    jaccard, containment = overlap(whole, half)
    assert containment == 1.0
    assert jaccard == pytest.approx(len(half) / len(whole))
    assert overlap(whole, shingle_set("")) == (0.0, 0.0)


def test_a_huge_text_is_signed_by_its_first_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shingles, "MAX_LENGTH", len(letters([PARAGRAPH]).codes))
    start = PARAGRAPH * 2
    assert fingerprint(start + "甲" * 500).signature == fingerprint(start + "乙" * 500).signature
    assert fingerprint(start + "甲" * 500).restored != fingerprint(start + "乙" * 500).restored


@pytest.mark.skipif(load_compiled() is None, reason="numba, an optional extra, is not installed")
@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(st.sampled_from("网贷逾期甘肃花呗12.三年【】。，\n\ud800😀𠀀ab "), max_size=300), max_size=6))
def test_the_compiled_loop_gives_the_same_bits(texts: list[str]) -> None:
    batch = [PARAGRAPH, *(text * 4 for text in texts)]
    plain = list(fingerprints(batch))
    assert use_compiled(True)
    try:
        assert list(fingerprints(batch)) == plain
    finally:
        use_compiled(False)

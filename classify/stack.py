"""Teaches the second answer (``classify.second``) from first answers out of fold, so that it sees them as new texts get them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from classify.features import Features
from classify.forest import forest_answers
from classify.grow import Question, grow
from classify.passages import FOLDS
from classify.ridge import Target, best_temperature, in_16_bits
from classify.second import FLOOR, Second, blended, second_inputs, tempered
from classify.sentence_scores import fit_sentences, pooled, sentence_rows


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
) -> Stacked:
    """Return what was learned of the passages with these features and folds.

    columns, idf, start: see ``classify.sentence_scores``. targets, first: of each scheme, labels and first answers
    out of fold, shape (n_passages, n_codes).
    """
    spoken = _Spoken.of([sentence_rows(f.sentences, columns, idf, start) for f in found], targets)
    numbers = [k for k in range(FOLDS) if 0 < (folds == k).sum() < len(folds)]
    scores = np.zeros((len(found), 2 * sum(target.size for target in targets)), dtype=np.float32)
    for number in numbers:
        weights, bias = spoken.fit(folds != number)
        for place in np.flatnonzero(folds == number).tolist():
            scores[place] = pooled(spoken.texts[place] @ weights + bias)
    inputs = second_inputs(np.concatenate(first, axis=1), scores)
    grown = [np.zeros((len(found), target.size), dtype=np.float32) for target in targets]
    for number in numbers:
        forest = grow(inputs, [_question(target, folds[target.rows] != number) for target in targets])
        for place in np.flatnonzero(folds == number).tolist():
            for scheme, share in enumerate(forest_answers(forest, inputs[place])):
                grown[scheme][place] = share
    mixed = [blended(own, new) for own, new in zip(first, grown, strict=True)]
    temperature = tuple(
        best_temperature(np.log(share[target.rows] + FLOOR), target.code, target.counted)
        for share, target in zip(mixed, targets, strict=True)
    )
    weights, bias = spoken.fit(np.ones(len(found), dtype=np.bool_))
    small, scale = in_16_bits(weights)
    forest = grow(inputs, [_question(target, np.ones(len(target.rows), dtype=np.bool_)) for target in targets])
    second = Second(small, scale, bias, forest, temperature)
    return Stacked(second, tuple(tempered(share, t) for share, t in zip(mixed, temperature, strict=True)))


def _question(target: Target, kept: NDArray[np.bool_]) -> Question:
    return Question(target.rows[kept], target.code[kept], target.weight[kept], target.size)


@dataclass(frozen=True, slots=True, eq=False)
class _Spoken:
    """The sentences of all passages: one matrix a text, all of them as one, whose they are, and their targets."""

    texts: tuple[csr_matrix, ...]
    rows: csr_matrix
    owners: NDArray[np.int64]
    wanted: NDArray[np.float32]
    weight: NDArray[np.float32]

    @staticmethod
    def of(texts: Sequence[csr_matrix], targets: Sequence[Target]) -> _Spoken:
        owners = np.repeat(np.arange(len(texts)), [text.shape[0] for text in texts])
        wanted, weight = [], []
        for target in targets:
            sign = np.full((len(texts), target.size), -1, dtype=np.float32)
            sign[target.rows, target.code] = 1
            labelled = np.zeros((len(texts), target.size), dtype=np.float32)
            labelled[target.rows] = 1
            wanted.append(sign)
            weight.append(labelled)
        return _Spoken(
            tuple(texts),
            vstack(texts, format="csr"),
            owners,
            np.concatenate(wanted, axis=1),
            np.concatenate(weight, axis=1),
        )

    def fit(self, kept: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return (weights, bias) learnt from the sentences of the kept passages, shape (n_passages,)."""
        rows = np.flatnonzero(kept[self.owners])
        of = self.owners[rows]
        return fit_sentences(self.rows[rows], self.wanted[of], self.weight[of])

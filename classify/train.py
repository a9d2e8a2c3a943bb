"""Fits the linear model: in go labelled passages, out comes a ``Model`` with its card; the same bits each time.

A feature is kept when at least two families use it, which throws out what only one hand wrote. One multinomial
logistic regression a scheme; temperatures and thresholds come from out-of-fold scores, folds by family.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from classify import codebook
from classify.features import BUCKETS, Features, Passage, dense_names, featurise
from classify.forms import with_damage
from classify.model import DENSE_WEIGHT, Model, vectorise
from classify.passages import Labelled, compose
from classify.rulings import Ruling, settled

MIN_FAMILIES = 8  # that use a feature; the habits of a few hands do not generalise (cross-validated by family)
STRENGTH = {"scope": 3.0, "topic": 3.0, "genre": 3.0, "intent": 3.0, "spam": 3.0}  # C of the regression
OUT_WEIGHT = 2.0  # of families out of scope: the rest of the world is larger than what we wrote of it
DAMAGED_EVERY = 6  # passages of the training set, one is damaged and restored
FOLDS = 5
ITERATIONS = 200


def features_of(passages: Sequence[Labelled]) -> list[Features]:
    """Return the features of passages, in order."""
    return [featurise(Passage(p.title, p.text, p.url)) for p in passages]


def vocabulary(found: Sequence[Features], families: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return (columns by bucket, idf by column) of the features that MIN_FAMILIES families or more use."""
    seen: dict[str, list[NDArray[np.int64]]] = {}
    for features, family in zip(found, families, strict=True):
        seen.setdefault(family, []).append(features.buckets)
    counts = np.zeros(BUCKETS, dtype=np.int32)
    for buckets in seen.values():
        counts[np.unique(np.concatenate(buckets))] += 1
    kept = np.flatnonzero(counts >= MIN_FAMILIES)
    columns = np.full(BUCKETS, -1, dtype=np.int32)
    columns[kept] = np.arange(len(kept), dtype=np.int32)
    idf = np.log((1 + len(seen)) / (1 + counts[kept])) + 1
    # float16 is what the file holds; training must see the same numbers.
    return columns, idf.astype(np.float16).astype(np.float32)


def matrix(found: Sequence[Features], columns: NDArray[np.int32], idf: NDArray[np.float32]) -> csr_matrix:
    """Return the design matrix, shape (n_passages, n_columns + n_dense), rows in input order."""
    size, dense = len(idf), len(dense_names())
    indices, data, pointers = [], [], [0]
    for features in found:
        column, value = vectorise(features, columns, idf)
        filled = np.flatnonzero(features.dense)
        indices += [column, (filled + size).astype(np.int32)]
        data += [value, features.dense[filled] * DENSE_WEIGHT]
        pointers.append(pointers[-1] + len(column) + len(filled))
    return csr_matrix((np.concatenate(data), np.concatenate(indices), pointers), shape=(len(found), size + dense))


def own_data() -> tuple[tuple[Labelled, ...], tuple[Labelled, ...]]:
    """Return (training, held-out) passages of the project; every DAMAGED_EVERY-th of the first is a restored copy."""
    every = compose()
    return with_damage([p for p in every if not p.held_out], every=DAMAGED_EVERY), tuple(p for p in every if p.held_out)


def ruled_passages(rulings: Iterable[Ruling]) -> tuple[Labelled, ...]:
    """Return the texts that people ruled on, each a family of its own, with the labels its raters agree on."""
    listed = tuple(rulings)
    labels = settled(listed)
    shown = {r.article: r for r in listed if r.text}
    return tuple(
        Labelled(a, f"ruling/{a}", shown[a].title, shown[a].text, tuple(sorted(labels[a].items())), shown[a].url)
        for a in sorted(labels)
        if a in shown
    )


def fit(passages: Sequence[Labelled], *, version: str) -> Model:
    """Return a model trained on the passages."""
    found = features_of(passages)
    families = [p.family or p.id for p in passages]
    columns, idf = vocabulary(found, families)
    design = matrix(found, columns, idf)
    weight = _weights(families, [p.label("scope") == "out" for p in passages])
    parts, biases, codes, temperatures, thresholds = [], [], [], [], []
    for scheme in codebook.MODEL_SCHEMES:
        listed = codebook.values(scheme)
        rows = np.array([i for i, p in enumerate(passages) if p.label(scheme)])  # a ruling need not answer every scheme
        target = np.array([listed.index(passages[i].label(scheme)) for i in rows])
        part, groups, strength = design[rows], [families[i] for i in rows], STRENGTH[scheme]
        held = _out_of_fold(part, target, groups, weight[rows], strength, len(listed))
        temperature = _temperature(held, target, weight[rows])
        coefficients, bias = _regress(part, target, weight[rows], strength, len(listed))
        parts.append(coefficients)
        biases.append(bias)
        codes.append(listed)
        temperatures.append(temperature)
        thresholds.append(_threshold(held / temperature, target))
    every = np.concatenate(parts).T
    scale = (np.abs(every).max(axis=0) / 127).astype(np.float32)
    small = np.round(every / scale).astype(np.int8)
    card = _card(passages, families)
    return Model(
        version, codebook.MODEL_SCHEMES, tuple(codes), columns, idf, small, scale,
        np.concatenate(biases).astype(np.float32), tuple(temperatures), tuple(thresholds), card,
    )  # fmt: skip


def _weights(families: Sequence[str], out: Sequence[bool]) -> NDArray[np.float64]:
    """Return weights that let every family count the same."""
    names, inverse, counts = np.unique(np.array(families), return_inverse=True, return_counts=True)
    weight: NDArray[np.float64] = len(families) / len(names) / counts[inverse]
    weight[np.array(out)] *= OUT_WEIGHT
    return weight


def _regress(
    design: csr_matrix, target: NDArray[np.int64], weight: NDArray[np.float64], strength: float, size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (coefficients (size, n_columns), bias (size,)); codes without a passage get a bias that never wins."""
    found = LogisticRegression(C=strength, max_iter=ITERATIONS, tol=1e-3).fit(design, target, sample_weight=weight)
    coefficients, bias = np.zeros((size, design.shape[1])), np.full(size, -50.0)
    coefficients[found.classes_], bias[found.classes_] = found.coef_, found.intercept_
    return coefficients, bias


def _out_of_fold(
    design: csr_matrix,
    target: NDArray[np.int64],
    families: Sequence[str],
    weight: NDArray[np.float64],
    strength: float,
    size: int,
) -> NDArray[np.float64]:
    scores = np.zeros((len(target), size))
    for train, test in GroupKFold(FOLDS).split(design, target, families):
        coefficients, bias = _regress(design[train], target[train], weight[train], strength, size)
        scores[test] = design[test] @ coefficients.T + bias
    return scores


def _temperature(scores: NDArray[np.float64], target: NDArray[np.int64], weight: NDArray[np.float64]) -> float:
    """Return the temperature of least log loss on out-of-fold scores."""

    def loss(log_temperature: float) -> float:
        part = scores / np.exp(log_temperature)
        part = part - part.max(axis=1, keepdims=True)
        chosen = part[np.arange(len(target)), target] - np.log(np.exp(part).sum(axis=1))
        return float(-(weight * chosen).sum())

    return round(float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x)), 4)


UNSURE_BELOW = 0.4  # an answer is kept where at least this share of answers of its confidence is right


def _threshold(scores: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    """Return the confidence below which fewer than UNSURE_BELOW of the out-of-fold answers are right."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    share = grown / grown.sum(axis=1, keepdims=True)
    confidence, right = share.max(axis=1), share.argmax(axis=1) == target
    for limit in np.arange(0.2, 0.6, 0.02):
        near = (confidence >= limit) & (confidence < limit + 0.06)
        if near.sum() < 20 or right[near].mean() >= UNSURE_BELOW:
            return round(float(limit), 2)
    return 0.6


def data_digest(passages: Sequence[Labelled]) -> str:
    """Return the hex digest of passages and their labels, in order.

    Of damaged copies only the form counts: their text depends on the version of restoration.
    """
    rows = [[p.id, p.form, *((p.title, p.text) if p.form == "clean" else ()), list(p.labels)] for p in passages]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _card(passages: Sequence[Labelled], families: Sequence[str]) -> dict[str, object]:
    return {
        "passages": len(passages),
        "families": len(set(families)),
        "data_sha256": data_digest(passages),
        "min_families": MIN_FAMILIES,
        "out_weight": OUT_WEIGHT,
    }

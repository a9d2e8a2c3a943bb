"""Fits the linear model: in go labelled passages, out comes a ``Model`` with its card; the same bits each time.

A feature is kept when several families use it, which throws out what only one hand wrote. Every code is one ridge
regression on +1 and -1 (regularised least squares: Rifkin 2002), solved in the dual, where all codes of a scheme share
one factorisation; logistic regression loses three points of topic and is slower. Temperatures and thresholds come from
out-of-fold scores, folds by family (``passages.fold_of``), so that no sentence of a tested family was trained on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix

from classify import codebook
from classify.features import BUCKETS, FIRST, Features, Passage, dense_names, featurise
from classify.features import VERSION as FEATURES_VERSION
from classify.forms import with_damage
from classify.model import DENSE_WEIGHT, Model, Pair, averaged, block_starts, softmax, vectorise
from classify.passages import FOLDS, Labelled, compose, family_digest, fold_of
from classify.rulings import Ruling, settled

MIN_FAMILIES = (3, 8, 3, 3)  # that use a feature, by block: rarer ones do not generalise (cross-validated by family)
PENALTY = 1.0  # of the squared weights; the same from .3 to 2 (cross-validated by family)
BALANCE = 0.6  # exponent of the codes' weights: 0 counts passages, 1 counts codes the same (cross-validated by family)
# Asked together, too: averaging both answers adds 1.3 points of spam, 1.0 of intent, .6 of scope (cross-validated).
PAIRS = (("scope", "topic"), ("intent", "spam"))
OUT_WEIGHT = 2.0  # of families out of scope: the rest of the world is larger than what we wrote of it
DAMAGED_EVERY = 6  # passages of the training set, one is damaged and restored
LARGEST = 32_767  # of 16-bit weights
NEVER = -2.0  # bias of a code without a passage: it never wins


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
    least = np.array(MIN_FAMILIES)[np.searchsorted(FIRST, np.arange(BUCKETS), side="right") - 1]
    kept = np.flatnonzero(counts >= least)
    columns = np.full(BUCKETS, -1, dtype=np.int32)
    columns[kept] = np.arange(len(kept), dtype=np.int32)
    idf = np.log((1 + len(seen)) / (1 + counts[kept])) + 1
    # float16 is what the file holds; training must see the same numbers.
    return columns, idf.astype(np.float16).astype(np.float32)


def matrix(found: Sequence[Features], columns: NDArray[np.int32], idf: NDArray[np.float32]) -> csr_matrix:
    """Return the design matrix, shape (n_passages, n_columns + n_dense), rows in input order."""
    size, dense = len(idf), len(dense_names())
    starts = block_starts(np.flatnonzero(columns >= 0).astype(np.int32))
    indices: list[NDArray[np.int64]] = []
    data: list[NDArray[np.float32]] = []
    pointers = [0]
    for features in found:
        column, value = vectorise(features, columns, idf, starts)
        filled = np.flatnonzero(features.dense)
        indices += [column, filled + size]
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


def packaged_version(passages: Sequence[Labelled]) -> str:
    """Return the name of the model trained on the project's own passages: version of the features, digest of the data."""
    return f"{FEATURES_VERSION}.{data_digest(passages)[:8]}"


def fit(passages: Sequence[Labelled], *, version: str) -> Model:
    """Return a model trained on the passages."""
    found = features_of(passages)
    families = [p.family or p.id for p in passages]
    columns, idf = vocabulary(found, families)
    design = matrix(found, columns, idf)
    gram = (design @ design.T).toarray() + np.float32(1)  # 1 stands for the bias
    weight = _weights(families, [p.label("scope") == "out" for p in passages])
    fold = np.array([fold_of(family) for family in families])
    every = (design, gram, weight, fold)
    heads = [
        _head(_answers(passages, (scheme,)), [(code,) for code in codebook.values(scheme)], BALANCE, *every)
        for scheme in codebook.MODEL_SCHEMES
    ]
    pairs = []
    for schemes in PAIRS:
        answers = _answers(passages, schemes)
        both = sorted({answer for answer in answers if all(answer)})
        pairs.append(Pair(schemes, tuple((one, other) for one, other in both)))
        heads.append(_head(answers, both, 0.0, *every))
    coefficients = np.concatenate([head.coefficients for head in heads], axis=1)
    scale = (np.abs(coefficients).max(axis=0) / LARGEST).astype(np.float32)
    small = np.round(coefficients / np.maximum(scale, 1e-12)).astype(np.float32)
    return Model(
        version, codebook.MODEL_SCHEMES, tuple(codebook.values(scheme) for scheme in codebook.MODEL_SCHEMES), columns,
        block_starts(np.flatnonzero(columns >= 0).astype(np.int32)), idf, small, scale,
        np.concatenate([head.bias for head in heads]).astype(np.float32), tuple(head.temperature for head in heads),
        tuple(pairs), _thresholds(heads, pairs, passages), _card(passages, families),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What was learned of one scheme or pair.

    coefficients: shape (n_columns, n_codes); bias: shape (n_codes,). shares: calibrated out-of-fold probabilities, shape
    (n_passages, n_codes), 0 for passages without a label.
    """

    coefficients: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float
    shares: NDArray[np.float64]


def _answers(passages: Sequence[Labelled], schemes: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [tuple(p.label(scheme) for scheme in schemes) for p in passages]


def _head(
    answers: Sequence[tuple[str, ...]],
    listed: Sequence[tuple[str, ...]],
    balance: float,
    design: csr_matrix,
    gram: NDArray[np.float32],
    weight: NDArray[np.float64],
    fold: NDArray[np.int64],
) -> Head:
    rows = np.array([i for i, answer in enumerate(answers) if all(answer)])  # a ruling need not answer every scheme
    target = np.array([listed.index(answers[i]) for i in rows])
    inner, size = gram[np.ix_(rows, rows)], len(listed)
    weighed = _balanced(weight[rows], target, size, balance)
    held = _out_of_fold(inner, target, fold[rows], weighed, size)
    temperature = _temperature(held, target, weight[rows])
    dual = _solve(inner, target, weighed, size)
    shares = np.zeros((len(answers), size))
    shares[rows] = softmax(held / temperature)
    seen = np.bincount(target, minlength=size) > 0
    return Head(design[rows].T @ dual, np.where(seen, dual.sum(axis=0), np.float32(NEVER)), temperature, shares)


def _thresholds(heads: Sequence[Head], pairs: Sequence[Pair], passages: Sequence[Labelled]) -> tuple[float, ...]:
    """Return for each scheme the confidence below which an answer is "unsure"."""
    joint = [(pair, head.shares) for pair, head in zip(pairs, heads[len(codebook.MODEL_SCHEMES) :], strict=True)]
    found = []
    for scheme, head in zip(codebook.MODEL_SCHEMES, heads, strict=False):
        codes = codebook.values(scheme)
        share = averaged(head.shares, scheme, codes, joint)
        rows = np.flatnonzero(share.sum(axis=1) > 1 - 1e-6).tolist()  # labelled in this scheme and in its pair
        target = np.array([codes.index(passages[i].label(scheme)) for i in rows])
        found.append(_threshold(share[rows], target))
    return tuple(found)


def _weights(families: Sequence[str], out: Sequence[bool]) -> NDArray[np.float64]:
    """Return weights that let every family count the same."""
    names, inverse, counts = np.unique(np.array(families), return_inverse=True, return_counts=True)
    weight: NDArray[np.float64] = len(families) / len(names) / counts[inverse]
    weight[np.array(out)] *= OUT_WEIGHT
    return weight


def _balanced(
    weight: NDArray[np.float64], target: NDArray[np.int64], size: int, exponent: float
) -> NDArray[np.float64]:
    """Return the weights with rare codes raised: 0 counts passages, 1 counts codes the same."""
    counts = np.maximum(1, np.bincount(target, minlength=size))
    raised: NDArray[np.float64] = weight * ((len(target) / counts / size) ** exponent)[target]
    return raised


def _solve(
    gram: NDArray[np.float32], target: NDArray[np.int64], weight: NDArray[np.float64], size: int
) -> NDArray[np.float32]:
    """Return the dual weights, shape (n_passages, size): scores of new passages are their products with the rows."""
    system = gram.copy()
    system[np.diag_indices_from(system)] += (PENALTY / weight).astype(np.float32)
    signs = np.where(np.arange(size) == target[:, None], np.float32(1), np.float32(-1))
    found: NDArray[np.float32] = cho_solve(cho_factor(system, overwrite_a=True, check_finite=False), signs)
    return found


def _out_of_fold(
    gram: NDArray[np.float32],
    target: NDArray[np.int64],
    fold: NDArray[np.int64],
    weight: NDArray[np.float64],
    size: int,
) -> NDArray[np.float64]:
    """Return the scores of every passage by a model that saw no passage of its fold, shape (n_passages, size)."""
    scores = np.zeros((len(target), size))
    for number in range(FOLDS):
        test, train = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if len(test) and len(train):
            dual = _solve(gram[np.ix_(train, train)], target[train], weight[train], size)
            scores[test] = gram[np.ix_(test, train)] @ dual
    return scores


def _temperature(scores: NDArray[np.float64], target: NDArray[np.int64], weight: NDArray[np.float64]) -> float:
    """Return the temperature of least log loss on out-of-fold scores."""

    def loss(log_temperature: float) -> float:
        part = scores / np.exp(log_temperature)
        part = part - part.max(axis=1, keepdims=True)
        chosen = part[np.arange(len(target)), target] - np.log(np.exp(part).sum(axis=1))
        return float(-(weight * chosen).sum())

    return round(float(np.exp(minimize_scalar(loss, bounds=(-4, 2), method="bounded").x)), 4)


UNSURE_BELOW = 0.4  # an answer is kept where at least this share of answers of its confidence is right


def _threshold(share: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    """Return the confidence below which fewer than UNSURE_BELOW of the out-of-fold answers are right."""
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
        "families_seen": sorted({family_digest(family) for family in families}),
        "data_sha256": data_digest(passages),
        "min_families": list(MIN_FAMILIES),
        "penalty": PENALTY,
        "out_weight": OUT_WEIGHT,
    }

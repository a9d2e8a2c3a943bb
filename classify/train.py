"""Fits the linear model: in go labelled passages, out comes a ``Model`` with its card; the same bits each time.

A feature is kept when several families use it, which throws out what only one hand wrote. Every code is one ridge
regression on +1 and -1 (regularised least squares: Rifkin 2002), solved in the dual, where all codes of a scheme share
one factorisation; logistic regression loses three points of topic and is slower. To the linear kernel comes a Gaussian one of
the texts' vectors, by Nyström's method with the families' centres as landmarks: random Fourier features need thousands to
do as well. Temperatures and thresholds come from out-of-fold scores, folds by family (``passages.fold_of``), so that no
sentence of a tested family was trained on, and its centre is no landmark.
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
from classify.model import (
    DENSE_WEIGHT,
    VECTOR_WEIGHT,
    Model,
    Pair,
    averaged,
    block_starts,
    nearness,
    softmax,
    vectorise,
)
from classify.passages import FOLDS, Labelled, compose, family_digest, fold_of
from classify.rulings import Ruling, settled
from classify.vectors import DIMENSIONS

MIN_FAMILIES = (3, 8, 3, 3)  # that use a feature, by block: rarer ones do not generalise (cross-validated by family)
PENALTY = 3.0  # of the squared weights; the same from 2 to 3 (cross-validated by family)
NEAR_WEIGHT = 2.0  # of the Gaussian kernel beside the linear one; the same from 2 to 4 (cross-validated by family)
JITTER = 1e-3  # on the diagonal of the landmarks' kernel
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
    """Return the design matrix, shape (n_passages, n_columns + n_dense + DIMENSIONS), rows in input order."""
    size, width = len(idf), len(idf) + len(dense_names()) + DIMENSIONS
    starts = block_starts(np.flatnonzero(columns >= 0).astype(np.int32))
    indices: list[NDArray[np.int64]] = []
    data: list[NDArray[np.float32]] = []
    pointers = [0]
    for features in found:
        column, value = vectorise(features, columns, idf, starts)
        rest = np.concatenate((features.dense * np.float32(DENSE_WEIGHT), features.vector * np.float32(VECTOR_WEIGHT)))
        filled = np.flatnonzero(rest)
        indices += [column, filled + size]
        data += [value, rest[filled]]
        pointers.append(pointers[-1] + len(column) + len(filled))
    return csr_matrix((np.concatenate(data), np.concatenate(indices), pointers), shape=(len(found), width))


def centres(vectors: NDArray[np.float32], families: Sequence[str]) -> NDArray[np.float32]:
    """Return the direction of each family's passages, shape (n_families, DIMENSIONS), by the order of their names."""
    names, inverse = np.unique(np.array(families), return_inverse=True)
    total = np.zeros((len(names), vectors.shape[1]), dtype=np.float64)
    np.add.at(total, inverse, vectors)
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)
    # float16 is what the file holds; training must see the same numbers.
    return total.astype(np.float16).astype(np.float32)


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
    vectors = np.array([features.vector for features in found])
    weight = _weights(families, [p.label("scope") == "out" for p in passages])
    answers = [_answers(passages, (scheme,)) for scheme in codebook.MODEL_SCHEMES]
    listed: list[tuple[tuple[str, ...], ...]] = [
        tuple((code,) for code in codebook.values(scheme)) for scheme in codebook.MODEL_SCHEMES
    ]
    for schemes in PAIRS:
        answers.append(_answers(passages, schemes))
        listed.append(tuple(sorted({answer for answer in answers[-1] if all(answer)})))
    targets = [_target(*given, weight) for given in zip(answers, listed, strict=True)]
    kernel = _Kernel((design @ design.T).toarray() + np.float32(1), vectors, tuple(families))  # 1 stands for the bias
    held = _out_of_fold(kernel, targets)
    gram, middle, of_centres = kernel.near(np.arange(len(families)))
    heads = [_head(target, scores, design, gram, of_centres) for target, scores in zip(targets, held, strict=True)]
    coefficients = np.concatenate([head.coefficients for head in heads], axis=1)
    scale = (np.abs(coefficients).max(axis=0) / LARGEST).astype(np.float32)
    small = np.round(coefficients / np.maximum(scale, 1e-12)).astype(np.int16)
    pairs = tuple(
        Pair(schemes, tuple((one, other) for one, other in both))
        for schemes, both in zip(PAIRS, listed[len(codebook.MODEL_SCHEMES) :], strict=True)
    )
    return Model(
        version, codebook.MODEL_SCHEMES, tuple(codebook.values(scheme) for scheme in codebook.MODEL_SCHEMES), columns,
        block_starts(np.flatnonzero(columns >= 0).astype(np.int32)), idf, small, scale,
        np.concatenate([head.bias for head in heads]), middle, np.concatenate([head.pull for head in heads], axis=1),
        tuple(head.temperature for head in heads), pairs, _thresholds(heads, pairs, passages), _card(passages, families),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Kernel:
    """The linear kernel of all passages, shape (n, n), and what the Gaussian one needs: their vectors and families."""

    linear: NDArray[np.float32]
    vectors: NDArray[np.float32]
    families: tuple[str, ...]

    def near(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return (kernel of all passages, centres of the families of the rows, (n_centres, n) to turn dual weights into
        the centres' pull).
        """
        middle = centres(self.vectors[rows], [self.families[i] for i in rows])
        at = nearness(self.vectors, middle).astype(np.float64)
        between = nearness(middle, middle).astype(np.float64) + JITTER * np.eye(len(middle))
        of_centres = NEAR_WEIGHT * cho_solve(cho_factor(between, check_finite=False), at.T)
        return self.linear + (at @ of_centres).astype(np.float32), middle, of_centres.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    """What one scheme or pair asks. rows: the passages with an answer, shape (n,); code: their codes; weight: of each;
    counted: the same, before rare codes are raised; size: number of codes; every: number of passages.
    """

    rows: NDArray[np.int64]
    code: NDArray[np.int64]
    weight: NDArray[np.float64]
    counted: NDArray[np.float64]
    size: int
    every: int


def _target(
    answers: Sequence[tuple[str, ...]], listed: Sequence[tuple[str, ...]], weight: NDArray[np.float64]
) -> _Target:
    rows = np.array([i for i, answer in enumerate(answers) if all(answer)])  # a ruling need not answer every scheme
    code = np.array([listed.index(answers[i]) for i in rows])
    exponent = BALANCE if len(listed[0]) == 1 else 0.0
    raised = _balanced(weight[rows], code, len(listed), exponent)
    return _Target(rows, code, raised, weight[rows], len(listed), len(answers))


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What was learned of one scheme or pair.

    coefficients: shape (n_columns, n_codes); bias: shape (n_codes,); pull: shape (n_centres, n_codes). shares: calibrated
    out-of-fold probabilities, shape (n_passages, n_codes), 0 for passages without a label.
    """

    coefficients: NDArray[np.float32]
    bias: NDArray[np.float32]
    pull: NDArray[np.float32]
    temperature: float
    shares: NDArray[np.float64]


def _answers(passages: Sequence[Labelled], schemes: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [tuple(p.label(scheme) for scheme in schemes) for p in passages]


def _head(
    target: _Target,
    held: NDArray[np.float64],
    design: csr_matrix,
    gram: NDArray[np.float32],
    of_centres: NDArray[np.float32],
) -> Head:
    rows = target.rows
    temperature = _temperature(held, target.code, target.counted)
    dual = _solve(gram[np.ix_(rows, rows)], target.code, target.weight, target.size)
    shares = np.zeros((target.every, target.size))
    shares[rows] = softmax(held / temperature)
    seen = np.bincount(target.code, minlength=target.size) > 0
    bias = np.where(seen, dual.sum(axis=0), np.float32(NEVER))
    return Head(design[rows].T @ dual, bias.astype(np.float32), of_centres[:, rows] @ dual, temperature, shares)


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


def _out_of_fold(kernel: _Kernel, targets: Sequence[_Target]) -> list[NDArray[np.float64]]:
    """Return for each target the scores of its passages by models that saw no passage of their fold, shape (n, size)."""
    folds = np.array([fold_of(family) for family in kernel.families])
    found = [np.zeros((len(target.rows), target.size)) for target in targets]
    for number in range(FOLDS):
        if not (folds == number).any() or (folds == number).all():
            continue
        gram, *_ = kernel.near(np.flatnonzero(folds != number))
        for target, scores in zip(targets, found, strict=True):
            fold = folds[target.rows]
            test, train = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
            if len(test) and len(train):
                seen = target.rows[train]
                dual = _solve(gram[np.ix_(seen, seen)], target.code[train], target.weight[train], target.size)
                scores[test] = gram[np.ix_(target.rows[test], seen)] @ dual
    return found


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
        "near_weight": NEAR_WEIGHT,
        "out_weight": OUT_WEIGHT,
    }

"""Fits the model: in go labelled passages, out comes a ``Model`` with its card; the same bits each time.

A feature is kept when several families use it, which throws out what only one hand wrote. Ridge regressions give the first
answers (``classify.ridge``), sentences and forests the second ones (``classify.stack``); temperatures, thresholds and what
the forests learn from come from out-of-fold answers, folds by family (``passages.fold_of``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from classify import codebook
from classify.features import BUCKETS, FIRST, Features, Passage, dense_names, featurise
from classify.features import VERSION as FEATURES_VERSION
from classify.forms import with_damage
from classify.insertions import grafted, insertions, told
from classify.model import (
    DENSE_WEIGHT,
    VECTOR_WEIGHT,
    Model,
    Pair,
    averaged,
    block_starts,
    vectorise,
)
from classify.passages import Labelled, compose, family_digest, fold_of
from classify.ridge import NEAR_WEIGHT, PENALTY, Kernel, head_of, in_16_bits, out_of_fold, target_of
from classify.rulings import Ruling, settled
from classify.stack import stack
from classify.vectors import DIMENSIONS

MIN_FAMILIES = (3, 8, 3, 3)  # that use a feature, by block: rarer ones do not generalise (cross-validated by family)
# Asked together, too: averaging both answers adds 1.3 points of spam, 1.0 of intent, .6 of scope (cross-validated).
PAIRS = (("scope", "topic"), ("intent", "spam"))
OUT_WEIGHT = 2.0  # of families out of scope: the rest of the world is larger than what we wrote of it
THREADS = 2  # of linear algebra, whatever the machine has: sums differ in the last bits with their number
DAMAGED_EVERY = 6  # passages of the training set, one is damaged and restored


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


def own_data() -> tuple[tuple[Labelled, ...], tuple[Labelled, ...]]:
    """Return (training, held-out) passages of the project. To the first come copies with insertions
    (``classify.insertions``), and every DAMAGED_EVERY-th is a restored copy of a damaged one.
    """
    every = compose()
    trained = [p for p in every if not p.held_out]
    return with_damage([*trained, *grafted(trained)], every=DAMAGED_EVERY), tuple(p for p in every if p.held_out)


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
    with threadpool_limits(THREADS):
        return _fitted(passages, version)


def _fitted(passages: Sequence[Labelled], version: str) -> Model:
    found = features_of(passages)
    families = [p.family or p.id for p in passages]
    columns, idf = vocabulary(found, families)
    starts = block_starts(np.flatnonzero(columns >= 0).astype(np.int32))
    design = matrix(found, columns, idf)
    vectors = np.array([features.vector for features in found])
    weight = _weights(families, [p.label("scope") == "out" for p in passages])
    schemes = codebook.MODEL_SCHEMES
    answers = [_answers(passages, asked) for asked in (*((scheme,) for scheme in schemes), *PAIRS)]
    listed: list[tuple[tuple[str, ...], ...]] = [
        *(tuple((code,) for code in codebook.values(scheme)) for scheme in schemes),
        *(tuple(sorted({answer for answer in given if all(answer)})) for given in answers[len(schemes) :]),
    ]
    targets = [target_of(*given, weight) for given in zip(answers, listed, strict=True)]
    kernel = Kernel((design @ design.T).toarray() + np.float32(1), vectors, tuple(families))  # 1 stands for the bias
    held = out_of_fold(kernel, targets)
    gram, middle, of_centres = kernel.near(np.arange(len(families)))
    heads = [head_of(target, scores, design, gram, of_centres) for target, scores in zip(targets, held, strict=True)]
    pairs = tuple(
        Pair(asked, tuple((one, other) for one, other in both))
        for asked, both in zip(PAIRS, listed[len(schemes) :], strict=True)
    )
    joint = [(pair, head.shares) for pair, head in zip(pairs, heads[len(schemes) :], strict=True)]
    first = [
        averaged(head.shares, scheme, codebook.values(scheme), joint)
        for scheme, head in zip(schemes, heads, strict=False)
    ]
    folds, own = np.array([fold_of(family) for family in families]), targets[: len(schemes)]
    stacked = stack(found, folds, columns, idf[starts[1] : starts[3]], starts[1], own, first, told())
    coefficients, scale = in_16_bits(np.concatenate([head.coefficients for head in heads], axis=1))
    threshold = [unsure_below(share[t.rows], t.code) for share, t in zip(stacked.shares, own, strict=True)]
    return Model(
        version, schemes, tuple(codebook.values(scheme) for scheme in schemes), columns, starts, idf, coefficients, scale,
        np.concatenate([head.bias for head in heads]), middle, np.concatenate([head.pull for head in heads], axis=1),
        tuple(head.temperature for head in heads), pairs, stacked.second, tuple(threshold), _card(passages, families),
    )  # fmt: skip


def _answers(passages: Sequence[Labelled], schemes: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [tuple(p.label(scheme) for scheme in schemes) for p in passages]


def _weights(families: Sequence[str], out: Sequence[bool]) -> NDArray[np.float64]:
    """Return weights that let every family count the same."""
    names, inverse, counts = np.unique(np.array(families), return_inverse=True, return_counts=True)
    weight: NDArray[np.float64] = len(families) / len(names) / counts[inverse]
    weight[np.array(out)] *= OUT_WEIGHT
    return weight


UNSURE_BELOW = 0.4  # an answer is kept where at least this share of answers of its confidence is right
ALIKE = 40  # answers of like confidence that are counted together
SUREST = 0.6  # no threshold lies above


def unsure_below(share: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    """Return the confidence below which answers are "unsure": from the least sure up, the first ALIKE out-of-fold answers in
    a row of which UNSURE_BELOW are right begin there. share: shape (n, n_codes); target: shape (n,).
    """
    confidence, right = share.max(axis=1), share.argmax(axis=1) == target
    order = np.argsort(confidence, kind="stable")
    for first in range(len(order) - ALIKE):
        if right[order[first : first + ALIKE]].mean() >= UNSURE_BELOW:
            return min(SUREST, round(float(confidence[order[first]]), 2))
    return SUREST if len(order) > ALIKE else 0.0


def data_digest(passages: Sequence[Labelled]) -> str:
    """Return the hex digest of passages and their labels, in order, and of the insertions.

    Of damaged copies only the form counts: their text depends on the version of restoration.
    """
    rows = [[p.id, p.form, *((p.title, p.text) if p.form == "clean" else ()), list(p.labels)] for p in passages]
    said = [[each.id, each.kind, each.wordings] for each in insertions()]
    return hashlib.sha256(json.dumps([rows, said], ensure_ascii=False).encode()).hexdigest()


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

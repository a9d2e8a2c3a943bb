"""The model: in go the features of a passage, out come calibrated probabilities for every scheme and evidence.

One matrix of 16-bit weights for all schemes, and what the families of the training set near the text say: a Gaussian of
the distance between the text's vector and each family's centre (the landmarks of Nyström's method; Williams and Seeger
2001). A softmax for each scheme with its own temperature (Guo et al. 2017). Schemes that depend on each other are asked
together, too (who speaks and spam, scope and topic), and both answers averaged. These first answers and the single
sentences of the text decide the second, final ones (``classify.second``). ``classify.model_file`` writes and reads models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classify.features import FIRST, Features
from classify.hashing import GROWTH
from classify.second import Second, second_answers
from classify.sentence_scores import pooled, sentence_scores

# Of the blocks of features; each has unit length before (cross-validated by family).
BLOCK_WEIGHTS = (1.05, 1.05, 1.05, 1.0)
DENSE_WEIGHT = 0.55  # the same from .3 to .7; more, and the lexicon drowns the words (cross-validated by family)
VECTOR_WEIGHT = 1.41  # of the text's vector, a unit long (cross-validated by family, as the next)
SHARPNESS = 4.0  # of the Gaussian about a centre: at right angles a family counts exp(-2 * SHARPNESS)
# Codes that are answered from this probability on, likeliest or not, and never below it: an offer of debt services where it
# is likelier than not, a page called blatant where F1 out of fold is greatest.
REACH = {"intent": ("solicitation", 0.5), "spam": ("2", 0.63)}
EVIDENCE = 5  # spans at most
EVIDENCE_SHARE = 0.4  # of the strongest word's weight, that another needs to be shown


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schemes answered at once: codes that occur together, e.g. ("solicitation", "2")."""

    schemes: tuple[str, str]
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Weights and what they mean.

    columns: shape (BUCKETS,), column of each bucket or -1; starts: first column of each block; idf: shape (n,);
    weights: shape (n + n_dense + DIMENSIONS, n_codes), times scale (n_codes,); bias: shape (n_codes,). centres: shape
    (n_families, DIMENSIONS), of length 1; pull: shape (n_families, n_codes). Columns: the codes of all schemes, then those
    of all pairs. temperature: by scheme, then by pair; second: for the final answers; threshold by scheme.
    """

    version: str
    schemes: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    columns: NDArray[np.int32]
    starts: tuple[int, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.int16]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    centres: NDArray[np.float32]
    pull: NDArray[np.float32]
    temperature: tuple[float, ...]
    pairs: tuple[Pair, ...]
    second: Second
    threshold: tuple[float, ...]
    card: dict[str, Any]


def vectorise(
    features: Features, columns: NDArray[np.int32], idf: NDArray[np.float32], starts: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return (columns block by block, values) of a passage: known buckets, (1 + log count) * idf, blocks of unit length.

    columns: shape (BUCKETS,), -1 for a bucket the model does not know. starts: first column of each block.
    """
    column = columns.take(features.buckets)
    known = column.take((column >= 0).nonzero()[0]).astype(np.intp)
    # Each column once, where it was written last: cheaper than sorting them, or than looking through all columns.
    place, last = np.arange(len(known), dtype=np.int32), np.empty(len(idf), dtype=np.int32)
    last[known] = place
    found = known.take((last.take(known) == place).nonzero()[0])
    value = GROWTH.take(np.bincount(known, minlength=len(idf)).take(found), mode="clip") * idf.take(found)
    edges = [*found.searchsorted(starts).tolist(), len(found)]
    for weight, first, end in zip(BLOCK_WEIGHTS, edges, edges[1:], strict=False):
        part = value[first:end]
        part *= weight / max(float(np.sqrt(part @ part)), 1e-9)
    return found, value.astype(np.float32)


def logits(model: Model, features: Features) -> NDArray[np.float32]:
    """Return the score of every code of every scheme, shape (n_codes,), before temperature."""
    column, value = vectorise(features, model.columns, model.idf, model.starts)
    dense = np.concatenate((features.dense * np.float32(DENSE_WEIGHT), features.vector * np.float32(VECTOR_WEIGHT)))
    # As 16 bits half of the memory is read, which is what takes the time.
    linear = value @ model.weights.take(column, axis=0).astype(np.float32) + dense @ _layout(model).dense
    near = nearness(features.vector, model.centres) @ model.pull
    found: NDArray[np.float32] = (linear * model.scale + model.bias + near).astype(np.float32, copy=False)
    return found


def nearness(vectors: NDArray[np.float32], centres: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how near each vector (last axis) is to each centre: 1 for the same direction, all of them of length 1."""
    # One text is no work for two threads: waiting for the other takes a hundred times as long on a busy machine.
    products = np.vecdot(centres, vectors) if vectors.ndim == 1 else vectors @ centres.T
    near: NDArray[np.float32] = np.exp(np.float32(2 * SHARPNESS) * (products - np.float32(1)))
    return near


def probabilities(model: Model, features: Features) -> dict[str, NDArray[np.float64]]:
    """Return calibrated probabilities by scheme, each shape (n_codes of the scheme,), summing to 1."""
    first, end = model.starts[1], model.starts[3]
    weights = _layout(model).sentences
    scores = sentence_scores(features.sentences, model.columns, model.idf[first:end], first, weights)
    scores += model.second.bias
    first_ones = dict(zip(model.schemes, first_answers(model, logits(model, features)), strict=True))
    return second_answers(model.second, first_ones, pooled(scores))


def first_answers(model: Model, scores: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """Return the first answers of each scheme, calibrated, each shape (n_codes of the scheme,), summing to 1."""
    layout = _layout(model)
    part = scores / layout.temperature
    part -= np.maximum.reduceat(part, layout.firsts)[layout.group]
    grown = np.exp(part)
    shares = (grown / np.add.reduceat(grown, layout.firsts)[layout.group]) @ layout.average
    return [shares[first:end] for first, end in layout.places]


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Where a model's answers stand. dense: weights of dense features and vector; sentences: those of sentences; firsts:
    first column of each softmax; group: softmax of each column; temperature: of each column; average: shape (n_columns,
    n_codes), what each column says of each scheme's code; places: first and end of each scheme's codes.
    """

    dense: NDArray[np.float32]
    sentences: NDArray[np.float32]
    firsts: NDArray[np.int64]
    group: NDArray[np.int64]
    temperature: NDArray[np.float64]
    average: NDArray[np.float64]
    places: tuple[tuple[int, int], ...]


@lru_cache(maxsize=8)
def _layout(model: Model) -> _Layout:
    sizes = np.array([*map(len, model.codes), *(len(pair.codes) for pair in model.pairs)])
    firsts, group = np.cumsum(sizes) - sizes, np.repeat(np.arange(len(sizes)), sizes)
    rows = np.eye(int(sizes.sum()))
    joint = [(pair, rows[:, group == len(model.codes) + i]) for i, pair in enumerate(model.pairs)]
    spread = [
        averaged(rows[:, group == i], scheme, codes, joint)
        for i, (scheme, codes) in enumerate(zip(model.schemes, model.codes, strict=True))
    ]
    ends = np.cumsum(sizes).tolist()
    places = tuple(zip(firsts.tolist(), ends[: len(model.schemes)], strict=False))
    dense = model.weights[len(model.idf) :].astype(np.float32)
    sentences = model.second.weights * model.second.scale
    return _Layout(
        dense, sentences, firsts, group, np.array(model.temperature)[group], np.concatenate(spread, axis=1), places
    )


def decided(scheme: str, codes: tuple[str, ...], answers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the place of the code that is answered for each row of probabilities, shape (n_texts, n_codes)."""
    return np.array([decided_one(scheme, codes, answer) for answer in answers.tolist()], dtype=np.int64)


def decided_one(scheme: str, codes: tuple[str, ...], answer: list[float]) -> int:
    """Return the place of the code that is answered: the likeliest, but see REACH."""
    code, least = REACH.get(scheme, ("", 1.0))
    special = codes.index(code) if code in codes else -1
    if special >= 0 and answer[special] >= least:
        return special
    best = answer.index(max(answer))
    return best if best != special else max((p for p in range(len(answer)) if p != special), key=answer.__getitem__)


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return shares that sum to 1 along the last axis."""
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: NDArray[np.float64] = grown / grown.sum(axis=-1, keepdims=True)
    return shares


def averaged(
    own: NDArray[np.float64], scheme: str, codes: tuple[str, ...], joint: Sequence[tuple[Pair, NDArray[np.float64]]]
) -> NDArray[np.float64]:
    """Return the mean of a scheme's own shares (last axis: its codes) and of what the pairs it is in say of it."""
    total, votes = own, 1
    for pair, share in joint:
        if scheme in pair.schemes:
            total = total + share @ _membership(pair, scheme, codes)
            votes += 1
    return total / votes


@lru_cache(maxsize=32)
def _membership(pair: Pair, scheme: str, codes: tuple[str, ...]) -> NDArray[np.float64]:
    side = pair.schemes.index(scheme)
    return np.array([[float(both[side] == code) for code in codes] for both in pair.codes])


def evidence(model: Model, features: Features, columns: Sequence[int]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return for each code (column of the weights) the spans of the words that spoke most for it, in text order.

    Neighbouring words are joined; a word of one character is no evidence.
    """
    known = model.columns.take(features.word_buckets)
    places = ((known >= 0) & (features.word_ends - features.word_starts > 1)).nonzero()[0]
    if not len(places):
        return ((),) * len(columns)
    rows = known.take(places)
    at = np.array(columns)[:, None] + rows * model.weights.shape[1]
    strengths = model.weights.ravel().take(at) * model.idf.take(rows)
    limits = strengths.max(axis=1) * EVIDENCE_SHARE
    strong = strengths >= np.where(limits > 0, limits, np.inf)[:, None]
    starts, ends = features.word_starts.take(places).tolist(), features.word_ends.take(places).tolist()
    return tuple(
        _spans(starts, ends, strength, at.nonzero()[0]) for strength, at in zip(strengths, strong, strict=True)
    )


def _spans(
    starts: list[int], ends: list[int], strength: NDArray[np.float32], strong: NDArray[np.int64]
) -> tuple[tuple[int, int], ...]:
    """Return the spans of the strongest of the strong words; places ascend."""
    if len(strong) > EVIDENCE * 2:
        strong = np.sort(strong[np.argsort(-strength[strong], kind="stable")[: EVIDENCE * 2]])
    spans: list[tuple[int, int]] = []
    for place in strong.tolist():
        if spans and starts[place] <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], ends[place])
        else:
            spans.append((starts[place], ends[place]))
    return tuple(spans[:EVIDENCE])


def block_starts(buckets: NDArray[np.int32]) -> tuple[int, ...]:
    """Return the first column of each block, for the buckets of the columns in ascending order."""
    return tuple(np.searchsorted(buckets, FIRST).tolist())

"""The linear model: in go the features of a passage, out come calibrated probabilities for every scheme and evidence.

One matrix of 16-bit weights for all schemes, a softmax with its own temperature for each (Guo et al. 2017). Schemes that
depend on each other are asked together, too (who speaks and spam, scope and topic), and both answers averaged. The model
is data: an npz of arrays and a JSON header, read without pickle, checked against its digest, version and codebook.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classify import codebook
from classify.features import BUCKETS, FIRST, Features, dense_names
from classify.features import VERSION as FEATURES_VERSION
from corpus.errors import ModelError

FORMAT = 2  # of the file
PACKAGED = Path(__file__).parent / "data" / "model.npz"
CHOSEN = "CUISHOU_MODEL"  # environment variable naming the model file of a workspace; workers inherit it
# Of the blocks of features; each has unit length before (cross-validated by family).
BLOCK_WEIGHTS = (1.05, 1.05, 1.05, 1.0)
DENSE_WEIGHT = 0.55  # the same from .3 to .7; more, and the lexicon drowns the words (cross-validated by family)
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
    weights: shape (n + n_dense, n_codes) whole numbers of 16 bits as floats, times scale (n_codes,); bias: shape (n_codes,).
    Columns: the codes of all schemes, then those of all pairs. temperature: by scheme, then by pair; threshold by scheme.
    """

    version: str
    schemes: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    columns: NDArray[np.int32]
    starts: tuple[int, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: tuple[float, ...]
    pairs: tuple[Pair, ...]
    threshold: tuple[float, ...]
    card: dict[str, object]


def vectorise(
    features: Features, columns: NDArray[np.int32], idf: NDArray[np.float32], starts: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return (columns ascending, values) of a passage: known buckets only, (1 + log count) * idf, blocks of unit length.

    columns: shape (BUCKETS,), -1 for a bucket the model does not know. starts: first column of each block.
    """
    column = columns[features.buckets]
    counts = np.bincount(column[column >= 0], minlength=len(idf))
    found = np.flatnonzero(counts)
    value = (1 + np.log(counts[found])) * idf[found]
    edges = [*np.searchsorted(found, starts).tolist(), len(found)]
    for weight, first, end in zip(BLOCK_WEIGHTS, edges, edges[1:], strict=False):
        part = value[first:end]
        part *= weight / max(float(np.sqrt(part @ part)), 1e-9)
    return found, value.astype(np.float32)


def logits(model: Model, features: Features) -> NDArray[np.float32]:
    """Return the score of every code of every scheme, shape (n_codes,), before temperature."""
    column, value = vectorise(features, model.columns, model.idf, model.starts)
    sparse = value @ model.weights[column]
    dense = (features.dense * DENSE_WEIGHT) @ model.weights[len(model.idf) :]
    found: NDArray[np.float32] = ((sparse + dense) * model.scale + model.bias).astype(np.float32, copy=False)
    return found


def probabilities(model: Model, scores: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    """Return calibrated probabilities by scheme, each shape (n_codes of the scheme,), summing to 1."""
    first = 0
    sizes = (*map(len, model.codes), *(len(pair.codes) for pair in model.pairs))
    shares = []
    for size, temperature in zip(sizes, model.temperature, strict=True):
        shares.append(softmax(scores[first : first + size].astype(np.float64) / temperature))
        first += size
    joint = list(zip(model.pairs, shares[len(model.schemes) :], strict=True))
    return {
        scheme: averaged(own, scheme, codes, joint)
        for scheme, codes, own in zip(model.schemes, model.codes, shares, strict=False)
    }


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
    known = model.columns[features.word_buckets]
    places = np.flatnonzero((known >= 0) & (features.word_ends - features.word_starts > 1))
    if not len(places):
        return ((),) * len(columns)
    rows = known[places]
    strengths = model.weights[rows[:, None], np.array(columns, dtype=np.int64)].T * model.idf[rows]
    return tuple(_spans(features, places, strength) for strength in strengths)


def _spans(features: Features, places: NDArray[np.int64], strength: NDArray[np.float32]) -> tuple[tuple[int, int], ...]:
    limit = float(strength.max()) * EVIDENCE_SHARE
    strong = np.flatnonzero(strength >= limit) if limit > 0 else np.zeros(0, dtype=np.int64)
    best = strong[np.argsort(-strength[strong], kind="stable")[: EVIDENCE * 2]]
    spans: list[tuple[int, int]] = []
    for index in sorted(places[best].tolist()):
        start, end = int(features.word_starts[index]), int(features.word_ends[index])
        if spans and start <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return tuple(spans[:EVIDENCE])


def save(model: Model, path: Path) -> None:
    """Write a model; the same model gives the same bytes."""
    header = {
        "format": FORMAT, "features": FEATURES_VERSION, "codebook": codebook.VERSION, "version": model.version,
        "schemes": model.schemes, "codes": model.codes, "temperature": model.temperature,
        "pairs": [[pair.schemes, pair.codes] for pair in model.pairs], "threshold": model.threshold, "dense": dense_names(), "card": model.card,
    }  # fmt: skip
    arrays: dict[str, NDArray[Any]] = {
        "buckets": np.flatnonzero(model.columns >= 0).astype(np.int32),
        "idf": model.idf.astype(np.float16),
        "weights": model.weights.astype(np.int16),
        "scale": model.scale,
        "bias": model.bias,
    }
    text = json.dumps(header, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(text.encode() + b"".join(a.tobytes() for a in arrays.values())).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    contents: dict[str, Any] = {"header": np.array(text), "digest": np.array(digest), **arrays}
    np.savez_compressed(part, **contents)
    part.replace(path)


def load(path: Path) -> Model:
    """Return the model of a file. Raises ModelError when it is missing, cut short, of another version or not ours."""
    try:
        with np.load(path, allow_pickle=False) as data:
            text, digest = str(data["header"]), str(data["digest"])
            arrays = {name: data[name] for name in ("buckets", "idf", "weights", "scale", "bias")}
        header = json.loads(text)
    except FileNotFoundError as error:
        raise ModelError(f"There is no model at {path}: run `cuishou train`, or install cuishou anew.") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise ModelError(
            f"The model {path.name} is cut short or none of ours: run `cuishou train --rollback`."
        ) from error
    if digest != hashlib.sha256(text.encode() + b"".join(a.tobytes() for a in arrays.values())).hexdigest():
        raise ModelError(f"The model {path.name} is damaged (its digest differs): run `cuishou train --rollback`.")
    _check(header, path)
    columns = np.full(BUCKETS, -1, dtype=np.int32)
    columns[arrays["buckets"]] = np.arange(len(arrays["buckets"]), dtype=np.int32)
    return Model(
        header["version"], tuple(header["schemes"]), tuple(tuple(c) for c in header["codes"]), columns,
        block_starts(arrays["buckets"]), arrays["idf"].astype(np.float32), arrays["weights"].astype(np.float32), arrays["scale"], arrays["bias"],
        tuple(header["temperature"]),
        tuple(Pair((one, other), tuple((a, b) for a, b in codes)) for (one, other), codes in header["pairs"]),
        tuple(header["threshold"]), header["card"],
    )  # fmt: skip


def block_starts(buckets: NDArray[np.int32]) -> tuple[int, ...]:
    """Return the first column of each block, for the buckets of the columns in ascending order."""
    return tuple(np.searchsorted(buckets, FIRST).tolist())


def _check(header: dict[str, object], path: Path) -> None:
    wanted = {
        "format": FORMAT,
        "features": FEATURES_VERSION,
        "codebook": codebook.VERSION,
        "dense": list(dense_names()),
    }
    for key, value in wanted.items():
        if header.get(key) != value:
            raise ModelError(f"The model {path.name} was trained for another version ({key}): run `cuishou train`.")


def current_path() -> Path:
    """Return the model file in use: the workspace's, where its commands name one, else the packaged one."""
    chosen = os.environ.get(CHOSEN, "")
    return Path(chosen) if chosen else PACKAGED


@cache
def _loaded(path: Path) -> Model:
    return load(path)


def current() -> Model:
    """Return the model in use, read once per process. Raises ModelError as ``load`` does."""
    return _loaded(current_path())

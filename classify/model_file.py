"""Models as data: an npz of arrays and a JSON header, read without pickle, checked against its digest, version and codebook."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classify import codebook
from classify.features import BUCKETS, dense_names
from classify.features import VERSION as FEATURES_VERSION
from classify.forest import TREES, Forest
from classify.model import Model, Pair, block_starts
from classify.second import ASKED, Second
from classify.vectors import DIMENSIONS
from corpus.errors import ModelError

FORMAT = 4  # of the file
PACKAGED = Path(__file__).parent / "data" / "model.npz"
CHOSEN = "CUISHOU_MODEL"  # environment variable naming the model file of a workspace; workers inherit it
# What a file that is no model of ours makes Python say: an array alone, a header without a key, arrays missing.
_NO_MODEL = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, MemoryError)


def save(model: Model, path: Path) -> None:
    """Write a model; the same model gives the same bytes."""
    text, arrays = json.dumps(_header(model), ensure_ascii=False, sort_keys=True), _arrays(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    contents: dict[str, Any] = {"header": np.array(text), "digest": np.array(_digest(text, arrays)), **arrays}
    np.savez_compressed(part, **contents)
    part.replace(path)


def content_digest(model: Model) -> str:
    """Return the hex digest of all that decides a model's answers: its arrays, temperatures and thresholds.

    Its name and its card do not count, so that the name can hold the digest.
    """
    rest = {key: value for key, value in _header(model).items() if key not in ("version", "card")}
    return _digest(json.dumps(rest, ensure_ascii=False, sort_keys=True), _arrays(model))


def _header(model: Model) -> dict[str, object]:
    return {
        "format": FORMAT, "features": FEATURES_VERSION, "codebook": codebook.VERSION, "version": model.version,
        "schemes": model.schemes, "codes": model.codes, "temperature": model.temperature,
        "second_temperature": model.second.temperature, "pairs": [[pair.schemes, pair.codes] for pair in model.pairs],
        "threshold": model.threshold, "dense": dense_names(), "card": model.card,
    }  # fmt: skip


def _arrays(model: Model) -> dict[str, NDArray[Any]]:
    second = model.second
    return {
        "buckets": np.flatnonzero(model.columns >= 0).astype(np.int32), "idf": model.idf.astype(np.float16),
        "weights": model.weights, "scale": model.scale, "bias": model.bias,
        "centres": model.centres.astype(np.float16), "pull": model.pull,
        "sentence_weights": second.weights, "sentence_scale": second.scale, "sentence_bias": second.bias,
        "roots": second.forest.roots, "feature": second.forest.feature, "threshold": second.forest.threshold,
        "below": second.forest.below, "leaf": second.forest.leaf, "shares": second.forest.shares,
    }  # fmt: skip


def load(path: Path) -> Model:
    """Return the model of a file. Raises ModelError when it is missing, cut short, of another version or not ours."""
    try:
        with np.load(path, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        text, digest = str(arrays.pop("header")), str(arrays.pop("digest"))
        header = json.loads(text)
    except FileNotFoundError as error:
        raise ModelError(f"There is no model at {path}: run `cuishou train`, or install cuishou anew.") from error
    except (*_NO_MODEL, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _not_ours(path) from error
    if digest != _digest(text, arrays):
        raise ModelError(f"The model {path.name} is damaged (its digest differs): run `cuishou train --rollback`.")
    try:
        _check(header, path)
        model = _model(arrays, header)
    except _NO_MODEL as error:
        raise _not_ours(path) from error
    shapes = {name: (array.shape, array.dtype) for name, array in _arrays(model).items()}
    if not _fits(model) or shapes != {name: (array.shape, array.dtype) for name, array in arrays.items()}:
        raise _not_ours(path)
    return model


def _not_ours(path: Path) -> ModelError:
    return ModelError(f"The model {path.name} is cut short or none of ours: run `cuishou train --rollback`.")


def _model(arrays: dict[str, NDArray[Any]], header: dict[str, Any]) -> Model:
    columns = np.full(BUCKETS, -1, dtype=np.int32)
    columns[arrays["buckets"]] = np.arange(len(arrays["buckets"]), dtype=np.int32)
    return Model(
        header["version"], tuple(header["schemes"]), tuple(tuple(c) for c in header["codes"]), columns,
        block_starts(arrays["buckets"]), arrays["idf"].astype(np.float32), arrays["weights"], arrays["scale"], arrays["bias"],
        arrays["centres"].astype(np.float32), arrays["pull"], tuple(header["temperature"]),
        tuple(Pair((one, other), tuple((a, b) for a, b in codes)) for (one, other), codes in header["pairs"]),
        _second(arrays, header), tuple(header["threshold"]), header["card"],
    )  # fmt: skip


def _fits(model: Model) -> bool:
    """Return whether the arrays have the sizes that the codes and features ask for."""
    own = sum(map(len, model.codes))
    every = own + sum(len(pair.codes) for pair in model.pairs)
    words, second, forest = len(model.idf), model.second, model.second.forest
    return (
        int((model.columns >= 0).sum()) == words
        and model.weights.shape == (words + len(dense_names()) + DIMENSIONS, every)
        and model.scale.shape == model.bias.shape == (every,)
        and model.centres.shape == (len(model.pull), DIMENSIONS)
        and model.pull.shape[1:] == (every,)
        and len(model.temperature) == len(model.schemes) + len(model.pairs)
        and len(model.threshold) == len(model.schemes)
        and len(second.temperature) == len(ASKED)
        and len(forest.roots) == TREES * len(ASKED)
        and len(second.weights) == model.starts[3] - model.starts[1]
        and len(forest.feature) == len(forest.threshold) == len(forest.below) == len(forest.leaf)
        and second.scale.shape[-1:] == second.bias.shape[-1:] == second.weights.shape[-1:] == (own,)
    )


def _second(arrays: dict[str, NDArray[Any]], header: dict[str, Any]) -> Second:
    forest = Forest(
        arrays["roots"], arrays["feature"], arrays["threshold"], arrays["below"], arrays["leaf"], arrays["shares"],
        tuple(len(header["codes"][header["schemes"].index(scheme)]) for scheme in ASKED),
    )  # fmt: skip
    weights, scale, bias = arrays["sentence_weights"], arrays["sentence_scale"], arrays["sentence_bias"]
    return Second(weights, scale, bias, forest, tuple(header["second_temperature"]))


def _digest(text: str, arrays: dict[str, NDArray[Any]]) -> str:
    return hashlib.sha256(text.encode() + b"".join(array.tobytes() for array in arrays.values())).hexdigest()


def _check(header: dict[str, Any], path: Path) -> None:
    wanted = {
        "format": FORMAT,
        "features": FEATURES_VERSION,
        "codebook": codebook.VERSION,
        "dense": list(dense_names()),
        "schemes": list(codebook.MODEL_SCHEMES),
        "codes": [list(codebook.values(scheme)) for scheme in codebook.MODEL_SCHEMES],
    }
    for key, value in wanted.items():
        if header.get(key) != value:
            raise ModelError(f"The model {path.name} was trained for another version ({key}): run `cuishou train`.")
    for (one, other), codes in header["pairs"]:
        if any(a not in codebook.values(one) or b not in codebook.values(other) for a, b in codes):
            raise ModelError(f"The model {path.name} was trained for another version (pairs): run `cuishou train`.")


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

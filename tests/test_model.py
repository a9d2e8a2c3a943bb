"""Model files: the same bits each time, and a clear error for whatever is not one of ours."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from classify import codebook
from classify.card import libraries, named, with_scores
from classify.evaluate import evaluate
from classify.features import Passage, featurise
from classify.model import BLOCK_WEIGHTS, evidence, logits, probabilities, vectorise
from classify.model_file import PACKAGED, content_digest, load, save
from classify.passages import compose
from classify.train import fit
from corpus.errors import ModelError

MAX_BYTES = 10_000_000
FEW = [p for p in compose(400) if not p.held_out][::3]


def test_the_packaged_model_is_small_and_saved_without_pickle() -> None:
    assert PACKAGED.stat().st_size <= MAX_BYTES
    with np.load(PACKAGED, allow_pickle=False) as data:
        assert all(data[name].dtype != object for name in data.files)


def test_training_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        save(fit(FEW, version="9"), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_the_name_of_a_model_tells_it_from_another_of_the_same_data() -> None:
    model = load(PACKAGED)
    other = dataclasses.replace(model, bias=model.bias + np.float32(1))
    assert named(model).version == f"{model.version}.{content_digest(model)[:8]}"
    assert named(model).version != named(other).version
    assert content_digest(named(model)) == content_digest(model)  # name and card do not count


def test_the_card_holds_scores_and_versions_of_libraries(tmp_path: Path) -> None:
    model = load(PACKAGED)
    save(with_scores(model, evaluate(model, FEW[:20])), tmp_path / "m.npz")
    card = load(tmp_path / "m.npz").card
    assert card["libraries"] == libraries()
    assert card["scores"]["topic"]["texts"] == 20
    assert card["data_sha256"] == model.card["data_sha256"]


def test_a_saved_model_answers_as_before(tmp_path: Path) -> None:
    model = load(PACKAGED)
    save(model, tmp_path / "m.npz")
    features = featurise(Passage("网贷逾期怎么办", FEW[0].text))
    assert (logits(load(tmp_path / "m.npz"), features) == logits(model, features)).all()


@pytest.mark.parametrize("title", ["", "网贷逾期"], ids=["empty block", "all blocks"])
def test_a_feature_counts_one_and_the_logarithm_of_its_repeats(title: str) -> None:
    model, features = load(PACKAGED), featurise(Passage(title, FEW[0].text * 3))
    columns, values = vectorise(features, model.columns, model.idf, model.starts)
    every = model.columns[features.buckets]
    known, counts = np.unique(every[every >= 0], return_counts=True)
    plain = (1 + np.log(counts)) * model.idf[known]
    for first, end, weight in zip(model.starts, (*model.starts[1:], len(model.idf)), BLOCK_WEIGHTS, strict=True):
        block = (known >= first) & (known < end)
        plain[block] *= weight / max(float(np.linalg.norm(plain[block])), 1e-9)
    order = np.argsort(columns)
    assert columns[order].tolist() == known.tolist()
    assert values[order] == pytest.approx(plain, rel=1e-6)


def test_probabilities_sum_to_one() -> None:
    model = load(PACKAGED)
    for answer in probabilities(model, featurise(Passage("", FEW[1].text))).values():
        assert answer.sum() == pytest.approx(1)


def test_the_packaged_model_is_named_by_what_decides_its_answers() -> None:
    model = load(PACKAGED)
    assert model.version.endswith(f".{content_digest(model)[:8]}"), "run: python -m crawler.cli train --packaged"


def test_the_card_of_the_packaged_model_has_scores_and_libraries() -> None:
    card = load(PACKAGED).card
    assert set(card["scores"]) == set(codebook.MODEL_SCHEMES)
    assert set(card["libraries"]) == set(libraries())


def test_the_card_names_its_training_set() -> None:
    card = load(PACKAGED).card
    assert len(str(card["data_sha256"])) == 64
    assert int(str(card["passages"])) >= 2_400


def test_evidence_of_an_empty_text_is_empty() -> None:
    assert evidence(load(PACKAGED), featurise(Passage("", "")), [0, 1]) == ((), ())


def truncated(body: bytes) -> bytes:
    return body[: len(body) // 2]


def flipped(body: bytes) -> bytes:
    return body[:2000] + bytes([body[2000] ^ 0xFF]) + body[2001:]


BROKEN = [
    ("cut short", truncated),
    ("one byte changed", flipped),
    ("empty", lambda _: b""),
    ("text", lambda _: b"x" * 99),
]


@pytest.mark.parametrize(("name", "change"), BROKEN, ids=[name for name, _ in BROKEN])
def test_a_broken_file_is_a_clear_error(name: str, change, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "broken.npz"
    path.write_bytes(change(PACKAGED.read_bytes()))
    with pytest.raises(ModelError, match="rollback"):
        load(path)


def crafted(path: Path, header: dict[str, object], *, without: str = "", cut: str = "") -> None:
    """Write the packaged model with another header or other arrays, and a digest that is right for them."""
    with np.load(PACKAGED, allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files if name not in ("digest", without)}
    text = json.dumps(json.loads(str(arrays.pop("header"))) | header)
    arrays |= {cut: arrays[cut][:-1]} if cut else {}
    digest = hashlib.sha256(text.encode() + b"".join(array.tobytes() for array in arrays.values())).hexdigest()
    np.savez(path, header=np.array(text), digest=np.array(digest), **arrays)


ARRAYS = ["buckets", "idf", "weights", "scale", "bias", "centres", "pull", "sentence_weights", "sentence_bias", "roots"]


@pytest.mark.parametrize("name", [*ARRAYS, "feature", "leaf", "shares"])
def test_a_model_without_one_of_its_arrays_is_a_clear_error(name: str, tmp_path: Path) -> None:
    crafted(tmp_path / "m.npz", {}, without=name)
    with pytest.raises(ModelError, match="none of ours"):
        load(tmp_path / "m.npz")


@pytest.mark.parametrize("name", [name for name in ARRAYS if name != "roots"])
def test_a_model_with_an_array_of_another_size_is_a_clear_error(name: str, tmp_path: Path) -> None:
    crafted(tmp_path / "m.npz", {}, cut=name)
    with pytest.raises(ModelError, match="none of ours"):
        load(tmp_path / "m.npz")


HEADERS: list[tuple[dict[str, object], str]] = [
    ({"codes": [["core", "edge", "nowhere"]]}, "another version .codes"),
    ({"schemes": ["colour"]}, "another version .schemes"),
    ({"pairs": [[["scope", "topic"], [["core", "nonsense"]]]]}, "another version .pairs"),
    ({"pairs": 3}, "none of ours"),
    ({"threshold": []}, "none of ours"),
    ({"temperature": [1.0]}, "none of ours"),
]


@pytest.mark.parametrize(("header", "message"), HEADERS)
def test_a_header_that_does_not_fit_is_a_clear_error(header: dict[str, object], message: str, tmp_path: Path) -> None:
    crafted(tmp_path / "m.npz", header)
    with pytest.raises(ModelError, match=message):
        load(tmp_path / "m.npz")


def test_an_array_alone_is_a_clear_error(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.arange(3))
    with pytest.raises(ModelError, match="none of ours"):
        load(tmp_path / "m.npy")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cuishou train"):
        load(tmp_path / "none.npz")


def test_a_model_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(load(PACKAGED), tmp_path / "m.npz")
    monkeypatch.setattr("classify.model_file.FEATURES_VERSION", "0")
    with pytest.raises(ModelError, match="another version"):
        load(tmp_path / "m.npz")


def test_saving_leaves_no_half_file(tmp_path: Path) -> None:
    save(load(PACKAGED), tmp_path / "models" / "m.npz")
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["m.npz"]

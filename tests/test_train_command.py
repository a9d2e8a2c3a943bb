"""Models of a workspace: what training takes and refuses, versions, and the way back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from classify import versions
from classify.commands import train as train_command
from classify.model_file import PACKAGED, load, save
from classify.passages import Labelled, compose
from classify.train import fit
from classify.versions import add, in_use, next_version, rollback
from corpus.errors import ModelError, WorkspaceError


def test_models_are_versioned_and_rolled_back(tmp_path: Path) -> None:
    packaged = load(PACKAGED)
    assert in_use(tmp_path) == PACKAGED
    first = add(tmp_path, dataclasses.replace(packaged, version=next_version(tmp_path)))
    second = add(tmp_path, dataclasses.replace(packaged, version=next_version(tmp_path)))
    assert first.name < second.name
    assert in_use(tmp_path) == second
    assert rollback(tmp_path) == first
    assert rollback(tmp_path) == PACKAGED
    with pytest.raises(WorkspaceError, match="none before"):
        rollback(tmp_path)


def test_a_model_rolled_back_never_comes_back(tmp_path: Path, small: Path) -> None:
    def put_to_use() -> Path:
        return add(tmp_path, dataclasses.replace(load(small), version=next_version(tmp_path)))

    first, discarded = put_to_use(), put_to_use()
    assert rollback(tmp_path) == first
    third = put_to_use()
    assert third.name != discarded.name
    assert rollback(tmp_path) == first


def test_rollback_passes_over_models_that_are_gone(tmp_path: Path, small: Path) -> None:
    paths = [add(tmp_path, dataclasses.replace(load(small), version=next_version(tmp_path))) for _ in range(3)]
    paths[1].unlink()
    paths[2].unlink()
    with pytest.raises(WorkspaceError, match="rollback"):
        in_use(tmp_path)
    assert rollback(tmp_path) == paths[0]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of few passages, which stands for the packaged one: fitting them takes seconds."""
    path = tmp_path_factory.mktemp("small") / "model.npz"
    save(fit(held_in(), version="9"), path)
    return path


@pytest.fixture
def trained(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[Labelled]], Result]:
    """Run `cuishou train --data` with passages, beside few passages of our own."""
    held_out = tuple(p for p in compose(480) if p.held_out)
    for module in (train_command, versions):
        monkeypatch.setattr(module, "PACKAGED", small)
    monkeypatch.setattr(train_command, "own_data", lambda: (held_in(), held_out))

    def train(passages: Sequence[Labelled]) -> Result:
        rows = [{"text": p.text, "title": p.title, "family": p.family, "labels": dict(p.labels)} for p in passages]
        (tmp_path / "more.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
        return CliRunner().invoke(train_command.command, ["--data", str(tmp_path / "more.jsonl")], obj=tmp_path)

    return train


def held_in() -> list[Labelled]:
    return [p for p in compose(480) if not p.held_out][::3]


def few_true() -> list[Labelled]:
    return [p for p in compose(480) if not p.held_out][1::90]


def test_train_refuses_a_poisoned_set(
    trained: Callable[[Sequence[Labelled]], Result], tmp_path: Path, small: Path
) -> None:
    poison = (("spam", "2"), ("topic", "off"))
    result = trained([dataclasses.replace(p, labels=poison, family=f"poison/{p.id}") for p in held_in()])
    assert "refused" in str(result.exception)
    assert "lost more than half a point" in result.output
    assert in_use(tmp_path) == small


def test_train_takes_a_refit_with_a_few_true_rulings(
    trained: Callable[[Sequence[Labelled]], Result], tmp_path: Path
) -> None:
    result = trained(few_true())
    assert result.exception is None, result.output
    assert in_use(tmp_path).name == "9+001.npz"
    assert set(load(in_use(tmp_path)).card["scores"]) == {"scope", "topic", "genre", "intent", "spam"}


def test_the_packaged_model_can_be_checked_against_its_training(
    trained: Callable[[Sequence[Labelled]], Result], tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = CliRunner().invoke(train_command.command, ["--check"], obj=tmp_path)
    assert "bit by bit" in said.output
    other = dataclasses.replace(load(small), bias=load(small).bias + np.float32(1))
    save(other, tmp_path / "other.npz")
    monkeypatch.setattr(train_command, "PACKAGED", tmp_path / "other.npz")
    failed = CliRunner().invoke(train_command.command, ["--check"], obj=tmp_path)
    assert isinstance(failed.exception, ModelError)


def test_a_present_model_that_cannot_be_read_does_not_stop_training(
    trained: Callable[[Sequence[Labelled]], Result], tmp_path: Path, small: Path
) -> None:
    path = add(tmp_path, dataclasses.replace(load(small), version="9+001"))
    path.write_bytes(b"of another version")
    result = trained(few_true())
    assert result.exception is None, result.output
    assert "not compared" in result.output
    assert in_use(tmp_path).name == "9+002.npz"

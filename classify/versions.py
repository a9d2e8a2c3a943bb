"""Models of a workspace: ``models/VERSION+NNN.npz`` and the name of the one in use, ``models/current``.

A new model never overwrites one; ``--rollback`` goes back to the one before, at last to the packaged one.
"""

from __future__ import annotations

import os
from pathlib import Path

from classify.model import Model
from classify.model_file import CHOSEN, PACKAGED, load, save
from corpus.errors import WorkspaceError

FOLDER = "models"
CURRENT = "current"


def use_models_of(workspace: Path) -> None:
    """Make this process and its workers use the workspace's model, where it has one."""
    path = in_use(workspace)
    if path != PACKAGED:
        os.environ[CHOSEN] = str(path.resolve())


def in_use(workspace: Path) -> Path:
    """Return the model file in use: the workspace's, else the packaged one.

    Raises WorkspaceError when the workspace names a model that is not there.
    """
    note = workspace / FOLDER / CURRENT
    if not note.is_file():
        return PACKAGED
    path = workspace / FOLDER / note.read_text("utf-8").strip()
    if not path.is_file():
        raise WorkspaceError(f"{note} names {path.name}, which is missing: run `cuishou train --rollback`.")
    return path


def add(workspace: Path, model: Model) -> Path:
    """Save a model as the workspace's next one, put it to use, and return its path."""
    path = workspace / FOLDER / f"{model.version}.npz"
    save(model, path)
    _point(workspace, path.name)
    return path


def next_version(workspace: Path) -> str:
    """Return the version of the workspace's next model: that of the packaged one, then a number counting up."""
    return f"{load(PACKAGED).version}+{max(map(_number, _models(workspace)), default=0) + 1:03d}"


def rollback(workspace: Path) -> Path:
    """Put the model before the present one to use and return its path (at last the packaged one).

    Raises WorkspaceError when the packaged model is in use already.
    """
    note = workspace / FOLDER / CURRENT
    if not note.is_file():
        raise WorkspaceError("The packaged model is in use; there is none before it.")
    present = note.read_text("utf-8").strip()
    before = [p for p in _models(workspace) if _number(p) < _number(Path(present))]
    if before:
        last = max(before, key=_number)
        _point(workspace, last.name)
        return last
    note.unlink()
    return PACKAGED


def _models(workspace: Path) -> list[Path]:
    """Return the model files of a workspace, in no order."""
    return [p for p in (workspace / FOLDER).glob("*+*.npz") if p.stem.rpartition("+")[2].isdigit()]


def _number(path: Path) -> int:
    """Return the number a model counts as in its workspace, whatever packaged model it was trained beside."""
    return int(path.stem.rpartition("+")[2])


def _point(workspace: Path, name: str) -> None:
    note = workspace / FOLDER / CURRENT
    part = note.with_suffix(".part")
    part.write_text(name + "\n", "utf-8")
    part.replace(note)

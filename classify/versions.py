"""Models of a workspace: ``models/VERSION+NNN.npz``, and ``models/current``, the names of those put to use.

The last name is the one in use. A new model never overwrites one and is added behind; ``--rollback`` takes the last name
off, so that a model once discarded never comes back, and leads at last to the packaged one.
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
    names = _names(workspace)
    if not names:
        return PACKAGED
    path = workspace / FOLDER / names[-1]
    if not path.is_file():
        raise WorkspaceError(f"{FOLDER}/{CURRENT} names {path.name}, which is missing: run `cuishou train --rollback`.")
    return path


def add(workspace: Path, model: Model) -> Path:
    """Save a model as the workspace's next one, put it to use, and return its path."""
    path = workspace / FOLDER / f"{model.version}.npz"
    save(model, path)
    _write(workspace, (*_names(workspace), path.name))
    return path


def next_version(workspace: Path) -> str:
    """Return the version of the workspace's next model: that of the packaged one, then a number counting up."""
    return f"{load(PACKAGED).version}+{max(map(_number, _models(workspace)), default=0) + 1:03d}"


def rollback(workspace: Path) -> Path:
    """Put the model that was in use before the present one to use and return its path (at last the packaged one).

    Models whose file is missing are passed over. Raises WorkspaceError when the packaged model is in use already.
    """
    names = _names(workspace)
    if not names:
        raise WorkspaceError("The packaged model is in use; there is none before it.")
    before = names[:-1]
    while before and not (workspace / FOLDER / before[-1]).is_file():
        before = before[:-1]
    _write(workspace, before)
    return in_use(workspace)


def _models(workspace: Path) -> list[Path]:
    """Return the model files of a workspace, in no order."""
    return [p for p in (workspace / FOLDER).glob("*+*.npz") if p.stem.rpartition("+")[2].isdigit()]


def _number(path: Path) -> int:
    """Return the number a model counts as in its workspace, whatever packaged model it was trained beside."""
    return int(path.stem.rpartition("+")[2])


def _names(workspace: Path) -> tuple[str, ...]:
    """Return the names of the models put to use, the present one last; none where the packaged one is in use."""
    note = workspace / FOLDER / CURRENT
    try:
        return tuple(filter(None, note.read_text("utf-8").split("\n"))) if note.is_file() else ()
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{note} cannot be read: {error}. Remove it to use the packaged model.") from error


def _write(workspace: Path, names: tuple[str, ...]) -> None:
    note = workspace / FOLDER / CURRENT
    if not names:
        note.unlink()
        return
    part = note.with_suffix(".part")
    part.write_text("".join(f"{name}\n" for name in names), "utf-8")
    part.replace(note)

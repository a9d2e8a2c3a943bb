"""axe-core from the npm registry, fetched by npm at test time, checked against a digest, never part of the project."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

VERSION = "4.14.1"
INTEGRITY = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
SECONDS = 90  # for npm to answer
SERIOUS = ("serious", "critical")


def fetch(folder: Path) -> str:
    """Return the source of axe-core; skips the test where npm or its registry is absent.

    Raises: AssertionError, when what comes is not what was pinned.
    """
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: axe-core, which looks for barriers, comes from its registry")
    try:
        subprocess.run(
            [npm, "pack", f"axe-core@{VERSION}", "--silent", "--pack-destination", str(folder)],
            check=True, capture_output=True, timeout=SECONDS, cwd=folder,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        pytest.skip(f"the npm registry did not give axe-core: {error}")
    packed = (folder / f"axe-core-{VERSION}.tgz").read_bytes()
    assert "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode() == INTEGRITY
    with tarfile.open(folder / f"axe-core-{VERSION}.tgz") as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        return member.read().decode()


def violations(page: Any, source: str) -> list[str]:
    """Return what axe finds serious or critical on the page: rule, what is wrong, and where."""
    page.evaluate(source)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{each['impact']} {each['id']}: {each['help']} | {node['target']} | {node['html'][:160]} | {node['any'][:1]}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"][:6]
    ]

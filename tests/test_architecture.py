"""The direction of imports and the names of files, as docs/architecture.md says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parent.parent
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "base"}
PACKAGES = ("crawler", "classify", "corpus", "datasette_config")


def test_imports_point_one_way() -> None:
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_has_a_name_that_says_nothing() -> None:
    names = {path.stem for package in PACKAGES for path in (PROJECT / package).rglob("*.py")}
    assert not names & FORBIDDEN_NAMES

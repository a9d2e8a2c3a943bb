"""Fixtures that more than one test module needs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SHARED = PROJECT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of pages for development beside the project; tests that need it are skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared is not here: this test reads pages that are not part of the project")
    return SHARED / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write expected results anew; review the diff")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


def service(program: str, purpose: str) -> str:
    """The path of an installed program; the test is skipped without it, or fails where services are required."""
    path = shutil.which(program)
    if path is None:
        message = f"{program} is not installed: {purpose} (apt-get install {program})"
        if os.environ.get("CUISHOU_SERVICES_REQUIRED"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's Chromium."""
    return service("chromium", "tests in a real browser")

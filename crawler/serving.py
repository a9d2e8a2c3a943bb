"""Starts Datasette over a workspace with what is in ``datasette_config/``: as a command line, or within this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from datasette.app import Datasette

import datasette_config
from corpus.workspace import existing

CONFIG = Path(datasette_config.__file__).parent
SETTINGS: dict[str, str | int | bool] = {
    "sql_time_limit_ms": 3000,  # relevance over a very common word takes 0.4-1.0 s of CPU at 200,000 articles
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "facet_time_limit_ms": 500,
    "allow_download": False,  # corpus.db holds contact points that are masked everywhere else
    "truncate_cells_html": 300,
}


def datasette_arguments(workspace: Path, *, host: str, port: int) -> list[str]:
    """The command line that serves the workspace.

    Raises: WorkspaceError, when there is no corpus.
    """
    databases = [existing(workspace) / "corpus.db"]
    settings = [part for name, value in SETTINGS.items() for part in ("--setting", name, setting_text(value))]
    return [
        sys.executable, "-m", "datasette", "serve", *map(str, databases),
        "--metadata", str(CONFIG / "metadata.yml"),
        "--plugins-dir", str(CONFIG / "plugins"),
        "--template-dir", str(CONFIG / "templates"),
        "--static", f"static:{CONFIG / 'static'}",
        "--host", host, "--port", str(port), *settings,
    ]  # fmt: skip


def setting_text(value: str | int | bool) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def environment() -> dict[str, str]:
    """The environment in which the plugins find our packages, also when cuishou runs from its source folder."""
    source = str(CONFIG.parent)
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{path}" if path else source}


def open_datasette(workspace: Path) -> Datasette:
    """Datasette over the workspace, within this process: what ``cuishou serve`` serves.

    Raises: WorkspaceError, when there is no corpus.
    """
    from datasette.utils import parse_metadata

    return Datasette(
        [str(existing(workspace) / "corpus.db")],
        metadata=parse_metadata((CONFIG / "metadata.yml").read_text("utf-8")),
        plugins_dir=str(CONFIG / "plugins"),
        template_dir=str(CONFIG / "templates"),
        static_mounts=[("static", str(CONFIG / "static"))],
        settings=SETTINGS,
    )

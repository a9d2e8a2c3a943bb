"""Starts Datasette over a workspace with what is in ``datasette_config/``."""

from __future__ import annotations

import sys
from pathlib import Path

import datasette_config
from corpus.workspace import existing

CONFIG = Path(datasette_config.__file__).parent
SETTINGS = {
    "sql_time_limit_ms": "3000",  # relevance over a very common word takes 0.4-1.0 s of CPU at 200,000 articles
    "default_page_size": "50",
    "max_returned_rows": "1000",
    "facet_time_limit_ms": "500",
    "allow_download": "off",  # corpus.db holds contact points that are masked everywhere else
    "truncate_cells_html": "300",
}


def datasette_arguments(workspace: Path, *, host: str, port: int) -> list[str]:
    """The command line that serves the workspace.

    Raises: WorkspaceError, when there is no corpus.
    """
    databases = [existing(workspace) / "corpus.db"]
    settings = [part for name, value in SETTINGS.items() for part in ("--setting", name, value)]
    return [
        sys.executable, "-m", "datasette", "serve", *map(str, databases),
        "--metadata", str(CONFIG / "metadata.yml"),
        "--plugins-dir", str(CONFIG / "plugins"),
        "--template-dir", str(CONFIG / "templates"),
        "--static", f"static:{CONFIG / 'static'}",
        "--host", host, "--port", str(port), *settings,
    ]  # fmt: skip

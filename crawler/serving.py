"""Starts Datasette over a workspace with what is in ``datasette_config/``: as a command line, or within this process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.utils import parse_metadata

import datasette_config
from corpus.errors import InputError
from corpus.workspace import existing

CONFIG = Path(datasette_config.__file__).parent
ACCOUNTS, PASSWORD_HASH = "CUISHOU_ACCOUNTS", "CUISHOU_PASSWORD_HASH_"
ROLES = ("reader", "reviewer", "moderator")
SETTINGS: dict[str, str | int | bool] = {
    "sql_time_limit_ms": 3000,  # relevance over a very common word takes 0.4-1.0 s of CPU at 200,000 articles
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "facet_time_limit_ms": 500,
    "suggest_facets": False,  # one query a column, each through the masks: half the time of a table page
    "allow_download": False,  # corpus.db holds contact points that are masked everywhere else
    "truncate_cells_html": 300,
}


def datasette_arguments(workspace: Path, *, host: str, port: int) -> list[str]:
    """The command line that serves the workspace.

    Raises: WorkspaceError, when there is no corpus; InputError, when an account has no password.
    """
    databases = [existing(workspace) / "corpus.db"]
    settings = [part for name, value in SETTINGS.items() for part in ("--setting", name, setting_text(value))]
    return [
        sys.executable, "-m", "datasette", "serve", *map(str, databases),
        "--metadata", str(metadata_file(workspace, os.environ)),
        "--plugins-dir", str(CONFIG / "plugins"),
        "--template-dir", str(CONFIG / "templates"),
        "--static", f"static:{CONFIG / 'static'}",
        "--host", host, "--port", str(port), *settings,
    ]  # fmt: skip


def metadata_file(workspace: Path, variables: Mapping[str, str]) -> Path:
    """The metadata to serve with: ours, or beside the corpus a copy that names the accounts, without their secrets."""
    if not variables.get(ACCOUNTS):
        return CONFIG / "metadata.yml"
    path = workspace / "datasette-metadata.json"
    path.write_text(json.dumps(metadata(variables), ensure_ascii=False, indent=1), "utf-8")
    return path


def metadata(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the metadata with the accounts of the environment: CUISHOU_ACCOUNTS="li:moderator,wu:reviewer".

    The hash of li's password stands in CUISHOU_PASSWORD_HASH_LI ("datasette hash-password" makes it).
    Raises: InputError, for a role that does not exist or an account without a hash.
    """
    found: dict[str, Any] = parse_metadata((CONFIG / "metadata.yml").read_text("utf-8"))
    passwords: dict[str, Any] = {"actors": {}}
    for account in filter(None, (part.strip() for part in variables.get(ACCOUNTS, "").split(","))):
        name, _, role = account.partition(":")
        variable = PASSWORD_HASH + name.upper()
        if not name.isidentifier() or role not in ROLES:
            raise InputError(f"{ACCOUNTS} reads name:role with the roles {', '.join(ROLES)}, not {account!r}")
        if not variables.get(variable):
            raise InputError(f"the account {name} needs {variable}: make it with 'datasette hash-password'")
        passwords["actors"][name] = {"id": name, "role": role}
        passwords[f"{name}_password_hash"] = {"$env": variable}
    if passwords["actors"]:
        found["plugins"] = {**found.get("plugins", {}), "datasette-auth-passwords": passwords}
    return found


def setting_text(value: str | int | bool) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def environment() -> dict[str, str]:
    """The environment in which the plugins find our packages, also when cuishou runs from its source folder."""
    source = str(CONFIG.parent)
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{path}" if path else source}


def open_datasette(workspace: Path) -> Datasette:
    """Datasette over the workspace, within this process: what ``cuishou serve`` serves.

    Raises: WorkspaceError, when there is no corpus; InputError, when an account has no password.
    """
    return Datasette(
        [str(existing(workspace) / "corpus.db")],
        metadata=metadata(os.environ),
        plugins_dir=str(CONFIG / "plugins"),
        template_dir=str(CONFIG / "templates"),
        static_mounts=[("static", str(CONFIG / "static"))],
        settings=SETTINGS,
    )

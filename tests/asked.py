"""Datasette over a workspace, in process: what it answers, and the contact points it must not show."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from crawler.serving import open_datasette

Result = TypeVar("Result")


def ask(workspace: Path, work: Callable[[Any], Awaitable[Result]]) -> Result:
    """The result of ``work(datasette)`` with Datasette started over the workspace."""

    async def run() -> Result:
        datasette = open_datasette(workspace)
        await datasette.invoke_startup()
        return await work(datasette)

    return asyncio.run(run())


def get(workspace: Path, *paths: str) -> list[Any]:
    """The answers of Datasette to these paths, followed where they redirect."""

    async def work(datasette: Any) -> list[Any]:
        return [await datasette.client.get(path, follow_redirects=True) for path in paths]

    return ask(workspace, work)


def number_of(workspace: Path, where: str) -> int:
    with closing(sqlite3.connect(workspace / "corpus.db")) as connection:
        return int(connection.execute(f"SELECT number FROM articles WHERE {where}").fetchone()[0])


@pytest.fixture(scope="module")
def contacts(sample_corpus: Path) -> set[str]:
    """Every personal contact point of the corpus, as written."""
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        rows = connection.execute("SELECT raw FROM contacts WHERE kind IN ('phone', 'wechat', 'qq', 'email')")
        return {row[0] for row in rows if len(row[0]) >= 7}

"""Reads corpus.db for our own pages: in a thread, on a connection of its own, without the articles that rulings hide."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from corpus import search_index
from corpus.masking import hide_ruled_out
from corpus.read import opened
from datasette_config.rulings import standing_rulings

CORPUS = "corpus"
Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(None, work)


async def reading(datasette: Any, work: Callable[[Any], Result]) -> Result:
    """Return ``work(connection)`` over corpus.db, done in a thread."""
    path = datasette.get_database(CORPUS).path

    def run() -> Result:
        with opened(path) as connection:
            search_index.register(connection)
            hide_ruled_out(connection, lambda: standing_rulings(path).hidden)
            return work(connection)

    return await in_thread(run)


def sees_contacts(actor: dict[str, Any] | None) -> bool:
    """Whether this reader may see contact points unmasked: moderators only."""
    return actor is not None and actor.get("role") == "moderator"

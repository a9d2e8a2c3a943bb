"""Which site a moderator should look at next: how unsure its score is, times how many articles hang on it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

LEAST_UNCERTAINTY = 0.1  # of a score of 0 or 1: a program's certainty is no ruling (chosen)
VERDICTS = ("review", "block-candidate")
WAITING_STATES = ("open", "proposed", "")


@dataclass(frozen=True, slots=True)
class WaitingSite:
    """A site to be looked at: its row, and ``weight``: uncertainty (0.1 to 1) times 1 + log2 of its articles."""

    site: str
    row: Mapping[str, str | int | float | None]
    weight: float


def weight(score: float, articles: int) -> float:
    """Return uncertainty times reach.

    >>> weight(0.5, 8), weight(1.0, 8)
    (4.0, 0.4)
    """
    uncertainty = max(1 - abs(2 * score - 1), LEAST_UNCERTAINTY)
    return round(uncertainty * (1 + math.log2(max(articles, 1))), 4)


def waiting_sites(connection: sqlite3.Connection, skip: Collection[str] = ()) -> Iterator[WaitingSite]:
    """Yield the sites that wait for a ruling, the weightiest first, then by name; those in ``skip`` are left out."""
    marks = ", ".join("?" * len(VERDICTS))
    rows = connection.execute(f"SELECT * FROM sites WHERE verdict IN ({marks})", VERDICTS).fetchall()
    found = [
        WaitingSite(row["site"], dict(row), weight(float(row["score"] or 0), int(row["articles"])))
        for row in rows
        if row["state"] in WAITING_STATES and row["site"] not in skip
    ]
    yield from sorted(found, key=lambda each: (-each.weight, each.site))

"""Checks of sites in corpus.db: which pages to look at, what was seen before, and what is kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from corpus.cloaking import Verdict, View, compare
from corpus.errors import InputError
from corpus.site_pages import pages_of_unit
from corpus.store import transaction

MAX_PAGES = 3  # looked at in one check
_ORDER = ("cannot-tell", "same", "differs", "cloaked")


def pages_to_check(connection: sqlite3.Connection, site: str) -> list[str]:
    """Return URLs of the site's pages, the same ones each time.

    Raises: InputError, for a site without pages.
    """
    where, values = pages_of_unit(connection, site)
    rows = connection.execute(
        f"SELECT url FROM articles WHERE number IN (SELECT number FROM site_pages WHERE {where}) ORDER BY id LIMIT ?",
        [*values, MAX_PAGES],
    ).fetchall()
    if not rows:
        raise InputError(f"the corpus holds no page of {site}: see 'cuishou sites list'")
    return [row[0] for row in rows]


def seen_before(connection: sqlite3.Connection, site: str, now: datetime) -> bool:
    """Return whether views of the site differed on an earlier day."""
    row = connection.execute(
        "SELECT 1 FROM site_checks WHERE site = ? AND kind = 'cloaking' AND verdict IN ('differs', 'cloaked') "
        "AND substr(checked_at, 1, 10) < ?",
        (site, now.date().isoformat()),
    ).fetchone()
    return row is not None


def worst(views: Mapping[str, Sequence[View]], *, before: bool) -> Verdict:
    """Return the gravest verdict on the pages looked at."""
    verdicts = [compare(found, seen_before=before) for found in views.values()]
    return max(verdicts, key=lambda verdict: (_ORDER.index(verdict.verdict), verdict.value, verdict.en))


def put_check(connection: sqlite3.Connection, site: str, verdict: Verdict, urls: Sequence[str], now: datetime) -> None:
    """Keep a verdict; only what was confirmed on a second day counts in the score."""
    detail = {
        "value": verdict.value if verdict.verdict == "cloaked" else 0.0, "zh": verdict.zh, "en": verdict.en,
        "similarity": dict(verdict.similarity), "urls": list(urls),
    }  # fmt: skip
    moment = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    with transaction(connection):
        connection.execute(
            "INSERT OR REPLACE INTO site_checks VALUES (?, ?, 'cloaking', ?, ?)",
            (site, moment, verdict.verdict, json.dumps(detail, ensure_ascii=False)),
        )

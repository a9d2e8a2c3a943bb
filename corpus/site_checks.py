"""What was found out about sites by looking, and what others say of them: kept in decisions.db, mirrored in corpus.db.

A check for cloaking is a visit of its day and an imported list is somebody's word: neither can be derived from the
archive, so both outlive a rebuild. ``mirror_checks`` writes them to ``site_checks``, where the pass over sites and
Datasette read them. The views of a check stand as WARC records in ``archive/views/``, apart from what is processed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from corpus.cloaking import Verdict, View, compare
from corpus.decisions import rule
from corpus.errors import InputError
from corpus.site_pages import Value, pages_of_unit
from corpus.site_units import site_of_unit
from corpus.store import transaction

MAX_PAGES = 3  # looked at in one check
LEAST_APART = timedelta(hours=12)  # between two checks of one site: a host is not to be bothered (chosen)
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


def require_pause(decisions: sqlite3.Connection, site: str, now: datetime) -> None:
    """Raise InputError, when the site was checked less than LEAST_APART ago."""
    last = max((datetime.fromisoformat(time) for time, _, _ in _checks(decisions, site)), default=None)
    if last is not None and now - last < LEAST_APART:
        raise InputError(
            f"{site} was checked at {last:%Y-%m-%d %H:%M} UTC: a difference has to be seen on another day, check again then"
        )


def seen_before(decisions: sqlite3.Connection, site: str, now: datetime) -> bool:
    """Return whether views of the site differed on an earlier day."""
    today = now.date().isoformat()
    return any(verdict in {"differs", "cloaked"} and time[:10] < today for time, verdict, _ in _checks(decisions, site))


def worst(views: Mapping[str, Sequence[View]], *, before: bool) -> Verdict:
    """Return the gravest verdict on the pages looked at."""
    verdicts = [compare(found, seen_before=before) for found in views.values()]
    return max(verdicts, key=lambda verdict: (_ORDER.index(verdict.verdict), verdict.value, verdict.en))


def put_check(
    decisions: sqlite3.Connection,
    site: str,
    verdict: Verdict,
    views: Mapping[str, Sequence[View]],
    *,
    moderator: str,
    now: datetime,
) -> None:
    """Keep a verdict with the ids of the WARC records of its views; only what was confirmed on a second day counts in the score."""
    evidence: dict[str, Value] = {
        "value": verdict.value if verdict.verdict == "cloaked" else 0.0, "zh": verdict.zh, "en": verdict.en,
        "similarity": {**dict(verdict.similarity)},
        # No addresses: a ruling is never deleted, and a page can be withdrawn. The records tell them.
        "views": [
            {"kind": view.kind, "status": view.status, "record": view.record} for found in views.values() for view in found
        ],
    }  # fmt: skip
    rule(
        decisions, moderator=moderator, subject_kind="check", subject=site, ruling=verdict.verdict, why=verdict.en,
        evidence=evidence, time=now,
    )  # fmt: skip


def put_list(decisions: sqlite3.Connection, name: str, sites: Iterable[str], *, moderator: str, now: datetime) -> None:
    """Keep what a list of others names, in place of what was imported under that name before."""
    moment = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    rows = [(name, site, moment) for site in sorted(sites)]
    with transaction(decisions):
        decisions.execute("DELETE FROM listed_sites WHERE list = ?", (name,))
        decisions.executemany("INSERT INTO listed_sites VALUES (?, ?, ?)", rows)
        rule(
            decisions, moderator=moderator, subject_kind="list", subject=name, ruling="import",
            evidence={"sites": len(rows)}, time=now,
        )  # fmt: skip


def mirror_checks(connection: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    """Write what decisions.db holds of the corpus' sites to ``site_checks``."""
    connection.execute("DELETE FROM site_checks")
    rows = [
        (site, time, "cloaking", verdict, detail)
        for site, time, verdict, detail in decisions.execute(
            "SELECT subject, time, ruling, evidence FROM decisions WHERE subject_kind = 'check' ORDER BY serial"
        )
    ]
    known: dict[str, list[str]] = {}
    for (unit,) in connection.execute("SELECT DISTINCT site FROM site_pages UNION SELECT unit FROM hijacked_folders"):
        known.setdefault(site_of_unit(unit), []).append(unit)
    for name, site, time in decisions.execute("SELECT list, site, time FROM listed_sites ORDER BY list, site"):
        detail = json.dumps({"list": name}, ensure_ascii=False)
        rows += [(unit, time, f"list {name}", "listed", detail) for unit in known.get(site, ())]
    connection.executemany("INSERT OR REPLACE INTO site_checks VALUES (?, ?, ?, ?, ?)", rows)


def checks_of(connection: sqlite3.Connection, site: str) -> list[Value]:
    """Return checks of a site and lists that name it, oldest first: for its case."""
    rows = connection.execute(
        "SELECT checked_at, kind, verdict, detail FROM site_checks WHERE site = ? ORDER BY checked_at, kind", (site,)
    )
    return [{"time": row[0], "kind": row[1], "verdict": row[2], "detail": json.loads(row[3])} for row in rows]


def _checks(decisions: sqlite3.Connection, site: str) -> list[tuple[str, str, str]]:
    rows = decisions.execute(
        "SELECT time, ruling, evidence FROM decisions WHERE subject_kind = 'check' AND subject = ? ORDER BY serial",
        (site,),
    )
    return [(row[0].replace("Z", "+00:00"), row[1], row[2]) for row in rows]

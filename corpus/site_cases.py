"""Rulings on sites: made, put into effect at once, listed.

corpus.db holds what was found, decisions.db what people ruled; a case is both.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime

from corpus.cases import Case, case_of, cases
from corpus.decisions import SITE_RULINGS, evidence_of, rule, rulings
from corpus.errors import InputError
from corpus.records import Decision
from corpus.site_effects import apply_cases
from corpus.site_fit import Ruled
from corpus.site_pages import Value
from corpus.store import transaction


def all_cases(decisions: sqlite3.Connection, now: datetime) -> Mapping[str, Case]:
    """Return the case of every site that was ruled on."""
    return cases(rulings(decisions, "site"), now, two_people=two_people(decisions))


def find_case(decisions: sqlite3.Connection, site: str, now: datetime) -> Case:
    """Return the case of one site."""
    return case_of(site, rulings(decisions, "site", site), now, two_people=two_people(decisions))


def two_people(decisions: sqlite3.Connection) -> bool:
    """Return whether a whole domain needs two persons' flags in this workspace."""
    settings = [decision.ruling for decision in rulings(decisions, "setting", "two-people")]
    return bool(settings) and settings[-1] == "on"


def rule_on_site(
    connection: sqlite3.Connection,
    decisions: sqlite3.Connection,
    *,
    site: str,
    ruling: str,
    moderator: str,
    why: str = "",
    supersedes: int = 0,
    now: datetime,
) -> Case:
    """Add a ruling and put it into effect; return the case as it now stands.

    Raises: InputError, for a site that the corpus does not know, a ruling without a reason, or an "undo" of nothing.
    """
    row = connection.execute("SELECT score, points, families, verdict FROM sites WHERE site = ?", (site,)).fetchone()
    if row is None:
        raise InputError(f"the corpus knows no site {site}: see 'cuishou sites list'")
    if ruling not in SITE_RULINGS:
        raise InputError(f"a ruling on a site is one of {', '.join(SITE_RULINGS)}")
    if not why.strip() and ruling != "undo":
        raise InputError("a ruling needs a reason: give it with --why")
    if ruling == "undo":
        supersedes = supersedes or _last_standing(decisions, site, now)
        if not any(decision.serial == supersedes for decision in rulings(decisions, "site", site)):
            raise InputError(f"ruling {supersedes} is not on {site}: see 'cuishou sites history {site}'")
    seen = {
        "score": row[0],
        "points": row[1],
        "families": row[2],
        "verdict": row[3],
        "features": features_of(connection, site),
    }
    rule(
        decisions, moderator=moderator, subject_kind="site", subject=site, ruling=ruling, why=why,
        supersedes=supersedes, evidence=seen, time=now,
    )  # fmt: skip
    case = find_case(decisions, site, now)
    with transaction(connection):
        apply_cases(connection, [case], others=False)
    return case


def ruling_record(decision: Decision) -> dict[str, Value]:
    """Return a ruling as JSON."""
    return {
        "serial": decision.serial, "time": decision.time.isoformat().replace("+00:00", "Z"),
        "moderator": decision.moderator, "site": decision.subject, "ruling": decision.ruling, "why": decision.why,
        "supersedes": decision.supersedes or None,
    }  # fmt: skip


def _last_standing(decisions: sqlite3.Connection, site: str, now: datetime) -> int:
    case = find_case(decisions, site, now)
    if not case.rulings:
        raise InputError(f"there is no ruling on {site} to take back")
    return case.rulings[-1].serial


def ruled_sites(connection: sqlite3.Connection, decisions: sqlite3.Connection, now: datetime) -> list[Ruled]:
    """Return the sites that people flagged or cleared, with the features as they were seen when ruling."""
    networks = dict(connection.execute("SELECT site, network_id FROM sites WHERE network_id <> ''").fetchall())
    found = []
    for site, case in all_cases(decisions, now).items():
        decisive = [decision for decision in case.rulings if decision.ruling in {"flag", "clear"}]
        if decisive:
            features = evidence_of(decisions, decisive[-1].serial).get("features", [])
            values = [(str(each["feature"]), float(each["value"])) for each in features if isinstance(features, list)]  # type: ignore[attr-defined]
            if values:
                found.append(Ruled(site, decisive[-1].ruling == "flag", tuple(values), networks.get(site, site)))
    return found


def list_sites(
    connection: sqlite3.Connection,
    *,
    state: str = "",
    verdict: str = "",
    network: str = "",
    limit: int = 50,
) -> list[dict[str, Value]]:
    """Return sites, highest score first, then by name; filters are exact, "" for any."""
    wanted = [
        (name, value) for name, value in (("state", state), ("verdict", verdict), ("network_id", network)) if value
    ]
    where = " AND ".join(f"{name} = ?" for name, _ in wanted) or "1"
    rows = connection.execute(
        "SELECT site, kind, pages, captures, rejections, score, points, verdict, families, state, network_id, notes, "
        "(SELECT group_concat(feature, ' ') FROM (SELECT feature FROM site_features f WHERE f.site = sites.site "
        "AND points > 0 ORDER BY points DESC, feature LIMIT 3)) AS strongest, "
        "(SELECT certainty FROM networks WHERE id = network_id) AS certainty "
        f"FROM sites WHERE {where} ORDER BY score IS NULL, score DESC, points DESC, site LIMIT ?",
        [*(value for _, value in wanted), limit],
    )
    return [
        {
            "site": row["site"], "kind": row["kind"], "pages": row["pages"], "captures": row["captures"],
            "rejections": row["rejections"], "score": row["score"], "points": row["points"], "verdict": row["verdict"],
            "families": list(row["families"].split()), "strongest": list((row["strongest"] or "").split()),
            "state": row["state"], "changed": bool(row["notes"]), "network": row["network_id"] or None,
            "certainty": row["certainty"],
        }
        for row in rows
    ]  # fmt: skip


def features_of(connection: sqlite3.Connection, site: str) -> list[Value]:
    """Return the features of a site that are not zero, most points first, with evidence and articles."""
    rows = connection.execute(
        "SELECT feature, value, points, evidence_zh, evidence_en, articles FROM site_features WHERE site = ? "
        "AND (value > 0 OR points <> 0) ORDER BY points DESC, feature",
        (site,),
    )
    return [
        {
            "feature": row[0],
            "value": row[1],
            "points": row[2],
            "zh": row[3],
            "en": row[4],
            "articles": json.loads(row[5]),
        }
        for row in rows
    ]

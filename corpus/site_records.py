"""The page of a case: score, points, evidence, network, captures, rulings of one site, as one JSON object."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from corpus.contacts import mask
from corpus.decisions import rulings
from corpus.errors import InputError
from corpus.site_cases import features_of, find_case, ruling_record
from corpus.site_checks import checks_of
from corpus.site_effects import preview
from corpus.site_pages import Value, pages_of_unit

SAMPLES = 5  # captures shown of a case
MONTHS = 36  # of a timeline
SHOWN_ENTITIES = 30


def case_record(
    connection: sqlite3.Connection,
    decisions: sqlite3.Connection,
    site: str,
    now: datetime,
    *,
    show_contacts: bool = False,
) -> dict[str, Value]:
    """Return everything a moderator needs on one site, as one JSON object.

    Raises: InputError, for a site that the corpus does not know.
    """
    row = connection.execute("SELECT * FROM sites WHERE site = ?", (site,)).fetchone()
    if row is None:
        raise InputError(f"the corpus knows no site {site}: see 'cuishou sites list'")
    case = find_case(decisions, site, now)
    record: dict[str, Value] = {key: row[key] for key in row.keys() if key not in {"notes", "state", "families"}}  # noqa: SIM118
    record["families"] = list(row["families"].split())
    record["state"] = row["state"] if row["notes"] else case.state
    record["changes"] = json.loads(row["notes"]) if row["notes"] else []
    record["expires"] = case.expires.isoformat() if case.expires else None
    record["evidence"] = features_of(connection, site)
    record["network"] = _network(connection, row["network_id"], show_contacts=show_contacts)
    record["carries"] = [
        found[0]
        for found in connection.execute(
            "SELECT network_id FROM network_members WHERE site = ? AND role = 'carrier' ORDER BY network_id", (site,)
        )
    ]
    record["entities"] = _entities(connection, site, show_contacts=show_contacts)
    record["checks"] = checks_of(connection, site)
    record["samples"] = _samples(connection, site)
    record["timeline"] = _timeline(connection, site)
    record["would_hide"] = preview(connection, decisions, site)
    record["rulings"] = [ruling_record(decision) for decision in rulings(decisions, "site", site)]
    record["appeal"] = ruling_record(case.appeal) if case.appeal else None
    return record


def _network(connection: sqlite3.Connection, network: str, *, show_contacts: bool) -> Value:
    row = connection.execute("SELECT id, certainty, sites, evidence FROM networks WHERE id = ?", (network,)).fetchone()
    if row is None:
        return None
    members = connection.execute("SELECT site FROM network_members WHERE network_id = ? ORDER BY site", (network,))
    edges = connection.execute(
        "SELECT left_site, right_site, weight, types, evidence FROM network_edges WHERE network_id = ? "
        "ORDER BY weight DESC, left_site, right_site LIMIT 50",
        (network,),
    )
    return {
        "id": row[0], "certainty": row[1], "size": row[2], "evidence": json.loads(row[3]),
        "sites": [found[0] for found in members],
        "edges": [
            {
                "sites": [edge[0], edge[1]], "weight": edge[2], "types": list(edge[3].split()),
                "evidence": [
                    {"kind": kind, "value": value if show_contacts or kind == "copies" else mask(value, kind), "weight": weight}
                    for kind, value, weight in json.loads(edge[4])
                ],
            }
            for edge in edges
        ],
    }  # fmt: skip


def _entities(connection: sqlite3.Connection, site: str, *, show_contacts: bool) -> list[Value]:
    rows = connection.execute(
        "SELECT e.kind, e.value, e.layer, e.pages, e.share, e.vendor, (SELECT count(*) FROM site_entities o "
        "WHERE o.kind = e.kind AND o.value = e.value) FROM site_entities e WHERE e.site = ? "
        "ORDER BY e.share DESC, e.kind, e.value LIMIT ?",
        (site, SHOWN_ENTITIES),
    )
    return [
        {
            "kind": row[0], "value": row[1] if show_contacts else mask(row[1], row[0]), "layer": row[2], "pages": row[3],
            "share": row[4], "vendor": bool(row[5]), "sites": row[6],
        }
        for row in rows
    ]  # fmt: skip


def _samples(connection: sqlite3.Connection, site: str) -> list[Value]:
    where, values = pages_of_unit(connection, site)
    rows = connection.execute(
        f"SELECT id, url, clean_title, first_captured FROM articles WHERE number IN (SELECT number FROM site_pages "
        f"WHERE {where}) ORDER BY id LIMIT ?",
        [*values, SAMPLES],
    )
    return [{"id": row[0], "url": row[1], "title": row[2], "captured": row[3]} for row in rows]


def _timeline(connection: sqlite3.Connection, site: str) -> list[Value]:
    """By month of capture: articles, a title, and contacts first seen."""
    where, values = pages_of_unit(connection, site)
    rows = connection.execute(
        "SELECT substr(first_captured, 1, 7) AS month, count(*), min(clean_title) FROM articles WHERE number IN "
        f"(SELECT number FROM site_pages WHERE {where}) GROUP BY month ORDER BY month DESC LIMIT ?",
        [*values, MONTHS],
    ).fetchall()
    contacts = connection.execute(
        "SELECT month, kind, value FROM (SELECT min(substr(a.first_captured, 1, 7)) AS month, c.kind, c.value "
        "FROM articles a JOIN contacts c ON c.article_id = a.id WHERE c.block <> 'kept' AND a.number IN "
        f"(SELECT number FROM site_pages WHERE {where}) GROUP BY c.kind, c.value) ORDER BY month, kind, value LIMIT 200",
        values,
    ).fetchall()
    new: dict[str, list[Value]] = {}
    for month, kind, value in contacts:
        new.setdefault(month, []).append(f"{kind} {mask(value, kind)}")
    return [
        {"month": row[0], "articles": row[1], "title": row[2], "new_contacts": new.get(row[0], [])}
        for row in reversed(rows)
    ]

"""Cases in the workspace: what is known of a site, what a ruling would hide, and the ruling itself, in effect at once.

corpus.db holds what was found, decisions.db what people ruled; a case is both. ``articles.flagged`` and ``sites.state``
mirror the rulings, so that search and Datasette need no second database to hide what is flagged.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from corpus.cases import Case, case_of, cases
from corpus.contacts import mask
from corpus.decisions import SITE_RULINGS, evidence_of, rule, rulings
from corpus.errors import InputError
from corpus.page_traits import jargon
from corpus.records import Decision
from corpus.site_fit import Ruled
from corpus.store import transaction

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"

SAMPLES = 5  # captures shown of a case
MONTHS = 36  # of a timeline
SHOWN_ENTITIES = 30
CHANGED_PAGES = 5  # pages captured after a ruling from which a change of the site is seen
PARKED = re.compile(
    r"域名(?:出售|转让|交易|停放|已过期)|此域名|该域名|domain (?:is )?for sale|buy this domain", re.IGNORECASE
)


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
        "features": _features(connection, site),
    }
    rule(
        decisions, moderator=moderator, subject_kind="site", subject=site, ruling=ruling, why=why,
        supersedes=supersedes, evidence=seen, time=now,
    )  # fmt: skip
    case = find_case(decisions, site, now)
    with transaction(connection):
        apply_cases(connection, [case], others=False)
    return case


def apply_cases(connection: sqlite3.Connection, found: Iterable[Case], *, others: bool = True) -> None:
    """Mirror cases in ``sites`` and ``articles``; others: sites without a case are open, and nothing of theirs hidden."""
    found = list(found)
    if others:
        connection.execute("UPDATE articles SET flagged = 0 WHERE flagged = 1")
    for case in found:
        changes = changes_since(connection, case) if case.since else []
        state = "open" if changes and case.state in {"cleared", "watching"} else case.state
        connection.execute(
            "UPDATE sites SET state = ?, notes = ? WHERE site = ?",
            (state, json.dumps(changes, ensure_ascii=False) if changes else "", case.site),
        )
        where, values = pages_of_unit(connection, case.site)
        connection.execute(
            f"UPDATE articles SET flagged = ? WHERE flagged <> ? AND number IN (SELECT number FROM site_pages WHERE {where})",
            [int(case.flagged), int(case.flagged), *values],
        )


def preview(connection: sqlite3.Connection, decisions: sqlite3.Connection, site: str) -> dict[str, Value]:
    """Return what flagging the site would hide: articles, those shown now, clusters, and saved searches that show it."""
    where, values = pages_of_unit(connection, site)
    pages = f"SELECT number FROM site_pages WHERE {where}"
    articles, shown, clusters = connection.execute(
        "SELECT count(*), coalesce(sum(scope IN ('core', 'edge') AND spam < 2 AND is_canonical AND NOT flagged), 0), "
        f"count(DISTINCT nullif(cluster_id, '')) FROM articles WHERE number IN ({pages})",
        values,
    ).fetchone()
    only_here = connection.execute(
        f"SELECT count(*) FROM (SELECT cluster_id FROM articles WHERE number IN ({pages}) AND cluster_id <> '' "
        f"EXCEPT SELECT cluster_id FROM articles WHERE cluster_id <> '' AND flagged = 0 AND number NOT IN ({pages}))",
        [*values, *values],
    ).fetchone()[0]
    return {
        "articles": articles, "shown_now": shown, "clusters": clusters, "clusters_hidden_whole": only_here,
        "saved_searches": list(_saved_searches(decisions, site)),
    }  # fmt: skip


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
    record["evidence"] = _features(connection, site)
    record["network"] = _network(connection, row["network_id"], show_contacts=show_contacts)
    record["carries"] = [
        found[0]
        for found in connection.execute(
            "SELECT network_id FROM network_members WHERE site = ? AND role = 'carrier' ORDER BY network_id", (site,)
        )
    ]
    record["entities"] = _entities(connection, site, show_contacts=show_contacts)
    record["samples"] = _samples(connection, site)
    record["timeline"] = _timeline(connection, site)
    record["would_hide"] = preview(connection, decisions, site)
    record["rulings"] = [ruling_record(decision) for decision in rulings(decisions, "site", site)]
    record["appeal"] = ruling_record(case.appeal) if case.appeal else None
    return record


def ruling_record(decision: Decision) -> dict[str, Value]:
    """Return a ruling as JSON."""
    return {
        "serial": decision.serial, "time": decision.time.isoformat().replace("+00:00", "Z"),
        "moderator": decision.moderator, "site": decision.subject, "ruling": decision.ruling, "why": decision.why,
        "supersedes": decision.supersedes or None,
    }  # fmt: skip


def changes_since(connection: sqlite3.Connection, case: Case) -> list[Value]:
    """Return changes of the site since the ruling that ask for a new look: parked, redirected, new operator, turned to
    gambling or loans. Empty until CHANGED_PAGES pages or answers came in after it."""
    if case.since is None:
        return []
    since = case.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    site = case.site
    changes: list[Value] = []
    answers = connection.execute(
        "SELECT count(*), coalesce(sum(status BETWEEN 300 AND 399), 0) FROM captures WHERE site = ? AND fetched_at > ?",
        (site, since),
    ).fetchone()
    if answers[0] >= CHANGED_PAGES and answers[1] > 0.6 * answers[0]:
        changes.append({"change": "redirected", "zh": "已跳转到别处", "en": "now redirects elsewhere"})
    where, values = pages_of_unit(connection, site)
    rows = connection.execute(
        "SELECT first_captured > ?, clean_title, substr(clean_text, 1, 2000), scope FROM articles WHERE number IN "
        f"(SELECT number FROM site_pages WHERE {where}) ORDER BY id LIMIT 2000",
        [since, *values],
    ).fetchall()
    new = [row for row in rows if row[0]]
    old = [row for row in rows if not row[0]]
    if len(new) < CHANGED_PAGES:
        return changes
    if _share(new, lambda row: bool(PARKED.search(row[1] + row[2]))) >= 0.5:
        changes.append({"change": "parked", "zh": "域名已停放或出售", "en": "the domain is parked or for sale"})
    if old:
        words = jargon()
        gambling = [_share(part, lambda row: any(word in row[1] + row[2] for word in words)) for part in (old, new)]
        if gambling[0] < 0.1 and gambling[1] > 0.5:
            changes.append({"change": "turned", "zh": "内容转为博彩或色情", "en": "turned to gambling or adult pages"})
        loans = [_share(part, lambda row: row[3] in {"core", "edge"}) for part in (old, new)]
        if loans[0] < 0.1 and loans[1] > 0.6:
            changes.append({"change": "turned", "zh": "内容转为借贷", "en": "turned to loans"})
        before, after = (_publisher(connection, site, since, later=later) for later in (False, True))
        if before and after and not before & after:
            changes.append(
                {"change": "new-operator", "zh": "联系方式全部更换，疑似换了经营者", "en": "all contacts are new"}
            )
    return changes


def _share(rows: list[sqlite3.Row], test: Callable[[sqlite3.Row], bool]) -> float:
    return sum(1 for row in rows if test(row)) / len(rows)


def _publisher(connection: sqlite3.Connection, site: str, since: str, *, later: bool) -> set[tuple[str, str]]:
    where, values = pages_of_unit(connection, site)
    comparison = ">" if later else "<="
    rows = connection.execute(
        "SELECT DISTINCT c.kind, c.value FROM articles a JOIN contacts c ON c.article_id = a.id "
        f"WHERE a.first_captured {comparison} ? AND a.number IN (SELECT number FROM site_pages WHERE {where}) "
        "AND c.block <> 'kept' AND c.kind <> 'hotline'",
        [since, *values],
    )
    return {(row[0], row[1]) for row in rows}


def pages_of_unit(connection: sqlite3.Connection, site: str) -> tuple[str, list[str]]:
    """Return the condition on ``site_pages``, and its values, for the pages of a unit; hijacked folders belong to their own unit only."""
    row = connection.execute("SELECT site, folder FROM hijacked_folders WHERE unit = ?", (site,)).fetchone()
    if row is not None and row[0] != site:
        return "site = ? AND folder = ?", [row[0], row[1]]
    return "site = ? AND folder NOT IN (SELECT folder FROM hijacked_folders h WHERE h.site = site_pages.site)", [site]


def _last_standing(decisions: sqlite3.Connection, site: str, now: datetime) -> int:
    case = find_case(decisions, site, now)
    if not case.rulings:
        raise InputError(f"there is no ruling on {site} to take back")
    return case.rulings[-1].serial


def _features(connection: sqlite3.Connection, site: str) -> list[Value]:
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


def _saved_searches(decisions: sqlite3.Connection, site: str) -> Iterable[str]:
    """Names of saved searches that name the site; searches are kept by another part of the workspace, if at all."""
    columns = {row[1] for row in decisions.execute("PRAGMA table_info(saved_searches)")}
    if not {"name", "query"} <= columns:
        return []
    rows = decisions.execute(
        "SELECT DISTINCT name FROM saved_searches WHERE instr(query, ?) > 0 ORDER BY name", (f"site:{site}",)
    )
    return [row[0] for row in rows]


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

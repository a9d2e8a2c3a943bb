"""The pass over all sites: traits in corpus.db in, features, scores and networks out.

``update_sites`` is the one entry point. It reads every page's traits once, in the order of sites, so that memory holds
one site at a time and a few numbers a page. Equal corpora give equal rows, whatever the order of arrival.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from corpus.cases import Case
from corpus.contacts import mask, stop_entities
from corpus.entities import MIN_SHARE, canary_name
from corpus.errors import CorpusError
from corpus.hijack_store import find_hijacked
from corpus.network_edges import MAX_SITES
from corpus.network_store import put_networks, run_networks
from corpus.page_traits import signed_hash
from corpus.site_cases import all_cases
from corpus.site_checks import mirror_checks
from corpus.site_effects import apply_cases
from corpus.site_features import Context, Feature, Pages, site_features
from corpus.site_pages import Progress, refresh_pages, refresh_sites
from corpus.site_score import SiteScore, score_site
from corpus.site_table import PageTable, page_norms, page_table, site_pages
from corpus.site_units import is_path_unit
from corpus.store import transaction


@dataclass(frozen=True, slots=True)
class SiteCounts:
    """What a run of the pass found. ``alerts``: sentences for moderators."""

    sites: int = 0
    scored: int = 0
    review: int = 0
    block_candidates: int = 0
    networks_certain: int = 0
    networks_probable: int = 0
    hijacked: int = 0
    alerts: tuple[str, ...] = ()


def update_sites(
    connection: sqlite3.Connection,
    *,
    decisions: sqlite3.Connection | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
    points: Mapping[str, float] | None = None,
) -> SiteCounts:
    """Bring features, scores, networks and states of all sites up to date; return counts.

    decisions: an open decisions.db, for rulings and adopted points. now: the time at which rulings are judged.
    Raises: CorpusError, when a canary was joined to a network: the networks of the last run stay.
    """
    moment = now or datetime.now(UTC)
    report = progress or _silent
    ruled = all_cases(decisions, moment) if decisions is not None else {}
    points = points or (adopted_points(decisions) if decisions is not None else None)
    with transaction(connection):
        touched = refresh_pages(connection, report)
        refresh_sites(connection, touched)
        if decisions is not None:
            mirror_checks(connection, decisions)
        report("sites known", 0, 1)
        table = page_table(connection)
        report("folders", 0, 1)
        hijacked = find_hijacked(connection, table, ruled)
        report("networks", 0, 1)
        run = run_networks(connection, table.mutual, frozenset(hijacked))
        if not run.canaries:
            put_networks(connection, run)
        counts = _score_all(connection, table, ruled, points, report)
        apply_cases(connection, ruled.values())
    if run.canaries:
        raise CorpusError(
            f"no networks stored: {', '.join(run.canaries)} would be joined to other sites; "
            "a shared number or id belongs in stop_entities.tsv (see docs/sites.md)"
        )
    certain = sum(network.certainty == "certain" for network in run.networks)
    return SiteCounts(
        counts["sites"], counts["scored"], counts["review"], counts["block"], certain, len(run.networks) - certain,
        len(hijacked), run.alerts,
    )  # fmt: skip


def adopted_points(decisions: sqlite3.Connection) -> dict[str, float] | None:
    """Return the points a moderator adopted last (``cuishou sites fit --adopt``), or None: the hand-set ones."""
    row = decisions.execute(
        "SELECT evidence FROM decisions WHERE subject_kind = 'points' AND ruling = 'adopt' ORDER BY serial DESC LIMIT 1"
    ).fetchone()
    return {str(name): float(value) for name, value in json.loads(row[0])["points"].items()} if row else None


def _score_all(
    connection: sqlite3.Connection,
    table: PageTable,
    ruled: Mapping[str, Case],
    points: Mapping[str, float] | None,
    progress: Progress,
) -> dict[str, int]:
    total = connection.execute("SELECT count(DISTINCT site) FROM site_pages").fetchone()[0]
    progress("sites", 0, total)
    norms = page_norms(connection)
    texts = {
        row[0]: (row[1], (row[2], tuple(row[3].split())))
        for row in connection.execute("SELECT site, redundancy, funnel, targets FROM site_texts")
    }
    reuse = _reuse(connection, {site for site, case in ruled.items() if case.flagged})
    filings = _own_filings(connection)
    folders: dict[str, list[tuple[str, str]]] = defaultdict(list)
    reasons: dict[str, str] = {}
    for row in connection.execute("SELECT site, folder, unit, reason FROM hijacked_folders ORDER BY site, folder"):
        folders[row[0]].append((row[1], row[2]))
        reasons[row[2]] = row[3]
    checks = _checks(connection)
    connection.execute("DELETE FROM sites")
    connection.execute("DELETE FROM site_features")
    counts = {"sites": 0, "scored": 0, "review": 0, "block": 0}
    for done, (site, pages) in enumerate(site_pages(connection, table), start=1):
        for unit, part, kind in _parts(site, pages, folders.get(site, [])):
            context = Context(
                redundancy=texts[site][0], funnel=texts[site][1], cloaking=checks.get(unit, (0.0, "", "")),
                reuse=reuse.get(unit, (0.0, 0, "")), trusted=_trusted(unit),
                filing=filings.get(unit, ""), hijacked=reasons.get(unit, ""),
            )  # fmt: skip
            features = site_features(part, context, norms)
            result = score_site(features, len(part), points)
            _put_site(connection, unit, kind, part, features, result, ruled.get(unit))
            counts["sites"] += 1
            counts["scored"] += result.score is not None
            counts["review"] += result.verdict == "review"
            counts["block"] += result.verdict == "block-candidate"
        if done % 500 == 0:
            progress("sites", done, total)
    _describe_sites(connection)
    return counts


def _parts(site: str, pages: Pages, folders: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Pages, str]]:
    """Yield the units of a site: the site itself and the hijacked folders apart from it."""
    rest = np.ones(len(pages), dtype=np.bool_)
    for name, unit in folders:
        inside = pages["folder"] == signed_hash(name)
        rest &= ~inside
        yield unit, pages[inside], "hijacked"
    yield site, pages[rest], "account" if is_path_unit(site) else "domain"


def _trusted(unit: str) -> tuple[str, str]:
    name = "" if is_path_unit(unit) else canary_name(unit)
    return (f"可信站点：{name}", f"trusted: {name}") if name else ("", "")


def _checks(connection: sqlite3.Connection) -> dict[str, tuple[float, str, str]]:
    """The latest check of each site for cloaking, as (value, sentence, sentence)."""
    found: dict[str, tuple[float, str, str]] = {}
    for row in connection.execute(
        "SELECT site, verdict, detail FROM site_checks WHERE kind = 'cloaking' AND verdict <> 'cannot-tell' "
        "ORDER BY site, checked_at"
    ):
        detail = json.loads(row[2])
        found[row[0]] = (float(detail.get("value", 0.0)), detail.get("zh", ""), detail.get("en", ""))
    return found


def _own_filings(connection: sqlite3.Connection) -> dict[str, str]:
    """ICP numbers that most pages of one site show, and no other site."""
    rows = connection.execute(
        "SELECT min(site), value FROM site_entities WHERE kind = 'icp' GROUP BY value "
        "HAVING count(*) = 1 AND max(share) >= ? AND max(vendor) = 0",
        (MIN_SHARE,),
    )
    stops = stop_entities()
    return {row[0]: row[1] for row in rows if ("icp", row[1]) not in stops}


def _reuse(connection: sqlite3.Connection, flagged: set[str]) -> dict[str, tuple[float, int, str]]:
    """For each site: rarity sum of the publisher's entities it shares with flagged sites, how many, and which (masked)."""
    if not flagged:
        return {}
    shown: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in connection.execute(
        "SELECT kind, value, site FROM site_entities WHERE layer = 'publisher' AND share >= ? AND vendor = 0",
        (MIN_SHARE,),
    ):
        shown[row[0], row[1]].add(row[2])
    found: dict[str, tuple[float, set[str], list[str]]] = {}
    for (kind, value), sites in sorted(shown.items()):
        bad = sites & flagged
        if not bad or len(sites) > MAX_SITES or kind == "editor":
            continue
        for site in sites:
            others = bad - {site}
            if others:
                sum_, known, words = found.get(site, (0.0, set(), []))
                rarity = 1.0 / (1.0 + 0.1 * (len(sites) - len(bad)))
                found[site] = (sum_ + rarity, known | others, [*words, f"{kind} {mask(value, kind)}"])
    return {site: (round(value, 3), len(known), "、".join(words[:3])) for site, (value, known, words) in found.items()}


def _put_site(
    connection: sqlite3.Connection,
    unit: str,
    kind: str,
    pages: Pages,
    features: Sequence[Feature],
    result: SiteScore,
    case: Case | None,
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO sites(site, captures, articles, rejections, first_captured, last_captured, score, "
        "verdict, kind, pages, points, families, state) VALUES (?, 0, ?, 0, '', '', ?, ?, ?, ?, ?, ?, ?)",
        (
            unit, len(pages), result.score, result.verdict, kind, len(pages), result.total,
            " ".join(result.families), case.state if case else "open",
        ),
    )  # fmt: skip
    if result.score is None:
        return
    numbers = sorted({number for feature in features for number in feature.pages})
    marks = ",".join("?" * len(numbers))
    ids = dict(connection.execute(f"SELECT number, id FROM articles WHERE number IN ({marks})", numbers).fetchall())
    connection.executemany(
        "INSERT OR REPLACE INTO site_features VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                unit, feature.name, feature.value, value, feature.evidence_zh, feature.evidence_en,
                json.dumps([ids[number] for number in feature.pages if number in ids]),
            )
            for feature, value in zip(features, result.points, strict=True)
        ],
    )  # fmt: skip


def _describe_sites(connection: sqlite3.Connection) -> None:
    """Captures, rejections and networks of every site; sites without a single article get a row, too."""
    connection.execute(
        "INSERT OR IGNORE INTO sites(site, captures, articles, rejections, first_captured, last_captured) "
        "SELECT site, 0, 0, 0, '', '' FROM captures WHERE site <> '' GROUP BY site"
    )
    connection.execute(
        "WITH found AS (SELECT site, count(*) AS captures, min(fetched_at) AS first, max(fetched_at) AS last "
        "FROM captures GROUP BY site) UPDATE sites SET captures = found.captures, first_captured = found.first, "
        "last_captured = found.last FROM found WHERE found.site = sites.site"
    )
    connection.execute(
        "WITH found AS (SELECT p.site, min(a.first_captured) AS first, max(a.last_captured) AS last, count(*) AS pages "
        "FROM site_pages p JOIN articles a ON a.number = p.number "
        "WHERE p.site IN (SELECT site FROM sites WHERE first_captured = '') GROUP BY p.site) "
        "UPDATE sites SET captures = found.pages, first_captured = found.first, last_captured = found.last "
        "FROM found WHERE found.site = sites.site AND sites.first_captured = ''"
    )
    connection.execute(
        "WITH found AS (SELECT site, count(*) AS rejections FROM rejections GROUP BY site) "
        "UPDATE sites SET rejections = found.rejections FROM found WHERE found.site = sites.site"
    )
    connection.execute(
        "WITH best AS (SELECT m.site, m.network_id, row_number() OVER (PARTITION BY m.site ORDER BY n.certainty, n.id) "
        "AS place FROM network_members m JOIN networks n ON n.id = m.network_id WHERE m.role = 'member') "
        "UPDATE sites SET network_id = best.network_id FROM best WHERE best.site = sites.site AND best.place = 1"
    )


def _silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""

"""The pass over all sites: traits in corpus.db in, features, scores and networks out.

``update_sites`` is the one entry point. It reads every page's traits once, in the order of sites, so that memory holds
one site at a time and a few numbers a page. Equal corpora give equal rows, whatever the order of arrival.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from corpus.cases import Case
from corpus.contacts import mask, stop_entities
from corpus.entities import MIN_SHARE, SiteEntity, canary_name
from corpus.errors import CorpusError
from corpus.networks import Mutual, NetworkRun, find_networks
from corpus.page_traits import signed_hash
from corpus.site_cases import all_cases, apply_cases
from corpus.site_features import (
    MIN_PAGES,
    Context,
    Feature,
    Norms,
    Pages,
    length_class,
    off_topic_folders,
    site_features,
    unpack,
)
from corpus.site_pages import Progress, put_entities, refresh_pages, refresh_sites
from corpus.site_score import SiteScore, score_site
from corpus.site_units import is_path_unit, site_of_unit
from corpus.store import transaction

CHUNK = 20_000  # rows of traits read at once
NORM_PAGES = 200_000  # pages from which the usual compression is taken: all, or a fixed sample of so many
MAX_CLUSTER_SITES = 30  # sites of one cluster that are paired; more is a press release
KIT_SHARE = 0.3  # of a folder's pages with marks of a serving kit, for it to be taken for hijacked
SAMPLED = 200  # pages of each side whose contacts are compared
CLEAN_SHARE = 0.05  # of the rest of the host, at most
LENDING = ("core", "edge")


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
    ruled = all_cases(decisions, moment) if decisions is not None else {}
    points = points or (adopted_points(decisions) if decisions is not None else None)
    with transaction(connection):
        touched = refresh_pages(connection, progress)
        refresh_sites(connection, touched)
        table = _page_table(connection)
        hijacked = _find_hijacked(connection, table, ruled)
        run = _run_networks(connection, table, frozenset(hijacked))
        if not run.canaries:
            _put_networks(connection, run)
        counts = _score_all(connection, table, ruled, points, progress)
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


@dataclass(frozen=True, slots=True)
class _PageTable:
    """What other passes know of each page, by article number."""

    template_size: NDArray[np.int32]
    cluster: NDArray[np.int32]  # 0: none
    copied: NDArray[np.int8]
    lending: NDArray[np.int8]
    mutual: tuple[Mutual, ...]


def _page_table(connection: sqlite3.Connection) -> _PageTable:
    last = connection.execute("SELECT coalesce(max(number), 0) FROM articles").fetchone()[0]
    template_size = np.zeros(last + 1, dtype=np.int32)
    cluster = np.zeros(last + 1, dtype=np.int32)
    copied = np.zeros(last + 1, dtype=np.int8)
    lending = np.zeros(last + 1, dtype=np.int8)
    for scope in LENDING:
        for row in connection.execute("SELECT number FROM articles WHERE scope = ?", (scope,)):
            lending[row[0]] = 1
    rows = connection.execute("SELECT template_id, number FROM articles WHERE template_id <> '' ORDER BY template_id")
    for _, members in groupby(rows, key=lambda row: row[0]):
        numbers = [row[1] for row in members]
        template_size[numbers] = len(numbers)
    forth: dict[tuple[str, str], int] = defaultdict(int)
    rows = connection.execute(
        "SELECT a.cluster_id, a.number, p.site, coalesce(nullif(a.published, ''), a.first_captured) AS at, "
        "a.source_name, a.id FROM articles a JOIN site_pages p ON p.number = a.number WHERE a.cluster_id <> '' "
        "ORDER BY a.cluster_id"
    )
    for code, (_, group) in enumerate(groupby(rows, key=lambda row: row[0]), start=1):
        members_of = sorted((row[3], row[5], row[1], row[2], row[4]) for row in group)
        first_site = members_of[0][3]
        earliest: dict[str, str] = {}
        for at, _, number, site, source in members_of:
            cluster[number] = code
            earliest.setdefault(site, at)
            if site != first_site and not source:
                copied[number] = 1
        ordered = list(earliest)[:MAX_CLUSTER_SITES]
        for place, left in enumerate(ordered):
            for right in ordered[place + 1 :]:
                if earliest[left] < earliest[right]:
                    forth[left, right] += 1
    pairs = {tuple(sorted(pair)) for pair in forth}
    mutual = tuple(
        Mutual(left, right, "copies", forth.get((left, right), 0), forth.get((right, left), 0))
        for left, right in sorted(pairs)
    )
    return _PageTable(template_size, cluster, copied, lending, mutual)


def _site_pages(connection: sqlite3.Connection, table: _PageTable) -> Iterator[tuple[str, Pages]]:
    """Yield every site with its pages, in the order of their ids."""
    cursor = connection.cursor()
    cursor.row_factory = None
    cursor.execute("SELECT site, number, traits FROM site_pages ORDER BY site, number")
    site = ""
    rows: list[tuple[str, int, bytes]] = []
    while chunk := cursor.fetchmany(CHUNK):
        for name, group in groupby(chunk, key=lambda row: row[0]):
            if name != site:
                if rows:
                    yield site, _pages(rows, table)
                site, rows = name, []
            rows.extend(group)
    if rows:
        yield site, _pages(rows, table)


def _pages(rows: Sequence[tuple[str, int, bytes]], table: _PageTable) -> Pages:
    pages = unpack([row[2] for row in rows])
    numbers = np.array([row[1] for row in rows], dtype=np.int64)
    pages["number"] = numbers
    pages["copied"], pages["lending"] = table.copied[numbers], table.lending[numbers]
    clusters = table.cluster[numbers]
    _, index, counts = np.unique(clusters, return_inverse=True, return_counts=True)
    on_site = np.where(clusters > 0, counts[index], 0)
    pages["template_size"] = np.maximum(table.template_size[numbers], on_site)
    return pages[np.argsort(pages["key"], kind="stable")]


def _norms(connection: sqlite3.Connection) -> Norms:
    """The usual compression of texts by length class, and holes a page; from a fixed sample in a large corpus."""
    count = connection.execute("SELECT count(*) FROM site_pages").fetchone()[0]
    if count < 10 * MIN_PAGES:
        return Norms()
    step = max(1, count // NORM_PAGES)
    rows = connection.execute("SELECT traits FROM site_pages WHERE number % ? = 0", (step,)).fetchall()
    pages = unpack([row[0] for row in rows])
    classes = length_class(pages["length"])
    usual = Norms()
    means, deviations = list(usual.ratio_mean), list(usual.ratio_deviation)
    for each in range(len(means)):
        ratios = pages["ratio"][classes == each]
        if len(ratios) >= 30:
            means[each] = round(float(np.median(ratios)), 3)
            # The median distance from the median is not moved by the spam that is looked for; 1.48 makes it a deviation.
            deviations[each] = round(1.48 * float(np.median(np.abs(ratios - np.median(ratios)))) + 0.05, 3)
    return Norms(tuple(means), tuple(deviations), round(float(np.median(pages["holes"])), 3))


def _find_hijacked(connection: sqlite3.Connection, table: _PageTable, ruled: Mapping[str, Case]) -> set[str]:
    """Note folders of hosts that somebody else fills: foreign to their host and marked by a kit, or ruled so."""
    connection.execute("DELETE FROM hijacked_folders")
    found: list[tuple[str, str, str, int, str]] = []
    for site, pages in _site_pages(connection, table):
        case = ruled.get(site)
        if is_path_unit(site) or (case is not None and case.hijacked is False):
            continue
        for hashed, _, count, _ in off_topic_folders(pages):
            inside = pages["folder"] == hashed
            reason = _kit_reason(pages, inside)
            if case is not None and case.hijacked:
                reason = "ruled"
            elif not reason and _answers_to_others(connection, pages, inside):
                reason = "other contacts"
            if reason:
                name, url = connection.execute(
                    "SELECT p.folder, a.url FROM site_pages p JOIN articles a ON a.number = p.number "
                    "WHERE p.number = ?",
                    (int(pages["number"][inside][0]),),
                ).fetchone()
                host = url.partition("://")[2].partition("/")[0]
                found.append((site, name, f"{host}/{name}" if name else host, count, reason))
    connection.executemany("INSERT OR REPLACE INTO hijacked_folders VALUES (?, ?, ?, ?, ?)", found)
    units = {row[2] for row in found}
    stored = [row[0] for row in connection.execute("SELECT DISTINCT site FROM site_entities WHERE site LIKE '%/%'")]
    for unit in stored:
        if (
            unit not in units
            and connection.execute("SELECT 1 FROM site_pages WHERE site = ?", (unit,)).fetchone() is None
        ):
            connection.execute("DELETE FROM site_entities WHERE site = ?", (unit,))
    by_site: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for site, folder, unit, inside_pages, _ in found:
        connection.execute("DELETE FROM site_entities WHERE site = ?", (unit,))
        put_entities(connection, site, unit, inside_pages, only=folder)
        by_site[site].append((folder, inside_pages))
    for site, parts in by_site.items():
        # What stands in the folders alone is no contact of the host.
        pages_of_site = connection.execute("SELECT count(*) FROM site_pages WHERE site = ?", (site,)).fetchone()[0]
        connection.execute("DELETE FROM site_entities WHERE site = ?", (site,))
        rest = pages_of_site - sum(count for _, count in parts)
        put_entities(connection, site, site, rest, without=[folder for folder, _ in parts])
    return units


def _kit_reason(pages: Pages, inside: NDArray[np.bool_]) -> str:
    for name, least in (("pinyin", 1.0), ("slips", 0.01), ("stuffing", 0.25)):
        marked = pages[name] >= least
        if marked[inside].mean() >= KIT_SHARE and marked[~inside].mean() <= CLEAN_SHARE:
            return {"pinyin": "kit", "slips": "byte slips", "stuffing": "stuffed titles"}[name]
    return ""


def _answers_to_others(connection: sqlite3.Connection, pages: Pages, inside: NDArray[np.bool_]) -> bool:
    """Whether most pages of a folder show a contact that none of the rest shows, and the rest has one of its own."""
    shown: dict[bool, Counter[tuple[str, str]]] = {True: Counter(), False: Counter()}
    for part in (True, False):
        numbers = [int(number) for number in pages["number"][inside == part][:SAMPLED]]
        marks = ",".join("?" * len(numbers))
        for row in connection.execute(
            "SELECT DISTINCT c.kind, c.value, a.number FROM articles a JOIN contacts c ON c.article_id = a.id "
            f"WHERE a.number IN ({marks}) AND c.kind IN ('phone', 'qq', 'email', 'wechat', 'icp')",
            numbers,
        ):
            shown[part][row[0], row[1]] += 1
        for contact in [contact for contact, count in shown[part].items() if count < MIN_SHARE * len(numbers)]:
            shown[part][contact] = 0
    foreign = {contact for contact, count in shown[True].items() if count and contact not in shown[False]}
    own = {contact for contact, count in shown[False].items() if count and contact not in shown[True]}
    return bool(foreign) and bool(own)


def _run_networks(connection: sqlite3.Connection, table: _PageTable, hijacked: frozenset[str]) -> NetworkRun:
    rows = connection.execute(
        "SELECT site, kind, value, share, pages, vendor, suffixes, takedown FROM site_entities "
        "WHERE layer = 'publisher' AND share >= ? ORDER BY site, kind, value",
        (MIN_SHARE,),
    )
    entities = [
        SiteEntity(row[0], row[1], row[2], row[3], row[4], bool(row[5]), tuple(row[6].split()), bool(row[7]))
        for row in rows
    ]
    before: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute("SELECT network_id, site FROM network_members WHERE role = 'member'"):
        before[row[0]].append(row[1])
    sites = connection.execute("SELECT count(DISTINCT site) FROM site_pages").fetchone()[0]
    return find_networks(entities, table.mutual, sites=sites, excluded=hijacked, before=before)


def _put_networks(connection: sqlite3.Connection, run: NetworkRun) -> None:
    for name in ("networks", "network_members", "network_edges"):
        connection.execute(f"DELETE FROM {name}")
    for network in run.networks:
        shared: dict[tuple[str, str], set[str]] = defaultdict(set)
        for edge in network.edges:
            for kind, value, _ in edge.evidence:
                if kind not in {"copies", "links", "template"}:
                    shared[kind, value] |= {edge.left, edge.right}
        summary = {
            "entities": [
                {"kind": kind, "value": mask(value, kind), "sites": len(sites)}
                for (kind, value), sites in sorted(shared.items(), key=lambda item: (-len(item[1]), item[0]))
            ],
            "review": [{"kind": kind, "value": mask(value, kind)} for kind, value in network.hinges],
        }
        connection.execute(
            "INSERT INTO networks(id, certainty, sites, evidence) VALUES (?, ?, ?, ?)",
            (network.id, network.certainty, len(network.sites), json.dumps(summary, ensure_ascii=False)),
        )
        own: dict[str, list[dict[str, str]]] = {
            site: [
                {"kind": kind, "value": mask(value, kind)}
                for (kind, value), sites in sorted(shared.items())
                if site in sites
            ]
            for site in network.sites
        }
        connection.executemany(
            "INSERT INTO network_members(network_id, site, evidence, role) VALUES (?, ?, ?, 'member')",
            [(network.id, site, json.dumps(own[site], ensure_ascii=False)) for site in network.sites],
        )
        connection.executemany(
            "INSERT INTO network_edges VALUES (?, ?, ?, ?, ?, ?)",
            [
                (network.id, edge.left, edge.right, edge.weight, " ".join(edge.types), json.dumps(edge.evidence, ensure_ascii=False))
                for edge in network.edges
            ],
        )  # fmt: skip
    # Hijacked folders carry a network's contacts; they are shown with it, but their owner is none of its members.
    connection.execute(
        "INSERT OR IGNORE INTO network_members(network_id, site, evidence, role) "
        "SELECT m.network_id, h.unit, json_array(json_object('kind', e.kind)), 'carrier' FROM hijacked_folders h "
        "JOIN site_entities e ON e.site = h.unit AND e.layer = 'publisher' AND e.share >= ? "
        "JOIN site_entities o ON o.kind = e.kind AND o.value = e.value AND o.layer = 'publisher' AND o.share >= ? "
        "JOIN network_members m ON m.site = o.site AND m.role = 'member'",
        (MIN_SHARE, MIN_SHARE),
    )


def _score_all(
    connection: sqlite3.Connection,
    table: _PageTable,
    ruled: Mapping[str, Case],
    points: Mapping[str, float] | None,
    progress: Progress | None,
) -> dict[str, int]:
    norms = _norms(connection)
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
    total = connection.execute("SELECT count(DISTINCT site) FROM site_pages").fetchone()[0]
    for done, (site, pages) in enumerate(_site_pages(connection, table), start=1):
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
        if progress and done % 500 == 0:
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
    name = "" if is_path_unit(unit) else canary_name(site_of_unit(unit))
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
        if not bad or len(sites) > 150 or kind == "editor":
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

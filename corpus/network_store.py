"""Networks in corpus.db: entities of sites in, networks with members, edges and their evidence out."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from corpus.contacts import mask
from corpus.entities import MIN_SHARE, SiteEntity
from corpus.network_edges import Mutual
from corpus.networks import NetworkRun, find_networks


def run_networks(connection: sqlite3.Connection, mutual: Iterable[Mutual], hijacked: frozenset[str]) -> NetworkRun:
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
    return find_networks(entities, mutual, sites=sites, excluded=hijacked, before=before)


def put_networks(connection: sqlite3.Connection, run: NetworkRun) -> None:
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

"""Edges between sites: publisher's entities and mutual copies in, pairs of sites with weighed evidence out.

Two sites are joined by at least two independent types of evidence, weighed by rarity, of which one is a publisher's
entity: text, template or kit in common never makes an owner in common. Vendors' entities are found by whose sites keep
contacts of their own; contacts that come with the same filing (same suffix) are a copied footer, and count once.
Source: dedup_spam.md section C (weights, thresholds, guards); the footer rule and the hub test are ours.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from corpus.entities import SiteEntity

WEIGHTS: dict[str, float] = {
    "phone": 3, "icp": 3, "baidu-tongji": 3, "cnzz": 3, "51la": 3, "google-analytics": 3, "adsense": 3,
    "baidu-union": 3, "verification": 3, "qq": 2.5, "email": 2.5, "wechat": 2.5, "police-record": 2,
    "copies": 2, "template": 1.5, "links": 1.5, "editor": 1,
}  # fmt: skip
# Types that are independent of each other. Editors' names add weight, but are no type of their own.
TYPES: dict[str, str] = {
    "phone": "phone", "qq": "message", "email": "message", "wechat": "message", "icp": "filing",
    "police-record": "filing", "baidu-tongji": "analytics", "cnzz": "analytics", "51la": "analytics",
    "google-analytics": "analytics", "adsense": "advertising", "baidu-union": "advertising",
    "verification": "verification", "copies": "content", "template": "content", "links": "links",
}  # fmt: skip
COMPLAINTS = "complaints"  # both sites answer complaints there: no type of its own, but more than a copied footer
OWNER_TYPES = frozenset({"phone", "message", "filing", "analytics", "advertising", "verification"})
ACCOUNT_TYPES = frozenset({"analytics", "advertising", "verification"})
FOOTER_TYPES = frozenset({"phone", "message", "filing"})  # what a copied footer brings along
MAX_SITES = 150  # sites of one entity; more is a default, a vendor or a platform (dedup_spam.md: df <= 150)
LEAST_SITES = 1_000  # against which rarity is judged at least: a small corpus is a sample of the Web (chosen)
EDGE = 3.0  # least weight of an edge
MIN_TYPES = 2
CONFLICT_TYPES = 3  # types needed where either site has contacts of its own besides those shared
HUB_SITES, HUB_PRIVATE = 3, 0.6  # an entity of so many sites, so many of which have private contacts, is a vendor's
MUTUAL_PAGES = 5  # pages copied each way before copying counts: one syndicated article is no network

Key: TypeAlias = tuple[str, str]  # kind, value
Incidence: TypeAlias = dict[Key, dict[str, SiteEntity]]  # who shows an entity


@dataclass(frozen=True, slots=True)
class Mutual:
    """Evidence that is a matter of two sites: kind "copies", "template" or "links", and pages each way."""

    left: str
    right: str
    kind: str
    forth: int
    back: int


@dataclass(frozen=True, slots=True)
class Edge:
    """Two sites and why they are joined: (kind, value, weight) each, heaviest first; ``left`` < ``right``."""

    left: str
    right: str
    weight: float
    types: tuple[str, ...]
    evidence: tuple[tuple[str, str, float], ...]


def by_entity(entities: Iterable[SiteEntity]) -> Incidence:
    """Return who shows each entity."""
    found: Incidence = defaultdict(dict)
    for entity in entities:
        found[entity.kind, entity.value][entity.site] = entity
    return dict(found)


def private_sites(by_entity: Incidence, types: frozenset[str]) -> frozenset[str]:
    """Return sites with an entity of these types that no other site shows."""
    return frozenset(
        next(iter(found)) for (kind, _), found in by_entity.items() if len(found) == 1 and TYPES.get(kind) in types
    )


def settled_sites(by_entity: Incidence, usable: Incidence) -> frozenset[str]:
    """Return sites that have accounts (statistics, advertising, verification), all of which are their own: no other site
    shows one of them, vendors' and defaults aside."""
    sharing = {site for (kind, _), found in usable.items() if TYPES.get(kind) in ACCOUNT_TYPES for site in found}
    return private_sites(by_entity, ACCOUNT_TYPES) - sharing


def hubs_of(by_entity: Incidence, private: frozenset[str]) -> frozenset[Key]:
    """Return entities most of whose sites have contacts of their own: vendors' and themes' defaults.

    A site has contacts of its own if no other site shows one of them, or if it differs from all other sites of the
    entity in its filing and in a contact.
    """
    shown: dict[str, set[Key]] = defaultdict(set)
    for key, found in by_entity.items():
        if TYPES.get(key[0]) in FOOTER_TYPES:
            for site in found:
                shown[site].add(key)
    hubs = set()
    for key, found in by_entity.items():
        if not HUB_SITES <= len(found) <= MAX_SITES:
            continue
        own = sum(1 for site in found if site in private or _differs(site, key, found.keys(), shown[site], by_entity))
        if own >= HUB_PRIVATE * len(found):
            hubs.add(key)
    return frozenset(hubs)


def _differs(site: str, key: Key, others: Set[str], shown: Iterable[Key], by_entity: Incidence) -> bool:
    """Whether the site has a filing and a contact that none of the others has."""
    types = {TYPES[each[0]] for each in shown if each != key and not (by_entity[each].keys() & others) - {site}}
    return "filing" in types and bool(types & {"phone", "message"})


def edges_of(
    usable: Incidence,
    private: frozenset[str],
    mutual: Iterable[Mutual],
    sites: int,
    excluded: frozenset[str],
) -> dict[tuple[str, str], Edge]:
    """Return the edges between sites, by pair."""
    rows: dict[tuple[str, str], list[tuple[str, str, float]]] = defaultdict(list)
    same_filing: set[tuple[str, str]] = set()
    complaints: set[tuple[str, str]] = set()  # pairs that answer complaints at the same number or account
    crowded: set[tuple[str, str]] = set()  # pairs that share an entity with a third site
    for (kind, value), found in sorted(usable.items()):
        own = own_suffixes(found) if TYPES.get(kind) == "filing" else frozenset()
        weight = rarity((kind, value), len(found), sites)
        for left, right in combinations(sorted(found), 2):
            rows[left, right].append((kind, value, weight))
            if TYPES.get(kind) == "filing" and not {left, right} <= own:
                same_filing.add((left, right))
            if found[left].takedown and found[right].takedown:
                complaints.add((left, right))
            if len(found) > 2 and TYPES.get(kind) in OWNER_TYPES:
                crowded.add((left, right))
    for pair in mutual:
        left, right = sorted((pair.left, pair.right))
        if min(pair.forth, pair.back) >= MUTUAL_PAGES and (left, right) in rows and not {left, right} & excluded:
            rows[left, right].append((pair.kind, f"{pair.forth}+{pair.back}", WEIGHTS[pair.kind]))
    edges = {}
    for (left, right), evidence in rows.items():
        # Clients of one agency have telephones of their own. Of two sites alone, one such telephone is enough to doubt.
        alone = 2 if (left, right) in crowded else 1
        apart = len({left, right} & private) >= alone
        edge = _edge(
            left,
            right,
            evidence,
            complaints=(left, right) in complaints,
            copied=(left, right) in same_filing,
            apart=apart,
        )
        if edge is not None:
            edges[left, right] = edge
    return edges


def own_suffixes(found: Mapping[str, SiteEntity]) -> frozenset[str]:
    """Return sites that write the filing with a suffix that none of the others writes, as sites of one holder do: a suffix
    that stands on two sites is copied on one of them."""
    written: dict[str, int] = defaultdict(int)
    for entity in found.values():
        for suffix in entity.suffixes:
            written[suffix] += 1
    return frozenset(
        site
        for site, entity in found.items()
        if entity.suffixes and all(written[suffix] == 1 for suffix in entity.suffixes)
    )


def _edge(
    left: str, right: str, evidence: list[tuple[str, str, float]], *, copied: bool, apart: bool, complaints: bool
) -> Edge | None:
    best: dict[str, float] = {}  # one fact a type: three telephones in common are one type, and add a little
    for kind, _, weight in evidence:
        kind_type = TYPES.get(kind, kind)
        if copied and kind_type in FOOTER_TYPES:
            kind_type = "footer"  # a copied footer brings telephone, mailbox and filing along: one fact
        best[kind_type] = max(best.get(kind_type, 0.0), weight)
    types = tuple(sorted(name for name in best if name in TYPES.values() or name == "footer"))
    extra = 0.25 * (sum(weight for *_, weight in evidence) - sum(best.values()))
    weight = round(sum(best.values()) + max(0.0, extra), 4)
    owned = any(name in OWNER_TYPES or name == "footer" for name in types)
    # An agency lends its telephone and its analytics account, never its filing.
    doubtful = apart and not {"filing", "footer"} & set(types)
    enough = len(types) >= (CONFLICT_TYPES if doubtful else MIN_TYPES)
    if not owned or not enough or weight < EDGE:
        return None
    if complaints and not copied:
        types += (COMPLAINTS,)
    ordered = tuple(sorted(evidence, key=lambda row: (-row[2], row[0], row[1])))
    return Edge(left, right, weight, types, ordered)


def rarity(key: Key, shown: int, sites: int) -> float:
    """Return the weight of an entity that so many of so many sites show."""
    return round(WEIGHTS[key[0]] * math.log(sites / shown) / math.log(sites / 2), 4)


def connected(edges: Sequence[Edge]) -> list[list[Edge]]:
    """Return the edges of each connected part."""
    root: dict[str, str] = {}

    def find(site: str) -> str:
        root.setdefault(site, site)
        while root[site] != site:
            root[site] = root[root[site]]
            site = root[site]
        return site

    for edge in edges:
        left, right = find(edge.left), find(edge.right)
        if left != right:
            root[max(left, right)] = min(left, right)
    groups: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        groups[find(edge.left)].append(edge)
    return list(groups.values())


def sites_of(edges: Iterable[Edge]) -> list[str]:
    """Return the sites of edges, sorted."""
    return sorted({site for edge in edges for site in (edge.left, edge.right)})

"""Sites under one hand: publisher's entities and mutual copies in, networks with their evidence out.

A typed graph of sites and entities (``network_edges``), its components in two grades (``network_parts``), and here
their names, which stay from run to run, and what a person has to look at. Pure; order of the input does not matter.
Source: dedup_spam.md section C.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.entities import SiteEntity, is_canary, publisher_entities
from corpus.network_edges import (
    ACCOUNT_TYPES,
    EDGE,
    LEAST_SITES,
    MAX_SITES,
    MIN_TYPES,
    OWNER_TYPES,
    TYPES,
    Edge,
    Key,
    Mutual,
    by_entity,
    connected,
    edges_of,
    hubs_of,
    private_sites,
    settled_sites,
    sites_of,
)
from corpus.network_parts import Part, attached, certain_edges, components, merged, probable_edges

VERSION = "networks/3"
CUT_SITES = 5  # a network that loses more sites with one entity is shown for review
GROWTH, GROWTH_SITES = 3, 10  # times the last run's size, and least size, for an alert


@dataclass(frozen=True, slots=True)
class Network:
    """Sites under one hand. certainty: "certain" or "probable"; ``hinges``: entities without which more than CUT_SITES
    sites would fall off, for a person to look at."""

    id: str
    certainty: str
    sites: tuple[str, ...]
    edges: tuple[Edge, ...]
    hinges: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkRun:
    """All networks, certain ones first; ``hubs``: entities left out as vendors'; ``canaries``: canaries that were
    joined, which fails the run; ``alerts``: sentences for moderators."""

    networks: tuple[Network, ...]
    hubs: tuple[tuple[str, str], ...]
    canaries: tuple[str, ...]
    alerts: tuple[str, ...] = ()


def find_networks(
    entities: Iterable[SiteEntity],
    mutual: Iterable[Mutual] = (),
    *,
    sites: int,
    excluded: frozenset[str] = frozenset(),
    before: Mapping[str, Sequence[str]] | None = None,
) -> NetworkRun:
    """Return the networks of a corpus of so many ``sites``.

    excluded: sites that own nothing they show (hijacked hosts). before: networks of the last run, id to sites, whose
    ids are kept where most of the sites stay.
    """
    owned = [entity for entity in publisher_entities(entities) if entity.site not in excluded]
    shown = by_entity(owned)
    private = private_sites(shown, frozenset({"phone", "message"}))
    hubs = hubs_of(shown, private)
    usable = {key: found for key, found in shown.items() if key not in hubs and 2 <= len(found) <= MAX_SITES}
    scale = max(sites, LEAST_SITES)
    edges = edges_of(usable, private, mutual, scale, excluded)
    alone = private_sites(shown, ACCOUNT_TYPES | {"phone", "message", "filing"})
    graded: dict[str, list[Part]] = {}
    for certainty, kept, least in (
        ("certain", certain_edges(edges), MIN_TYPES),
        ("probable", probable_edges(edges, usable, settled_sites(shown, usable)), 1),
    ):
        parts = merged(components(kept), usable, scale, least=least)
        graded[certainty] = sorted(
            attached(parts, usable, alone, scale, least=least), key=lambda part: sites_of(part)[0]
        )
    firm = {frozenset(sites_of(part)) for part in graded["certain"]}
    networks = [("certain", part) for part in graded["certain"]]
    networks += [("probable", part) for part in graded["probable"] if frozenset(sites_of(part)) not in firm]
    named = _named(networks, before or {})
    joined = sorted({site for network in named for site in network.sites if is_canary(site)})
    return NetworkRun(named, tuple(sorted(hubs)), tuple(joined), _alerts(named, before or {}))


def _named(networks: list[tuple[str, Part]], before: Mapping[str, Sequence[str]]) -> tuple[Network, ...]:
    """Networks with their ids: the last run's where at least half of the smaller set is the same, best overlap first;
    else a digest of the certainty and the first site."""
    members = [frozenset(sites_of(part)) for _, part in networks]
    old = {name: frozenset(sites) for name, sites in before.items()}
    where: dict[str, list[str]] = defaultdict(list)
    for name, sites in old.items():
        for site in sites:
            where[site].append(name)
    offers = sorted(
        {
            (-len(sites & old[name]), name, index)
            for index, sites in enumerate(members)
            for site in sites
            for name in where.get(site, ())
            if name[0] == networks[index][0][0]
        }
    )
    ids: dict[int, str] = {}
    for overlap, name, index in offers:
        enough = -2 * overlap >= min(len(members[index]), len(old[name]))
        if index not in ids and name not in ids.values() and enough:
            ids[index] = name
    named: list[Network] = []
    for index, (certainty, part) in enumerate(networks):
        in_order = sites_of(part)
        name = ids.get(index) or _new_id(certainty, in_order, set(ids.values()) | {network.id for network in named})
        named.append(Network(name, certainty, tuple(in_order), part, _hinges(part)))
    return tuple(named)


def _new_id(certainty: str, sites: Sequence[str], taken: set[str]) -> str:
    for site in sites:
        name = certainty[0] + hashlib.blake2b(f"{certainty}:{site}".encode(), digest_size=5).hexdigest()
        if name not in taken:
            return name
    return certainty[0] + hashlib.blake2b("\n".join(sites).encode(), digest_size=8).hexdigest()


def _hinges(edges: Sequence[Edge]) -> tuple[Key, ...]:
    """Entities without which more than CUT_SITES sites would fall off the largest part."""
    sites = len(sites_of(edges))
    if sites <= CUT_SITES + 1:
        return ()
    uses: dict[Key, int] = defaultdict(int)
    for edge in edges:
        for kind, value, _ in edge.evidence:
            if TYPES.get(kind) in OWNER_TYPES:
                uses[kind, value] += 1
    hinges = []
    for key in sorted(uses):
        rest = [edge for edge in edges if _stands_without(edge, key)]
        largest = max((len(sites_of(part)) for part in connected(rest)), default=1)
        if sites - largest > CUT_SITES:
            hinges.append(key)
    return tuple(hinges)


def _stands_without(edge: Edge, key: Key) -> bool:
    rest = [row for row in edge.evidence if row[:2] != key]
    if len(rest) == len(edge.evidence):
        return True
    types = {TYPES[kind] for kind, *_ in rest if kind in TYPES}
    return len(types) >= MIN_TYPES and bool(types & OWNER_TYPES) and sum(weight for *_, weight in rest) >= EDGE


def _alerts(networks: Sequence[Network], before: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found = []
    for network in networks:
        last = len(before.get(network.id, ()))
        if last and len(network.sites) > GROWTH * last and len(network.sites) >= GROWTH_SITES:
            found.append(f"network {network.id} grew from {last} to {len(network.sites)} sites: review its new edges")
    return tuple(found)

"""Sites under one hand: publisher's entities and mutual copies in, networks with their evidence out.

A typed graph of sites and entities. Two sites are joined by at least two independent types of evidence, weighed by
rarity, of which one is a publisher's entity: text, template or kit in common never makes an owner in common. "Certain"
adds that an edge stands in a triangle or is strong by itself. Pure; order of the input does not matter.
Source: dedup_spam.md section C (weights, guards, thresholds); the footer rule and the hub test are ours:
a copied footer carries its filing number along, so contacts that come with the same filing (same suffix) count once;
clients of one agency keep telephones of their own, sites of one operator do not.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from corpus.entities import SiteEntity, is_canary, publisher_entities

VERSION = "networks/1"
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
STRONG = 4.5  # weight from which an edge needs no triangle
MIN_TYPES = 2
CONFLICT_TYPES = 3  # types needed where either site has contacts of its own besides those shared
HUB_SITES, HUB_PRIVATE = 3, 0.6  # an entity of so many sites, so many of which have private contacts, is a vendor's
MUTUAL_PAGES = 5  # pages copied each way before copying counts: one syndicated article is no network
MAX_SIZE, MIN_DENSITY = 60, 0.2  # a component beyond is split at its weakest edges
CUT_SITES = 5  # a network that loses more sites with one entity is shown for review
GROWTH, GROWTH_SITES = 3, 10  # times the last run's size, and least size, for an alert


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
    by_entity = _by_entity(owned)
    private = _private(by_entity, frozenset({"phone", "message"}))
    hubs = _hubs(by_entity, private)
    usable = {key: found for key, found in by_entity.items() if key not in hubs and 2 <= len(found) <= MAX_SITES}
    edges = _edges(usable, private, mutual, max(sites, LEAST_SITES), excluded)
    certain = _certain(edges)
    edges = _probable(edges)
    edges |= _attached(
        edges, usable, _private(by_entity, ACCOUNT_TYPES | {"phone", "message", "filing"}), max(sites, LEAST_SITES)
    )
    networks = [(_Kind("certain"), part) for part in _components(certain)]
    firm = {frozenset(_sites(part)) for _, part in networks}
    networks += [(_Kind("probable"), part) for part in _components(edges) if frozenset(_sites(part)) not in firm]
    named = _named(networks, before or {})
    joined = sorted({site for network in named for site in network.sites if is_canary(site)})
    return NetworkRun(named, tuple(sorted(hubs)), tuple(joined), _alerts(named, before or {}))


_Kind = str
_Key = tuple[str, str]  # kind, value
_Incidence = dict[_Key, dict[str, SiteEntity]]


def _by_entity(entities: Iterable[SiteEntity]) -> _Incidence:
    found: _Incidence = defaultdict(dict)
    for entity in entities:
        found[entity.kind, entity.value][entity.site] = entity
    return dict(found)


def _private(by_entity: _Incidence, types: frozenset[str]) -> frozenset[str]:
    """Sites with an entity of these types that no other site shows."""
    return frozenset(
        next(iter(found)) for (kind, _), found in by_entity.items() if len(found) == 1 and TYPES.get(kind) in types
    )


def _attached(
    edges: dict[tuple[str, str], Edge], usable: _Incidence, private: frozenset[str], sites: int
) -> dict[tuple[str, str], Edge]:
    """Edges of sites that show nothing but an account of one network: all others who show it are in that network, and
    the site has nothing of its own. Accounts stand in scripts, so no copied footer brings them along."""
    part_of = {site: number for number, part in enumerate(_components(edges)) for site in _sites(part)}
    found: dict[tuple[str, str], Edge] = {}
    for (kind, value), shown in sorted(usable.items()):
        inside = sorted(site for site in shown if site in part_of)
        outside = sorted(site for site in shown if site not in part_of)
        if TYPES.get(kind) not in ACCOUNT_TYPES or len(inside) < HUB_SITES or len(inside) < len(outside):
            continue
        if len({part_of[site] for site in inside}) != 1:
            continue
        weight = round(WEIGHTS[kind] * math.log(sites / len(shown)) / math.log(sites / 2), 4)
        for site in outside:
            if site not in private:
                left, right = sorted((site, inside[0]))
                edge = Edge(left, right, weight, (TYPES[kind],), ((kind, value, weight),))
                found.setdefault((left, right), edge)
    return found


def _hubs(by_entity: _Incidence, private: frozenset[str]) -> frozenset[_Key]:
    """Entities most of whose sites have contacts of their own: vendors' and themes' defaults.

    A site has contacts of its own if no other site shows one of them, or if it differs from all other sites of the
    entity in its filing and in a contact.
    """
    shown: dict[str, set[_Key]] = defaultdict(set)
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


def _differs(site: str, key: _Key, others: Set[str], shown: Iterable[_Key], by_entity: _Incidence) -> bool:
    """Whether the site has a filing and a contact that none of the others has."""
    types = {TYPES[each[0]] for each in shown if each != key and not (by_entity[each].keys() & others) - {site}}
    return "filing" in types and bool(types & {"phone", "message"})


def _edges(
    usable: _Incidence,
    private: frozenset[str],
    mutual: Iterable[Mutual],
    sites: int,
    excluded: frozenset[str],
) -> dict[tuple[str, str], Edge]:
    rows: dict[tuple[str, str], list[tuple[str, str, float]]] = defaultdict(list)
    same_filing: set[tuple[str, str]] = set()
    complaints: set[tuple[str, str]] = set()  # pairs that answer complaints at the same number or account
    scale = math.log(sites / 2)
    crowded: set[tuple[str, str]] = set()  # pairs that share an entity with a third site
    for (kind, value), found in sorted(usable.items()):
        own = _own_suffixes(found) if TYPES.get(kind) == "filing" else frozenset()
        weight = round(WEIGHTS[kind] * math.log(sites / len(found)) / scale, 4)
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


def _own_suffixes(found: Mapping[str, SiteEntity]) -> frozenset[str]:
    """Sites that write the filing with a suffix that none of the others writes, as sites of one holder do: a suffix
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


def _certain(edges: dict[tuple[str, str], Edge]) -> dict[tuple[str, str], Edge]:
    """Edges that stand in a triangle or are strong, without those that a copied footer or a middleman may have made."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for left, right in edges:
        neighbours[left].add(right)
        neighbours[right].add(left)
    firm = [
        edge for (left, right), edge in edges.items() if edge.weight >= STRONG or neighbours[left] & neighbours[right]
    ]
    kept = [edge for part in _connected(firm) for edge in _without_hinges(part, _needs_bearing_out)]
    return {(edge.left, edge.right): edge for edge in kept}


def _owner_types(edge: Edge) -> int:
    return len({TYPES[kind] for kind, *_ in edge.evidence if TYPES.get(kind) in OWNER_TYPES})


def _probable(edges: dict[tuple[str, str], Edge]) -> dict[tuple[str, str], Edge]:
    """All edges, copied footers left out of components that have other evidence: two sites that share a telephone and a
    mailbox and nothing else are shown, but they do not hang on to a network."""
    kept: list[Edge] = []
    for part in _connected(list(edges.values())):
        kept += _without_hinges(part, lambda edge: _footer_only(edge) and COMPLAINTS not in edge.types) or part
    return {(edge.left, edge.right): edge for edge in kept}


def _footer_only(edge: Edge) -> bool:
    return set(edge.types) <= FOOTER_TYPES | {"footer", COMPLAINTS}


def _needs_bearing_out(edge: Edge) -> bool:
    """Whether a copied footer, or a middleman of operators who buy the same texts, could have made the edge alone."""
    return _footer_only(edge) or (_owner_types(edge) < MIN_TYPES and edge.weight < STRONG)


def _without_hinges(edges: Sequence[Edge], doubtful: Callable[[Edge], bool]) -> list[Edge]:
    """Edges of a component, without doubtful ones that rest on one set of contacts and that nothing else bears out.

    A footer is copied whole, so its owner and all who copied it share the very same contacts. What an operator's sites
    share varies: now this account, now that, or an analytics id. Where one set of contacts alone holds two parts
    together, it does not count.
    """
    by_set: dict[tuple[_Key, ...], list[Edge]] = defaultdict(list)
    for edge in edges:
        if doubtful(edge):
            by_set[tuple(sorted(row[:2] for row in edge.evidence if TYPES.get(row[0]) in OWNER_TYPES))].append(edge)
    dropped: set[Edge] = set()
    for contacts in sorted(by_set):
        same = set(by_set[contacts])
        part_of: dict[str, int] = {}
        for number, part in enumerate(_connected([edge for edge in edges if edge not in same])):
            part_of.update(dict.fromkeys(_sites(part), number))
        dropped |= {edge for edge in same if edge.left not in part_of or part_of[edge.left] != part_of.get(edge.right)}
    return [edge for edge in edges if edge not in dropped]


def _components(edges: Mapping[tuple[str, str], Edge]) -> list[tuple[Edge, ...]]:
    """The edges of each component, in order; components too large or too thin are split at their weakest edges."""
    parts: list[tuple[Edge, ...]] = []
    waiting = [list(edges.values())]
    while waiting:
        for part in _connected(waiting.pop()):
            count = len(_sites(part))
            density = 2 * len(part) / (count * (count - 1))
            if (count <= MAX_SIZE and (count <= 5 or density >= MIN_DENSITY)) or _uniform(part):
                parts.append(tuple(sorted(part, key=lambda edge: (edge.left, edge.right))))
            else:
                weakest = min(edge.weight for edge in part)
                waiting.append([edge for edge in part if edge.weight > weakest])
    return sorted(parts, key=lambda part: part[0].left)


def _uniform(part: Sequence[Edge]) -> bool:
    return len({edge.weight for edge in part}) == 1


def _connected(edges: Sequence[Edge]) -> list[list[Edge]]:
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


def _sites(edges: Iterable[Edge]) -> list[str]:
    return sorted({site for edge in edges for site in (edge.left, edge.right)})


def _named(networks: list[tuple[str, tuple[Edge, ...]]], before: Mapping[str, Sequence[str]]) -> tuple[Network, ...]:
    """Networks with their ids: the last run's where at least half of the smaller set is the same, best overlap first;
    else a digest of the certainty and the first site."""
    members = [frozenset(_sites(part)) for _, part in networks]
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
        in_order = _sites(part)
        name = ids.get(index) or _new_id(certainty, in_order, set(ids.values()) | {network.id for network in named})
        named.append(Network(name, certainty, tuple(in_order), part, _hinges(part)))
    return tuple(named)


def _new_id(certainty: str, sites: Sequence[str], taken: set[str]) -> str:
    for site in sites:
        name = certainty[0] + hashlib.blake2b(f"{certainty}:{site}".encode(), digest_size=5).hexdigest()
        if name not in taken:
            return name
    return certainty[0] + hashlib.blake2b("\n".join(sites).encode(), digest_size=8).hexdigest()


def _hinges(edges: Sequence[Edge]) -> tuple[_Key, ...]:
    """Entities without which more than CUT_SITES sites would fall off the largest part."""
    sites = len(_sites(edges))
    if sites <= CUT_SITES + 1:
        return ()
    uses: dict[_Key, int] = defaultdict(int)
    for edge in edges:
        for kind, value, _ in edge.evidence:
            if TYPES.get(kind) in OWNER_TYPES:
                uses[kind, value] += 1
    hinges = []
    for key in sorted(uses):
        rest = [edge for edge in edges if _stands_without(edge, key)]
        largest = max((len(_sites(part)) for part in _connected(rest)), default=1)
        if sites - largest > CUT_SITES:
            hinges.append(key)
    return tuple(hinges)


def _stands_without(edge: Edge, key: _Key) -> bool:
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

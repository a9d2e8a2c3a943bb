"""Parts of the graph of sites that one owner may stand behind: edges in, components with their edges out.

"Certain" takes edges that stand in a triangle or are strong, and that neither a copied footer nor a middleman can have
made. Two sites seldom show the same of what their operator has: sites, and parts, whose contacts are those of one
component as a whole are joined to it afterwards. Source: dedup_spam.md section C; what is joined afterwards is ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from corpus.network_edges import (
    COMPLAINTS,
    FOOTER_TYPES,
    HUB_SITES,
    MIN_TYPES,
    OWNER_TYPES,
    TYPES,
    Edge,
    Incidence,
    Key,
    connected,
    own_suffixes,
    rarity,
    sites_of,
)

STRONG = 4.5  # weight from which an edge needs no triangle
MAX_SIZE, MIN_DENSITY = 60, 0.2  # a component beyond is split at its weakest edges
MIN_INSIDE = 2  # sites of a component that show an entity, for another site or component to be joined by it
ROUNDS = 3  # a site may hang on to one that hangs on to the component
MAX_PARTS = 10  # components that share an entity, beyond which it joins none
WHOLE = 0.8  # of a component's sites, that is nearly all

Part = tuple[Edge, ...]


def certain_edges(edges: dict[tuple[str, str], Edge]) -> dict[tuple[str, str], Edge]:
    """Return edges that stand in a triangle or are strong, without those that a copied footer or a middleman may have made."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for left, right in edges:
        neighbours[left].add(right)
        neighbours[right].add(left)
    firm = [
        edge for (left, right), edge in edges.items() if edge.weight >= STRONG or neighbours[left] & neighbours[right]
    ]
    kept = [edge for part in connected(firm) for edge in _without_hinges(part, _needs_bearing_out)]
    return {(edge.left, edge.right): edge for edge in kept}


def probable_edges(
    edges: dict[tuple[str, str], Edge], usable: Incidence, settled: frozenset[str]
) -> dict[tuple[str, str], Edge]:
    """Return all edges, copied footers left out of components that have other evidence: two sites that share a telephone and a
    mailbox and nothing else are shown, but they do not hang on to a network.

    settled: sites whose accounts are all their own (``network_edges.settled_sites``). Whoever copies a page copies its
    contacts, never the account: where contacts are all that is shared, such a site may be the one they were copied from.
    """

    def of_settled(edge: Edge) -> bool:
        return _footer_only(edge) and not settled.isdisjoint((edge.left, edge.right))

    def doubtful(edge: Edge) -> bool:
        # An operator puts its line about complaints on all its sites: one that two sites show is copied on one of them.
        rare = all(len(usable[row[:2]]) < HUB_SITES for row in edge.evidence if row[:2] in usable)
        return _footer_only(edge) and (rare or COMPLAINTS not in edge.types or of_settled(edge))

    kept: list[Edge] = []
    for part in connected(list(edges.values())):
        kept += _without_hinges(part, doubtful) or [edge for edge in part if not of_settled(edge)]
    return {(edge.left, edge.right): edge for edge in kept}


def components(edges: Mapping[tuple[str, str], Edge]) -> list[tuple[Edge, ...]]:
    """Return the edges of each component, in order; components too large or too thin are split at their weakest edges."""
    parts: list[tuple[Edge, ...]] = []
    waiting = [list(edges.values())]
    while waiting:
        for part in connected(waiting.pop()):
            count = len(sites_of(part))
            density = 2 * len(part) / (count * (count - 1))
            if (count <= MAX_SIZE and (count <= 5 or density >= MIN_DENSITY)) or _uniform(part):
                parts.append(tuple(sorted(part, key=lambda edge: (edge.left, edge.right))))
            else:
                weakest = min(edge.weight for edge in part)
                waiting.append([edge for edge in part if edge.weight > weakest])
    return sorted(parts, key=lambda part: part[0].left)


def merged(parts: Sequence[Part], usable: Incidence, sites: int, *, least: int) -> list[Part]:
    """Return components, those made one that share contacts as the sites of one owner do: two or more that vary from site
    to site, or one that stands on nearly all sites of both. A middleman's one account stands on some sites of each, and
    copiers show the whole footer of a company with its filing.

    least: types that the two must share. Source: ours, on worlds other than those reported (docs/sites.md).
    """
    members = [frozenset(sites_of(part)) for part in parts]
    part_of = {site: number for number, found in enumerate(members) for site in found}
    shared: dict[tuple[int, int], list[Key]] = defaultdict(list)
    for key, shown in sorted(usable.items()):
        if TYPES.get(key[0]) in OWNER_TYPES - {"filing"}:
            numbers = sorted({part_of[site] for site in shown if site in part_of})
            for pair in combinations(numbers, 2) if len(numbers) <= MAX_PARTS else ():
                if min(len(members[number]) for number in pair) >= HUB_SITES:
                    shared[pair].append(key)
    copied = _with_filing(usable, part_of)
    joining: list[Edge] = []
    for pair, keys in shared.items():
        if pair in copied:  # contacts that come with a copied filing are one footer, on however many sites
            keys = [key for key in keys if TYPES[key[0]] not in FOOTER_TYPES]
        inside = {key: tuple(frozenset(usable[key].keys() & members[number]) for number in pair) for key in keys}
        firm = [key for key in keys if min(map(len, inside[key])) >= MIN_INSIDE]
        varied = any(len({inside[key][side] for key in firm}) > 1 for side in (0, 1))
        whole = [
            key
            for key in firm
            if TYPES[key[0]] != "advertising"
            and all(len(found) >= WHOLE * len(members[number]) for found, number in zip(inside[key], pair, strict=True))
        ]
        if len({TYPES[key[0]] for key in firm}) >= least and (varied or whole):
            key = (whole or firm)[0]
            joining.append(_single(min(inside[key][0]), min(inside[key][1]), [key], usable, sites))
    return [tuple(part) for part in connected([edge for part in parts for edge in part] + joining)]


def _with_filing(usable: Incidence, part_of: Mapping[str, int]) -> frozenset[tuple[int, int]]:
    """Pairs of components that show the same filing, without a suffix of its own on each of their sites."""
    pairs: set[tuple[int, int]] = set()
    for (kind, _), shown in usable.items():
        inside = [site for site in shown if site in part_of]
        if TYPES.get(kind) == "filing" and not set(inside) <= own_suffixes(shown):
            pairs.update(combinations(sorted({part_of[site] for site in inside}), 2))
    return frozenset(pairs)


def attached(
    parts: Sequence[Part], usable: Incidence, private: frozenset[str], sites: int, *, least: int
) -> list[Part]:
    """Return components with the sites that hang on to one of them alone: they have nothing of their own (``private``), and
    what they show is shown by that component, in at least so many types."""
    found = [list(part) for part in parts]
    for _ in range(ROUNDS):
        grown = False
        for site, shared in sorted(_offers(found, usable, private).items()):
            keys = _counted(shared)
            numbers = {number for number, _ in shared.values()}
            types = {TYPES[key[0]] for key in keys}
            alone = len(types) == 1 and max(len(shared[key][1]) for key in keys) < HUB_SITES
            if len(numbers) != 1 or len(types) < least or not types or alone:
                continue
            part = found[numbers.pop()]
            if len(sites_of(part)) >= MAX_SIZE:
                continue
            anchors: dict[str, list[Key]] = defaultdict(list)
            for key in keys:
                anchors[shared[key][1][0]].append(key)
            part += [_single(site, anchor, shown, usable, sites) for anchor, shown in sorted(anchors.items())]
            grown = True
        if not grown:
            break
    return [tuple(part) for part in found]


def _offers(
    parts: Sequence[Sequence[Edge]], usable: Incidence, private: frozenset[str]
) -> dict[str, dict[Key, tuple[int, list[str]]]]:
    """For each site in no component and with nothing of its own: entities that one component alone shows, with its number
    and the sites there that show them."""
    part_of = {site: number for number, part in enumerate(parts) for site in sites_of(part)}
    offers: dict[str, dict[Key, tuple[int, list[str]]]] = defaultdict(dict)
    for key, shown in sorted(usable.items()):
        inside = sorted(site for site in shown if site in part_of)
        holders = {part_of[site] for site in inside}
        if len(holders) == 1 and len(inside) >= MIN_INSIDE:
            for site in shown.keys() - part_of.keys() - private:
                offers[site][key] = (next(iter(holders)), inside)
    return offers


def _counted(shared: Mapping[Key, tuple[int, list[str]]]) -> list[Key]:
    """Entities that tell of one hand: not those that a footer, copied whole, brings along."""
    footer = [key for key in shared if TYPES.get(key[0]) in FOOTER_TYPES]
    whole = len(footer) > 1 and len({tuple(shared[key][1]) for key in footer}) == 1
    copied = whole or any(TYPES[key[0]] == "filing" for key in footer)
    return [key for key in shared if TYPES.get(key[0]) in OWNER_TYPES and not (copied and key in footer)]


def _single(one: str, other: str, keys: Sequence[Key], usable: Incidence, sites: int) -> Edge:
    """An edge that stands for what a site or component shares with another one as a whole."""
    left, right = sorted((one, other))
    rows = sorted(((*key, rarity(key, len(usable[key]), sites)) for key in keys), key=lambda row: (-row[2], row[:2]))
    types = tuple(sorted({TYPES[key[0]] for key in keys}))
    return Edge(left, right, round(sum(row[2] for row in rows), 4), types, tuple(rows))


def _without_hinges(edges: Sequence[Edge], doubtful: Callable[[Edge], bool]) -> list[Edge]:
    """Edges of a component, without doubtful ones that rest on one set of contacts and that nothing else bears out.

    A footer is copied whole, so its owner and all who copied it share the very same contacts. What an operator's sites
    share varies: now this account, now that, or an analytics id. Where one set of contacts alone holds two parts
    together, it does not count.
    """
    by_set: dict[tuple[Key, ...], list[Edge]] = defaultdict(list)
    for edge in edges:
        if doubtful(edge):
            by_set[tuple(sorted(row[:2] for row in edge.evidence if TYPES.get(row[0]) in OWNER_TYPES))].append(edge)
    dropped: set[Edge] = set()
    for contacts in sorted(by_set):
        same = set(by_set[contacts])
        part_of: dict[str, int] = {}
        for number, part in enumerate(connected([edge for edge in edges if edge not in same])):
            part_of.update(dict.fromkeys(sites_of(part), number))
        dropped |= {edge for edge in same if edge.left not in part_of or part_of[edge.left] != part_of.get(edge.right)}
    return [edge for edge in edges if edge not in dropped]


def _needs_bearing_out(edge: Edge) -> bool:
    """Whether a copied footer, or a middleman of operators who buy the same texts, could have made the edge alone."""
    if _footer_only(edge):
        return True
    return _owner_types(edge) < MIN_TYPES and edge.weight < STRONG and not {"analytics", COMPLAINTS} & set(edge.types)


def _footer_only(edge: Edge) -> bool:
    return set(edge.types) <= FOOTER_TYPES | {"footer", COMPLAINTS}


def _owner_types(edge: Edge) -> int:
    return len({TYPES[kind] for kind, *_ in edge.evidence if TYPES.get(kind) in OWNER_TYPES})


def _uniform(part: Sequence[Edge]) -> bool:
    return len({edge.weight for edge in part}) == 1

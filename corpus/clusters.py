"""Verified edges in, clusters out. Whole arrays, no text, no database.

Texts are numbered in the order of their digests, so nothing here depends on the order of arrival. Clusters are the connected components of verified edges, each checked against its medoid: a member that is not
like it is split off, so that a chain of small steps does not join what has nothing in common.
Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4; we differ in the split.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.candidates import Pairs, Values

NEAR = 0.5  # Jaccard similarity of shingles from which two texts are copies; chosen on the simulator, see the docs
REVIEW = 0.35  # from here up to NEAR a person should look
MARGIN = 0.12  # of an estimate: 2.7 standard errors at .5; nearer to a threshold the shingles themselves are compared
LIKE_MEDOID = 0.35  # least similarity of a member to the medoid of its cluster
_FEW = 200  # rows compared one by one; counting values is quicker above (measured)
MAX_SPLITS = 64  # rounds of splitting one component; what is left after that is left single


@dataclass(frozen=True, slots=True)
class Cluster:
    """Texts that are copies of one another: their numbers, ascending, and the number of the one most like the rest."""

    members: tuple[int, ...]
    medoid: int


def components(n_texts: int, edges: Pairs) -> NDArray[np.int64]:
    """Return for each text the least number of its connected component, (n_texts,).

    Source: the minimum-label form of union by hooking and pointer jumping (Shiloach, Vishkin 1982), in whole arrays.
    """
    label = np.arange(n_texts)
    left, right = edges[:, 0], edges[:, 1]
    while True:
        low, high = label[left], label[right]
        if np.array_equal(low, high):
            return label
        np.minimum.at(label, np.maximum(low, high), np.minimum(low, high))
        while not np.array_equal(jumped := label[label], label):
            label = jumped


def medoid(signatures: Values) -> int:
    """Return the row whose mean estimated similarity to all rows is greatest, the first of equals, in linear time.

    The sum over all rows of their agreements with one row is the sum over values of how many rows hold that value.
    """
    return int(np.argmax(_agreements(signatures)))


def _agreements(signatures: Values) -> NDArray[np.int64]:
    """For each row, in how many values it agrees with all rows together."""
    total = np.zeros(len(signatures), dtype=np.int64)
    if len(signatures) <= _FEW:
        for row in signatures:
            total += np.count_nonzero(signatures == row, axis=1)
        return total
    for column in signatures.T:
        _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
        total += counts[inverse]
    return total


def split_component(members: NDArray[np.int64], edges: Pairs, signatures: Values) -> Iterator[Cluster]:
    """Yield the clusters of one connected component, each holding only what is like its medoid.

    members: ascending numbers, (n,); edges among them; signatures: of the members, (n, n_values), in their order.
    A member is like the medoid by an edge to it or by an estimate of at least LIKE_MEDOID. Those left over are
    connected and checked anew; single ones are no cluster.
    """
    waiting = [(members, edges)]
    for _ in range(MAX_SPLITS):
        if not waiting:
            return
        inside, links = waiting.pop()
        rows = signatures[np.searchsorted(members, inside)]
        centre = medoid(rows)
        like = (rows == rows[centre]).mean(axis=1) >= LIKE_MEDOID
        like[centre] = True
        touching = links[(links == inside[centre]).any(axis=1)]
        like[np.searchsorted(inside, touching.ravel())] = True
        if like.sum() > 1:
            yield Cluster(tuple(inside[like].tolist()), int(inside[centre]))
        rest = inside[~like]
        links = links[np.isin(links, rest).all(axis=1)]
        if not len(links):
            continue
        numbers = np.searchsorted(rest, links)
        labels = components(len(rest), numbers)
        for label in np.unique(labels[numbers[:, 0]]).tolist():
            part = rest[labels == label]
            waiting.append((part, links[np.isin(links[:, 0], part)]))


def clusters(
    edges: Pairs, signatures: Values, *, weights: Sequence[float] = (), apart: Sequence[tuple[int, int]] = ()
) -> tuple[Cluster, ...]:
    """Return the clusters of verified edges, in the order of their least member.

    edges: numbers of texts; signatures: of all texts, (n_texts, n_values), in the order of the numbers.
    weights: similarity of each edge, needed with ``apart``: pairs that are known to be no copies of each other, such as
    variants. A text between two of them goes with the nearer one (``joined_edges``).
    """
    if apart and len(edges):
        edges = joined_edges(edges, weights, apart)
    if not len(edges):
        return ()
    touched = np.unique(edges)
    numbers = np.searchsorted(touched, edges)
    labels = components(len(touched), numbers)
    found: list[Cluster] = []
    by_label = np.argsort(labels, kind="stable")
    bounds = np.flatnonzero(np.diff(labels[by_label])) + 1
    edge_labels = labels[numbers[:, 0]]
    edge_order = np.argsort(edge_labels, kind="stable")
    for group in np.split(by_label, bounds):
        low, high = np.searchsorted(edge_labels[edge_order], [labels[group[0]], labels[group[0]] + 1])
        members = touched[group]
        if len(members) == 2:  # most are; their edge is all there is to check
            found.append(Cluster((int(members[0]), int(members[1])), int(members[0])))
            continue
        found.extend(split_component(members, edges[edge_order[low:high]], signatures[members]))
    return tuple(sorted(found, key=lambda cluster: cluster.members[0]))


def joined_edges(edges: Pairs, weights: Sequence[float], apart: Sequence[tuple[int, int]]) -> Pairs:
    """Return the edges that still join once variants are kept apart.

    Edges are taken from the most similar down; two groups are joined if more edges than pairs kept apart lie between
    them. One copy that lost the name of its place, alike to the variants of every place, joins one of them only.
    Source: greedy agglomeration for correlation clustering (Bansal, Blum, Chawla 2004).
    """
    parent: dict[int, int] = {}
    balance: dict[int, dict[int, int]] = {}
    for pairs, change in ((edges.tolist(), 1), (apart, -1)):
        for left, right in pairs:
            for one, other in ((left, right), (right, left)):
                parent[one] = one
                row = balance.setdefault(one, {})
                row[other] = row.get(other, 0) + change

    def root(each: int) -> int:
        while parent[each] != each:
            parent[each] = parent[parent[each]]
            each = parent[each]
        return each

    order = sorted(zip((-weight for weight in weights), edges.tolist(), strict=True))
    for _, (left, right) in order:
        kept, gone = root(left), root(right)
        if kept == gone or balance[kept].get(gone, 0) <= 0:
            continue
        if len(balance[kept]) < len(balance[gone]):
            kept, gone = gone, kept
        parent[gone] = kept
        for other, value in balance.pop(gone).items():
            balance[other].pop(gone, None)
            if other != kept:
                balance[kept][other] = balance[other][kept] = balance[kept].get(other, 0) + value
    inside = [root(left) == root(right) for left, right in edges.tolist()]
    return edges[np.array(inside, dtype=np.bool_)]


def as_pairs(edges: Sequence[tuple[int, int]]) -> Pairs:
    """Return edges as an array, smaller number first, sorted, without repeats."""
    table = np.array(sorted({(min(edge), max(edge)) for edge in edges}), dtype=np.int64)
    return table.reshape(-1, 2)

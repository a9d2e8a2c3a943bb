"""Band keys in, candidate pairs out; verified edges in, clusters out. Whole arrays, no text, no database.

Texts are numbered in the order of their digests, so nothing here depends on the order of arrival. Candidates share a
band; a crowded band is tied to its first members only, so that a sentence printed by half the corpus costs linear
time. Clusters are the connected components of verified edges, each checked against its medoid: a member that is not
like it is split off, so that a chain of small steps does not join what has nothing in common.
Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4; we differ in verifying every pair, in MAX_BAND and
in the split.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.shingles import Keys, Values

MAX_BAND = 64  # texts in a band that are all compared with each other: 2,016 pairs at most (chosen)
REPRESENTATIVES = 16  # of a more crowded band: its first texts, with which every other is compared (chosen)
NEAR = 0.5  # Jaccard similarity of shingles from which two texts are copies; chosen on the simulator, see the docs
REVIEW = 0.35  # from here up to NEAR a person should look
MARGIN = 0.12  # of an estimate: 2.7 standard errors at .5; nearer to a threshold the shingles themselves are compared
LIKE_MEDOID = 0.35  # least similarity of a member to the medoid of its cluster
MAX_SPLITS = 64  # rounds of splitting one component; what is left after that is left single
_CHUNK = 1 << 16  # pairs compared at once: 2 × 32 MB of signatures

Pairs = NDArray[np.int64]  # (n, 2), smaller number first


@dataclass(frozen=True, slots=True)
class Cluster:
    """Texts that are copies of one another: their numbers, ascending, and the number of the one most like the rest."""

    members: tuple[int, ...]
    medoid: int


def candidate_pairs(keys: Keys, *, max_band: int = MAX_BAND) -> Iterator[Pairs]:
    """Yield, band by band, the pairs of texts that share it, each pair in the first band it shares only.

    keys: (n_texts, n_bands) as ``shingles.band_keys`` gives them, texts in the order of their digests. Bands can be
    worked on apart from each other.
    """
    for band in range(keys.shape[1]):
        pairs = band_pairs(keys[:, band], max_band=max_band)
        if band and len(pairs):
            seen = np.zeros(len(pairs), dtype=np.bool_)
            for start in range(0, len(pairs), _CHUNK):
                part = pairs[start : start + _CHUNK]
                seen[start : start + _CHUNK] = (keys[part[:, 0], :band] == keys[part[:, 1], :band]).any(axis=1)
            pairs = pairs[~seen]
        yield pairs


def band_pairs(column: Keys, *, max_band: int = MAX_BAND, largest: int | None = None) -> Pairs:
    """Return the pairs of equal keys in one band: all of them, or those with the first REPRESENTATIVES of a crowd.

    largest: a band of more texts than that gives no pairs at all.
    """
    order = np.argsort(column, kind="stable")
    ordered = column[order]
    change = np.flatnonzero(np.diff(ordered)) + 1
    starts = np.concatenate([[0], change])
    sizes = np.diff(np.concatenate([starts, [len(ordered)]]))
    found: list[Pairs] = []
    # Groups of one size are one array: no loop over groups, of which there may be a million.
    for size in np.unique(sizes[(sizes > 1) & (sizes <= (largest or len(column)))]).tolist():
        groups = order[starts[sizes == size][:, None] + np.arange(size)]
        left, right = _all_pairs(size) if size <= max_band else _star(size)
        found.append(np.stack([groups[:, left].ravel(), groups[:, right].ravel()], axis=1))
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def _all_pairs(size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    left, right = np.triu_indices(size, 1)
    return left.astype(np.int64), right.astype(np.int64)


def _star(size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    left, right = np.meshgrid(
        np.arange(REPRESENTATIVES, dtype=np.int64), np.arange(size, dtype=np.int64), indexing="ij"
    )
    wanted = left < right
    return left[wanted], right[wanted]


def estimates(signatures: Values, pairs: Pairs) -> NDArray[np.float32]:
    """Return the estimated similarity of each pair, (n_pairs,), in bounded memory."""
    found = np.empty(len(pairs), dtype=np.float32)
    for start in range(0, len(pairs), _CHUNK):
        part = pairs[start : start + _CHUNK]
        same = signatures[part[:, 0]] == signatures[part[:, 1]]
        found[start : start + _CHUNK] = np.count_nonzero(same, axis=1) / signatures.shape[1]
    return found


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
    total = np.zeros(len(signatures), dtype=np.int64)
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


def clusters(edges: Pairs, signatures: Values) -> tuple[Cluster, ...]:
    """Return the clusters of verified edges, in the order of their least member.

    edges: numbers of texts; signatures: of all texts, (n_texts, n_values), in the order of the numbers.
    """
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
        found.extend(split_component(members, edges[edge_order[low:high]], signatures[members]))
    return tuple(sorted(found, key=lambda cluster: cluster.members[0]))


def as_pairs(edges: Sequence[tuple[int, int]]) -> Pairs:
    """Return edges as an array, smaller number first, sorted, without repeats."""
    table = np.array(sorted({(min(edge), max(edge)) for edge in edges}), dtype=np.int64)
    return table.reshape(-1, 2)

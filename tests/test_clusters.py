"""Candidates and clusters: nothing missed in small bands, linear cost in crowded ones, no chain of strangers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.candidates import MAX_BAND, REPRESENTATIVES, band_pairs, candidate_pairs, estimates
from corpus.clusters import Cluster, as_pairs, clusters, components, medoid

edge_lists = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)).filter(lambda edge: edge[0] != edge[1]))


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=12))
def test_candidates_are_the_pairs_that_share_a_band_each_once(rows: list[list[int]]) -> None:
    keys = np.array(rows, dtype=np.uint64)
    signatures = np.zeros((len(rows), 4), dtype=np.uint32)
    found = [tuple(pair) for pair in candidate_pairs(keys.T, signatures).tolist()]
    wanted = {
        (left, right)
        for left, right in itertools.combinations(range(len(rows)), 2)
        if any(a == b for a, b in zip(rows[left], rows[right], strict=True))
    }
    assert len(found) == len(set(found))
    assert set(found) == wanted


def test_bands_worked_on_apart_give_the_candidates_of_all() -> None:
    """So an engine can give each band to another machine; only the pairs are brought together."""
    draw = np.random.default_rng(5)
    keys = draw.integers(0, 40, (300, 6)).astype(np.uint64)
    keys[:150, 2] = 7  # crowded
    signatures = draw.integers(0, 2, (300, 8)).astype(np.uint32)
    apart = [candidate_pairs([column], signatures, 0.5) for column in keys.T[::-1]]
    together = np.unique(np.concatenate(apart), axis=0)
    assert together.tolist() == candidate_pairs(keys.T, signatures, 0.5).tolist()


def test_unlikely_candidates_are_left_out() -> None:
    keys = np.zeros((3, 2), dtype=np.uint64)
    signatures = np.array([[1, 2], [1, 3], [4, 5]], dtype=np.uint32)
    assert candidate_pairs(keys.T, signatures, 0.5).tolist() == [[0, 1]]


def test_a_crowded_band_costs_linear_pairs() -> None:
    size = 50_000
    pairs = band_pairs(np.zeros(size, dtype=np.uint64))
    assert len(pairs) < size * REPRESENTATIVES
    assert components(size, pairs).max() == 0  # and still ties all of it together


def test_a_band_of_the_greatest_size_is_compared_in_full() -> None:
    assert len(band_pairs(np.zeros(MAX_BAND, dtype=np.uint64))) == MAX_BAND * (MAX_BAND - 1) // 2


@settings(deadline=None)
@given(edge_lists)
def test_components_are_those_of_a_walk(edges: list[tuple[int, int]]) -> None:
    labels = components(20, as_pairs(edges))
    parent = list(range(20))
    for _ in range(20):
        for left, right in edges:
            parent[left] = parent[right] = min(parent[left], parent[right])
    assert labels.tolist() == parent


def test_estimates_are_shares_of_equal_values() -> None:
    signatures = np.array([[1, 2, 3, 4], [1, 2, 9, 9]], dtype=np.uint32)
    assert estimates(signatures, np.array([[0, 1], [0, 0]])).tolist() == [0.5, 1.0]


def test_the_medoid_is_the_row_most_like_all_rows() -> None:
    rows = np.array([[1, 1, 1, 1], [1, 1, 1, 9], [1, 1, 8, 9], [7, 7, 7, 7]], dtype=np.uint32)
    mean = (rows[:, None] == rows[None]).mean(axis=(1, 2))
    assert medoid(rows) == int(np.argmax(mean))


def _steps(n_texts: int, step: int, values: int = 100) -> np.ndarray:
    """Signatures of texts that each differ from the one before in ``step`` values."""
    rows = np.zeros((n_texts, values), dtype=np.uint32)
    for row in range(1, n_texts):
        rows[row] = rows[row - 1]
        rows[row, ((row - 1) * step + np.arange(step)) % values] = row
    return rows


def test_a_chain_of_small_steps_is_split() -> None:
    signatures = _steps(9, 30)
    edges = as_pairs([(each, each + 1) for each in range(8)])
    found = clusters(edges, signatures)
    assert len(found) > 1
    for cluster in found:
        like = (signatures[list(cluster.members)] == signatures[cluster.medoid]).mean(axis=1)
        assert like.min() >= 0.35


def test_copies_of_one_text_stay_together() -> None:
    signatures = np.tile(np.arange(10, dtype=np.uint32), (5, 1))
    assert clusters(as_pairs([(0, 1), (1, 2), (2, 4)]), signatures) == (Cluster((0, 1, 2, 4), 0),)


def test_no_edges_give_no_clusters() -> None:
    assert clusters(as_pairs([]), np.zeros((3, 4), dtype=np.uint32)) == ()


@settings(deadline=None, max_examples=60)
@given(edge_lists, st.integers(0, 9))
def test_the_order_of_edges_does_not_matter(edges: list[tuple[int, int]], seed: int) -> None:
    signatures = np.random.default_rng(1).integers(0, 3, (20, 12)).astype(np.uint32)
    ordered = as_pairs(edges)
    shuffled = ordered.copy()
    np.random.default_rng(seed).shuffle(shuffled)
    assert clusters(ordered, signatures) == clusters(shuffled, signatures)


@pytest.mark.parametrize("size", [3000])
def test_a_long_chain_is_split_in_bounded_rounds(size: int) -> None:
    signatures = _steps(size, 40)
    edges = as_pairs([(each, each + 1) for each in range(size - 1)])
    assert len(clusters(edges, signatures)) > 10


def test_a_copy_between_two_variants_joins_the_nearer_one() -> None:
    signatures = np.tile(np.arange(10, dtype=np.uint32), (5, 1))
    edges = np.array([[0, 1], [0, 4], [1, 4], [2, 3], [2, 4], [3, 4]])
    weights = [0.9, 0.8, 0.8, 0.9, 0.7, 0.7]
    apart = [(0, 2), (0, 3), (1, 2), (1, 3)]
    found = clusters(edges, signatures, weights=weights, apart=apart)
    assert [cluster.members for cluster in found] == [(0, 1, 4), (2, 3)]


def test_one_wrong_variant_does_not_split_many_copies() -> None:
    signatures = np.tile(np.arange(10, dtype=np.uint32), (6, 1))
    pairs = [each for each in itertools.combinations(range(6), 2) if each != (0, 5)]
    found = clusters(np.array(pairs), signatures, weights=[0.9] * len(pairs), apart=[(0, 5)])
    assert [cluster.members for cluster in found] == [(0, 1, 2, 3, 4, 5)]


@settings(deadline=None, max_examples=60)
@given(edge_lists, edge_lists, st.integers(0, 9))
def test_the_order_of_edges_does_not_matter_with_variants_kept_apart(
    edges: list[tuple[int, int]], apart: list[tuple[int, int]], seed: int
) -> None:
    signatures = np.zeros((20, 4), dtype=np.uint32)
    ordered = as_pairs(edges)
    weights = np.array([(left * 7 + right) % 5 / 5 for left, right in ordered.tolist()])
    order = np.random.default_rng(seed).permutation(len(ordered))
    first = clusters(ordered, signatures, weights=weights.tolist(), apart=apart)
    assert first == clusters(ordered[order], signatures, weights=weights[order].tolist(), apart=apart[::-1])

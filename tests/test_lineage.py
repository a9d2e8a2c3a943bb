"""Which article stands for a cluster, and where it seems to come from: claims and captures kept apart."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from corpus.lineage import Member, claimed, credible, lineage

PLAIN = Member("a", "one.example", "2025-01-10", 0.9, False, "2025-03-01T00:00:00.000000Z", 900, 0)


def _other(**changes: Any) -> Member:
    return replace(PLAIN, id="b", site="two.example", **changes)


@pytest.mark.parametrize(
    ("other", "canonical", "source", "reason"),
    [
        pytest.param(_other(published="2025-01-01"), "b", "b", "dated", id="earlier date"),
        pytest.param(_other(published="2025-02-01"), "a", "a", "dated", id="later date"),
        pytest.param(_other(), "a", "", "", id="same day tells nothing"),
        pytest.param(_other(length=2000), "b", "", "", id="longest of equals"),
        pytest.param(_other(spam=3, published="2020-01-01"), "a", "a", "dated", id="spam dates back"),
        pytest.param(_other(published="2025-06-01"), "a", "a", "dated", id="dated after its capture"),
        pytest.param(_other(published="2024-01-01", conflict=True), "a", "a", "dated", id="contradicts itself"),
        pytest.param(_other(published="2024-01-01", confidence=0.2), "a", "a", "dated", id="a guess"),
        pytest.param(_other(published="2025"), "a", "a", "dated", id="a vague date does not win"),
        pytest.param(
            _other(published="2024", source_name=""), "b", "b", "dated", id="a vague date that is earlier does"
        ),
        pytest.param(_other(published="2025-01-01", source_name="one.example"), "b", "a", "named", id="source named"),
    ],
)
def test_canonical_and_source(other: Member, canonical: str, source: str, reason: str) -> None:
    found = lineage([PLAIN, other])
    assert (found.canonical, found.source, found.reason) == (canonical, source, reason)
    assert lineage([other, PLAIN]) == found


def test_without_dates_the_first_capture_counts() -> None:
    early = replace(PLAIN, published="", first_captured="2025-02-01T00:00:00.000000Z")
    found = lineage([_other(published=""), early])
    assert (found.canonical, found.source, found.reason) == ("a", "a", "captured")
    assert found.first_published == ""


def test_earliest_capture_and_earliest_claim_are_kept_apart() -> None:
    found = lineage([PLAIN, _other(published="2025-02-01", first_captured="2025-02-15T00:00:00.000000Z")])
    assert found.first_captured == "2025-02-15T00:00:00.000000Z"
    assert found.first_published == "2025-01-10"
    assert found.sites == 2


def test_one_site_has_no_source_elsewhere() -> None:
    assert lineage([PLAIN, replace(PLAIN, id="b", published="2025-01-01")]).source == ""


def test_order_of_members_makes_no_difference() -> None:
    members = [PLAIN, _other(published=""), replace(PLAIN, id="c", site="three.example", spam=3), _other(length=5)]
    assert len({lineage(order) for order in itertools.permutations(members)}) == 1


@pytest.mark.parametrize(
    ("published", "last"),
    [
        pytest.param("2024-12-05", "2024-12-05T15:59:59.000000Z", id="a day ends in China"),
        pytest.param("2024-12-05T12:46:54+08:00", "2024-12-05T04:46:54.000000Z", id="a second"),
        pytest.param("2024-12-05T12:46", "2024-12-05T04:46:00.000000Z", id="no zone is China"),
        pytest.param("someday", "", id="no date"),
        pytest.param("", "", id="empty"),
    ],
)
def test_last_moment_of_a_claim(published: str, last: str) -> None:
    assert claimed(replace(PLAIN, published=published)) == last


@pytest.mark.parametrize("published", ["someday", "0001-01-01", "9999-12-31", "2024-99-99", "2024-12-05T99:00", "٢٠٢٤"])
def test_odd_dates_are_judged_without_error(published: str) -> None:
    assert credible(replace(PLAIN, published=published)) in (True, False)

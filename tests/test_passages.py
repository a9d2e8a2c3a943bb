"""The project's own passages: enough of them, every cell, no family on both sides, the same ones each time."""

from __future__ import annotations

from itertools import combinations

import pytest

from classify import codebook, forms
from classify.passages import LONGEST, SHORTEST, compose, families
from corpus import damage
from corpus.restore import restore

PASSAGES = compose()


def test_there_are_at_least_three_thousand_different_ones_of_the_asked_length() -> None:
    assert len({p.text for p in PASSAGES}) >= 3_000
    assert all(SHORTEST <= len(p.text) <= LONGEST for p in PASSAGES)


def test_a_fifth_of_the_families_is_held_out_and_none_is_on_both_sides() -> None:
    held = {p.family for p in PASSAGES if p.held_out}
    assert not held & {p.family for p in PASSAGES if not p.held_out}
    assert 0.15 <= len(held) / len(families()) <= 0.25


@pytest.mark.parametrize("scheme", ["scope", "topic", "genre", "intent", "spam"])
def test_every_code_occurs_on_both_sides(scheme: str) -> None:
    for held_out in (True, False):
        assert {f.labels_of(scheme) for f in families() if f.held_out is held_out} == set(codebook.values(scheme))


def test_every_second_level_code_occurs() -> None:
    assert {f.labels_of("subtopic") for f in families()} == set(codebook.values("subtopic"))


def test_composing_again_gives_the_same_passages() -> None:
    assert compose() == PASSAGES


def test_families_differ_in_wording() -> None:
    """No two families share most of their sentences: what is held out is not what was trained on."""
    wordings = {f.id: {w for _, options in f.sentences for w in options if len(w) > 8} for f in families()}
    for (one, first), (other, second) in combinations(wordings.items(), 2):
        assert len(first & second) <= 2, (one, other)


def test_no_real_number_stands_in_a_passage() -> None:
    assert not any(part.isdigit() and len(part) == 11 and part[0] == "1" for p in PASSAGES for part in p.text.split())


@pytest.mark.parametrize("form", forms.FORMS)
def test_damage_shows_and_is_the_same_each_time(form: str) -> None:
    sample = PASSAGES[:600:25]
    copies = [forms.damaged(p, form) for p in sample]
    assert [forms.damaged(p, form) for p in sample] == copies
    assert any(copy.text != p.text for copy, p in zip(copies, sample, strict=True))


def test_restoration_gives_converted_passages_back() -> None:
    text = PASSAGES[0].text
    assert restore(damage.convert_by_character(text)).text == restore(text).text

"""Insertions: what sells changes who speaks and spam, what is injected spam alone, and no fold is crossed."""

from __future__ import annotations

import re

import numpy as np
import pytest

from classify.codebook import MODEL_SCHEMES, values
from classify.insertions import CHANGED, grafted, insertions, told
from classify.passages import LONGEST, Labelled, compose, fold_of, slots

PLAIN = [p for p in compose() if not p.held_out]
GRAFTED = tuple(grafted(PLAIN))
BEFORE = {p.id: p for p in PLAIN}


def before(copy: Labelled) -> Labelled:
    return BEFORE[copy.id.rpartition("/")[0]]


def of_kind(kind: str) -> list[Labelled]:
    return [copy for copy in GRAFTED if copy.id.endswith(f"/{kind}")]


@pytest.mark.parametrize("kind", CHANGED)
def test_insertions_are_many_and_of_all_kinds(kind: str) -> None:
    assert sum(each.kind == kind for each in insertions()) >= 150
    assert len({each.id for each in insertions()}) == len(insertions())


def test_every_slot_of_an_insertion_has_fillers() -> None:
    named = {name for each in insertions() for text in each.wordings for name in re.findall(r"\{([^{}]*)\}", text)}
    assert named <= slots().keys()


def test_only_articles_of_farms_that_sell_nothing_get_offers() -> None:
    for copy in [*of_kind("sell"), *of_kind("tell")]:
        assert dict(before(copy).labels).items() >= {"genre": "farm", "intent": "other", "spam": "1"}.items()


def test_honest_passages_of_any_genre_are_injected() -> None:
    assert {before(copy).label("spam") for copy in of_kind("inject")} == {"0", "1"}
    assert len({copy.label("genre") for copy in of_kind("inject")}) >= 7


@pytest.mark.parametrize("kind", CHANGED)
def test_what_an_insertion_changes(kind: str) -> None:
    assert len(of_kind(kind)) > 100
    for copy in of_kind(kind):
        assert dict(copy.labels) == {**dict(before(copy).labels), **CHANGED[kind]}
        assert not copy.held_out


def test_the_passage_stays_around_what_is_inserted() -> None:
    for copy in GRAFTED:
        kept = iter(copy.text)
        assert all(character in kept for character in before(copy).text.strip()[: LONGEST - 200])
        assert (copy.title, copy.text) != (before(copy).title, before(copy).text)
        assert len(copy.text) <= LONGEST


def test_an_insertion_is_of_its_passages_fold() -> None:
    folds = {text: fold_of(each.id) for each in insertions() for text in each.wordings if "{" not in text}
    for copy in of_kind("inject"):
        new = [fold for text, fold in folds.items() if text in copy.text and text not in before(copy).text]
        assert not new or fold_of(copy.family) in new


def test_the_same_passages_give_the_same_copies() -> None:
    assert tuple(grafted(PLAIN)) == GRAFTED


def test_insertions_tell_the_sentences_what_they_are() -> None:
    columns = [(scheme, code) for scheme in MODEL_SCHEMES for code in values(scheme)]
    found, kinds = told(), [each.kind for each in insertions() for _ in each.wordings]
    assert len(found.found) == len(kinds)
    for kind in CHANGED:
        rows = np.flatnonzero(np.array(kinds) == kind)
        weighed = {columns[i][0] for i in np.flatnonzero(found.weight[rows].any(axis=0))}
        assert weighed == {"sell": {"intent", "spam"}, "tell": {"intent", "spam"}, "inject": {"spam"}}[kind]
        assert {columns[i] for i in np.flatnonzero((found.wanted[rows] > 0).any(axis=0))} == set(CHANGED[kind].items())

"""Points fitted to rulings: signs, enough rulings, better than by hand where the hand is wrong."""

from __future__ import annotations

import random

import pytest

from corpus.errors import InputError
from corpus.site_fit import LEAST_RULINGS, NOT_FITTED, Ruled, fit_points
from corpus.site_score import POINTS


def made(count: int = 300, seed: int = 0) -> list[Ruled]:
    """Sites whose rulings follow from "kit" and "holes"; "cadence" is high on honest sites, against its sign."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        spam = number % 2 == 0
        values = {
            "kit": chance.uniform(0.4, 1.0) if spam and chance.random() < 0.7 else 0.0,
            "holes": chance.uniform(0.3, 1.0) if spam else 0.0,
            "cadence": 0.0 if spam else 1.0,
            "reuse": float(spam),
        }
        found.append(Ruled(f"site{number}.test", spam, tuple(values.items()), f"group{number // 3}"))
    return found


def test_too_few_rulings_leave_the_points_as_they_are() -> None:
    with pytest.raises(InputError, match="200 rulings"):
        fit_points(made(LEAST_RULINGS - 1))


def test_rulings_of_one_kind_alone_teach_nothing() -> None:
    with pytest.raises(InputError, match="hand-set points stay"):
        fit_points([Ruled(each.site, True, each.values, each.group) for each in made()])


def test_signs_stay() -> None:
    points = fit_points(made()).points
    assert all(points[name] * hand >= 0 for name, hand in POINTS.items())
    assert points["cadence"] < POINTS["cadence"]


def test_fitted_points_find_more_than_the_hand_set_ones() -> None:
    fitted = fit_points(made())
    assert fitted.recall > fitted.hand_recall
    assert fitted.precision >= 0.98


def test_what_rulings_are_made_of_is_not_fitted_and_what_they_never_show_stays() -> None:
    points = fit_points(made()).points
    for name in (*NOT_FITTED, "stuffing", "cloaking", "trust"):
        assert points[name] == POINTS[name]


def test_the_order_of_rulings_makes_no_difference() -> None:
    rows = made()
    assert fit_points(rows[::-1]) == fit_points(rows)

"""Points fitted to rulings: a logistic model with fixed signs, held near the hand-set points, rounded.

Rulings in, points and what they are worth out. A point keeps its sign (only trust lowers a score), and ridge pulls it
towards the hand-set value, so that 200 rulings move what they speak about and leave the rest. ``reuse`` is not fitted:
it is made of rulings. Quality is measured on networks that were held out, since pages of one maker are alike.
Source: dedup_spam.md section C ("Combining", "Honest evaluation").
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from corpus.errors import InputError
from corpus.site_features import FEATURES
from corpus.site_score import MIDDLE, POINTS, UNIT

LEAST_RULINGS = 200  # sites ruled spam or not, from which points may be fitted (issue 8)
LEAST_EACH = 30  # of each of the two
PULL = 2.0  # weight of the hand-set points: as much as so many rulings (chosen)
FOLDS = 5
NOT_FITTED = frozenset({"reuse"})
NAMES = tuple(name for name, *_ in FEATURES)


@dataclass(frozen=True, slots=True)
class Ruled:
    """A site that a person ruled on: values of its features as seen then; ``group``: its network, or itself."""

    site: str
    spam: bool
    values: tuple[tuple[str, float], ...]
    group: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """Points by feature and "middle"; precision and recall at .5 on held-out networks, and of the hand-set points."""

    points: dict[str, float]
    rulings: int
    precision: float
    recall: float
    hand_precision: float
    hand_recall: float


def fit_points(ruled: Sequence[Ruled]) -> Fitted:
    """Return points fitted to rulings; the order of rulings makes no difference.

    Raises: InputError, for fewer than LEAST_RULINGS rulings or LEAST_EACH of one kind.
    """
    spam = sum(each.spam for each in ruled)
    if len(ruled) < LEAST_RULINGS or min(spam, len(ruled) - spam) < LEAST_EACH:
        raise InputError(
            f"points are fitted to {LEAST_RULINGS} rulings, {LEAST_EACH} of them 'flag' and 'clear' at least; there are "
            f"{spam} and {len(ruled) - spam}: the hand-set points stay"
        )
    ordered = sorted(ruled, key=lambda each: each.site)
    values = np.array([[dict(each.values).get(name, 0.0) for name in NAMES] for each in ordered])
    truth = np.array([each.spam for each in ordered])
    folds = np.array([_fold(each.group) for each in ordered])
    held_out = np.zeros(len(ordered))
    for fold in range(FOLDS):
        inside = folds == fold
        if inside.any() and len(set(truth[~inside])) == 2:
            held_out[inside] = _score(values[inside], _fit(values[~inside], truth[~inside]))
    fitted = _fit(values, truth)
    hand = _score(values, _hand())
    return Fitted(fitted, len(ordered), *_quality(held_out, truth), *_quality(hand, truth))


def _fit(values: NDArray[np.float64], truth: NDArray[np.bool_]) -> dict[str, float]:
    hand = np.array([POINTS[name] for name in NAMES] + [-MIDDLE]) / UNIT
    signs = np.where(values.any(axis=0), 1.0, 0.0)
    columns = np.hstack([values, np.ones((len(values), 1))])
    target = truth.astype(np.float64)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = columns @ weights
        chance = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        apart = weights - hand
        value = float(np.logaddexp(0, np.where(target > 0, -odds, odds)).sum() + 0.5 * PULL * (apart**2).sum())
        return value, columns.T @ (chance - target) + PULL * apart

    bounds: list[tuple[float | None, float | None]] = []
    for name, weight, seen in zip(NAMES, hand, signs, strict=False):
        if name in NOT_FITTED or not seen:
            bounds.append((float(weight), float(weight)))
        else:
            bounds.append((None, 0.0) if POINTS[name] < 0 else (0.0, None))
    bounds.append((None, 0.0))
    found = minimize(loss, hand, jac=True, method="L-BFGS-B", bounds=bounds).x
    points = {name: float(round(weight * UNIT)) for name, weight in zip(NAMES, found, strict=False)}
    return {**points, "middle": float(round(-found[-1] * UNIT))}


def _hand() -> dict[str, float]:
    return {**POINTS, "middle": MIDDLE}


def _score(values: NDArray[np.float64], points: dict[str, float]) -> NDArray[np.float64]:
    total = values @ np.array([points[name] for name in NAMES])
    return np.asarray(1 / (1 + np.exp(-(total - points["middle"]) / UNIT)))


def _quality(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, float]:
    flagged = scores >= 0.5
    caught = int((flagged & truth).sum())
    return round(caught / max(1, int(flagged.sum())), 4), round(caught / max(1, int(truth.sum())), 4)


def _fold(group: str) -> int:
    return hashlib.blake2b(group.encode(), digest_size=2).digest()[0] % FOLDS

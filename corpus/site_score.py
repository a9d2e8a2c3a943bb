"""Points: how the features of a site add up to a score in 0..1, and to a verdict that a person has to confirm.

A sign-constrained logistic model in the form of points: ten points are one unit of log-odds, ``MIDDLE`` points are a
score of .5. The hand-set points hold until a moderator adopts points fitted to at least 200 rulings
(``corpus.site_fit``). Machine-made text is context: it adds at most as much as all other evidence together.
Source: dedup_spam.md section C ("Combining").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.site_features import CONTEXT, FAMILY, MIN_PAGES, Feature

VERSION = "site-score/1"
UNIT = 10.0  # points per unit of log-odds
MIDDLE = 50.0  # points at which the score is .5
REVIEW = 0.5  # from here on a person should look
BLOCK = 0.9  # from here on a person may rule to block, given BLOCK_FAMILIES
BLOCK_FAMILIES = 2  # independent families of evidence (text, entities, serving, behaviour)
FAMILY_POINTS = 10.0  # points from which a family of evidence counts

# Hand-set. Signs are fixed: only trust lowers a score.
POINTS: dict[str, float] = {
    "variants": 36,
    "copies": 22,
    "slot-titles": 24,
    "holes": 20,
    "kit": 38,
    "slips": 12,
    "scaffold": 16,
    "redundancy": 22,
    "links": 18,
    "cadence": 14,
    "off-topic": 30,
    "stuffing": 44,
    "cloaking": 34,
    "wildcard": 24,
    "reuse": 36,
    "trust": -80,
}


@dataclass(frozen=True, slots=True)
class SiteScore:
    """``score`` 0..1, or None for too few pages; ``points`` in the order of the features; families that count;
    verdict: insufficient | none | review | block-candidate (a person's ruling decides)."""

    score: float | None
    points: tuple[float, ...]
    total: float
    families: tuple[str, ...]
    verdict: str


def score_site(features: Sequence[Feature], pages: int, points: Mapping[str, float] | None = None) -> SiteScore:
    """Return the score of a site from its features and the number of its pages; ``points`` may move the "middle"."""
    table = POINTS if points is None else points
    if pages < MIN_PAGES:
        return SiteScore(None, (0.0,) * len(features), 0.0, (), "insufficient")
    each = [round(table.get(feature.name, 0.0) * feature.value, 1) for feature in features]
    grounds = sum(
        value for feature, value in zip(features, each, strict=True) if feature.name not in CONTEXT and value > 0
    )
    for index, feature in enumerate(features):
        if feature.name in CONTEXT:
            each[index] = min(each[index], round(grounds, 1))
    total = round(sum(each), 1)
    score = round(1 / (1 + math.exp(-(total - table.get("middle", MIDDLE)) / UNIT)), 4)
    families = evidence_families(features, each)
    verdict = "none"
    if score >= BLOCK and len(families) >= BLOCK_FAMILIES:
        verdict = "block-candidate"
    elif score >= REVIEW:
        verdict = "review"
    return SiteScore(score, tuple(each), total, families, verdict)


def evidence_families(features: Sequence[Feature], points: Sequence[float]) -> tuple[str, ...]:
    """Return the independent families whose features reach FAMILY_POINTS together, sorted; context counts for none."""
    sums: dict[str, float] = {}
    for feature, value in zip(features, points, strict=True):
        if feature.name not in CONTEXT and value > 0:
            family = FAMILY[feature.name]
            sums[family] = sums.get(family, 0.0) + value
    return tuple(sorted(family for family, value in sums.items() if value >= FAMILY_POINTS))

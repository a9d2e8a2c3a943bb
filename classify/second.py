"""The second answer: what the first answers of all schemes and the single sentences of a text say together.

Stacked generalisation (Wolpert 1992). In go the first answers and the strongest and mean score of each code over the
sentences, out come the final probabilities: the forests' and the first ones averaged, calibrated once more. What a page is
about (scope, topic) keeps its first answer: there the forests gain .003 on own passages and lose it on other people's texts
(app descriptions ranked by scope .76 to .80 from one training set to the next, by first answers .78 to .79).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classify.forest import Forest, forest_answers

ASKED = ("genre", "intent", "spam")  # schemes that are answered twice
FOREST_SHARE = 0.8  # of the final answer; the rest is the first (cross-validated by family)
FLOOR = 1e-4  # probabilities below count as this one


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """What the second answer needs.

    weights: of sentences, shape (n_columns of pairs and words, n_codes), whole numbers of 16 bits, times scale; scale, bias:
    shape (n_codes,). temperature: of each scheme in ASKED.
    """

    weights: NDArray[np.int16]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    forest: Forest
    temperature: tuple[float, ...]


def second_inputs(first: NDArray[np.float64], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the forests ask about: first answers of all schemes, shape (..., n_codes), and pooled scores."""
    return np.concatenate((np.log(first + FLOOR), scores), axis=-1).astype(np.float32)


def second_answers(
    second: Second, first: Mapping[str, NDArray[np.float64]], scores: NDArray[np.float32]
) -> dict[str, NDArray[np.float64]]:
    """Return the final probabilities of each scheme, shape (n_codes of the scheme,), summing to 1, in the order of first."""
    grown = forest_answers(second.forest, second_inputs(np.concatenate(list(first.values())), scores))
    found = dict(first)
    for scheme, share, temperature in zip(ASKED, grown, second.temperature, strict=True):
        found[scheme] = tempered(blended(first[scheme], share), temperature)
    return found


def blended(first: NDArray[np.float64], grown: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the weighted mean of both answers."""
    return (1 - FOREST_SHARE) * first + FOREST_SHARE * grown


def tempered(shares: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return probabilities to the power of 1 / temperature, summing to 1 along the last axis again."""
    raised: NDArray[np.float64] = (shares + FLOOR) ** (1 / temperature)
    raised /= raised.sum(axis=-1, keepdims=True)
    return raised

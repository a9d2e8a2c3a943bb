"""The first answers: every code is one ridge regression on +1 and -1 (regularised least squares: Rifkin 2002), in the dual.

All codes of a scheme share one factorisation; logistic regression loses three points of topic and is slower. To the linear
kernel comes a Gaussian one of the texts' vectors, by Nystroem's method with the families' centres as landmarks: random
Fourier features need thousands to do as well. Scores out of fold (``passages.fold_of``) come from models that saw no
sentence of the tested family, and its centre is no landmark; they set the temperatures and teach the forests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix

from classify.model import nearness, softmax
from classify.passages import FOLDS, fold_of

PENALTY = 3.0  # of the squared weights; the same from 2 to 3 (cross-validated by family)
NEAR_WEIGHT = 2.0  # of the Gaussian kernel beside the linear one; the same from 2 to 4 (cross-validated by family)
JITTER = 1e-3  # on the diagonal of the landmarks' kernel
BALANCE = 0.6  # exponent of the codes' weights: 0 counts passages, 1 counts codes the same (cross-validated by family)
LARGEST = 32_767  # of 16-bit weights
NEVER = -2.0  # bias of a code without a passage: it never wins


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """The linear kernel of all passages, shape (n, n), and what the Gaussian one needs: their vectors and families."""

    linear: NDArray[np.float32]
    vectors: NDArray[np.float32]
    families: tuple[str, ...]

    def near(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return (kernel of all passages, centres of the families of the rows, (n_centres, n) to turn dual weights into
        the centres' pull).
        """
        middle = centres(self.vectors[rows], [self.families[i] for i in rows])
        at = nearness(self.vectors, middle).astype(np.float64)
        between = nearness(middle, middle).astype(np.float64) + JITTER * np.eye(len(middle))
        of_centres = NEAR_WEIGHT * cho_solve(cho_factor(between, check_finite=False), at.T)
        return self.linear + (at @ of_centres).astype(np.float32), middle, of_centres.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What one scheme or pair asks. rows: the passages with an answer, shape (n,); code: their codes; weight: of each;
    counted: the same, before rare codes are raised; size: number of codes.
    """

    rows: NDArray[np.int64]
    code: NDArray[np.int64]
    weight: NDArray[np.float64]
    counted: NDArray[np.float64]
    size: int


def target_of(
    answers: Sequence[tuple[str, ...]], listed: Sequence[tuple[str, ...]], weight: NDArray[np.float64]
) -> Target:
    rows = np.array([i for i, answer in enumerate(answers) if all(answer)])  # a ruling need not answer every scheme
    code = np.array([listed.index(answers[i]) for i in rows])
    exponent = BALANCE if len(listed[0]) == 1 else 0.0
    raised = balanced(weight[rows], code, len(listed), exponent)
    return Target(rows, code, raised, weight[rows], len(listed))


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """What was learned of one scheme or pair.

    coefficients: shape (n_columns, n_codes); bias: shape (n_codes,); pull: shape (n_centres, n_codes). shares: calibrated
    out-of-fold probabilities, shape (n_passages, n_codes).
    """

    coefficients: NDArray[np.float32]
    bias: NDArray[np.float32]
    pull: NDArray[np.float32]
    temperature: float
    shares: NDArray[np.float64]


def head_of(
    target: Target,
    held: NDArray[np.float64],
    design: csr_matrix,
    gram: NDArray[np.float32],
    of_centres: NDArray[np.float32],
) -> Head:
    rows = target.rows
    temperature = best_temperature(held[rows], target.code, target.counted)
    dual = _solve(gram[np.ix_(rows, rows)], target.code, target.weight, target.size)
    seen = np.bincount(target.code, minlength=target.size) > 0
    bias = np.where(seen, dual.sum(axis=0), np.float32(NEVER))
    return Head(
        design[rows].T @ dual,
        bias.astype(np.float32),
        of_centres[:, rows] @ dual,
        temperature,
        softmax(held / temperature),
    )


def balanced(weight: NDArray[np.float64], target: NDArray[np.int64], size: int, exponent: float) -> NDArray[np.float64]:
    """Return the weights with rare codes raised: 0 counts passages, 1 counts codes the same."""
    counts = np.maximum(1, np.bincount(target, minlength=size))
    raised: NDArray[np.float64] = weight * ((len(target) / counts / size) ** exponent)[target]
    return raised


def _solve(
    gram: NDArray[np.float32], target: NDArray[np.int64], weight: NDArray[np.float64], size: int
) -> NDArray[np.float32]:
    """Return the dual weights, shape (n_passages, size): scores of new passages are their products with the rows."""
    system = gram.copy()
    system[np.diag_indices_from(system)] += (PENALTY / weight).astype(np.float32)
    signs = np.where(np.arange(size) == target[:, None], np.float32(1), np.float32(-1))
    found: NDArray[np.float32] = cho_solve(cho_factor(system, overwrite_a=True, check_finite=False), signs)
    return found


def out_of_fold(kernel: Kernel, targets: Sequence[Target]) -> list[NDArray[np.float64]]:
    """Return for each target the scores of all passages by models that saw no passage of their fold, shape (n, size)."""
    folds = np.array([fold_of(family) for family in kernel.families])
    found = [np.zeros((len(folds), target.size)) for target in targets]
    for number in range(FOLDS):
        test = np.flatnonzero(folds == number)
        if not len(test) or len(test) == len(folds):
            continue
        gram, *_ = kernel.near(np.flatnonzero(folds != number))
        for target, scores in zip(targets, found, strict=True):
            train = np.flatnonzero(folds[target.rows] != number)
            if len(train):
                seen = target.rows[train]
                dual = _solve(gram[np.ix_(seen, seen)], target.code[train], target.weight[train], target.size)
                scores[test] = gram[np.ix_(test, seen)] @ dual
    return found


def best_temperature(scores: NDArray[np.float64], target: NDArray[np.int64], weight: NDArray[np.float64]) -> float:
    """Return the temperature of least log loss on out-of-fold scores."""

    def loss(log_temperature: float) -> float:
        part = scores / np.exp(log_temperature)
        part = part - part.max(axis=1, keepdims=True)
        chosen = part[np.arange(len(target)), target] - np.log(np.exp(part).sum(axis=1))
        return float(-(weight * chosen).sum())

    return round(float(np.exp(minimize_scalar(loss, bounds=(-4, 2), method="bounded").x)), 4)


def centres(vectors: NDArray[np.float32], families: Sequence[str]) -> NDArray[np.float32]:
    """Return the direction of each family's passages, shape (n_families, DIMENSIONS), by the order of their names."""
    names, inverse = np.unique(np.array(families), return_inverse=True)
    total = np.zeros((len(names), vectors.shape[1]), dtype=np.float64)
    np.add.at(total, inverse, vectors)
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)
    # float16 is what the file holds; training must see the same numbers.
    return total.astype(np.float16).astype(np.float32)


def in_16_bits(weights: NDArray[np.float32]) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """Return (whole numbers, what they are times) of weights, shape (n, n_codes), each code by itself."""
    scale = (np.abs(weights).max(axis=0) / LARGEST).astype(np.float32)
    return np.round(weights / np.maximum(scale, 1e-12)).astype(np.int16), scale

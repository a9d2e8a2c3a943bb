"""What single sentences say: an article that informs for a page and sells in one line is an offer, and only that line says so.

Every sentence is scored for every code by a linear model of its words and character pairs, learnt from sentences that
bear the labels of their passage (multiple-instance learning: Dietterich et al. 1997; the strongest sentence speaks for
the text: Andrews et al. 2002). The strongest and the mean score of each code go to the forests (``classify.forest``).
Choosing the sentences that earn their label and learning from them alone, as Andrews et al. do, loses: it was measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

LEAST = 10  # characters of a sentence; a shorter one is joined to the next
PENALTY = 3.0  # of the squared weights
ROUNDS = 40  # of conjugate gradients; the scores have settled by then
_END = re.compile(r"[。！？!?；;\n]")


@dataclass(frozen=True, slots=True)
class Sentences:
    """The words and character pairs of title and text by sentence.

    buckets: shape (n,), pairs then words; owners: shape (n,), the sentence of each, ascending among pairs and among words;
    pairs: how many of them are pairs; count: number of sentences.
    """

    buckets: NDArray[np.int64]
    owners: NDArray[np.int64]
    pairs: int
    count: int


def sentence_starts(text: str) -> list[int]:
    """Return where each sentence starts: after a full stop, question or exclamation mark, semicolon or line break."""
    starts = [0]
    for match in _END.finditer(text):
        if match.end() - starts[-1] >= LEAST:
            starts.append(match.end())
    if len(starts) > 1 and len(text) - starts[-1] < LEAST:
        starts.pop()
    return starts


def sentence_rows(sentences: Sentences, columns: NDArray[np.int32], idf: NDArray[np.float32], first: int) -> csr_matrix:
    """Return one row a sentence, shape (count, len(idf)): idf of what the model knows; pairs and words of length 1 each.

    columns: shape (BUCKETS,), -1 for a bucket the model does not know; first: column that the first of idf stands for.
    """
    column = columns.take(sentences.buckets) - first
    known = np.flatnonzero(column >= 0)
    kept, owners = column.take(known), sentences.owners.take(known)
    value = idf.take(kept)
    part = owners * 2 + (known >= sentences.pairs)
    length = np.sqrt(np.bincount(part, value * value)).astype(np.float32)
    order = np.argsort(owners, kind="stable")
    pointers = owners.take(order).searchsorted(np.arange(sentences.count + 1))
    data = (value / length.take(part)).take(order)
    return csr_matrix((data, kept.take(order), pointers), shape=(sentences.count, len(idf)))


def pooled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the strongest and the mean score of each code over the sentences of a text, shape (2 * n_codes,).

    scores: shape (n_sentences, n_codes).
    """
    found: NDArray[np.float32] = np.concatenate((scores.max(axis=0), scores.mean(axis=0)))
    return found


def fit_sentences(
    rows: csr_matrix, targets: NDArray[np.float32], weight: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (weights, bias) of the least squares on targets, shape (n_rows, n_codes), by conjugate gradients.

    targets: +1 where the passage of the sentence has the code, else -1; weight: the same shape, 0 where it is not known.
    """
    ones = csr_matrix(np.ones((rows.shape[0], 1), dtype=np.float32))
    design = hstack([rows, ones], format="csr")
    turned = design.T.tocsr()
    found = np.zeros((design.shape[1], targets.shape[1]), dtype=np.float32)
    rest = turned @ (weight * targets)
    step = rest.copy()
    size = (rest * rest).sum(axis=0)
    for _ in range(ROUNDS):
        image = turned @ (weight * (design @ step)) + PENALTY * step
        length = size / np.maximum((step * image).sum(axis=0), 1e-12)
        found += length * step
        rest -= length * image
        grown = (rest * rest).sum(axis=0)
        step = rest + (grown / np.maximum(size, 1e-12)) * step
        size = grown
    return found[:-1], found[-1]

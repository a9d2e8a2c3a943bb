"""What single sentences say: an article that informs for a page and sells in one line is an offer, and only that line says so.

Every sentence is scored for every code by a linear model of its words and character pairs, learnt from sentences that
bear the labels of their passage (multiple-instance learning: Dietterich et al. 1997; the strongest sentence speaks for
the text: Andrews et al. 2002). The strongest and the mean score of each code go to the forests (``classify.forest``).
Choosing the sentences that earn their label and learning from them alone, as Andrews et al. do, loses: it was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from classify.hashing import code_classes

LEAST = 10  # characters of a sentence; a shorter one is joined to the next
PENALTY = 3.0  # of the squared weights
ROUNDS = 40  # of conjugate gradients; the scores have settled by then
ENDS = "。！？!?；;\n"


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
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    starts = [0]
    for end in (_ends().take(codes, mode="clip").nonzero()[0] + 1).tolist():
        if end - starts[-1] >= LEAST:
            starts.append(end)
    if len(starts) > 1 and len(text) - starts[-1] < LEAST:
        starts.pop()
    return starts


@cache
def _ends() -> NDArray[np.uint8]:
    return code_classes((ENDS,))


def sentence_rows(sentences: Sentences, columns: NDArray[np.int32], idf: NDArray[np.float32], first: int) -> csr_matrix:
    """Return one row a sentence, shape (count, len(idf)): idf of what the model knows; pairs and words of length 1 each.

    columns: shape (BUCKETS,), -1 for a bucket the model does not know; first: column that the first of idf stands for.
    """
    halves = _halves(sentences, columns, idf, first)
    return halves[: sentences.count] + halves[sentences.count :]


def sentence_scores(
    sentences: Sentences,
    columns: NDArray[np.int32],
    idf: NDArray[np.float32],
    first: int,
    weights: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the product of ``sentence_rows`` and weights, shape (count, n_codes), without building the rows."""
    scores = _halves(sentences, columns, idf, first) @ weights
    found: NDArray[np.float32] = scores[: sentences.count] + scores[sentences.count :]
    return found


def _halves(sentences: Sentences, columns: NDArray[np.int32], idf: NDArray[np.float32], first: int) -> csr_matrix:
    """Return a row for the pairs of each sentence, then one for the words of each: so they are in order as they come."""
    column = columns.take(sentences.buckets) - first
    known = (column >= 0).nonzero()[0]
    kept = column.take(known)
    value = idf.take(kept)
    part = sentences.owners.take(known)
    part[known.searchsorted(sentences.pairs) :] += sentences.count
    length = np.sqrt(np.bincount(part, value * value)).astype(np.float32)
    ends = part.searchsorted(np.arange(2 * sentences.count + 1))
    pointers = ends.astype(np.int32)  # as the columns: none is converted
    return csr_matrix((value / length.take(part), kept, pointers), shape=(2 * sentences.count, len(idf)))


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

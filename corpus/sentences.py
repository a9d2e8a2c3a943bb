"""Texts in, hashes of their sentences out: what finds the half that was copied.

A text of which half is taken from elsewhere has a low Jaccard similarity to its source, but shares whole sentences.
Sentences below ``MIN_SENTENCE`` letters, quotations and statutes are left out; so are, by the reader of the index,
sentences that more than ``MAX_TEXTS`` texts share: set phrases, not copies. Numbers are not masked, since reports of
two days would then be copies of each other.
Source: sentence and line hashes as in CCNet (Wenzek et al. 2019) and C4; the limits are measured in docs/duplicates.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.candidates import band_pairs
from corpus.letters import STOP, Letters, letters
from corpus.quotations import quotations

MIN_SENTENCE = 12  # letters; shorter ones are set phrases
MAX_TEXTS = 200  # texts that share a sentence before it counts as nobody's own
MAX_SENTENCES = 2_000  # of one text, the first; bounds a page of many lines
PARTIAL = 0.25  # share of the shorter text's sentences, by letters, from which it is a partial copy
MIN_SHARED = 3  # sentences shared, and
MIN_SHARED_LETTERS = 120  # letters in them; or
MOSTLY = 0.6  # share from which fewer and shorter ones are enough: a short post copied whole into another
MIN_MOSTLY_LETTERS = 30

_MIX = np.uint64(0x9E3779B97F4A7C15)
_KEY_BITS = np.uint64(17)  # 47 bits are kept: six bytes in SQLite


@dataclass(frozen=True, slots=True)
class Sentences:
    """The distinct sentences of a text: hashes ascending, (n,), 47 bits, and the letters in each, (n,)."""

    hashes: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @property
    def total(self) -> int:
        """Letters in all sentences."""
        return int(self.lengths.sum())


def sentences(texts: Sequence[str]) -> list[Sentences]:
    """Return the sentences of each text, its quotations left out."""
    return sentences_of(letters(texts), texts)


def sentences_of(batch: Letters, texts: Sequence[str]) -> list[Sentences]:
    """Return the same of texts whose letters are known."""
    cuts = batch.kept_before[np.flatnonzero(batch.raw == STOP)]
    quoted = _quoted(batch, texts)
    marked = np.zeros(len(batch.codes) + 1, dtype=np.bool_)
    for bounds_of in (cuts, batch.starts, quoted.ravel()):
        marked[bounds_of] = True
    bounds = np.flatnonzero(marked)
    starts, lengths = bounds[:-1], np.diff(bounds)
    if not len(starts):
        return [Sentences(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)) for _ in texts]
    place = np.arange(len(batch.codes)) - np.repeat(starts, lengths)
    mixed = (batch.codes.astype(np.uint64) | (place.astype(np.uint64) << np.uint64(16))) * _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    mixed ^= mixed >> np.uint64(32)
    hashes = (np.add.reduceat(mixed, starts) * _MIX >> _KEY_BITS).astype(np.int64)
    # Inside a quotation as many have begun as not yet ended, plus one.
    open_at = np.searchsorted(quoted[:, 0], starts, "right") - np.searchsorted(quoted[:, 1], starts, "right")
    wanted = (lengths >= MIN_SENTENCE) & (open_at == 0)
    starts, lengths, hashes = starts[wanted], lengths[wanted], hashes[wanted]
    owner = np.searchsorted(batch.starts, starts, "right") - 1
    first = np.searchsorted(starts, batch.starts)
    within = np.arange(len(starts)) - first[owner] < MAX_SENTENCES
    owner, lengths, hashes = owner[within], lengths[within], hashes[within]
    order = np.lexsort((hashes, owner))
    owner, lengths, hashes = owner[order], lengths[order], hashes[order]
    distinct = np.ones(len(owner), dtype=np.bool_)
    distinct[1:] = (owner[1:] != owner[:-1]) | (hashes[1:] != hashes[:-1])
    owner, lengths, hashes = owner[distinct], lengths[distinct], hashes[distinct]
    edges = np.searchsorted(owner, np.arange(len(texts) + 1)).tolist()
    return [Sentences(hashes[low:high], lengths[low:high]) for low, high in itertools.pairwise(edges)]


def _quoted(batch: Letters, texts: Sequence[str]) -> NDArray[np.int64]:
    """Spans of the batch's codes that are quoted, (n, 2), in order."""
    spans = [
        (begin + start, begin + end)
        for begin, text in zip(batch.raw_starts.tolist(), texts, strict=False)
        for start, end in quotations(text)
    ]
    table = batch.kept_before[np.array(spans, dtype=np.int64).reshape(-1, 2)]
    return table[table[:, 0] < table[:, 1]]


def pack(found: Sentences) -> bytes:
    """Return sentences as bytes: little-endian 64-bit integers, hash above letters (17 bits)."""
    wide = found.hashes.astype(np.uint64) << _KEY_BITS | np.minimum(found.lengths, 0x1FFFF).astype(np.uint64)
    return wide.astype("<u8").tobytes()


def pack_all(found: Sequence[Sentences]) -> list[bytes]:
    """Return ``pack`` of each, in a tenth of the time."""
    if not found:
        return []
    together = pack(
        Sentences(*(np.concatenate([getattr(each, name) for each in found]) for name in ("hashes", "lengths")))
    )
    ends = (8 * np.cumsum([len(each.hashes) for each in found])).tolist()
    return [together[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def unpack(packed: bytes) -> Sentences:
    """Return what ``pack`` has written."""
    wide = np.frombuffer(packed, dtype="<u8").astype(np.uint64)
    return Sentences((wide >> _KEY_BITS).astype(np.int64), (wide & np.uint64(0x1FFFF)).astype(np.int64))


def sentence_pairs(found: Sequence[Sentences]) -> NDArray[np.int64]:
    """Return the pairs of texts, (n, 2), smaller index first, sorted, that share enough sentences for a partial copy.

    A sentence of more than MAX_TEXTS texts joins nothing; one of more than MAX_BAND joins each to the first few only.
    """
    counts = [len(each.hashes) for each in found]
    if not sum(counts):
        return np.zeros((0, 2), dtype=np.int64)
    owners = np.repeat(np.arange(len(found)), counts)
    hashes = np.concatenate([each.hashes for each in found])
    lengths = np.concatenate([each.lengths for each in found])
    order = np.argsort(hashes, kind="stable")
    places = band_pairs(hashes[order].astype(np.uint64), largest=MAX_TEXTS)
    if not len(places):
        return places
    places = order[places]
    pairs = owners[places]
    codes = pairs[:, 0] * len(found) + pairs[:, 1]
    distinct, inverse, shared = np.unique(codes, return_inverse=True, return_counts=True)
    letters_shared = np.bincount(inverse, weights=lengths[places[:, 0]]).astype(np.int64)
    left, right = distinct // len(found), distinct % len(found)
    totals = np.array([each.total for each in found])
    fewer = np.minimum(totals[left], totals[right])
    wanted = partial_mask(shared, letters_shared, fewer)
    return np.stack([left, right], axis=1)[wanted]


def is_partial(shared: int, shared_letters: int, total: int) -> bool:
    """Return whether so many shared sentences and letters, of ``total`` letters in the shorter text's sentences, make
    it a partial copy."""
    return bool(partial_mask(np.array([shared]), np.array([shared_letters]), np.array([total]))[0])


def partial_mask(
    shared: NDArray[np.int64], shared_letters: NDArray[np.int64], totals: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return ``is_partial`` of many pairs at once."""
    share = shared_letters / np.maximum(totals, 1)
    mostly = (share >= MOSTLY) & (shared_letters >= MIN_MOSTLY_LETTERS)
    partly = (share >= PARTIAL) & (shared >= MIN_SHARED) & (shared_letters >= MIN_SHARED_LETTERS)
    found: NDArray[np.bool_] = mostly | partly
    return found


def shared_sentences(left: Sentences, right: Sentences) -> tuple[int, int, int]:
    """Return (sentences shared, letters in them, letters in the sentences of the text that has fewer)."""
    _, here, _ = np.intersect1d(left.hashes, right.hashes, assume_unique=True, return_indices=True)
    return len(here), int(left.lengths[here].sum()), min(left.total, right.total)

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
from functools import cache

import numpy as np
from numpy.typing import NDArray

from corpus.candidates import band_pairs
from corpus.letters import STOP, Codes, Letters, Positions, letters
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
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_KEPT_BITS = 17  # of the length of the tables that are kept: 2 MB
_KEY_BITS = np.uint64(17)  # of 64; 47 bits are kept: six bytes in SQLite
_HASH_BITS = np.uint64(47)


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
    """Return the sentences of each text, its quotations left out; at most 2^17 texts."""
    return sentences_of(letters(texts), texts)


def sentences_of(batch: Letters, texts: Sequence[str]) -> list[Sentences]:
    """Return the same of texts whose letters are known."""
    hashes, lengths, edges = _table(batch, texts)
    return [Sentences(hashes[low:high], lengths[low:high]) for low, high in itertools.pairwise(edges.tolist())]


def packed_sentences(batch: Letters, texts: Sequence[str]) -> list[bytes]:
    """Return ``pack`` of the sentences of each text."""
    hashes, lengths, edges = _table(batch, texts)
    together = pack(Sentences(hashes, lengths))
    return [together[low:high] for low, high in itertools.pairwise((8 * edges).tolist())]


def _table(batch: Letters, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], Positions]:
    """Hashes and letters of the sentences of all texts, and where those of each text begin, (n_texts + 1,)."""
    cuts = batch.kept_before[np.flatnonzero(batch.raw == STOP)]
    quoted = _quoted(batch, texts)
    marked = np.zeros(len(batch.codes) + 1, dtype=np.bool_)
    for bounds_of in (cuts, batch.starts, quoted.ravel()):
        marked[bounds_of] = True
    bounds = np.flatnonzero(marked)
    starts, lengths = bounds[:-1], np.diff(bounds)
    wanted = lengths >= MIN_SENTENCE
    if len(quoted):  # inside a quotation as many have begun as not yet ended, plus one
        wanted &= np.searchsorted(quoted[:, 0], starts, "right") == np.searchsorted(quoted[:, 1], starts, "right")
    hashes = _hashes(batch.codes, starts)[wanted]
    starts, lengths = starts[wanted], lengths[wanted]
    first = np.searchsorted(starts, batch.starts)
    owner = np.repeat(np.arange(len(batch.starts) - 1), np.diff(first))
    within = np.arange(len(starts)) - first[owner] < MAX_SENTENCES
    owner, lengths, hashes = owner[within], lengths[within], hashes[within]
    keys = owner.astype(np.uint64) << _HASH_BITS | hashes.astype(np.uint64)
    order = np.argsort(keys)
    keys = keys[order]
    order = order[np.append(True, keys[1:] != keys[:-1])] if len(order) else order
    return hashes[order], lengths[order], np.searchsorted(owner[order], np.arange(len(batch.starts)))


def _hashes(codes: Codes, starts: Positions) -> NDArray[np.int64]:
    """The hash of each run of codes, (n,), 47 bits: a polynomial in powers of an odd number, modulo 2^64, mixed.

    One product a letter for the whole batch: powers count from its start, and the inverse takes each run back to its own.
    """
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    bits = max(len(codes) - 1, 0).bit_length()
    powers, inverse = _powers(bits) if bits <= _KEPT_BITS else _powers.__wrapped__(bits)
    mixed = np.add.reduceat(codes * powers[: len(codes)], starts) * inverse[starts]
    mixed ^= mixed >> np.uint64(32)
    hashes: NDArray[np.int64] = (mixed * _MIX >> _KEY_BITS).astype(np.int64)
    return hashes


@cache
def _powers(bits: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The first 2^bits powers of _MIX and of its inverse, modulo 2^64."""
    first, second = (np.cumprod(np.full(1 << bits, each), dtype=np.uint64) for each in (_MIX, _INVERSE))
    return first, second


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


def unpack(packed: bytes) -> Sentences:
    """Return what ``pack`` has written."""
    wide = np.frombuffer(packed, dtype="<u8").astype(np.uint64)
    return Sentences((wide >> _KEY_BITS).astype(np.int64), (wide & np.uint64(0x1FFFF)).astype(np.int64))


def unpack_all(packed: Sequence[bytes]) -> list[Sentences]:
    """Return ``unpack`` of each."""
    together = unpack(b"".join(packed))
    edges = np.cumsum([0, *(len(each) // 8 for each in packed)]).tolist()
    return [Sentences(together.hashes[low:high], together.lengths[low:high]) for low, high in itertools.pairwise(edges)]


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

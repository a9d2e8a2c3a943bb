"""Restored text in, fingerprints out: what is needed to ask which other text it is a copy of.

Shingles are runs of three letters (``corpus.letters``). A signature is MinHash in ``FUNCTIONS`` × ``BINS`` values: the
shingles fall into five bins by their hash, and each function keeps its least value in each bin. Two texts agree in a
value as often as their shingles overlap in that bin, on average their Jaccard similarity, as in plain MinHash, for a
fifth of the multiplications. A band is the five values of one function; texts that share a band are candidates, and
candidates are always verified.
Source: Broder 1997 (MinHash); Li, Owen, Zhang 2012 (one-permutation hashing, here with 5 bins a function so that none
is empty); 25 bands × 5 over character 3-grams is measured in docs/duplicates.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.candidates import Keys, Values, distinct
from corpus.letters import MASKS, Letters, letters
from corpus.records import Fingerprints
from corpus.sentences import packed_sentences
from corpus.signing import BINS, FUNCTIONS, MIX, VALUES, compiled_signatures, hash_shingles, least_values
from corpus.templates import masked_codes

VERSION = "shingles/2"
MIN_LENGTH = 80  # letters; below it similarity is chance, and only the same text is a copy (measured)
MAX_LENGTH = 400_000  # letters that are shingled; the digests cover all. No article is longer; a dump may be
BATCH = 65_536  # code points a batch: the arrays of one function stay in the second-level cache


def fingerprint(clean_text: str) -> Fingerprints:
    """Return the fingerprints of one restored text; the same for a text alone and in a batch."""
    return next(fingerprints([clean_text]))


def fingerprints(clean_texts: Iterable[str]) -> Iterator[Fingerprints]:
    """Yield the fingerprints of the texts, in order, several times faster than one by one."""
    for batch in batches(clean_texts):
        yield from _fingerprint_batch(letters(batch), batch)


def batches(texts: Iterable[str], size: int = BATCH) -> Iterator[list[str]]:
    """Yield the texts in order in lists of about ``size`` code points; a longer text makes a list alone."""
    batch: list[str] = []
    room = size
    for text in texts:
        if batch and (len(text) > room or len(batch) == 1024):
            yield batch
            batch, room = [], size
        batch.append(text)
        room -= len(text)
    if batch:
        yield batch


def _fingerprint_batch(batch: Letters, texts: Sequence[str]) -> Iterator[Fingerprints]:
    signatures = sign(batch).astype("<u4").tobytes()
    masked, masked_starts = masked_codes(batch)
    fixed = np.add.reduceat(np.append(masked < MASKS, 0), masked_starts[:-1])  # letters that no slot covers
    # Bytes of the whole batch, cut up: numpy's cost a call is a microsecond, and there would be ten calls a text.
    plain, filled = (codes.astype("<u2", copy=False).tobytes() for codes in (batch.codes, masked))
    cuts, filled_cuts = ((2 * each).tolist() for each in (batch.starts, masked_starts))
    lengths = batch.lengths.tolist()
    packed = packed_sentences(batch, texts)
    for index, (length, words) in enumerate(zip(lengths, fixed.tolist(), strict=True)):
        signed = length >= MIN_LENGTH
        yield Fingerprints(
            restored=_digest(plain[cuts[index] : cuts[index + 1]]),
            masked=_digest(filled[filled_cuts[index] : filled_cuts[index + 1]]) if 2 * words >= length else "",
            signature=signatures[index * 4 * VALUES : (index + 1) * 4 * VALUES] if signed else b"",
            length=length,
            sentences=packed[index] if signed else b"",
        )


def _digest(codes: bytes) -> str:
    # Cryptographic, since a page that could be made to collide could hide behind another; 128 bits are plenty.
    return hashlib.blake2b(codes, digest_size=16).hexdigest() if codes else ""


@dataclass(frozen=True, slots=True)
class Shingles:
    """Hashes of the shingles of a batch, texts in order, repeats included. owner: index of the text of each."""

    hashes: Values
    owner: NDArray[np.int64]


def shingle(batch: Letters) -> Shingles:
    """Return the 32-bit hash of every run of three letters that lies in one text."""
    lengths = np.minimum(batch.lengths, MAX_LENGTH)
    counts = np.maximum(lengths - 2, 0)
    owner = np.repeat(np.arange(len(counts)), counts)
    hashes = hash_shingles(batch.codes)
    if len(owner) == len(hashes):
        return Shingles(hashes, owner)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Shingles(hashes[place + np.repeat(batch.starts[:-1], counts)], owner)


def sign(batch: Letters) -> Values:
    """Return the signatures of a batch, (n_texts, VALUES), band after band; EMPTY where a bin has no shingle."""
    made = compiled_signatures(batch.codes, batch.starts, np.minimum(batch.lengths, MAX_LENGTH))
    if made is not None:
        return made
    shingles = shingle(batch)
    return least_values(shingles.hashes, shingles.owner, len(batch.starts) - 1)


def read_signatures(blobs: Sequence[bytes]) -> Values:
    """Return stored signatures as an array, (n, VALUES)."""
    return np.frombuffer(b"".join(blobs), dtype="<u4").astype(np.uint32, copy=False).reshape(len(blobs), VALUES)


def band_keys(signatures: Values) -> Keys:
    """Return the key of each band, (n, FUNCTIONS), 47 bits: equal where all five values are. The band's number is in
    the key, so that all bands fit in one index, and SQLite stores it in six bytes. A false match (1 in 4·10^12) costs
    one verification."""
    keys = _mixed(signatures.reshape(len(signatures), FUNCTIONS, BINS))
    return (keys >> np.uint64(22)) | (np.arange(FUNCTIONS, dtype=np.uint64) << np.uint64(42))


def band_column(signatures: Values, band: int) -> Keys:
    """Return the keys of one band, (n,): ``band_keys(signatures)[:, band]`` in less memory."""
    keys = _mixed(signatures[:, band * BINS : (band + 1) * BINS])
    return (keys >> np.uint64(22)) | np.uint64(band << 42)


def _mixed(values: Values) -> Keys:
    """One 64-bit hash of each row of BINS values, the last axis."""
    keys = np.zeros(values.shape[:-1], dtype=np.uint64)
    for value in range(BINS):
        keys = (keys ^ values[..., value]) * MIX
        keys ^= keys >> np.uint64(31)
    return keys


def estimate(left: Values, right: Values) -> NDArray[np.float64]:
    """Return the estimated Jaccard similarity of rows of signatures, 0..1; its standard error is .045 at .5."""
    same: NDArray[np.float64] = (left == right).mean(axis=-1)
    return same


def shingle_set(text: str) -> Values:
    """Return the distinct shingle hashes of one text, ascending."""
    return distinct(shingle(letters([text])).hashes)


def overlap(left: Values, right: Values) -> tuple[float, float]:
    """Return (Jaccard similarity, containment of the smaller in the larger) of two sets of shingles; 0, 0 if empty."""
    if not len(left) or not len(right):
        return 0.0, 0.0
    both = np.sort(np.concatenate([left, right]))
    shared = int(np.count_nonzero(both[1:] == both[:-1]))
    return shared / (len(left) + len(right) - shared), shared / min(len(left), len(right))

"""Codes of texts in, MinHash signatures out: with numpy, or compiled by the optional numba extra to the same bits.

The compiled loop needs no arrays of shingles, so it is several times as fast; a test holds the two to the same bits.
It is not used unless asked for (``use_compiled``), since compiling takes a second or two in each process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.candidates import Values
from corpus.letters import Codes, Positions

BINS = 5  # values of one band; all must agree
FUNCTIONS = 25  # bands
VALUES = BINS * FUNCTIONS
EMPTY = np.uint32(0xFFFFFFFF)  # value of a bin without shingles
MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: multiply-shift hashing (Dietzfelbinger et al. 1997)

Compiled = Callable[[Codes, Positions, Positions, Values], Values]
_state: dict[str, Any] = {"use": False}


def _multipliers() -> Values:
    """Odd 32-bit factors, one a function, from SplitMix64 (Steele et al. 2014) so that no library can change them."""
    state, factors = 0x6375_6973_686F_7500, []
    for _ in range(FUNCTIONS):
        state = (state + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
        mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        factors.append((mixed ^ (mixed >> 31)) & 0xFFFFFFFF | 1)
    return np.array(factors, dtype=np.uint32)


MULTIPLIERS = _multipliers()


def hash_shingles(codes: Codes) -> Values:
    """Return the 32-bit hash of every run of three codes, (len(codes) - 2,)."""
    if len(codes) < 3:
        return np.zeros(0, dtype=np.uint32)
    wide = codes.astype(np.uint64)
    keys = wide[:-2] | (wide[1:-1] << np.uint64(16)) | (wide[2:] << np.uint64(32))
    keys *= MIX
    keys ^= keys >> np.uint64(29)
    keys *= MIX
    hashes: Values = (keys >> np.uint64(32)).astype(np.uint32)
    return hashes


def least_values(hashes: Values, owner: NDArray[np.int64], n_texts: int) -> Values:
    """Return the signatures, (n_texts, VALUES), of texts given by their shingles' hashes and whose each is."""
    bins = (hashes.astype(np.uint64) * np.uint64(BINS) >> np.uint64(32)).astype(np.int64)
    cell = bins + owner * BINS
    # Small integers sort by radix; the order within a cell does not matter.
    cell = cell.astype(np.uint16) if n_texts * BINS <= 0xFFFF else cell
    ordered = hashes[np.argsort(cell, kind="stable")]
    counts = np.bincount(cell, minlength=n_texts * BINS)
    filled = np.flatnonzero(counts)
    first = (np.cumsum(counts) - counts)[filled]
    signatures = np.full((n_texts * BINS, FUNCTIONS), EMPTY, dtype=np.uint32)
    product = np.empty_like(ordered)
    if len(filled):
        for function, multiplier in enumerate(MULTIPLIERS):
            np.multiply(ordered, multiplier, out=product)
            signatures[filled, function] = np.minimum.reduceat(product, first)
    return np.ascontiguousarray(signatures.reshape(n_texts, BINS, FUNCTIONS).swapaxes(1, 2)).reshape(n_texts, VALUES)


def use_compiled(wanted: bool) -> bool:
    """Switch to the compiled loop or back; returns whether it is in use now, False where numba is not installed."""
    _state["use"] = wanted and load_compiled() is not None
    return bool(_state["use"])


def compiled_signatures(codes: Codes, starts: Positions, lengths: Positions) -> Values | None:
    """Return the signatures by the compiled loop, None if it is not in use.

    lengths: letters of each text that are shingled, from its start.
    """
    if not _state["use"]:
        return None
    signed: Values = _state["sign"](codes, starts, lengths, MULTIPLIERS)
    return signed


def load_compiled() -> Compiled | None:
    """Return the compiled loop, None where numba is not installed."""
    if "sign" not in _state:
        try:
            import numba
        except ImportError:
            _state["sign"] = None
        else:
            _state["sign"] = numba.njit(nogil=True)(_sign)
    loop: Compiled | None = _state["sign"]
    return loop


def _sign(codes: Codes, starts: Positions, lengths: Positions, multipliers: Values) -> Values:
    """What ``hash_shingles`` and ``least_values`` do, text by text, in the loops that numba compiles."""
    signatures = np.full((len(lengths), VALUES), np.uint32(0xFFFFFFFF), dtype=np.uint32)
    for text in range(len(lengths)):
        first, count = starts[text], max(lengths[text] - 2, 0)
        hashes = np.empty(count, dtype=np.uint32)
        ends = np.zeros(BINS + 1, dtype=np.int64)
        for at in range(count):
            key = (
                np.uint64(codes[first + at])
                | (np.uint64(codes[first + at + 1]) << np.uint64(16))
                | (np.uint64(codes[first + at + 2]) << np.uint64(32))
            ) * MIX
            key = (key ^ (key >> np.uint64(29))) * MIX
            hashes[at] = np.uint32(key >> np.uint64(32))
            ends[((np.uint64(hashes[at]) * np.uint64(BINS)) >> np.uint64(32)) + np.uint64(1)] += 1
        for each in range(BINS):
            ends[each + 1] += ends[each]
        ordered = np.empty(count, dtype=np.uint32)
        place = ends[:BINS].copy()
        for at in range(count):
            bin_of = (np.uint64(hashes[at]) * np.uint64(BINS)) >> np.uint64(32)
            ordered[place[bin_of]] = hashes[at]
            place[bin_of] += 1
        # Each bin in a row: the least product of a row is what processors find sixteen at a time.
        for each in range(BINS):
            row = ordered[ends[each] : ends[each + 1]]
            for function in range(FUNCTIONS):
                multiplier = multipliers[function]
                least = np.uint32(0xFFFFFFFF)
                for value in row:
                    least = min(least, np.uint32(value * multiplier))
                signatures[text, function * BINS + each] = least
    return signatures

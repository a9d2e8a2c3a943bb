"""The whole index of near-duplicates made at once: the same rows as ``text_index`` makes text by text, in array order.

Rows are inserted in the order of their keys, so that each page of the database is written once; signatures stay in
memory (500 bytes a text), everything else passes through in pieces.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.candidates import Keys, Values, band_pieces, candidate_pairs, estimates
from corpus.edges import HOPELESS, verify
from corpus.sentences import MAX_TEXTS, partial_mask
from corpus.shingles import MIN_LENGTH, band_column
from corpus.signing import FUNCTIONS, VALUES
from corpus.text_index import Changes, edge_row, number_of, texts_of

Progress = Callable[[str, int], None]  # what is going on, and how many more are done
PART_BITS = 4  # the sentences are sorted in 16 parts, by their first bits
_ROWS = 50_000  # rows handed to SQLite at once


@dataclass(frozen=True, slots=True)
class _Table:
    """All texts, in the order of their numbers."""

    numbers: NDArray[np.int64]
    signatures: Values


def rebuild_index(connection: sqlite3.Connection, progress: Progress) -> Changes:
    """Make the index anew from all fingerprints; what is touched is everything, and not listed."""
    for name in ("duplicate_texts", "bands", "sentences", "similar_texts"):
        connection.execute(f"DELETE FROM {name}")
    table = _read(connection, progress)
    changes = Changes(added=len(table.numbers))
    pairs = candidate_pairs(_bands(connection, table, progress), table.signatures, HOPELESS)
    changes.compared = len(pairs)
    names = table.numbers

    def load(rows: Sequence[int]) -> list[str]:
        return texts_of(connection, names[np.asarray(rows, dtype=np.int64)].tolist())

    edges = (
        edge_row(int(names[edge.left]), int(names[edge.right]), edge.comparison)
        for edge in verify(pairs, table.signatures, load)
    )
    while some := sorted(itertools.islice(edges, _ROWS)):
        connection.executemany("INSERT INTO similar_texts VALUES (?, ?, ?, ?, ?)", some)
    progress("compared", len(pairs))
    _add_sentences(connection, table, progress)
    return changes


def _read(connection: sqlite3.Connection, progress: Progress) -> _Table:
    wanted = "FROM fingerprints WHERE restored <> '' AND length >= ?"
    (count,) = connection.execute(f"SELECT count(DISTINCT restored) {wanted}", (MIN_LENGTH,)).fetchone()
    numbers = np.zeros(count, dtype=np.int64)
    signatures = np.zeros((count, VALUES), dtype=np.uint32)
    rows = connection.execute(
        f"SELECT restored, min(article_id), signature {wanted} GROUP BY restored ORDER BY restored", (MIN_LENGTH,)
    )
    at = 0
    for some in _fetched(rows):
        stop = at + len(some)
        numbers[at:stop] = [number_of(row[0]) for row in some]
        signatures[at:stop] = np.frombuffer(b"".join(row[2] for row in some), dtype="<u4").reshape(-1, VALUES)
        named = zip(numbers[at:stop].tolist(), (row[1] for row in some), strict=True)
        connection.executemany("INSERT INTO duplicate_texts VALUES (?, ?)", named)
        progress("read", len(some))
        at = stop
    return _Table(numbers, signatures)


def _fetched(rows: sqlite3.Cursor) -> Iterator[list[tuple[str, str, bytes]]]:
    while some := rows.fetchmany(10_000):
        yield some


def _bands(connection: sqlite3.Connection, table: _Table, progress: Progress) -> Iterator[Keys]:
    """Write the bands one after the other, and yield each column of keys."""
    for band in range(FUNCTIONS):
        column = band_column(table.signatures, band)
        order = np.argsort(column, kind="stable")
        for at in range(0, len(order), _ROWS):
            some = order[at : at + _ROWS]
            rows = zip(column[some].tolist(), table.numbers[some].tolist(), strict=True)
            connection.executemany("INSERT INTO bands VALUES (?, ?)", rows)
        progress("bands", len(order))
        yield column


def _add_sentences(connection: sqlite3.Connection, table: _Table, progress: Progress) -> None:
    """Write the sentences and note the partial copies among texts that are not already related."""
    packed, owners, totals = _read_sentences(connection, len(table.numbers))
    shared: list[NDArray[np.int64]] = []
    letters_shared: list[NDArray[np.int64]] = []
    for part in range(1 << PART_BITS):
        inside = np.flatnonzero(packed >> np.uint64(64 - PART_BITS) == part)
        inside = inside[np.argsort(packed[inside], kind="stable")]
        hashes, owner = packed[inside] >> np.uint64(17), owners[inside].astype(np.int64)
        for at in range(0, len(inside), _ROWS):
            some = slice(at, at + _ROWS)
            rows = zip(hashes[some].tolist(), table.numbers[owner[some]].tolist(), strict=True)
            connection.executemany("INSERT INTO sentences VALUES (?, ?)", rows)
        for places in band_pieces(hashes, largest=MAX_TEXTS):
            ends = np.sort(owner[places], axis=1)
            shared.append(ends[:, 0] * len(table.numbers) + ends[:, 1])
            letters_shared.append((packed[inside[places[:, 0]]] & np.uint64(0x1FFFF)).astype(np.int64))
        progress("sentences", len(inside))
    if not shared:
        return
    codes, inverse, counts = np.unique(np.concatenate(shared), return_inverse=True, return_counts=True)
    weights = np.bincount(inverse, weights=np.concatenate(letters_shared)).astype(np.int64)
    pairs = np.stack([codes // len(table.numbers), codes % len(table.numbers)], axis=1)
    pairs = pairs[partial_mask(counts, weights, np.minimum(totals[pairs[:, 0]], totals[pairs[:, 1]]))]
    partial = zip(
        table.numbers[pairs[:, 0]].tolist(),
        table.numbers[pairs[:, 1]].tolist(),
        (round(each, 4) for each in estimates(table.signatures, pairs).astype(np.float64).tolist()),
        strict=True,
    )
    connection.executemany("INSERT OR IGNORE INTO similar_texts VALUES (?, ?, ?, -1, 'partial')", partial)


def _read_sentences(
    connection: sqlite3.Connection, count: int
) -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.int64]]:
    """Return all sentences, packed, their texts by place, and the letters in each text's sentences, (count,)."""
    query = "FROM duplicate_texts JOIN fingerprints USING (article_id)"
    (size,) = connection.execute(f"SELECT coalesce(sum(length(sentences)), 0) / 8 {query}").fetchone()
    packed = np.zeros(size, dtype=np.uint64)
    owners = np.zeros(size, dtype=np.int32)
    totals = np.zeros(count, dtype=np.int64)
    at = text = 0
    rows = connection.execute(f"SELECT sentences {query} ORDER BY number")
    while some := rows.fetchmany(10_000):
        lengths = np.array([len(row[0]) // 8 for row in some])
        stop = at + int(lengths.sum())
        packed[at:stop] = np.frombuffer(b"".join(row[0] for row in some), dtype="<u8")
        owners[at:stop] = np.repeat(np.arange(text, text + len(some)), lengths)
        at, text = stop, text + len(some)
    np.add.at(totals, owners, (packed & np.uint64(0x1FFFF)).astype(np.int64))
    return packed, owners, totals

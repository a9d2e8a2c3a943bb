"""The index of near-duplicates in corpus.db: which texts share a band or a sentence, and what they are to each other.

A text is a distinct restored text; its number is the beginning of its digest, so that numbers have the same order
whenever and wherever a text arrives. Rows of ``bands`` are read in that order: the first few of a crowded band are its
representatives by the order of the primary key. What is stored is a function of the texts there are, not of how they
came: when a band becomes crowded, or gets other representatives, relations that nothing else supports are withdrawn.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from corpus.candidates import MAX_BAND, REPRESENTATIVES, Values
from corpus.compare import Comparison
from corpus.edges import verify
from corpus.sentences import MAX_TEXTS, Sentences, is_partial, unpack
from corpus.shingles import MIN_LENGTH, band_keys, estimate, read_signatures

DIGITS = 15  # hexadecimal digits of a number: 60 bits, which SQLite holds and which never meet by chance
PIECE = 500  # values in one IN (…), below SQLite's oldest limit of 999
_INSERT_EDGE = "INSERT OR REPLACE INTO similar_texts VALUES (?, ?, ?, ?, ?)"


def number_of(restored: str) -> int:
    """Return the number of a restored text, by its digest."""
    return int(restored[:DIGITS], 16)


@dataclass(slots=True)
class Changes:
    """What an update of the index has changed: texts that came or went, and texts whose relations did."""

    added: int = 0
    removed: int = 0
    compared: int = 0
    touched: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Text:
    number: int
    article_id: str
    signature: bytes
    sentences: bytes


def pieces(values: Iterable[int | str]) -> Iterator[tuple[str, list[int | str]]]:
    """Yield the values in order in lists short enough for one IN (…), each with its placeholders."""
    listed = list(values)
    for start in range(0, len(listed), PIECE):
        piece = listed[start : start + PIECE]
        yield ", ".join("?" * len(piece)), piece


def update_index(connection: sqlite3.Connection, changed: Sequence[str]) -> Changes:
    """Bring the index up to date for the restored texts that changed (digests), and return what that touched."""
    added, removed = _come_and_gone(connection, changed)
    changes = Changes(len(added), len(removed))
    changes.touched.update(text.number for text in (*added, *removed))
    changes.touched.update(_same_masks(connection, changed))
    for text in removed:
        changes.touched.update(_neighbours(connection, text.number))
        connection.execute('DELETE FROM similar_texts WHERE "left" = ? OR "right" = ?', (text.number, text.number))
        connection.execute("DELETE FROM duplicate_texts WHERE number = ?", (text.number,))
        if text.signature:
            rows = [(value, text.number) for value in unpack(text.sentences).hashes.tolist()]
            connection.executemany("DELETE FROM sentences WHERE hash = ? AND number = ?", rows)
        else:  # nothing tells under which keys it stands: look at all rows
            connection.execute("DELETE FROM sentences WHERE number = ?", (text.number,))
    connection.executemany(
        "INSERT INTO duplicate_texts VALUES (?, ?)", [(text.number, text.article_id) for text in added]
    )
    candidates, unsettled = _update_bands(connection, added, removed)
    signatures = Signatures(connection)
    for left, right in unsettled:
        if not _supported(connection, signatures, left, right):
            connection.execute('DELETE FROM similar_texts WHERE "left" = ? AND "right" = ?', (left, right))
            changes.touched.update((left, right))
    changes.compared = len(candidates)
    for left, right, found in judge(connection, signatures, candidates):
        connection.execute(_INSERT_EDGE, edge_row(left, right, found))
        changes.touched.update((left, right))
    _add_sentences(connection, signatures, added)
    return changes


def _come_and_gone(connection: sqlite3.Connection, changed: Sequence[str]) -> tuple[list[_Text], list[_Text]]:
    """Texts to add and to remove; one whose first article changed is both, since punctuation may differ."""
    added, removed = [], []
    for restored in changed:
        number = number_of(restored)
        now = connection.execute(
            "SELECT min(article_id), signature, sentences, length FROM fingerprints WHERE restored = ?", (restored,)
        ).fetchone()
        known = connection.execute("SELECT article_id FROM duplicate_texts WHERE number = ?", (number,)).fetchone()
        wanted = now[0] is not None and now[3] >= MIN_LENGTH
        old = _as_indexed(connection, restored, known[0]) if known else None
        same = wanted and old is not None and (old.article_id, old.sentences) == (now[0], now[2])
        if old and not same:
            removed.append(old)
        if wanted and not same:
            added.append(_Text(number, now[0], now[1], now[2]))
    return added, removed


def _as_indexed(connection: sqlite3.Connection, restored: str, article_id: str) -> _Text:
    """The text as it stands in the index: what was noted of its article when that changed, or what is there still."""
    rows = connection.execute(
        "SELECT signature, sentences FROM duplicate_changes WHERE restored = ? AND article_id = ? AND signature <> x'' "
        "UNION ALL SELECT signature, sentences FROM fingerprints WHERE restored = ? AND article_id = ?",
        (restored, article_id, restored, article_id),
    )
    signature, sentences = rows.fetchone() or (b"", b"")
    return _Text(number_of(restored), article_id, signature, sentences)


def _same_masks(connection: sqlite3.Connection, changed: Sequence[str]) -> set[int]:
    """Texts whose masked text is that of one that changed: they may have lost a variant."""
    masks: set[str] = set()
    for places, piece in pieces(changed):
        rows = connection.execute(
            f"SELECT DISTINCT masked FROM duplicate_changes WHERE restored IN ({places}) AND masked <> ''", piece
        )
        masks.update(row[0] for row in rows)
    return {number for _, number in texts_of_masks(connection, masks)}


def texts_of_masks(connection: sqlite3.Connection, masks: Iterable[str], most: int = -1) -> list[tuple[str, int]]:
    """Return the masked texts and the numbers of the texts that have them, sorted; of one, the ``most`` first."""
    found: dict[int, tuple[str, str]] = {}
    for places, piece in pieces(masks):
        rows = connection.execute(
            f"SELECT restored, article_id, masked FROM fingerprints WHERE masked IN ({places}) AND masked <> '' "
            "ORDER BY restored LIMIT ?",
            (*piece, most),
        )
        # By the number, not by a join: duplicate_texts has no index of articles, and needs none but here.
        listed = [(number_of(restored), (article_id, masked)) for restored, article_id, masked in rows]
        first = article_ids(connection, (number for number, _ in listed))
        found.update((number, named) for number, named in listed if first.get(number) == named[0])
    return sorted((masked, number) for number, (_, masked) in found.items())


def article_ids(connection: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, str]:
    """Return the article of each of these texts, those that are not in the index left out."""
    found: dict[int, str] = {}
    for places, piece in pieces(numbers):
        found.update(
            connection.execute(f"SELECT number, article_id FROM duplicate_texts WHERE number IN ({places})", piece)
        )
    return found


def _neighbours(connection: sqlite3.Connection, number: int) -> list[int]:
    return [
        row[0]
        for row in connection.execute(
            'SELECT "right" FROM similar_texts WHERE "left" = ? UNION ALL SELECT "left" FROM similar_texts WHERE "right" = ?',
            (number, number),
        )
    ]


class Signatures:
    """Signatures of texts by number, read when first asked for. Holds them as long as one update lasts."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[int, bytes] = {}

    def table(self, numbers: Sequence[int]) -> Values:
        """Return the signatures of the texts, (n, VALUES), in the order of ``numbers``."""
        missing = [number for number in numbers if number not in self._known]
        for places, piece in pieces(missing):
            self._known.update(
                self._connection.execute(
                    "SELECT number, signature FROM duplicate_texts JOIN fingerprints USING (article_id) "
                    f"WHERE number IN ({places})",
                    piece,
                )
            )
        return read_signatures([self._known[number] for number in numbers])

    def keys(self, number: int) -> list[int]:
        """Return the band keys of a text, band after band."""
        return _keys([self.table([number]).tobytes()])[0]


def _keys(signatures: Sequence[bytes]) -> list[list[int]]:
    keys: list[list[int]] = band_keys(read_signatures(signatures)).tolist() if signatures else []
    return keys


def edge_row(left: int, right: int, found: Comparison) -> tuple[int, int, float, float, str]:
    """Return a row of ``similar_texts``; four decimals are ten times finer than an estimate's error."""
    return left, right, round(found.similarity, 4), round(found.containment, 4), found.relation


Pair = tuple[int, int]


def _pair(left: int, right: int) -> Pair:
    return (left, right) if left < right else (right, left)


def _update_bands(
    connection: sqlite3.Connection, added: Sequence[_Text], removed: Sequence[_Text]
) -> tuple[set[Pair], set[Pair]]:
    """Change the rows of ``bands``. Returns the pairs to compare, and the pairs whose relation may have lost its
    support."""
    came, gone = _by_key(added), _by_key([text for text in removed if text.signature])
    for text in removed:
        if not text.signature:
            for (key,) in connection.execute("SELECT key FROM bands WHERE number = ?", (text.number,)):
                gone.setdefault(key, set()).add(text.number)
    dirty = came.keys() | gone.keys()
    before = {key: head(connection, key) for key in dirty}
    connection.executemany(
        "DELETE FROM bands WHERE key = ? AND number = ?", [(key, each) for key in gone for each in gone[key]]
    )
    connection.executemany("INSERT INTO bands VALUES (?, ?)", sorted((key, each) for key in came for each in came[key]))
    candidates: set[Pair] = set()
    unsettled: set[Pair] = set()
    for key in dirty:
        first, now = before[key], head(connection, key)
        new = came.get(key, set())
        crowded, was_crowded = len(now) > MAX_BAND, len(first) > MAX_BAND
        if not crowded:
            # A band that has emptied to the limit compares all it holds; else only the new ones are.
            fresh = set(now) if was_crowded else new
            candidates.update(_pair(one, other) for one in fresh for other in now if one != other)
            continue
        leaders, led = set(now[:REPRESENTATIVES]), set(first[:REPRESENTATIVES]) if was_crowded else set()
        candidates.update(_pair(one, other) for one in new for other in leaders if one != other)
        for leader in leaders - led if was_crowded else leaders & new:
            everyone = connection.execute("SELECT number FROM bands WHERE key = ?", (key,))
            candidates.update(_pair(leader, other) for (other,) in everyone if other != leader)
        for former in led - leaders if was_crowded else set(first) - leaders:
            unsettled.update(_pair(former, other) for other in _neighbours(connection, former))
    return candidates, unsettled


def _by_key(texts: Sequence[_Text]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for text, keys in zip(texts, _keys([text.signature for text in texts]), strict=True):
        for key in keys:
            found.setdefault(key, set()).add(text.number)
    return found


def head(connection: sqlite3.Connection, key: int) -> list[int]:
    """Return the first texts of a band, ascending: all of them, or MAX_BAND + 1 of a crowded one."""
    rows = connection.execute("SELECT number FROM bands WHERE key = ? ORDER BY number LIMIT ?", (key, MAX_BAND + 1))
    return [row[0] for row in rows]


def _supported(connection: sqlite3.Connection, signatures: Signatures, left: int, right: int) -> bool:
    """Return whether the two still are candidates by some band they share, or are related by sentences alone."""
    relation = connection.execute(
        'SELECT relation FROM similar_texts WHERE "left" = ? AND "right" = ?', (left, right)
    ).fetchone()
    if relation is None or relation[0] == "partial":
        return True
    for key in set(signatures.keys(left)) & set(signatures.keys(right)):
        first = head(connection, key)
        if len(first) <= MAX_BAND or {left, right} & set(first[:REPRESENTATIVES]):
            return True
    return False


def judge(
    connection: sqlite3.Connection, signatures: Signatures, pairs: Iterable[Pair]
) -> Iterator[tuple[int, int, Comparison]]:
    """Yield the pairs of numbers that have a relation, with it; containment is -1 where it was not needed."""
    listed = sorted(pairs)
    if not listed:
        return
    numbers, places = np.unique(np.array(listed, dtype=np.int64), return_inverse=True)
    names: list[int] = numbers.tolist()
    table = signatures.table(names)

    def load(rows: Sequence[int]) -> list[str]:
        return texts_of(connection, [names[row] for row in rows])

    for edge in verify(places.reshape(-1, 2), table, load):
        yield names[edge.left], names[edge.right], edge.comparison


def texts_of(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[str]:
    """Return the restored texts of these numbers, in their order."""
    found: dict[int, str] = {}
    for places, piece in pieces(numbers):
        found.update(
            connection.execute(
                "SELECT duplicate_texts.number, clean_text FROM duplicate_texts JOIN articles ON articles.id = article_id "
                f"WHERE duplicate_texts.number IN ({places})",
                piece,
            )
        )
    return [found[number] for number in numbers]


def _add_sentences(connection: sqlite3.Connection, signatures: Signatures, added: Sequence[_Text]) -> None:
    """Index the sentences of new texts and note the partial copies among them and what is there."""
    known = {text.number: unpack(text.sentences) for text in added}
    connection.executemany(
        "INSERT OR IGNORE INTO sentences VALUES (?, ?)",
        sorted((value, number) for number, found in known.items() for value in found.hashes.tolist()),
    )
    for number, found in known.items():
        for other, _ in partial_copies(connection, found, number, known):
            if other != number:
                left, right = _pair(number, other)
                similarity = round(float(estimate(*signatures.table([left, right]))), 4)
                connection.execute(
                    "INSERT OR IGNORE INTO similar_texts VALUES (?, ?, ?, -1, 'partial')", (left, right, similarity)
                )


def partial_copies(
    connection: sqlite3.Connection,
    found: Sentences,
    number: int = -1,
    known: Mapping[int, Sentences] | None = None,
) -> list[tuple[int, float]]:
    """Return the texts that share enough sentences with a text: (number, share of the shorter one's), best first.

    number: of the text itself, if it is in the index; known: sentences of texts at hand.
    """
    shared: dict[int, list[int]] = {}
    for value, length in zip(found.hashes.tolist(), found.lengths.tolist(), strict=True):
        rows = connection.execute(
            "SELECT number FROM sentences WHERE hash = ? ORDER BY number LIMIT ?", (value, MAX_TEXTS + 1)
        )
        holders = [row[0] for row in rows]
        if len(holders) > MAX_TEXTS:
            continue
        if len(holders) > MAX_BAND and number not in holders[:REPRESENTATIVES]:
            holders = holders[:REPRESENTATIVES]
        for other in holders:
            shared.setdefault(other, []).append(length)
    result = []
    for other, lengths in shared.items():
        # Enough for the smallest share of this text, or the other one is shorter: only then is it looked up.
        theirs = (known or {}).get(other) or _sentences(connection, other)
        total = min(found.total, theirs.total)
        if is_partial(len(lengths), sum(lengths), total):
            result.append((other, sum(lengths) / total))
    return sorted(result, key=lambda each: (-each[1], each[0]))


def _sentences(connection: sqlite3.Connection, number: int) -> Sentences:
    row = connection.execute(
        "SELECT sentences FROM duplicate_texts JOIN fingerprints USING (article_id) WHERE number = ?", (number,)
    ).fetchone()
    return unpack(row[0])

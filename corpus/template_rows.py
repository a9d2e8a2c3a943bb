"""Variants of a group in, templates out: who shares one, its pattern, and what was filled into its slots.

The pattern is the text most like all others with its slots as 【kind】; up to ALIGNED variants show their fillings.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Sequence

import numpy as np

from corpus.candidates import Values
from corpus.clusters import as_pairs, clusters
from corpus.connected_texts import Group
from corpus.letters import letters
from corpus.templates import KINDS, find_slots
from corpus.text_index import texts_of

ALIGNED = 8  # variants whose slots are listed with a template
MAX_PATTERN = 4_000  # characters of a template's pattern


def templates(group: Group, signatures: Values) -> list[tuple[int, ...]]:
    """Return the texts of each template, by their numbers, the one most like the rest first; signatures: of the group's
    texts. Copies of a variant share its template; copies alone have none."""
    if not group.variants:
        return []
    found = clusters(as_pairs(group.places([*group.copies, *group.variants]).tolist()), signatures)
    joined = {member: at for at, each in enumerate(found) for member in each.members}
    ends = ((joined.get(left, -1), joined.get(right, -2)) for left, right in group.places(group.variants).tolist())
    made = []
    for at in sorted({left for left, right in ends if left == right}):
        rest = (each for each in found[at].members if each != found[at].medoid)
        made.append(tuple(group.numbers[place] for place in (found[at].medoid, *rest)))
    return made


def insert_template(connection: sqlite3.Connection, name: str, texts: Sequence[int], *, size: int, sites: int) -> None:
    """Write the row of a template. texts: their numbers, as ``templates`` gives them."""
    pattern, slots = align(texts_of(connection, texts[:ALIGNED]))
    connection.execute(
        "INSERT OR REPLACE INTO templates(id, size, sites, pattern, slots) VALUES (?, ?, ?, ?, ?)",
        (name, size, sites, pattern, slots),
    )


def align(texts: Sequence[str]) -> tuple[str, str]:
    """Return the first text with its slots as 【kind】 (letters only), and as JSON what the texts put in each of them.

    Texts with another number of slots than the first are left out: they are variants reworded.
    """
    batch = letters(texts)
    slots = find_slots(batch)
    edges = np.searchsorted(slots.starts, batch.starts).tolist()
    fills = [
        ["".join(map(chr, batch.codes[slots.starts[at] : slots.ends[at]].tolist())) for at in range(low, high)]
        for low, high in itertools.pairwise(edges)
    ]
    kinds = [KINDS[kind] for kind in slots.kinds[: edges[1]].tolist()]
    pieces_of, end = [], 0
    for start, stop, kind in zip(
        slots.starts[: edges[1]].tolist(), slots.ends[: edges[1]].tolist(), kinds, strict=True
    ):
        pieces_of += ["".join(map(chr, batch.codes[end:start].tolist())), f"【{kind}】"]
        end = stop
    pieces_of.append("".join(map(chr, batch.codes[end : batch.starts[1]].tolist())))
    same = [each for each in fills if len(each) == len(fills[0])]
    listed = [
        {"kind": kind, "values": sorted({each[at] for each in same})}
        for at, kind in enumerate(kinds)
        if len({each[at] for each in same}) > 1
    ]
    return "".join(pieces_of)[:MAX_PATTERN], json.dumps(listed, ensure_ascii=False, separators=(",", ":"))

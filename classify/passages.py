"""The project's own labelled passages: families written by hand, put together anew by a seeded composer.

``data/families/*.txt`` holds families: a header with the labels, titles, and sentences with alternative wordings. The
composer picks wordings, leaves sentences out, fills in names and numbers and may add a second family of the same
labels, so that one family gives many passages. A split never shares a family: one in five, chosen by the digest of
its id, is held out for good. Composed passages flatter a model: families of one field resemble each other more than
sites do, so scores on texts of other origin are reported beside them.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classify.codebook import values
from corpus.errors import ModelError

VERSION = "1"
FOLDER = Path(__file__).parent / "data" / "families"
SLOTS = Path(__file__).parent / "data" / "slots.tsv"
SEED = 20260101  # of the composer; the data set is a function of the files and of this number
TARGET = 4400  # passages, two a family; at least 3,000 are asked for; training costs the cube of their number
SHORTEST, LONGEST = 120, 1500  # characters
HELD_OUT_OF = 5  # one family in five is held out
FOLDS = 5  # of cross-validation; a passage never mixes families of different folds
LABELS = ("subtopic", "genre", "intent", "spam", "scope")
_SLOT = re.compile(r"\{([^{}]{1,6})\}")


@dataclass(frozen=True, slots=True)
class Family:
    """Passages that share their wording: labels by scheme, titles, and sentences with their alternatives."""

    id: str
    labels: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]
    sentences: tuple[tuple[bool, tuple[str, ...]], ...]  # (never left out, wordings)

    @property
    def held_out(self) -> bool:
        return hashlib.sha256(self.id.encode()).digest()[0] % HELD_OUT_OF == 0

    @property
    def fold(self) -> int:
        return fold_of(self.id)

    def labels_of(self, scheme: str) -> str:
        """Return the family's label of a scheme."""
        return dict(self.labels)[scheme]


def fold_of(family: str) -> int:
    """Return the fold of cross-validation, 0..FOLDS-1, that a family is tested in."""
    return hashlib.sha256(family.encode()).digest()[1] % FOLDS


def family_digest(family: str) -> str:
    """Return eight hex digits that stand for a family in a model's card."""
    return hashlib.sha256(family.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A passage with its labels. ``form`` says what was done to it: "clean", "holes", "masks", "traditional" …"""

    id: str
    family: str
    title: str
    text: str
    labels: tuple[tuple[str, str], ...]
    url: str = ""
    form: str = "clean"
    held_out: bool = False
    script: str = ""  # of the text as published, where it is known: that of records.CleanText

    def label(self, scheme: str) -> str:
        """Return the label of a scheme, "" where it has none."""
        return dict(self.labels).get(scheme, "")


@cache
def families() -> tuple[Family, ...]:
    """Return all families, by file and order. Raises ModelError for an unknown label or a family listed twice."""
    found = [family for path in sorted(FOLDER.glob("*.txt")) for family in _read(path)]
    if len({family.id for family in found}) != len(found):
        raise ModelError("Two families of data/families have the same id: rename one of them.")
    return tuple(found)


def _read(path: Path) -> Iterator[Family]:
    for part in path.read_text("utf-8").split("\n=== ")[1 if path.read_text("utf-8")[0] == "#" else 0 :]:
        header, *lines = part.removeprefix("=== ").strip().split("\n")
        fields = header.split()
        if len(fields) != len(LABELS) + 1:
            raise ModelError(f"{path.name}: the header {header!r} needs an id and {', '.join(LABELS)}.")
        labels = dict(zip(LABELS, fields[1:], strict=True))
        labels["topic"] = labels["subtopic"].partition(".")[0]
        for scheme, value in labels.items():
            if value not in values(scheme):
                raise ModelError(f"{path.name}: {fields[0]} has the label {value!r}, which {scheme} does not know.")
        titles = tuple(t for line in lines if line.startswith("T ") for t in split_wordings(line[2:]))
        body = tuple(
            (line.startswith("+"), split_wordings(line.lstrip("+"))) for line in lines if not line.startswith("T ")
        )
        yield Family(fields[0], tuple(sorted(labels.items())), titles, body)


def seeded(key: str) -> random.Random:
    """Return the random numbers of a key, the same ones each time."""
    return random.Random(f"{SEED}/{key}")  # noqa: S311 - no secret depends on it


def split_wordings(line: str) -> tuple[str, ...]:
    """Return the alternative wordings of a line."""
    return tuple(option.strip().removeprefix("+") for option in line.split(" | ") if option.strip())


@cache
def slots() -> dict[str, tuple[str, ...]]:
    """Return the fillers of each slot."""
    rows = [line.split("\t") for line in SLOTS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {name: tuple(listed.split(",")) for name, listed in rows}


def compose(count: int = TARGET) -> tuple[Labelled, ...]:
    """Return about ``count`` passages, the same ones each time, family by family."""
    every = families()
    alike: dict[tuple[object, ...], list[Family]] = {}
    for family in every:
        alike.setdefault((family.held_out, family.fold, family.labels), []).append(family)
    found: list[Labelled] = []
    per_family = max(1, -(-count // len(every)))
    for family in every:
        others = [f for f in alike[(family.held_out, family.fold, family.labels)] if f.id != family.id]
        for number in range(per_family):
            seed = seeded(f"{family.id}/{number}")
            found.append(_compose(family, others, number, seed))
    return tuple(found)


def _compose(family: Family, others: list[Family], number: int, seed: random.Random) -> Labelled:
    drop = seed.choice((0.0, 0.15, 0.3, 0.45))
    used = draw_slots(seed)
    parts = _sentences(family, drop, seed)
    if others and seed.random() < 0.35:
        parts += _sentences(seed.choice(others), drop, seed)
    parts = [fill(part, used, seed) for part in parts]
    while sum(map(len, parts)) < SHORTEST:
        extra = [p for p in _sentences(family, 0.0, seed) if p not in parts]
        parts += [fill(p, used, seed) for p in extra[:2]] or [parts[-1]]
    glue = "\n" if seed.random() < 0.6 else ""
    text = glue.join(parts)[:LONGEST]
    title = "" if seed.random() < 0.12 else fill(seed.choice(family.titles), used, seed)
    return Labelled(f"{family.id}/{number}", family.id, title, text, family.labels, held_out=family.held_out)


def _sentences(family: Family, drop: float, seed: random.Random) -> list[str]:
    kept: list[str] = []
    for always, wordings in family.sentences:
        if not always and seed.random() < drop:
            continue
        if len(wordings) > 1 and seed.random() < 0.25:
            kept.extend(seed.sample(wordings, 2))
        else:
            kept.append(seed.choice(wordings))
    return kept


def draw_slots(seed: random.Random) -> dict[str, str]:
    """Return one filler for each slot: what a passage speaks of."""
    return {name: seed.choice(fillers) for name, fillers in slots().items()}


def fill(text: str, used: dict[str, str], seed: random.Random) -> str:
    """Return the text with its slots filled, four in five times as before."""

    def filler(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in used:
            raise ModelError(f"The slot {{{name}}} is not in slots.tsv: add its fillers.")
        return used[name] if seed.random() < 0.8 else seed.choice(slots()[name])

    return _SLOT.sub(filler, text)

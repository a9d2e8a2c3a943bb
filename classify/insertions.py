"""What others put into a text: offers at the end of an article, names of gambling houses between the clauses of a notice.

``data/insertions.txt`` holds insertions in many hands. "sell" ones offer an unlawful debt service, "tell" ones warn,
disclaim or say goodbye with the same words around, "inject" ones are what hijackers leave. By the codebook an offer changes
who speaks (solicitation) and spam (2), an injection spam alone, whatever the page is about. They are put into passages
(``grafted``), and the scores of sentences learn from them as they are (``told``). For training alone: the held-out families
stay as they were written.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from classify import codebook
from classify.features import Passage, featurise
from classify.passages import LONGEST, Labelled, draw_slots, family_digest, fill, fold_of, seeded, split_wordings
from classify.sentence_scores import sentence_starts
from classify.stack import Told
from corpus.errors import ModelError

FILE = Path(__file__).parent / "data" / "insertions.txt"
# Labels that an insertion of each kind changes.
CHANGED = {"sell": {"intent": "solicitation", "spam": "2"}, "tell": {}, "inject": {"spam": "2"}}
TOLD_WEIGHT = 3.0  # of an insertion beside a sentence that has the labels of its passage (cross-validated by family)
AT_END = 0.7  # share of offers and farewells that stand at the end; the others stand between any two sentences
INJECTED_OF = 12  # one family in so many gets a copy with injections
MOST_INJECTED = 4  # phrases of one campaign in a copy
_CLAUSE = re.compile(r"[，。；！？\n]")


@dataclass(frozen=True, slots=True)
class Insertion:
    """One hand's insertions of a kind, in their wordings."""

    id: str
    kind: str
    wordings: tuple[str, ...]


@cache
def insertions() -> tuple[Insertion, ...]:
    """Return all insertions in their order. Raises ModelError for a header of no known kind."""
    found = []
    for part in FILE.read_text("utf-8").split("\n=== ")[1:]:
        header, *lines = part.strip().split("\n")
        name, _, kind = header.partition(" ")
        if kind not in CHANGED:
            raise ModelError(f"{FILE.name}: the header {header!r} needs an id and one of {', '.join(CHANGED)}.")
        found.append(Insertion(name, kind, tuple(w for line in lines for w in split_wordings(line))))
    return tuple(found)


def grafted(passages: Sequence[Labelled]) -> Iterator[Labelled]:
    """Yield copies with insertions: for each family of farm articles that sell nothing one with an offer and one with a
    farewell, for one honest family in INJECTED_OF one with injections.

    Insertions come from the family's fold, so that none that is tested was trained on. The same passages give the same ones.
    """
    seen: set[str] = set()
    for passage in passages:
        if passage.family not in seen:
            seen.add(passage.family)
            if _informs(passage):
                yield from (_closed(passage, kind) for kind in ("sell", "tell"))
            if passage.label("spam") != "2" and int(family_digest(passage.family), 16) % INJECTED_OF == 0:
                yield _injected(passage)


def _informs(passage: Labelled) -> bool:
    wanted = {"genre": "farm", "intent": "other", "spam": "1"}
    return passage.label("scope") != "out" and all(passage.label(scheme) == code for scheme, code in wanted.items())


def _closed(passage: Labelled, kind: str) -> Labelled:
    """Return the passage with an insertion at its end or between two sentences."""
    seed, chosen = _drawn(passage, kind)
    put = fill(seed.choice(chosen.wordings), draw_slots(seed), seed)
    text = passage.text[: LONGEST - len(put)]
    place = len(text) if seed.random() < AT_END else seed.choice(sentence_starts(text))
    glue = "\n" if "\n" in text else ""
    return _relabelled(passage, kind, passage.title, f"{text[:place]}{glue}{put}{glue}{text[place:]}".strip())


def _injected(passage: Labelled) -> Labelled:
    """Return the passage with phrases of one campaign after some clauses, at its end or behind its title."""
    seed, chosen = _drawn(passage, "inject")
    phrases = seed.sample(chosen.wordings, min(len(chosen.wordings), seed.randint(1, MOST_INJECTED)))
    title = passage.title
    if title and seed.random() < 0.4:
        title += seed.choice("_-|｜ —") + phrases.pop()
    text = passage.text[: LONGEST - 30 * len(phrases)]
    for phrase in phrases:
        ends = [match.end() for match in _CLAUSE.finditer(text)] or [len(text)]
        place = len(text) if seed.random() < 0.3 else seed.choice(ends)
        mark = text[place - 1] if place and text[place - 1] in "，\n" else "，"
        text = f"{text[:place]}{phrase}{mark}{text[place:]}" if place < len(text) else f"{text} {phrase}"
    return _relabelled(passage, "inject", title, text)


def _drawn(passage: Labelled, kind: str) -> tuple[random.Random, Insertion]:
    seed = seeded(f"{passage.id}/{kind}")
    fold = fold_of(passage.family)
    return seed, seed.choice([each for each in insertions() if each.kind == kind and fold_of(each.id) == fold])


def _relabelled(passage: Labelled, kind: str, title: str, text: str) -> Labelled:
    labels = tuple(sorted({**dict(passage.labels), **CHANGED[kind]}.items()))
    return dataclasses.replace(passage, id=f"{passage.id}/{kind}", title=title, text=text, labels=labels)


def told() -> Told:
    """Return every wording of every insertion with what it says of the codes: what sells is a solicitation and blatant, what
    is injected is blatant, of what only talks no more is known than that it is neither.
    """
    columns = [(scheme, code) for scheme in codebook.MODEL_SCHEMES for code in codebook.values(scheme)]
    said = {kind: [scheme in changed for scheme, _ in columns] for kind, changed in CHANGED.items()}
    said["tell"] = [CHANGED["sell"].get(scheme) == code for scheme, code in columns]
    wanted = {kind: [changed.get(scheme) == code for scheme, code in columns] for kind, changed in CHANGED.items()}
    wordings = [(each, text) for each in insertions() for text in each.wordings]
    return Told(
        tuple(featurise(Passage("", _filled(text, each.id))) for each, text in wordings),
        np.array([fold_of(each.id) for each, _ in wordings]),
        np.where([wanted[each.kind] for each, _ in wordings], 1, -1).astype(np.float32),
        (TOLD_WEIGHT * np.array([said[each.kind] for each, _ in wordings])).astype(np.float32),
    )


def _filled(text: str, name: str) -> str:
    seed = seeded(name)
    return fill(text, draw_slots(seed), seed)

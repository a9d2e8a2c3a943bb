"""Two texts in, what changed from one to the other out: clauses replaced, removed, added, moved.

Texts are aligned clause by clause, and within replaced clauses character by character, so that a swapped place shows as
甘肃 → 湖南 and not as a paragraph. What is compared is bounded; where a text is longer, its beginning is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

MAX_CLAUSES = 800  # of each text: the aligner takes quadratic time in the worst case
MAX_CHARACTERS = 400  # of a replaced stretch that is aligned within
MAX_DIFFERENCES = 200
_LEAST_MOVED = 6  # characters of a clause that is said to have moved
_CLAUSE = re.compile(r"[^，。！？；：、,!?;:\n]*[，。！？；：、,!?;:\n]*")
_EDGES = "，。！？；：、,!?;: \u3000\n\t"


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: kind is "replaced", "removed", "added" or "moved"; ``before`` stood in the first text."""

    kind: str
    before: str
    after: str


def differences(left: str, right: str) -> tuple[Difference, ...]:
    """Return what changed from the left text to the right one, in order of the text, moved clauses last."""
    before, after = _clauses(left), _clauses(right)
    keys = [_key(each) for each in before], [_key(each) for each in after]
    found: list[Difference] = []
    for tag, low, high, start, end in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag != "equal":
            found.extend(_within("".join(before[low:high]), "".join(after[start:end])))
    return tuple(_with_moves(found)[:MAX_DIFFERENCES])


def _clauses(text: str) -> list[str]:
    return [each for each in _CLAUSE.findall(text) if each.strip(_EDGES)][:MAX_CLAUSES]


def _key(clause: str) -> str:
    return clause.strip(_EDGES)


def _within(before: str, after: str) -> Iterator[Difference]:
    """Changes inside a stretch: by characters when they have enough in common, else the whole."""
    if before and after and max(len(before), len(after)) <= MAX_CHARACTERS:
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        if matcher.ratio() >= 0.4:
            for tag, low, high, start, end in matcher.get_opcodes():
                if tag != "equal":
                    yield from _difference(before[low:high], after[start:end])
            return
    yield from _difference(before, after)


def _difference(before: str, after: str) -> Iterator[Difference]:
    before, after = before.strip(_EDGES), after.strip(_EDGES)
    if before != after:
        yield Difference("replaced" if before and after else "removed" if before else "added", before, after)


def _with_moves(found: Sequence[Difference]) -> list[Difference]:
    """A clause that is gone in one place and new in another has moved."""
    gone = Counter(each.before for each in found if each.kind == "removed" and len(each.before) >= _LEAST_MOVED)
    come = Counter(each.after for each in found if each.kind == "added" and len(each.after) >= _LEAST_MOVED)
    moved = gone & come
    rest: list[Difference] = []
    left_gone, left_come = Counter(moved), Counter(moved)
    for each in found:
        if each.kind == "removed" and left_gone[each.before]:
            left_gone[each.before] -= 1
        elif each.kind == "added" and left_come[each.after]:
            left_come[each.after] -= 1
        else:
            rest.append(each)
    return rest + [Difference("moved", text, text) for text in sorted(moved.elements())]

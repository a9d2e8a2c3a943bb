"""Text on its way from published to clean, and the edits that lead back.

Layers run one after another, each over the text that the one before left. A ``Change`` is said in the offsets of that
text; ``apply`` composes it with what was done before, so that an edit always joins a stretch of the text as published
to a stretch of the text now. Where layers touch the same characters their edits become one, which carries the rule and
confidence of the least sure of them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.records import Edit


class Change(NamedTuple):
    """``after`` is to stand in place of [start, end) of the current text."""

    start: int
    end: int
    after: str
    rule: str
    confidence: float = 1.0


# (start, end, now_start, now_end, rule, confidence): [start, end) of the text as published stands at [now_start, now_end)
# of the current text. A plain tuple, because a damaged page makes a thousand.
Joint = tuple[int, int, int, int, str, float]


@dataclass(frozen=True, slots=True)
class Draft:
    """The text as published, the current text, and the joints between them, in order and without overlaps."""

    published: str
    text: str
    joints: tuple[Joint, ...] = ()

    def apply(self, changes: Sequence[Change]) -> Draft:
        """Return the draft with changes made. They are in order, do not overlap, and count in the current text."""
        text = self.text
        pieces: list[str] = []
        made: list[Change] = []
        position = 0
        for change in changes:
            start, end, after, _, _ = change
            if text[start:end] != after:
                pieces += (text[position:start], after)
                position = end
                made.append(change)
        if not made:
            return self
        pieces.append(text[position:])
        return Draft(self.published, "".join(pieces), _composed(self.joints, made))

    def edits(self, field: str) -> tuple[Edit, ...]:
        """Return the joints as records, without those that came back to the text as published."""
        published, text = self.published, self.text
        return tuple(
            [
                Edit(field, start, end, now_start, now_end, before, after, rule, confidence)
                for start, end, now_start, now_end, rule, confidence in self.joints
                if (before := published[start:end]) != (after := text[now_start:now_end])
            ]
        )


def _composed(joints: Sequence[Joint], changes: Sequence[Change]) -> tuple[Joint, ...]:
    """Return the joints after changes: untouched ones moved, touched ones grown, new ones added; one sweep."""
    composed: list[Joint] = []
    queue = iter(joints)
    joint = next(queue, _NO_MORE)  # the next one
    done = 0  # published minus current, of everything before
    moved = 0  # new minus current, of everything before
    index, count = 0, len(changes)
    while index < count:
        # A group: changes and joints that touch one another, in current offsets [low, high).
        low, high, after, rule, confidence = changes[index]
        while joint[3] <= low:
            start, end, now_start, now_end, its_rule, its_confidence = joint
            composed.append((start, end, now_start + moved, now_end + moved, its_rule, its_confidence))
            done = end - now_end
            joint = next(queue, _NO_MORE)
        index += 1
        growth = len(after) - (high - low)
        low = min(low, joint[2]) if joint[2] < high else low
        start = low + done
        while True:
            if joint[2] < high:
                high = max(high, joint[3])
                done = joint[1] - joint[3]
                rule, confidence = _least_sure(rule, confidence, joint[4], joint[5])
                joint = next(queue, _NO_MORE)
            elif index < count and changes[index][0] < high:
                change = changes[index]
                high = max(high, change.end)
                growth += len(change.after) - (change.end - change.start)
                rule, confidence = _least_sure(change.rule, change.confidence, rule, confidence)
                index += 1
            else:
                break
        composed.append((start, high + done, low + moved, high + moved + growth, rule, confidence))
        moved += growth
    while joint is not _NO_MORE:
        start, end, now_start, now_end, rule, confidence = joint
        composed.append((start, end, now_start + moved, now_end + moved, rule, confidence))
        joint = next(queue, _NO_MORE)
    return tuple(composed)


_NO_MORE: Joint = (sys.maxsize, sys.maxsize, sys.maxsize, sys.maxsize, "", 1.0)  # behind every joint and change


def _least_sure(rule: str, confidence: float, other: str, other_confidence: float) -> tuple[str, float]:
    """Return the rule that an edit made by two of them carries; the earlier layer's where they are equally sure."""
    return (rule, confidence) if confidence < other_confidence else (other, other_confidence)


def undone(text: str, edits: Sequence[Edit]) -> str:
    """Return the text as published, from the clean text and its edits."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += (text[position : edit.clean_start], edit.before)
        position = edit.clean_end
    pieces.append(text[position:])
    return "".join(pieces)

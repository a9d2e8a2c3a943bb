"""Text on its way from published to clean, and the edits that lead back.

Layers run one after another, each over the text that the one before left. A ``Change`` is said in the offsets of that
text; ``apply`` composes it with what was done before, so that an edit always joins a stretch of the text as published
to a stretch of the text now. Where layers touch the same characters their edits become one, which carries the rule and
confidence of the least sure of them.
"""

from __future__ import annotations

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


class Joint(NamedTuple):
    """[start, end) of the text as published stands at [now_start, now_end) of the current text."""

    start: int
    end: int
    now_start: int
    now_end: int
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Draft:
    """The text as published, the current text, and the joints between them, in order and without overlaps."""

    published: str
    text: str
    joints: tuple[Joint, ...] = ()

    def apply(self, changes: Sequence[Change]) -> Draft:
        """Return the draft with changes made. They are in order, do not overlap, and count in the current text."""
        changes = [change for change in changes if self.text[change.start : change.end] != change.after]
        if not changes:
            return self
        pieces: list[str] = []
        position = 0
        for change in changes:
            pieces += (self.text[position : change.start], change.after)
            position = change.end
        pieces.append(self.text[position:])
        return Draft(self.published, "".join(pieces), _composed(self.joints, changes))

    def edits(self, field: str) -> tuple[Edit, ...]:
        """Return the joints as records, without those that came back to the text as published."""
        return tuple(
            Edit(field, j.start, j.end, j.now_start, j.now_end, before, after, j.rule, j.confidence)
            for j in self.joints
            if (before := self.published[j.start : j.end]) != (after := self.text[j.now_start : j.now_end])
        )


def _composed(joints: Sequence[Joint], changes: Sequence[Change]) -> tuple[Joint, ...]:
    """Return the joints after changes: untouched ones moved, touched ones grown, new ones added; one sweep."""
    composed: list[Joint] = []
    old = 0  # next joint
    done = 0  # published minus current, of everything before
    moved = 0  # new minus current, of everything before
    index = 0
    while index < len(changes) or old < len(joints):
        change = changes[index] if index < len(changes) else None
        if change is None or (old < len(joints) and joints[old].now_end <= change.start):
            joint = joints[old]
            start, end, now_start, now_end, rule, confidence = joint
            composed.append(Joint(start, end, now_start + moved, now_end + moved, rule, confidence) if moved else joint)
            done = end - now_end
            old += 1
            continue
        # A group: changes and joints that touch one another, in current offsets [low, high).
        low, high = change.start, change.end
        rule, confidence = change.rule, change.confidence
        growth = len(change.after) - (change.end - change.start)
        index += 1
        group_done = done
        if old < len(joints) and _touches(joints[old], low, high):
            low = min(low, joints[old].now_start)
        start = low + group_done
        while True:
            if old < len(joints) and _touches(joints[old], low, high):
                joint = joints[old]
                high = max(high, joint.now_end)
                group_done = joint.end - joint.now_end
                rule, confidence = _least_sure(rule, confidence, joint.rule, joint.confidence)
                old += 1
            elif index < len(changes) and changes[index].start < high:
                change = changes[index]
                high = max(high, change.end)
                growth += len(change.after) - (change.end - change.start)
                rule, confidence = _least_sure(change.rule, change.confidence, rule, confidence)
                index += 1
            else:
                break
        composed.append(Joint(start, high + group_done, low + moved, high + moved + growth, rule, confidence))
        moved += growth
        done = group_done
    return tuple(composed)


def _touches(joint: Joint, low: int, high: int) -> bool:
    """Tell whether a joint shares a character with [low, high), or lies inside it."""
    return joint.now_start < high and joint.now_end > low


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

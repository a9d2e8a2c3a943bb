"""The damage profile of a page: what was done to it and how densely, as features of the tool that did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from corpus.records import DamageProfile, Edit, Hole

DIGITS = 3  # of a rate


def profile(published: str, edits: Sequence[Edit], holes: Sequence[Hole]) -> DamageProfile:
    """Return edits and holes per 1,000 published characters by rule, the annotated characters, and the hole words."""
    if not edits and not holes:
        return DamageProfile()
    counts = Counter(map(attrgetter("rule"), edits)) + Counter(hole.rule.partition(":")[0] for hole in holes)
    rates = ((kind, round(1000 * count / len(published), DIGITS)) for kind, count in sorted(counts.items()))
    annotated = {published[edit.start - 1] for edit in edits if edit.rule == "annotation" and edit.start}
    words = Counter(hole.rule.partition(":")[2] for hole in holes)
    return DamageProfile(tuple(rates), "".join(sorted(annotated)), tuple(sorted(words.items())))

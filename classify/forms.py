"""Damaged copies of passages: what content farms do to a text, done forward, then undone by restoration.

Training and measurement see what a page looks like after ``corpus.restore``: the holes and masks that stay, and what
restoration gets wrong. The damage itself is that of ``corpus.damage``.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Sequence

from classify.passages import Labelled, seeded
from corpus import damage
from corpus.restore import restore

# Words that filters delete, and what is left of them (seen on 46 of 349 pages).
HOLES = {
    "问题": "问",
    "电话": "",
    "方法": "",
    "手段": "手",
    "催收": "",
    "骚扰": "扰",
    "施压": "压",
    "记者": "",
    "欺诈": "欺",
    "侮辱": "",
}
# Words that advertisement-law filters mask.
MASKS = {"保障": "**", "最终": "*终", "不必": "不*", "最高": "**", "第一": "**", "专业": "**", "最大": "**"}
DENSITIES = {"pinyin-full": 1.0, "pinyin-partial": 0.35}
FORMS = ("traditional", "pinyin-full", "pinyin-partial", "marks", "holes", "masks")


def damaged(passage: Labelled, form: str) -> Labelled:
    """Return the passage as a page would show it. The same passage and form give the same text each time."""
    seed = seeded(f"{passage.id}/{form}")
    return dataclasses.replace(
        passage, title=_damage(passage.title, form, seed), text=_damage(passage.text, form, seed), form=form
    )


def restored(passage: Labelled) -> Labelled:
    """Return the passage as the corpus would hold it: title and text restored."""
    clean = restore(passage.text)
    title = restore(passage.title, field="title", context=clean).text if passage.title else ""
    return dataclasses.replace(passage, title=title, text=clean.text, script=clean.script)


def copies_of(passages: Sequence[Labelled]) -> tuple[Labelled, ...]:
    """Return restored copies of passages in every damaged form, form by form."""
    return tuple(restored(damaged(passage, form)) for form in FORMS for passage in passages)


def with_damage(passages: Sequence[Labelled], *, every: int) -> tuple[Labelled, ...]:
    """Return the passages, each ``every``-th replaced by a restored copy of one of the damaged forms in turn."""
    found = list(passages)
    for turn, place in enumerate(range(0, len(found), every)):
        found[place] = restored(damaged(found[place], FORMS[turn % len(FORMS)]))
    return tuple(found)


def _damage(text: str, form: str, seed: random.Random) -> str:
    if form == "holes":
        return damage.delete_words(text, HOLES, 0.6, seed)[0]
    if form == "masks":
        return re.sub("|".join(MASKS), lambda match: MASKS[match[0]], text)
    if form == "marks":
        return damage.cut_at_marks(damage.convert_by_character(text)).text
    changed = damage.convert_by_character(text)
    if form in DENSITIES:
        return damage.annotate(changed, damage.table_of(DENSITIES[form], seed)).text
    return changed

"""Restoration: damaged and obfuscated Chinese text made readable and searchable, reversibly.

``restore`` takes a text as published and returns clean Simplified text, the edits that lead back, the holes that
filters left, flags, and a profile of the damage. Layers run one after another, each composed with the ones before
(``draft``); what a layer costs, gets right and wrong is in ``docs/restoration.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from corpus.records import CleanText
from corpus.restore import script as scripts
from corpus.restore.annotations import remove_notes, without_notes
from corpus.restore.characters import traditional_only
from corpus.restore.draft import Change, Draft
from corpus.restore.evasions import undo_evasions
from corpus.restore.flags import find_flags, remove_injected
from corpus.restore.holes import find_holes
from corpus.restore.mojibake import repair_mojibake
from corpus.restore.profile import profile
from corpus.restore.straddles import repair_straddles
from corpus.restore.surface import decode_entities, narrow, remove_invisible

Layer = Callable[[str, Set[str]], Iterable[Change]]
ROUNDS = 6  # after which a text that still changes is left alone: it is none of the damage we know


def restore(text: str, *, field: str = "text", context: CleanText | None = None) -> CleanText:
    """Return the clean text, with edits and holes in the offsets of the text as published and of the clean text.

    field: the name that edits and holes carry ("title", "author", "text"). context: what ``restore`` made of the
    page's main text; it decides for a title or a name what a few characters cannot (script, annotations). Any string
    is accepted; restoring the clean text again changes nothing; time is linear in its length.
    """
    page = context.script if context is not None else ""
    quiet: dict[Layer, str] = {}
    draft, script, present = _round(Draft(text, text), set(text), page, quiet)
    for _ in range(ROUNDS):
        if draft.text == text:
            break
        again, _, present = _round(draft, present, page, quiet)
        if again.text == draft.text:
            break
        draft = again
    else:
        draft, present = Draft(text, text), set(text)
    edits = draft.edits(field)
    holes = find_holes(draft.text, field)
    return CleanText(
        draft.text, edits, holes, script, find_flags(draft.text, field, present), profile(text, edits, holes)
    )


def _round(draft: Draft, present: Set[str], page: str, quiet: dict[Layer, str]) -> tuple[Draft, str, Set[str]]:
    """Return the draft after every layer once, in the order in which damage comes off, the script it was in, and its
    characters now.

    present: its characters before. quiet: for each layer a text in which it found nothing to do; kept up to date.
    """
    draft, present = _after(draft, present, repair_mojibake, quiet)
    draft, present = _after(draft, present, remove_invisible, quiet)
    evidence = scripts.examine(draft.text, present)
    straddles = repair_straddles(draft.text, traditional=evidence.traditional > evidence.simplified)
    if straddles:
        draft = draft.apply(straddles)
        present = set(draft.text)
        evidence = scripts.examine(draft.text, present)
    known = ("", "")
    if evidence.traditional > evidence.simplified:
        bare = without_notes(draft.text)
        known = (bare, scripts.simplified_text(bare, traditional=True))
        evidence = scripts.weigh(evidence, *known)
    script = evidence.decided(page)
    draft = draft.apply(remove_notes(draft.text, evidence, page))
    layers: tuple[Layer, ...] = (decode_entities, narrow)
    for layer in layers:
        draft, present = _after(draft, present, layer, quiet)
    draft = draft.apply(scripts.simplify(draft, present, script, known))
    if not traditional_only().isdisjoint(present):
        present = set(draft.text)
    layers = (undo_evasions, remove_injected)
    for layer in layers:
        draft, present = _after(draft, present, layer, quiet)
    return draft, script, present


def _after(draft: Draft, present: Set[str], layer: Layer, quiet: dict[Layer, str]) -> tuple[Draft, Set[str]]:
    """Return the draft and its characters after one layer."""
    if quiet.get(layer) == draft.text:
        return draft, present
    changed = draft.apply(tuple(layer(draft.text, present)))
    if changed is draft:
        quiet[layer] = draft.text
        return draft, present
    return changed, set(changed.text)

"""Restoration: damaged and obfuscated Chinese text made readable and searchable, reversibly.

``restore`` takes a text as published and returns clean Simplified text, the edits that lead back, the holes that
filters left, flags, and a profile of the damage. Layers run one after another, each composed with the ones before
(``draft``); what a layer costs, gets right and wrong is in ``docs/restoration.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from corpus.records import CleanText
from corpus.restore import script as scripts
from corpus.restore.annotations import remove_notes
from corpus.restore.draft import Change, Draft
from corpus.restore.straddles import repair_straddles
from corpus.restore.surface import decode_entities, narrow, remove_invisible

ROUNDS = 6  # after which a text that still changes is left alone: it is none of the damage we know

Layer = Callable[[str], Iterable[Change]]


def restore(text: str, *, field: str = "text", context: CleanText | None = None) -> CleanText:
    """Return the clean text, with edits and holes in the offsets of the text as published and of the clean text.

    field: the name that edits and holes carry ("title", "author", "text"). context: what ``restore`` made of the
    page's main text; it decides for a title or a name what a few characters cannot (script, annotations). Any string
    is accepted; restoring the clean text again changes nothing; time is linear in its length.
    """
    draft = Draft(text, text)
    evidence = scripts.examine(text)
    page = context.script if context is not None else ""
    for _ in range(ROUNDS):
        before = draft.text
        draft = _round(draft, page)
        if draft.text == before:
            break
    else:
        draft = Draft(text, text)
    return CleanText(draft.text, draft.edits(field), script=evidence.decided(page))


def _round(draft: Draft, page: str) -> Draft:
    """Return the draft after every layer once."""
    draft = draft.apply(tuple(remove_invisible(draft.text)))
    draft = draft.apply(repair_straddles(draft.text))
    evidence = scripts.examine(draft.text)
    draft = draft.apply(remove_notes(draft.text, evidence, page))
    draft = draft.apply(tuple(decode_entities(draft.text)))
    draft = draft.apply(tuple(narrow(draft.text)))
    return draft.apply(scripts.simplify(draft, evidence.decided(page)))

"""Pinyin annotations, 網(wǎng) or 會(huì ): removed where a tool put them, kept where they teach how to read.

A tool that turns a page into Traditional characters writes the reading behind characters it converted. Genuine
annotation stands behind rare characters, converted or not, so the page decides: see ``removes_notes``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from corpus.restore.characters import HANZI, readings, traditional_only
from corpus.restore.draft import Change
from corpus.restore.pinyin import NOTE, is_toned, spelled
from corpus.restore.script import MACHINE, TRADITIONAL, Evidence

RULE = "annotation"
FEW = 3  # notes from which on a page is judged as a whole
CONVERTED_SHARE = 0.9  # of the notes of a damaged page, on characters that Simplified writes otherwise
CONFIDENCE = 0.999  # 393 of 393 notes of two real pages, and see benchmarks/restore.py
SPARSE_CONFIDENCE = 0.98
SURELY_NATIVE = 8  # merged characters as phrases want them, none otherwise, that keep the notes of a page with few


class Note(NamedTuple):
    """An annotation behind a character that it is a reading of: ``start`` is the bracket's place."""

    start: int
    end: int
    character: str
    syllable: str
    converted: bool


def find_notes(text: str) -> tuple[Note, ...]:
    """Return the annotations of a text, in order: those whose syllable is a reading of the character before."""
    if "(" not in text:
        return ()
    converted = traditional_only()
    notes: list[Note] = []
    for match in NOTE.finditer(text):
        start, end = match.span()
        before, syllable = text[start - 1 : start], match[1]
        if _reads(before, syllable):
            notes.append(Note(start, end, before, syllable, before in converted))
    return tuple(notes)


@lru_cache(maxsize=1 << 14)
def _reads(character: str, syllable: str) -> bool:
    """Tell whether a syllable is a reading of a character."""
    return bool(HANZI.match(character)) and spelled(syllable) in readings(character)


def without_notes(text: str) -> str:
    """Return a text without anything that looks like an annotation, to judge its characters by."""
    return NOTE.sub("", text) if "(" in text else text


def removes_notes(notes: Sequence[Note], *, native: bool = False) -> bool:
    """Tell whether the notes of a page come from a tool.

    At least nine in ten stand behind converted characters; and a page with fewer than three of them is Traditional
    throughout, not a Simplified page that quotes a character, nor one that Traditional writers wrote (``native``).
    """
    if not notes:
        return False
    if sum(note.converted for note in notes) < CONVERTED_SHARE * len(notes):
        return False
    if not any(is_toned(note.syllable) for note in notes):
        return False
    return len(notes) >= FEW or not native


def remove_notes(text: str, evidence: Evidence, page: str = "") -> tuple[Change, ...]:
    """Return the changes that take a tool's notes out of a page; none where the notes teach."""
    notes = find_notes(text)
    if not notes or evidence.traditional <= evidence.simplified:
        return ()
    surely = evidence.agree >= SURELY_NATIVE and not evidence.disagree
    native = page != MACHINE and evidence.decided(page) == TRADITIONAL and (bool(page) or surely)
    if not removes_notes(notes, native=native):
        return ()
    confidence = CONFIDENCE if len(notes) >= FEW else SPARSE_CONFIDENCE
    return tuple(Change(note.start, note.end, "", RULE, confidence) for note in notes)

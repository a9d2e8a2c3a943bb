"""Pinyin as annotators write it: the pattern of a note and what it says."""

from __future__ import annotations

import re

SYLLABLE = "[a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿêɑɡ]{1,7}"
TONE_MARKS = frozenset("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ")
SAME_LETTER = str.maketrans("ɑɡ", "ag")
NOTE = re.compile(rf"\(({SYLLABLE})( ?)\)")


def spelled(syllable: str) -> str:
    """Return a syllable as the tables of readings spell it."""
    return syllable.translate(SAME_LETTER)


def is_toned(syllable: str) -> bool:
    return not TONE_MARKS.isdisjoint(syllable)

"""What lies on the surface of characters: invisible ones, full-width letters and digits, HTML remains, other forms."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Set

from corpus.restore.characters import HANZI
from corpus.restore.draft import Change

INVISIBLE_RULE = "invisible"
WIDTH_RULE = "width"
ENTITY_RULE = "html-remains"
CERTAIN = 1.0

# Zero-width and soft characters, direction marks, tags, C0 and C1 controls but tab and newline; the joiner and the
# variation selectors stay where they shape an emoji.
LINE = 200  # characters around a reference in which hanzi must stand
_JOINERS = "\u200d\ufe0e\ufe0f"
_UNSEEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_INVISIBLE = re.compile(
    f"[{_JOINERS}{_UNSEEN}](?:(?<=[{_UNSEEN}])[{_UNSEEN}]*|"
    f"(?<=[{_JOINERS}])(?<![\u2190-\u2bff\U0001f000-\U0001faff\ufe0f].)[{_JOINERS}]*)"
)
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]+")
_NARROW = {ord("０") + i: ord("0") + i for i in range(10)} | {
    ord(wide) + i: ord(narrow) + i for wide, narrow in (("Ａ", "A"), ("ａ", "a")) for i in range(26)
}
_ENTITY = re.compile(
    r"&(?:amp;){0,8}(?:nbsp|amp|lt|gt|quot|apos|ldquo|rdquo|lsquo|rsquo|hellip|mdash|ndash|middot|ensp|emsp|"
    r"#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});"
)


# Every invisible character but the tags: a text without any of them is not searched.
_SUSPECTS = frozenset(filter(_INVISIBLE.match, map(chr, range(0x10000)))) | {"\u200d", "\ufe0e", "\ufe0f"}
_WIDE_FORMS = frozenset(map(chr, _NARROW))


def remove_invisible(text: str, present: Set[str]) -> Iterator[Change]:
    """Yield the changes that take invisible characters out."""
    if _SUSPECTS.isdisjoint(present) and max(present, default="") < "\U000e0000":
        return
    for match in _INVISIBLE.finditer(text):
        yield Change(match.start(), match.end(), "", INVISIBLE_RULE, CERTAIN)


def narrow(text: str, present: Set[str]) -> Iterator[Change]:
    """Yield the changes that make full-width letters and digits ASCII; full-width punctuation is Chinese and stays."""
    if _WIDE_FORMS.isdisjoint(present):
        return
    for match in _WIDE.finditer(text):
        yield Change(match.start(), match.end(), match[0].translate(_NARROW), WIDTH_RULE, CERTAIN)


def decode_entities(text: str, present: Set[str]) -> Iterator[Change]:
    """Yield the changes that decode character references that were encoded once too often."""
    if "&" not in present:
        return
    for match in _ENTITY.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        if not HANZI.search(text, max(start, match.start() - LINE), match.end() + LINE):
            continue  # code that shows a reference
        decoded = match[0]
        while decoded.startswith("&amp;") and len(decoded) > 5:
            decoded = "&" + decoded[5:]
        decoded = html.unescape(decoded).replace("\xa0", " ")
        if len(decoded) == 1 and (decoded.isprintable() or decoded == "\n"):
            yield Change(match.start(), match.end(), decoded, ENTITY_RULE, CERTAIN)

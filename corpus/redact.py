"""Personal data of a text: where contact points, ID numbers and bank cards stand, and the text with them masked.

Masks keep the length, so that the offsets of edits, holes and labels stay true. Amounts, dates, case numbers and public
hotlines are left as they are. Contact points are those of ``corpus.contacts``; an ID number must pass its check digit
(GB 11643), a card number the Luhn check (ISO/IEC 7812): a run of digits that fails is no personal data but a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.contacts import contacts_in, fold_digits

CHUNK = 100_000  # characters searched at a time: bounds what one page can cost
OVERLAP = 200  # characters two chunks share: longer than any contact point
MASK = "*"

_ID = re.compile(
    r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
    r"(?![0-9A-Za-z])"
)
_CARD = re.compile(r"(?<![0-9A-Za-z.])[3-6][0-9]{3}(?:[ \-]?[0-9]{4}){3}(?:[ \-]?[0-9]{1,3})?(?![0-9A-Za-z]|\.[0-9])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Personal:
    """A stretch of personal data: half-open, in code points. kind: "id", "card", or a kind of contact point."""

    start: int
    end: int
    kind: str


def find_personal(text: str) -> tuple[Personal, ...]:
    """Return the personal data of ``text``, in order, without overlaps.

    >>> [found.kind for found in find_personal("电话13900001234，身份证11010119900307109X")]
    ['phone', 'id']
    """
    found: list[Personal] = []
    for offset in range(0, max(len(text), 1), CHUNK):
        chunk = text[max(offset - OVERLAP, 0) : offset + CHUNK]
        shift = max(offset - OVERLAP, 0)
        found += [Personal(p.start + shift, p.end + shift, p.kind) for p in _in_chunk(chunk)]
    return tuple(_apart(found))


def mask_text(text: str) -> str:
    """Return ``text`` with its personal data masked, character for character.

    >>> mask_text("电话13900001234，月息1.5万元")
    '电话139****1234，月息1.5万元'
    """
    return mask_spans(text, find_personal(text))


def mask_spans(text: str, spans: Iterable[Personal]) -> str:
    """Return ``text`` with these stretches masked; they must not overlap."""
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += [text[at : span.start], mask_piece(text[span.start : span.end], span.kind)]
        at = span.end
    return "".join([*parts, text[at:]])


def mask_piece(piece: str, kind: str) -> str:
    """Return a contact point as written with its middle replaced by ``*``, same length.

    >>> mask_piece("lisi@example.com", "email"), mask_piece("wx_debt_77", "wechat")
    ('l***@example.com', 'wx******77')
    """
    if kind == "email" and "@" in piece:
        name, _, host = piece.partition("@")
        return f"{name[:1]}{MASK * (len(name) - 1)}@{host}"
    places = [place for place, mark in enumerate(piece) if mark.isalnum()]
    head, tail = (
        (3, 4) if kind == "phone" and len(places) == 11 else (min(4, len(places) // 4), min(2, len(places) // 5))
    )
    hidden = set(places[head : len(places) - tail])
    return "".join(MASK if place in hidden else mark for place, mark in enumerate(piece))


def moved_spans(spans: Sequence[Personal], edits: Sequence[tuple[int, int, int, int]]) -> tuple[Personal, ...]:
    """Return the spans of a clean text as spans of the text as published.

    edits: (start, end, clean_start, clean_end), in order, without overlaps. A number that pinyin or invisible characters
    interrupt is found in the clean text only; this is how it is masked in the text as published.
    """
    moved = []
    for span in spans:
        start = published_offset(span.start, edits, last=False)
        end = published_offset(span.end - 1, edits, last=True) + 1
        moved.append(Personal(start, max(end, start), span.kind))
    return tuple(moved)


def published_offset(place: int, edits: Sequence[tuple[int, int, int, int]], *, last: bool) -> int:
    """Return the place in the text as published of a character of the clean text; inside an edit its first or last one."""
    shift = 0
    for start, end, clean_start, clean_end in edits:
        if place < clean_start:
            break
        if place < clean_end:
            return max(start, end - 1) if last else start
        shift = end - clean_end
    return place + shift


def join_spans(*groups: Sequence[Personal]) -> tuple[Personal, ...]:
    """Return the union of groups of spans, in order, without overlaps."""
    return tuple(_apart([span for group in groups for span in group]))


def is_id_number(digits: str) -> bool:
    """Whether an 18-character ID number has the right check digit (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == digits[17].upper()


def is_card_number(digits: str) -> bool:
    """Whether a run of digits passes the Luhn check (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _in_chunk(text: str) -> Iterator[Personal]:
    plain = fold_digits(text)
    for match in _ID.finditer(plain):
        if is_id_number(match.group()):
            yield Personal(match.start(), match.end(), "id")
    for match in _CARD.finditer(plain):
        digits = re.sub("[^0-9]", "", match.group())
        if is_card_number(digits) and not _ID.fullmatch(digits):
            yield Personal(match.start(), match.end(), "card")
    for contact in contacts_in(text):
        if contact.kind != "hotline":
            yield Personal(contact.start, contact.end, contact.kind)


def _apart(found: Iterable[Personal]) -> Iterator[Personal]:
    """Yield the spans in order, those that overlap as one."""
    held: Personal | None = None
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if held is None:
            held = span
        elif span.start < held.end:
            held = Personal(held.start, max(held.end, span.end), held.kind)
        else:
            yield held
            held = span
    if held is not None:
        yield held

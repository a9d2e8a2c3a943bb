"""The bytes of GBK as a decoder sees them, and the pairs that have no character.

A page that a tool rewrote byte by byte shows its bytes regrouped; these tables regroup them back. Where a decoder meets
a pair without a character it shows ``?`` for both bytes, or a private-use character (CP936's user-defined areas, see
the WHATWG Encoding Standard, index gb18030 and Microsoft's code page 936).
"""

from __future__ import annotations

from functools import cache

LEADS = range(0x81, 0xFF)
TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))


@cache
def characters() -> tuple[str, ...]:
    """Return the character of each pair of bytes, indexed by lead * 256 + trail; "" where there is none."""
    # Decoding byte by byte with "ignore" would take the second byte of a pair without a character for ASCII.
    decoded = [bytes(divmod(pair, 256)).decode("gbk", "ignore") if pair >= 0x8140 else "" for pair in range(65536)]
    return tuple("" if c.isascii() else c for c in decoded)


def private_use(lead: int, trail: int) -> str:
    """Return the private-use character that CP936 gives a pair of its user-defined areas, or ""."""
    if 0xAA <= lead <= 0xAF and trail >= 0xA1:
        return chr(0xE000 + (lead - 0xAA) * 94 + trail - 0xA1)
    if 0xF8 <= lead <= 0xFE and trail >= 0xA1:
        return chr(0xE234 + (lead - 0xF8) * 94 + trail - 0xA1)
    if 0xA1 <= lead <= 0xA7 and trail in range(0x40, 0xA1) and trail != 0x7F:
        return chr(0xE4C6 + (lead - 0xA1) * 96 + trail - 0x40 - (trail > 0x7F))
    return ""


@cache
def byte_pairs() -> dict[str, bytes]:
    """Return the bytes of each character of two bytes, private-use characters included."""
    pairs = {c: bytes(divmod(pair, 256)) for pair, c in enumerate(characters()) if c}
    for lead in LEADS:
        for trail in TRAILS:
            if (c := private_use(lead, trail)) and not characters()[lead * 256 + trail]:
                pairs[c] = bytes((lead, trail))
    return pairs


@cache
def by_lead() -> tuple[tuple[tuple[int, str], ...], ...]:
    """Return (trail, character) of every character with a lead byte, indexed by that byte."""
    table = characters()
    return tuple(
        tuple((trail, table[lead * 256 + trail]) for trail in TRAILS if lead >= 0x81 and table[lead * 256 + trail])
        for lead in range(256)
    )


@cache
def by_trail() -> tuple[tuple[tuple[int, str], ...], ...]:
    """Return (lead, character) of every character with a trail byte, indexed by that byte."""
    table = characters()
    return tuple(
        tuple((lead, table[lead * 256 + trail]) for lead in LEADS if table[lead * 256 + trail]) for trail in range(256)
    )


@cache
def holes() -> tuple[frozenset[int], ...]:
    """Return, for each lead byte, the trail bytes of two-byte pairs that have no character."""
    table = characters()
    return tuple(
        frozenset(trail for trail in range(0x80, 0xFF) if not table[lead * 256 + trail])
        | frozenset(trail for trail in TRAILS if lead >= 0x81 and not table[lead * 256 + trail])
        for lead in range(256)
    )

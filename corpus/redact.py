"""Personal data of a text: where contact points, ID numbers and bank cards stand, and the text with them masked.

Masks keep the length, so that the offsets of edits, holes and labels stay true. Amounts, dates, case numbers and public
hotlines are left as they are. Contact points are those of ``corpus.contacts``; an ID number must pass its check digit
(GB 11643), a card number the Luhn check (ISO/IEC 7812): a run of digits that fails is no personal data but a number.
"""

from __future__ import annotations

import hashlib
import hmac
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
_PLATE = re.compile(
    r"(?:车牌|牌照|车辆|号牌|轿车)[^0-9A-Za-z\n]{0,8}?([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·. ]?[A-HJ-NP-Z0-9]{5,6})"
    r"(?![A-Za-z0-9])"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金贾韦夏"
    "付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤"
)
# A surname and one or two characters, closed by a mark or a bracket, so that 借款人应当 (the borrower must) is no name.
_NAMED = re.compile(
    r"(?:借款人|债务人|欠款人|被执行人|失信人|老赖|被告人?|欠债人|担保人|逾期人|紧急联系人|姓名)(?:[:：为是]|姓名[:：]?|名叫|叫)?[ 　]?"
    rf"([{_SURNAMES}](?:某某?|[\u4e00-\u9fff]{{1,2}}))(?=[，,。；;、（(：:\s）)]|男|女|身份证|$)"
)
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


def redact_text(text: str, key: bytes, counts: dict[str, int] | None = None) -> str:
    """Return ``text`` with personal data replaced by ``[kind:digest]``, the digest keyed: equal data give equal tokens.

    Plates and names beside words for debtors are replaced as well. ``counts`` is added to, by kind.
    """
    parts: list[str] = []
    at = 0
    for span in join_spans(find_personal(text), tuple(find_named(text))):
        piece = text[span.start : span.end]
        parts += [text[at : span.start], token(piece, span.kind, key)]
        at = span.end
        if counts is not None:
            counts[span.kind] = counts.get(span.kind, 0) + 1
    return "".join([*parts, text[at:]])


def token(piece: str, kind: str, key: bytes) -> str:
    """Return the token of a piece of personal data; how it is written (spaces, full width, case) makes no difference."""
    plain = "".join(
        mark for mark in fold_digits(piece, numerals=kind == "phone").lower() if mark.isalnum() or mark in "@._"
    )
    plain = plain.removeprefix("86") if kind == "phone" and len(plain) == 13 else plain
    return f"[{kind}:{hmac.new(key, f'{kind}:{plain}'.encode(), hashlib.sha256).hexdigest()[:12]}]"


def find_named(text: str) -> Iterator[Personal]:
    """Yield number plates, and names that stand right after a word for a debtor: 借款人张三 (borrower Zhang San)."""
    for match in _PLATE.finditer(fold_digits(text)):
        yield Personal(match.start(1), match.end(1), "plate")
    for match in _NAMED.finditer(text):
        yield Personal(match.start(1), match.end(1), "name")


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

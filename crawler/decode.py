"""Bytes of a page in, its characters out, with how they were chosen.

Chinese servers label their pages wrongly often enough (8 of 156 pages measured) that no label is believed alone, and a
few bad bytes must not cost the page. The ladder: byte order mark; UTF-8 over the whole body; every strict decoding
among GB18030, Big5 and the declared one, ranked by how common the characters are that come out (any Big5 text is also
valid GB18030, but reads as rare characters); the best decoding with replacement characters.
Source: WHATWG Encoding Standard for the labels; ``docs/extraction.md`` for the measurements.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass

# Bytes looked at for <meta charset>: the HTML standard demands it within 1,024; real pages put scripts first.
META_WINDOW = 8_192
# Bytes decoded to rank the candidates: enough text to tell, and bounded whatever the page.
SAMPLE = 262_144
RANKED = 8_000  # characters beyond ASCII that are weighed
# What a character counts when candidates are ranked (chosen: one U+FFFD outweighs four good characters).
COMMON, RARE, PRIVATE, REPLACED = 1.0, -0.25, -2.0, -4.0
# With at most this share of bad bytes, UTF-8 is still UTF-8: multi-byte sequences do not come about by accident.
UTF8_TOLERANCE = 0.02
UTF8_ENOUGH = 20  # characters beyond ASCII that UTF-8 must explain before it forgives a bad byte (chosen)

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Labels of the WHATWG standard that mean something wider than they say.
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "gb18030": "gb18030",
    "chinese": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
}
# Python's name of a codec -> the name that is stored and shown.
SHOWN = {"big5hkscs": "big5", "cp1252": "windows-1252", "cp932": "shift_jis", "cp949": "euc-kr"}

_ASCII = re.compile(r"[\x00-\x7f]+")
_ASCII_BYTES = bytes(range(128))
_META = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.\-]{2,40})", re.IGNORECASE)

# The characters that make up about half of running Chinese text, both scripts (Jun Da's list, first 300, from memory
# of the order, which does not matter), and the punctuation of Chinese typesetting.
FREQUENT = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能"
    "好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进"
    "把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使"
    "教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件"
    "安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望"
    "直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近"
    "這來國個們說為時會對過學裡後沒發當開經動長樣現將與實點種聲話兒問機給幾業間電門東氣關並內產處總場書員報馬張難數車應"
    "親務記邊風戰許覺題統請愛讓認論義術結遠資隊帶條變聯權該領傳錢網貸債還逾期催收款借銀行律師法院平臺"
    "，。、：；！？“”（）《》　·—…"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a page. ``source``: "bom", "utf-8", "declared", "ranked" or "replaced"."""

    text: str
    charset: str
    source: str
    replacement_count: int = 0  # U+FFFD that decoding put in (not those the page itself holds)


def decode(body: bytes, declared: str = "") -> Decoded:
    """Return the text of ``body``. Never fails: what fits nothing is decoded with replacement characters.

    declared: the Content-Type header, or a bare label, or "". The page's own <meta> is read as well.
    """
    for mark, charset in BOMS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(charset, "replace")
            return Decoded(text, charset, "bom", text.count("\ufffd"))
    try:
        return Decoded(body.decode("utf-8"), "utf-8", "utf-8")
    except UnicodeDecodeError as error:
        if _only_the_last_character_is_cut(body, error):
            text = body.decode("utf-8", "replace")
            return Decoded(text, "utf-8", "utf-8", 1)
    if _is_damaged_utf8(body):
        text = body.decode("utf-8", "replace")
        return Decoded(text, "utf-8", "replaced", text.count("\ufffd"))
    labels = _labels(body, declared)
    strict = [(codec, found) for codec in _candidates(labels) if (found := _strictly(body, codec)) is not None]
    if strict:
        # max keeps the first of equals, so a label decides where the text does not.
        codec, text = max(strict, key=lambda pair: commonness(pair[1][:SAMPLE]))
        return Decoded(text, SHOWN.get(codec, codec), "declared" if codec in labels else "ranked")
    return _with_replacement(body, labels)


def commonness(text: str) -> float:
    """Return how Chinese a text reads: the mean worth of its characters outside ASCII, about -4 to 1; 0 for none."""
    worth, total = 0.0, 0
    for character, count in Counter(_ASCII.sub("", text)[:RANKED]).items():
        total += count
        worth += _worth(character) * count
    return worth / total if total else 0.0


def _worth(character: str) -> float:
    if character in FREQUENT:
        return COMMON
    if character == "\ufffd":
        return REPLACED
    if "\ue000" <= character <= "\uf8ff" or "\x80" <= character < "\xa0":
        return PRIVATE
    return 0.0 if "\u4e00" <= character <= "\u9fff" else RARE


def _only_the_last_character_is_cut(body: bytes, error: UnicodeDecodeError) -> bool:
    return error.start >= len(body) - 3 and error.reason == "unexpected end of data"


def _labels(body: bytes, declared: str) -> list[str]:
    """Return the codecs that header and page name, in that order, known ones only."""
    head = body[:META_WINDOW]
    header = _HEADER.search(declared)
    named = [header.group(1) if header else declared.strip()]
    named += [match.group(1).decode("ascii") for pattern in (_META, _XML) if (match := pattern.search(head))]
    labels: list[str] = []
    for name in named:
        codec = _codec(name)
        if codec and codec not in labels:
            labels.append(codec)
    return labels


def _codec(label: str) -> str:
    """Return Python's codec for a label, or "" where there is none that yields text."""
    lowered = label.lower()
    if lowered in WIDER:
        return WIDER[lowered]
    if not lowered or len(lowered) > 40:
        return ""
    try:
        info = codecs.lookup(lowered)
    except (LookupError, ValueError):
        return ""
    return info.name if info.name in _WEB else ""


# base64, rot13, zlib … are codecs to Python; utf-7 and punycode are never a web page's character set.
_WEB = frozenset(
    ["euc_jp", "iso2022_jp", "koi8-r", "koi8-u", "hz", "mac-roman", "tis-620", "utf-16", "utf-16-le", "utf-16-be"]
    + [f"cp{page}" for page in (866, 874, 932, 949, 950, *range(1250, 1259))]
    + [f"iso8859-{part}" for part in range(1, 17)]
)


def _candidates(labels: list[str]) -> list[str]:
    return [*(label for label in labels if label != "utf-8"), *(c for c in ("gb18030", "big5hkscs") if c not in labels)]


def _strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeDecodeError, ValueError):
        return None


def _is_damaged_utf8(body: bytes) -> bool:
    """Return whether the body is UTF-8 but for a few bytes (GB18030 read as UTF-8 is bad in every second character)."""
    sample = body[:SAMPLE]
    beyond = sample.translate(None, _ASCII_BYTES)
    most = max(1.0, UTF8_TOLERANCE * len(beyond))
    # Replacing is slow, and a page in GB18030 holds too many bad bytes within its first few: a glance spares the rest.
    if beyond[: 64 + int(4 * most)].decode("utf-8", "replace").count("\ufffd") > most:
        return False
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return good >= UTF8_ENOUGH and bad <= max(1, UTF8_TOLERANCE * good)


def _with_replacement(body: bytes, labels: list[str]) -> Decoded:
    """Return the best decoding that puts U+FFFD for what does not fit."""
    codecs_to_try = [*_candidates(labels), "utf-8"]
    best = max(codecs_to_try, key=lambda codec: commonness(body[:SAMPLE].decode(codec, "replace")))
    text = body.decode(best, "replace")
    return Decoded(text, SHOWN.get(best, best), "replaced", text.count("\ufffd"))

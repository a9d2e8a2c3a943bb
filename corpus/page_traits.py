"""What one page tells about its site, as a few numbers that can be summed over millions of pages.

Text and metadata of an article go in, a ``PageTraits`` comes out: hashes of the title's pattern, a sketch of the
sentences, how well the text compresses, what restoration found, links, time of publishing. The pass over all pages
(``corpus.site_features``) reads nothing else, so that a new page costs one reading and a new run none.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

import xxhash

VERSION = "traits/3"
MAX_TEXT = 100_000  # code points read; longer articles are judged by their beginning
SKETCH = 16  # sentence hashes kept of a page, the smallest ones: the same sentence is kept on every page (bottom-k)
MIN_SENTENCE = 12  # code points; shorter ones recur by chance (dedup_spam.md B.6)
MIN_PROSE = 25  # code points of a block outside the main text that counts as prose (chosen)
MIN_TITLE = 6  # letters of a masked title; shorter ones (公告, notice) recur on honest sites
AFFIX = 7  # letters at the end of a title that make its pattern: {甘肃}网贷逾期处理有哪些有效方法
MAX_RATIO_TEXT = 20_000  # code points that are compressed

# Headings a text generator leaves: 小编导语 (editor's introduction) … 小编总结 (editor's summary).
_SCAFFOLD = re.compile(
    r"^(?:小编(?:导语|总结|寄语|有话说|结语|提示|点评|推荐)|(?:文章)?(?:导语|引言|概述|结语|总结|小结|结论|尾声)|"
    r"[一二三四五六七八九十]{1,2}、(?:小编)?(?:导语|引言|总结|结语|小结|结论))[:：]?$"
)
_NUMBERED = re.compile(r"^[1-9]\.[1-9][ .、]?\S")
MIN_NUMBERED = 4  # headings 1.1, 1.2 … that count as one generator heading
# What language models leave behind: [[webpage 93]], "textCopy code", "as an AI language model".
_RESIDUE = re.compile(
    r"\[\[webpage \d+|网页\d{1,3}(?=[^\d年月])|textCopy [Cc]ode|作为一?个?(?:AI|人工智能)(?:语言)?(?:模型|助手)|"
    r"E-E-A-T|\[citation:\d+\]|【\d+†source】"
)
# Where an excerpt was cut by whoever collected it: "[…]", as blog software marks its summaries.
_EXCERPT = re.compile(r"\[\s?(?:…|\.\.\.|&hellip;)\s?\]")
_SENTENCE = re.compile(r"[。！？!?；;\n…]+")
_PROSE = re.compile(r"[\u3400-\u9fff][，。；]")
_LETTER = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")
_SLOT = re.compile(r"[0-9零〇一二三四五六七八九十百千万两]+")


@dataclass(frozen=True, slots=True)
class PageText:
    """What is read of one article. ``outside``: prose of the page that is no main text (``prose``); ``annotations`` and ``slips``: characters annotated with pinyin and byte slips that
    restoration undid; ``holes``: words that seem removed, one each time; ``injected`` and ``link_length`` in code
    points; ``posted``: ISO 8601 as published, "" if unknown."""

    title: str
    text: str
    outside: str = ""
    keywords: str = ""
    description: str = ""
    annotations: int = 0
    slips: int = 0
    holes: tuple[str, ...] = ()
    injected: int = 0
    link_length: int = 0
    outside_sites: int = 0
    posted: str = ""


@dataclass(frozen=True, slots=True)
class PageTraits:
    """Traits of one page. Hashes are signed 64-bit, 0 where there is none; ``sentences`` little-endian uint32s,
    ascending; rates as named; ``posted`` seconds since 1970, -1 unless known to the minute."""

    title: int  # of the title with its numbers masked
    title_end: int  # of its last AFFIX letters
    sentences: bytes
    sentence_count: int
    length: int  # code points
    ratio: float  # UTF-8 bytes / zlib bytes
    pinyin: float  # annotated characters per 100
    slips: float  # byte slips per 10,000 characters
    holes: int
    hole_words: int  # different words
    scaffold: int  # generator headings
    residue: int  # traces of a language model, two each, and of collected excerpts, one each
    stuffing: float  # share of title and keywords that is jargon foreign to the body, 0..1
    injected: int  # code points of hidden or injected text
    links: float  # characters in link blocks / all characters, 0..1
    outside: int  # other sites linked to
    posted: int


def traits(page: PageText) -> PageTraits:
    """Return the traits of one page; any text is accepted."""
    text = page.text[:MAX_TEXT]
    shown = f"{text}\n{page.outside[:MAX_TEXT]}" if page.outside else text
    sentences = sentence_hashes(shown)
    lines = [line.strip() for line in text.split("\n")]
    numbered = sum(1 for line in lines if _NUMBERED.match(line))
    scaffold = len({line for line in lines if len(line) <= 16 and _SCAFFOLD.match(line)}) + (numbered >= MIN_NUMBERED)
    title, title_end = title_pattern(page.title)
    return PageTraits(
        title=title,
        title_end=title_end,
        sentences=b"".join(value.to_bytes(4, "little") for value in sorted(sentences)[:SKETCH]),
        sentence_count=len(sentences),
        length=len(shown),
        ratio=ratio(text),
        pinyin=100 * page.annotations / max(1, len(text)),
        slips=10_000 * page.slips / max(1, len(text)),
        holes=len(page.holes),
        hole_words=len(set(page.holes)),
        scaffold=scaffold,
        residue=2 * len(_RESIDUE.findall(text)) + len(_EXCERPT.findall(shown)),
        stuffing=stuffing(page.title, f"{page.keywords} {page.description}", text),
        injected=page.injected,
        links=page.link_length / max(1, page.link_length + len(text)),
        outside=page.outside_sites,
        posted=_seconds(page.posted),
    )


def sentence_hashes(text: str) -> frozenset[int]:
    """Return 32-bit hashes of the different sentences of at least MIN_SENTENCE letters, numbers masked."""
    found = set()
    for sentence in _SENTENCE.split(text):
        if len(sentence) >= MIN_SENTENCE:
            letters = _SLOT.sub("0", _LETTER.sub("", sentence))
            if len(letters) >= MIN_SENTENCE:
                found.add(xxhash.xxh32_intdigest(letters.encode("utf-8", "replace")))
    return frozenset(found)


def title_pattern(title: str) -> tuple[int, int]:
    """Return hashes of the title with numbers masked and of its end; 0 where it is too short to have a pattern."""
    letters = _SLOT.sub("0", _LETTER.sub("", title)).lower()
    if len(letters) < MIN_TITLE:
        return 0, 0
    end = signed_hash(letters[-AFFIX:]) if len(letters) >= AFFIX + 2 else 0
    return signed_hash(letters), end


def ratio(text: str) -> float:
    """Return how many times smaller the text gets; 0 for no text. Longer texts compress better: compare like lengths."""
    raw = text[:MAX_RATIO_TEXT].encode("utf-8", "replace")
    return len(raw) / len(zlib.compress(raw, 6)) if raw else 0.0


def prose(blocks: Iterable[str]) -> str:
    """Return the blocks that read like sentences, not like titles, menus or addresses, one a line."""
    return "\n".join(block for block in blocks if len(block) >= MIN_PROSE and _PROSE.search(block))


def redundancy(texts: list[str]) -> float:
    """Return how much better texts compress together than alone: 1 for unrelated ones, 5 for the shuffled paragraphs
    of a spider pool (dedup_spam.md F8). The window of zlib is 32 kB, so about 20 short pages are compared."""
    cut = [text[:1_500].encode("utf-8", "replace") for text in texts if text]
    if len(cut) < 2:
        return 1.0
    alone = sum(len(zlib.compress(text, 6)) for text in cut)
    return alone / len(zlib.compress(b"".join(cut), 6))


def stuffing(title: str, meta: str, text: str) -> float:
    """Return the jargon of title and keywords that the body never uses, 1.0 from four words on."""
    head, body = f"{title} {meta}".lower(), text.lower()
    foreign = sum(1 for word in jargon() if word in head and word not in body)
    return min(1.0, foreign / 4)


@cache
def jargon() -> tuple[str, ...]:
    """Return the words of trades that buy hijacked pages. Source: jargon.tsv."""
    lines = files("corpus").joinpath("jargon.tsv").read_text("utf-8").splitlines()
    return tuple(line.split("\t")[1] for line in lines if line and not line.startswith("#"))


def _seconds(posted: str) -> int:
    if len(posted) < 16:  # a day is no time of day
        return -1
    try:
        moment = datetime.fromisoformat(posted)
    except ValueError:
        return -1
    return int((moment.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001 - differences only


def signed_hash(text: str) -> int:
    """Return a 64-bit hash of the text as a signed number, as SQLite and numpy store it."""
    value = xxhash.xxh64_intdigest(text.encode("utf-8", "replace"))
    return value - (1 << 64) if value >= 1 << 63 else value

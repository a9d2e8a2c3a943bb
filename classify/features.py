"""Numbers a linear model can weigh: character n-grams, words, lexicon groups and form of one restored text.

In goes a ``Passage`` (title, text, URL, damage rates), out come hashed features with values, and the places of the text
that gave them. All n-grams are hashed at once with numpy: with prefix sums S[i] = sum(code[j] * P**j, j < i) modulo
2**64, the hash of text[s:e] is (S[e] - S[s]) * P**-s, so a span of any length costs three array operations.
Hashing trick: Weinberger et al. 2009. Rare features are cut in training (see ``classify.train``), not here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from classify.tokens import words
from corpus.errors import ModelError
from corpus.phrases import Phrases, compile_phrases, find_phrases

VERSION = "1"  # a model trained on other features is refused
MAX_CHARACTERS = 5000  # of the text that is read; 97 % of articles are shorter, and a 5 MB text costs no more
MAX_TITLE = 200  # characters
BUCKETS = 1 << 18  # of the hashing trick; at 60,000 distinct features 1 in 9 shares its bucket
LEAD = 200  # characters of the beginning that count as lead
LEXICON = Path(__file__).parent / "data" / "lexicon.tsv"

_PRIME = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64 (golden ratio, Knuth)
_MASK64 = (1 << 64) - 1
_SALTS = {"char2": 1, "char3": 2, "word": 3, "word2": 4, "title": 5, "title2": 6}
_DIGIT, _LETTER = ord("0"), ord("a")

DAMAGE_KINDS = ("pinyin", "straddle", "hole", "mask", "injected", "jammer", "watermark", "spun")
# Pinyin of the field's words as they stand in slugs: wangdai 网贷, cuishou 催收 …
SLUGS = re.compile(
    r"wangdai|yuqi|cuishou|daikuan|jiekuan|xinyongka|zhengxin|xieshang|fenqi|taozhai|zhaiwu|huabei|jiebei|koubei|loan|debt|credit"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """What the model reads: restored title and text, URL, and (kind, hits per 1,000 characters) of the damage."""

    title: str
    text: str
    url: str = ""
    damage: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features of one passage, and the words of its text.

    buckets, weights: shape (n,), distinct buckets in 0..BUCKETS-1 ascending, term weights before idf, by block.
    block: shape (n,), 0 characters, 1 words, 2 title.
    dense: shape (n_dense,), lexicon groups and form, each in 0..1.
    word_buckets, word_starts, word_ends: shape (n_words,), places in the text as given.
    """

    buckets: NDArray[np.int64]
    weights: NDArray[np.float32]
    block: NDArray[np.int8]
    dense: NDArray[np.float32]
    word_buckets: NDArray[np.int64]
    word_starts: NDArray[np.int64]
    word_ends: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Groups of phrases: names in order, phrase -> indices of its groups, and the compiled search."""

    groups: tuple[str, ...]
    of_phrase: dict[str, tuple[int, ...]]
    phrases: Phrases


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of ``data/lexicon.tsv``. Raises ModelError when it cannot be read."""
    try:
        lines = LEXICON.read_text("utf-8").splitlines()
        rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
        groups = tuple(name for name, _ in rows)
        of_phrase: dict[str, list[int]] = {}
        for index, (_, listed) in enumerate(rows):
            for phrase in filter(lambda p: len(p) > 1, dict.fromkeys(listed.split(","))):
                of_phrase.setdefault(phrase.lower(), []).append(index)
    except (OSError, ValueError) as error:
        raise ModelError(f"The lexicon {LEXICON.name} cannot be read: install cuishou anew.") from error
    return Lexicon(groups, {key: tuple(found) for key, found in of_phrase.items()}, compile_phrases(of_phrase))


@cache
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return P**i and P**-i for every place of the longest input."""
    length = MAX_CHARACTERS + MAX_TITLE + 8
    inverse = pow(_PRIME, -1, 1 << 64)
    forward, backward = [1], [1]
    for _ in range(length):
        forward.append(forward[-1] * _PRIME & _MASK64)
        backward.append(backward[-1] * inverse & _MASK64)
    return np.array(forward, dtype=np.uint64), np.array(backward, dtype=np.uint64)


def featurise(passage: Passage) -> Features:
    """Return the features of a passage. Any string is accepted; what lies beyond the limits is not read."""
    text = passage.text[:MAX_CHARACTERS]
    title = passage.title[:MAX_TITLE]
    codes, prefix = _fold(text), None
    prefix = _prefix(codes)
    solid = (codes != 32).astype(np.int64)
    gaps = np.concatenate(([0], np.cumsum(1 - solid)))
    starts, ends = _places(words(text))
    keep = (gaps[ends] - gaps[starts]) == 0
    starts, ends = starts[keep], ends[keep]
    word = _hash(prefix, starts, ends, "word")
    pairs = np.flatnonzero(ends[:-1] == starts[1:])
    parts = [
        (_unbroken(prefix, gaps, 2, "char2"), 0),
        (_unbroken(prefix, gaps, 3, "char3"), 0),
        (word, 1),
        (_hash(prefix, starts[pairs], ends[pairs + 1], "word2"), 1),
        (_title_hashes(title), 2),
    ]
    buckets, weights, block = _count(parts)
    return Features(buckets, weights, block, _dense(passage, text, title), word, starts, ends)


def _fold(text: str) -> NDArray[np.uint64]:
    """Return code points with digits as 0, Latin letters lower, and white space as one code."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    codes[(codes >= 48) & (codes <= 57)] = _DIGIT
    upper = (codes >= 65) & (codes <= 90)
    codes[upper] += np.uint64(32)
    codes[(codes <= 32) | (codes == 0x3000) | (codes == 0xA0)] = 32
    return codes


def _prefix(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    powers = _powers()[0][: len(codes)]
    return np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(codes * powers, dtype=np.uint64)))


def _hash(
    prefix: NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64], kind: str
) -> NDArray[np.int64]:
    """Return the bucket of each span. The salt keeps kinds of features apart."""
    raw = (prefix[ends] - prefix[starts]) * _powers()[1][starts]
    mixed = (raw + np.uint64(_SALTS[kind] * 0x632BE59BD9B4E019 & _MASK64)) * np.uint64(_PRIME)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    found: NDArray[np.int64] = (mixed >> np.uint64(40)).astype(np.int64) & (BUCKETS - 1)
    return found


def _unbroken(prefix: NDArray[np.uint64], gaps: NDArray[np.int64], size: int, kind: str) -> NDArray[np.int64]:
    """Return the buckets of all n-grams without white space."""
    starts = np.arange(max(0, len(prefix) - size), dtype=np.int64)
    starts = starts[gaps[starts + size] == gaps[starts]]
    return _hash(prefix, starts, starts + size, kind)


def _places(tokens: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ends = np.cumsum(np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens)))
    return np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1])) if len(ends) else ends, ends


def _title_hashes(title: str) -> NDArray[np.int64]:
    prefix = _prefix(_fold(title))
    starts, ends = _places(words(title))
    two = np.arange(max(0, len(title) - 1), dtype=np.int64)
    return np.concatenate((_hash(prefix, starts, ends, "title"), _hash(prefix, two, two + 2, "title2")))


def _count(
    parts: list[tuple[NDArray[np.int64], int]],
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.int8]]:
    """Return distinct buckets with 1 + log(count), and the block each belongs to."""
    keys = np.concatenate([bucket * 4 + block for bucket, block in parts])
    distinct, counts = np.unique(keys, return_counts=True)
    return distinct >> 2, (1 + np.log(counts)).astype(np.float32), (distinct & 3).astype(np.int8)


FORM_NAMES = (
    "length", "short", "digits", "latin", "marks", "lines", "line length", "questions", "exclamations", "headings",
    "book marks", "articles", "first person", "numbers of phones", "brackets", "quotes", "repetition", "separators",
    "title in text", "no title", "slug", "no stops", "dates", "second person", "no debt phrase", "no loan phrase",
    "no phrase of the field", "second debt phrase",
)  # fmt: skip
_HEADING = re.compile(
    r"^\s{0,4}(?:[一二三四五六七八九十]{1,3}、|\d{1,2}[.、．]|第[一二三四五六七八九十]{1,3}[章节步]|（[一二三四五六七八九十]）)",
    re.M,
)
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]{1,8}条")
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d[\d*xX]{8}|400[- ]?\d{3,4}[- ]?\d{3,4})(?!\d)")
_DATE = re.compile(r"(?:19|20)\d\d\s?[年/-]\s?\d{1,2}\s?[月/-]")


def _dense(passage: Passage, text: str, title: str) -> NDArray[np.float32]:
    """Return lexicon groups (text, title, lead), form and damage, each in 0..1."""
    book = lexicon()
    size = len(book.groups)
    body = np.zeros(size)
    head = np.zeros(size)
    lead = np.zeros(size)
    for start, _, phrase in find_phrases(book.phrases, text.lower()) if len(text.lower()) == len(text) else ():
        for group in book.of_phrase[phrase]:
            body[group] += 1
            if start < LEAD:
                lead[group] = 1
    for _, _, phrase in find_phrases(book.phrases, title.lower()):
        for group in book.of_phrase[phrase]:
            head[group] = 1
    # Hits per 100 characters, damped: 1 hit in 100 characters gives .35, 6 give 1.
    rate = np.minimum(1.0, np.log1p(body / max(1.0, len(text) / 100)) / np.log(7))
    share = body / max(1.0, body.sum())
    rates = dict(passage.damage)
    damage = np.array([min(1.0, rates.get(kind, 0.0) / 10) for kind in DAMAGE_KINDS])
    debt, loan = body[0] + head[0], body[1] + head[1]
    bare = np.array([debt == 0, loan == 0, debt + loan == 0, min(1.0, debt / 5)], dtype=np.float64)
    form = np.concatenate((_form(passage, text, title), bare))
    return np.concatenate((rate, share, head, lead, form, damage)).astype(np.float32)


def _form(passage: Passage, text: str, title: str) -> NDArray[np.float64]:
    """Return the form features in the order of FORM_NAMES."""
    length = max(1, len(text))
    per = 100 / length
    lines = text.count("\n") + 1
    stops = text.count("。")
    distinct = len({text[i : i + 6] for i in range(0, max(1, length - 6), 3)})
    address = urlsplit(passage.url) if passage.url[:4] == "http" and "[" not in passage.url else None
    values = (
        np.log(length) / 10,
        float(length < 60),
        per * sum(map(text.count, "0123456789")) / 10,
        per * sum(map(text.count, "aeiotn")) / 10,
        per * (text.count("，") + text.count("、")) / 8,
        lines * per / 4,
        length / lines / 200,
        per * text.count("？") / 2,
        per * text.count("！") / 2,
        len(_HEADING.findall(text)) * per / 2,
        per * text.count("《") / 2,
        len(_ARTICLE.findall(text)) * per / 2,
        per * text.count("我") / 3,
        len(_PHONE.findall(text[:3000])) / 2,
        per * (text.count("【") + text.count("[")) / 2,
        per * text.count("“") / 2,
        1 - distinct * 3 / length if length > 60 else 0.0,
        per * (text.count("|") + text.count("_") + text.count("·") + text.count(">")) / 2,
        float(len(title) > 5 and title in text),
        float(not title),
        float(bool(address and SLUGS.search(unquote(address.path + address.query)[:300].lower()))),
        float(stops * 200 < length),
        len(_DATE.findall(text)) / 4,
        per * (text.count("您") + text.count("你")) / 3,
    )
    found: NDArray[np.float64] = np.clip(np.array(values), 0.0, 1.0)
    return found


def dense_names() -> tuple[str, ...]:
    """Return the names of the dense features in their order."""
    groups = lexicon().groups
    spread = tuple(f"{part}:{group}" for part in ("text", "share", "title", "lead") for group in groups)
    return spread + tuple(f"form:{n}" for n in FORM_NAMES) + tuple(f"damage:{n}" for n in DAMAGE_KINDS)

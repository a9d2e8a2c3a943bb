"""Numbers a linear model can weigh: characters, character pairs, words, lexicon groups and form of one restored text.

In goes a ``Passage`` (title, text, URL, damage rates), out come hashed features with repeats, and the places of the
words that gave them. Words are hashed at once with numpy: with prefix sums S[i] = sum(code[j] * P**j, j < i) modulo
2**64, the hash of text[s:e] is (S[e] - S[s]) * P**-s, so a span of any length costs three array operations.
Hashing trick: Weinberger et al. 2009. Rare features are cut in training (see ``classify.train``), not here.
Longer n-grams and word pairs lose half a point: they learn the wording of families (cross-validated by family).
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

VERSION = "2"  # a model trained on other features is refused
MAX_CHARACTERS = 5000  # of the text that is read; 97 % of articles are shorter, and a 5 MB text costs no more
MAX_TITLE = 200  # characters
# Buckets of each block of features (characters, pairs, words, title): a character is its own bucket, the others are hashed. At 60,000 distinct
# pairs 1 in 9 shares its bucket.
SIZES = (1 << 16, 1 << 18, 1 << 18, 1 << 17)
FIRST = (0, 1 << 16, (1 << 16) + (1 << 18), (1 << 16) + (1 << 19))  # bucket of each block
BUCKETS = sum(SIZES)
LEXICON = Path(__file__).parent / "data" / "lexicon.tsv"

_PRIME = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64 (golden ratio, Knuth)
_MASK64 = (1 << 64) - 1
_TITLE_PAIR = 0x632BE59BD9B4E019  # salt: a pair of the title is not a word of it
_DIGIT, _BLANK = ord("0"), 32

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
    """Hashed features of one passage, and the words and lexicon phrases of its text.

    buckets: shape (n,), one for each occurrence, in 0..BUCKETS-1; the block is told by FIRST.
    dense: shape (n_dense,), lexicon groups and form, each in 0..1.
    word_buckets, word_starts, word_ends: shape (n_words,), places in the text as given.
    hits, title_hits: (start, end, phrase) of the lexicon in text and title, in order.
    """

    buckets: NDArray[np.int64]
    dense: NDArray[np.float32]
    word_buckets: NDArray[np.int64]
    word_starts: NDArray[np.int64]
    word_ends: NDArray[np.int64]
    hits: list[tuple[int, int, str]]
    title_hits: list[tuple[int, int, str]]


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
    codes = _fold(text)
    solid = codes != _BLANK
    starts, ends = _places(words(text))
    keep = solid[starts]  # a run of white space is a word of jieba's; no other word holds any
    starts, ends = starts[keep], ends[keep]
    word = FIRST[2] + _spans(codes, starts, ends) % SIZES[2]
    characters = (codes[solid] % SIZES[0]).astype(np.int64)
    pairs = FIRST[1] + _pairs(codes, solid) % SIZES[1]
    buckets = np.concatenate((characters, pairs, word, _title_buckets(title)))
    hits = find_phrases(lexicon().phrases, _lower(text))
    title_hits = find_phrases(lexicon().phrases, _lower(title))
    return Features(buckets, _dense(passage, text, title, hits, title_hits), word, starts, ends, hits, title_hits)


def _lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else text  # İ grows; offsets must stay true


def _fold(text: str) -> NDArray[np.uint64]:
    """Return code points with digits as 0, Latin letters lower, and white space as one code."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    codes[(codes >= 48) & (codes <= 57)] = _DIGIT
    upper = (codes >= 65) & (codes <= 90)
    codes[upper] += np.uint64(32)
    codes[(codes <= 32) | (codes == 0x3000) | (codes == 0xA0)] = _BLANK
    return codes


def _mixed(raw: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return hashes of 24 bits (the finaliser of splitmix64)."""
    mixed = raw * np.uint64(_PRIME)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    found: NDArray[np.int64] = (mixed >> np.uint64(40)).astype(np.int64)
    return found


def _spans(codes: NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the hash of each span of the text."""
    forward, backward = _powers()
    prefix = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * forward[: len(codes)], out=prefix[1:])
    return _mixed((prefix[ends] - prefix[starts]) * backward[starts])


def _pairs(codes: NDArray[np.uint64], solid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the hashes of all pairs of neighbours without white space."""
    return _mixed(((codes[:-1] << np.uint64(21)) | codes[1:])[solid[:-1] & solid[1:]])


def _places(tokens: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ends = np.cumsum(np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens)))
    return np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1])) if len(ends) else ends, ends


def _title_buckets(title: str) -> NDArray[np.int64]:
    codes = _fold(title)
    starts, ends = _places(words(title))
    keep = codes[starts] != _BLANK
    pairs = _mixed(((codes[:-1] << np.uint64(21)) | codes[1:]) ^ np.uint64(_TITLE_PAIR))
    return FIRST[3] + np.concatenate((_spans(codes, starts[keep], ends[keep]), pairs)) % SIZES[3]


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


def _dense(
    passage: Passage,
    text: str,
    title: str,
    hits: list[tuple[int, int, str]],
    title_hits: list[tuple[int, int, str]],
) -> NDArray[np.float32]:
    """Return lexicon groups (rate and share in the text, presence in the title), form and damage, each in 0..1."""
    book = lexicon()
    size = len(book.groups)
    body = np.bincount([g for _, _, phrase in hits for g in book.of_phrase[phrase]], minlength=size)
    head = np.bincount([g for _, _, phrase in title_hits for g in book.of_phrase[phrase]], minlength=size)
    # Hits per 100 characters, damped: 1 hit in 100 characters gives .35, 6 give 1.
    rate = np.minimum(1.0, np.log1p(body / max(1.0, len(text) / 100)) / np.log(7))
    share = body / max(1.0, body.sum())
    rates = dict(passage.damage)
    damage = np.array([min(1.0, rates.get(kind, 0.0) / 10) for kind in DAMAGE_KINDS])
    debt, loan = body[0] + head[0], body[1] + head[1]
    bare = np.array([debt == 0, loan == 0, debt + loan == 0, min(1.0, debt / 5)], dtype=np.float64)
    form = np.concatenate((_form(passage, text, title), bare))
    return np.concatenate((rate, share, head > 0, form, damage)).astype(np.float32)


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
    spread = tuple(f"{part}:{group}" for part in ("text", "share", "title") for group in groups)
    return spread + tuple(f"form:{n}" for n in FORM_NAMES) + tuple(f"damage:{n}" for n in DAMAGE_KINDS)

"""Numbers a linear model can weigh: characters, character pairs, words, meaning, lexicon groups and form of one restored text.

In goes a ``Passage`` (title, text, URL, damage rates), out come hashed features with repeats, and the places of the
words that gave them. Title and text are read in one pass, joined by a line break. Words are hashed at once with numpy
(``classify.hashing``). Rare features are cut in training (see ``classify.train``), not here.
Longer n-grams and word pairs lose half a point: they learn the wording of families (cross-validated by family).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classify.hashing import BLANK, LONGEST, fold, mixed, pairs, prefix_sums, raw_spans
from classify.lexicon import Hits, find, group_counts, lexicon
from classify.sentence_scores import Sentences, sentence_starts
from classify.style import STYLE_NAMES, style
from classify.tokens import words
from classify.vectors import text_vector

VERSION = "4"  # a model trained on other features is refused
MAX_CHARACTERS = 5000  # of the text that is read; 97 % of articles are shorter, and a 5 MB text costs no more
MAX_TITLE = 200  # characters
# Buckets of each block of features (characters, pairs, words, title): a character is its own bucket, the others are
# hashed. At 60,000 distinct pairs 1 in 9 shares its bucket.
SIZES = (1 << 16, 1 << 18, 1 << 18, 1 << 17)
FIRST = (0, 1 << 16, (1 << 16) + (1 << 18), (1 << 16) + (1 << 19))  # bucket of each block
BUCKETS = sum(SIZES)
NO_CHARACTER = "\uffff"  # no text holds it: Unicode keeps it for programs
TITLE_PAIR = 0x2BE59B  # salt: a pair of the title is not a word of it

DAMAGE_KINDS = ("pinyin", "straddle", "hole", "mask", "injected", "jammer", "watermark", "spun")
assert LONGEST > MAX_CHARACTERS + MAX_TITLE


@dataclass(frozen=True, slots=True)
class Passage:
    """What the model reads: restored title and text, URL, and (kind, hits per 1,000 characters) of the damage."""

    title: str
    text: str
    url: str = ""
    damage: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Features:
    """Features of one passage, and the words and lexicon phrases of its text.

    buckets: shape (n,), one for each occurrence, in 0..BUCKETS-1, block by block as FIRST tells.
    dense: shape (n_dense,), lexicon groups and form, each in 0..1. vector: shape (DIMENSIONS,), of length 1.
    word_buckets, word_starts, word_ends: shape (n_words,), places in the text as given.
    hits, title_hits: of the lexicon in text and title; groups: shape (2, n_groups), how many of each group.
    """

    buckets: NDArray[np.int64]
    dense: NDArray[np.float32]
    vector: NDArray[np.float32]
    word_buckets: NDArray[np.int64]
    word_starts: NDArray[np.int64]
    word_ends: NDArray[np.int64]
    hits: Hits
    title_hits: Hits
    groups: NDArray[np.int64]
    sentences: Sentences


def featurise(passage: Passage) -> Features:
    """Return the features of a passage. Any string is accepted; what lies beyond the limits is not read."""
    text, title = passage.text[:MAX_CHARACTERS], passage.title[:MAX_TITLE]
    joined = f"{title}\n{text}"
    body = len(title) + 1
    codes = fold(joined)
    solid = codes != BLANK
    starts, ends = _places(joined)
    kept = solid.take(starts).nonzero()[0]  # a run of white space is a word of jieba's; no other word holds any
    starts, ends = starts.take(kept), ends.take(kept)
    sums, couples = prefix_sums(codes), mixed(pairs(codes))
    hashed = mixed(raw_spans(sums, starts, ends))
    first = int(starts.searchsorted(body))  # word of the text
    near = (solid[:-1] & solid[1:]).nonzero()[0]
    pair, inside = couples.take(near), int(near.searchsorted(body))
    word = _bucket(2, hashed[first:])
    characters = codes[body:].view(np.int64).take(solid[body:].nonzero()[0])
    hits = find(lexicon(), joined, sums, couples)
    inner = int(hits.starts.searchsorted(body))  # no phrase holds a line break
    title_hits = Hits(hits.starts[:inner], hits.ends[:inner], hits.phrases[:inner])
    text_hits = Hits(hits.starts[inner:] - body, hits.ends[inner:] - body, hits.phrases[inner:])
    groups = np.array([group_counts(lexicon(), text_hits), group_counts(lexicon(), title_hits)])
    return Features(
        np.concatenate((
            _bucket(0, characters), _bucket(1, pair[inside:]), word,
            _bucket(3, hashed[:first]), _bucket(3, pair[:inside] ^ TITLE_PAIR),
        )),
        _dense(passage, style(title, text, passage.url, codes[body:], sums[body:]), groups),
        text_vector(hashed, starts, ends, codes, body),
        word, starts[first:] - body, ends[first:] - body, text_hits, title_hits, groups,
        _sentences(joined, pair, near, hashed, starts),
    )  # fmt: skip


def _sentences(
    text: str, pair: NDArray[np.int64], near: NDArray[np.int64], hashed: NDArray[np.int64], starts: NDArray[np.int64]
) -> Sentences:
    """Return the pairs, which stand at ``near``, and the words, which stand at ``starts``, by sentence."""
    first = sentence_starts(text)
    begins = np.zeros(len(text), dtype=np.int64)
    begins[first[1:]] = 1
    owners = begins.cumsum().take(np.concatenate((near, starts)))
    return Sentences(np.concatenate((_bucket(1, pair), _bucket(2, hashed))), owners, len(pair), len(first))


def _places(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return starts and ends of the words: joined by a character that none of them holds, they are told at once."""
    tokens = words(text.replace(NO_CHARACTER, "\ufffd"))
    joined = np.frombuffer(NO_CHARACTER.join(tokens).encode("utf-32-le"), dtype=np.uint32)
    marks = (joined == ord(NO_CHARACTER)).nonzero()[0] - np.arange(len(tokens) - 1)
    return np.concatenate(([0], marks)), np.concatenate((marks, [len(text)]))


def _bucket(block: int, hashed: NDArray[np.int64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = (hashed & SIZES[block] - 1) + FIRST[block]  # sizes are powers of two
    return found


FIELD_NAMES = ("no debt phrase", "no loan phrase", "no phrase of the field", "second debt phrase")


def _dense(passage: Passage, form: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return lexicon groups (rate and share in the text, presence in the title), form and damage, each in 0..1."""
    body, head = groups
    # Hits per 100 characters, damped: 1 hit in 100 characters gives .35, 6 give 1.
    rate = np.minimum(1.0, np.log1p(body / max(1.0, min(len(passage.text), MAX_CHARACTERS) / 100)) / np.log(7))
    share = body / max(1.0, body.sum())
    rates = dict(passage.damage)
    damage = [min(1.0, rates.get(kind, 0.0) / 10) for kind in DAMAGE_KINDS]
    debt, loan = body[0] + head[0], body[1] + head[1]
    bare = (debt == 0, loan == 0, debt + loan == 0, min(1.0, debt / 5))
    return np.concatenate((rate, share, head > 0, form, bare, damage), dtype=np.float32, casting="same_kind")


def dense_names() -> tuple[str, ...]:
    """Return the names of the dense features in their order."""
    groups = lexicon().groups
    spread = tuple(f"{part}:{group}" for part in ("text", "share", "title") for group in groups)
    return (
        spread + tuple(f"form:{n}" for n in (*STYLE_NAMES, *FIELD_NAMES)) + tuple(f"damage:{n}" for n in DAMAGE_KINDS)
    )

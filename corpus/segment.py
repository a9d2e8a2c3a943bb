"""Text as the full-text index sees it: folded character by character, then cut into overlapping pairs.

SQLite's own tokenizers cannot find 催收 (debt collection): ``unicode61`` takes a whole sentence for one word, ``trigram``
needs three characters. So a text is indexed as its character pairs ("bigrams"), and a word is searched as a phrase of
pairs, which is exact: of 暴力催收 come 暴力 力催 催收 收, the last character of a run of characters standing alone as well.
Each word character thus yields one token, and what separates words yields none. Texts are equal for search when they
differ only by what ``fold.tsv`` folds, and by which and how many separators stand between two characters.

Measured against word segmentation (jieba) and against ``trigram``: docs/search.md.
"""

from __future__ import annotations

from codecs import utf_32_le_decode, utf_32_le_encode  # by name both would go through a slow look-up each time
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

SPACE = 0x20
CODE_POINTS = 0x110000
SURROGATES = slice(0xD800, 0xE000)  # half characters: not storable as UTF-8, so they separate


@cache
def fold_table() -> NDArray[np.uint32]:
    """Return, for each code point, the code point it is searched as; shape (1114112,). A constant, read once."""
    table = np.arange(CODE_POINTS, dtype="<u4")
    lines = files("corpus").joinpath("fold.tsv").read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    table[[int(code, 16) for code, _ in pairs]] = [int(folded, 16) for _, folded in pairs]
    table[SURROGATES] = SPACE
    table.flags.writeable = False
    return table


def folded_codes(text: str) -> NDArray[np.uint32]:
    """Return the code points of ``text`` as searched, shape (len(text),)."""
    codes: NDArray[np.uint32] = fold_table()[np.frombuffer(utf_32_le_encode(text, "surrogatepass")[0], dtype="<u4")]
    return codes


def fold(text: str) -> str:
    """Return ``text`` as searched: the same length, so that offsets in one are offsets in the other.

    >>> fold("網絡貸款，ＡＰＰ")
    '网络贷款 app'
    """
    return decoded(folded_codes(text))


def decoded(codes: NDArray[np.uint32]) -> str:
    """Return the text of code points, shape (n,)."""
    return utf_32_le_decode(codes.tobytes())[0]


def index_text(text: str) -> str:
    """Return the tokens of ``text``, separated by spaces, in order: what goes into the full-text index.

    >>> index_text("暴力催收。").split()
    ['暴力', '力催', '催收', '收']
    """
    return pairs(folded_codes(text))


def pairs(codes: NDArray[np.uint32], sign: str = "") -> str:
    """Return the tokens of a folded text, each behind ``sign`` (one character or none) and with a space after it."""
    if not len(codes):
        return ""
    start = len(sign)
    tokens = np.full((len(codes), start + 3), SPACE, dtype="<u4")  # the sign, this character, the next one, a space
    if sign:
        tokens[:, 0] = ord(sign)
    tokens[:, start] = codes
    tokens[:-1, start + 1] = codes[1:]
    found: bytes = tokens[codes != SPACE].tobytes()
    return found.decode("utf-32-le")


def runs(text: str) -> tuple[str, ...]:
    """Return the runs of word characters of ``text``, folded, in order.

    >>> runs("「逾期」、協商")
    ('逾期', '协商')
    """
    return tuple(fold(text).split())


def phrase(text: str) -> tuple[tuple[str, ...], bool]:
    """Return (tokens that must follow each other, whether the last one is only the beginning of a token).

    Found exactly where ``text`` stands as a substring, separators aside. Empty when no word character is in ``text``.

    >>> phrase("催收")
    (('催收',), False)
    >>> phrase("后，平")
    (('后', '平'), True)
    """
    words = runs(text)
    if not words:
        return (), False
    tokens = [token for run in words[:-1] for token in index_text(run).split()]
    last = words[-1]
    if len(last) == 1:
        return (*tokens, last), True
    return (*tokens, *(last[i : i + 2] for i in range(len(last) - 1))), False

"""The form of a text: how long, how it is laid out and marked, who is addressed; in go title, text and URL, out come shares.

Every number is in 0..1 and says nothing of the subject: lists, adverts, statutes and posts differ in it.
"""

from __future__ import annotations

import re
from functools import cache
from string import ascii_lowercase
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from classify.hashing import code_classes, raw_steps

PIECE, STEP = 6, 3  # characters that are compared to see what a text repeats, and between their starts

# Pinyin of the field's words as they stand in slugs: wangdai 网贷, cuishou 催收 …
SLUGS = re.compile(
    r"wangdai|yuqi|cuishou|daikuan|jiekuan|xinyongka|zhengxin|xieshang|fenqi|taozhai|zhaiwu|huabei|jiebei|koubei|loan|debt|credit"
)

STYLE_NAMES = (
    "length", "short", "digits", "latin", "marks", "lines", "line length", "questions", "exclamations", "headings",
    "book marks", "articles", "first person", "numbers of phones", "brackets", "quotes", "repetition", "separators",
    "title in text", "no title", "slug", "no stops", "dates", "second person",
)  # fmt: skip
CLASSES = (  # folded characters that are counted together
    "0", ascii_lowercase, "。", "，、", "？", "！", "《", "我", "【[", "“", "|_·>", "您你",
)  # fmt: skip
_HEADING = re.compile(
    r"\n[ \t\u3000]{0,4}(?:[一二三四五六七八九十]{1,3}、|\d{1,2}[.、．]|第[一二三四五六七八九十]{1,3}[章节步]|（[一二三四五六七八九十]）)"
)
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]{1,8}条")
# Each opens with one character, which is skipped to at once; what may not stand before is asked after.
_PHONES = tuple(map(re.compile, (r"1(?<!\d.)[3-9]\d[\d*xX]{8}(?!\d)", r"400(?<!\d...)[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)")))
_DATES = tuple(re.compile(century + r"\d\d\s?[年/-]\s?\d{1,2}\s?[月/-]") for century in ("19", "20"))


def style(title: str, text: str, url: str, codes: NDArray[np.uint64], sums: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return the features of form, in the order of STYLE_NAMES.

    codes: the folded characters of the text; sums: their prefix sums (``classify.hashing``), one more.
    """
    length = max(1, len(text))
    per = 100 / length
    lines = text.count("\n") + 1
    classes = np.bincount(_classes().take(codes.view(np.int64), mode="clip"), minlength=len(CLASSES) + 1)
    _, digits, latin, stops, marks, questions, exclamations, books, first, brackets, quotes, separators, second = (
        classes.tolist()
    )
    phones = sum(len(pattern.findall(text[:3000])) for pattern in _PHONES) if digits else 0
    dates = sum(len(pattern.findall(text)) for pattern in _DATES) if digits else 0
    ordered = raw_steps(sums, PIECE, STEP)
    ordered.sort()
    distinct = np.count_nonzero(ordered[1:] != ordered[:-1]) + 1
    address = urlsplit(url) if url[:4] == "http" and "[" not in url else None
    values = (
        np.log(length) / 10,
        float(length < 60),
        per * digits / 10,
        per * latin / 20,
        per * marks / 8,
        lines * per / 4,
        length / lines / 200,
        per * questions / 2,
        per * exclamations / 2,
        len(_HEADING.findall(f"\n{text}")) * per / 2,
        per * books / 2,
        len(_ARTICLE.findall(text)) * per / 2,
        per * first / 3,
        phones / 2,
        per * brackets / 2,
        per * quotes / 2,
        1 - distinct * STEP / length if length > 60 else 0.0,
        per * separators / 2,
        float(len(title) > 5 and title in text),
        float(not title),
        float(bool(address and SLUGS.search(unquote(address.path + address.query)[:300].lower()))),
        float(stops * 200 < length),
        dates / 4,
        per * second / 3,
    )
    found: NDArray[np.float64] = np.minimum(1.0, np.maximum(0.0, np.array(values)))
    return found


@cache
def _classes() -> NDArray[np.uint8]:
    return code_classes(CLASSES)

"""What is known of single characters: script, readings, GBK bytes. Built once from OpenCC and pypinyin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import numpy as np
import opencc
from numpy.typing import NDArray
from pypinyin.pinyin_dict import pinyin_dict

FIRST_HANZI, LAST_HANZI = 0x3400, 0x9FFF
HANZI = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")

# Readings that annotators write and pypinyin's single characters lack.
EXTRA_READINGS = {"個": "ge", "们": "men", "績": "jì", "沒": "mò,méi", "麼": "me,ma", "跡": "jì", "蹟": "jì"}
_TONELESS = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ", "aaaaeeeeiiiioooouuuuüüüünnnm")

# What OpenCC cannot take: surrogates have no UTF-8, and NUL ends its strings.
_UNCONVERTIBLE = re.compile("[\x00\ud800-\udfff]")
PLACEHOLDER = "\x1a"
MOST_POINTS = 1 << 16  # code points that tables of characters know: the Basic Multilingual Plane


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code point of each character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def table_places(text: str) -> NDArray[np.uint32]:
    """Return where each character stands in a table of MOST_POINTS: those beyond it last, where no character is."""
    return np.minimum(code_points(text), MOST_POINTS - 1)


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def to_simplified(text: str) -> str:
    """Return OpenCC's plain Traditional to Simplified conversion (never tw2sp, which rewrites words)."""
    return str(_converter("t2s").convert(_UNCONVERTIBLE.sub(PLACEHOLDER, text)))


def to_traditional(text: str) -> str:
    """Return OpenCC's conversion to Traditional characters by phrases."""
    return str(_converter("s2t").convert(_UNCONVERTIBLE.sub(PLACEHOLDER, text)))


@cache
def _hanzi() -> str:
    return "".join(map(chr, range(FIRST_HANZI, LAST_HANZI + 1)))


@cache
def traditional_only() -> frozenset[str]:
    """Return the characters that Simplified writes otherwise: 網 but not 后 or 著."""
    # Characters are converted one to a line: a phrase rule must not see its neighbours.
    converted = to_simplified("\n".join(_hanzi())).split("\n")
    return frozenset(c for c, simple in zip(_hanzi(), converted, strict=True) if c != simple)


# Simplified characters that Big5 has too, for other uses or as variants; Traditional text writes 網 機 體 萬 all the same.
IN_BIG5 = frozenset("网机体么万气儿几听党据价极构划确优惊异厂赶怀圣坏庄吨挂虫触扑扰荐洁怜洒蜡帘蚕苹痒虱忏泞与")


@cache
def simplified_only() -> frozenset[str]:
    """Return the characters that Traditional text does not use: 网 but not 后."""
    converted = to_traditional("\n".join(_hanzi())).split("\n")
    return IN_BIG5 | frozenset(
        c for c, full in zip(_hanzi(), converted, strict=True) if c != full and not c.encode("big5", "ignore")
    )


@cache
def simple_forms() -> Mapping[str, str]:
    """Return the Simplified form of every character with one of its own."""
    characters = sorted(traditional_only())
    return dict(zip(characters, to_simplified("\n".join(characters)).split("\n"), strict=True))


@cache
def readings(character: str) -> frozenset[str]:
    """Return the readings of a character and of its Simplified form, with tone marks, and without: neutral tones."""
    listed = {
        reading
        for form in {character, simple_forms().get(character, character)}
        if len(form) == 1
        for reading in f"{pinyin_dict.get(ord(form), '')},{EXTRA_READINGS.get(form, '')}".split(",")
        if reading
    }
    return frozenset(listed | {reading.translate(_TONELESS) for reading in listed})

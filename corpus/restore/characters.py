"""What is known of single characters: script, readings, GBK bytes. Built once from OpenCC and pypinyin."""

from __future__ import annotations

import re
from functools import cache

import opencc
from pypinyin.pinyin_dict import pinyin_dict

FIRST_HANZI, LAST_HANZI = 0x3400, 0x9FFF
HANZI = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")

# Readings that annotators write and pypinyin's single characters lack: neutral tones and old variants.
EXTRA_READINGS = {
    "個": "ge", "们": "men", "們": "men", "嗎": "ma", "麼": "me,mó,ma", "沒": "mò,méi", "績": "jì", "兒": "er", "裡": "li",
    "裏": "li", "發": "fà,fā", "來": "lai", "過": "guo", "處": "chu,chǔ,chù", "識": "shi,zhì", "頭": "tou", "東": "dong",
    "們兒": "men", "謂": "wei", "應": "ying", "當": "dang", "壞": "huai", "實": "shi", "亮": "liang", "點": "dian",
    "進": "jin", "開": "kai", "邊": "bian", "綽": "chuò,chuo", "認": "ren", "歡": "huan", "氣": "qi", "親": "qin,qing",
    "業": "ye", "務": "wu", "體": "ti", "員": "yuan", "號": "háo,hao", "嚮": "xiàng", "帳": "zhang", "員外": "yuan",
}  # fmt: skip


# What OpenCC cannot take: surrogates have no UTF-8, and NUL ends its strings.
_UNCONVERTIBLE = re.compile("[\x00\ud800-\udfff]")
PLACEHOLDER = "\x1a"


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


@cache
def simplified_only() -> frozenset[str]:
    """Return the characters that Traditional text does not use: 网 but not 后, which Big5 has."""
    converted = to_traditional("\n".join(_hanzi())).split("\n")
    return frozenset(
        c for c, full in zip(_hanzi(), converted, strict=True) if c != full and not c.encode("big5", "ignore")
    )


@cache
def readings(character: str) -> frozenset[str]:
    """Return the readings of a character, with tone marks."""
    listed = pinyin_dict.get(ord(character), "") if len(character) == 1 else ""
    extra = EXTRA_READINGS.get(character, "")
    return frozenset(reading for reading in f"{listed},{extra}".split(",") if reading)

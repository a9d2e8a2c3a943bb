"""The kinds of queries that benchmarks/search.py times, and queries of each kind drawn from a corpus."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from corpus.segment import runs

FIELD_WORDS = [
    "催收",
    "逾期",
    "协商还款",
    "网贷",
    "征信",
    "律师函",
    "起诉",
    "套路贷",
    "砍头息",
    "停息挂账",
    "暴力催收",
    "第三方催收",
    "爆通讯录",
    "催收员",
    "罚息",
]
TRADITIONAL = [
    "催收",
    "逾期",
    "協商還款",
    "網貸",
    "網絡貸款",
    "律師函",
    "起訴",
    "套路貸",
    "砍頭息",
    "徵信報告",
    "債務重組",
    "強制執行",
]
TOPICS = ["practice", "overdue", "negotiate", "credit", "litigation", "law", "fraud", "product"]

Draw = Callable[[random.Random, Sequence[str]], str]


def piece(chance: random.Random, texts: Sequence[str], low: int, high: int) -> str:
    """Return a run of ``low`` to ``high`` characters that stands in some text, of Chinese characters only."""
    while True:
        found = [run for run in runs(chance.choice(texts)) if len(run) >= high]
        if found:
            run = chance.choice(found)
            length = chance.randint(low, high)
            start = chance.randrange(len(run) - length + 1)
            if all("\u4e00" <= c <= "\u9fff" for c in run[start : start + length]):
                return run[start : start + length]


def field(chance: random.Random, _: Sequence[str]) -> str:
    return chance.choice(FIELD_WORDS)


def date(chance: random.Random) -> str:
    return f"{chance.randint(2023, 2026)}-{chance.randint(1, 12):02}"


KINDS: dict[str, Draw] = {
    "two characters, any": lambda c, t: "=" + piece(c, t, 2, 2),
    "words of the field": lambda c, t: "=" + field(c, t),
    "three and four characters": lambda c, t: "=" + piece(c, t, 3, 4),
    "phrases of 5 to 8": lambda c, t: f'"{piece(c, t, 5, 8)}"',
    "traditional": lambda c, _: "=" + c.choice(TRADITIONAL),
    "AND": lambda c, t: f"={field(c, t)} ={piece(c, t, 2, 3)}",
    "AND of the field": lambda c, t: f"={field(c, t)} ={field(c, t)}",
    "OR": lambda c, t: f"={field(c, t)} OR ={piece(c, t, 2, 3)}",
    "NOT": lambda c, t: f"={field(c, t)} -={piece(c, t, 2, 3)}",
    "NEAR": lambda c, t: f"={field(c, t)} NEAR/20 ={piece(c, t, 2, 2)}",
    "synonyms": lambda c, t: field(c, t),
    "title": lambda c, t: f"title:{field(c, t)}",
    "topic": lambda c, t: f"={field(c, t)} topic:{c.choice(TOPICS)}",
    "site": lambda c, t: f"={field(c, t)} site:site{c.randint(0, 1999)}.example",
    "date range": lambda c, t: f"={field(c, t)} after:{date(c)} before:{date(c)}",
    "after": lambda c, t: f"={piece(c, t, 2, 3)} after:{date(c)}",
    "spam and place": lambda c, t: f"={field(c, t)} spam:<2 province:甘肃",
    "filters alone": lambda c, _: f"topic:{c.choice(TOPICS)} platform:花呗 -genre:farm",
    "groups": lambda c, t: (
        f"(={field(c, t)} OR ={field(c, t)}) (={piece(c, t, 2, 2)} OR ={field(c, t)}) -={piece(c, t, 2, 2)}"
    ),
    "no hit": lambda c, t: "=" + piece(c, t, 2, 2) + piece(c, t, 2, 2) + piece(c, t, 2, 2),
}
APART: dict[str, Draw] = {  # reported apart
    "one character": lambda c, t: piece(c, t, 1, 1),
    "one character and a word": lambda c, t: f"{piece(c, t, 1, 1)} ={field(c, t)}",
}


def queries(texts: Sequence[str], kinds: dict[str, Draw], each: int, seed: int = 3) -> list[tuple[str, str]]:
    """Return (kind, query), ``each`` of every kind."""
    chance = random.Random(seed)
    return [(kind, draw(chance, texts)) for kind, draw in kinds.items() for _ in range(each)]

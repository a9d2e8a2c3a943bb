"""Holes: places where a filter removed a word or half of one. Found and recorded, never filled.

Filters of the hosts cut sensitive words without regard for the sentence: 催收问也日益突出 (问题, problem, lost its
second half), 通过 联系 (电话, telephone, became a blank). Only closed frames are reported, those that correct text does
not contain; what the frames cost and find is measured by ``benchmarks/restore.py FOLDER holes``.
The rule of a hole names the word: ``hole:问题``; its suggestion is what is missing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.records import Hole
from corpus.restore.language import language_model

RULE = "hole"
MARKS = "，,。、；;：:！!？?…”」』）)》"

# Words that end in 问 (ask): 访问 (visit), 疑问 (doubt), 顾问 (adviser), and verbs, pronouns and adverbs before it.
BEFORE_ASK = frozenset(
    "访疑询学顾慰提反追质审发请试责盘过拷逼诘设自查借讯聘问不闻何敢再想一来会去我他她你您们者人又先后并就连莫休勿别免所可给都便笑说答"
    "细拜切套怪探垂下善多常此低急忙各互相被曾叩策宣勘鞫殿理究三几百千万次声句着了儿子爸妈师生父母亲导费意随解有能该须将吧动暗轻怒"
)
_ASK = re.compile("问(?<=[\u3400-\u9fff][\u3400-\u9fff]问)(?!题|\\n题|\\n?心)")
# What is said of a problem and never of asking: 问也日益 (the problem, too, more and more), 问依然 (still).
_SUBJECT = re.compile(
    "也日益|日益|日趋|依然|仍然|更是|更加|尤为|较为|愈发|愈加|时有发生|突出|频发|得到解决|"
    "的(?:重要|根源|关键|解决|产生|存在|严重|主要|出现|发生|根本)"
)
# How much likelier (nats) the model must find the sentence with 问题: at the end of a clause, inside one, and after 要
# (重要问 for 重要问题, but 人们要问), 上 and 没 (留言板上问, asked on the message board; 都没问就, without asking).
GAIN_AT_MARK = 1.5
GAIN_INSIDE = 3.0
GAIN_AFTER_WANT = 5.0

# A blank where 电话 stood: what stands before it, and after.
_PHONE = re.compile(
    "[过打繁到] (?:"
    "(?<=通过 )(?=联系|、?短信|、?微信|、?上门|催收|等方式|或短信|和短信|与借款人|告知|提醒|沟通|咨询)|"
    "(?<=拨打 )(?=联系|咨询|进行|[，。、])|(?<=频繁 )(?=骚扰|联系|催收)|(?<=接到 )(?=催收|通知|提醒)|"
    "(?<=打 )(?=催收|骚扰|给(?:借款人|家人|单位|通讯录)))"
)
_LISTED = re.compile(r"^(?:[-•·*]|[(（]?[0-9一二三四五六七八九十]{1,2}[)）.、．]|)[ \u3000]?(催收[:：])", re.MULTILINE)
_OTHER_CHANNEL = re.compile(r"(?:短信|上门|信函|邮件|微信)催收[:：]")
HALVES = (
    # word, what is missing, what stands before it, what after it, confidence
    ("手段", "段", "(?:催收|法律|暴力|不当|非法|强制|诉讼|技术|行政|经济)手", rf"[{MARKS}]|\n|$", 0.97),
    ("骚扰", "骚", "(?:频繁|恶意|反复|短信|进行|轰炸|受到)", rf"扰(?:[{MARKS}]|借款人|家人|他人|\n|$)", 0.95),
    ("欺诈", "诈", "(?:金融|贷款|合同|涉嫌|进行|电信)欺", rf"[{MARKS}]|\n|$", 0.95),
    ("突发情况", "发情", "突", " ?况", 0.97),
    ("施压", "施", "(?:借款人|债务人|客户|家属|家人)", rf"压(?:[{MARKS}]|\n|$)", 0.9),
)
_HALVES = tuple(
    (word, missing, (set(word) - set(missing)), re.compile(f"{before}(?={after})"), confidence)
    for word, missing, before, after, confidence in HALVES
)


def find_holes(text: str, field: str) -> tuple[Hole, ...]:
    """Return the holes of a clean text, in order."""
    return tuple(sorted({*_problems(text, field), *_phones(text, field), *_halves(text, field)}, key=lambda h: h.start))


def _hole(field: str, start: int, suggestion: str, confidence: float, word: str) -> Hole:
    return Hole(field, start, suggestion, confidence, f"{RULE}:{word}")


def _problems(text: str, field: str) -> Iterator[Hole]:
    if "问" not in text:
        return
    for match in _ASK.finditer(text):
        start, end = match.span()
        if text[start - 1] in BEFORE_ASK:
            continue
        following = text[end : end + 1]
        at_mark = not following or following in MARKS or following == "\n"
        wanted = GAIN_AT_MARK if at_mark and following not in ":：" else GAIN_INSIDE
        if (
            following == "号"
            or text[start - 1] in "上没"
            or (text[start - 1] == "要" and text[start - 2] not in "重主首紧")
        ):
            wanted = GAIN_AFTER_WANT
        if _SUBJECT.match(text, end) or _gain(text, end, "题") > wanted:
            yield _hole(field, end, "题", 0.99 if at_mark else 0.98, "问题")


def _gain(text: str, at: int, missing: str) -> float:
    """Return how much likelier (nats) the model finds the text around ``at`` with the missing characters."""
    before = ("\n\n\n" + text[max(0, at - 3) : at])[-3:]
    after = (text[at : at + 2] + "\n\n")[:2]
    model = language_model()
    return model.score_inside(before + missing + after) - model.score_inside(before + after)


def _phones(text: str, field: str) -> Iterator[Hole]:
    if " " in text:
        for match in _PHONE.finditer(text):
            yield _hole(field, match.end() - 1, "电话", 0.97, "电话")
    if "催收" in text and _OTHER_CHANNEL.search(text):
        for match in _LISTED.finditer(text):
            yield _hole(field, match.start(1), "电话", 0.97, "电话")


def _halves(text: str, field: str) -> Iterator[Hole]:
    for word, missing, left, pattern, confidence in _HALVES:
        if all(character in text for character in left):
            for match in pattern.finditer(text):
                yield _hole(field, match.end(), missing, confidence, word)


def with_suggestions(text: str, holes: tuple[Hole, ...]) -> str:
    """Return a text for readers, with each suggestion in 〔 〕 where it is missing, as editors of old texts do."""
    pieces: list[str] = []
    position = 0
    for hole in holes:
        pieces += (text[position : hole.start], "〔", hole.suggestion, "〕")
        position = hole.start
    return "".join(pieces) + text[position:]

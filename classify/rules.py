"""Labels that rules give: the second level of a topic, and flags with the words that raised them.

Rules abstain: no hit, no label. Each gives its evidence as spans of the clean text. The second level is the group of
the lexicon (``practice.visit`` …) with most hits, titles counting three times. Flags follow the findings on 452 pages:
what content farms get wrong, and what their tools leave behind.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from classify import codebook
from classify.claims import false_claims
from classify.features import MAX_CHARACTERS, Features
from classify.lexicon import lexicon
from classify.templates import invented, templated
from corpus.facet_names import gazetteer
from corpus.records import Document, Facet, Label

ANNOTATOR = "rules/3"
TITLE_WEIGHT = 3  # hits of the text that one hit of the title is worth
EVIDENCE = 5  # spans at most
SPUN_LEAST = 2  # different spun words; one alone is ordinary language

# Words that synonym tools put for the field's words (seen on 11 pages of 9 hosts).
SPUN = re.compile(
    r"告贷人|告贷|欺压履行|特征化分期|法令后果|商议还款|网络告贷|过期还款|过期费用|开证行|采纳措施|须要留意|熟悉自身|进展中,?还款"
)
GUIDELINE = "E-E-A-T"  # of a search engine; prompts ask for it, articles about SEO name it
# What only a language model or its chat page leaves: one is enough. Each with what a text must contain to be searched.
RESIDUE = tuple(
    (sign, re.compile(pattern, re.M))
    for sign, pattern in (
        ("webpage", r"\[\[?webpage ?\d+\]?\]"),
        ("Copy ", r"[a-z]{2,12}Copy [Cc]ode"),
        (GUIDELINE, GUIDELINE),
        ("[citation:", r"\[citation:\d+\]"),
        ("†", r"【\d{1,3}†"),
        ("网页", r"网页(?<![\dA-Za-z个]网页)\d{1,3}(?=[，。；：、！？\])）】\s网]|$)"),
        (
            "作为",
            r"作为(?<![“\"「『]作为)(?:一个|一名|一款|一位)?(?:AI|人工智能)(?:大?语言)?(?:模型|助手)[，,]?(?:我|无法|不能|很抱歉)",
        ),
        ("以下是", r"(?:当然|好的)[，,！!]以下是(?:一篇|为您|为你|根据|关于|您|针对|符合)"),
        ("这是", r"(?:当然|好的)[，,！!]这是(?:一篇|为您|为你|根据|关于|您|针对|符合)"),
        ("希望以上", r"希望以上内容符合您的要求"),
        ("如果您需要我", r"如果您需要我(?:调整|补充|继续)"),
        ("字数", r"(?:^|[（(【])字数[：:]约?\d{3,4}字?(?:[）)】]|$)"),
    )
)
# Raw Markdown. People write it, too: only bold words that open a line or a sentence count, as in lists of chat answers.
MARKDOWN = re.compile(
    r"^#{1,4} (?=\S)|(?:^|(?<=[\s。！？：:；\]）)]))\*\*(?=[^*\n]{0,30}[\u4e00-\u9fff])[^\s*][^*\n。！!]{0,28}[^\s*。！!]\*\*(?![\d*])",
    re.M,
)
LEAST_MARKS, LEAST_BOLD = 4, 2  # of a page: marks in all, bold ones among them (chosen)
PSEUDO = re.compile(
    r"作为(?:一名|一位)?(?:资深|专业|执业)?(?:的)?律师[，,]|我是(?:一名|一位)(?:资深|专业|执业)律师|本律师(?:从业|执业)\d*多?年"
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN = r"(?![的何多是上中名苏融级牌年见方们过在后为某师律])[\u4e00-\u9fff](?:(?![的是为律师在从])[\u4e00-\u9fff])?"
NAMED = re.compile(
    r"律师事务所|律所执业|执业证号|[\u4e00-\u9fff]{2,4}律师(?:事务所|团队|解答|表示)"
    rf"|(?:我是|我叫|本人|笔者|作者)[：:]?[\u4e00-\u9fff]{{0,8}}?[{_SURNAMES}]{_GIVEN}(?:律师|[，,。、（(]|$)"
    rf"|[{_SURNAMES}]{_GIVEN}律师[：:，,。、（(]|律师[{_SURNAMES}]{_GIVEN}[：:，,。、（(]",
    re.M,
)


PAST = re.compile(
    r"废止|失效|取代|替代|代替|吸收|原(?:来的|先的|有的)?《?$|原《|原有|当时|曾|旧|此前|以前|施行前|过去|时间效力|不再|修订前|修[正改]为|替换|改为"
)
VERDICT = re.compile(
    r"本院(?:认为|经审查)|判决如下|裁定如下|民事判决书|原审|一审法院|二审法院|法院(?:依照|依据|根据)|年\d{1,2}月\d{0,2}日?(?:之?前|以前)的(?:合同|借款)"
)
LONGER = re.compile(
    r"(?:经济|技术|涉外|保险|劳动|(?:香港|台湾|澳门|德国|英国|美国|日本)的?《?|原|旧)$"
)  # 经济合同法 is another law
EXPLAINED = re.compile(r"》?(?:若干问题|司法解释|解释|教材|课程|教授|专家|学|草案|起草)")
RULES = re.compile(r"》?(?:的|中|也|明确|对此)?(?:相关|有关)?规定")
ACCORDING = re.compile(r"(?:根据|依据|按照|依照|违反|按|参照)(?:中华人民共和国|我国)?[《“]?$")


def second_level(features: Features, topic: Label) -> tuple[Label, ...]:
    """Return the second level of a primary topic, or nothing where no phrase of the lexicon points at one."""
    names, columns = _of_topic(topic.value)
    in_text, in_title = features.groups.take(columns, axis=1).tolist()
    counts = [body + TITLE_WEIGHT * head for body, head in zip(in_text, in_title, strict=True)]
    if not any(counts):
        return ()
    best, hits = counts.index(max(counts)), features.hits
    groups_of = lexicon().groups_of
    found = (groups_of.take(hits.phrases, axis=0) == columns[best]).ravel().nonzero()[0]
    places = found[:EVIDENCE] // groups_of.shape[1]
    spans = zip(hits.starts.take(places).tolist(), hits.ends.take(places).tolist(), strict=True)
    share = round(counts[best] / sum(counts), 4)
    return (Label("subtopic", names[best], share, ANNOTATOR, parent=topic.value, evidence=tuple(spans)),)


@cache
def _of_topic(topic: str) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return (second levels of a topic in alphabetical order, their columns in the lexicon)."""
    groups = lexicon().groups
    wanted = frozenset(codebook.values("subtopic"))
    names = sorted(name for name in groups if name.startswith(topic + ".") and name in wanted)
    return tuple(names), np.array([groups.index(name) for name in names], dtype=np.int64)


def flag_labels(document: Document) -> tuple[Label, ...]:
    """Return the flags of a document, each with its evidence."""
    text = document.clean.text[:MAX_CHARACTERS]
    found = {
        "flag:templated-place": templated(document),
        "flag:invented-platform": invented(document),
        "flag:spun": _spun(text),
        "flag:model-residue": _residue(text),
        "flag:pseudo-lawyer": _pseudo_lawyer(document, text),
        "flag:repealed-law": _repealed(document, text),
        "flag:false-cap": false_claims(text, document.clean_title, document.article.published.value),
        "flag:injected": tuple((s.start, s.end) for s in document.clean.flags if s.kind.startswith("inject")),
    }
    return tuple(
        Label(scheme, "yes", 1.0, ANNOTATOR, evidence=spans[:EVIDENCE]) for scheme, spans in found.items() if spans
    )


def _spans(pattern: re.Pattern[str], text: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in pattern.finditer(text))


def _spun(text: str) -> tuple[tuple[int, int], ...]:
    matches = list(SPUN.finditer(text))
    return tuple(m.span() for m in matches) if len({m.group() for m in matches}) >= SPUN_LEAST else ()


def _pseudo_lawyer(document: Document, text: str) -> tuple[tuple[int, int], ...]:
    """Return claims to be a lawyer, unless the page names one: in its text or as its author."""
    claims = _spans(PSEUDO, text) if "律师" in text else ()
    return () if claims and (NAMED.search(text) or "律" in document.article.author) else claims


def _residue(text: str) -> tuple[tuple[int, int], ...]:
    """Return what a language model left; raw Markdown only where it is more than a heading or a bold title."""
    signs = [pattern for sign, pattern in RESIDUE if sign in text and not (sign == GUIDELINE and "SEO" in text)]
    certain = tuple(sorted(span for pattern in signs for span in _spans(pattern, text)))
    if "**" not in text:
        return certain
    marks = _spans(MARKDOWN, text)
    bold = sum(text[start] == "*" for start, _ in marks)
    return tuple(sorted(certain + marks)) if len(marks) >= LEAST_MARKS and bold >= LEAST_BOLD else certain


def _repealed(document: Document, text: str) -> tuple[tuple[int, int], ...]:
    """Return citations of rules as in force that the page's date is past; nothing without a date.

    The laws and their days are those of ``corpus/gazetteer/laws.tsv``, as facets found them. A verdict may apply the old
    law to old facts, and the bare name of a law is also that of a subject (合同法 contract law): it must be cited.
    """
    published = document.article.published.value
    if not published or not any(facet.in_force == "no" for facet in document.facets):
        return ()
    laws = gazetteer().laws
    found = tuple(
        (facet.start, facet.end)
        for facet in document.facets
        if facet.kind == "law" and facet.in_force == "no" and facet.start >= 0 and facet.end <= len(text)
        if (law := laws.get(facet.canonical.partition("#")[0]))
        and law.until
        and law.until[: len(published)] <= published
        if _cited(text, facet) and not PAST.search(text[max(0, facet.start - 16) : facet.end + 24])
    )
    return () if found and VERDICT.search(text) else found


def _cited(text: str, facet: Facet) -> bool:
    """Return whether a law is cited: in 《》, with an article, or after 根据 (according to); not as part of a name."""
    before, behind = text[max(0, facet.start - 6) : facet.start], text[facet.end : facet.end + 6]
    if LONGER.search(before) or EXPLAINED.match(behind):
        return False
    return "#" in facet.canonical or bool(ACCORDING.search(before) or RULES.match(behind))

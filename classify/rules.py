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
from classify.features import MAX_CHARACTERS, Features
from classify.lexicon import lexicon
from classify.templates import invented, templated
from corpus.records import Document, Label

ANNOTATOR = "rules/2"
TITLE_WEIGHT = 3  # hits of the text that one hit of the title is worth
EVIDENCE = 5  # spans at most
SPUN_LEAST = 2  # different spun words; one alone is ordinary language

# Words that synonym tools put for the field's words (seen on 11 pages of 9 hosts).
SPUN = re.compile(
    r"告贷人|告贷|欺压履行|特征化分期|法令后果|商议还款|网络告贷|过期还款|过期费用|开证行|采纳措施|须要留意|熟悉自身|进展中,?还款"
)
RESIDUE = re.compile(
    r"\[\[?webpage ?\d+\]?\]|(?:text)?Copy Code|E-E-A-T|\[citation:\d+\]|作为一个?(?:AI|人工智能)(?:语言模型|助手)"
    r"|(?:当然|好的)[，,！!](?:以下是|这是)|^#{1,4} |\*\*[^*\n]{2,30}\*\*|【?字数[：:]\d+",
    re.M,
)
PSEUDO = re.compile(
    r"作为(?:一名|一位)?(?:资深|专业|执业)?(?:的)?律师[，,]|我是(?:一名|一位)(?:资深|专业|执业)律师|本律师(?:从业|执业)\d*多?年"
)
NAMED = re.compile(r"律师事务所|执业证号|[\u4e00-\u9fff]{2,4}律师(?:事务所|团队|解答|表示)")
CAP = re.compile(
    r"(?:利率|利息|年化)[^。；\n]{0,24}?(?:上限|不得超过|不能超过|最高(?:为|是|不超过))[^。；\n\d]{0,12}?(\d{1,2}(?:\.\d{1,2})?)%"
)
CALLS = re.compile(
    r"每[天日][^。；\n]{0,16}?(?:不得|不能|最多|不)(?:超过|多于|打)?[^。；\n\d一二三四五六七八九十]{0,6}?([1-9一二三四五六七八九十])(?:次|个|通)"
)
REPEALED = re.compile(r"《(?:中华人民共和国)?(合同法|民法通则|民法总则|物权法|担保法|侵权责任法|婚姻法|继承法)》")
PAST = re.compile(r"已(?:经)?(?:废止|失效|被[^。]{0,8}取代)|废止|原《|当时的?《|失效")
RULED_CAPS = {"24", "36", "12", "13.8", "12.4", "13.4", "14.8", "15.4", "14.6"}  # caps that some rule did set


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
        "flag:model-residue": _spans(RESIDUE, text),
        "flag:pseudo-lawyer": () if NAMED.search(text) else _spans(PSEUDO, text),
        "flag:repealed-law": _repealed(text, document.article.published.value),
        "flag:false-cap": _false_caps(text),
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


def _repealed(text: str, published: str) -> tuple[tuple[int, int], ...]:
    """Return citations of laws that the Civil Code replaced on 2021-01-01, unless the page is older or says so."""
    if published and published < "2021":
        return ()
    return tuple(
        m.span() for m in REPEALED.finditer(text) if not PAST.search(text[max(0, m.start() - 12) : m.end() + 24])
    )


def _false_caps(text: str) -> tuple[tuple[int, int], ...]:
    """Return claimed interest caps that no rule ever set, and claimed daily call limits other than six.

    The only limit on calls in force is six tries a day on an unanswered number (China Banking Association, 2026-01-30).
    """
    caps = [m.span() for m in CAP.finditer(text) if m.group(1).removesuffix(".0") not in RULED_CAPS]
    calls = [m.span() for m in CALLS.finditer(text) if m.group(1) not in {"6", "六"}]
    return tuple(sorted(caps + calls))

"""Whether a site shows other pages to some visitors than to others: several views of one URL in, a verdict out.

The first two views are ordinary ones, so that what changes from visit to visit is known before anything is called
cloaking. A difference counts only against that baseline, and only a repetition on another day confirms it. Where the
baseline itself changes, or a view shows an error, a challenge or a paywall, the verdict is "cannot tell". Cloaking by
address (search engines verified by IP) cannot be seen from here, and the verdict says so. Pure: who fetches the views,
and whether a search engine's view may be asked for at all, is decided elsewhere.
Source: Invernizzi et al. 2016 (Cloak of Visibility), Duan et al. 2018 (Cloaker Catcher); dedup_spam.md, "Cloaking protocol".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.shingles import overlap, shingle_set
from corpus.urls import site_of

STEADY = 0.8  # least similarity of the two ordinary views; below it the page changes by itself
DIFFERENT = 0.3  # most similarity of a view that differs (dedup_spam.md)
LEAST_LENGTH = 80  # code points; shorter texts are errors or shells
KINDS = {
    "ordinary": "普通访问 ordinary visit",
    "again": "再次普通访问 second ordinary visit",
    "search-agent": "搜索引擎标识 search engine's user agent",
    "search-referrer": "来自搜索结果 coming from a search result",
    "mobile": "手机访问 mobile visit",
}
_CHALLENGE = re.compile(
    r"安全验证|人机验证|滑动验证|请完成验证|正在验证|访问过于频繁|checking your browser|just a moment|captcha|access denied|"
    r"付费阅读|订阅后阅读|登录后查看|accept cookies",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class View:
    """One fetch of a URL. ``kind`` is a key of KINDS; ``url`` after redirects; ``text`` restored; ``raw`` as published;
    ``record``: id of its WARC record, "" where there was no answer."""

    kind: str
    url: str
    status: int
    text: str
    raw: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """verdict: "same", "differs" (once), "cloaked" (on two days), "cannot-tell"; ``value`` 0..1 for the feature;
    ``similarity`` by kind of view; evidence in words."""

    verdict: str
    value: float
    zh: str
    en: str
    similarity: tuple[tuple[str, float], ...] = ()


def compare(views: Sequence[View], *, seen_before: bool = False) -> Verdict:
    """Return the verdict on views of one URL, the ordinary ones first; seen_before: it differed on another day, too."""
    by_kind = {view.kind: view for view in views}
    first, again = by_kind.get("ordinary"), by_kind.get("again")
    if first is None or again is None or len(by_kind) < 3:
        return _cannot_tell("缺少对照访问", "the ordinary visits to compare with are missing")
    if _unusable(first) or _unusable(again):
        return _cannot_tell("页面报错、需验证或过短", "the page is an error, a challenge or too short")
    steady = similarity(first, again)
    if steady < STEADY:
        return _cannot_tell(f"两次普通访问相似度仅 {steady:.0%}", f"two ordinary visits are only {steady:.0%} alike")
    found = [("again", round(steady, 3))]
    worst: tuple[float, str, str, str] = (0.0, "", "", "")
    usable = 0
    for kind, view in by_kind.items():
        if kind in {"ordinary", "again"}:
            continue
        if site_of(view.url) != site_of(first.url) and site_of(again.url) == site_of(first.url):
            usable += 1
            found.append((kind, 0.0))
            worst = max(
                worst,
                (1.0, kind, f"只有该访问跳转到 {site_of(view.url)}", f"only this visit goes to {site_of(view.url)}"),
            )
            continue
        if _unusable(view):
            continue
        usable += 1
        alike = similarity(first, view)
        found.append((kind, round(alike, 3)))
        if alike <= DIFFERENT:
            worst = max(worst, (steady - alike, kind, f"相似度 {alike:.0%}", f"{alike:.0%} alike"))
        elif view.raw and first.raw and _raw_only(first, view):
            worst = max(
                worst, (0.5, kind, "文字相同而写法不同（干扰码）", "the same text, written differently by a kit")
            )
    if not usable:
        return _cannot_tell("其他访问方式均被拦截", "every other view was refused")
    if not worst[1]:
        return Verdict("same", 0.0, "各种访问所见相同（按地址识别的差异化展示无法查出）",
                       "all views show the same (cloaking by address cannot be seen)", tuple(found))  # fmt: skip
    value = round(min(1.0, worst[0]) * (1.0 if seen_before else 0.5), 3)
    zh, en = f"{KINDS[worst[1]]}：{worst[2]}", f"{KINDS[worst[1]].partition(' ')[2]}: {worst[3]}"
    if seen_before:
        return Verdict("cloaked", value, f"{zh}，两日均如此", f"{en}, on two days", tuple(found))
    return Verdict("differs", value, f"{zh}，须另日复查", f"{en}; to be repeated on another day", tuple(found))


def similarity(left: View, right: View) -> float:
    """Return the similarity of two views' texts, 0..1."""
    if left.text == right.text:
        return 1.0
    return overlap(shingle_set(left.text), shingle_set(right.text))[0]


def _raw_only(left: View, right: View) -> bool:
    raw = overlap(shingle_set(left.raw), shingle_set(right.raw))[0]
    return similarity(left, right) >= STEADY and raw <= DIFFERENT


def _unusable(view: View) -> bool:
    return not 200 <= view.status < 300 or len(view.text) < LEAST_LENGTH or bool(_CHALLENGE.search(view.text[:500]))


def _cannot_tell(zh: str, en: str) -> Verdict:
    return Verdict("cannot-tell", 0.0, f"无法判定：{zh}", f"cannot tell: {en}")

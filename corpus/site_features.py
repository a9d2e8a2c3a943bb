"""The sixteen features of a site: each 0..1 with its evidence in words and pages to look at.

The traits of a site's pages go in as one table (``PAGES``), with what the other passes know about them; features come
out in the order of ``FEATURES``. Machine-made text is context and marked as such: ``corpus.site_score`` never judges
by it alone. Formulas: dedup_spam.md section C; ramps (from, to) are chosen, and listed in ``RAMPS``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.page_traits import PageTraits

VERSION = "site-features/1"
MIN_PAGES = 10  # fewer pages say too little: "insufficient" (issue 8)
MIN_REST = 5  # pages of a host besides a folder, from which the host's own topic is seen
RECURRENCE = 5  # pages of one template, or with one title pattern, from which a pattern is counted
REUSED = 3  # pages of one site on which a sentence stands from which it counts as reused
NOTICE = 0.8  # share of pages from which a sentence is a notice of the site
EXAMPLES = 3  # pages named as evidence
FUNNEL = 0.5  # of the points for links: honest sites link to partners on every page, too
FULL_LENGTH = 600  # code points from which a page of a template counts fully (chosen)
OWN_FILING = 0.15  # trust in a site with a filing (备案) of its own, as a share of a listed one's (chosen)
LONG_RUN = 20  # posts with a time of day from which cadence is judged
DAY = 86_400  # seconds

# One row a page, as stored (little-endian, packed). Traits as in ``corpus.page_traits.PageTraits``; ``key``: beginning of
# the article's id, which orders pages alike in every rebuild; ``folder`` and ``host``: hashes of the address.
STORED = np.dtype(
    [
        ("key", "<i8"), ("title", "<i8"), ("title_end", "<i8"), ("sentences", "<u4", (16,)), ("sentence_count", "<i4"),
        ("length", "<i4"), ("ratio", "<f4"), ("pinyin", "<f4"), ("slips", "<f4"), ("holes", "<i4"),
        ("hole_words", "<i4"), ("scaffold", "<i4"), ("residue", "<i4"), ("stuffing", "<f4"), ("injected", "<i4"),
        ("links", "<f4"), ("outside", "<i4"), ("posted", "<i8"), ("folder", "<i8"), ("host", "<i8"),
    ]
)  # fmt: skip
# What other passes know of a page: ``number`` of the article; ``template_size``: pages of its template, or copies on its
# own site; ``copied``: 1 where an earlier copy on another site is known and no source is named; ``lending``: 1 where the
# page is about lending or collection.
PAGES = np.dtype([*STORED.descr, ("number", "<i8"), ("template_size", "<i4"), ("copied", "i1"), ("lending", "i1")])

# (from, to): the measure at which a feature begins to count, and from which it counts fully. Chosen; see docs/sites.md.
RAMPS: dict[str, tuple[float, float]] = {
    "variants": (0.25, 0.8),  # share of pages, or of sentences reused
    "copies": (0.3, 0.9),  # share of pages
    "slot-titles": (0.25, 0.7),  # share of pages
    "holes": (0.2, 1.5),  # holes a page above the corpus' rate
    "kit": (0.1, 0.6),  # share of pages with annotated characters
    "slips": (0.02, 0.25),  # share of pages with byte slips
    "scaffold": (0.2, 0.8),  # share of pages with two generator headings or model residue
    "redundancy": (1.7, 3.2),  # sizes alone / size together
    "links": (0.55, 0.9),  # characters in links / all characters
    "outside": (12, 40),  # other sites linked to, a page
    "funnel": (0.7, 0.95),  # share of pages that link to the same two or more other sites
    "cadence": (60, 400),  # posts on the busiest days
    "burst": (0.4, 0.9),  # share of posts within two seconds of another
    "off-topic": (0.6, 0.9),  # share of a folder's pages that are foreign to the rest of the host
    "stuffing": (0.08, 0.5),  # mean share of foreign jargon
    "wildcard": (0.2, 0.7),  # hosts / pages
    "reuse": (1.0, 3.0),  # publisher's entities shared with sites ruled spam, by rarity
}

HIJACK_REASONS = {
    "ruled": "人工认定", "kit": "干扰码", "byte slips": "编码错位", "stuffed titles": "标题填塞", "other contacts": "联系方式不同",
}  # fmt: skip

FEATURES: tuple[tuple[str, str, str, str], ...] = (
    ("variants", "text", "模板化页面", "pages of one template"),
    ("copies", "text", "他站内容复制", "copies from other sites"),
    ("slot-titles", "text", "套用标题", "titles with slots"),
    ("holes", "text", "词语过滤空缺", "words removed by a filter"),
    ("kit", "serving", "繁体拼音干扰码", "pinyin annotation of a kit"),
    ("slips", "serving", "编码错位", "byte slips of a kit"),
    ("scaffold", "text", "机器生成框架", "scaffold of a text generator"),
    ("redundancy", "text", "内容重复度", "redundant text"),
    ("links", "behaviour", "链接堆砌", "stacked links"),
    ("cadence", "behaviour", "发布节奏异常", "unusual rhythm of posts"),
    ("off-topic", "behaviour", "目录主题不符", "a folder foreign to its host"),
    ("stuffing", "serving", "标题关键词填塞", "jargon in titles that the text lacks"),
    ("cloaking", "serving", "差异化展示", "cloaking"),
    ("wildcard", "serving", "泛解析主机名", "wildcard host names"),
    ("reuse", "entities", "与已认定站点共用联系方式", "contacts shared with sites ruled spam"),
    ("trust", "trust", "可信站点", "trusted site"),
)
FAMILY = {name: family for name, family, _, _ in FEATURES}
CONTEXT = frozenset({"scaffold"})  # machine-made text: never a ground by itself

Pages = NDArray[np.void]  # of dtype PAGES
_TRAIT_NAMES = tuple(name for name in STORED.names or () if name not in {"key", "folder", "host", "sentences"})


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a site: ``value`` 0..1; evidence in words; ``pages`` are numbers of articles to look at."""

    name: str
    value: float
    evidence_zh: str
    evidence_en: str
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Norms:
    """What is usual in the corpus: ``ratio_mean`` and ``ratio_deviation`` of compression by length class
    (``length_class``), and holes a page."""

    ratio_mean: tuple[float, ...] = (1.9,) * 12
    ratio_deviation: tuple[float, ...] = (0.25,) * 12
    holes: float = 0.02


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a site besides its pages. ``redundancy``: sizes of texts alone / together;
    ``funnel``: share of pages that link to the same few other sites, and these;
    ``cloaking``: 0..1 with its sentences; ``reuse``: (rarity sum, sites, what is shared, masked); ``trusted``: why, or "";
    ``filing``: its ICP number, where no other site shows it;
    ``hijacked``: for a folder that is somebody else's, how that was seen (HIJACK_REASONS)."""

    redundancy: float = 1.0
    funnel: tuple[float, tuple[str, ...]] = (0.0, ())
    cloaking: tuple[float, str, str] = (0.0, "", "")
    reuse: tuple[float, int, str] = (0.0, 0, "")
    trusted: tuple[str, str] = ("", "")
    filing: str = ""
    hijacked: str = ""


def site_features(pages: Pages, context: Context, norms: Norms) -> tuple[Feature, ...]:
    """Return all features of one site, in the order of FEATURES; every value is 0 for fewer than MIN_PAGES pages."""
    if len(pages) < MIN_PAGES:
        return tuple(Feature(name, 0.0, "页面不足", "too few pages") for name, *_ in FEATURES)
    return (
        _variants(pages), _copies(pages), _slot_titles(pages), _holes(pages, norms), _kit(pages), _slips(pages),
        _scaffold(pages), _redundancy(pages, context, norms), _links(pages, context), _cadence(pages), _off_topic(pages, context),
        _stuffing(pages), _cloaking(context), _wildcard(pages), _reuse(context), _trust(context),
    )  # fmt: skip


def length_class(length: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the class of a length, 0..11, half a power of two each, from 100 code points on."""
    scaled = np.log2(np.maximum(length, 1) / 100.0) * 1.5
    return np.clip(scaled, 0, 11).astype(np.int64)


def pack(traits: PageTraits, *, key: int, folder: int, host: int) -> bytes:
    """Return the stored form of a page's traits."""
    row = np.zeros(1, dtype=STORED)
    for name in _TRAIT_NAMES:
        row[name] = getattr(traits, name)
    row["sentences"] = np.frombuffer(traits.sentences.ljust(64, b"\0"), dtype="<u4")
    row["key"], row["folder"], row["host"] = key, folder, host
    return row.tobytes()


def unpack(stored: Sequence[bytes]) -> Pages:
    """Return stored traits as a table of PAGES; what other passes know is still zero."""
    pages = np.zeros(len(stored), dtype=PAGES)
    table = np.frombuffer(b"".join(stored), dtype=STORED)
    for name in STORED.names or ():
        pages[name] = table[name]
    return pages


def ramp(measure: float, name: str) -> float:
    """Return 0 below the ramp of that name, 1 above it, and in between in proportion; rounded to 1/1000."""
    low, high = RAMPS[name]
    return round(float(min(1.0, max(0.0, (measure - low) / (high - low)))), 3)


def off_topic_folders(pages: Pages) -> tuple[tuple[int, float, int, int], ...]:
    """Return folders whose topic is foreign to the rest of their host: (folder, share, pages, pages of the rest).

    Foreign: MIN_PAGES pages of the folder are about lending, and at least MIN_REST others are not (after SEISE, 2016).
    """
    if len(pages) < MIN_PAGES + MIN_REST:
        return ()
    found = []
    folders, index, counts = np.unique(pages["folder"], return_inverse=True, return_counts=True)
    lending = np.bincount(index, weights=pages["lending"], minlength=len(folders))
    total = float(lending.sum())
    for place in np.flatnonzero(counts >= MIN_PAGES):
        rest = len(pages) - int(counts[place])
        if rest < MIN_REST:
            continue
        share, share_rest = lending[place] / counts[place], (total - lending[place]) / rest
        if share_rest < 0.1 and share > 0.5:
            found.append((int(folders[place]), float(share), int(counts[place]), rest))
    return tuple(found)


def _examples(pages: Pages, chosen: NDArray[np.bool_]) -> tuple[int, ...]:
    numbers, keys = pages["number"][chosen], pages["key"][chosen]
    return tuple(int(number) for number in numbers[np.argsort(keys, kind="stable")][:EXAMPLES])


def _recurring(values: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
    """Whether each value other than 0 stands at least ``least`` times."""
    _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((counts[index] >= least) & (values != 0))


def _variants(pages: Pages) -> Feature:
    count = len(pages)
    of_template = pages["template_size"] >= RECURRENCE
    sketches = pages["sentences"]
    present = sketches != 0
    values = sketches[present]
    rows = np.nonzero(present)[0]
    reused_share, with_reuse = 0.0, np.zeros(count, dtype=np.bool_)
    if len(values):
        _, index, counts = np.unique(values, return_inverse=True, return_counts=True)
        # What stands on nearly every page is a notice of the site; shuffled paragraphs stand on some.
        notice = counts[index] > NOTICE * count
        if notice.mean() < 0.5:
            rows, index = rows[~notice], index[~notice]
        reused = counts[index] >= REUSED
        reused_share = float(reused.mean()) if len(reused) else 0.0
        with_reuse[rows[reused]] = True
    # A product or a notice in a frame is short; a doorway has to look like an article.
    full = np.minimum(1.0, pages["length"] / FULL_LENGTH)
    share = float((of_template * full).mean())
    reused_share *= float(full.mean())
    if share >= reused_share:
        return Feature(
            "variants", ramp(share, "variants"),
            f"{count} 页中 {int(of_template.sum())} 页属于不少于 {RECURRENCE} 页的同一模板，仅替换城市、平台或数字",
            f"{int(of_template.sum())} of {count} pages are variants of one template with {RECURRENCE} pages or more",
            _examples(pages, of_template),
        )  # fmt: skip
    return Feature(
        "variants", ramp(reused_share, "variants"),
        f"本站句子有 {reused_share:.0%} 在 {REUSED} 页以上重复出现，页面由同一批句子拼接",
        f"{reused_share:.0%} of the site's sentences stand on {REUSED} or more of its pages, shuffled",
        _examples(pages, with_reuse),
    )  # fmt: skip


def _copies(pages: Pages) -> Feature:
    copied = pages["copied"] > 0
    share = float(copied.mean())
    return Feature(
        "copies", ramp(share, "copies"),
        f"{len(pages)} 页中 {int(copied.sum())} 页与他站更早的文章相同，且未注明来源",
        f"{int(copied.sum())} of {len(pages)} pages repeat an earlier article of another site without naming it",
        _examples(pages, copied),
    )  # fmt: skip


def _slot_titles(pages: Pages) -> Feature:
    chosen = _recurring(pages["title"], RECURRENCE) | _recurring(pages["title_end"], RECURRENCE)
    share = float(chosen.mean())
    return Feature(
        "slot-titles", ramp(share, "slot-titles"),
        f"{len(pages)} 个标题中 {int(chosen.sum())} 个套用同一模式（每种模式不少于 {RECURRENCE} 次）",
        f"{int(chosen.sum())} of {len(pages)} titles follow a pattern that recurs at least {RECURRENCE} times",
        _examples(pages, chosen),
    )  # fmt: skip


def _holes(pages: Pages, norms: Norms) -> Feature:
    total, words = int(pages["holes"].sum()), int(pages["hole_words"].max(initial=0))
    excess = total / len(pages) - norms.holes
    value = ramp(excess, "holes") if total >= 3 and words >= 2 else 0.0
    return Feature(
        "holes", value,
        f"正文有 {total} 处词语被过滤的空缺（如“问题”成“问”）",
        f"{total} places where a filter removed words, such as 问题 (problem) left as 问",
        _examples(pages, pages["holes"] > 0),
    )  # fmt: skip


def _kit(pages: Pages) -> Feature:
    chosen = pages["pinyin"] >= 1.0
    share = float(chosen.mean())
    return Feature(
        "kit", ramp(share, "kit"),
        f"{int(chosen.sum())} 页正文夹有繁体加拼音的干扰码（同一套件不等于同一主体）",
        f"{int(chosen.sum())} pages carry traditional script with pinyin (a kit in common is no owner in common)",
        _examples(pages, chosen),
    )  # fmt: skip


def _slips(pages: Pages) -> Feature:
    chosen = pages["slips"] > 0
    return Feature(
        "slips", ramp(float(chosen.mean()), "slips"),
        f"{int(chosen.sum())} 页有按字节替换造成的编码错位",
        f"{int(chosen.sum())} pages show byte slips of a replacement inside GBK text",
        _examples(pages, chosen),
    )  # fmt: skip


def _scaffold(pages: Pages) -> Feature:
    chosen = (pages["scaffold"] >= 2) | (pages["residue"] >= 2)
    share = float(chosen.mean())
    return Feature(
        "scaffold", ramp(share, "scaffold"),
        f"疑似模板或机器生成：{share:.0%} 的页面有生成框架标题或模型残留（仅供参考）",
        f"{share:.0%} of pages show generator headings or model residue (context only)",
        _examples(pages, chosen),
    )  # fmt: skip


def _redundancy(pages: Pages, context: Context, norms: Norms) -> Feature:
    mean = np.array(norms.ratio_mean)[length_class(pages["length"])]
    deviation = np.array(norms.ratio_deviation)[length_class(pages["length"])]
    z = float(((pages["ratio"] - mean) / np.maximum(deviation, 0.05)).mean())
    value = max(ramp(context.redundancy, "redundancy"), 0.5 * min(1.0, max(0.0, (z - 2) / 3)))
    return Feature(
        "redundancy", round(value, 3),
        f"多页合并压缩比单页小 {context.redundancy:.1f} 倍；与同长度文章相比偏离 {z:+.1f} 个标准差",
        f"pages compress {context.redundancy:.1f} times better together; {z:+.1f} deviations from texts of that length",
        _examples(pages, np.ones(len(pages), dtype=np.bool_)) if value else (),
    )  # fmt: skip


def _links(pages: Pages, context: Context) -> Feature:
    share, outside = float(np.median(pages["links"])), float(np.median(pages["outside"]))
    funnel, targets = context.funnel
    stacked = max(ramp(share, "links"), ramp(outside, "outside"))
    if targets and FUNNEL * ramp(funnel, "funnel") > stacked:
        return Feature(
            "links", FUNNEL * ramp(funnel, "funnel"),
            f"{funnel:.0%} 的页面都指向同样的外部站点：{'、'.join(targets)}",
            f"{funnel:.0%} of pages link to the same other sites: {', '.join(targets)}",
            _examples(pages, pages["outside"] > 0),
        )  # fmt: skip
    chosen = (pages["links"] >= RAMPS["links"][0]) | (pages["outside"] >= RAMPS["outside"][0])
    return Feature(
        "links", stacked,
        f"链接文字占 {share:.0%}，每页指向 {outside:.0f} 个外部站点（中位数）",
        f"{share:.0%} of the text is links, {outside:.0f} other sites linked to from a page (medians)",
        _examples(pages, chosen),
    )  # fmt: skip


def _cadence(pages: Pages) -> Feature:
    posted = np.sort(pages["posted"][(pages["posted"] > 0) & (pages["posted"] % DAY != 0)])
    if len(posted) < LONG_RUN:
        return Feature("cadence", 0.0, "发布时间不足以判断", "too few times of posting to tell")
    _, per_day = np.unique(posted // DAY, return_counts=True)
    busiest = float(np.percentile(per_day, 95))
    gaps = np.diff(posted) <= 2
    near = np.zeros(len(posted), dtype=np.bool_)
    near[1:] |= gaps
    near[:-1] |= gaps
    burst = float(near.mean())
    return Feature(
        "cadence", max(ramp(busiest, "cadence"), ramp(burst, "burst")),
        f"最忙时一天发布 {busiest:.0f} 篇；{burst:.0%} 的文章与另一篇相隔不足 2 秒",
        f"{busiest:.0f} posts on the busiest days; {burst:.0%} of posts within two seconds of another",
        _examples(pages, pages["posted"] > 0),
    )  # fmt: skip


def _off_topic(pages: Pages, context: Context) -> Feature:
    if context.hijacked:
        return Feature(
            "off-topic", 1.0,
            f"目录内容与主站无关，疑似被劫持（{HIJACK_REASONS.get(context.hijacked, context.hijacked)}）",
            f"a folder foreign to its host, perhaps hijacked ({context.hijacked})",
            _examples(pages, np.ones(len(pages), dtype=np.bool_)),
        )  # fmt: skip
    folders = off_topic_folders(pages)
    if not folders:
        return Feature("off-topic", 0.0, "各目录主题一致", "folders are about the same matters")
    folder, share, count, rest = max(folders, key=lambda found: (found[1], found[2], found[0]))
    return Feature(
        "off-topic", ramp(share, "off-topic"),
        f"某一目录 {count} 页中 {share:.0%} 为借贷催收内容，而主站其余 {rest} 页无关，疑似被劫持",
        f"{share:.0%} of {count} pages in one folder are about lending, the other {rest} pages are not: perhaps hijacked",
        _examples(pages, pages["folder"] == folder),
    )  # fmt: skip


def _stuffing(pages: Pages) -> Feature:
    chosen = (pages["stuffing"] >= 0.25) | (pages["injected"] >= 200)
    measure = max(float(pages["stuffing"].mean()), 0.5 * float((pages["injected"] >= 200).mean()))
    return Feature(
        "stuffing", ramp(measure, "stuffing"),
        f"{int(chosen.sum())} 页的标题、关键词或隐藏文字含正文没有的博彩或色情词",
        f"{int(chosen.sum())} pages have gambling or adult words in title, keywords or hidden text, not in the body",
        _examples(pages, chosen),
    )  # fmt: skip


def _cloaking(context: Context) -> Feature:
    value, zh, en = context.cloaking
    return Feature("cloaking", round(value, 3), zh or "未检查", en or "not checked")


def _wildcard(pages: Pages) -> Feature:
    hosts = len(np.unique(pages["host"]))
    share = hosts / len(pages)
    return Feature(
        "wildcard", ramp(share, "wildcard") if hosts >= MIN_PAGES else 0.0,
        f"{len(pages)} 页分布在 {hosts} 个主机名上",
        f"{len(pages)} pages on {hosts} host names of the domain",
    )  # fmt: skip


def _reuse(context: Context) -> Feature:
    rarity, sites, shared = context.reuse
    return Feature(
        "reuse", ramp(rarity, "reuse"),
        f"{shared or '联系方式'}同时出现在 {sites} 个已认定的垃圾站点" if sites else "未与已认定站点共用联系方式",
        f"{shared or 'contacts'} also on {sites} sites ruled spam" if sites else "no contact shared with a site ruled spam",
    )  # fmt: skip


def _trust(context: Context) -> Feature:
    zh, en = context.trusted
    if not en and context.filing:
        zh, en = f"有独立备案：{context.filing}", f"a filing of its own: {context.filing}"
        return Feature("trust", OWN_FILING, zh, en)
    return Feature("trust", 1.0 if en else 0.0, zh or "不在可信名单", en or "not on the list of trusted sites")

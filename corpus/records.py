"""The records that stages hand to each other: frozen, slotted, no behaviour beyond small derived properties.

A ``Page`` is what a server sent; ``extract`` makes an ``Article`` of it, ``restore`` a ``CleanText``, and
``process`` a ``Document``. A stage returns a new record and never changes one. Sequences are tuples, times are
aware UTC datetimes, bodies are bytes. All offsets are code points (not bytes), half-open ``[start, end)``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

# Why a page or capture is not kept, with what people read: (English, Chinese). Codes are the interface: they stand in
# ``rejections.reason``, in ``inspect --json`` and in the docs.
REASONS: dict[str, tuple[str, str]] = {
    "empty-body": ("the server sent nothing", "正文为空"),
    "binary": ("the body is not text", "内容不是文本"),
    "not-html": ("the body is text, but no web page", "不是网页"),
    "too-large": ("the body is larger than the limit", "页面过大"),
    "http-error": ("the server answered with an error", "服务器返回错误"),
    "undecodable": ("no character set fits the bytes", "无法识别编码"),
    "no-main-text": ("no main text was found", "没有找到正文"),
    "too-short": ("the main text is too short to judge", "正文过短"),
    "list-page": ("a list of links, not an article; its links were followed", "列表页"),
    "gallery": ("pictures without an article", "图集页"),
    "soft-404": ("an error page with status 200", "伪装成正常的错误页"),
    "not-chinese": ("the main text is not Chinese", "正文不是中文"),
    "timeout": ("processing took longer than its limit", "处理超时"),
    "crashed": ("the worker that processed the page died", "处理进程崩溃"),
    "robots": ("robots.txt does not allow it", "robots.txt 禁止"),
    "out-of-scope": ("outside the sites to be crawled", "不在抓取范围"),
    "limit": ("the site's limit of pages or depth is reached", "超过站点页数或深度上限"),
    "trap": ("the address looks endless: repeated folders or too many variants", "疑似无尽链接"),
    "unsafe-address": ("the host resolves to a private address", "指向内网地址"),
    "unreachable": ("the host could not be reached", "无法连接"),
    "redirect-loop": ("too many redirects", "重定向过多"),
    "truncated": ("the answer was cut off", "响应不完整"),
    "bad-record": ("the archive record cannot be read", "归档记录损坏"),
    "unsupported": ("a kind of file that is not read", "不支持的文件类型"),
    "taken-down": ("withdrawn by a takedown", "已下架"),
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where, when and how a capture was made, enough to check it."""

    run: str = ""  # id of the crawl or ingest run
    referrer: str = ""
    warc_file: str = ""  # file name inside the workspace's archive/
    warc_offset: int = -1  # bytes; -1: not archived
    warc_record_id: str = ""
    source: str = ""  # "crawl", "ingest" …


@dataclass(frozen=True, slots=True)
class Page:
    """What a server sent: one capture. ``fetched_at`` is aware UTC; header names are lower-case, in order received."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    fetched_at: datetime
    provenance: Provenance = Provenance()

    @property
    def capture(self) -> Capture:
        """The page without its body."""
        return Capture(
            self.url,
            self.status,
            self.header("content-type"),
            self.fetched_at,
            self.sha256,
            len(self.body),
            self.provenance,
        )

    @property
    def sha256(self) -> str:
        """Hex digest of the body: the page's key."""
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str:
        """Return the first header of that name, or "". Case makes no difference."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


@dataclass(frozen=True, slots=True)
class Capture:
    """A page without its body: what travels on once the body has been read."""

    url: str
    status: int
    content_type: str
    fetched_at: datetime
    body_sha256: str
    body_length: int  # bytes
    provenance: Provenance = Provenance()


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """One date that the page shows. ``value`` is ISO 8601, as long as ``precision`` allows ("2024-12", "2024-12-05",
    "2024-12-05T12:46:54+08:00")."""

    value: str
    precision: str  # "year", "month", "day", "minute", "second"
    source: str  # "meta", "json-ld", "time", "byline", "url", "text", "list page" …
    role: str = "published"  # or "updated"
    confidence: float = 0.0
    where: str = ""  # where in the document: a short path, or the text it was read from
    note: str = ""  # "year inferred from the fetch time" …


@dataclass(frozen=True, slots=True)
class Published:
    """When an article says it was published, and why we think so. All candidates are kept."""

    value: str = ""  # "" : unknown
    precision: str = ""
    source: str = ""
    confidence: float = 0.0
    conflict: bool = False  # credible candidates disagree by more than a day
    candidates: tuple[DateCandidate, ...] = ()
    updated: str = ""
    note: str = ""
    latest: str = ""  # the last day that is believed of this capture: the fetch, or Last-Modified if earlier, and a day


@dataclass(frozen=True, slots=True)
class ListedDate:
    """A date that a list page shows beside a link to a page of its own site. ``text``: the date as it stands there."""

    url: str  # canonical
    value: str
    precision: str  # "month", "day", "minute", "second"
    role: str  # "published" or "updated"
    text: str
    note: str = ""  # "year inferred from the fetch time" …


@dataclass(frozen=True, slots=True)
class Block:
    """A run of visible text of the page. Kept and removed blocks together are all its visible text, in page order.

    reason: "" for a kept block, else a code such as "navigation", "related", "footer", "share", "contact-line",
    "repeated-title", "byline", "breadcrumb", "hidden", "injected", "site-boilerplate".
    """

    text: str
    reason: str = ""
    path: str = ""  # tag path, for people and for site profiles
    order: int = 0  # position among all blocks of the page

    @property
    def kept(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class Link:
    """A link out of a page: absolute http(s) URL, its words, and rel words ("nofollow")."""

    url: str
    text: str = ""
    rel: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One post of a thread: who wrote it and when, as shown; ``text`` as published."""

    author: str
    published: str
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """Main text and metadata of a page, as published; nothing restored, nothing guessed.

    ``text`` is the kept blocks joined by newlines. ``scripts`` are the script sources and inline scripts that can hold
    analytics ids (bounded); they are for fingerprints, never shown.
    """

    url: str
    title: str
    author: str
    published: Published
    site: str
    text: str
    page_type: str = "article"  # article | thread | list | gallery | other
    source_name: str = ""  # 来源 (the medium named as source)
    editor: str = ""  # 责任编辑 (responsible editor)
    keywords: str = ""  # <meta name=keywords>
    description: str = ""
    links: tuple[Link, ...] = ()
    blocks: tuple[Block, ...] = ()
    replies: tuple[Reply, ...] = ()
    scripts: tuple[str, ...] = ()
    canonical_url: str = ""  # <link rel=canonical>, absolute, same site only
    next_url: str = ""  # next part of an article in parts
    flags: tuple[str, ...] = ()  # "truncated", "paywalled", "part", "stitched", "from-script"
    charset: str = ""
    charset_source: str = ""  # "bom", "utf-8", "declared", "ranked", "replaced"
    replacement_count: int = 0  # U+FFFD produced by decoding
    field_sources: tuple[tuple[str, str], ...] = ()  # ("title", "h1"), …
    extractor: str = ""  # name/version

    @property
    def removed(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.reason)


@dataclass(frozen=True, slots=True)
class Edit:
    """One reversible replacement: ``before`` stood at [start, end) of the text as published, ``after`` stands at
    [clean_start, clean_end) of the clean text. Edits of a text do not overlap and are in order."""

    field: str  # "title", "author", "text"
    start: int
    end: int
    clean_start: int
    clean_end: int
    before: str
    after: str
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Hole:
    """A place where a filter seems to have removed words. ``start`` counts in the clean text; nothing is inserted."""

    field: str
    start: int
    suggestion: str
    confidence: float
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the clean text that something is said about (injected words, jammers, model residue …)."""

    field: str
    start: int
    end: int
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class DamageProfile:
    """Which kinds of damage a text shows, and how dense: a fingerprint of the tool that made it.

    ``rates``: (kind, hits per 1,000 characters), sorted by kind. ``annotated``: characters that carry pinyin.
    ``hole_words``: (suggested word, count).
    """

    rates: tuple[tuple[str, float], ...] = ()
    annotated: str = ""
    hole_words: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CleanText:
    """Readable Simplified text, the edits that lead back to the text as published, and the holes."""

    text: str
    edits: tuple[Edit, ...] = ()
    holes: tuple[Hole, ...] = ()
    script: str = ""  # simplified | traditional | machine-traditional | mixed | none
    flags: tuple[Span, ...] = ()
    damage: DamageProfile = DamageProfile()


@dataclass(frozen=True, slots=True)
class Contact:
    """A number or account to reach somebody. ``value`` is normalised, ``raw`` as written; never shown unmasked
    without being asked for. kind: phone, hotline, email, qq, wechat, icp, police-record, baidu-tongji, cnzz, 51la,
    google-analytics, adsense, verification."""

    kind: str
    raw: str
    value: str
    block: str  # "kept", "removed", "script", "markup"
    start: int = -1  # in the block's clean text; -1: not in text
    end: int = -1


@dataclass(frozen=True, slots=True)
class Facet:
    """A place, platform, law … named in the clean text."""

    kind: str
    value: str
    canonical: str
    start: int
    end: int
    in_force: str = ""  # laws: "yes", "no", "" unknown, on the page's date


@dataclass(frozen=True, slots=True)
class Label:
    """A value of a scheme, with a score in 0..1, its evidence (spans of the clean text), and who gave it."""

    scheme: str
    value: str
    score: float
    annotator: str  # name/version
    parent: str = ""
    rank: int = 1  # 1: primary
    evidence: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What near-duplicate search needs of one document. Hashes are hex; the signature is little-endian uint32s."""

    restored: str = ""  # same restored text
    masked: str = ""  # same text with places, platforms, numbers and days masked: a variant of one template
    signature: bytes = field(default=b"", repr=False)  # MinHash; empty for short texts
    length: int = 0  # normalised characters
    sentences: bytes = field(default=b"", repr=False)  # as corpus.sentences.pack writes them


@dataclass(frozen=True, slots=True)
class Document:
    """An article with everything that one page alone can tell. The corpus passes add the rest in corpus.db."""

    id: str
    capture: Capture
    article: Article
    clean_title: str
    clean_author: str
    clean: CleanText
    edits: tuple[Edit, ...]  # of title, author and text
    holes: tuple[Hole, ...]
    fingerprints: Fingerprints
    contacts: tuple[Contact, ...] = ()
    facets: tuple[Facet, ...] = ()
    labels: tuple[Label, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()  # component and its version, sorted
    frame: tuple[str, ...] = ()  # the lines at both ends of the text, as the boilerplate of sites is learnt from them

    @property
    def removed(self) -> tuple[Block, ...]:
        """What the clean text leaves out: blocks that are no main text, and words that were injected into it."""
        injected = (
            Block(edit.before, "injected", f"{edit.field}:{edit.start}-{edit.end}", -1)
            for edit in self.edits
            if edit.rule == "injected"
        )
        return (*self.article.removed, *injected)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A capture that was not kept, and why. ``reason`` is a key of REASONS."""

    capture: Capture
    stage: str
    reason: str
    detail: str = ""
    listed: tuple[ListedDate, ...] = ()  # of a list page


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator ruled. Never updated, only superseded."""

    serial: int
    time: datetime
    moderator: str
    subject_kind: str  # "article", "site", "network", "cluster"
    subject: str
    ruling: str
    why: str = ""
    supersedes: int = 0

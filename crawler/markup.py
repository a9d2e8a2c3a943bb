"""HTML text in, its visible lines and its tree of blocks out, in one pass and in bounded time.

A line is a run of visible text between two block boundaries or line breaks. Lines stand in page order, and the lines
of an element are a contiguous range, so that any sum over an element is a difference of two prefix sums. No tree of
nodes is built: measured, walking one costs more than everything else here. The scanner follows the tag rules of the
HTML standard that decide where text stands (void elements, implied end tags, raw text, scoping by table cells) and
drops those that can cost more than linear time (reconstruction of formatting elements, the adoption agency).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from corpus.errors import Rejected

# Bounds. A page beyond them is refused, or, where noted, what is beyond them is left out of the side lists only.
MAX_TAGS = 120_000  # the largest of 156 real pages has 15,397
MAX_TEXT = 2_000_000  # characters of visible text; the largest real page has 60,000
MAX_LINES = 50_000  # the largest real page has 3,079
MAX_DEPTH = 400  # deeper elements are read as part of their ancestor
MAX_SEARCH = 64  # open elements looked at for the one an end tag may close
MAX_LINKS = 4_000  # side list
MAX_META = 400  # side list
MAX_SCRIPTS = 60  # side list
MAX_SCRIPT = 2_000  # characters of an inline script that are kept around an analytics id
MAX_JSON = 400_000  # characters of one JSON-LD script
MAX_ATTRIBUTES = 20_000  # characters of one tag's attributes that are read
MAX_CUE = 300  # characters of class and id that are kept

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "frame",
        "basefont",
        "bgsound",
    ]
)
# Raw text elements: no tag inside counts. Those not in SHOWN_RAW are never seen by a reader.
RAW = frozenset(["script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "svg", "template"])
SHOWN_RAW = frozenset(["textarea", "xmp"])
# Formatting that never matters here: no element is opened for it.
PLAIN = frozenset(
    [
        "b",
        "i",
        "u",
        "s",
        "em",
        "font",
        "small",
        "big",
        "sub",
        "sup",
        "tt",
        "strike",
        "del",
        "ins",
        "code",
        "kbd",
        "var",
        "nobr",
        "center_",
        "mark",
        "bdo",
        "abbr",
    ]
)
BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hgroup",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "noscript",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
# What to do with a tag, by its name as it is mostly written.
_PLAIN, _LINK, _BREAK, _VOID, _RAW, _ELEMENT = range(6)
_KINDS = {
    **dict.fromkeys(BLOCK | {"span", "label", "button", "form"}, _ELEMENT),
    **dict.fromkeys(RAW, _RAW),
    **dict.fromkeys(VOID, _VOID),
    **dict.fromkeys(PLAIN, _PLAIN),
    "a": _LINK,
    "br": _BREAK,
    "hr": _BREAK,
}
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
# An opening tag closes these, when they are open above the nearest of the fences.
IMPLIED_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(["li"]), frozenset(["ul", "ol", "menu", "dir", "table", "td"])),
    "dt": (frozenset(["dt", "dd"]), frozenset(["dl", "table", "td"])),
    "dd": (frozenset(["dt", "dd"]), frozenset(["dl", "table", "td"])),
    "td": (frozenset(["td", "th"]), frozenset(["tr", "table"])),
    "th": (frozenset(["td", "th"]), frozenset(["tr", "table"])),
    "tr": (frozenset(["tr"]), frozenset(["table"])),
    "tbody": (frozenset(["tbody", "thead", "tfoot"]), frozenset(["table"])),
    "tfoot": (frozenset(["tbody", "thead", "tfoot"]), frozenset(["table"])),
    "option": (frozenset(["option"]), frozenset(["select", "table", "td"])),
}
FENCES = frozenset(["td", "th", "table", "html", "body"])  # an end tag of another kind does not reach beyond these

# Text up to the next tag, then the tag: (text, slash, name, attributes). A lone "<" is text.
_TOKEN = re.compile(
    r"([^<]*+)<(?:(/?)([a-zA-Z][^\s/>\x00]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+)>?"
    r"|(!--)|[!?/][^>]*+>?)?"
)
_SPACE = re.compile(r"[ \t\n\r\f\v\xa0]+")
_COMMENT_END = re.compile(r"-->|--!>")
_CUE = re.compile(r"(?:^|[\s\"'/])(?:class|id)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_PLAIN_CLASS = re.compile(r" class=\"([^\"]*)\"\s*")  # half of all tags have this and nothing else
_STATED_DAY = re.compile(r"\stitle=[\"']([^\"'<>]{0,12}(?:19|20)\d\d[-/年]\d{1,2}[-/月]\d{1,2}[^\"'<>]{0,24})[\"']")
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:^|\s)hidden(?=[\s/]|$|=(?!\s*[\"']?false))", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"([a-zA-Z_:@][^\s=/>\"']*)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_PLAIN_HREF = re.compile(r"\shref=\"([^\"]*)\"")
_REL = re.compile("next|canonical", re.IGNORECASE)  # what <link> elements are read for
_SRC = re.compile(r"(?<![^\s\"'/])(?:src|type)\s*=", re.IGNORECASE)
_HREF = re.compile(r"(?:^|[\s\"'/])href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
# What inline scripts are kept for. Plain substrings: a pattern of alternatives costs ten times as much on big scripts.
_ANALYTICS = [
    "hm.baidu.com",
    "_hmt",
    "cnzz",
    "51.la",
    "51la",
    "google-analytics",
    "googletagmanager",
    "gtag(",
    "UA-",
    "adsbygoogle",
    "ca-pub-",
    "zhanzhang",
    "umeng",
    "growingio",
    "sensorsdata",
    "clarity.ms",
    "matomo",
    "_paq",
    "tongji",
]
# A break in the source between two wide characters is no space (CSS Text 3, segment break transformation).
_WIDE = "⺀-⿟　-〿㐀-䶿一-鿿豈-﫿︰-﹏＀-￯"
_SEGMENT_BREAK = re.compile(rf"(?<=[{_WIDE}])[ \t]*[\r\n]+[ \t\r\n]*(?=[{_WIDE}])")
_RAW_END: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"</(?:{name}|{name.upper()}|{name.capitalize()})(?=[\s/>])") for name in RAW
}


class Line:
    """A run of visible text. ``links``: characters of it inside links. ``element``: index of the block around it."""

    __slots__ = ("cue", "element", "heading", "hidden", "links", "text")

    def __init__(self, text: str, links: int, element: int, heading: int, hidden: bool, cue: str) -> None:
        self.text = text
        self.links = links
        self.element = element
        self.heading = heading
        self.hidden = hidden
        self.cue = cue


@dataclass(slots=True)
class Markup:
    """What a page holds. Elements are parallel lists; element 0 is the page; ``first`` and ``last`` delimit lines."""

    lines: list[Line] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    cues: list[str] = field(default_factory=list)  # class and id, lower-case
    parents: list[int] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    title: str = ""
    metas: list[tuple[str, str]] = field(default_factory=list)  # (name or property or itemprop, content)
    links: list[tuple[str, str, str, int]] = field(default_factory=list)  # (href, words, rel, line at which it begins)
    heads: list[tuple[str, str]] = field(default_factory=list)  # <link rel=canonical|next>: (rel, href)
    times: list[tuple[str, int, str]] = field(default_factory=list)  # <time>: (datetime, line, class and itemprop)
    scripts: list[str] = field(default_factory=list)
    json_ld: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)  # those that speak of publishing
    base: str = ""
    paths: list[str] = field(default_factory=list)  # of the first elements, as far as asked for
    images: list[int] = field(default_factory=list)  # the line before which each picture stands

    def path(self, element: int) -> str:
        """Return the tags from the page down to an element, with the first class, at most eight: "div.main/p"."""
        paths = self.paths
        for number in range(len(paths), element + 1):
            if number == 0:
                paths.append("")
                continue
            cue = self.cues[number].split(" ", 1)[0][:40]
            above = paths[self.parents[number]]
            step = f"{self.tags[number]}.{cue}" if cue else self.tags[number]
            whole = f"{above}/{step}" if above else step
            paths.append(whole.split("/", 1)[1] if whole.count("/") > 7 else whole)
        return paths[element]


def scan(html: str) -> Markup:
    """Return the lines, elements and side lists of a page.

    Raises: Rejected("extract", "too-large"), where a page has more tags or text than any article has.
    """
    if html.count("<") > MAX_TAGS:
        raise Rejected("extract", "too-large", f"more than {MAX_TAGS:,} tags")
    return _Scanner(html).run()


def attributes(source: str) -> dict[str, str]:
    """Return the attributes of a tag by lower-case name, the first of each, entities resolved."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source[:MAX_ATTRIBUTES]):
        name = match[1].lower()
        if name not in found:
            found[name] = unescape(match[2] or match[3] or match[4] or "").strip()
    return found


class _Scanner:
    """The state of one pass. Private to this module; lives for one call of ``scan``."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.page = Markup(tags=["page"], cues=[""], parents=[-1], first=[0], last=[0])
        # Open elements: (tag, element index or -1 for an inline one, hidden).
        self.open: list[tuple[str, int, bool]] = [("page", 0, False)]
        self.paragraphs = 0  # open ones
        self.endless: set[str] = set()  # raw elements that no end tag follows
        self.block = 0  # element index of the innermost open block
        self.hidden = False
        self.heading = 0
        self.pieces: list[str] = []  # of the line being read
        self.link_characters = 0
        self.cue = ""
        self.href = ""
        self.rel = ""
        self.link_depth = 0
        self.link_pieces: list[str] = []
        self.link_line = 0
        self.in_pre = 0
        self.text_length = 0

    def run(self) -> Markup:
        html, position = self.html, 0
        match_token, pieces, opened = _TOKEN.match, self.pieces, self.open
        while (match := match_token(html, position)) is not None:
            position = match.end()
            source, closing, name, attributes_, dashes = match.groups()
            if source and (pieces or not source.isspace()):
                self.text(source)
            if name is None:
                if dashes:
                    position = self.comment(position)
                elif position == match.end(1) + 1:
                    self.text("<")
                continue
            kind = _KINDS.get(name)
            if kind is None:
                name = name.lower()
                kind = _KINDS.get(name, _ELEMENT)
            if kind == _PLAIN:
                continue
            if closing:
                if kind == _LINK:
                    if self.href:
                        self.end_link()
                elif kind == _BREAK:
                    self.flush()
                elif kind == _ELEMENT:
                    top = opened[-1]
                    if top[1] < 0 and top[0] == name and not self.href:
                        opened.pop()  # the common case: an inline element ends where it should
                    else:
                        self.end(name)
            elif kind == _ELEMENT:
                self.start(name, attributes_)
            elif kind == _LINK:
                self.start_link(attributes_)
            elif kind == _BREAK:
                self.flush()
            elif kind == _RAW:
                position = self.raw(name, attributes_, position)
            else:
                self.void(name, attributes_)
        if position < len(html):
            self.text(html[position:])
        self.close_to(1)
        self.flush()
        self.page.last[0] = len(self.page.lines)
        return self.page

    def comment(self, start: int) -> int:
        if self.html.startswith((">", "->"), start):
            return start + 1
        end = _COMMENT_END.search(self.html, start)
        stop = end.start() if end else len(self.html)
        if stop - start < 400 and len(self.page.comments) < 20:
            words = self.html[start:stop]
            if "ublish" in words or "发布" in words:
                self.page.comments.append(words.strip())
        return end.end() if end else len(self.html)

    def text(self, source: str) -> None:
        if self.in_pre and "\n" in source:
            *whole, source = source.split("\n")
            for part in whole:
                self.pieces.append(part)
                self.flush()
        self.pieces.append(source)
        if self.href:
            self.link_pieces.append(source)
            self.link_characters += len(source) if len(source) < 4 else len(source.strip())

    def flush(self) -> None:
        """End the line that is being read, if it holds any text."""
        pieces = self.pieces
        if not pieces:
            return
        text = clean_space("".join(pieces))
        pieces.clear()
        if text:
            links = min(len(text), self.link_characters)
            self.page.lines.append(Line(text, links, self.block, self.heading, self.hidden, self.cue))
            self.text_length += len(text)
            if self.text_length > MAX_TEXT:
                raise Rejected("extract", "too-large", f"more than {MAX_TEXT:,} characters of text")
            if len(self.page.lines) > MAX_LINES:
                raise Rejected("extract", "too-large", f"more than {MAX_LINES:,} lines of text")
        self.link_characters = 0
        self.cue = ""

    def start(self, name: str, source: str) -> None:
        cue = ""
        hidden = self.hidden
        if "=" in source or "idden" in source:
            if len(source) > MAX_ATTRIBUTES:
                source = source[:MAX_ATTRIBUTES]
            plain = _PLAIN_CLASS.fullmatch(source)
            if plain is not None:
                cue = plain[1][:MAX_CUE].strip().lower().replace("/", "_")
            elif "class" in source or "id" in source or "CLASS" in source or "ID" in source:
                for found in _CUE.findall(source):
                    cue += f" {found[0] or found[1] or found[2]}" if cue else found[0] or found[1] or found[2]
                cue = cue[:MAX_CUE].strip().lower().replace("/", "_")
            if not hidden and ("none" in source or "idden" in source or "NONE" in source):
                hidden = _HIDING.search(source) is not None
            if "title=" in source and len(self.page.times) < 200 and (stated_day := _STATED_DAY.search(source)):
                # <span title="2023-5-6 10:20">3 days ago</span>: what the words leave open
                self.page.times.append((stated_day[1], len(self.page.lines), "title"))
            if name == "time" and len(self.page.times) < 200:
                stated = attributes(source)
                words = f"{stated.get('class', '')} {stated.get('itemprop', '')} {stated.get('pubdate', '')}".lower()
                self.page.times.append((stated.get("datetime", ""), len(self.page.lines), words))
        if name == "noscript":
            hidden = True
        if name in BLOCK or hidden is not self.hidden:
            self.start_block(name, cue, hidden)
        else:
            if cue and len(self.cue) < MAX_CUE:
                self.cue += f" {cue}"
            if len(self.open) < MAX_DEPTH:
                self.open.append((name, -1, self.hidden))

    def start_block(self, name: str, cue: str, hidden: bool) -> None:
        if self.pieces:
            self.flush()
        implied = IMPLIED_ENDS.get(name)
        if implied is not None:
            self.close_implied(*implied)
        elif self.paragraphs:
            self.close_implied(_P, _P_FENCES)
        if len(self.open) >= MAX_DEPTH:
            return
        page = self.page
        index = len(page.tags)
        page.tags.append(name)
        page.cues.append(cue)
        page.parents.append(self.block)
        page.first.append(len(page.lines))
        page.last.append(-1)
        self.open.append((name, index, hidden))
        self.block = index
        self.hidden = hidden
        if name in _MARKED:
            self.mark(name, 1)

    def close_implied(self, closes: frozenset[str], fences: frozenset[str]) -> None:
        for depth in range(len(self.open) - 1, max(0, len(self.open) - MAX_SEARCH), -1):
            name = self.open[depth][0]
            if name in closes:
                self.close_to(depth)
                return
            if name in fences:
                return

    def mark(self, name: str, change: int) -> None:
        """Count an element whose being open matters as it opens (1) or closes (-1)."""
        if name == "p":
            self.paragraphs += change
        elif name == "pre":
            self.in_pre += change
        else:
            self.heading = HEADINGS[name] if change > 0 else 0

    def end(self, name: str) -> None:
        block = name in BLOCK
        if block and self.pieces:
            self.flush()
        top = len(self.open) - 1
        if self.open[top][0] == name:
            self.close_to(top)
            return
        for depth in range(top, max(0, top - MAX_SEARCH), -1):
            opened, index, _ = self.open[depth]
            if opened == name:
                self.close_to(depth)
                return
            if (index >= 0 and not block) or (opened in FENCES and name not in _TABLE):
                return

    def close_to(self, depth: int) -> None:
        """Close all open elements from ``depth`` up."""
        opened = self.open
        while len(opened) > depth and depth > 0:
            name, index, _ = opened.pop()
            if index >= 0:
                if self.pieces:
                    self.flush()
                page = self.page
                page.last[index] = len(page.lines)
                self.block = page.parents[index]
                self.hidden = opened[-1][2]
                if name in _MARKED:
                    self.mark(name, -1)
        if self.href and len(opened) < self.link_depth:
            self.end_link()

    def start_link(self, source: str) -> None:
        if self.href:
            self.end_link()
        plain = _PLAIN_HREF.match(source)  # how most links begin
        if plain is not None:
            href = plain[1]
        else:
            match = _HREF.search(source[:MAX_ATTRIBUTES])
            if match is None:
                return
            href = match[1] or match[2] or match[3] or ""
        self.href = (unescape(href) if "&" in href else href).strip() or "#"
        self.rel = attributes(source).get("rel", "") if "rel=" in source else ""
        self.link_depth = len(self.open)
        self.link_line = len(self.page.lines)

    def end_link(self) -> None:
        """End the open link."""
        if len(self.page.links) < MAX_LINKS:
            words = clean_space("".join(self.link_pieces))[:200]
            self.page.links.append((self.href, words, self.rel, self.link_line))
        self.link_pieces.clear()
        self.href = ""

    def void(self, name: str, source: str) -> None:
        page = self.page
        if name == "img":
            if len(page.images) < MAX_META:
                page.images.append(len(page.lines))
        elif name == "meta" and len(page.metas) < MAX_META:
            found = attributes(source)
            key = found.get("property") or found.get("name") or found.get("itemprop") or found.get("http-equiv") or ""
            if key and found.get("content"):
                page.metas.append((key.lower(), found["content"][:MAX_SCRIPT]))
        elif name == "link" and len(page.heads) < MAX_META and _REL.search(source):
            found = attributes(source)
            if found.get("rel") and found.get("href"):
                page.heads.append((found["rel"].lower(), found["href"]))
        elif name == "base" and not page.base:
            page.base = attributes(source).get("href", "")
        elif name in ("area", "frame") and len(page.links) < MAX_LINKS:
            found = attributes(source)
            href = found.get("href") or found.get("src") or ""
            if href:
                page.links.append((href, found.get("alt", ""), "", len(page.lines)))

    def raw(self, name: str, source: str, start: int) -> int:
        """Handle an element whose content is no markup; return where reading goes on."""
        if source.rstrip().endswith("/") and name == "svg":
            return start
        end = None if name in self.endless else _RAW_END[name].search(self.html, start)
        if end is None:
            self.endless.add(name)  # looked for once, or 100,000 unclosed ones would cost minutes
        stop = end.start() if end else (len(self.html) if name in ("script", "style") else start)
        content = self.html[start:stop]
        if name == "title" and not self.page.title:
            self.page.title = clean_space(content)[:1_000]
        elif name == "script":
            self.script(source, content)
        elif name in SHOWN_RAW:
            self.flush()
            for part in content.split("\n"):
                self.pieces.append(part)
                self.flush()
        elif name == "iframe" and len(self.page.links) < MAX_LINKS:
            target = attributes(source).get("src", "")
            if target:
                self.page.links.append((target, "", "iframe", len(self.page.lines)))
        close = self.html.find(">", stop)
        return (close + 1 if close >= 0 else len(self.html)) if end else max(stop, start)

    def script(self, source: str, content: str) -> None:
        page = self.page
        found = attributes(source) if _SRC.search(source[:MAX_ATTRIBUTES]) else {}
        if found.get("src"):
            if len(page.scripts) < MAX_SCRIPTS:
                page.scripts.append(found["src"][:MAX_SCRIPT])
        elif "ld+json" in found.get("type", "").lower():
            if len(page.json_ld) < 10 and len(content) <= MAX_JSON:
                page.json_ld.append(content)
        else:
            end = -1
            for place in sorted(place for word in _ANALYTICS if (place := content.find(word)) >= 0):
                if place >= end and len(page.scripts) < MAX_SCRIPTS:
                    begin = max(0, place - MAX_SCRIPT // 2)
                    end = begin + MAX_SCRIPT
                    page.scripts.append(content[begin:end].strip())


_MARKED = frozenset(["p", "pre", *HEADINGS])
_P = frozenset(["p"])
_P_FENCES = BLOCK - _P
_TABLE = frozenset(["table", "td", "th", "tr", "tbody", "thead", "tfoot", "body", "html"])


def clean_space(source: str) -> str:
    """Return text with entities resolved, NULs dropped, and white space collapsed as a browser shows it."""
    if "&" in source:
        source = unescape(source)
    if "\x00" in source:
        source = source.replace("\x00", "")
    if "\n" in source or "\r" in source:
        source = _SEGMENT_BREAK.sub("", source)
    if "\u3000" in source:
        return _SPACE.sub(" ", source).strip()  # HTML keeps an ideographic space; a browser shows it
    return " ".join(source.split())

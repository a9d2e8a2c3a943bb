"""A page in, its article out: main text, title, author, dates, links, and a ledger of everything that was removed.

``extract`` is pure and bounded: it reads the page's bytes, headers, URL and fetch time, nothing else. Every visible
line of the page is in ``Article.blocks`` exactly once, in page order, kept or removed with a reason; ``Article.text`` is
the kept blocks joined by newlines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from corpus.errors import Rejected
from corpus.records import Article, Block, Link, Page
from corpus.urls import site_of
from crawler.authors import BylineLine, Names, find_names, from_metas, is_person
from crawler.dates import Place, find_published, json_nodes
from crawler.decode import Decoded, decode
from crawler.line_rules import fold, fold_all
from crawler.main_text import Choice, choose
from crawler.markup import MAX_TEXT, Line, Markup, clean_space, scan
from crawler.page_type import flags, is_error, is_gallery, is_list
from crawler.script_body import find_script_body, with_script_body
from crawler.stitch import next_part, part_of
from crawler.threads import TIME, is_name, replies
from crawler.titles import Title, find_title, headline_above

NAME = "cuishou/1"
MAX_BODY = 8 * 1024 * 1024  # bytes
LEAST_PLAIN = 30  # characters of Chinese lines that make a text without markup an article
MAX_PLAIN_TITLE = 60  # characters
CHINESE_SAMPLE = 2_000  # characters of a text that are looked at for its language
LEAST_CHINESE = 0.1  # share of ideographs among the letters of a main text
WITHOUT_TEXT = frozenset(["no-main-text", "soft-404", "gallery"])  # what a page says of itself until its script has run
LEAST_TEXT = 10  # characters of an article's own words


_NOT_PAGES = re.compile(
    r"(?:image|audio|video|font)/|text/(?:css|javascript|csv)|application/(?:json|javascript|x-javascript|rss\+xml|atom\+xml|pdf|zip|octet-stream|vnd)"
)
_BESIDE = re.compile(r"\w[^:;\s?#]*(?:\?[^:\s#]*)?")  # a link to a page in the same folder: 123.html, a/b.asp?id=1
_ANY_TAG = re.compile(r"<(?:html|head|body|div|p|br|table|a|script|meta|!doctype)\b", re.IGNORECASE)
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff]")
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]+")
_LETTERS = re.compile(r"[^\W\d_]+")


def extract(page: Page) -> Article:
    """Return the article of a page.

    Raises: Rejected("extract", reason), where a page is empty, binary, too large, an error page, a list, a gallery, or
    holds no main text. The links of a list page are still to be followed: see ``page_links``.
    """
    decoded, markup = read_markup(page)
    if is_plain_text(page, decoded):
        return plain_article(page, decoded)
    try:
        return read_article(page, decoded, markup)
    except Rejected as rejected:
        body = find_script_body(decoded.text) if rejected.reason in WITHOUT_TEXT else None
        if body is None:
            raise
    article = read_article(page, decoded, scan(with_script_body(decoded.text, body)))
    return replace(article, flags=(*article.flags, "from-script"))


def read_article(page: Page, decoded: Decoded, markup: Markup) -> Article:
    """Return the article of a page's lines. Raises: Rejected, where there is none."""
    folded = fold_all([line.text for line in markup.lines])
    title = find_title(markup, folded, json_headline(markup))
    choice = choose(markup, folded, title, page.url)
    if choice.page_type == "article":
        above = headline_above(markup, folded, choice.reasons, title)
        if above is not title:
            title, choice.reasons[above.line] = above, "title"
    refuse(page, markup, title, choice)
    return assemble(page, decoded, markup, title, choice)


def is_plain_text(page: Page, decoded: Decoded) -> bool:
    """Return whether a page is text without markup, by its own words and the server's."""
    return page.header("content-type").lower().startswith("text/plain") and not _ANY_TAG.search(decoded.text[:4_000])


def plain_article(page: Page, decoded: Decoded) -> Article:
    """Return the article of a text without markup: a short first line is its title, the rest its text.

    Raises: Rejected("extract", "not-html"), where the text is no Chinese prose.
    """
    lines = [line for source in decoded.text[:MAX_TEXT].splitlines() if (line := clean_space(source))]
    prose = sum(len(line) for line in lines if _IDEOGRAPH.search(line) and len(line) >= 15)
    if prose < LEAST_PLAIN:
        raise Rejected("extract", "not-html", f"{page.header('content-type')}, {len(lines)} lines")
    titled = len(lines) > 1 and len(lines[0]) <= MAX_PLAIN_TITLE and not lines[0].endswith(("。", "，", "！", "；"))
    blocks = tuple(
        Block(line, "title" if titled and not order else "", "text", order) for order, line in enumerate(lines)
    )
    folded = fold_all(lines)
    markup = Markup(lines=[Line(line, 0, 0, 0, False, "") for line in lines], tags=["page"], cues=[""], parents=[-1])
    kept = [not block.reason for block in blocks]
    place = Place(0 if titled else -1, int(titled), len(lines))
    names = find_names(BylineLine(words, line, "head", True) for words, line in zip(folded[:8], lines[:8], strict=True))
    return Article(
        url=page.url,
        title=lines[0] if titled else "",
        author=names.author or names.editor,
        published=find_published(page, markup, folded, kept, place),
        site=site_of(page.url),
        text="\n".join(block.text for block in blocks if block.kept),
        source_name=names.source_name,
        editor=names.editor,
        blocks=blocks,
        charset=decoded.charset,
        charset_source=decoded.source,
        replacement_count=decoded.replacement_count,
        field_sources=(("title", "first line" if titled else ""), ("author", names.where)),
        extractor=NAME,
    )


def page_links(page: Page) -> tuple[Link, ...]:
    """Return the http(s) links of a page, whatever kind of page it is; none where it cannot be read."""
    try:
        _, markup = read_markup(page)
    except Rejected:
        return ()
    return absolute_links(markup, base_of(page, markup))


def read_markup(page: Page) -> tuple[Decoded, Markup]:
    """Return the characters of a page and its lines. Raises: Rejected, where there are none to read."""
    body = page.body
    if not body.strip(b"\x00 \t\r\n"):
        raise Rejected("extract", "empty-body")
    if len(body) > MAX_BODY:
        raise Rejected("extract", "too-large", f"{len(body):,} bytes; at most {MAX_BODY:,} are read")
    if is_binary(body):
        raise Rejected("extract", "binary")
    decoded = decode(body, page.header("content-type"))
    if is_other_format(page.header("content-type").lower(), decoded.text[:2_000]):
        raise Rejected("extract", "not-html", page.header("content-type") or "XML or JSON")
    return decoded, scan(decoded.text)


def is_other_format(content_type: str, head: str) -> bool:
    """Return whether a body is a feed, a sitemap, a script or data rather than a web page."""
    if _NOT_PAGES.match(content_type) and "<html" not in head.lower():
        return True
    beginning = head.lstrip("\ufeff \t\r\n")
    return beginning.startswith(("<rss", "<feed", "<urlset", "<sitemapindex")) or (
        beginning.startswith("<?xml") and re.search(r"<(?:rss|feed|urlset|sitemapindex|rdf:RDF)\b", head) is not None
    )


def refuse(page: Page, markup: Markup, title: Title, choice: Choice) -> None:
    """Raise Rejected, where what was chosen is no article and no thread."""
    kept = [number for number, reason in enumerate(choice.reasons) if not reason]
    own = [len(markup.lines[number].text) - markup.lines[number].links for number in kept]
    prose = float(sum(size for size in own if size >= 15))
    if is_error(markup, choice.folded, prose):
        raise Rejected("extract", "soft-404", markup.title[:80])
    if choice.page_type == "thread":
        return
    if is_list(markup, choice.reasons, title, page.url):
        raise Rejected("extract", "list-page", f"{len(markup.links)} links")
    if is_gallery(markup, prose, max(title.line, 0), kept[-1] if kept else len(markup.lines)):
        raise Rejected("extract", "gallery", f"{len(markup.images)} pictures")
    if sum(own) < LEAST_TEXT:
        raise Rejected("extract", "no-main-text", f"{len(markup.lines)} lines of text, none of them prose")


def base_of(page: Page, markup: Markup) -> str:
    """Return the address that the links of a page are relative to."""
    try:
        return urljoin(page.url, markup.base) if markup.base else page.url
    except ValueError:
        return page.url


def is_binary(body: bytes) -> bool:
    """Return whether the bytes are an image, archive, PDF … judged by their beginning."""
    head = body[:1024].lstrip()
    if head.startswith(
        (
            b"%PDF",
            b"PK\x03\x04",
            b"\x89PNG",
            b"GIF8",
            b"\xff\xd8\xff",
            b"\x1f\x8b",
            b"Rar!",
            b"RIFF",
            b"\x7fELF",
            b"MZ\x90",
        )
    ):
        return True
    controls = sum(1 for byte in head if byte < 9 or 13 < byte < 27)
    return b"<" not in body[:65536] and controls > len(head) * 0.1


def json_headline(markup: Markup) -> str:
    """Return the headline that JSON-LD gives an article, or ""."""
    for node in json_nodes(markup):
        value = node.get("headline")
        if isinstance(value, str) and value.strip():
            return value.strip()[:300]
    return ""


def json_author(markup: Markup) -> str:
    """Return the people whom JSON-LD names as the authors of an article, or ""."""
    for node in json_nodes(markup):
        if str(node.get("@type")) in ("Organization", "Person", "WebSite", "ImageObject"):
            continue
        stated = node.get("author")
        names = [
            each.get("name") if isinstance(each, dict) else each
            for each in (stated if isinstance(stated, list) else [stated])
        ]
        people = [
            name.strip()
            for name in names
            if isinstance(name, str) and 0 < len(name.strip()) <= 20 and "://" not in name
        ]
        if people:
            return " ".join(people[:5])
    return ""


def assemble(page: Page, decoded: Decoded, markup: Markup, title: Title, choice: Choice) -> Article:
    """Return the article of a page whose lines have been chosen."""
    lines, reasons = markup.lines, choice.reasons
    paths = {element: markup.path(element) for element in {line.element for line in lines}}
    blocks = tuple(
        Block(line.text, reason, paths[line.element], order)
        for order, (line, reason) in enumerate(zip(lines, reasons, strict=True))
    )
    kept = [number for number, reason in enumerate(reasons) if not reason]
    text = "\n".join(lines[number].text for number in kept)
    if not is_chinese(text[:CHINESE_SAMPLE]) and not is_chinese(text):
        raise Rejected("extract", "not-chinese", text[:80])
    prose = next((number for number in kept if is_prose(lines[number])), kept[0])
    place = Place(
        title.line,
        choice.posts.heads[0] if choice.page_type == "thread" and choice.posts.heads else prose,
        kept[-1] + 1,
        next(
            (number for number in range(kept[-1] + 1, len(lines)) if is_another_part(markup, number, reasons[number])),
            len(lines),
        ),
    )
    published = find_published(page, markup, choice.folded, [not reason for reason in reasons], place, decoded.text)
    names = byline_names(markup, choice, place)
    written_by = (
        names.author or (choice.page_type == "thread" and first_poster(markup, choice, title.line)) or names.editor
    )
    links = absolute_links(markup, base_of(page, markup))
    following = next_page(page, markup, links)
    stated = flags(choice.folded, kept[-1], text)
    return Article(
        url=page.url,
        title=title.text,
        author=written_by or json_author(markup) or from_metas(markup.metas),
        published=published,
        site=site_of(page.url),
        text=text,
        source_name=names.source_name,
        editor=names.editor,
        keywords=next((value for key, value in markup.metas if key == "keywords"), ""),
        description=next((value for key, value in markup.metas if key in ("description", "og:description")), ""),
        links=links,
        blocks=blocks,
        scripts=tuple(markup.scripts),
        canonical_url=canonical(markup, base_of(page, markup)),
        next_url=following,
        flags=(*stated, "part") if following or part_of(page.url)[1] > 1 else stated,
        charset=decoded.charset,
        charset_source=decoded.source,
        replacement_count=decoded.replacement_count,
        field_sources=(("title", title.source), ("author", names.where), ("published", published.source)),
        page_type=choice.page_type,
        replies=replies(markup, choice.posts, reasons),
        extractor=NAME,
    )


def is_chinese(text: str) -> bool:
    """Return whether enough of a text's letters are ideographs. A Chinese text may begin with pages of code."""
    ideographs, letters = (len(text) - len(kind.sub("", text)) for kind in (_IDEOGRAPHS, _LETTERS))
    return ideographs >= LEAST_CHINESE * letters


def is_prose(line: Line) -> bool:
    """Return whether a line is long enough, and of its own words, to be where a text begins."""
    return len(line.text) - line.links >= 30


def is_another_part(markup: Markup, number: int, reason: str) -> bool:
    """Return whether a line heads the comments or other stories, or stands among comments."""
    line = markup.lines[number]
    if line.hidden:
        return False
    heads = reason == "comment" or (reason == "related" and _TAGS.search(line.text) is None)
    above = markup.parents[line.element] if line.element > 0 else 0
    return (heads and len(line.text) < 24) or any(
        _COMMENT_CUE.search(markup.cues[element]) for element in (line.element, above, max(markup.parents[above], 0))
    )


_COMMENT_CUE = re.compile(
    r"comment(?:s|[-_]{0,2}(?:list|item|box|wrap|container|area|body|content|main|text))|(?:pinglun|pl)[-_]?(?:list|box)"
)


def byline_names(markup: Markup, choice: Choice, place: Place) -> Names:
    """Return the names in the lines around title and text."""
    lines, reasons = markup.lines, choice.reasons
    titled = 0 <= place.title <= place.first + 3
    anchor = place.title if titled else place.first
    head = range(max(0, min(anchor, place.first) - 6), min(len(lines), max(anchor, place.first) + 20, place.end))
    tail = range(max(place.first, place.last - 3), min(len(lines), place.last + 8, place.end))
    found: list[BylineLine] = []
    linked: dict[int, list[tuple[str, bool]]] = {}
    for href, words, rel, number in markup.links:
        if number in head or number in tail:
            above = (titled and place.title - 3 <= number) or (not titled and place.first - 3 <= number)
            own = "author" in rel or OWN_PAGE.search(href) is not None
            own = own or (is_person(fold(words)) and is_authors(markup, number))
            linked.setdefault(number, []).append((fold(words), own and above and number < place.first))
    for number in dict.fromkeys([*head, *tail]):
        line = lines[number]
        if line.hidden or reasons[number] == "footer" or (line.links > 0.8 * len(line.text) and len(line.text) > 12):
            continue
        where = "tail" if number in tail else "head"
        below = place.title < number <= place.title + 4 if titled else number < place.first and not reasons[number]
        if below and len(line.text) <= 40:
            where = "under-title"
        words = choice.folded[number] or fold(line.text[:300] if where == "head" else line.text[-300:])
        published = line.text
        if words.endswith(":") and len(words) < 12 and number + 1 < len(lines) and len(lines[number + 1].text) <= 20:
            # The label and its value stand in two cells.
            words, published = words + choice.folded[number + 1], published + lines[number + 1].text
        links = linked.get(number, ())
        people = tuple(link for link, own in links if own)
        boxed = _AUTHOR_CUE.search(markup.cues[line.element]) is not None or (
            is_person(words) and is_authors(markup, number)
        )
        if not people and below and number < place.first and len(words) <= 12 and boxed:
            people = (words,)
        found.append(BylineLine(words, published, where, not reasons[number], tuple(link for link, _ in links), people))
    return find_names(found)


_TAGS = re.compile("标签|標籤|关键|關鍵|热词|tags?", re.IGNORECASE)  # of the article itself


def is_authors(markup: Markup, number: int) -> bool:
    """Return whether the class of a line, or of the element around it, says that it names an author."""
    line = markup.lines[number]
    return _AUTHOR_CUE.search(f"{line.cue} {markup.cues[line.element]}") is not None


_AUTHOR_CUE = re.compile(
    r"(?<![a-z])(?:author|writer|zuozhe|byline)(?:[-_]?name)?(?![a-z_-])|(?:author|user|nick|media)[-_]?name|nickname"
)
# Where a name leads that is somebody's on a platform: /people/…, /u/…, space-uid-1.html.
OWN_PAGE = re.compile(
    r"/(?:u|users?|authors?|people|members?|profile|space|writer|columnist)/[^/?#]+(?:/[^/?#]+)?/?$|space-uid-\d+|space\.php\?uid=\d"
    r"|(?:^|/)(?:user|u|uid|member|profile)-\d+\.html?$|//(?:space|user|my|home|u)\.[^/]+/[^/?#]+/?$",
    re.IGNORECASE,
)


def first_poster(markup: Markup, choice: Choice, title: int) -> str:
    """Return who began a thread: who is named, with the time, above a first post that stands apart from the row of
    answers; else the first in the row; or ""."""
    first = choice.posts.heads[0] if choice.posts.heads else 0
    for _, words, _, number in markup.links:
        if max(title, 0) < number < first - 1 and is_name(words) and TIME.search(choice.folded[number]):
            before = choice.folded[number].partition(fold(words))[0].rstrip()
            if not before.endswith(("于", "在")):  # 发布于 (posted in): the name of a board
                return words
    posts = replies(markup, choice.posts, choice.reasons)
    return posts[0].author if posts else ""


def absolute_links(markup: Markup, base: str) -> tuple[Link, ...]:
    """Return the http(s) links of a page, absolute, without fragments, each once, in order."""
    found: dict[str, Link] = {}
    origin = "/".join(base.split("/", 3)[:3]) if base.startswith(("http://", "https://")) else ""
    path = base[len(origin) :].partition("?")[0].partition("#")[0]
    folder = f"{origin}{path.rpartition('/')[0]}/" if origin and "/." not in path and ";" not in path else ""
    for href, words, rel, _ in markup.links:
        if href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")) or len(href) > 2_000:
            continue
        try:
            if href.startswith(("http://", "https://")):
                url = href
            elif origin and href[0] == "/" and href[1:2] != "/" and "/." not in href:
                url = origin + href  # the common cases, at a tenth of the cost
            elif folder and _BESIDE.fullmatch(href) and "/." not in href:
                url = folder + href
            else:
                url = urljoin(base, href)
        except ValueError:
            continue
        url = url.partition("#")[0]
        if url.startswith(("http://", "https://")) and url not in found:
            found[url] = Link(url, words, rel)
    return tuple(found.values())


def next_page(page: Page, markup: Markup, links: Sequence[Link]) -> str:
    """Return the address of the next part of the article, or ""."""
    stated = [(href, "next") for rel, href in markup.heads if rel == "next"]
    return next_part(
        page.url,
        [(urljoin(page.url, href), words) for href, words in stated] + [(link.url, link.text) for link in links],
    )


def canonical(markup: Markup, base: str) -> str:
    """Return <link rel=canonical>, absolute, if it stays on the same host, or ""."""
    for rel, href in markup.heads:
        if "canonical" in rel.split():
            try:
                url = urljoin(base, href)
                return url if urlsplit(url).hostname == urlsplit(base).hostname else ""
            except ValueError:
                return ""
    return ""

"""What a site repeats on its pages: learnt from the pages of one site, removed from their texts on a second pass.

A line is a site's boilerplate if it opens or closes the text of many of its articles. Only the edges of a text are
taken: what many articles share in their middle (小编总结, the editor's summary) is how the site writes, not its frame.
Lines are compared by their letters, so that a counter or a date in them does not hide them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.records import Article
from crawler.line_rules import fold

LEAST_PAGES = 4  # of a site before anything is learnt
SHARE = 0.5  # of a site's articles that must carry a line, and at least LEAST_PAGES of them
PROSE = 24  # letters from which a line reads as prose, which doorway pages repeat too …
PROSE_SHARE = 0.8  # … so that it is a site's only when nearly all articles carry it
MOST = 0.25  # of a text's characters that may be boilerplate; more is a template's content
EDGE = 6  # kept blocks at each end of a text that may be boilerplate
MAX_LINES = 500  # of a profile
MAX_LENGTH = 400  # characters of a line that is learnt

_NUMBERS = re.compile(r"\d+")
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """The lines that frame the texts of a site, as compared; and how many of its pages they were learnt from."""

    site: str
    lines: frozenset[str]
    pages: int


def line_key(line: str) -> str:
    """Return what is compared of a line: folded letters, every number as 0."""
    return _NUMBERS.sub("0", _NOT_LETTERS.sub("", fold(line[:MAX_LENGTH])))


def learn(site: str, frames: Iterable[Sequence[str]]) -> SiteProfile:
    """Return the profile of a site from the frames of its articles; the order of articles is of no matter.

    The same text at two addresses counts once: the caller gives it once.
    """
    counts: Counter[str] = Counter()
    pages = 0
    for lines in frames:
        pages += 1
        counts.update(set(lines))
    common = sorted(
        (key for key, count in counts.items() if count >= _needed(key, pages)), key=lambda key: (-counts[key], key)
    )
    return SiteProfile(site, frozenset(common[:MAX_LINES]), pages)


def _needed(key: str, pages: int) -> float:
    """Return how many of so many articles must carry the line."""
    return max(LEAST_PAGES, (PROSE_SHARE if len(key) >= PROSE else SHARE) * pages)


def remove(article: Article, profile: SiteProfile) -> Article:
    """Return the article without its site's boilerplate: such blocks are removed as "site-boilerplate", from both ends
    inwards until a line that is not. The article itself, where nothing changes or more would go than boilerplate takes."""
    kept = [block for block in article.blocks if block.kept]
    drop: set[int] = set()
    for row in (kept[:EDGE], kept[::-1][:EDGE]):
        for block in row:
            if not _may_go(block.path, block.text, article.title) or line_key(block.text) not in profile.lines:
                break
            drop.add(block.order)
    size = sum(len(block.text) for block in kept if block.order in drop)
    if not drop or size > MOST * sum(len(block.text) for block in kept):
        return article
    blocks = tuple(
        replace(block, reason="site-boilerplate") if block.order in drop else block for block in article.blocks
    )
    return replace(article, blocks=blocks, text="\n".join(block.text for block in blocks if block.kept))


def frame(article: Article) -> tuple[str, ...]:
    """Return the lines at both ends of the text that may be the site's, as they are compared."""
    kept = [block for block in article.blocks if block.kept]
    edge = kept if len(kept) <= 2 * EDGE else kept[:EDGE] + kept[-EDGE:]
    return tuple(
        key for block in edge if _may_go(block.path, block.text, article.title) and (key := line_key(block.text))
    )


def _may_go(path: str, text: str, title: str) -> bool:
    """Return whether a block can be boilerplate at all: headings and the title are not."""
    return not re.search(r"/h[1-6](?:\.[^/]*)?$", path) and text != title and len(text) <= MAX_LENGTH

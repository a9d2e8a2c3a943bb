"""The pass that reads pages again: articles in parts become one, and what a site repeats leaves its texts.

Both need to see more than one page, and both change the main text, so that the later stages run again for the articles
they touch. What comes out depends on the captures alone, not on when the pass ran: a text is always made from the pages in
the archive, never from what an earlier run made of it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from corpus.errors import InputError, Rejected
from corpus.records import Article, Document, Page, Published
from corpus.store import capture_id, digest, replace_document, settle_revisions, transaction
from corpus.urls import canonical_url
from crawler.captured import captured_page
from crawler.extract import extract
from crawler.limits import PAGE_SECONDS
from crawler.process import time_limit, understand
from crawler.site_profiles import LEAST_PAGES, SiteProfile, frame, learn, remove
from crawler.stitch import MAX_PARTS, part_of, stitch

Progress = Callable[[str, int, int], None]

# Articles that name a next part, and owners of parts that have been captured anew.
CANDIDATES = """
SELECT id, url, parts FROM articles WHERE next_url <> ''
UNION
SELECT a.id, a.url, a.parts FROM article_captures part
  JOIN captures c ON c.id = part.capture_id JOIN captures again ON again.url = c.url
  JOIN article_captures alone ON alone.capture_id = again.id AND alone.role = 'page'
  JOIN articles a ON a.id = part.article_id
WHERE part.role = 'part'
ORDER BY 1
"""
CAPTURE_COLUMNS = "c.warc_file, c.warc_offset"
NEWEST_OF_ARTICLE = f"""
SELECT {CAPTURE_COLUMNS} FROM article_captures JOIN captures c ON c.id = capture_id
WHERE article_id = ? AND role = 'page' ORDER BY c.fetched_at DESC, c.id LIMIT 1
"""
NEWEST_OF_URL = f"""
SELECT {CAPTURE_COLUMNS} FROM captures c WHERE c.url IN (?, ?) AND c.outcome = 'kept'
ORDER BY c.fetched_at DESC, c.id LIMIT 1
"""
PARTS_OF_ARTICLE = f"""
SELECT {CAPTURE_COLUMNS} FROM article_captures JOIN captures c ON c.id = capture_id
WHERE article_id = ? AND role = 'part' ORDER BY part
"""
# A site has to be looked at when articles came, went or were captured anew.
CHANGED_SITES = """
SELECT a.site, count(*) || ' ' || max(a.captured) || ' ' || sum(a.number) AS state, p.seen AS known
FROM articles a LEFT JOIN site_profiles p ON p.site = a.site
GROUP BY a.site HAVING count(*) >= ? AND state IS NOT known ORDER BY a.site
"""


def reshape(workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Stitch articles in parts, then remove what sites repeat; returns the articles written anew."""
    return stitch_parts(workspace, connection, progress) + remove_frames(workspace, connection, progress)


def stitch_parts(workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Make one article of each whose next parts have been captured."""
    written = 0
    for row in connection.execute(CANDIDATES).fetchall():
        if part_of(row["url"])[1] != 1:
            continue
        try:
            pages, articles = chain(workspace, connection, row["id"])
            known = json.loads(row["parts"] or "[]")
            if len(pages) == 1 or [capture_id(page.capture) for page in pages[1:]] == known:
                continue
            document = understood(pages[0], articles, None, row["id"])
        except (Rejected, InputError):
            continue  # a part that cannot be read leaves the article as its first page is
        with transaction(connection):
            replace_document(connection, document, parts=[page.capture for page in pages[1:]])
        written += 1
        progress("stitched", written, 0)
    return written


def chain(workspace: Path, connection: sqlite3.Connection, identity: str) -> tuple[list[Page], list[Article]]:
    """The newest captures of an article's parts, the first one first, as far as they follow one another."""
    pages = [captured_page(workspace, *connection.execute(NEWEST_OF_ARTICLE, (identity,)).fetchone())]
    articles = [extract(pages[0])]
    stem, _ = part_of(pages[0].url)
    while (following := articles[-1].next_url) and len(pages) < MAX_PARTS:
        found = connection.execute(NEWEST_OF_URL, (following, canonical_url(following))).fetchone()
        if found is None or part_of(following) != (stem, len(pages) + 1):
            break
        pages.append(captured_page(workspace, *found))
        articles.append(extract(pages[-1]))
    return pages, articles


def understood(
    page: Page,
    articles: Sequence[Article],
    profile: SiteProfile | None,
    identity: str,
    published: Published | None = None,
) -> Document:
    """The document of an article made of its parts, without its site's boilerplate; its frame is that of the page alone.

    published: its date, where the pass that reads lists knows better than the page. Raises: Rejected, when it takes too long.
    """
    whole = stitch(articles) if len(articles) > 1 else articles[0]
    if profile is not None:
        whole = remove(whole, profile)
    if published is not None:
        whole = replace(whole, published=published)
    with time_limit(PAGE_SECONDS):
        return replace(understand(page, whole), id=identity, frame=frame(articles[0]))


def pages_of(workspace: Path, connection: sqlite3.Connection, identity: str) -> list[Page]:
    """The newest capture of an article, and those of the parts that were joined to it.

    Raises: InputError, when the archive lacks one.
    """
    places = [
        connection.execute(NEWEST_OF_ARTICLE, (identity,)).fetchone(),
        *connection.execute(PARTS_OF_ARTICLE, (identity,)).fetchall(),
    ]
    return [captured_page(workspace, *place) for place in places]


def profile_of(connection: sqlite3.Connection, site: str) -> SiteProfile | None:
    """What a site repeats, as it was last learnt."""
    row = connection.execute("SELECT pages, lines FROM site_profiles WHERE site = ?", (site,)).fetchone()
    return SiteProfile(site, frozenset(json.loads(row["lines"])), row["pages"]) if row else None


def remove_frames(workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Learn what each changed site repeats, and remove it from the texts that begin or end with it."""
    written = 0
    for site, state, _ in connection.execute(CHANGED_SITES, (LEAST_PAGES,)).fetchall():
        rows = connection.execute(
            "SELECT a.id, a.text_sha256, a.site_lines, f.lines FROM articles a JOIN frames f ON f.article_id = a.id "
            "WHERE a.site = ? ORDER BY a.id",
            (site,),
        ).fetchall()
        frames = {row["text_sha256"]: tuple(json.loads(row["lines"])) for row in rows}
        profile = learn(site, frames.values())
        with transaction(connection):
            for row in rows:
                written += remove_frame(workspace, connection, row, profile)
            connection.execute(
                "INSERT OR REPLACE INTO site_profiles VALUES (?, ?, ?, ?)",
                (site, profile.pages, json.dumps(sorted(profile.lines), ensure_ascii=False), state),
            )
        progress("reshaped", written, 0)
    return written


def remove_frame(workspace: Path, connection: sqlite3.Connection, row: sqlite3.Row, profile: SiteProfile) -> int:
    """Write the article anew when other lines of its site are to be removed than before; returns 1 when it was."""
    applied = sorted(profile.lines.intersection(json.loads(row["lines"])))
    wanted = digest(*applied) if applied else ""
    if wanted == row["site_lines"]:
        return 0
    identity = row["id"]
    try:
        pages = pages_of(workspace, connection, identity)
        document = understood(pages[0], [extract(page) for page in pages], profile, identity)
    except (Rejected, InputError):
        return 0
    replace_document(connection, document, parts=[page.capture for page in pages[1:]], site_lines=wanted)
    settle_revisions(connection, identity)
    return 1

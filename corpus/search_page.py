"""A page of search results as readers see it: personal data masked, and counts by site, topic, genre and year."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.masking import edit_places, mask_published
from corpus.redact import mask_text
from corpus.results import Hit
from corpus.search import Results, search
from corpus.search_facets import facet_counts
from corpus.snippets import Snippet, shown
from corpus.stories import Request

SHOWN = 8  # values of each property
COUNTED = 2_000  # newest hits that are counted by property: two thirds of a page's time went into 10,000
PROPERTIES = ("topic", "genre", "site", "year", "place", "platform", "law")


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Results, and for each of PROPERTIES its commonest values among the newest ``counted`` hits."""

    results: Results
    facets: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    counted: int = 0


def search_page(connection: sqlite3.Connection, query: str, request: Request, *, facets: bool = True) -> SearchPage:
    """Return the page of results. Raises: QueryError, WorkspaceError, as ``search`` does."""
    results = search(connection, query, request)
    results = replace(results, hits=tuple(masked_hit(connection, hit) for hit in results.hits))
    if not facets:
        return SearchPage(results)
    counts = facet_counts(connection, results.match, values=SHOWN, hits=COUNTED)
    return SearchPage(results, tuple((name, counts.counts[name]) for name in PROPERTIES), counts.counted)


def masked_hit(connection: sqlite3.Connection, hit: Hit) -> Hit:
    """Return a hit with personal data masked in title and snippets.

    What to mask is decided on whole texts: a snippet that begins in the middle of a number would not look like one.
    """
    row = connection.execute(
        "SELECT title, clean_title, text, clean_text FROM articles WHERE id = ?", (hit.id,)
    ).fetchone()
    if row is None:
        return hit
    title = masked_original(connection, hit.id, "title", str(row[0]), str(row[1]))
    text = masked_original(connection, hit.id, "text", str(row[2]), str(row[3]))
    return replace(
        hit,
        title=masked_snippet(hit.title, title),
        clean_title=mask_text(hit.clean_title),
        snippets=masked_snippets(hit.snippets, {"title": title, "text": text}),
    )


def masked_original(connection: sqlite3.Connection, identity: str, field: str, text: str, clean: str) -> str:
    return mask_text(text) if text == clean else mask_published(text, clean, edit_places(connection, identity, field))


def masked_snippets(snippets: Sequence[Snippet], masked: dict[str, str]) -> tuple[Snippet, ...]:
    return tuple(masked_snippet(snippet, masked.get(snippet.field, "")) for snippet in snippets)


def masked_snippet(snippet: Snippet, masked: str) -> Snippet:
    """Return the snippet cut from the masked text, at the same place."""
    piece = masked[snippet.start : snippet.start + len(snippet.text)]
    if len(piece) != len(snippet.text):  # the article changed between two reads
        piece = mask_text(snippet.text)
    return replace(snippet, text=shown(piece))

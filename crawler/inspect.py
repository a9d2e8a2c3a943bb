"""One page through every stage, explained: what was kept, removed, restored and labelled, and why."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from corpus.contacts import mask
from corpus.errors import InputError
from corpus.records import REASONS, Document, Page, Rejection
from corpus.urls import canonical_url, site_of
from corpus.workspace import open_corpus
from crawler.captured import captured_page
from crawler.ingest import Skipped, read_html
from crawler.process import outcome, understand
from crawler.redate import listed_in, settle

Explained = dict[str, object]  # the object that ``inspect --json`` prints; its keys are documented in docs/commands.md


def page_from(source: str, *, url: str, workspace: Path) -> Page:
    """The page of a file, or the newest capture of a URL in the workspace.

    Raises: InputError, when there is no such file or capture; WorkspaceError, when there is no corpus to look in.
    """
    if not source.startswith(("http://", "https://")):
        path = Path(source)
        if not path.is_file():
            raise InputError(f"{source} is neither a file nor an http(s) URL")
        try:
            page = read_html(path, url=url, fetched_at=None)
        except OSError as error:
            raise InputError(f"{source} cannot be read: {error.strerror}") from error
        if isinstance(page, Skipped):
            raise InputError(f"{page.where}: {page.reason}")
        return page
    with open_corpus(workspace) as connection:
        row = connection.execute(
            "SELECT warc_file, warc_offset FROM captures WHERE url IN (?, ?) ORDER BY fetched_at DESC LIMIT 1",
            (source, canonical_url(source)),
        ).fetchone()
    if row is None:
        raise InputError(f"{source} has not been captured: run 'cuishou crawl {source}' first")
    return captured_page(workspace, row[0], row[1])


def inspect(page: Page, *, show_contacts: bool = False, workspace: Path | None = None) -> Explained:
    """The page's document, or why there is none, as one object of plain values.

    workspace: whose list pages are asked for the date of the page, too.
    """
    result = outcome(page)
    if isinstance(result, Rejection):
        return rejected(page, result)
    return explained(dated_by_lists(page, result, workspace) if workspace else result, show_contacts=show_contacts)


def dated_by_lists(page: Page, document: Document, workspace: Path) -> Document:
    """The document with the date that its own page and the lists of a workspace tell together."""
    rows, first_captured = listed_in(workspace, page.url)
    published = settle(document.article.published, rows, page.url, first_captured)
    if published == document.article.published:
        return document
    return understand(page, replace(document.article, published=published))


def rejected(page: Page, rejection: Rejection) -> Explained:
    english, chinese = REASONS.get(rejection.reason, ("", ""))
    return {
        "url": page.url,
        "site": site_of(page.url),
        "rejected": {
            "stage": rejection.stage,
            "reason": rejection.reason,
            "detail": rejection.detail,
            "meaning": f"{english} {chinese}".strip(),
        },
        "listed_dates": [asdict(listed) for listed in rejection.listed],
    }


def explained(document: Document, *, show_contacts: bool) -> Explained:
    """A document as plain values; contact points are masked unless asked for."""
    article, clean = document.article, document.clean
    return {
        "url": document.capture.url,
        "id": document.id,
        "site": site_of(document.capture.url),
        "page_type": article.page_type,
        "title": article.title,
        "author": article.author,
        "clean_title": document.clean_title,
        "clean_author": document.clean_author,
        "published": asdict(article.published),
        "source_name": article.source_name,
        "editor": article.editor,
        "script": clean.script,
        "text": article.text,
        "clean_text": clean.text,
        "edits": [asdict(edit) for edit in document.edits],
        "holes": [asdict(hole) for hole in document.holes],
        "spans": [asdict(span) for span in clean.flags],
        "damage": {
            "rates": dict(clean.damage.rates),
            "annotated": clean.damage.annotated,
            "hole_words": dict(clean.damage.hole_words),
        },
        "removed": [{"text": block.text, "reason": block.reason, "path": block.path} for block in document.removed],
        "replies": [asdict(reply) for reply in article.replies],
        "contacts": [
            {
                "kind": contact.kind,
                "value": contact.value if show_contacts else mask(contact.value, contact.kind),
                "block": contact.block,
            }
            for contact in document.contacts
        ],
        "facets": [asdict(facet) for facet in document.facets],
        "labels": [asdict(label) for label in document.labels],
        "flags": list(article.flags),
        "charset": {
            "name": article.charset,
            "source": article.charset_source,
            "replacements": article.replacement_count,
        },
        "rejected": None,
        "versions": dict(document.versions) | {"extract": article.extractor},
    }

"""The one writer of corpus.db: outcomes of the page stages in, rows out.

Everything here gives the same rows in whatever order captures arrive, and nothing new when a capture arrives twice: an
article is the newest capture of its URL, its id comes from the oldest, and every distinct text is kept as a revision.
The caller opens the transaction, so that rows and the progress mark of the archive file are durable together.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from corpus.date_store import OWN_DATE, note_date_change, put_listed
from corpus.marks import UNSURE_SPAM
from corpus.records import Capture, Document, Published, Rejection
from corpus.urls import canonical_url, site_of

type_of_row = tuple[Any, ...]

# Tables with one group of rows an article, written whole and deleted whole.
DETAIL_TABLES = (
    "edits", "holes", "spans", "removed_blocks", "labels", "facets", "contacts", "links", "fingerprints", "frames",
)  # fmt: skip
# Every other table that names an article: renamed with it, when an older capture turns up and the id changes.
REFERRING_COLUMNS = (
    ("article_captures", "article_id"),
    ("revisions", "article_id"),
    ("cluster_members", "article_id"),
    ("clusters", "canonical_article_id"),
    ("clusters", "source_article_id"),
    ("article_redirects", "article_id"),
)


@dataclass(slots=True)
class StoreCounts:
    """What a call stored: counts for progress and reports."""

    captures: int = 0
    articles: int = 0
    rejections: int = 0
    known: int = 0  # captures that were there already


def capture_id(capture: Capture) -> str:
    """The key of a capture: 16 hex digits of URL, time and body."""
    return digest(capture.url, timestamp(capture.fetched_at), capture.body_sha256)


def article_id(url: str, body_sha256: str) -> str:
    """The permanent id of an article: 16 hex digits of its canonical URL and the body of its first capture."""
    return digest(canonical_url(url), body_sha256)


def digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def timestamp(time: datetime) -> str:
    """ISO 8601 in UTC with microseconds only where there are any: sorts as text among its equals."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction: all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def put_outcomes(connection: sqlite3.Connection, outcomes: Iterable[Document | Rejection], run: str) -> StoreCounts:
    """Store the outcomes of captures; those already stored change nothing. Call inside ``transaction``."""
    counts = StoreCounts()
    for outcome in outcomes:
        if isinstance(outcome, Document):
            put_document(connection, outcome, run, counts)
        else:
            put_rejection(connection, outcome, run, counts)
    return counts


def put_rejection(connection: sqlite3.Connection, rejection: Rejection, run: str, counts: StoreCounts) -> None:
    """Store a capture that was not kept, with its reason."""
    if not put_capture(connection, rejection.capture, run, f"rejected:{rejection.reason}"):
        counts.known += 1
        return
    counts.captures += 1
    counts.rejections += 1
    capture = rejection.capture
    row = (
        capture_id(capture), capture.url, site_of(capture.url), timestamp(capture.fetched_at),
        rejection.stage, rejection.reason, rejection.detail, run,
    )  # fmt: skip
    connection.execute(f"INSERT INTO rejections VALUES ({marks(row)})", row)
    put_listed(connection, capture_id(capture), rejection.listed)


def set_published(connection: sqlite3.Connection, identity: str, published: Published) -> None:
    """Set the date of an article, as the pass that reads lists has settled it."""
    row = published_columns(published)
    connection.execute(
        f"UPDATE articles SET {', '.join(f'{name} = ?' for name in row)} WHERE id = ?", (*row.values(), identity)
    )


def redate_document(connection: sqlite3.Connection, document: Document) -> None:
    """Write an article anew, whose date and what follows from it have changed and whose text has not."""
    kept = connection.execute(
        "SELECT text_sha256, parts, site_lines FROM articles WHERE id = ?", (document.id,)
    ).fetchone()
    write_article(connection, document, document.id)
    connection.execute(
        "UPDATE articles SET text_sha256 = ?, parts = ?, site_lines = ? WHERE id = ?", (*kept, document.id)
    )


def put_document(connection: sqlite3.Connection, document: Document, run: str, counts: StoreCounts) -> None:
    """Store a document: a new article, a newer state of a known one, or an older state kept as a revision."""
    if not put_capture(connection, document.capture, run, "kept", document):
        counts.known += 1
        return
    counts.captures += 1
    url = canonical_url(document.capture.url)
    text_sha256 = text_digest(document)
    found = connection.execute("SELECT id, captured, text_sha256 FROM articles WHERE url = ?", (url,)).fetchone()
    identity = found["id"] if found else document.id
    connection.execute(
        "INSERT OR IGNORE INTO article_captures(article_id, capture_id, role, text_sha256) VALUES (?, ?, 'page', ?)",
        (identity, capture_id(document.capture), text_sha256),
    )
    if found is None:
        counts.articles += 1
        write_article(connection, document, identity)
        return
    if found["text_sha256"] != text_sha256:
        keep_revisions(connection, document, identity, text_sha256)
    if timestamp(document.capture.fetched_at) > found["captured"]:
        write_article(connection, document, identity)
    else:
        date_article(connection, identity)
    settle_id(connection, identity, url)


def replace_document(
    connection: sqlite3.Connection, document: Document, *, parts: Sequence[Capture] = (), site_lines: str = ""
) -> None:
    """Write an article anew, as a corpus pass has changed its text; the page's own text stays as a revision.

    document: its id is the article's. parts: captures of the later parts that its text holds, in order; their own articles
    are dropped and lead here. site_lines: what was removed as the site's boilerplate, as the pass compares it.
    Cluster and template stay until the pass that sets them.
    """
    identity = document.id
    connection.execute(
        "INSERT OR IGNORE INTO revisions(article_id, text_sha256, title, published, text, clean_text) "
        f"SELECT id, text_sha256, title, {OWN_DATE}, text, clean_text FROM articles "
        "WHERE id = ? AND parts = '' AND site_lines = ''",
        (identity,),
    )
    own = connection.execute("SELECT text_sha256 FROM articles WHERE id = ?", (identity,)).fetchone()[0]
    write_article(connection, document, identity)
    connection.execute("DELETE FROM article_captures WHERE article_id = ? AND role = 'part'", (identity,))
    for number, capture in enumerate(parts, start=2):
        former = connection.execute(
            "SELECT id FROM articles WHERE url = ? AND id <> ?", (canonical_url(capture.url), identity)
        ).fetchone()
        if former:
            drop_article(connection, former["id"])
            connection.execute(
                "INSERT OR REPLACE INTO article_redirects VALUES (?, ?, 'part of it')", (former["id"], identity)
            )
        connection.execute(
            "INSERT INTO article_captures VALUES (?, ?, 'part', ?, '')", (identity, capture_id(capture), number)
        )
    connection.execute(
        "UPDATE articles SET text_sha256 = ?, parts = ?, site_lines = ? WHERE id = ?",
        (own, to_json([capture_id(capture) for capture in parts]) if parts else "", site_lines, identity),
    )
    date_article(connection, identity)


def settle_revisions(connection: sqlite3.Connection, identity: str) -> None:
    """Forget the one revision of an article whose text is again that of its page: it had another for a while."""
    connection.execute(
        "DELETE FROM revisions WHERE article_id = ? AND (SELECT count(*) FROM revisions WHERE article_id = ?) = 1 "
        "AND EXISTS (SELECT 1 FROM articles WHERE id = ? AND parts = '' AND site_lines = '')",
        (identity, identity, identity),
    )


def drop_article(connection: sqlite3.Connection, identity: str) -> None:
    """Remove an article and its details, as when it turns out to be a part of another one; its captures stay."""
    for table in (*DETAIL_TABLES, "revisions", "article_captures"):
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", (identity,))
    connection.execute("DELETE FROM articles WHERE id = ?", (identity,))


def put_capture(
    connection: sqlite3.Connection, capture: Capture, run: str, outcome: str, document: Document | None = None
) -> bool:
    """Store a capture's row; False when it was there already."""
    article = document.article if document else None
    row = (
        capture_id(capture), capture.url, site_of(capture.url), capture.status, capture.content_type,
        timestamp(capture.fetched_at), capture.body_sha256, capture.body_length,
        article.charset if article else "", article.charset_source if article else "",
        article.replacement_count if article else 0, outcome, capture.provenance.referrer,
        capture.provenance.source, capture.provenance.warc_file, capture.provenance.warc_offset,
        capture.provenance.warc_record_id, capture.provenance.run or run,
    )  # fmt: skip
    return connection.execute(f"INSERT OR IGNORE INTO captures VALUES ({marks(row)})", row).rowcount == 1


def write_article(connection: sqlite3.Connection, document: Document, identity: str) -> None:
    """Insert or overwrite the article's row and all its details; the private number stays."""
    row = article_row(document, identity)
    columns = ", ".join(row)
    updates = ", ".join(f"{name} = excluded.{name}" for name in row if name not in ("id", "url"))
    connection.execute(
        f"INSERT INTO articles({columns}) VALUES ({marks(row)}) ON CONFLICT(url) DO UPDATE SET {updates}",
        tuple(row.values()),
    )
    for table in DETAIL_TABLES:
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", (identity,))
    for table, rows in detail_rows(document, identity):
        if rows:
            connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks(rows[0])})", rows)
    date_article(connection, identity)


def article_row(document: Document, identity: str) -> dict[str, str | int | float]:
    """The columns of ``articles`` that one page alone decides."""
    article, clean, published = document.article, document.clean, document.article.published
    fetched = timestamp(document.capture.fetched_at)
    first = {label.scheme: label for label in document.labels if label.rank == 1}
    value = {scheme: label.value for scheme, label in first.items()}
    return {
        "id": identity,
        "url": canonical_url(document.capture.url),
        "site": site_of(document.capture.url),
        "host": urlsplit(document.capture.url).hostname or "",
        "title": article.title,
        "author": article.author,
        "clean_title": document.clean_title,
        "clean_author": document.clean_author,
        **published_columns(published),
        "first_captured": fetched,
        "last_captured": fetched,
        "captured": fetched,
        "page_type": article.page_type,
        "source_name": article.source_name,
        "editor": article.editor,
        "keywords": article.keywords,
        "description": article.description,
        "flags": to_json(article.flags),
        "field_sources": to_json(dict(article.field_sources)),
        "replies": to_json([astuple(reply) for reply in article.replies]),
        "script": clean.script,
        "text": article.text,
        "clean_text": clean.text,
        "length": len(clean.text),
        "damage": to_json(
            {
                "rates": dict(clean.damage.rates),
                "annotated": clean.damage.annotated,
                "hole_words": dict(clean.damage.hole_words),
            }
        ),
        "topic": value.get("topic", ""),
        "genre": value.get("genre", ""),
        "intent": value.get("intent", ""),
        "scope": value.get("scope", ""),
        "spam": int(value["spam"]) if value.get("spam", "").isdigit() else UNSURE_SPAM,
        "spam_score": first["spam"].score if "spam" in first else 0.0,
        "body_sha256": document.capture.body_sha256,
        "text_sha256": text_digest(document),
        "next_url": article.next_url,
        "extractor": article.extractor,
        "versions": to_json(dict(document.versions)),
        "parts": "",
        "site_lines": "",
    }


def published_columns(published: Published) -> dict[str, str | int | float]:
    """The columns of ``articles`` that tell of its date."""
    return {
        "published": published.value,
        "published_precision": published.precision,
        "published_source": published.source,
        "published_confidence": published.confidence,
        "published_conflict": int(published.conflict),
        "published_note": published.note,
        "date_candidates": to_json([astuple(candidate) for candidate in published.candidates]),
        "updated": published.updated,
        "published_latest": published.latest,
    }


def detail_rows(document: Document, identity: str) -> tuple[tuple[str, list[type_of_row]], ...]:
    """Rows of the detail tables, in the order of their columns."""
    prints = document.fingerprints
    own = site_of(document.capture.url)
    targets = Counter(site_of(link.url) for link in document.article.links)
    return (
        ("edits", [(identity, *astuple(edit)) for edit in document.edits]),
        ("holes", [(identity, *astuple(hole)) for hole in document.holes]),
        ("spans", [(identity, *astuple(span)) for span in document.clean.flags]),
        (
            "removed_blocks",
            [(identity, block.order, block.reason, block.text, block.path) for block in document.removed],
        ),
        (
            "labels",
            [
                (
                    identity,
                    label.scheme,
                    label.value,
                    label.parent,
                    label.rank,
                    label.score,
                    to_json(label.evidence),
                    label.annotator,
                )
                for label in document.labels
            ],
        ),
        ("facets", [(identity, *astuple(facet)) for facet in document.facets]),
        ("contacts", [(identity, *astuple(contact)) for contact in document.contacts]),
        ("links", sorted((identity, site, count) for site, count in targets.items() if site and site != own)),
        ("fingerprints", [(identity, *astuple(prints))]),
        ("frames", [(identity, to_json(document.frame))]),
    )


def keep_revisions(connection: sqlite3.Connection, document: Document, identity: str, text_sha256: str) -> None:
    """Keep the text that stands in ``articles`` and the one that arrives, each once."""
    connection.execute(
        "INSERT OR IGNORE INTO revisions(article_id, text_sha256, title, published, text, clean_text) "
        f"SELECT id, text_sha256, title, {OWN_DATE}, text, clean_text FROM articles WHERE id = ?",
        (identity,),
    )
    article = document.article
    connection.execute(
        "INSERT OR IGNORE INTO revisions VALUES (?, ?, ?, ?, ?, ?)",
        (identity, text_sha256, article.title, article.published.value, article.text, document.clean.text),
    )


def date_article(connection: sqlite3.Connection, identity: str) -> None:
    """Set first and last capture from the captures that show the article."""
    connection.execute(
        "UPDATE articles SET (first_captured, last_captured) = (SELECT min(fetched_at), max(fetched_at) "
        "FROM article_captures JOIN captures ON captures.id = capture_id WHERE article_id = articles.id) WHERE id = ?",
        (identity,),
    )
    note_date_change(connection, connection.execute("SELECT url FROM articles WHERE id = ?", (identity,)).fetchone()[0])


def settle_id(connection: sqlite3.Connection, identity: str, url: str) -> None:
    """Rename the article when an older capture than its first has turned up; the old id leads to the new one."""
    first = connection.execute(
        "SELECT body_sha256 FROM article_captures JOIN captures ON captures.id = capture_id "
        "WHERE article_id = ? AND role = 'page' ORDER BY fetched_at, body_sha256 LIMIT 1",
        (identity,),
    ).fetchone()
    settled = article_id(url, first["body_sha256"])
    if settled == identity:
        return
    connection.execute("UPDATE articles SET id = ? WHERE id = ?", (settled, identity))
    for table in DETAIL_TABLES:
        connection.execute(f"UPDATE {table} SET article_id = ? WHERE article_id = ?", (settled, identity))
    for table, column in REFERRING_COLUMNS:
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (settled, identity))
    connection.execute("INSERT OR REPLACE INTO article_redirects VALUES (?, ?, 'older capture')", (identity, settled))


def mark_archive(connection: sqlite3.Connection, warc_file: str, bytes_done: int, captures: int) -> None:
    """Note how far an archive file has been processed; in the same transaction as its rows."""
    connection.execute(
        "INSERT INTO archive_files VALUES (?, ?, ?) ON CONFLICT(warc_file) DO UPDATE SET "
        "bytes_done = max(bytes_done, excluded.bytes_done), captures = captures + excluded.captures",
        (warc_file, bytes_done, captures),
    )


def start_run(connection: sqlite3.Connection, *, run: str, kind: str, started: datetime, code: str) -> None:
    """Note that a run has begun."""
    connection.execute(
        "INSERT INTO runs(id, kind, started, code) VALUES (?, ?, ?, ?)", (run, kind, timestamp(started), code)
    )


def finish_run(
    connection: sqlite3.Connection, *, run: str, finished: datetime, counts: StoreCounts, models: str, error: str = ""
) -> None:
    """Note how a run ended, and a digest over all captures of the corpus as they stand now."""
    captures = hashlib.sha256()
    for row in connection.execute("SELECT id FROM captures ORDER BY id"):
        captures.update(row[0].encode())
    connection.execute(
        "UPDATE runs SET finished = ?, captures = ?, articles = ?, rejections = ?, models = ?, captures_digest = ?, "
        "error = ? WHERE id = ?",
        (
            timestamp(finished), counts.captures, counts.articles, counts.rejections, models, captures.hexdigest(),
            error, run,
        ),
    )  # fmt: skip


def text_digest(document: Document) -> str:
    """Tells revisions of an article apart: its title and text as published."""
    return digest(document.article.title, document.article.text)


def to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def marks(row: Iterable[object]) -> str:
    return ", ".join("?" for _ in row)

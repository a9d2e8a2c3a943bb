"""Reads an article with everything that is known of it, as a page shows it: one function, one record.

Personal data are masked unless the caller says that the reader may see them (``see_contacts``). Masks keep the length,
so edits, holes and evidence stay where they are.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

from corpus.cite import citation, gbt7714
from corpus.contacts import mask
from corpus.explanations import CONTACT_KINDS, REMOVED_REASONS, name
from corpus.masking import edit_places, mask_published
from corpus.records import DateCandidate, Edit, Hole, Reply, Span
from corpus.redact import mask_text
from corpus.results import hidden_by
from corpus.side_by_side import Marking, Paragraph, paragraphs

MAX_ROWS = 200  # of each list on the page: removed blocks, copies, captures …; the tables hold them all
MAX_PAGES = 1_000  # other articles counted that show a contact point
MAX_BLOCK = 400  # characters of a removed block that the page shows
Value = str | int | float | None
Record = TypeVar("Record", Edit, Hole, Span)


@dataclass(frozen=True, slots=True)
class Removed:
    """Blocks left out for one reason, in page order. ``more``: blocks not shown."""

    reason: str
    names: tuple[str, str]
    texts: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class ShownContact:
    """A contact point as this reader may see it. ``pages``: how many other articles show the same, MAX_PAGES + 1
    when there are more."""

    kind: str
    names: tuple[str, str]
    shown: str
    block: str
    pages: int


@dataclass(frozen=True, slots=True)
class ShownLabel:
    """A label, and the stretches of the restored text it rests on."""

    scheme: str
    value: str
    parent: str
    rank: int
    score: float
    annotator: str
    evidence: tuple[tuple[int, int], ...]
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relative:
    """Another article of the same cluster or template."""

    number: int
    id: str
    title: str
    site: str
    published: str
    first_captured: str
    kind: str
    similarity: float


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article with everything that is known of it. ``row``: the columns of ``articles``, masked."""

    row: Mapping[str, Value]
    title: tuple[Paragraph, ...]
    paragraphs: tuple[Paragraph, ...]
    edits: int
    rules: tuple[tuple[str, int], ...]
    holes: tuple[Hole, ...]
    dates: tuple[DateCandidate, ...]
    replies: tuple[Reply, ...]
    removed: tuple[Removed, ...]
    labels: tuple[ShownLabel, ...]
    facets: tuple[tuple[str, tuple[str, ...]], ...]
    contacts: tuple[ShownContact, ...]
    cluster: Mapping[str, Value]
    copies: tuple[Relative, ...]
    template: Mapping[str, Value]
    variants: tuple[Relative, ...]
    captures: tuple[Mapping[str, Value], ...]
    revisions: tuple[Mapping[str, Value], ...]
    site: Mapping[str, Value]
    versions: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]
    citation: str


@contextmanager
def opened(path: str | Path) -> Iterator[sqlite3.Connection]:
    """corpus.db, to read; rows are sqlite3.Row. Raises: sqlite3.Error, when it cannot be opened."""
    connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        yield connection
    finally:
        connection.close()


def find_number(connection: sqlite3.Connection, key: str) -> int | None:
    """Return the row number of an article by its id, a former id, the beginning of an id (8 or more), or its URL."""
    row = connection.execute("SELECT number FROM articles WHERE id = ? OR url = ?", (key, key)).fetchone()
    if row is None:
        row = connection.execute(
            "SELECT number FROM article_redirects r JOIN articles a ON a.id = r.article_id WHERE old_id = ?", (key,)
        ).fetchone()
    if row is None and len(key) >= 8 and all(mark in "0123456789abcdef" for mark in key):
        rows = connection.execute("SELECT number FROM articles WHERE id GLOB ? LIMIT 2", (f"{key}*",)).fetchall()
        row = rows[0] if len(rows) == 1 else None
    return int(row[0]) if row else None


def read_article(connection: sqlite3.Connection, number: int, *, see_contacts: bool = False) -> ArticlePage | None:
    """Return the article of that row number, or None."""
    found = connection.execute("SELECT * FROM articles WHERE number = ?", (number,)).fetchone()
    if found is None:
        return None
    identity = str(found["id"])
    row = dict(found) if see_contacts else masked_row(connection, found)
    edits = tuple(shown_edit(edit, row) for edit in records(connection, "edits", Edit, identity))
    holes = records(connection, "holes", Hole, identity)
    spans = records(connection, "spans", Span, identity)
    labels = read_labels(connection, identity, str(row["clean_text"]))
    marking = Marking(
        tuple(edit for edit in edits if edit.field == "text"),
        tuple(hole for hole in holes if hole.field == "text"),
        tuple(span for span in spans if span.field == "text"),
        tuple((a, b, f"{label.scheme}={label.value}") for label in labels for a, b in label.evidence),
    )
    title = Marking(
        tuple(edit for edit in edits if edit.field == "title"), tuple(hole for hole in holes if hole.field == "title")
    )
    rules: dict[str, int] = {}
    for edit in edits:
        rules[edit.rule] = rules.get(edit.rule, 0) + 1
    return ArticlePage(
        row=row,
        title=paragraphs(str(row["title"]), str(row["clean_title"]), title),
        paragraphs=paragraphs(str(row["text"]), str(row["clean_text"]), marking),
        edits=len(edits),
        rules=tuple(sorted(rules.items(), key=lambda item: (-item[1], item[0]))),
        holes=holes,
        dates=tuple(DateCandidate(*values) for values in json.loads(str(row["date_candidates"]) or "[]")),
        replies=tuple(Reply(*values) for values in json.loads(str(row["replies"]) or "[]"))[:MAX_ROWS],
        removed=read_removed(connection, identity, see_contacts=see_contacts),
        labels=labels,
        facets=read_facets(connection, identity),
        contacts=read_contacts(connection, identity, see_contacts=see_contacts),
        cluster=one(connection, "SELECT * FROM clusters WHERE id = ?", row["cluster_id"]),
        copies=read_copies(connection, identity, str(row["cluster_id"])),
        template=one(connection, "SELECT id, size, sites FROM templates WHERE id = ?", row["template_id"]),
        variants=read_variants(connection, identity, str(row["template_id"])),
        captures=many(
            connection,
            "SELECT c.*, ac.role, ac.part FROM article_captures ac JOIN captures c ON c.id = ac.capture_id "
            "WHERE ac.article_id = ? ORDER BY ac.part, c.fetched_at",
            identity,
        ),
        revisions=many(
            connection,
            "SELECT text_sha256, published, length(clean_text) AS length FROM revisions WHERE article_id = ?",
            identity,
        ),
        site=one(connection, "SELECT * FROM sites WHERE site = ?", row["site"]),
        versions=tuple(sorted(json.loads(str(row["versions"]) or "{}").items())),
        hidden=hidden_by(row),
        citation=cite(connection, identity, row),
    )


def masked_row(connection: sqlite3.Connection, found: sqlite3.Row) -> dict[str, Value]:
    """Return the columns of an article with personal data masked."""
    row: dict[str, Value] = dict(found)
    for published, clean in (("text", "clean_text"), ("title", "clean_title"), ("author", "clean_author")):
        raw, restored = str(row[published]), str(row[clean])
        row[clean] = mask_text(restored)
        same = raw == restored
        edits = [] if same else edit_places(connection, str(row["id"]), published)
        row[published] = row[clean] if same else mask_published(raw, restored, edits)
    for column in ("description", "keywords", "editor", "source_name", "replies", "date_candidates"):
        row[column] = mask_text(str(row[column]))
    return row


def shown_edit(edit: Edit, row: Mapping[str, Value]) -> Edit:
    """Return the edit with what it changed as the (masked) texts of ``row`` show it."""
    published, clean = str(row[edit.field]), str(row[f"clean_{edit.field}"])
    return replace(edit, before=published[edit.start : edit.end], after=clean[edit.clean_start : edit.clean_end])


def cite(connection: sqlite3.Connection, identity: str, row: Mapping[str, Value]) -> str:
    """Return the reference of an article (GB/T 7714—2015) with title and author as ``row`` shows them."""
    found = citation(connection, identity)
    shown = replace(
        found,
        title=str(row["title"]),
        clean_title=str(row["clean_title"]),
        clean_author=str(row["clean_author"]),
        source_name=str(row["source_name"]),
    )
    return gbt7714(shown).strip()


def records(connection: sqlite3.Connection, table: str, record: type[Record], identity: str) -> tuple[Record, ...]:
    """Return the rows of a detail table of an article as records, in order of their place."""
    names = ", ".join(f'"{field.name}"' for field in fields(record))
    rows = connection.execute(f"SELECT {names} FROM {table} WHERE article_id = ? ORDER BY field, start", (identity,))
    return tuple(record(*row) for row in rows)


def read_labels(connection: sqlite3.Connection, identity: str, clean_text: str) -> tuple[ShownLabel, ...]:
    rows = connection.execute(
        "SELECT scheme, value, parent, rank, score, annotator, evidence FROM labels WHERE article_id = ? "
        "ORDER BY scheme, rank, score DESC, value",
        (identity,),
    )
    found = []
    for row in rows:
        spans = tuple((int(a), int(b)) for a, b in json.loads(row["evidence"] or "[]"))[:20]
        quotes = tuple(dict.fromkeys(clean_text[a:b][:60] for a, b in spans if a < b))
        found.append(
            ShownLabel(
                row["scheme"], row["value"], row["parent"], row["rank"], row["score"], row["annotator"], spans, quotes
            )
        )
    return tuple(found)


def read_removed(connection: sqlite3.Connection, identity: str, *, see_contacts: bool) -> tuple[Removed, ...]:
    groups: dict[str, list[str]] = {}
    rows = connection.execute(
        "SELECT reason, text FROM removed_blocks WHERE article_id = ? ORDER BY position", (identity,)
    )
    for reason, text in rows:
        groups.setdefault(str(reason), []).append(str(text))
    found = []
    for reason, texts in groups.items():
        shown = tuple(
            (text if see_contacts else mask_text(text))[:MAX_BLOCK] + ("…" if len(text) > MAX_BLOCK else "")
            for text in texts[:MAX_ROWS]
        )
        found.append(Removed(reason, name(REMOVED_REASONS, reason), shown, len(texts) - len(shown)))
    return tuple(found)


def read_contacts(connection: sqlite3.Connection, identity: str, *, see_contacts: bool) -> tuple[ShownContact, ...]:
    rows = connection.execute(
        "SELECT kind, value, min(block) AS block, "
        "(SELECT count(*) - 1 FROM (SELECT DISTINCT o.article_id FROM contacts o WHERE o.kind = c.kind AND o.value = c.value "
        f"LIMIT {MAX_PAGES + 2})) AS pages FROM contacts c WHERE article_id = ? GROUP BY kind, value ORDER BY kind, value LIMIT ?",
        (identity, MAX_ROWS),
    )
    return tuple(
        ShownContact(
            row["kind"],
            name(CONTACT_KINDS, row["kind"]),
            row["value"] if see_contacts else mask(row["value"], row["kind"]),
            row["block"],
            row["pages"],
        )
        for row in rows
    )


def read_facets(connection: sqlite3.Connection, identity: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rows = connection.execute(
        "SELECT kind, CASE canonical WHEN '' THEN value ELSE canonical END AS shown, count(*) AS n FROM facets "
        "WHERE article_id = ? GROUP BY kind, shown ORDER BY kind, n DESC, shown LIMIT ?",
        (identity, MAX_ROWS),
    )
    groups: dict[str, list[str]] = {}
    for kind, shown, count in rows:
        groups.setdefault(str(kind), []).append(f"{shown} ×{count}" if count > 1 else str(shown))
    return tuple((kind, tuple(shown)) for kind, shown in groups.items())


def read_copies(connection: sqlite3.Connection, identity: str, cluster: str) -> tuple[Relative, ...]:
    return relatives(
        connection,
        "SELECT a.number, a.id, a.clean_title, a.site, a.published, a.first_captured, m.kind, m.similarity "
        "FROM cluster_members m JOIN articles a ON a.id = m.article_id "
        "WHERE m.cluster_id = ? AND a.id != ? ORDER BY a.first_captured, a.id LIMIT ?",
        (cluster, identity, MAX_ROWS),
    )


def read_variants(connection: sqlite3.Connection, identity: str, template: str) -> tuple[Relative, ...]:
    return relatives(
        connection,
        "SELECT number, id, clean_title, site, published, first_captured, 'variant', 1.0 FROM articles "
        "WHERE template_id = ? AND template_id != '' AND id != ? ORDER BY first_captured, id LIMIT ?",
        (template, identity, 20),
    )


def relatives(connection: sqlite3.Connection, sql: str, values: tuple[str, str, int]) -> tuple[Relative, ...]:
    return tuple(
        Relative(row[0], row[1], mask_text(row[2]), *tuple(row)[3:]) for row in connection.execute(sql, values)
    )


def capture_place(connection: sqlite3.Connection, identity: str) -> tuple[str, int, str] | None:
    """Return where a capture lies in the archive: WARC file, offset in bytes, SHA-256 of its body; None when unknown."""
    row = connection.execute(
        "SELECT warc_file, warc_offset, body_sha256 FROM captures WHERE id = ?", (identity,)
    ).fetchone()
    return (str(row[0]), int(row[1]), str(row[2])) if row else None


def latest_run(connection: sqlite3.Connection) -> dict[str, Value]:
    """Return the row of the run that began last, {} when none has."""
    row = connection.execute("SELECT * FROM runs ORDER BY started DESC LIMIT 1").fetchone()
    return dict(row) if row else {}


def one(connection: sqlite3.Connection, sql: str, value: Value) -> dict[str, Value]:
    row = connection.execute(sql, (value,)).fetchone() if value else None
    return dict(row) if row else {}


def many(connection: sqlite3.Connection, sql: str, value: Value) -> tuple[dict[str, Value], ...]:
    return tuple(dict(row) for row in connection.execute(f"{sql} LIMIT {MAX_ROWS}", (value,)))

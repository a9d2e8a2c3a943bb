"""A connection to corpus.db on which nobody can read a contact point: whatever the SQL, values come masked.

Two things together. An authorizer turns the columns that hold text of pages into NULL, in tables, views and the search
index alike. Temporary views under the tables' own names give these columns back masked, through a function that reads
them over a second connection, which the SQL of a reader cannot reach. So pages, JSON, CSV and hand-written SQL see the
same masked text, and offsets stay true because masks keep the length.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path

from corpus.contacts import mask
from corpus.redact import Personal, find_personal, join_spans, mask_spans, mask_text, moved_spans

# Columns that hold text of pages or contact points. A test plants a number in a page and looks for it in every column.
SENSITIVE: Mapping[str, tuple[str, ...]] = {
    "articles": (
        "title", "author", "clean_title", "clean_author", "text", "clean_text", "description", "keywords", "editor",
        "source_name", "replies", "date_candidates", "published_note", "damage", "field_sources", "parts", "site_lines",
    ),
    "revisions": ("title", "text", "clean_text"),
    "edits": ("before", "after"),
    "holes": ("suggestion",),
    "spans": ("text",),
    "removed_blocks": ("text",),
    "contacts": ("raw", "value"),
    "templates": ("pattern", "slots"),
    "site_features": ("evidence_zh", "evidence_en"),
    "networks": ("evidence",),
    "network_members": ("evidence",),
    "rejections": ("detail",),
}  # fmt: skip
# Columns that stay NULL: internals of the search index, and tables that are read through their own pages only.
UNREADABLE: Mapping[str, tuple[str, ...]] = {
    "search_documents": ("title", "text", "holes"),
    "article_fts_data": ("block",),
    "site_entities": ("value", "suffixes"),
    "site_vendors": ("value",),
    "site_pages": ("traits",),
    "site_texts": ("targets",),
    "network_edges": ("evidence",),
    "site_checks": ("detail",),
    "frames": ("lines",),
    "site_profiles": ("lines", "seen"),
}
READERS_VIEW = "corpus_articles"
# By number, which every index holds, so that counts and facets need no row.
NOT_RULED_OUT = (
    "number NOT IN (SELECT a.number FROM json_each(ruled_out()) j CROSS JOIN main.articles a ON a.id = j.value)"
)
PAIRS = {"text": "clean_text", "title": "clean_title", "author": "clean_author"}  # as published: restored
OWN_VIEWS = ("article_fts_content", "article_fts_src")  # of the search index: they must stay as they are
PRAGMAS = frozenset(
    {
        "table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list", "schema_version",
        "page_size", "page_count", "max_page_count", "database_list", "function_list", "encoding", "data_version",
    }
)  # fmt: skip
REMEMBERED = 2_000  # masked texts a connection remembers: the same rows are listed again and again
REMEMBERED_LENGTH = 10_000  # characters; longer ones are not remembered
Authorizer = Callable[[int, "str | None", "str | None", "str | None", "str | None"], int]


def guard(connection: sqlite3.Connection, ruled_out: Callable[[], Collection[str]] = frozenset) -> None:
    """Make ``connection`` (to a file that holds corpus.db's tables) read masked text only.

    ruled_out: the ids of the articles that rulings hide from ``corpus_articles``; asked anew for each statement.

    Raises: sqlite3.Error, when the file cannot be read.
    """
    path = next(row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
    connection.create_function("masked", 3, reader(path))
    register_ruled_out(connection, ruled_out)
    for sql in masked_views(connection):
        connection.execute(sql)
    connection.set_authorizer(authorizer())


def authorizer() -> Authorizer:
    """Return the callback that hides the columns of SENSITIVE and UNREADABLE and refuses whatever is not reading."""
    hidden = {
        (table, column) for tables in (SENSITIVE, UNREADABLE) for table, columns in tables.items() for column in columns
    }

    def decide(action: int, first: str | None, second: str | None, database: str | None, _inner: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            if database == "main" and (str(first).lower(), str(second).lower()) in hidden:
                return sqlite3.SQLITE_IGNORE
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA:
            return sqlite3.SQLITE_OK if str(first).lower() in PRAGMAS else sqlite3.SQLITE_DENY
        if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    return decide


def masked_views(connection: sqlite3.Connection) -> list[str]:
    """Return the statements that lay masked views over the tables, and those views that read them once more."""
    tables = dict(
        connection.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'table' AND sql IS NOT NULL")
    )
    statements = []
    for table, hidden in SENSITIVE.items():
        if table not in tables or "WITHOUT ROWID" in tables[table].upper():
            continue
        names = [(str(row[1]), bool(row[5])) for row in connection.execute(f"PRAGMA main.table_info({table})")]
        columns = [
            f"masked('{table}', '{name}', rowid) AS \"{name}\"" if name in hidden else f'"{name}"' for name, _ in names
        ]
        if not any(key for _, key in names):
            columns.insert(0, "rowid AS rowid")
        statements.append(f"CREATE TEMP VIEW {table} AS SELECT {', '.join(columns)} FROM main.{table}")
    views = connection.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'view' ORDER BY rowid")
    for name, sql in views.fetchall():
        if name not in OWN_VIEWS:
            statements.append(temporary(name, sql))
    return statements


def temporary(name: str, sql: str) -> str:
    """Return the statement of a view as one for a temporary view of that name, without articles that rulings hide."""
    ending = f" AND {NOT_RULED_OUT}" if name == READERS_VIEW else ""
    return re.sub(r"^\s*CREATE\s+VIEW", "CREATE TEMP VIEW", sql, count=1, flags=re.IGNORECASE) + ending


def register_ruled_out(connection: sqlite3.Connection, ruled_out: Callable[[], Collection[str]]) -> None:
    """Register ``ruled_out()``: the ids as JSON. A list, not a test of one id: SQLite asks for it once a statement."""
    connection.create_function("ruled_out", 0, lambda: json.dumps(sorted(ruled_out())))


def hide_ruled_out(connection: sqlite3.Connection, ruled_out: Callable[[], Collection[str]]) -> None:
    """Lay the readers' view, without what rulings hide, over an otherwise plain connection."""
    register_ruled_out(connection, ruled_out)
    found = connection.execute("SELECT sql FROM main.sqlite_master WHERE name = ?", (READERS_VIEW,)).fetchone()
    if found:
        connection.execute(temporary(READERS_VIEW, found[0]))


def reader(path: str) -> Callable[[str, str, int], str | None]:
    """Return the SQL function ``masked(table, column, rowid)``: a value of a sensitive column, masked."""
    connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")

    remembered = lru_cache(maxsize=REMEMBERED)(mask_text)

    def mask_value(text: str) -> str:
        return remembered(text) if len(text) <= REMEMBERED_LENGTH else mask_text(text)

    def masked(table: str, column: str, rowid: int) -> str | None:
        if column not in SENSITIVE.get(table, ()):
            return None
        if table == "contacts":
            row = connection.execute("SELECT value, kind FROM contacts WHERE rowid = ?", (rowid,)).fetchone()
            return mask(str(row[0]), str(row[1])) if row else None
        if table in ("articles", "revisions") and column in PAIRS:
            return masked_original(connection, table, column, rowid, mask_value)
        row = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (rowid,)).fetchone()
        return mask_value(str(row[0])) if row and row[0] is not None else None

    return masked


def masked_original(
    connection: sqlite3.Connection, table: str, column: str, rowid: int, mask_value: Callable[[str], str]
) -> str | None:
    """Return a text as published with everything masked that its restored form shows to be personal."""
    clean = PAIRS[column] if table == "articles" or column == "text" else column
    identity = "id" if table == "articles" else "article_id"
    row = connection.execute(f"SELECT {column}, {clean}, {identity} FROM {table} WHERE rowid = ?", (rowid,)).fetchone()
    if row is None:
        return None
    text, restored = str(row[0]), str(row[1])
    if text == restored or table == "revisions":
        return mask_value(text)
    return mask_published(text, restored, edit_places(connection, str(row[2]), column))


def mask_published(text: str, restored: str, edits: list[tuple[int, int, int, int]]) -> str:
    """Return a text as published, masked where it or its restored form shows personal data."""
    clean_spans = find_personal(restored)
    moved = moved_spans(clean_spans, edits) if clean_spans else ()
    whole = tuple(Personal(s.start, min(s.end, len(text)), s.kind) for s in moved if s.start < len(text))
    return mask_spans(text, join_spans(find_personal(text), whole))


def edit_places(connection: sqlite3.Connection, article: str, field: str) -> list[tuple[int, int, int, int]]:
    """Return (start, end, clean_start, clean_end) of the edits of a field, in order."""
    rows = connection.execute(
        'SELECT start, "end", clean_start, clean_end FROM edits WHERE article_id = ? AND field = ? ORDER BY start, clean_start',
        (article, field),
    )
    return [(int(a), int(b), int(c), int(d)) for a, b, c, d in rows]

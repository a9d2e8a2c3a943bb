"""Makes Datasette's own search box, facets, JSON and CSV Chinese-aware.

Datasette asks the SQL function ``escape_fts`` what to look for; ours turns words into quoted runs of character pairs of
folded text, so that 催收 (debt collection) and 網絡貸款 (online loan, Traditional) both find what they should.
"""

from __future__ import annotations

import sqlite3

from datasette import hookimpl

from corpus import search_index
from corpus.match import zh_query

DATABASES = ("corpus", "public")  # of a workspace; public.db as "cuishou export" writes it


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Register the search functions; last, so that ours stands where Datasette has put its own."""
    if database in DATABASES:
        search_index.register(conn)
        conn.create_function("escape_fts", 1, zh_query, deterministic=True)

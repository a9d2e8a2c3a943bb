"""A corpus.db in memory whose articles are texts with true fingerprints, and what its clusters are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from corpus.records import Published
from corpus.schema import migrate
from corpus.shingles import fingerprint
from corpus.store import drop_article, put_outcomes, transaction
from tests.making import document


def empty_corpus() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    migrate(connection)
    return connection


def url_of(name: str) -> str:
    return f"http://site{sum(name.encode()) % 5}.example/{name}.html"


def add(
    connection: sqlite3.Connection, texts: Iterable[tuple[str, str]], hours: float = 0, published: str = ""
) -> None:
    """Store the texts, each under the URL of its name; a name that is there gets a newer text."""
    with transaction(connection):
        for name, text in texts:
            made = document(url_of(name), text, hours)
            article = replace(made.article, published=Published(published, "day", "meta", 0.9 if published else 0.0))
            put_outcomes(connection, [replace(made, article=article, fingerprints=fingerprint(text))], "run")


def remove(connection: sqlite3.Connection, name: str) -> None:
    with transaction(connection):
        (found,) = connection.execute("SELECT id FROM articles WHERE url = ?", (url_of(name),)).fetchone()
        drop_article(connection, found)


def clustered(connection: sqlite3.Connection) -> dict[str, tuple[str, str, int]]:
    """Return cluster, template and canonical mark of each article, by URL."""
    rows = connection.execute("SELECT url, cluster_id, template_id, is_canonical FROM articles ORDER BY url")
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def written(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows that the pass derives from the articles, whatever the order they came in."""
    queries = {
        "articles": "SELECT id, cluster_id, template_id, is_canonical FROM articles ORDER BY id",
        "clusters": "SELECT * FROM clusters ORDER BY id",
        "members": "SELECT * FROM cluster_members ORDER BY cluster_id, article_id",
        "templates": "SELECT * FROM templates ORDER BY id",
        "texts": "SELECT * FROM duplicate_texts ORDER BY number",
        "bands": "SELECT * FROM bands ORDER BY key, number",
        "sentences": "SELECT * FROM sentences ORDER BY hash, number",
        "relations": 'SELECT "left", "right", similarity, relation FROM similar_texts ORDER BY 1, 2',
    }
    return {name: [tuple(row) for row in connection.execute(query)] for name, query in queries.items()}

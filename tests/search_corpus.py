"""A small corpus.db for tests of search: articles with the columns a test names, everything else empty."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from corpus import search_index
from corpus.schema import migrate


def empty_corpus(path: str = ":memory:") -> sqlite3.Connection:
    """Return a connection to a new corpus.db with its index, as the workspace would open it."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA journal_mode=WAL")
    migrate(connection)
    search_index.create(connection)
    return connection


def add(connection: sqlite3.Connection, number: int, text: str, title: str = "", **columns: object) -> str:
    """Insert one article and return its id; its clean text is its text unless ``clean_text`` says otherwise."""
    row = article(connection, number, text, title, **columns)
    names, places = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO articles({names}) VALUES({places})", list(row.values()))
    return str(row["id"])


def article(connection: sqlite3.Connection, number: int, text: str, title: str, **columns: object) -> dict[str, object]:
    types = {name: kind for _, name, kind, *_ in connection.execute("PRAGMA table_info(articles)")}
    row: dict[str, object] = {name: "" if kind == "TEXT" else 0 for name, kind in types.items()}
    row |= {
        "number": number,
        "id": f"article-{number}",
        "url": f"https://www.site{number % 7}.example/{number}.html",
        "site": f"site{number % 7}.example",
        "host": f"www.site{number % 7}.example",
        "title": title,
        "clean_title": title,
        "text": text,
        "clean_text": text,
        "length": len(text),
        "first_captured": f"2024-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        "scope": "core",
        "is_canonical": 1,
    }
    return row | columns


def corpus_of(texts: Iterable[str]) -> sqlite3.Connection:
    """Return a corpus with one indexed article per text, numbered from 1."""
    connection = empty_corpus()
    for number, text in enumerate(texts, 1):
        add(connection, number, text)
    search_index.update(connection)
    return connection


def numbers(connection: sqlite3.Connection, expression: str) -> list[int]:
    """Return the rows that the full-text index gives for an FTS5 expression, ascending."""
    return [
        row[0]
        for row in connection.execute(
            "SELECT rowid FROM article_fts WHERE article_fts MATCH ? ORDER BY 1", (expression,)
        )
    ]


def check_integrity(connection: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError when the index does not hold exactly what it ought to."""
    connection.execute("INSERT INTO article_fts(article_fts, rank) VALUES('integrity-check', 1)")

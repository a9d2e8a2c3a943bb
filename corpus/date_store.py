"""Dates that lists of a site show beside links to its articles, and which articles are to be dated anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from corpus.records import ListedDate
from corpus.urls import canonical_url, url_key

MAX_ROWS = 2_000  # listings of one article that are looked at, oldest first
# What the page of an article says itself: a list's date stands in only where the page shows none, or an update only.
OWN_DATE = "CASE WHEN published_source = 'list page' THEN updated ELSE published END"
# Articles that lists name, or named when they were last dated.
CHANGED = """
SELECT a.id FROM date_changes d JOIN articles a ON a.url IN ('http://' || d.address, 'https://' || d.address)
WHERE EXISTS (SELECT 1 FROM listed_dates l WHERE l.url IN ('http://' || d.address, 'https://' || d.address))
  OR a.date_candidates LIKE '%"list page"%'
ORDER BY a.id
"""
STATED = """
SELECT id, url, site, site_lines, first_captured, published, published_precision, published_source,
  published_confidence, published_conflict, date_candidates, updated, published_note, published_latest
FROM articles WHERE id = ?
"""
LISTED = f"""
SELECT l.role, l.value, l.precision, l.text, l.note, c.url, c.fetched_at
FROM listed_dates l JOIN captures c ON c.id = l.capture_id WHERE l.url IN (?, ?)
ORDER BY c.fetched_at, c.id, l.role LIMIT {MAX_ROWS}
"""


def put_listed(connection: sqlite3.Connection, capture: str, listed: Iterable[ListedDate]) -> None:
    """Store the dates that a list page shows beside its links; the articles they lead to are to be dated anew."""
    for each in listed:
        row = (each.url, capture, each.role, each.value, each.precision, each.text, each.note)
        connection.execute("INSERT OR IGNORE INTO listed_dates VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        note_date_change(connection, each.url)


def note_date_change(connection: sqlite3.Connection, url: str) -> None:
    """Note that the date of the article at this address may change."""
    key = (url_key(url),)
    connection.execute("INSERT INTO date_changes VALUES (?) ON CONFLICT(address) DO NOTHING", key)


def forget_listed(connection: sqlite3.Connection, captures: Iterable[str], urls: Iterable[str]) -> None:
    """Delete what these captures list, and what lists say of these URLs; their articles are to be dated anew."""
    places = [("capture_id", each) for each in captures] + [("url", each) for each in urls]
    for column, value in places:
        for row in connection.execute(f"SELECT url FROM listed_dates WHERE {column} = ?", (value,)).fetchall():
            note_date_change(connection, str(row[0]))
        connection.execute(f"DELETE FROM listed_dates WHERE {column} = ?", (value,))


def to_be_dated(connection: sqlite3.Connection) -> list[str]:
    """Ids of the articles whose date may change by what lists show, in order."""
    return [str(row[0]) for row in connection.execute(CHANGED)]


def forget_date_changes(connection: sqlite3.Connection) -> None:
    """Note that all articles are dated."""
    connection.execute("DELETE FROM date_changes")


def stated_date(connection: sqlite3.Connection, identity: str) -> sqlite3.Row:
    """The columns of an article that tell of its date, its address and its site."""
    row: sqlite3.Row = connection.execute(STATED, (identity,)).fetchone()
    return row


def listings(connection: sqlite3.Connection, url: str) -> list[sqlite3.Row]:
    """What lists of its site show beside the link to an article, oldest capture first."""
    address = url_key(url)
    return connection.execute(LISTED, (f"http://{address}", f"https://{address}")).fetchall()


def first_capture(connection: sqlite3.Connection, url: str) -> str:
    """When the article at an address was first captured, "" where there is none."""
    row = connection.execute("SELECT first_captured FROM articles WHERE url = ?", (canonical_url(url),)).fetchone()
    return str(row[0]) if row else ""

"""The pass that dates articles by the lists of their own site, where an article shows no date itself.

What lists show is stored with the list pages (``listed_dates``); this joins it to the articles. Only articles whose rows or
lists have changed since the last run are looked at, and what comes out depends on the captures alone: an article's date is
always settled anew, from its page's own candidates and all lists. Where the date changes, the later stages run again,
since the laws in force and some labels go by it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from corpus.date_store import first_capture, forget_date_changes, listings, stated_date, to_be_dated
from corpus.errors import InputError, Rejected
from corpus.records import DateCandidate, Published
from corpus.store import redate_document, set_published, transaction
from corpus.workspace import CORPUS, open_corpus
from crawler.date_forms import CHINA
from crawler.dates import CONFIDENCE, LIST, with_listed
from crawler.extract import extract
from crawler.reshape import pages_of, profile_of, understood

Progress = Callable[[str, int, int], None]

BATCH = 200  # articles of one transaction


def date_by_lists(workspace: Path, connection: sqlite3.Connection, progress: Progress) -> int:
    """Settle the dates of all articles that lists name; returns how many have changed."""
    changed = 0
    todo = to_be_dated(connection)
    for start in range(0, len(todo), BATCH):
        with transaction(connection):
            changed += sum(date_article(workspace, connection, identity) for identity in todo[start : start + BATCH])
        progress("dated", min(start + BATCH, len(todo)), len(todo))
    with transaction(connection):
        forget_date_changes(connection)
    return changed


def date_article(workspace: Path, connection: sqlite3.Connection, identity: str) -> bool:
    """Settle the date of an article; returns whether anything about it has changed."""
    row = stated_date(connection, identity)
    former = stated(row)
    settled = settle(former, listings(connection, row["url"]), row["url"], row["first_captured"])
    if settled == former:
        return False
    if settled.value != former.value:
        try:
            pages = pages_of(workspace, connection, identity)
            profile = profile_of(connection, row["site"]) if row["site_lines"] else None
            parts = [extract(page) for page in pages]
            redate_document(connection, understood(pages[0], parts, profile, identity, settled))
            return True
        except (Rejected, InputError):
            pass  # a page that cannot be read any more keeps its text and labels
    set_published(connection, identity, settled)
    return True


def stated(row: sqlite3.Row) -> Published:
    """The date of an article as its row tells it."""
    return Published(
        row["published"], row["published_precision"], row["published_source"], row["published_confidence"],
        bool(row["published_conflict"]),
        tuple(DateCandidate(*values) for values in json.loads(row["date_candidates"] or "[]")),
        row["updated"], row["published_note"], row["published_latest"],
    )  # fmt: skip


def settle(own: Published, rows: Sequence[sqlite3.Row], url: str, first_captured: str) -> Published:
    """The date of an article, given its page's own candidates and the listings of its address.

    Each date counts once, from the oldest capture that shows it. An article is older than its first capture and its first
    listing.
    """
    found: dict[tuple[str, str], DateCandidate] = {}
    for row in rows:
        if (row["role"], row["value"]) not in found:
            where = f"{row['text']} @ {row['url']}, captured {row['fetched_at']}"
            found[row["role"], row["value"]] = DateCandidate(
                row["value"], row["precision"], LIST, row["role"], CONFIDENCE[LIST], where[:400], row["note"]
            )
    seen = [day_after(time) for time in (first_captured, *(row["fetched_at"] for row in rows[:1])) if time]
    return with_listed(own, tuple(found.values()), url, min(seen, default=""))


def day_after(time: str) -> str:
    """The day after a capture, in China."""
    return (datetime.fromisoformat(time).astimezone(CHINA) + timedelta(days=1)).date().isoformat()


def listed_in(workspace: Path, url: str) -> tuple[list[sqlite3.Row], str]:
    """The listings of an address in a workspace, and when it was first captured ("": never); none without a corpus."""
    if not (workspace / CORPUS).is_file():
        return [], ""
    with open_corpus(workspace) as connection:
        return listings(connection, url), first_capture(connection, url)

"""Where a cluster that had another id is now: ids lead on over merges, splits, and a rebuild of corpus.db.

An id is c and the least article id of its cluster, so it names an article: whatever has been merged or split since,
that article leads to where its copies are. ``cluster_redirects`` says why, and leads on where the article is gone.
What it says is history and cannot be derived from the archive; it is kept in decisions.db, to which rows are only added.
"""

from __future__ import annotations

import sqlite3

from corpus.store import transaction

TABLES = """
CREATE TABLE IF NOT EXISTS cluster_redirects (
  serial INTEGER PRIMARY KEY AUTOINCREMENT, old_id TEXT NOT NULL, new_ids TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS cluster_redirects_no_update BEFORE UPDATE ON cluster_redirects
  BEGIN SELECT RAISE(ABORT, 'where a cluster went is never changed: add a later row'); END;
"""
Targets = tuple[str, str]  # ids that an id led to, with a space between two; and the reason


def current_cluster(connection: sqlite3.Connection, name: str) -> str:
    """Return the id that a cluster, by an id it has or had, goes by now; "" if its articles are no copies any more or
    the id never was one."""
    seen: set[str] = set()
    wanted = name
    while wanted and wanted not in seen:
        if connection.execute("SELECT 1 FROM clusters WHERE id = ?", (wanted,)).fetchone():
            return wanted
        seen.add(wanted)
        row = connection.execute(
            "SELECT new_id FROM cluster_redirects WHERE old_id = ? ORDER BY reason = 'split', new_id", (wanted,)
        ).fetchone()
        wanted = row[0] if row else _of_article(connection, wanted)
    return ""


def _of_article(connection: sqlite3.Connection, name: str) -> str:
    """The cluster of the article that an id names, "" if it has none."""
    row = connection.execute(
        "SELECT cluster_id FROM articles WHERE id = ?1 "
        "OR id = (SELECT article_id FROM article_redirects WHERE old_id = ?1)",
        (name[1:],),
    ).fetchone()
    return str(row[0]) if row else ""


def keep_redirects(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> int:
    """Add to decisions.db what it does not know of ``cluster_redirects``, and give back what a new corpus.db has not.

    Returns how many ids were added to decisions.db. Run after each pass over the clusters.
    """
    decisions.executescript(TABLES)
    here, kept = _here(corpus), _kept(decisions)
    new = [(old, *found) for old, found in sorted(here.items()) if kept.get(old) != found]
    with transaction(decisions):
        decisions.executemany("INSERT INTO cluster_redirects(old_id, new_ids, reason) VALUES (?, ?, ?)", new)
    alive = {row[0] for row in corpus.execute("SELECT id FROM clusters")} if kept.keys() - here.keys() else set()
    back = [
        (old, target, reason)
        for old, (targets, reason) in sorted(kept.items())
        if old not in here and old not in alive
        for target in targets.split(" ")
    ]
    if back:
        with transaction(corpus):
            corpus.executemany("INSERT INTO cluster_redirects VALUES (?, ?, ?)", back)
    return len(new)


def _here(corpus: sqlite3.Connection) -> dict[str, Targets]:
    rows = corpus.execute(
        "SELECT old_id, new_id, reason FROM cluster_redirects ORDER BY old_id, reason = 'split', new_id"
    )
    found: dict[str, Targets] = {}
    for old, new, reason in rows:
        targets, first = found.get(old, ("", reason))
        found[old] = (f"{targets} {new}" if targets else new, first)
    return found


def _kept(decisions: sqlite3.Connection) -> dict[str, Targets]:
    rows = decisions.execute("SELECT old_id, new_ids, reason FROM cluster_redirects ORDER BY serial")
    return {old: (new, reason) for old, new, reason in rows}

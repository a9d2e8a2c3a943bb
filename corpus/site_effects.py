"""What rulings on sites hide: said before, done at once, taken back exactly.

``articles.flagged`` and ``sites.state`` mirror the rulings in decisions.db, so that search and Datasette need no second
database. A copy on an honest site stands for its story while the one that stood for it is hidden.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

from corpus.article_cases import hidden_articles
from corpus.cases import Case
from corpus.errors import QueryError
from corpus.lineage import Member, lineage
from corpus.match import match
from corpus.saved_searches import saved_searches
from corpus.search_index import VERSION, version
from corpus.site_changes import changes_since
from corpus.site_pages import Value, pages_of_unit
from corpus.stories import Request, leave_out, where

# An article is shown first (the view corpus_articles) where this holds.
SHOWN = "scope IN ('core', 'edge') AND spam < 2 AND is_canonical = 1 AND flagged = 0"


def apply_cases(connection: sqlite3.Connection, found: Iterable[Case], *, others: bool = True) -> None:
    """Mirror cases in ``sites`` and ``articles``; others: sites without a case are open, and nothing of theirs hidden."""
    found = list(found)
    clusters = set()
    if others:
        clusters |= _clusters(connection, "SELECT number FROM articles WHERE flagged = 1", [])
        connection.execute("UPDATE articles SET flagged = 0 WHERE flagged = 1")
    for case in found:
        changes = changes_since(connection, case) if case.since else []
        state = "open" if changes and case.state in {"cleared", "watching"} else case.state
        connection.execute(
            "UPDATE sites SET state = ?, notes = ? WHERE site = ?",
            (state, json.dumps(changes, ensure_ascii=False) if changes else "", case.site),
        )
        pages, values = _pages(connection, case.site)
        changed = connection.execute(
            f"UPDATE articles SET flagged = ? WHERE flagged <> ? AND number IN ({pages})",
            [int(case.flagged), int(case.flagged), *values],
        ).rowcount
        if changed:
            clusters |= _clusters(connection, pages, values)
    for cluster in sorted(clusters):
        _let_stand(connection, cluster)


def preview(connection: sqlite3.Connection, decisions: sqlite3.Connection, site: str) -> dict[str, Value]:
    """Return what flagging the site would hide: articles, those shown now, clusters, and the saved searches it is in.

    clusters_hidden_whole: no other site holds a copy; of the other clusters a copy elsewhere stands for the story.
    """
    pages, values = _pages(connection, site)
    articles, shown, clusters = connection.execute(
        f"SELECT count(*), coalesce(sum({SHOWN}), 0), count(DISTINCT nullif(cluster_id, '')) FROM articles "
        f"WHERE number IN ({pages})",
        values,
    ).fetchone()
    only_here = sum(
        connection.execute(
            f"SELECT 1 FROM articles WHERE cluster_id = ? AND flagged = 0 AND number NOT IN ({pages})",
            [cluster, *values],
        ).fetchone()
        is None
        for cluster in _clusters(connection, pages, values)
    )
    return {
        "articles": articles, "shown_now": shown, "clusters": clusters, "clusters_hidden_whole": only_here,
        "saved_searches": list(_saved_searches(connection, decisions, pages, values)),
    }  # fmt: skip


def _pages(connection: sqlite3.Connection, site: str) -> tuple[str, list[str]]:
    where_, values = pages_of_unit(connection, site)
    return f"SELECT number FROM site_pages WHERE {where_}", values


def _clusters(connection: sqlite3.Connection, pages: str, values: list[str]) -> set[str]:
    query = f"SELECT DISTINCT cluster_id FROM articles WHERE cluster_id <> '' AND number IN ({pages})"
    return {row[0] for row in connection.execute(query, values)}


def _let_stand(connection: sqlite3.Connection, cluster: str) -> None:
    """Mark the article that stands for a cluster: the choice of the pass over copies; where that is hidden, what it would
    choose of the others."""
    (chosen,) = connection.execute(
        "SELECT coalesce(max(canonical_article_id), '') FROM clusters WHERE id = ?", (cluster,)
    ).fetchone()
    rows = connection.execute(
        "SELECT id, site, published, published_confidence, published_conflict, first_captured, length, spam, source_name, "
        "is_canonical, flagged FROM articles WHERE cluster_id = ?",
        (cluster,),
    ).fetchall()
    others = [
        Member(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6], row[7], row[8])
        for row in rows
        if not row[10]
    ]
    if others and chosen not in {member.id for member in others}:
        chosen = lineage(others).canonical
    connection.executemany(
        "UPDATE articles SET is_canonical = ? WHERE id = ?",
        [(int(row[0] == chosen), row[0]) for row in rows if bool(row[9]) != (row[0] == chosen)],
    )


def _saved_searches(
    connection: sqlite3.Connection, decisions: sqlite3.Connection, pages: str, values: list[str]
) -> Iterator[dict[str, Value]]:
    """Yield the saved searches that show pages of the site: name, query, how many of them now, and pages in all."""
    if version(connection) != VERSION:
        return
    ruled_out = hidden_articles(decisions)
    for saved in saved_searches(decisions):
        try:
            found = leave_out(
                connection, match(saved.query, saved.reach), Request(reach=saved.reach, ruled_out=ruled_out)
            )
        except QueryError:  # written for an older language: it delivers nothing
            continue
        sql, parameters = where(found)
        hits, of_site = connection.execute(
            f"SELECT count(*), coalesce(sum(f.rowid IN ({pages})), 0) FROM article_fts f WHERE {sql}",
            [*values, *parameters],
        ).fetchone()
        if of_site:
            yield {"name": saved.name, "query": saved.query, "pages": of_site, "of": hits}

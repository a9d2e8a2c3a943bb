"""What a ruling hides: what the preview says, what every search then leaves out, and exactly what undo brings back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import search_index
from corpus.decisions import open_decisions
from corpus.feeds import feed_of
from corpus.match import Reach
from corpus.saved_searches import SavedSearch, save, unread
from corpus.search import search
from corpus.site_effects import preview
from corpus.site_store import update_sites
from corpus.stories import Request
from corpus.workspace import open_corpus
from tests.test_site_store import NOW, SPAM, flag, honest, put, spam_network, table

EVERYTHING = Request(limit=500, stories=False)
MARKS = "SELECT id, flagged, is_canonical FROM articles ORDER BY id"
LAWYER = "lawyer.test"


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_corpus(tmp_path, write=True) as connection:
        put(connection, [*spam_network(), *honest()])
        update_sites(connection, now=NOW)
        search_index.update(connection)
        yield connection


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_decisions(tmp_path, write=True) as connection:
        yield connection


def saved(name: str, query: str) -> SavedSearch:
    return SavedSearch(name, query, Reach(), "2026-01-01T00:00:00Z")


@pytest.mark.parametrize("order", ["newest", "published", "relevance"])
def test_search_leaves_out_what_a_flag_hides_and_says_so(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, order: str
) -> None:
    request = Request(order, limit=500, stories=False)
    before = search(corpus, "网贷逾期", request)
    flag(corpus, decisions, SPAM[0])
    after = search(corpus, "网贷逾期", request)
    assert {hit.id for hit in before.hits} - {hit.id for hit in after.hits} == {
        row[0] for row in table(corpus, "SELECT id FROM articles WHERE flagged = 1")
    }
    assert (after.count, after.left_out) == (before.count - 12, 12)
    flag(corpus, decisions, SPAM[0], ruling="undo")
    assert search(corpus, "网贷逾期", request) == before


def test_feeds_and_standing_queries_leave_them_out(corpus: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    watch = saved("逾期", "网贷逾期")
    save(decisions, corpus, watch, from_start=True)
    flag(corpus, decisions, SPAM[0])
    assert SPAM[0] not in {entry.site for entry in feed_of(corpus, watch).entries}
    delivered = {hit.site for hit in unread(decisions, corpus, "逾期", 500).results.hits}
    assert SPAM[0] not in delivered
    assert SPAM[1] in delivered


def test_the_preview_runs_every_saved_search(corpus: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    for name, query in (("逾期", "网贷逾期"), ("别处", f"site:{LAWYER}"), ("本站", f"site:{SPAM[0]} 逾期")):
        save(decisions, corpus, saved(name, query))
    before = {
        name: search(corpus, query, EVERYTHING).count
        for name, query in (("逾期", "网贷逾期"), ("本站", f"site:{SPAM[0]}"))
    }
    would = preview(corpus, decisions, SPAM[0])["saved_searches"]
    assert would == [
        {"name": "本站", "query": f"site:{SPAM[0]} 逾期", "pages": 12, "of": before["本站"]},
        {"name": "逾期", "query": "网贷逾期", "pages": 12, "of": before["逾期"]},
    ]  # fmt: skip
    flag(corpus, decisions, SPAM[0])
    assert search(corpus, "网贷逾期", EVERYTHING).count == before["逾期"] - 12
    assert preview(corpus, decisions, SPAM[0])["saved_searches"] == []


@pytest.fixture
def copied(corpus: sqlite3.Connection) -> str:
    """A story that a spam site stands for, with a copy on an honest one; another that only spam sites have."""
    ids = {
        site: [row[0] for row in table(corpus, f"SELECT id FROM articles WHERE site = '{site}' ORDER BY id")]
        for site in (*SPAM, LAWYER)
    }
    for cluster, members in (("shared", (ids[SPAM[0]][0], ids[LAWYER][0])), ("own", ids[SPAM[0]][1:3])):
        corpus.execute("INSERT INTO clusters VALUES (?, ?, 2, 1, '', '', '', '')", (cluster, members[0]))
        for member in members:
            corpus.execute(
                "UPDATE articles SET cluster_id = ?, is_canonical = ? WHERE id = ?",
                (cluster, member == members[0], member),
            )
    return str(ids[LAWYER][0])


def test_a_copy_on_an_honest_site_stands_for_the_story(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, copied: str
) -> None:
    before = table(corpus, MARKS)
    view = "SELECT id FROM corpus_articles ORDER BY id"
    assert (copied,) not in table(corpus, view)
    would = preview(corpus, decisions, SPAM[0])
    assert (would["clusters"], would["clusters_hidden_whole"]) == (2, 1)
    flag(corpus, decisions, SPAM[0])
    assert (copied,) in table(corpus, view)
    assert table(corpus, "SELECT count(*) FROM corpus_articles a JOIN articles USING (id) WHERE articles.flagged") == [
        (0,)
    ]
    flag(corpus, decisions, SPAM[0], ruling="undo")
    assert table(corpus, MARKS) == before


def test_a_pass_puts_back_what_a_lapsed_ruling_hid(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, copied: str
) -> None:
    before = table(corpus, MARKS)
    flag(corpus, decisions, SPAM[0])
    ruled = table(corpus, MARKS)
    update_sites(corpus, decisions=decisions, now=NOW)
    assert table(corpus, MARKS) == ruled != before
    update_sites(corpus, decisions=decisions, now=NOW.replace(year=NOW.year + 1))
    assert table(corpus, MARKS) == before

"""Standing queries deliver new stories once, not their copies, and survive a rebuild of the corpus."""

from __future__ import annotations

import sqlite3

import pytest

from corpus import saved_searches, search_index
from corpus.errors import InputError, QueryError
from corpus.match import Reach
from corpus.saved_searches import SavedSearch, mark_read, save, unread
from tests.search_corpus import add, empty_corpus

TIME = "2024-06-01T00:00:00Z"
WATCH = SavedSearch("催收", "催收 -律师", Reach(), TIME)


@pytest.fixture
def decisions() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


@pytest.fixture
def corpus() -> sqlite3.Connection:
    connection = empty_corpus()
    add(connection, 1, "催收一")
    add(connection, 2, "催收二")
    search_index.update(connection)
    return connection


def new(decisions: sqlite3.Connection, corpus: sqlite3.Connection, limit: int = 100) -> list[str]:
    """Return the ids of the new stories and note that they are read."""
    search_index.update(corpus)
    found = unread(decisions, corpus, "催收", limit)
    mark_read(decisions, found, TIME)
    return [hit.id for hit in found.results.hits]


def join(corpus: sqlite3.Connection, cluster: str, *members: int) -> None:
    corpus.execute(
        "INSERT OR REPLACE INTO clusters VALUES(?, ?, 2, 2, '', '', '', '')", (cluster, f"article-{members[0]}")
    )
    for number in members:
        corpus.execute(
            "UPDATE articles SET cluster_id = ?, is_canonical = ? WHERE number = ?",
            (cluster, number == members[0], number),
        )


def test_what_matches_when_it_is_saved_counts_as_read(
    decisions: sqlite3.Connection, corpus: sqlite3.Connection
) -> None:
    assert save(decisions, corpus, WATCH) == 2
    assert new(decisions, corpus) == []


def test_from_start_everything_is_to_be_read_once(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
    save(decisions, corpus, WATCH, from_start=True)
    assert new(decisions, corpus) == ["article-2", "article-1"]
    assert new(decisions, corpus) == []


def test_new_stories_are_delivered_once_also_when_captured_earlier(
    decisions: sqlite3.Connection, corpus: sqlite3.Connection
) -> None:
    save(decisions, corpus, WATCH)
    add(corpus, 3, "催收三", first_captured="2020-01-01T00:00:00Z")
    add(corpus, 4, "催收 律师")
    assert new(decisions, corpus) == ["article-3"]
    assert new(decisions, corpus) == []


def test_a_copy_of_a_read_story_is_no_news(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
    save(decisions, corpus, WATCH)
    add(corpus, 3, "催收一")
    join(corpus, "c", 1, 3)
    assert new(decisions, corpus) == []
    add(corpus, 4, "催收一")
    join(corpus, "c", 4, 1, 3)  # another canonical article
    assert new(decisions, corpus) == []


def test_copies_of_a_new_story_are_one_story(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
    save(decisions, corpus, WATCH)
    for number in (3, 4, 5):
        add(corpus, number, "催收新")
    join(corpus, "c", 4, 3, 5)
    assert new(decisions, corpus) == ["article-4"]
    assert new(decisions, corpus) == []


def test_what_does_not_fit_is_delivered_next_time(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
    save(decisions, corpus, WATCH, from_start=True)
    assert unread(decisions, corpus, "催收", 1).left == 1
    assert new(decisions, corpus, limit=1) == ["article-2"]
    assert new(decisions, corpus, limit=1) == ["article-1"]
    assert new(decisions, corpus, limit=1) == []


def test_stories_that_were_not_delivered_stay_unread(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
    save(decisions, corpus, WATCH, from_start=True)
    unread(decisions, corpus, "催收", 10)
    assert len(unread(decisions, corpus, "催收", 10).results.hits) == 2


def test_reading_survives_a_rebuild_and_a_new_id(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
    save(decisions, corpus, WATCH)
    rebuilt = empty_corpus()
    add(rebuilt, 9, "催收一", id="article-1")
    add(rebuilt, 5, "催收二", id="older", url="https://x.example/2")
    rebuilt.execute("INSERT INTO article_redirects VALUES('article-2', 'older', 'older capture')")
    add(rebuilt, 6, "催收三")
    assert new(decisions, rebuilt) == ["article-6"]


def test_names_are_listed_replaced_and_removed(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
    save(decisions, corpus, WATCH)
    save(decisions, corpus, SavedSearch("催收", "逾期", Reach(synonyms=False), TIME))
    save(decisions, corpus, SavedSearch("b", "site:a.cn", Reach(), TIME))
    found = saved_searches.saved_searches(decisions)
    assert [(each.name, each.query, each.reach.synonyms) for each in found] == [
        ("b", "site:a.cn", True),
        ("催收", "逾期", False),
    ]
    saved_searches.remove(decisions, "催收", TIME)
    assert [each.name for each in saved_searches.saved_searches(decisions)] == ["b"]
    with pytest.raises(InputError, match="b"):
        unread(decisions, corpus, "催收", 10)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101], ids=["empty", "blank", "two-lines", "long"])
def test_names_are_short_and_printable(decisions: sqlite3.Connection, corpus: sqlite3.Connection, name: str) -> None:
    with pytest.raises(InputError):
        save(decisions, corpus, SavedSearch(name, "催收", Reach(), TIME))


def test_queries_that_cannot_be_understood_are_not_saved(
    decisions: sqlite3.Connection, corpus: sqlite3.Connection
) -> None:
    with pytest.raises(QueryError):
        save(decisions, corpus, SavedSearch("x", "催收 OR", Reach(), TIME))
    assert saved_searches.saved_searches(decisions) == ()


def test_rows_are_never_changed(decisions: sqlite3.Connection, corpus: sqlite3.Connection) -> None:
    save(decisions, corpus, WATCH)
    for table in ("saved_searches", "saved_search_reads"):
        with pytest.raises(sqlite3.IntegrityError):
            decisions.execute(f"UPDATE {table} SET name = 'x'")

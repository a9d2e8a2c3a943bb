"""The writer: the same rows in any order, nothing new the second time, every text kept."""

from __future__ import annotations

import dataclasses
import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.records import Document, Label, Rejection
from corpus.store import article_id, put_outcomes, transaction
from corpus.workspace import open_corpus
from tests.making import capture, document, rejection

# Columns that tell of the run or the order of arrival, not of the page.
RUN_COLUMNS = {"number", "run", "warc_file", "warc_offset", "warc_record_id", "source"}


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_corpus(tmp_path, write=True) as connection:
        yield connection


def put(connection: sqlite3.Connection, *outcomes: Document | Rejection) -> None:
    for outcome in outcomes:
        with transaction(connection):
            put_outcomes(connection, (outcome,), "test")


def rows(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, without the run columns, sorted."""
    names = [
        row[0]
        for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not row[0].startswith(("_sqlite", "sqlite"))
    ]
    return {
        name: sorted(
            tuple(row[column] for column in row.keys() if column not in RUN_COLUMNS)  # noqa: SIM118 - sqlite3.Row
            for row in connection.execute(f"SELECT * FROM {name}")
        )
        for name in names
    }


def test_an_article_is_found_by_its_id(corpus: sqlite3.Connection) -> None:
    put(corpus, document())
    row = corpus.execute("SELECT id, site, clean_title, length FROM articles").fetchone()
    assert tuple(row) == (document().id, "news.example", "催收电话", 12)


def test_storing_twice_changes_nothing(corpus: sqlite3.Connection) -> None:
    put(corpus, document(), rejection())
    once = rows(corpus)
    put(corpus, document(), rejection())
    assert rows(corpus) == once


def test_a_rejected_capture_is_a_row_with_its_reason(corpus: sqlite3.Connection) -> None:
    put(corpus, rejection(reason="list-page"))
    assert corpus.execute("SELECT reason FROM rejections").fetchone()[0] == "list-page"
    assert corpus.execute("SELECT outcome FROM captures").fetchone()[0] == "rejected:list-page"


def test_identical_bytes_on_two_hosts_are_two_articles(corpus: sqlite3.Connection) -> None:
    put(corpus, document("http://a.example/1"), document("http://b.example/1"))
    assert corpus.execute("SELECT count(DISTINCT id) FROM articles").fetchone()[0] == 2


def test_a_changed_body_is_a_revision_of_the_same_article(corpus: sqlite3.Connection) -> None:
    put(corpus, document(text="旧的正文。"), document(text="新的正文。", hours=5))
    article = corpus.execute("SELECT id, text FROM articles").fetchone()
    assert tuple(article) == (document(text="旧的正文。").id, "新的正文。")
    assert {row[0] for row in corpus.execute("SELECT text FROM revisions")} == {"旧的正文。", "新的正文。"}


def test_labels_of_rank_one_are_columns_of_the_article(corpus: sqlite3.Connection) -> None:
    labels = (
        Label("topic", "practice", 0.9, "model/1"),
        Label("topic", "law", 0.5, "model/1", rank=2),
        Label("spam", "2", 0.8, "model/1"),
    )
    put(corpus, document(labels=labels))
    row = corpus.execute("SELECT topic, spam, spam_score FROM articles").fetchone()
    assert tuple(row) == ("practice", 2, 0.8)


ARRIVALS = (
    document(text="第一版。", hours=0),
    document(text="第二版。", hours=3),
    document(text="第一版。", hours=6),
    document("http://b.example/x", text="别处。", hours=1),
    rejection(),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(ARRIVALS))))[::7])
def test_the_order_of_arrival_makes_no_difference(tmp_path: Path, order: tuple[int, ...]) -> None:
    with open_corpus(tmp_path / "sorted", write=True) as first, open_corpus(tmp_path / "mixed", write=True) as second:
        put(first, *ARRIVALS)
        put(second, *(ARRIVALS[index] for index in order))
        expected, found = rows(first), rows(second)
    # An id that was given before the oldest capture was known leads to the settled one; that table tells of the order.
    assert found.pop("article_redirects") is not None
    expected.pop("article_redirects")
    assert found == expected


def test_an_older_capture_settles_the_id_and_the_former_id_leads_to_it(corpus: sqlite3.Connection) -> None:
    newer, older = document(text="新的正文。", hours=5), document(text="旧的正文。", hours=1)
    put(corpus, newer, older)
    assert corpus.execute("SELECT id FROM articles").fetchone()[0] == older.id
    assert tuple(corpus.execute("SELECT old_id, article_id FROM article_redirects").fetchone()) == (newer.id, older.id)
    assert corpus.execute("SELECT text FROM articles").fetchone()[0] == "新的正文。"


def test_a_failed_transaction_leaves_nothing(corpus: sqlite3.Connection) -> None:
    def fail_halfway() -> None:
        with transaction(corpus):
            put_outcomes(corpus, (document(),), "test")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert corpus.execute("SELECT count(*) FROM articles").fetchone()[0] == 0


def test_the_article_id_depends_on_url_and_body_alone() -> None:
    assert article_id("http://a.example/?b=1", capture().body_sha256) != article_id("http://a.example/", "0")
    assert len(article_id("http://a.example/", "0")) == 16


@pytest.mark.parametrize(
    ("labels", "stored"),
    [((), -1), ((Label("spam", "unsure", 0.3, "x/1"), Label("spam", "2", 0.3, "x/1", rank=2)), -1),
     ((Label("spam", "1", 0.9, "x/1"),), 1)],
    ids=["no-label", "unsure", "known"],
)  # fmt: skip
def test_a_spam_grade_that_is_not_known_is_stored_as_such(
    corpus: sqlite3.Connection, labels: tuple[Label, ...], stored: int
) -> None:
    put(corpus, dataclasses.replace(document(), labels=labels))
    assert corpus.execute("SELECT spam FROM articles").fetchone()[0] == stored

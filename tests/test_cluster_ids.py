"""An id that a cluster once had leads to where its articles are now, also after corpus.db was deleted and made anew."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from benchmarks import copies
from corpus.cluster_ids import current_cluster, keep_redirects
from corpus.cluster_store import update_clusters
from corpus.decisions import open_decisions
from tests.duplicates_corpus import add, clustered, empty_corpus, remove, url_of

BASE = copies.article(random.Random(1), length=300)
COPIES = [(f"copy{number}", copies.deleted(random.Random(number), BASE, 0.02)) for number in range(12)]


def _clusters(connection: sqlite3.Connection) -> set[str]:
    return {state[0] for state in clustered(connection).values()} - {""}


def _grown(connection: sqlite3.Connection) -> set[str]:
    """Add the copies one after the other, and return every id that the cluster has had."""
    former: set[str] = set()
    for each in COPIES:
        add(connection, [each])
        update_clusters(connection)
        former |= _clusters(connection)
    return former


def _derived_anew(texts: list[tuple[str, str]]) -> sqlite3.Connection:
    connection = empty_corpus()
    add(connection, texts)
    update_clusters(connection)
    return connection


def test_an_id_that_was_merged_leads_to_the_new_one() -> None:
    connection = empty_corpus()
    former = _grown(connection)
    assert len(former) > 1
    (now,) = _clusters(connection)
    assert {current_cluster(connection, each) for each in former} == {now}
    assert current_cluster(connection, "never-was") == ""


def test_a_former_id_leads_on_in_a_corpus_made_anew_that_knows_no_redirects() -> None:
    former = _grown(empty_corpus())
    anew = _derived_anew(COPIES)
    assert anew.execute("SELECT count(*) FROM cluster_redirects").fetchone()[0] == 0
    (now,) = _clusters(anew)
    assert {current_cluster(anew, each) for each in former} == {now}


def test_a_former_id_of_an_article_that_is_gone_leads_on_by_what_is_kept_of_it(tmp_path: Path) -> None:
    connection = empty_corpus()
    add(connection, COPIES)
    update_clusters(connection)
    (former,) = _clusters(connection)
    (first,) = [name for name, _ in COPIES if "c" + _id(connection, name) == former]
    rest = [each for each in COPIES if each[0] != first]
    remove(connection, first)
    update_clusters(connection)
    (now,) = _clusters(connection)
    assert current_cluster(connection, former) == now != former
    anew = _derived_anew(rest)
    assert current_cluster(anew, former) == ""  # nothing in the archive tells
    with open_decisions(tmp_path, write=True) as decisions:
        assert keep_redirects(decisions, connection) == 1
        assert keep_redirects(decisions, connection) == 0
        assert keep_redirects(decisions, anew) == 0
    assert current_cluster(anew, former) == now


def test_what_is_kept_is_only_added_to(tmp_path: Path) -> None:
    connection = empty_corpus()
    with open_decisions(tmp_path, write=True) as decisions:
        for each in COPIES:
            add(connection, [each])
            update_clusters(connection)
            keep_redirects(decisions, connection)
        before = decisions.execute("SELECT count(*) FROM cluster_redirects").fetchone()[0]
        assert before > 1
        with pytest.raises(sqlite3.DatabaseError, match="never changed"):
            decisions.execute("UPDATE cluster_redirects SET new_ids = ''")


def test_an_id_that_split_lists_where_its_articles_went() -> None:
    connection = empty_corpus()
    other = copies.article(random.Random(2), length=300)
    names = sorted(["one", "two", "three", "four"], key=url_of)
    add(connection, [(name, BASE) for name in names])
    update_clusters(connection)
    (former,) = _clusters(connection)
    away = [name for name in names if "c" + _id(connection, name) != former][:2]
    kept = set(names) - set(away)
    add(connection, [(name, other) for name in away], hours=1)
    update_clusters(connection)
    assert len(_clusters(connection)) == 2
    (apart,) = {state[0] for url, state in clustered(connection).items() if url in set(map(url_of, away))}
    rows = connection.execute("SELECT new_id, reason FROM cluster_redirects WHERE old_id = ?", (former,)).fetchall()
    assert [tuple(row) for row in rows] == [(apart, "split")]
    add(connection, [("late", BASE)])  # the cluster is written again; what it split into stays known
    update_clusters(connection)
    assert connection.execute("SELECT count(*) FROM cluster_redirects WHERE reason = 'split'").fetchone()[0] == 1
    assert {clustered(connection)[url_of(name)][0] for name in kept} == {current_cluster(connection, former)}


def test_an_id_whose_articles_went_apart_leads_nowhere() -> None:
    connection = _derived_anew([("one", BASE), ("two", BASE)])
    (name,) = _clusters(connection)
    remove(connection, "one")
    update_clusters(connection)
    assert clustered(connection) == {url_of("two"): ("", "", 1)}
    assert current_cluster(connection, name) == ""
    reason = connection.execute("SELECT reason FROM cluster_redirects WHERE old_id = ?", (name,)).fetchone()
    assert reason[0] == "dissolved"


def _id(connection: sqlite3.Connection, name: str) -> str:
    (found,) = connection.execute("SELECT id FROM articles WHERE url = ?", (url_of(name),)).fetchone()
    return str(found)

"""The index follows whatever is done to the tables, by whom ever; what breaks it is found and mended."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlite_utils
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import search_index
from corpus.match import match
from tests.search_corpus import add, article, check_integrity, empty_corpus, numbers


def contents(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Return every token of the index with its place: what a search can find."""
    connection.execute("CREATE VIRTUAL TABLE temp.tokens USING fts5vocab('main', 'article_fts', 'instance')")
    found = connection.execute("SELECT term, doc, col, offset FROM temp.tokens ORDER BY 1, 2, 3, 4").fetchall()
    connection.execute("DROP TABLE temp.tokens")
    return found


def assert_like_new(connection: sqlite3.Connection) -> None:
    """Assert that the index equals one built from nothing over the same articles, and passes FTS5's own check."""
    check_integrity(connection)
    before = contents(connection)
    with search_index.transaction(connection):
        search_index.drop(connection)
    search_index.update(connection)
    assert contents(connection) == before


@pytest.fixture
def corpus(tmp_path: Path) -> sqlite3.Connection:
    connection = empty_corpus(str(tmp_path / "corpus.db"))
    add(connection, 1, "暴力催收，协商还款", "网贷逾期")
    add(connection, 2, "委托第三方催收")
    connection.execute("INSERT INTO holes VALUES('article-2', 'text', 5, '电话', 0.9, 'rule')")
    search_index.update(connection)
    return connection


def stranger(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return another connection to the same file that knows none of our functions."""
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    return sqlite3.connect(path, isolation_level=None)


def test_create_again_changes_nothing(corpus: sqlite3.Connection) -> None:
    before = corpus.execute("SELECT name, sql FROM sqlite_master").fetchall()
    search_index.create(corpus)
    assert corpus.execute("SELECT name, sql FROM sqlite_master").fetchall() == before
    assert search_index.waiting(corpus) == 0
    assert search_index.update(corpus) == 0


def test_two_characters_are_found_in_plain_sqlite(corpus: sqlite3.Connection) -> None:
    assert numbers(stranger(corpus), "催收") == [1, 2]


def test_the_documented_recipe_finds_longer_words_in_plain_sqlite(corpus: sqlite3.Connection) -> None:
    recipe = """
        WITH RECURSIVE q(s) AS (VALUES(?)),
          i(n) AS (VALUES(1) UNION ALL SELECT n + 1 FROM i, q WHERE n < length(s) - 1),
          e(m) AS (SELECT '"' || group_concat(substr(s, n, 2), ' ') || '"' FROM i, q)
        SELECT a.number FROM articles a, e WHERE a.number IN (SELECT rowid FROM article_fts WHERE article_fts MATCH e.m)
    """
    assert stranger(corpus).execute(recipe, ("第三方催收",)).fetchall() == [(2,)]


def test_sqlite_utils_finds_the_index_and_two_characters(corpus: sqlite3.Connection) -> None:
    table = sqlite_utils.Database(stranger(corpus)).table("articles")
    assert table.detect_fts() == "article_fts"
    assert [row["number"] for row in table.search("催收", order_by="number")] == [1, 2]


def test_rebuild_by_another_tool_is_right_with_our_functions_and_harmless_without(corpus: sqlite3.Connection) -> None:
    other = stranger(corpus)
    with pytest.raises(sqlite3.OperationalError):
        other.execute("INSERT INTO article_fts(article_fts) VALUES('rebuild')")
    assert numbers(corpus, "催收") == [1, 2]
    sqlite_utils.Database(corpus).table("articles").rebuild_fts()
    assert numbers(corpus, "催收") == [1, 2]
    assert_like_new(corpus)


def test_strangers_write_without_our_functions(corpus: sqlite3.Connection) -> None:
    other = stranger(corpus)
    other.execute("UPDATE articles SET clean_text = '法院传票' WHERE number = 1")
    other.execute("UPDATE articles SET clean_text = '法院的传票' WHERE number = 1")
    other.execute("DELETE FROM articles WHERE number = 2")
    add(other, 3, "信用修复")
    other.execute("INSERT INTO facets VALUES('article-1', 'province', '甘肃', '甘肃', 0, 1, '')")
    assert search_index.update(corpus) == 3
    assert numbers(corpus, "催收") == []
    assert numbers(corpus, '"marks" : "province：甘肃"') == [1]
    assert_like_new(corpus)


@pytest.mark.parametrize("recursive", [0, 1])
def test_insert_or_replace_leaves_nothing_behind(corpus: sqlite3.Connection, recursive: int) -> None:
    corpus.execute(f"PRAGMA recursive_triggers={recursive}")
    for number in (1, 9):  # in place, and under another number
        row = article(corpus, number, "新的正文", "", id="article-1", url="https://www.site1.example/1.html")
        corpus.execute(
            f"INSERT OR REPLACE INTO articles({', '.join(row)}) VALUES({', '.join('?' * len(row))})", [*row.values()]
        )
        assert search_index.update(corpus) >= 1
        check_integrity(corpus)
        assert numbers(corpus, "催收") == [2]
        assert numbers(corpus, "正文") == [number]
    assert_like_new(corpus)


def test_upsert_indexes_what_is_left(corpus: sqlite3.Connection) -> None:
    row = article(corpus, 1, "新的正文", "")
    corpus.execute(
        f"INSERT INTO articles({', '.join(row)}) VALUES({', '.join('?' * len(row))}) "
        "ON CONFLICT(id) DO UPDATE SET clean_text = excluded.clean_text",
        [*row.values()],
    )
    assert search_index.update(corpus) == 1
    assert numbers(corpus, "正文") == [1]
    assert_like_new(corpus)


def test_rows_written_again_unchanged_are_not_indexed_again(corpus: sqlite3.Connection) -> None:
    corpus.execute("DELETE FROM holes")
    corpus.execute("INSERT INTO holes VALUES('article-2', 'text', 5, '电话', 0.9, 'rule')")
    corpus.execute("UPDATE articles SET clean_text = clean_text || '', topic = topic")
    assert search_index.waiting(corpus) == 2
    assert search_index.update(corpus) == 0


def test_holes_are_found_with_the_words_around_them(corpus: sqlite3.Connection) -> None:
    assert numbers(corpus, match("电话催收").expression) == [2]
    assert numbers(corpus, match("第三方电话").expression) == [2]
    assert numbers(corpus, match("hole:电话").expression) == [2]


def test_transform_drops_triggers_and_mend_finds_what_happened_meanwhile(corpus: sqlite3.Connection) -> None:
    sqlite_utils.Database(corpus).table("articles").transform(defaults={"topic": ""})
    assert any("search_article_updating" in problem for problem in search_index.check(corpus))
    corpus.execute("UPDATE articles SET clean_text = '法院传票' WHERE number = 1")
    add(corpus, 3, "信用修复")
    assert search_index.mend(corpus)
    assert search_index.check(corpus) == ()
    assert numbers(corpus, "催收") == [2]
    assert numbers(corpus, "传票") == [1]
    assert numbers(corpus, "信用") == [3]
    assert_like_new(corpus)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE search_documents SET marks = 'all'", id="documents-changed"),
        pytest.param("DELETE FROM search_documents WHERE number = 1", id="document-lost"),
        pytest.param("DELETE FROM article_fts_data WHERE id > 10", id="index-lost"),
        pytest.param("DELETE FROM search_blocks", id="blocks-lost"),
        pytest.param("DROP TRIGGER search_holes_inserted", id="trigger-dropped"),
        pytest.param("DROP TABLE article_fts", id="index-dropped"),
        pytest.param("DROP TABLE search_queue", id="queue-dropped"),
        pytest.param("UPDATE search_state SET value = '0'", id="other-version"),
    ],
)
def test_damage_is_found_and_mended(corpus: sqlite3.Connection, damage: str) -> None:
    assert search_index.check(corpus) == ()
    corpus.execute(damage)
    assert search_index.check(corpus) != ()
    assert search_index.mend(corpus) or damage == "DELETE FROM search_blocks"
    assert search_index.check(corpus) == ()
    assert_like_new(corpus)


def test_an_update_that_is_killed_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "BATCH_CHARACTERS", 30)
    connection = empty_corpus(str(tmp_path / "corpus.db"))
    for number in range(1, 30):
        add(connection, number, f"第{number}篇催收文章")

    def kill(done: int, _: int) -> None:
        if done > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search_index.update(connection, progress=kill)
    left = search_index.waiting(connection)
    assert 0 < left < 29
    assert search_index.update(connection) == left
    assert_like_new(connection)


def test_bulk_and_incremental_builds_are_equal(tmp_path: Path) -> None:
    texts = [f"第{number}篇：暴力催收与协商还款，{'律师函' * (number % 5)}" for number in range(1, 400)]
    built = []
    for bulk in (False, True):
        connection = empty_corpus()
        for number, text in enumerate(texts, 1):
            add(connection, number, text)
        assert search_index.update(connection, bulk=bulk) == len(texts)
        check_integrity(connection)
        built.append(contents(connection))
    assert built[0] == built[1]


def test_a_bulk_build_merges_in_steps_only_and_leaves_the_usual_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "BULK_CHARACTERS", 100)  # a segment an article
    segments = "SELECT count(DISTINCT segid) FROM article_fts_idx"
    connection = empty_corpus()
    for number in range(1, 41):
        add(connection, number, "暴力催收与协商还款" * 20)
    most = 0

    def watch(_done: int, _total: int) -> None:
        nonlocal most
        most = max(most, connection.execute(segments).fetchone()[0])

    search_index.update(connection, bulk=True, progress=watch)
    assert most == 40  # FTS5 would have merged 16 of them at once, however large
    assert connection.execute(segments).fetchone()[0] == 1
    usual = {"automerge": 4, "crisismerge": 16, "hashsize": 2**20}
    found = dict(connection.execute("SELECT k, v FROM article_fts_config").fetchall())
    assert {name: found[name] for name in usual} == usual
    check_integrity(connection)


def test_readers_and_writers_go_on_while_the_index_is_built(
    corpus: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "BATCH_CHARACTERS", 4_000)
    for number in range(10, 200):
        add(corpus, number, "暴力催收" * 100)
    reader, writer = stranger(corpus), stranger(corpus)
    seen: list[int] = []

    def look(done: int, _: int) -> None:
        seen.append(len(numbers(reader, "催收")))
        add(writer, 1_000 + done, "另一篇")

    search_index.update(corpus, progress=look)
    assert seen[0] < seen[-1] == 192
    assert search_index.update(corpus) == len(seen)


WORDS = st.sampled_from(["催收", "律师，函", "逾期", "網貸", "a1", ""])
STEPS = st.tuples(
    st.sampled_from(
        ["insert", "replace", "text", "title", "topic", "delete", "hole", "unhole", "facet", "index", "swap"]
    ),
    st.integers(1, 4),
    st.lists(WORDS, max_size=3).map("".join),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=25), st.integers(0, 1))
def test_after_any_writes_the_index_is_like_new(steps: list[tuple[str, int, str]], recursive: int) -> None:
    connection = empty_corpus()
    connection.execute(f"PRAGMA recursive_triggers={recursive}")
    for step, number, text in steps:
        take(connection, step, number, text)
    search_index.update(connection)
    assert search_index.check(connection) == ()
    assert_like_new(connection)


def take(connection: sqlite3.Connection, step: str, number: int, text: str) -> None:
    name = f"article-{number}"
    if step in ("insert", "replace"):
        row = article(connection, number, text, "")
        verb = "INSERT OR IGNORE" if step == "insert" else "INSERT OR REPLACE"
        connection.execute(
            f"{verb} INTO articles({', '.join(row)}) VALUES({', '.join('?' * len(row))})", [*row.values()]
        )
    elif step == "index":
        search_index.update(connection)
    elif step == "delete":
        connection.execute("DELETE FROM articles WHERE number = ?", (number,))
    elif step == "hole":
        connection.execute("INSERT INTO holes VALUES(?, 'text', 1, ?, 0.5, '')", (name, text))
    elif step == "unhole":
        connection.execute("DELETE FROM holes WHERE article_id = ?", (name,))
    elif step == "facet":
        connection.execute("INSERT INTO facets VALUES(?, 'platform', ?, ?, 0, 1, '')", (name, text, text))
    elif step == "swap":
        connection.execute("UPDATE OR REPLACE articles SET number = ? WHERE number = ?", (number % 4 + 1, number))
    else:
        column = {"text": "clean_text", "title": "clean_title", "topic": "topic"}[step]
        connection.execute(f"UPDATE articles SET {column} = ? WHERE number = ?", (text, number))

"""The numbers of the home page are those that their SQL gives, with what rulings hide taken off."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpus import overview
from corpus.masking import hide_ruled_out
from corpus.overview import CHARTS, read_overview, summarise
from corpus.workspace import open_corpus
from crawler.derive import derive
from tests.sample_corpus import sample_corpus

__all__ = ["sample_corpus"]


@pytest.fixture
def reader(sample_corpus: Path) -> Iterator[sqlite3.Connection]:
    with open_corpus(sample_corpus) as connection:
        yield connection


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart[0])
def test_the_bars_of_a_chart_are_the_rows_of_its_sql(
    reader: sqlite3.Connection, chart: tuple[str, str, str, str]
) -> None:
    shown = next(each for each in read_overview(reader).charts if each.key == chart[0])
    assert dict(shown.bars) == {str(row[0]): row[1] for row in reader.execute(chart[3])}
    assert shown.bars


def test_articles_that_rulings_hide_are_in_no_count_and_no_chart_of_readers(reader: sqlite3.Connection) -> None:
    rows = reader.execute("SELECT id, topic FROM corpus_articles ORDER BY id LIMIT 7").fetchall()
    hidden = frozenset(row["id"] for row in rows)
    before = read_overview(reader)
    with closing(sqlite3.connect(reader.execute("PRAGMA database_list").fetchone()[2])) as other:
        hide_ruled_out(other, lambda: hidden)
        after = read_overview(other, hidden)
        live = dict(other.execute("SELECT topic, count(*) FROM corpus_articles GROUP BY topic").fetchall())
    assert after.counts[0].value == before.counts[0].value - 7
    assert dict(next(c for c in after.charts if c.key == "topic").bars) == live
    assert read_overview(reader) == before


def test_charts_follow_the_articles_with_the_next_pass_and_then_rest(sample_corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_corpus, tmp_path / "copy")
    with open_corpus(tmp_path / "copy", write=True) as connection:
        assert summarise(connection) == 0
        connection.execute("UPDATE articles SET spam = 3 WHERE number = (SELECT min(number) FROM corpus_articles)")
        assert summarise(connection) >= 3
        assert summarise(connection) == 0


def test_passes_of_an_unchanged_corpus_change_no_row(sample_corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(sample_corpus, tmp_path / "copy")
    assert derive(tmp_path / "copy", jobs=1).passes["summed up"] == 0


def test_a_corpus_without_articles_has_no_bars(tmp_path: Path) -> None:
    with open_corpus(tmp_path, write=True) as connection:
        summarise(connection)
        found = read_overview(connection)
    assert {count.value for count in found.counts} == {0}
    assert all(chart.bars == () for chart in found.charts)
    assert overview.Overview(found.counts, found.charts, (), "", "") == found

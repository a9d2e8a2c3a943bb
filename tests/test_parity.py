"""The same pages give the same rows, however they come: in order, shuffled over files and workers, replayed, or again."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus import warc
from corpus.records import Page
from corpus.workspace import archive_folder, open_corpus
from crawler.demo.web import manifest
from crawler.derive import derive
from crawler.ingest import ingest

# Tables and columns that tell of runs and arrival, not of pages.
RUN_TABLES = ("runs", "archive_files", "article_redirects", "cluster_redirects", "search_", "article_fts")
RUN_COLUMNS = {"number", "run", "warc_file", "warc_offset", "warc_record_id", "source", "seen"}
START = datetime(2026, 3, 1, tzinfo=UTC)


def sample(step: int = 3) -> list[Page]:
    """Every third page of the sample web as a capture, some of them captured again later."""
    served = [made for made in manifest() if not made.behaviour and made.status == 200]
    pages = [
        Page(made.url, 200, (("content-type", made.content_type),), made.body, START + timedelta(seconds=number * 0.25))
        for number, made in enumerate(served[::step])
    ]
    again = [
        Page(page.url, 200, page.headers, page.body + b"<!-- later -->", page.fetched_at + timedelta(days=1))
        for page in pages[::10]
    ]
    return pages + again


def archive(workspace: Path, pages: Iterable[Page], run: str) -> None:
    with warc.Writer(archive_folder(workspace), run=run, durable=False) as writer:
        for page in pages:
            writer.write(page)


def rows(workspace: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables that tell of pages, sorted."""
    with open_corpus(workspace) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted((comparable(row) for row in connection.execute(f"SELECT * FROM {name}")), key=repr)
            for name in names
            if not name.startswith(("sqlite", "_sqlite", *RUN_TABLES))
        }


def comparable(row: sqlite3.Row) -> tuple[object, ...]:
    return tuple(row[column] for column in row.keys() if column not in RUN_COLUMNS)  # noqa: SIM118 - sqlite3.Row


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("reference")
    archive(workspace, sample(), "all")
    derive(workspace, jobs=1)
    return workspace


def test_pages_shuffled_over_files_and_workers_give_the_same_rows(reference: Path, tmp_path: Path) -> None:
    pages = sample()
    random.Random(7).shuffle(pages)
    half = len(pages) // 2
    archive(tmp_path, pages[:half], "one")
    derive(tmp_path, jobs=2)
    archive(tmp_path, pages[half:], "two")
    derive(tmp_path, jobs=2)
    assert rows(tmp_path) == rows(reference)


def test_a_replayed_archive_gives_the_same_rows(reference: Path, tmp_path: Path) -> None:
    taken = [found for found in ingest(tmp_path, (reference / "archive",), run="replay") if isinstance(found, Page)]
    derive(tmp_path, jobs=2)
    assert len(taken) == len(sample())
    assert rows(tmp_path) == rows(reference)


def test_processing_and_loading_again_change_nothing(reference: Path) -> None:
    before = rows(reference)
    assert derive(reference, jobs=1).counts.captures == 0
    assert [found for found in ingest(reference, (reference / "archive",), run="again") if found is not None] == []
    assert rows(reference) == before


def test_a_rebuild_gives_the_same_rows(reference: Path) -> None:
    before = rows(reference)
    derive(reference, jobs=2, rebuild=True)
    assert rows(reference) == before

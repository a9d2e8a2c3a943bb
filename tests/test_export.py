"""Exports hold nothing personal, and say what they are."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.export import FORMATS, export
from tests.sample_corpus import SECRETS, sample_corpus
from tests.test_datasette import contacts

__all__ = ["contacts", "sample_corpus"]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("form", [each for each in FORMATS if each != "parquet"])
@pytest.mark.parametrize("everything", [False, True], ids=["readable", "all"])
def test_no_contact_point_is_in_an_export(
    sample_corpus: Path, contacts: set[str], tmp_path: Path, form: str, everything: bool
) -> None:
    done = export(sample_corpus, form, tmp_path / "out", everything=everything, now=NOW)
    written = done.path.read_bytes()
    leaked = {secret for secret in (*contacts, *SECRETS) if secret.encode() in written}
    assert leaked == set()
    assert done.articles > 100
    # What readers see first may hold none of the pages with contacts; everything together holds them all.
    assert not everything or sum(done.redacted.values()) >= len(SECRETS) - 1


def test_the_same_contact_is_the_same_token_in_every_article(sample_corpus: Path, tmp_path: Path) -> None:
    done = export(sample_corpus, "jsonl", tmp_path / "out", everything=True, now=NOW)
    import re

    tokens: dict[str, set[str]] = {}
    for line in done.path.read_text("utf-8").splitlines():
        article = json.loads(line)
        for token in re.findall(r"\[phone:[0-9a-f]{12}\]", article["clean_text"]):
            tokens.setdefault(token, set()).add(article["site"])
    assert max(len(sites) for sites in tokens.values()) >= 2


def test_the_public_database_can_be_inspected_and_served(sample_corpus: Path, tmp_path: Path) -> None:
    done = export(sample_corpus, "public-db", tmp_path / "public.db", now=NOW)
    with closing(sqlite3.connect(done.path)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        count = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    assert count == done.articles
    assert "articles" in tables
    assert not {"contacts", "removed_blocks", "site_entities"} & tables


def test_exports_are_equal_when_made_again(sample_corpus: Path, tmp_path: Path) -> None:
    first = export(sample_corpus, "jsonl", tmp_path / "a", now=NOW).path.read_bytes()
    assert export(sample_corpus, "jsonl", tmp_path / "b", now=NOW).path.read_bytes() == first


def test_the_card_names_digest_counts_and_limits(sample_corpus: Path, tmp_path: Path) -> None:
    import hashlib

    done = export(sample_corpus, "jsonl", tmp_path / "out", now=NOW)
    card = done.card.read_text("utf-8")
    assert hashlib.sha256(done.path.read_bytes()).hexdigest() in card
    for part in (str(done.articles), "Limits", "licence", "models"):
        assert part in card


def test_an_article_that_a_ruling_hides_is_left_out(sample_corpus: Path, tmp_path: Path) -> None:
    whole = export(sample_corpus, "jsonl", tmp_path / "a", now=NOW)
    first = json.loads(whole.path.read_text("utf-8").splitlines()[0])["id"]
    assert export(sample_corpus, "jsonl", tmp_path / "b", hidden={first}, now=NOW).articles == whole.articles - 1


def test_a_folder_in_the_way_is_named(sample_corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder"):
        export(sample_corpus, "jsonl", tmp_path, now=NOW)

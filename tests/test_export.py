"""Exports hold nothing personal, and say what they are."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from corpus.errors import InputError
from corpus.export import FORMATS, export
from crawler.serving import CONFIG
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


def test_the_public_database_is_inspected_served_immutable_and_searched(sample_corpus: Path, tmp_path: Path) -> None:
    done = export(sample_corpus, "public-db", tmp_path / "public.db", now=NOW)
    counts = tmp_path / "counts.json"
    command = [sys.executable, "-m", "datasette", "inspect", str(done.path), "--inspect-file", str(counts)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    inspected = json.loads(counts.read_text())
    assert inspected["public"]["tables"]["articles"]["count"] == done.articles
    before = done.path.read_bytes()

    async def ask() -> list[Any]:
        datasette = Datasette(
            [], immutables=[str(done.path)], inspect_data=inspected, plugins_dir=str(CONFIG / "plugins")
        )
        await datasette.invoke_startup()
        paths = ["/public", "/public/articles", f"{found_by}催收", f"{found_by}暴力催收"]
        answers = [await datasette.client.get(path) for path in paths]
        assert {answer.status_code for answer in answers} == {200}
        return answers

    found_by = "/public/articles.json?_shape=array&_size=max&_search="
    with closing(sqlite3.connect(done.path)) as connection:
        texts = [row[0] + row[1] for row in connection.execute("SELECT clean_title, clean_text FROM articles")]
    # Without our plugins, in a process that never loaded them, two characters can be looked for: so long is a word.
    command = [sys.executable, "-m", "datasette", "serve", "-i", str(done.path), "--get", f"{found_by}催收"]
    stock = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    ours = asyncio.run(ask())
    literal = sum("催收" in text for text in texts)
    assert 5 < len(stock) == literal <= len(ours[2].json()), "ours knows other ways to write a word, too"
    assert len(ours[3].json()) >= sum("暴力催收" in text for text in texts) > 0
    assert done.path.read_bytes() == before


def test_digits_cannot_be_guessed_through_the_index_of_the_public_database(
    sample_corpus: Path, contacts: set[str], tmp_path: Path
) -> None:
    done = export(sample_corpus, "public-db", tmp_path / "public.db", everything=True, now=NOW)
    with closing(sqlite3.connect(done.path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(articles_fts, 'row')")
        terms = {row[0] for row in connection.execute("SELECT term FROM terms")}
    assert len(terms) > 1_000
    digits = {each for each in (*contacts, *SECRETS) if each.isdigit()}
    assert digits
    for secret in digits:
        whole = {secret[start : start + 7] for start in range(len(secret) - 6)}
        assert not any(piece in term for term in terms for piece in whole), secret


def test_parquet_reads_back_as_it_was_written(sample_corpus: Path, contacts: set[str], tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed: pip install cuishou[parquet]")
    done = export(sample_corpus, "parquet", tmp_path / "articles.parquet", everything=True, now=NOW)
    rows = parquet.read_table(done.path).to_pylist()
    lines = export(sample_corpus, "jsonl", tmp_path / "articles.jsonl", everything=True, now=NOW)
    assert rows == [json.loads(line) for line in lines.path.read_text("utf-8").splitlines()]
    text = "".join(row["clean_text"] for row in rows)
    assert not any(secret in text for secret in (*contacts, *SECRETS))


def test_parquet_without_pyarrow_says_what_to_do(
    sample_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"cuishou\[parquet\]"):
        export(sample_corpus, "parquet", tmp_path / "out", now=NOW)
    assert not (tmp_path / "out").exists()


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

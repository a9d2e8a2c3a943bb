"""What people read is complete: every table, column and rejection reason has its words; the README names real commands."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
import yaml

from corpus import search_index
from corpus.records import REASONS
from corpus.schema import migrate
from crawler.cli import COMMANDS, cli

PROJECT = Path(__file__).parent.parent
# Tables that SQLite, FTS5 and sqlite-utils keep for themselves; Datasette hides them.
INTERNAL = re.compile(r"^(_sqlite_|sqlite_|article_fts_(data|idx|docsize|config)$)")


def tables() -> dict[str, list[str]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    migrate(connection)
    search_index.create(connection)
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
    return {
        name: [row["name"] for row in connection.execute(f"PRAGMA table_info({name})")]
        for name in names
        if not INTERNAL.match(name)
    }


def described() -> dict[str, dict[str, object]]:
    metadata = yaml.safe_load((PROJECT / "datasette_config" / "metadata.yml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, object]] = metadata["databases"]["corpus"]["tables"]
    return found


@pytest.mark.parametrize("table", tables())
def test_every_table_and_column_has_a_description(table: str) -> None:
    entry = described()[table]
    assert entry["title"]
    assert entry["description"]
    columns = entry["columns"]
    assert isinstance(columns, dict)
    assert sorted(columns) == sorted(tables()[table])


def test_no_description_outlives_its_table() -> None:
    assert set(described()) <= set(tables())


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_reads_in_english_and_chinese(reason: str) -> None:
    english, chinese = REASONS[reason]
    assert english.isascii()
    assert re.search(r"[一-鿿]", chinese)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_in_english_and_chinese(name: str) -> None:
    command = cli.get_command(cli.make_context("cuishou", ["--help"], resilient_parsing=True), name)
    assert command is not None
    assert command.help
    assert re.search(r"[a-z]{3}", command.help)
    assert re.search(r"[一-鿿]", command.help)


def test_the_readme_names_only_commands_that_exist() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    shell = "".join(re.findall(r"```sh\n(.*?)```", readme, re.DOTALL))
    named = set(re.findall(r"^cuishou (?:-C \S+ )?([a-z]+)\b", shell, re.MULTILINE))
    assert named
    assert named <= set(COMMANDS)


@pytest.mark.parametrize(
    "page", sorted(PROJECT.glob("*.md")) + sorted((PROJECT / "docs").glob("*.md")), ids=lambda path: path.name
)
def test_every_link_between_documents_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_docs(name: str) -> None:
    text = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"`{name}`" in text

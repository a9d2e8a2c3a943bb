"""The command prints what it found, for people and for programs, and never lets a page act on the reader's machine."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corpus import search_index
from corpus.article_cases import rule_on_article
from corpus.commands.search import command
from corpus.decisions import open_decisions
from corpus.errors import InputError, QueryError
from corpus.workspace import open_corpus
from tests.search_corpus import add


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    with open_corpus(tmp_path, write=True) as connection:
        search_index.create(connection)
        add(connection, 1, "=HYPERLINK(1) 暴力催收\x1b[31m，协商还款", "=cmd|催收", topic="practice")
        add(connection, 2, "网贷逾期，他们联系第三人", "網貸", topic="overdue", published="2024-05-06")
        search_index.update(connection)
    return tmp_path


def run(workspace: Path, *arguments: str, fails: bool = False) -> Result:
    result = CliRunner().invoke(command, list(arguments), obj=workspace, catch_exceptions=fails)
    assert fails == bool(result.exit_code), result.output
    return result


def test_results_for_people_hold_no_control_characters(workspace: Path) -> None:
    output = run(workspace, "催收").output
    assert "1 页 pages" in output
    assert "暴力[催收]" in output
    assert "\x1b" not in output


def test_json_is_one_object_with_offsets(workspace: Path) -> None:
    record = json.loads(run(workspace, "網貸", "--json", "--facets").output)
    (result,) = record["results"]
    assert result["id"] == "article-2"
    snippet = result["snippets"][0]
    assert [snippet["text"][a:b] for a, b in snippet["marks"]] == ["网贷"]
    assert record["facets"]["topic"] == [{"value": "overdue", "count": 1}]
    assert (record["count"], record["count_is_exact"]) == (1, True)


def test_csv_cells_are_no_formulas(workspace: Path) -> None:
    (row,) = csv.DictReader(io.StringIO(run(workspace, "催收", "--csv").output))
    assert row["title"] == "'=cmd|催收"
    assert row["snippet"].startswith("'=HYPERLINK")


def test_synonyms_are_shown_and_switched_off(workspace: Path) -> None:
    assert "also searched: 联系第三人" in run(workspace, "爆通讯录").output
    assert "0 页 pages" in run(workspace, "爆通讯录", "--exact").output


def test_standing_queries_from_saving_to_forgetting(workspace: Path) -> None:
    run(workspace, "催收", "--save", "watch", "--from-start")
    assert "article-1" in run(workspace, "--since-last", "watch", "--json").output
    assert json.loads(run(workspace, "--since-last", "watch", "--json").output)["results"] == []
    assert "watch\t催收" in run(workspace, "--saved").output
    assert "<feed" in run(workspace, "--feed", "watch").output
    assert json.loads(run(workspace, "--feed", "watch", "--json").output)["items"]
    run(workspace, "--forget", "watch")
    assert run(workspace, "--saved").output == ""
    assert isinstance(run(workspace, "--since-last", "watch", fails=True).exception, InputError)


@pytest.mark.parametrize(
    "arguments",
    [(), ("催收", "--saved"), ("--saved", "--feed", "x"), ("催收", "--json", "--csv"), ("催收", "--open", "9")],
    ids=["nothing", "query-and-action", "two-actions", "two-formats", "no-such-result"],
)
def test_contradicting_options_are_refused(workspace: Path, arguments: tuple[str, ...]) -> None:
    assert run(workspace, *arguments, fails=True).exit_code == 2


def test_a_wrong_query_is_an_error_of_ours(workspace: Path) -> None:
    assert isinstance(run(workspace, "催收 (", fails=True).exception, QueryError)


def test_what_moderators_ruled_out_is_shown_only_when_asked_for(workspace: Path) -> None:
    run(workspace, "催收 OR 网贷", "--save", "watch", "--from-start")
    with open_corpus(workspace, write=True) as connection:
        connection.execute("UPDATE articles SET flagged = 1 WHERE number = 1")
    with open_decisions(workspace, write=True) as decisions:
        rule_on_article(
            decisions, article="article-2", ruling="irrelevant", moderator="li", now=datetime(2026, 1, 1, tzinfo=UTC)
        )
    assert "0 页 pages" in run(workspace, "催收 OR 网贷").output
    assert "2 pages that moderators ruled out are not shown" in run(workspace, "催收 OR 网贷").output
    assert json.loads(run(workspace, "催收 OR 网贷", "--json").output)["left_out"] == 2
    assert json.loads(run(workspace, "--since-last", "watch", "--json").output)["results"] == []
    assert json.loads(run(workspace, "--feed", "watch", "--json").output)["items"] == []
    shown = json.loads(run(workspace, "催收 OR 网贷", "--ruled-out", "--json").output)["results"]
    assert [(result["id"], result["hidden"][-1]) for result in shown] == [
        ("article-2", "ruling"),
        ("article-1", "flagged"),
    ]


def test_contact_points_are_masked_unless_asked_for(workspace: Path) -> None:
    with open_corpus(workspace, write=True) as connection:
        add(connection, 3, "催收公司电话：13800138000，微信同号", "讨债")
        search_index.update(connection)
    run(workspace, "讨债", "--save", "watch", "--from-start")
    outputs = [run(workspace, "讨债", form).output for form in ("--json", "--csv", "--copies")]
    outputs += [run(workspace, "--feed", "watch").output, run(workspace, "--since-last", "watch", "--json").output]
    assert not any("13800138000" in output for output in outputs)
    assert "13800138000" in run(workspace, "讨债", "--show-contacts").output

"""``cuishou sites`` and ``cuishou blocklist`` on a small workspace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from corpus.errors import CorpusError
from corpus.workspace import open_corpus
from crawler.cli import cli
from tests.test_site_store import SPAM, honest, put, spam_network


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    with open_corpus(tmp_path, write=True) as connection:
        put(connection, [*spam_network(), *honest()])
    assert run(tmp_path, "sites", "update", "--json").exit_code == 0
    return tmp_path


def run(workspace: Path, *arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["-C", str(workspace), *arguments], input=text, env={"CUISHOU_MODERATOR": "li"})


def output(workspace: Path, *arguments: str) -> Any:
    result = run(workspace, *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_shows_the_highest_score_first(workspace: Path) -> None:
    rows = output(workspace, "sites", "list", "--json")
    assert {row["site"] for row in rows[:3]} == set(SPAM)
    assert [row["site"] for row in rows[3:]] == ["lawyer.test", "small.test"]


def test_list_filters(workspace: Path) -> None:
    assert [row["site"] for row in output(workspace, "sites", "list", "--verdict", "insufficient", "--json")] == [
        "small.test"
    ]


@pytest.mark.parametrize("arguments", [("sites", "list"), ("sites", "show", SPAM[0]), ("sites", "history")])
def test_people_read_lines_and_no_json(workspace: Path, arguments: tuple[str, ...]) -> None:
    result = run(workspace, *arguments)
    assert result.exit_code == 0
    assert not result.stdout.startswith(("{", "["))


def test_show_masks_contacts_unless_asked(workspace: Path) -> None:
    assert "13900000001" not in run(workspace, "sites", "show", SPAM[0], "--json").stdout
    assert "13900000001" in run(workspace, "sites", "show", SPAM[0], "--json", "--show-contacts").stdout


def test_flag_undo_and_history(workspace: Path) -> None:
    assert output(workspace, "sites", "flag", SPAM[0], "--why", "模板站", "--json")["state"] == "flagged"
    assert output(workspace, "sites", "undo", SPAM[0], "--json")["state"] == "open"
    history = output(workspace, "sites", "history", SPAM[0], "--json")
    assert [(row["ruling"], row["moderator"], row["supersedes"]) for row in history] == [
        ("flag", "li", None),
        ("undo", "li", 1),
    ]


def test_flag_asks_first_and_no_means_no(workspace: Path) -> None:
    result = run(workspace, "sites", "flag", SPAM[0], "--why", "模板站", text="n\n")
    assert result.exit_code == 1
    assert "12 articles" in result.output
    assert output(workspace, "sites", "history", "--json") == []


def test_preview_changes_nothing(workspace: Path) -> None:
    assert output(workspace, "sites", "flag", SPAM[0], "--preview", "--json")["articles"] == 12
    assert output(workspace, "sites", "history", "--json") == []


@pytest.mark.parametrize("ruling", ["clear", "watch", "appeal", "hijacked", "not-hijacked"])
def test_every_other_ruling_can_be_made(workspace: Path, ruling: str) -> None:
    assert output(workspace, "sites", ruling, SPAM[0], "--why", "看过", "--json")["site"] == SPAM[0]


def test_two_people_setting(workspace: Path) -> None:
    assert run(workspace, "sites", "two-people").stdout == "off\n"
    assert run(workspace, "sites", "two-people", "on").stdout == "on\n"
    assert output(workspace, "sites", "flag", SPAM[0], "--why", "模板站", "--json")["state"] == "proposed"
    assert (
        output(workspace, "sites", "flag", SPAM[0], "--why", "同意", "--moderator", "wang", "--json")["state"]
        == "flagged"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("sites", "show", "nowhere.test"), "knows no site"), (("sites", "clear", SPAM[0]), "needs a reason"), (("sites", "undo", SPAM[0]), "no ruling")],
    ids=["unknown site", "no reason", "nothing to undo"],
)  # fmt: skip
def test_mistakes_end_in_one_sentence(workspace: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(workspace, *arguments)
    assert isinstance(result.exception, CorpusError)
    assert message in str(result.exception)


def test_blocklist_export_to_a_file_with_its_evidence(workspace: Path, tmp_path: Path) -> None:
    output(workspace, "sites", "flag", SPAM[0], "--why", "模板站", "--json")
    target = tmp_path / "list.txt"
    counts = output(
        workspace,
        "blocklist",
        "export",
        "--format",
        "domains",
        "-o",
        str(target),
        "--contact",
        "a@example.com",
        "--json",
    )
    assert counts == {"lines": 1, "refused": []}
    assert target.read_text("utf-8").splitlines()[-1] == SPAM[0]
    (record,) = json.loads((tmp_path / "list.txt.evidence.json").read_text("utf-8"))["entries"]
    assert output(workspace, "blocklist", "explain", SPAM[0]) == record


def test_blocklist_import(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "others.txt"
    file.write_text(f"||{SPAM[0]}^\n", encoding="utf-8")
    assert output(workspace, "blocklist", "import", str(file), "--name", "others", "--json") == {
        "listed": 1,
        "known": 1,
    }

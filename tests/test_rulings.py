"""Rounds, Label Studio exports, agreement, and rulings that training uses."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from classify.commands import evaluate as evaluate_command
from classify.commands import label as label_command
from classify.commands import train as train_command
from classify.evaluate import evaluate, read_labelled, table
from classify.gate import Comparison, compare, verdict
from classify.label_store import add_rulings, candidates, read_rulings
from classify.model_file import PACKAGED, load, save
from classify.passages import Labelled, compose
from classify.rulings import (
    Candidate,
    Ruling,
    agreement,
    choose,
    from_label_studio,
    kappa,
    label_config,
    settled,
    to_label_studio,
)  # fmt: skip
from classify.train import ruled_passages
from classify.versions import add, in_use, next_version, rollback
from corpus.decisions import open_decisions
from corpus.errors import InputError, WorkspaceError
from corpus.records import Label
from corpus.store import put_outcomes, transaction
from corpus.workspace import open_corpus
from tests.making import document

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def candidate(name: str, doubt: float, reach: int = 1, disputed: bool = False) -> Candidate:
    return Candidate(name, "http://example.com/", "题", "文", (("topic", "overdue"),), doubt, reach, disputed)


def task(value: str = "practice", rater: str = "a@example.com", scheme: str = "topic") -> dict[str, object]:
    result = [{"from_name": scheme, "to_name": "text", "type": "choices", "value": {"choices": [value]}}]
    annotations = [{"completed_by": {"email": rater}, "result": result}]
    return {"data": {"id": "a1", "title": "催收", "text": "催收打电话给单位"}, "annotations": annotations}


def test_disputed_come_first_then_doubt_times_reach() -> None:
    given = [candidate("low", 0.1), candidate("wide", 0.3, 10), candidate("high", 0.9), candidate("both", 0.1, 1, True)]
    assert [c.id for c in choose(given, 3)] == ["both", "wide", "high"]


def test_a_round_goes_out_and_comes_back() -> None:
    tasks = to_label_studio([candidate("a1", 0.5)])
    tasks[0]["annotations"] = task()["annotations"]
    assert [(r.article, r.scheme, r.value) for r in from_label_studio(tasks)] == [("a1", "topic", "practice")]


def test_cancelled_annotations_do_not_count() -> None:
    given = task()
    given["annotations"][0]["was_cancelled"] = True  # type: ignore[index]
    assert from_label_studio([given]) == ()


@pytest.mark.parametrize("tasks", [{}, [{}], [{"data": {}}], [task("nothing")], [task(scheme="colour")]])
def test_what_is_no_export_is_a_clear_error(tasks: object) -> None:
    with pytest.raises(InputError):
        from_label_studio(tasks)


def test_the_configuration_asks_for_every_code() -> None:
    assert label_config().count("<Choice ") == 3 + 12 + 9 + 11 + 3


def test_kappa_is_one_for_equal_and_zero_for_chance() -> None:
    assert kappa(["0", "1"], ["0", "1"]) == 1
    assert kappa(["0", "0", "1", "1"], ["0", "1", "0", "1"]) == 0
    with pytest.raises(ValueError, match="same number"):
        kappa([], [])


def test_agreement_compares_raters_on_the_texts_they_share() -> None:
    rulings = [Ruling(str(i), "spam", v, r) for r in "ab" for i, v in enumerate("0120")] + [
        Ruling("9", "spam", "1", "a")
    ]
    assert agreement(rulings) == (("spam", "a", "b", 4, 1.0),)


def test_ties_are_not_settled() -> None:
    rulings = [Ruling("1", "spam", "0", "a"), Ruling("1", "spam", "1", "b"), Ruling("2", "spam", "1", "b")]
    assert settled(rulings) == {"2": {"spam": "1"}}


def test_rulings_are_kept_once_and_the_last_counts(tmp_path: Path) -> None:
    with open_decisions(tmp_path, write=True) as connection:
        assert add_rulings(connection, from_label_studio([task()]), time=NOON) == 1
        assert add_rulings(connection, from_label_studio([task()]), time=NOON) == 0
        assert add_rulings(connection, from_label_studio([task("overdue")]), time=NOON) == 1
        assert [(r.value, r.text) for r in read_rulings(connection)] == [("overdue", "催收打电话给单位")]


def test_ruled_texts_become_families_of_their_own() -> None:
    passages = ruled_passages(from_label_studio([task()]))
    assert [(p.family, p.label("topic"), p.label("scope")) for p in passages] == [("ruling/a1", "practice", "")]


def test_a_model_that_loses_half_a_point_is_refused() -> None:
    assert Comparison("topic", 0.90, 0.894).refused
    assert not Comparison("topic", 0.90, 0.896).refused
    assert "lost" in verdict([Comparison("topic", 0.90, 0.80)])
    assert compare([], []) == ()


def test_models_are_versioned_and_rolled_back(tmp_path: Path) -> None:
    packaged = load(PACKAGED)
    assert in_use(tmp_path) == PACKAGED
    first = add(tmp_path, dataclasses.replace(packaged, version=next_version(tmp_path)))
    second = add(tmp_path, dataclasses.replace(packaged, version=next_version(tmp_path)))
    assert first.name < second.name
    assert in_use(tmp_path) == second
    assert rollback(tmp_path) == first
    assert rollback(tmp_path) == PACKAGED
    with pytest.raises(WorkspaceError, match="none before"):
        rollback(tmp_path)


def test_label_commands_import_and_report(tmp_path: Path) -> None:
    export = tmp_path / "export.json"
    export.write_text(json.dumps([task(), task(rater="b@example.com")], ensure_ascii=False), "utf-8")
    runner = CliRunner()
    assert "2 new" in runner.invoke(label_command.command, ["import", str(export)], obj=tmp_path).output
    assert "0 new" in runner.invoke(label_command.command, ["import", str(export)], obj=tmp_path).output
    assert "kappa 1.000" in runner.invoke(label_command.command, ["agreement"], obj=tmp_path).output


def test_train_refuses_a_model_that_got_worse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = compose(480)  # the whole set takes half a minute
    monkeypatch.setattr(train_command, "own_data", lambda: (held_in(), tuple(p for p in fewer if p.held_out)))
    wrong = [{"text": p.text, "topic": "off", "spam": "2"} for p in held_in()]
    (tmp_path / "bad.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in wrong), "utf-8")
    result = CliRunner().invoke(train_command.command, ["--data", str(tmp_path / "bad.jsonl")], obj=tmp_path)
    assert "refused" in str(result.exception)
    assert "lost more than half a point" in result.output
    assert in_use(tmp_path) == PACKAGED


def held_in() -> list[Labelled]:
    return [p for p in compose(480) if not p.held_out]


BAD_LINES = [
    ("", "holds no texts"),
    ("{", "line 1"),
    ('{"text": 1}', 'needs "text"'),
    ('{"text": "文", "topic": "nonsense"}', "no code 'nonsense'"),
]


@pytest.mark.parametrize(("line", "message"), BAD_LINES)
def test_a_data_file_with_an_unknown_label_names_the_line(line: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(line, "utf-8")
    result = CliRunner().invoke(evaluate_command.command, [str(tmp_path / "data.jsonl")], obj=tmp_path)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_evaluate_measures_a_file(tmp_path: Path) -> None:
    rows = [{"text": "网贷逾期三个月，催收天天打电话给父母和单位同事。" * 3, "scope": "core"}]
    (tmp_path / "data.jsonl").write_text(json.dumps(rows[0], ensure_ascii=False), "utf-8")
    result = CliRunner().invoke(evaluate_command.command, [str(tmp_path / "data.jsonl"), "--json"], obj=tmp_path)
    assert json.loads(result.output)[0]["accuracy"] == 1.0


def test_evaluate_groups_by_script_damage_and_unseen_families(tmp_path: Path) -> None:
    trained_on = next(p.family for p in compose(480) if not p.held_out)
    text = "网贷逾期三个月，催收天天打电话给父母和单位同事。" * 3
    rows = [
        {"text": text, "scope": "core", "family": trained_on},
        {"text": "網貸逾期三個月，催收天天打電話給父母和單位同事。" * 3, "scope": "core", "family": "of-another-hand"},
    ]
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    labelled = read_labelled(path)
    assert labelled[1].text == text  # restored: what the corpus would hold
    (report,) = evaluate(load(PACKAGED), labelled)
    groups = {(kind, name) for kind, name, _, _ in report.groups}
    assert {("family", "seen"), ("family", "unseen"), ("script", "simplified")} <= groups
    assert len([name for kind, name in groups if kind == "script"]) == 2
    assert sum(texts for _, texts, _, _ in report.bins) == 2
    assert "right" in table([report])


def test_a_page_that_rules_call_mass_made_and_the_model_honest_is_disputed(tmp_path: Path) -> None:
    flagged = Label("flag:spun", "yes", 1.0, "rules/2", evidence=((0, 2),))
    honest = Label("spam", "0", 0.99, "ridge/1")
    with open_corpus(tmp_path, write=True) as corpus, transaction(corpus):
        put_outcomes(corpus, [dataclasses.replace(document(), labels=(honest, flagged))], "test")
    with open_corpus(tmp_path) as corpus:
        assert [c.disputed for c in candidates(corpus, ())] == [True]


def test_saving_leaves_no_half_file(tmp_path: Path) -> None:
    save(load(PACKAGED), tmp_path / "models" / "m.npz")
    assert [p.name for p in (tmp_path / "models").iterdir()] == ["m.npz"]

"""Rounds, Label Studio exports, agreement, and rulings that training uses."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from classify.commands import label as label_command
from classify.label_store import add_rulings, candidates, read_rulings
from classify.rulings import (
    SECONDARY,
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
from corpus.decisions import open_decisions
from corpus.errors import InputError
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
    assert label_config().count("<Choice ") == 3 + 12 + 12 + 9 + 11 + 3  # topics twice: the primary and further ones


def annotated(*results: object, by: object = "a") -> list[object]:
    return [{"data": {"id": "a1"}, "annotations": [{"completed_by": by, "result": list(results)}]}]


def result(scheme: object, *choices: object) -> dict[str, object]:
    return {"from_name": scheme, "to_name": "text", "type": "choices", "value": {"choices": list(choices)}}


def test_further_topics_are_kept_apart_from_the_primary_one() -> None:
    found = from_label_studio(annotated(result("topic", "practice"), result(SECONDARY, "law", "credit")))
    assert [(r.scheme, r.value) for r in found] == [("topic", "practice"), (SECONDARY, "credit,law")]
    assert settled(found) == {"a1": {"topic": "practice"}}


MALFORMED = [
    ("two primary topics", annotated(result("topic", "practice", "law")), "2 answers"),
    ("two results for one question", annotated(result("spam", "0"), result("spam", "2")), "2 answers"),
    ("annotations no list", [{"data": {"id": "1"}, "annotations": {"result": []}}], "no list of objects"),
    ("annotation no object", [{"data": {"id": "1"}, "annotations": ["x"]}], "no list of objects"),
    ("result no list", [{"data": {"id": "1"}, "annotations": [{"result": "x"}]}], "no list of objects"),
    ("result no object", annotated("x"), "no list of objects"),
    ("value no object", annotated({"from_name": "topic", "value": "law"}), "no list of"),
    ("choices no list", annotated({"from_name": "topic", "value": {"choices": "law"}}), "no list of"),
    ("choice no text", annotated(result("topic", ["law"])), "no list of"),
    ("scheme no text", annotated(result(["topic"], "law")), "no list of"),
    ("unknown further topic", annotated(result(SECONDARY, "nonsense")), "no code"),
]


@pytest.mark.parametrize(("name", "tasks", "message"), MALFORMED, ids=[row[0] for row in MALFORMED])
def test_a_malformed_task_is_named(name: str, tasks: object, message: str) -> None:
    with pytest.raises(InputError, match=f"Task 1.*{message}"):
        from_label_studio(tasks)


@pytest.mark.parametrize("by", [None, "", {}, {"email": None, "id": None}])
def test_a_rater_without_a_name_is_unknown(by: object) -> None:
    assert [r.rater for r in from_label_studio(annotated(result("spam", "0"), by=by))] == ["unknown"]


def test_a_round_has_one_article_of_a_template() -> None:
    made = [dataclasses.replace(candidate(name, 0.5, 9), template="t") for name in "abc"]
    assert [c.id for c in choose([*made, candidate("z", 0.1)], 3)] == ["a", "z"]


def test_predictions_name_the_model_that_made_them() -> None:
    (task,) = to_label_studio([dataclasses.replace(candidate("a1", 0.5), model="ridge/4.1+002")])
    assert [each["model_version"] for each in task["predictions"]] == ["ridge/4.1+002"]  # type: ignore[attr-defined]


def test_an_article_reaches_its_template_until_one_of_it_is_ruled_on(tmp_path: Path) -> None:
    answered = Label("topic", "practice", 0.6, "ridge/4.1+002")
    made = [dataclasses.replace(document(f"http://{n}.example/", f"{n}" * 30), labels=(answered,)) for n in "一二三"]
    with open_corpus(tmp_path, write=True) as corpus, transaction(corpus):
        put_outcomes(corpus, made, "test")
        corpus.execute("UPDATE articles SET template_id = 't', cluster_id = ''")
    with open_corpus(tmp_path) as corpus:
        found = candidates(corpus, ())
        assert [(c.reach, c.model, c.template) for c in found] == [(3, "ridge/4.1+002", "t")] * 3
        assert [c.reach for c in candidates(corpus, [Ruling(found[0].id, "spam", "0", "a")])] == [1, 1]


def test_an_export_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text("\ufeff" + json.dumps([task()]), "utf-8")
    runner = CliRunner().invoke(label_command.command, ["import", str(tmp_path / "export.json")], obj=tmp_path)
    assert "1 new" in runner.output


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


def test_label_commands_import_and_report(tmp_path: Path) -> None:
    export = tmp_path / "export.json"
    export.write_text(json.dumps([task(), task(rater="b@example.com")], ensure_ascii=False), "utf-8")
    runner = CliRunner()
    assert "2 new" in runner.invoke(label_command.command, ["import", str(export)], obj=tmp_path).output
    assert "0 new" in runner.invoke(label_command.command, ["import", str(export)], obj=tmp_path).output
    assert "kappa 1.000" in runner.invoke(label_command.command, ["agreement"], obj=tmp_path).output


def test_a_page_that_rules_call_mass_made_and_the_model_honest_is_disputed(tmp_path: Path) -> None:
    flagged = Label("flag:spun", "yes", 1.0, "rules/2", evidence=((0, 2),))
    honest = Label("spam", "0", 0.99, "ridge/1")
    with open_corpus(tmp_path, write=True) as corpus, transaction(corpus):
        put_outcomes(corpus, [dataclasses.replace(document(), labels=(honest, flagged))], "test")
    with open_corpus(tmp_path) as corpus:
        assert [c.disputed for c in candidates(corpus, ())] == [True]

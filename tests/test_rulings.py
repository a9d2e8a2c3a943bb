"""Rounds, Label Studio exports, agreement, and rulings that training uses."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from classify import codebook, versions
from classify.annotators import label_passage
from classify.commands import evaluate as evaluate_command
from classify.commands import label as label_command
from classify.commands import train as train_command
from classify.evaluate import CodeScore, SchemeReport, answer, evaluate, table
from classify.features import Passage
from classify.forms import FORMS, copies_of
from classify.gate import Comparison, compare, verdict
from classify.label_store import add_rulings, candidates, read_rulings
from classify.labelled_file import KEYS, read_labelled
from classify.model_file import PACKAGED, load, save
from classify.passages import Labelled, compose
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
from classify.versions import add, in_use, next_version, rollback
from corpus.decisions import open_decisions
from corpus.errors import InputError, ModelError, WorkspaceError
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


GATE = [
    ("lost, and surely", 0.90, 0.894, (-0.010, -0.001), True),
    ("lost, within chance", 0.90, 0.890, (-0.025, 0.001), False),
    ("surely, but less than half a point", 0.90, 0.896, (-0.006, -0.001), False),
    ("better", 0.90, 0.91, (0.002, 0.02), False),
]


@pytest.mark.parametrize(("name", "present", "new", "interval", "refused"), GATE, ids=[row[0] for row in GATE])
def test_refused_is_half_a_point_lost_beyond_chance(
    name: str, present: float, new: float, interval: tuple[float, float], refused: bool
) -> None:
    compared = Comparison("topic", present, new, interval)
    assert compared.refused is refused
    assert ("lost more than half a point" in verdict([compared])) is refused


def test_models_are_compared_on_the_same_passages_only() -> None:
    few = [p for p in compose(480) if p.held_out][:4]
    with pytest.raises(ValueError, match="same passages"):
        compare(answer(load(PACKAGED), few), answer(load(PACKAGED), few[1:]))


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


def test_a_model_rolled_back_never_comes_back(tmp_path: Path, small: Path) -> None:
    def put_to_use() -> Path:
        return add(tmp_path, dataclasses.replace(load(small), version=next_version(tmp_path)))

    first, discarded = put_to_use(), put_to_use()
    assert rollback(tmp_path) == first
    third = put_to_use()
    assert third.name != discarded.name
    assert rollback(tmp_path) == first


def test_rollback_passes_over_models_that_are_gone(tmp_path: Path, small: Path) -> None:
    paths = [add(tmp_path, dataclasses.replace(load(small), version=next_version(tmp_path))) for _ in range(3)]
    paths[1].unlink()
    paths[2].unlink()
    with pytest.raises(WorkspaceError, match="rollback"):
        in_use(tmp_path)
    assert rollback(tmp_path) == paths[0]


def test_label_commands_import_and_report(tmp_path: Path) -> None:
    export = tmp_path / "export.json"
    export.write_text(json.dumps([task(), task(rater="b@example.com")], ensure_ascii=False), "utf-8")
    runner = CliRunner()
    assert "2 new" in runner.invoke(label_command.command, ["import", str(export)], obj=tmp_path).output
    assert "0 new" in runner.invoke(label_command.command, ["import", str(export)], obj=tmp_path).output
    assert "kappa 1.000" in runner.invoke(label_command.command, ["agreement"], obj=tmp_path).output


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of few passages, which stands for the packaged one: fitting them takes seconds."""
    path = tmp_path_factory.mktemp("small") / "model.npz"
    save(train_command._fit(held_in(), version="9"), path)
    return path


@pytest.fixture
def trained(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[Labelled]], Result]:
    """Run `cuishou train --data` with passages, beside few passages of our own."""
    held_out = tuple(p for p in compose(480) if p.held_out)
    for module in (train_command, versions):
        monkeypatch.setattr(module, "PACKAGED", small)
    monkeypatch.setattr(train_command, "own_data", lambda: (held_in(), held_out))

    def train(passages: Sequence[Labelled]) -> Result:
        rows = [{"text": p.text, "title": p.title, "family": p.family, "labels": dict(p.labels)} for p in passages]
        (tmp_path / "more.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
        return CliRunner().invoke(train_command.command, ["--data", str(tmp_path / "more.jsonl")], obj=tmp_path)

    return train


def held_in() -> list[Labelled]:
    return [p for p in compose(480) if not p.held_out][::3]


def few_true() -> list[Labelled]:
    return [p for p in compose(480) if not p.held_out][1::90]


def test_train_refuses_a_poisoned_set(
    trained: Callable[[Sequence[Labelled]], Result], tmp_path: Path, small: Path
) -> None:
    poison = (("spam", "2"), ("topic", "off"))
    result = trained([dataclasses.replace(p, labels=poison, family=f"poison/{p.id}") for p in held_in()])
    assert "refused" in str(result.exception)
    assert "lost more than half a point" in result.output
    assert in_use(tmp_path) == small


def test_train_takes_a_refit_with_a_few_true_rulings(
    trained: Callable[[Sequence[Labelled]], Result], tmp_path: Path
) -> None:
    result = trained(few_true())
    assert result.exception is None, result.output
    assert in_use(tmp_path).name == "9+001.npz"
    assert set(load(in_use(tmp_path)).card["scores"]) == {"scope", "topic", "genre", "intent", "spam"}  # type: ignore[call-overload]


def test_the_packaged_model_can_be_checked_against_its_training(
    trained: Callable[[Sequence[Labelled]], Result], tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = CliRunner().invoke(train_command.command, ["--check"], obj=tmp_path)
    assert "bit by bit" in said.output
    other = dataclasses.replace(load(small), bias=load(small).bias + np.float32(1))
    save(other, tmp_path / "other.npz")
    monkeypatch.setattr(train_command, "PACKAGED", tmp_path / "other.npz")
    failed = CliRunner().invoke(train_command.command, ["--check"], obj=tmp_path)
    assert isinstance(failed.exception, ModelError)


def test_a_present_model_that_cannot_be_read_does_not_stop_training(
    trained: Callable[[Sequence[Labelled]], Result], tmp_path: Path, small: Path
) -> None:
    path = add(tmp_path, dataclasses.replace(load(small), version="9+001"))
    path.write_bytes(b"of another version")
    result = trained(few_true())
    assert result.exception is None, result.output
    assert "not compared" in result.output
    assert in_use(tmp_path).name == "9+002.npz"


BAD_LINES = [
    ("", "holds no texts"),
    ("{", "line 1"),
    ('{"text": 1}', 'needs "text"'),
    ('{"text": "文", "labels": {"toppic": "off"}}', "no scheme 'toppic': is 'topic' meant?"),
    ('{"text": "文", "labels": 3}', "no object"),
    ("[" * 100_000, "not JSON"),
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


def test_commands_md_names_every_key_of_reports_and_files() -> None:
    page = (Path(__file__).parent.parent / "docs" / "commands.md").read_text("utf-8")
    section = page.partition("## Labelled texts")[2].partition("\n## ")[0]
    names = [field.name for kind in (SchemeReport, CodeScore) for field in dataclasses.fields(kind)]
    assert [name for name in (*names, *KEYS) if not re.search(rf"\b{name}\b", section)] == []


def test_evaluate_groups_by_script_damage_and_unseen_families(tmp_path: Path) -> None:
    trained_on = next(p.family for p in compose(480) if not p.held_out)
    text = OVERDUE
    rows = [
        {"text": text, "scope": "core", "family": trained_on},
        {"text": "網貸逾期三個月，催收天天打電話給父母和單位同事。" * 3, "scope": "core", "family": "of-another-hand"},
    ]
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    labelled = read_labelled(path, pytest.fail)
    assert labelled[1].text == text  # restored: what the corpus would hold
    (report,) = evaluate(load(PACKAGED), labelled)
    groups = {(kind, name) for kind, name, _, _ in report.groups}
    assert {("family", "seen"), ("family", "unseen"), ("script", "simplified")} <= groups
    assert len([name for kind, name in groups if kind == "script"]) == 2
    assert sum(texts for _, texts, _, _ in report.bins) == 2
    assert "right" in table([report])


OVERDUE = "网贷逾期三个月，催收天天打电话给父母和单位同事。" * 3
SHORT = ["", "债", "overdue loan, please call me back", "网贷逾期", "网贷逾期怎么协商", OVERDUE]


@pytest.mark.parametrize("text", SHORT)
def test_what_is_measured_is_what_labels_say(text: str) -> None:
    model = load(PACKAGED)
    given = {x.scheme: x.value for x in label_passage(Passage("", text), model) if x.rank == 1}
    codes = tuple((scheme, codebook.values(scheme)[0]) for scheme in model.schemes)
    for each in answer(model, [Labelled("a", "", "", text, codes)]):
        assert (*each.codes, "unsure")[each.best[0]] == given[each.scheme]


def test_texts_too_short_to_be_answered_do_not_count_as_confidence() -> None:
    (report,) = evaluate(load(PACKAGED), [Labelled("a", "", "", "", (("scope", "core"),))])
    assert (report.unsure, report.calibration_error, report.bins) == (1, 0.0, ())


def test_the_confusion_is_complete_and_codes_have_intervals() -> None:
    held_out = [p for p in compose(480) if p.held_out][:60]
    for report in evaluate(load(PACKAGED), held_out):
        assert sum(count for _, _, count in report.confusion) == 60
        assert sum(count for gold, said, count in report.confusion if gold == said) == round(report.accuracy * 60)
        for code in report.codes:
            assert code.f1_interval[0] <= code.f1 <= code.f1_interval[1]
            assert code.precision_interval[0] <= code.precision <= code.precision_interval[1]
    assert "is answered" in table([report])


def test_damaged_copies_are_groups_of_form_and_script() -> None:
    few = [dataclasses.replace(p, script="simplified") for p in compose(480) if p.held_out][:2]
    report = evaluate(load(PACKAGED), few, copies_of(few))[0]
    groups = {(kind, name): texts for kind, name, _, texts in report.groups}
    assert {name for kind, name in groups if kind == "form"} == {"clean", *FORMS}
    assert len([name for kind, name in groups if kind == "script"]) > 1
    assert groups[("script", "simplified")] > 2
    assert report.texts == 2  # copies count in their groups only


def test_keys_that_are_not_read_are_named_once(tmp_path: Path) -> None:
    row = {"text": OVERDUE, "toppic": "off", "scope": "core"}
    (tmp_path / "data.jsonl").write_text("\ufeff" + "\n".join([json.dumps(row)] * 2), "utf-8")
    said: list[str] = []
    assert len(read_labelled(tmp_path / "data.jsonl", said.append)) == 2
    assert said == ["data.jsonl: the key 'toppic' of 2 records is not read: is 'topic' meant?"]


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

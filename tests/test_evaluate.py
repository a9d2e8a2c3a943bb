"""Measuring: what is decided as labels are, whole confusion, groups, and files of labelled texts."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from classify import codebook
from classify.annotators import label_passage
from classify.commands import evaluate as evaluate_command
from classify.evaluate import CodeScore, SchemeReport, answer, evaluate, table
from classify.features import Passage
from classify.forms import FORMS, copies_of
from classify.labelled_file import KEYS, read_labelled
from classify.model_file import PACKAGED, load
from classify.passages import Labelled, compose
from corpus.errors import InputError

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

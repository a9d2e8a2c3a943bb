"""The codebook is complete, consistent with what models and rules answer, and with the page in docs."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from classify import codebook
from classify.model_file import current
from corpus.errors import ModelError

DOCS = Path(__file__).parent.parent / "docs" / "codebook.md"


def test_every_code_has_names_definitions_and_an_example_in_both_languages() -> None:
    for code in codebook.codes():
        assert code.name_en
        assert code.definition_en
        for chinese in (code.name_zh, code.definition_zh, code.example):
            assert any("\u4e00" <= c <= "\u9fff" for c in chinese) or code.scheme == "flag:model-residue", code


def test_every_code_has_every_field() -> None:
    for code in codebook.codes():
        empty = {field.name for field in fields(code) if not getattr(code, field.name).strip()}
        assert empty == (set() if code.scheme == "subtopic" else {"parent"}), code


def test_every_boundary_is_told_in_both_languages() -> None:
    for code in codebook.codes():
        assert code.boundary_en.isprintable()
        assert code.boundary_en[-1] == "."
        assert code.boundary_zh[-1] == "。"
        assert "\u4e00" <= max(code.boundary_zh) <= "\uffff"


def test_since_is_the_latest_version_that_the_boundary_names() -> None:
    for code in codebook.codes():
        for said in (r"\(since (\d+)\)", r"（自第(\d+)版）"):
            named = re.findall(said, code.boundary_en + code.boundary_zh)
            assert code.since == max(named, key=int, default="1"), code
        assert int(code.since) <= int(codebook.VERSION)


@pytest.mark.parametrize("columns", [codebook.FIELDS - 1, codebook.FIELDS + 1])
def test_a_line_of_another_width_is_refused(columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "codebook.tsv"
    path.write_text("\t".join("x" * columns) + "\n", "utf-8")
    monkeypatch.setattr(codebook, "SOURCE", path)
    with pytest.raises(ModelError, match=f"without {codebook.FIELDS} fields"):
        codebook.codes.__wrapped__()


def test_the_second_level_hangs_under_a_topic() -> None:
    for code in codebook.codes():
        if code.scheme == "subtopic":
            assert code.parent in codebook.values("topic")
            assert code.value.startswith(code.parent + ".")


def test_every_topic_has_a_second_level() -> None:
    parents = {code.parent for code in codebook.codes() if code.scheme == "subtopic"}
    assert parents == set(codebook.values("topic"))


def test_unsure_is_no_code() -> None:
    assert all(code.value != codebook.UNSURE for code in codebook.codes())


@pytest.mark.parametrize("scheme", codebook.MODEL_SCHEMES)
def test_the_model_answers_with_the_codes_of_the_codebook(scheme: str) -> None:
    model = current()
    assert model.codes[model.schemes.index(scheme)] == codebook.values(scheme)


def test_the_page_in_docs_is_the_codebook() -> None:
    assert DOCS.read_text("utf-8") == codebook.markdown(), "run: python -m classify.codebook > docs/codebook.md"


def test_what_does_not_exist_is_found_nowhere() -> None:
    assert codebook.find("topic", "unsure") is None
    assert codebook.values("nothing") == ()

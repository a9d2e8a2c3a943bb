"""The lexicon of the field: every line is sound, and forms find each other the way they should."""

from __future__ import annotations

from importlib.resources import files

import pytest

from corpus.segment import fold, runs
from corpus.synonyms import KINDS, forms_of, key, table


def test_every_line_of_the_lexicon_is_sound() -> None:
    lines = files("corpus").joinpath("synonyms.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    terms = {row[0] for row in rows if row[2] == "term"}
    assert all(len(row) == 5 for row in rows)
    assert {row[2] for row in rows} <= {"term", *KINDS}
    assert all(row[0] in terms for row in rows)
    assert all(row[0] == row[1] for row in rows if row[2] == "term")
    assert all(row[3] == "" or (row[3].isascii() and row[3].isalpha() and row[3].islower()) for row in rows)
    assert all(len(runs(row[1])[-1]) > 0 for row in rows)
    assert len({(row[0], key(row[1])) for row in rows}) == len(
        {(row[0], row[1]) for row in rows} - same_when_folded(rows)
    )


def same_when_folded(rows: list[list[str]]) -> set[tuple[str, str]]:
    """Return the forms that search holds equal to an earlier one of the same term."""
    seen: set[tuple[str, str]] = set()
    repeated = set()
    for row in rows:
        if (row[0], key(row[1])) in seen:
            repeated.add((row[0], row[1]))
        seen.add((row[0], key(row[1])))
    return repeated


@pytest.mark.parametrize(
    ("word", "other", "kind"),
    [
        pytest.param("爆通讯录", "联系第三人", "synonym", id="synonym"),
        pytest.param("联系第三人", "爆通讯录", "synonym", id="and-back"),
        pytest.param("爆通訊錄", "联系第三人", "synonym", id="traditional"),
        pytest.param("借款人", "告贷人", "spun", id="spun"),
        pytest.param("cuishou", "催收", "pinyin", id="pinyin"),
        pytest.param("CuiShou", "催收", "pinyin", id="pinyin-in-capitals"),
        pytest.param("cui shou", "催收", "pinyin", id="pinyin-with-a-space"),
        pytest.param("老赖", "失信被执行人", "synonym", id="in-two-groups"),
    ],
)
def test_forms_find_each_other(word: str, other: str, kind: str) -> None:
    assert (other, kind) in [(form.text, form.kind) for form in forms_of(word)]


def test_spun_forms_are_found_but_not_sought_from() -> None:
    assert forms_of("告贷人") == ()


@pytest.mark.parametrize("word", ["", "，", "没有的词", "x" * 100_000], ids=["empty", "signs", "unknown", "long"])
def test_unknown_words_have_no_other_forms(word: str) -> None:
    assert forms_of(word) == ()


def test_no_word_is_its_own_synonym_and_none_is_given_twice() -> None:
    for word, forms in table().items():
        found = [key(form.text) for form in forms_of(word)]
        assert word not in found
        assert len(found) == len(set(found))
        assert fold(word) == word
        assert forms

"""Hits are mapped back through edits, cut out, and set off without trusting the page."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.segment import fold
from corpus.snippets import (
    CLOSE,
    MAX_HITS,
    OPEN,
    Snippet,
    fragments,
    mark_up,
    needle_of,
    pattern_of,
    published_spans,
    render,
    spans,
    to_html,
    zh_snippet,
)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str, list[tuple[int, int, int, int]]]:
    """A text as published, its clean text and the edits between them."""
    published, clean, edits = "", "", []
    for before, after in draw(st.lists(st.tuples(st.text("ab(é)", max_size=4), st.text("ab", max_size=3)), max_size=8)):
        kept = draw(st.text("xyz", max_size=3))
        published, clean = published + kept, clean + kept
        if before != after:
            edits.append((len(published), len(published) + len(before), len(clean), len(clean) + len(after)))
            published, clean = published + before, clean + after
    return published, clean, edits


@given(edited(), st.data())
def test_characters_outside_edits_map_to_themselves(texts: tuple, data: st.DataObject) -> None:  # type: ignore[type-arg]
    published, clean, edits = texts
    if not clean:
        return
    start = data.draw(st.integers(0, len(clean) - 1))
    end = data.draw(st.integers(start + 1, len(clean)))
    places = published_spans([(start, end)], edits)
    for left, right in places:
        assert 0 <= left <= right <= len(published)
    if not any((a < end and b > start) or start < a < end for _, _, a, b in edits):
        assert [published[a:b] for a, b in places] == [clean[start:end]]


def test_a_script_conversion_maps_character_by_character() -> None:
    assert published_spans([(1, 3)], [(0, 4, 0, 4)]) == ((1, 3),)


def test_an_edit_of_another_length_is_marked_whole() -> None:
    assert published_spans([(2, 4)], [(1, 6, 1, 3)]) == ((1, 7),)


@given(st.text(alphabet="催收律师，x", min_size=1, max_size=400), st.lists(st.integers(0, 398), max_size=20))
def test_fragments_hold_their_marks_within_the_text(text: str, places: list[int]) -> None:
    marks = [(p, p + 1) for p in sorted(set(places)) if p < len(text)]
    found = fragments("text", text, marks)
    assert 1 <= len(found) <= 2
    for snippet in found:
        assert snippet.text == text[snippet.start : snippet.start + len(snippet.text)]
        assert all(0 <= a < b <= len(snippet.text) for a, b in snippet.marks)
    if marks:
        assert any(snippet.marks for snippet in found)


def test_hits_of_one_text_are_bounded() -> None:
    assert len(spans("催收" * 10_000, pattern_of([needle_of("催收")]))) == MAX_HITS


HOSTILE = [
    "<script>alert(1)</script>催收",
    "<mark>催收</mark>",
    f"{OPEN}<b>{CLOSE}催收",
    "&lt;b&gt;催收",
    '" onmouseover="x" 催收',
    "\x1b[31m催收\x07",
    "\u202e催收\u2066",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_html_of_a_snippet_holds_no_tag_but_ours(text: str) -> None:
    marks = spans(fold(text), pattern_of([needle_of("催收")]))
    shown = to_html(Snippet("text", text, marks))
    assert set(re.findall("<[^>]*>", shown)) <= {"<mark>", "</mark>"}
    assert shown.count("<mark>") == len(marks)
    by_sql = mark_up(html.escape(zh_snippet(text, "催收")))
    assert set(re.findall("<[^>]*>", by_sql)) <= {"<mark>", "</mark>"}
    assert by_sql.count("<mark>") == len(marks)


@pytest.mark.parametrize("text", HOSTILE)
def test_fragments_hold_no_control_characters(text: str) -> None:
    for snippet in fragments("text", text, ()):
        assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", snippet.text)


@given(st.text(max_size=200), st.text(max_size=40))
def test_zh_snippet_never_fails(text: str, query: str) -> None:
    zh_snippet(text, query)


def test_render_marks_hits_and_holes_in_order() -> None:
    snippet = Snippet("text", "某催收阶段", ((1, 3),), ((3, "电话"),), cut_after=True)
    assert render(snippet, "[", "]") == "某[催收]〔电话〕阶段…"

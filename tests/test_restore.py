"""The promises of restoration as a whole: reversible, idempotent, total, and true on the pages it was made for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.restore import restore
from corpus.restore.draft import undone

# Pieces of every kind of damage, and of text that only looks like it; hypothesis strings them together.
PIECES = (
    "網(wǎng)", "會(huì )", "貸款", "贷款", "們?cè)讷@得", "淡?。翰糠纸杩钊藢?duì)", "?", "?。", "(", ")", "(cè)", "?duì)",
    "著", "著名", "隨著", "乾隆", "乾", "于", "於", "\u200b", "\ufeff", "&amp;amp;lt;", "&nbsp;", "&#x4e00;", "１２Ａ", "，", ",",
    "\n", " ", "\u3000", "问", "问题", "催*收", "cui收", "崔收", "薇❤信", "锟斤拷", "????", "\ue5e5", "😀", "\ud800", "a", "1", "饕(tāo)餮(tiè)",
    "浣犲ソ", "ä½ å¥½", "网页33", "通过 联系", "➕V", "亻昔款", "“", "”", "：",
)  # fmt: skip
damaged = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)


@given(st.text() | damaged)
@settings(max_examples=400, deadline=None)
def test_undoing_all_edits_gives_the_original(text: str) -> None:
    clean = restore(text)
    assert undone(clean.text, clean.edits) == text


@given(st.text() | damaged)
@settings(max_examples=400, deadline=None)
def test_restoring_twice_changes_nothing_more(text: str) -> None:
    once = restore(text).text
    assert restore(once).text == once


@given(damaged)
@settings(max_examples=200, deadline=None)
def test_edits_are_ordered_and_tell_both_texts(text: str) -> None:
    clean = restore(text, field="title")
    end = clean_end = 0
    for edit in clean.edits:
        assert edit.start >= end
        assert edit.clean_start >= clean_end
        assert edit.start - end == edit.clean_start - clean_end
        assert text[edit.start : edit.end] == edit.before
        assert clean.text[edit.clean_start : edit.clean_end] == edit.after
        assert edit.before != edit.after
        assert edit.field == "title"
        assert 0 < edit.confidence <= 1
        end, clean_end = edit.end, edit.clean_end


# Digests: the pages and their text stay out of the project. Each was read against the page, character by character.
SEEDS = {
    "000_20ebcf89d378ea8d.txt": "c8316ec78912fdff58f1cc4fa95f050ee083b8fa942209773e55e05b1f048925",
    "004_36543570d1c18c37.txt": "845afcda161395a6c870fd007316e1d9b985081c32d3618411df7455100456d5",
}


@pytest.mark.shared
@pytest.mark.parametrize("name", SEEDS)
def test_real_page_is_restored_without_a_wrong_character(shared: Path, name: str) -> None:
    clean = restore((shared / "seeds" / name).read_text("utf-8"))
    assert clean.script == "machine-traditional"
    assert "?" not in clean.text
    assert hashlib.sha256(clean.text.encode()).hexdigest() == SEEDS[name]


# name: damaged, restored
EXAMPLES = {
    "annotations": ("在當(dāng)今社會(huì ),網(wǎng)貸行業(yè)", "在当今社会,网贷行业"),
    "annotation straddle": ("有的人說他們?cè)讷@得貸款之后", "有的人说他们在获得贷款之后"),
    "punctuation straddle": ("法律意識(shí)淡?。翰糠纸杩钊藢?duì)信用,", "法律意识淡薄：部分借款人对信用,"),
    "著 in 隨著 and 著名": ("隨著著名企業(yè)的發(fā)展", "随着著名企业的发展"),
    "genuine annotation stays": ("饕(tāo)餮(tiè)是传说中的怪兽，音同涛(tāo)帖(tiè)", None),
    "real question mark stays": ("真的吗?。是的", None),
    "full-width letters and digits": ("贷款１２万，ＡＰＰ", "贷款12万，APP"),
    "zero-width": ("催\u200b收", "催收"),
    "native Traditional": ("聯繫我們，於是在網路裡", "联系我们，于是在网路里"),
}


@pytest.mark.parametrize(("published", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_example(published: str, expected: str | None) -> None:
    assert restore(published).text == (published if expected is None else expected)

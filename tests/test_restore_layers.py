"""Each layer of restoration by itself: rules, examples and what must be left alone."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import damage
from corpus.restore import gbk, restore
from corpus.restore.beam import UNSCORED, symbol_of, words_of
from corpus.restore.characters import readings
from corpus.restore.continuations import after_open, eaten_style
from corpus.restore.draft import Change, Draft, undone
from corpus.restore.evasions import variants
from corpus.restore.holes import find_holes, with_suggestions
from corpus.restore.language import language_model
from corpus.restore.rules import FINDINGS, RULES
from corpus.restore.script import simplified_text

FIXTURES = Path(__file__).parent / "fixtures" / "restore"

EXAMPLES = [(rule.name, before, after) for rule in RULES for before, after in rule.examples]
KEPT = [(rule.name, text) for rule in RULES for text in rule.counter_examples]


@pytest.mark.parametrize(
    ("rule", "before", "after"), EXAMPLES, ids=[f"{r}-{i}" for i, (r, _, _) in enumerate(EXAMPLES)]
)
def test_rule_does_what_its_example_says(rule: str, before: str, after: str) -> None:
    clean = restore(before)
    assert clean.text == after
    assert rule in {edit.rule for edit in clean.edits}


@pytest.mark.parametrize(("rule", "text"), KEPT, ids=[f"{r}-{i}" for i, (r, _) in enumerate(KEPT)])
def test_counter_example_stays(rule: str, text: str) -> None:
    assert restore(text).text == text


# --- edits -----------------------------------------------------------------------------------------------------------

changes = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), st.text("xyz", max_size=3)), max_size=4)


@given(st.text("abcdef", max_size=20), st.lists(changes, max_size=4))
@settings(max_examples=300, deadline=None)
def test_layers_compose_into_edits_that_undo(text: str, layers: list[list[tuple[int, int, str]]]) -> None:
    draft = Draft(text, text)
    for layer in layers:
        position = 0
        made = []
        for skip, length, after in layer:
            start = position + skip
            end = start + length
            if end > len(draft.text) or length == 0:
                break
            made.append(Change(start, end, after, "rule"))
            position = end
        draft = draft.apply(made)
        assert undone(draft.text, draft.edits("text")) == text


def test_script_edit_is_cut_at_a_removed_annotation() -> None:
    edits = restore("學校網(wǎng)貸業(yè)務發(fā)展").edits
    assert [(edit.before, edit.after, edit.rule) for edit in edits[:3]] == [
        ("學", "学", "script"),
        ("網", "网", "script"),
        ("(wǎng)", "", "annotation"),
    ]


# --- annotations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("character", "reading"), [("們", "men"), ("個", "ge"), ("跡", "jì"), ("臟", "zàng"), ("髒", "zāng")]
)
def test_readings_include_neutral_tones_and_those_of_the_simplified_form(character: str, reading: str) -> None:
    assert reading in readings(character)


GENUINE = """饕(tāo)餮(tiè)是传说中的怪兽。
“龟”字在“龟裂”里读龟(jūn)裂，不读龟(guī)裂。
甪(lù)直是苏州的一座古镇，亳(bó)州在安徽。
他姓仉(zhǎng)，这个姓很少见；也有人姓乜(niè)。
小朋友，跟我读：天(tiān)地(dì)人(rén)。
“圩”读圩(wéi)时指堤，读圩(xū)时指集市。
龢(hé)是和的异体字，囍(xǐ)是喜的变形。
魑(chī)魅(mèi)魍(wǎng)魉(liǎng)四个字都和鬼有关。
耄(mào)耋(dié)之年的老人坐在门口晒太阳。
这种鱼叫鮟(ān)鱇(kāng)，生活在深海。
""".splitlines()


@pytest.mark.parametrize("line", [*GENUINE, "\n".join(GENUINE)])
def test_genuine_annotation_of_simplified_prose_stays(line: str) -> None:
    assert restore(line).text.count("(") == line.count("(")


@pytest.mark.parametrize("density", [1.0, 0.3, 0.02])
def test_annotations_go_at_every_density(density: float) -> None:
    table = damage.table_of(density, Random(7))
    text = damage.convert_by_character(PROSE)
    shown = "".join(c + f"({damage.reading(c)})" if c in table else c for c in text)
    assert restore(shown).text == PROSE


PROSE = """借款人发现账单上的数字不对，便给银行写了一封信，要求说明利息是怎样计算的。
银行的职员经过核实，承认系统里有错误，并且答应在三个工作日之内把多收的费用退还给他。
这件事让他明白，签订合同的时候必须仔细阅读每一项条款，尤其是关于罚息和违约责任的规定。
"""


# --- straddles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("private_use", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_lines_whose_bytes_decide_come_back_exactly(seed: int, private_use: bool) -> None:
    table = damage.table_of(0.5, Random(seed))
    for line in PROSE.splitlines():
        shown = damage.annotate(damage.convert_by_character(line) + "\n", table, private_use=private_use)
        if not shown.lost:
            assert restore(shown.text).text == line + "\n"


def test_guess_is_marked_uncertain() -> None:
    # 俊 or 健: a name's lost byte cannot be known.
    clean = restore("主  席：孫?。ㄖ袊?Ｑ蟠髮W經濟學院）\n對這個問題發表了看法")
    guesses = [edit for edit in clean.edits if edit.rule == "punctuation-straddle"]
    assert all(edit.confidence < 0.9 for edit in guesses)


def test_private_use_characters_of_code_page_936_lead_back_to_their_bytes() -> None:
    assert gbk.byte_pairs()["\ue000"] == b"\xaa\xa1"
    assert gbk.byte_pairs()["\ue233"] == b"\xaf\xfe"
    assert gbk.byte_pairs()["\ue234"] == b"\xf8\xa1"
    assert gbk.byte_pairs()["\ue4c6"] == b"\xa1\x40"


def test_a_page_of_question_marks_takes_bounded_time() -> None:
    assert restore("貸?duì)" * 2000 + "?。" * 2000).text


# --- script ----------------------------------------------------------------------------------------------------------

WRITTEN = (FIXTURES / "native_traditional.txt").read_text("utf-8").splitlines()
PAGES = ["\n".join(WRITTEN[(i + step) % len(WRITTEN)] for step in (0, 1, 17, 33)) for i in range(len(WRITTEN))]


def test_native_traditional_is_never_called_damaged() -> None:
    assert {restore(page).script for page in PAGES} == {"traditional"}


def test_machine_traditional_is_recognised() -> None:
    scripts = [restore(damage.convert_by_character(simplified_text(page, traditional=True))).script for page in PAGES]
    assert scripts.count("machine-traditional") / len(scripts) >= 0.97


@pytest.mark.parametrize(
    "simplified",
    ["杰克在土著人的照料下康复", "赵甲著的《借贷史》", "理论巨著问世", "他看着名单，倚着书架", "等待着你们"],
    ids=["word", "frame of an author", "great work", "same letters by chance", "particle"],
)
def test_zhu_returns_as_the_word_or_the_particle_it_was(simplified: str) -> None:
    assert simplified_text(damage.convert_by_character(simplified), traditional=True) == simplified


def test_a_title_takes_the_script_of_its_page() -> None:
    page = restore(damage.convert_by_character("网贷之后的关系与范围，里面的问题在于系统"))
    assert page.script == "machine-traditional"
    assert restore("網貸資訊", field="title", context=page).script == "machine-traditional"
    assert restore("網貸資訊", field="title").script == "traditional"


def test_a_title_on_a_machine_made_page_loses_its_one_note() -> None:
    page = restore(damage.convert_by_character("网贷之后的关系与范围，里面的问题在于系统"))
    title = restore("甘肅網(wǎng)貸催收上門合法嗎？遇到上門催收怎麼辦", field="title", context=page)
    assert title.text == "甘肃网贷催收上门合法吗？遇到上门催收怎么办"


# --- holes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "suggestion", "place"),
    [
        ("网贷的催收问也日益突出。", "题", 6),
        ("这是一个重要问。", "题", 7),
        ("催收通过 联系借款人", "电话", 4),
        ("催收：提醒还款\n短信催收：发送短信", "电话", 0),
        ("常见的暴力手，包括恐吓", "段", 6),
        ("遇到突 况怎么办", "发情", 3),
    ],
)
def test_hole_is_found_where_the_word_was(text: str, suggestion: str, place: int) -> None:
    assert [(hole.suggestion, hole.start) for hole in find_holes(text, "text")] == [(suggestion, place)]


@pytest.mark.parametrize(
    "text",
    [
        "记者前去访问。",
        "心里有疑问，",
        "法律顾问、",
        "人们不禁要问，",
        "他问，你去哪里？",
        "手机、手法",
        "有学问的人",
        "在留言板上问，自己的",
        "总能把问\n心无愧记住",
    ],
)
def test_whole_words_are_no_holes(text: str) -> None:
    assert find_holes(text, "text") == ()


def test_suggestions_are_shown_in_brackets_and_never_written() -> None:
    clean = restore("网贷的催收问也日益突出。")
    assert clean.text == "网贷的催收问也日益突出。"
    assert with_suggestions(clean.text, clean.holes) == "网贷的催收问〔题〕也日益突出。"


# --- evasions, flags, model ------------------------------------------------------------------------------------------


def test_every_variant_names_its_source() -> None:
    assert all(row.source for row in variants())


def test_most_traps_stay_as_they_are() -> None:
    traps = (FIXTURES / "innocent.txt").read_text("utf-8").splitlines()
    touched = [line for line in traps if restore(line).text != line and restore(line).edits[0].rule != "script"]
    assert len(touched) <= 6


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("内容锟斤拷锟斤拷如下", "lost-text"),
        ("联系方式????????", "lost-text"),
        ("据报道网页33显示", "model-residue"),
        ("{dede:field.title/}", "template-residue"),
        ("告贷人与法令风险，信用疑问", "spun"),
        ("正文; z: k5 `; H# w* ^2 e& G) ~7 还有正文", "jammer"),
    ],
)
def test_flag_marks_and_changes_nothing(text: str, kind: str) -> None:
    clean = restore(text)
    assert clean.text == text
    assert kind in {span.kind for span in clean.flags}
    assert all(clean.text[span.start : span.end] == span.text for span in clean.flags)
    assert kind in FINDINGS


def test_what_a_lost_byte_swallowed_is_as_frequent_as_on_the_page() -> None:
    line = "许多借款人在申请贷款的时候没有仔细阅读合同的条款"
    sentences, broken = eaten_style("\n".join([line + "。"] * 12)), eaten_style("\n".join([line] * 12))
    assert dict(sentences)["\n"] == 0  # the model tells where sentences end
    assert dict(broken)["\n"] < -2  # one character in 25
    assert '"' not in dict(broken)
    assert dict(eaten_style('他说"好"，' * 20))['"'] > 0
    digits = {symbol: nats for symbol, nats in sentences if symbol.isdigit()}
    assert max(digits, key=digits.__getitem__) == "1"  # a number's first
    assert min(digits, key=digits.__getitem__) == "0"


def test_what_one_stretch_was_read_as_tells_the_next_ones_its_words() -> None:
    words = words_of("贷款")
    loan = [symbol_of(character) for character in "借款人"]
    assert words.bonus(*loan) == 0
    words.learn("借款人")
    assert words.bonus(*loan) > words.bonus(loan[0], loan[0], loan[1]) > 0
    assert dict(words.bonuses(*loan[:2]))[loan[2]] == words.bonus(*loan)


def test_sentence_goes_on_behind_the_end_of_a_line_that_was_broken_at_a_width() -> None:
    line = "许多借款人在申请贷款的时候没有仔细阅读合同的条款"
    for style, seen in ((eaten_style(f"{line}。\n" * 12), True), (eaten_style(f"{line}\n" * 12), False)):
        options = after_open(0xB4, False, style)
        assert (options.symbols[options.texts.index("\n")] != UNSCORED) == seen


def test_damage_profile_is_a_fingerprint_of_the_tool() -> None:
    profile = restore("他們的網(wǎng)貸業(yè)務發(fā)展中催收問也日益突出").damage
    assert dict(profile.rates).keys() >= {"annotation", "script", "hole"}
    assert profile.annotated == "業發網"
    assert profile.hole_words == (("问题", 1),)


@pytest.mark.parametrize(
    ("likely", "unlikely"), [("他们在获得贷款", "他们在或得贷款"), ("淡薄：部分借款人", "淡场：部分借款人")]
)
def test_model_prefers_chinese(likely: str, unlikely: str) -> None:
    assert language_model().score(likely) > language_model().score(unlikely) + 2

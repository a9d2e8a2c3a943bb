"""Labelling functions: what each goes by, what keeps it silent, how precise they are, and how rounds use them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.labelling import covered, rows
from classify import codebook
from classify.labelling import EVIDENCE, FLOOR, LIMIT, RULES, answers, ask_rules, disputed, evidence
from classify.passages import Labelled, compose
from classify.rulings import Candidate, choose, from_label_studio, label_config, to_label_studio
from corpus.records import Label

BY_NAME = {rule.name: rule for rule in RULES}
HOLDS = {
    "court": "本院认为，原告与被告之间的借款合同成立并生效。",
    "police": "近期接到多起报案。民警提醒：接到自称客服的电话，请先挂断。",
    "reporter": "记者从当地法院获悉，该案已于昨日开庭。",
    "paper": "摘要：本文基于两千份问卷，考察逾期者的求助行为。关键词：逾期；求助",
    "offer": "专业停息挂账，不成功不收费，加微信abc0000了解。",
    "quick loans": "今日口子，不看征信，必下款三千。",
    "gambling": "某县第一中学简介 百家乐 老虎机 注册送彩金 学校位于城东。",
    "fine": "某银行因贷后管理不到位被罚款三十万元。",
    "decree": "各消费金融公司：现将有关要求印发给你们，请认真贯彻。",
    "lender": "尊敬的持卡人：您在我行的信用卡账单已出，请按时还款。",
    "trade": "坐席下月加到四十人，甲方只看回款，质检扣得更严。",
    "lawyer": "问：收到催收函怎么办？何律师：先核对债权转让的通知。",
    "complaint": "投诉编号：0001 投诉对象：某借款平台 投诉要求：退还费用",
    "thread": "楼主先说两句。\n3楼：我也是这家。\n5楼：等更新。",
    "farm": "接下来小编带大家了解一下逾期的后果，希望对大家有所帮助。",
    "other dues": "物业费涨价，业主与物业公司对簿公堂。",
    "credit record": "征信报告里的呆账怎么看，硬查询保留多久，五级分类是什么。",
    "enforcement": "收到传票后应按时应诉，开庭前可申请诉前调解。",
    "crime": "套路贷团伙以砍头息放款，检方以诈骗罪起诉。",
    "instalments": "停息挂账能谈成多少期？我只还本金，分了六十期。",
}
SILENT = {
    "court": "本院食堂周末照常营业。",
    "police": "记者从警方获悉，嫌疑人已到案。民警提醒：勿信来电。",
    "reporter": "无冕之王是记者的旧称。",
    "paper": "摘要：本周动态三条。",
    "offer": "警方提示：凡称停息挂账不成功不收费、加微信abc0000的，都是骗局。",
    "quick loans": "撸口子下款之后还不起，被催收骂了一个月。",
    "gambling": "警方打掉一个经营百家乐、老虎机的团伙。",
    "fine": "闯红灯罚款二百元。",
    "decree": "为加快货款回笼，各区：本办法印发后由业务员执行。",
    "lender": "他一向我行我素，信用卡也不还。",
    "trade": "记者采访了三名坐席，她们说甲方只看回款和质检。",
    "lawyer": "作为专业律师，下面由本律师为您解答。",
    "complaint": "投诉要求合理即可。",
    "thread": "楼主：加微信领方案。\n3楼：已加，靠谱。",
    "farm": "首先下锅，其次调味，我总是最后放盐。",
    "other dues": "业主信用卡逾期，物业费也没交。",
    "credit record": "警方提醒：修复征信报告、删除不良记录、消除呆账，都是骗局。",
    "enforcement": "讨债公司伪造传票，谎称立案、开庭。",
    "crime": "摘要：本文讨论套路贷、砍头息与诈骗罪的界限。",
    "instalments": "警方通报：伪造病历办理停息挂账、只还本金、六十期的团伙落网。",
}


@pytest.fixture(scope="module")
def training() -> list[Labelled]:
    return [p for p in compose() if not p.held_out]


def tasks_of(*candidates: Candidate) -> list[Any]:
    return to_label_studio(candidates)


def candidate(name: str, text: str, doubt: float = 0.1, **answered: str) -> Candidate:
    return Candidate(name, "http://example.com/", "题", text, tuple(answered.items()), doubt)


def test_every_rule_is_shown_to_hold_and_to_abstain() -> None:
    assert HOLDS.keys() == SILENT.keys() == BY_NAME.keys()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_rule_answers_with_codes_of_the_model_and_shows_its_words(name: str) -> None:
    rule, text = BY_NAME[name], HOLDS[name]
    found = [label for label in answers(text) if label.annotator.startswith(name + "/")]
    assert tuple((label.scheme, label.value) for label in found) == rule.answers
    for label in found:
        assert label.scheme in codebook.MODEL_SCHEMES
        assert label.value in codebook.values(label.scheme)
        assert rule.least <= len(label.evidence) <= EVIDENCE
        assert any(rule.wants.search(text[start:end]) for start, end in label.evidence)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_rule_abstains_where_a_word_says_otherwise(name: str) -> None:
    assert evidence(BY_NAME[name], SILENT[name]) == ()


def test_every_answer_is_right_on_nine_of_ten_training_passages(training: list[Labelled]) -> None:
    for name, answer, passages, families, precision, _ in rows(training):
        assert precision >= FLOOR, (name, answer)
        assert passages >= 10, name
        assert families >= 5, name


def test_a_fifth_of_the_training_passages_has_an_answer(training: list[Labelled]) -> None:
    assert covered(training) >= 0.2


@given(st.text(st.sampled_from("本院认为记者我行口子下款第一条。\n 专业微信abc0000讨债物业费楼主"), max_size=400))
def test_spans_are_in_order_and_within_the_text(text: str) -> None:
    for label in answers(text):
        assert list(label.evidence) == sorted(set(label.evidence))
        assert all(0 <= start < end <= len(text) for start, end in label.evidence)


def test_nothing_is_read_beyond_the_limit() -> None:
    assert answers("文" * LIMIT + HOLDS["court"]) == ()
    assert answers("") == answers("english") == ()


@pytest.mark.parametrize(
    "piece", ["讨债", "专业讨债电话", "各市", "罚款", "  \n", "。", "物业费业主", "工资", "1楼。", "作者："]
)
def test_a_hostile_text_takes_no_longer_than_a_page(piece: str) -> None:
    started = time.process_time()
    answers(piece * 1_000_000)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("model", "expected"),
    [("justice", False), ("other", True), ("unsure", False), ("", False)],
    ids=["agrees", "differs", "is unsure", "was not asked"],
)
def test_a_page_is_disputed_where_rule_and_model_differ(model: str, expected: bool) -> None:
    assert disputed([Label("intent", "justice", 1.0, "court/1")], [("intent", model)]) is expected


def test_a_spam_grade_of_minus_one_is_unsure() -> None:
    assert not disputed([Label("spam", "2", 1.0, "offer/1")], [("spam", "-1")])


def test_a_round_asks_first_where_a_rule_differs_from_the_model() -> None:
    given = [
        candidate("doubtful", "文", 0.9, intent="other"),
        candidate("agrees", HOLDS["court"], 0.2, intent="justice", genre="official", spam="0"),
        candidate("differs", HOLDS["court"], 0.1, intent="lawyer", genre="official", spam="0"),
    ]
    chosen = choose(ask_rules(given), 3)
    assert [(c.id, c.disputed) for c in chosen] == [("differs", True), ("doubtful", False), ("agrees", False)]
    assert [c.rules for c in choose(ask_rules(given, most=1), 3)] == [(), (), ()]


def test_tasks_carry_the_answers_of_rules_with_their_words_beside_the_model_s() -> None:
    (asked,) = ask_rules([candidate("a1", HOLDS["court"], intent="lawyer")])
    (task,) = tasks_of(asked)
    model, rules = task["predictions"]
    assert model["result"][0]["value"] == {"choices": ["lawyer"]}
    assert rules["model_version"] == "labelling/1"
    choices = {r["from_name"]: r["value"]["choices"] for r in rules["result"] if r["type"] == "choices"}
    assert choices == {"intent": ["justice"], "genre": ["official"], "spam": ["0"]}
    spans = [r["value"] for r in rules["result"] if r["type"] == "labels"]
    assert {s["text"] for s in spans} == {"本院认为"}
    assert all(asked.text[s["start"] : s["end"]] == s["text"] for s in spans)
    assert {name for s in spans for name in s["labels"]} == set(choices)


def test_a_task_without_a_rule_carries_the_model_s_answers_alone() -> None:
    (task,) = tasks_of(*ask_rules([candidate("a1", "今天晴。", topic="off")]))
    assert len(task["predictions"]) == 1


def test_spans_that_a_rater_kept_are_no_rulings() -> None:
    (asked,) = ask_rules([candidate("a1", HOLDS["court"])])
    (task,) = tasks_of(asked)
    task["annotations"] = [{"completed_by": 1, "result": task["predictions"][1]["result"]}]
    assert {(r.scheme, r.value) for r in from_label_studio([task])} == {
        ("intent", "justice"), ("genre", "official"), ("spam", "0"),
    }  # fmt: skip
    assert '<Labels name="evidence"' in label_config()


def test_rules_that_differ_leave_the_choice_to_the_first() -> None:
    rules = (Label("spam", "0", 1.0, "court/1"), Label("spam", "2", 1.0, "offer/1"))
    (task,) = tasks_of(replace(candidate("a1", "文"), rules=rules))
    assert [r["value"] for r in task["predictions"][1]["result"]] == [{"choices": ["0"]}]

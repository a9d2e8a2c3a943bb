"""Claimed caps and limits are held against the rules of their day; what depends on an unknown day is left alone."""

from __future__ import annotations

import pytest

from classify.claims import contradicted, false_claims, rules

FALSE = [
    ("24 after 2020", "民间借贷利率上限24%。", "", "2024-05-01"),
    ("36 by the sentence's year", "2026年最新规定，民间借贷利率的上限为36%。", "", ""),
    ("36 by the title's year", "法律规定，年利率的上限为36%，超出的不用还。", "2026年网贷利率新规", ""),
    ("in Chinese numerals", "民间借贷的年利率最高不超过百分之三十六。", "", "2025-01-01"),
    ("a cap of an earlier year", "目前民间借贷利率司法保护上限为15.4%。", "", "2026-03-01"),
    ("never a cap on any day", "民间借贷年利率不得超过8%，超过的部分法院不支持。", "", ""),
    ("protected within", "民间借贷年利率24%以内的利息受法律保护。", "", "2023-02-01"),
    ("no higher than", "民间借贷年利率不得高于24%。", "", "2023-02-01"),
    ("void above", "民间借贷利率超过36%的部分无效。", "", "2022-05"),
    ("any loan, by law", "国家规定贷款年化利率上限是36%，超过就可以不还。", "", "2025-08-01"),
    ("too early for 15.4", "民间借贷利率不得超过15.4%。", "", "2018-05-01"),
    ("four times the LPR miscounted", "一年期LPR的四倍，即民间借贷利率上限为20%。", "", "2024-12-01"),
    ("the subject behind the figure", "2022年四倍即12%，是民间借贷利率的司法保护上限。", "", ""),
    ("two zones and three areas", "年利率24%以内的利息受法律保护，超过36%的部分无效。", "", "2024-03-01"),
    ("an advert's rule", "2022年新规落地，所有网贷利息超过12%的全部可退。", "", ""),
    ("highest rate is", "目前法律保护的最高年利率是36%，超过的部分可以不还。", "", "2025-03-01"),
    ("the old article, told", "民间借贷利率未超过年利率24%，出借人请求支付的，法院应予支持。", "", "2024-03-01"),
    ("the old article, second half", "借贷双方约定的利率超过年利率36%，超过部分的利息约定无效。", "", "2024-03-01"),
    ("a rule in the form of a condition", "如果年利率超过36%，超出的部分无效。", "", "2024-03-01"),
    ("a condition behind", "民间借贷的利率上限是年利率的24%，如果超过了就不受保护。", "", "2024-01-01"),
    ("calls, at most by rule", "根据规定，催收电话每天最多打两次，超过就是骚扰。", "", "2024-01-01"),
    ("calls, one a day", "法律规定催收一天最多只能打一次电话。", "", ""),
    ("calls, five a day", "新规明确，催收电话每天不得超过5次。", "", "2026-05-01"),
    ("calls, limit before the day", "催收拨打电话不得超过每天两次。", "", ""),
    ("calls, six before the guideline", "按照规定，催收人员每日拨打电话不得超过六次。", "", "2024-08-01"),
]  # fmt: skip

TRUE_OR_UNKNOWN = [
    ("24 without a date", "民间借贷利率上限24%。", "", ""),
    ("24 before 2020-08-20", "民间借贷利率上限24%。", "", "2019-05-01"),
    ("36 in 2018", "民间借贷年利率超过36%的部分无效。", "", "2018-01-01"),
    ("year of the change", "民间借贷利率上限24%。", "", "2020"),
    ("month of grace", "民间借贷利率上限为24%。", "", "2020-09-01"),
    ("15.4 in 2021", "民间借贷利率的上限为15.4%。", "", "2021-03-01"),
    ("12 in 2025", "民间借贷利率司法保护上限目前为12%。", "", "2025-11-01"),
    ("12 with decimals", "民间借贷利率司法保护上限目前为12.00%。", "", "2025-11-01"),
    ("not checked: 2026", "民间借贷利率司法保护上限目前为11.8%。", "", "2026-11-01"),
    ("the sentence's own day", "2020年8月20日起，民间借贷利率上限为15.4%。", "", "2025-05-01"),
    ("history", "此前民间借贷利率的上限为36%，如今改为一年期LPR的四倍。", "", "2025-05-01"),
    ("from and to", "民间借贷利率的上限由24%下调。", "", "2025-05-01"),
    ("rumour", "网上流传的民间借贷利率上限36%是谣言。", "", "2025-05-01"),
    ("called wrong in the next sentence", "有人说民间借贷利率上限是36%。这种说法是错误的。", "", "2025-05-01"),
    ("hearsay", "也有说法认为，民间借贷利率上限为20%。", "", "2025-05-01"),
    ("a heading of errors", "误区一：民间借贷利率上限36%。", "", "2025-05-01"),
    ("a question", "民间借贷利率的上限还是24%吗？", "", "2025-05-01"),
    ("a bank's own product", "我行该贷款年化利率最高不超过18%。", "", "2025-05-01"),
    ("a bank's product, third person", "这款产品年化利率最高不超过18%，随借随还。", "", "2025-05-01"),
    ("deposits", "银行存款利率上限为1.5%。", "", "2025-05-01"),
    ("deposits by rule", "按规定，存款利率的上限为1.5%。", "", "2025-05-01"),
    ("financial institutions: 24", "最高法明确金融机构贷款的年利率不得超过24%。", "", "2025-05-01"),
    ("any loan: 24", "法律规定年利率上限为24%。", "", "2025-05-01"),
    ("small lenders: 24", "小额贷款公司新发放贷款的综合融资成本年化不得超过24%。", "", "2026-03-01"),
    ("card overdraft", "信用卡透支利率上限为日利率万分之五，年化约18.25%。", "", "2019-03-01"),
    ("by the month", "民间借贷月利率不得超过2%。", "", "2024-03-01"),
    ("a contract", "双方约定民间借贷利率不超过20%。", "", "2024-03-01"),
    ("a verdict", "本院判决被告按不超过年利率24%支付民间借贷利息。", "", "2024-03-01"),
    ("an example", "例如民间借贷利率上限为20%，那么利息就是两千元。", "", "2024-03-01"),
    ("another country", "台湾民间借贷的法定利率上限为16%。", "", "2024-03-01"),
    ("a fact, no cap", "法律上，贷款利率超过36%的平台仍有三家。", "", "2024-03-01"),
    ("the crime of lending", "两年内多次以超过36%的年利率出借资金，属于违法放贷，民间借贷也不例外。", "", "2024-03-01"),
    ("a plaintiff", "原告主张的民间借贷利息超过年利率24%的部分，本院不予支持。", "", "2024-03-01"),
    ("the civil code of Taiwan", "约定的周年利率超过16%，超过部分无效。", "", ""),
    ("lenders with a licence", "民间借贷有上限，而持牌机构贷款年化利率不得超过24%。", "", "2024-03-01"),
    ("about", "民间借贷利率上限约为12.4%，也就是约12%。", "", "2025-01-15"),
    ("about, rounded", "民间借贷利率上限约15%。", "", "2021-05-15"),
    ("housing fund", "按规定公积金贷款年利率最高不超过3.1%。", "", "2025-10-01"),
    ("insurance", "万能险结算利率不得超过3.3%，这是监管的规定。", "", "2025-10-01"),
    ("student loans", "国家助学贷款利率按LPR减70个基点执行，最高不超过3%。", "", "2025-10-01"),
    ("some product", "国家支持的特色贷款，年利率最高不超过4.5%。", "", "2025-10-01"),
    ("above the basic rate", "按国家规定贷款利率上浮不得超过30%。", "", "2018-01-01"),
    ("a lender above 36", "某平台综合年化利率超过36%，被国家金融监管总局点名。", "", "2025-10-01"),
    ("pass rate", "民间借贷风控通过率最高为98%。", "", "2024-03-01"),
    ("calls: three, the standard", "催收每天拨打电话不得超过三次。", "", "2026-05-01"),
    ("calls: three, no date", "催收一天最多只能打三次电话。", "", ""),
    ("calls: six, the guideline", "债务人未接通的，催收人员当天拨打电话不宜超过6次。", "", "2026-03-01"),
    ("calls: six, no date", "催收每天最多拨打电话6次。", "", ""),
    ("eggs", "每天最多吃2个鸡蛋。催收的事先放一放。", "", ""),
    ("exercise", "每天运动不少于3次。", "", ""),
    ("a collector's quota", "催收员每天最多拨打300次电话。", "", ""),
    ("a company's own limit", "我司内部规定催收每天最多拨打2次电话。", "", ""),
    ("called a rumour", "“催收每天最多打一次电话”是谣言。", "", ""),
    ("calls that came", "催收电话太多，我一天最多接到二十次。", "", ""),
    ("calls that were made", "催收一天最多打过八次电话给我。", "", ""),
    ("the worst day", "催收每天不停打电话，最多的一天打了15个电话。", "", ""),
    ("at most, as a habit", "催收一天最多打两次电话，也不凶。", "", ""),
    ("at least", "催收电话每天不得少于2次。", "", ""),
    ("alarm clock", "催收的事让我发愁，每天早上叫醒我的不是闹钟，是一个电话。", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "title", "published"), [c[1:] for c in FALSE], ids=[c[0] for c in FALSE])
def test_a_claim_that_no_rule_of_its_day_gives_is_found(text: str, title: str, published: str) -> None:
    spans = false_claims(text, title, published)
    assert len(spans) == 1
    assert all(0 <= start < end <= len(text) for start, end in spans)


@pytest.mark.parametrize(
    ("text", "title", "published"), [c[1:] for c in TRUE_OR_UNKNOWN], ids=[c[0] for c in TRUE_OR_UNKNOWN]
)
def test_what_is_true_unknown_or_no_claim_is_left_alone(text: str, title: str, published: str) -> None:
    assert false_claims(text, title, published) == ()


CLAIMS = [
    ("按照规定，民间借贷利率上限为24%，请留意。", "民间借贷利率上限为24%"),
    ("有些平台很贵，年利率超过36%的部分无效。", "年利率超过36%的部分无效"),
    ("依规定，催收每天拨打电话不得超过五次。", "每天拨打电话不得超过五次"),
]


@pytest.mark.parametrize(("text", "claim"), CLAIMS, ids=[claim for _, claim in CLAIMS])
def test_the_evidence_is_the_claim(text: str, claim: str) -> None:
    assert [text[start:end] for start, end in false_claims(text, "", "2024-05-01")] == [claim]


@pytest.mark.parametrize("published", ["2024", "2024-13", "2024-02-31", "soon", "0001", "9999-12-31"])
def test_any_date_has_an_answer(published: str) -> None:
    assert contradicted(frozenset({"private"}), 99.0, published)


def test_the_table_leaves_no_day_without_a_cap_on_private_loans() -> None:
    lines = [rule for rule in rules() if rule.claim == "private"]
    days = sorted({day for rule in lines for day in (rule.since, rule.until)})[:-1]
    for day in days:
        assert any(rule.since <= day < rule.until for rule in lines), day


def test_a_hostile_text_costs_no_more_than_its_length() -> None:
    assert false_claims("利率上限" * 1200, "", "2024-01-01") == ()
    assert false_claims("催收每天不得" * 800, "", "2024-01-01") == ()
    assert false_claims("年利率36%" * 800 + "催收", "", "2024-01-01") == ()

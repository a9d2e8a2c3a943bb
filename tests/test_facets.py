"""Facets: names need a context where they are also words; numbers are read as people write them."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.explanations import FACET_KINDS
from corpus.facet_names import gazetteer, rows
from corpus.facets import KINDS, MAX_FACETS, OF_TITLE, find_facets, with_title
from corpus.marks import mark
from corpus.match import match

CASES = [
    # kind, text, canonical forms
    ("place", "甘肃省兰州市城关区", ["620000 甘肃省", "620100 甘肃省兰州市", "620102 甘肃省兰州市城关区"]),
    ("place", "白银价格上涨，平安无事，祝您安康", []),
    ("place", "甘肃白银的一家公司", ["620000 甘肃省", "620400 甘肃省白银市"]),
    ("place", "沈阳市和平区", ["210100 辽宁省沈阳市", "210102 辽宁省沈阳市和平区"]),
    ("place", "和平区的居民", ["和平区"]),
    ("place", "内蒙古和广西的借款人", ["150000 内蒙古自治区", "450000 广西壮族自治区"]),
    ("platform", "我在花呗和360借条上借了钱", ["花呗", "360借条"]),
    ("platform", "蚂蚁花呗逾期", ["花呗"]),
    ("platform", "白条猪肉批发", []),
    ("platform", "用白条分期买手机", ["京东白条"]),
    ("law", "根据《民法典》第六百八十条", ["民法典#680"]),
    ("law", "《中华人民共和国刑法》第二百九十三条之一", ["刑法#293之一"]),
    ("law", "《商业银行信用卡业务监督管理办法》第70条", ["商业银行信用卡业务监督管理办法#70"]),
    ("method", "催收爆通讯录，还用呼死你轰炸", ["联系第三人", "轰炸"]),
    ("channel", "拨打12378向金融监管总局反映", ["12378", "国家金融监督管理总局"]),
    ("amount", "借了3万元，还了两万三千元，剩12,500.50元", ["30000", "23000", "12500"]),
    ("amount", "欠款一百二十万", ["1200000"]),
    ("amount", "投资1.5亿元", ["150000000"]),
    ("amount", "三万人参加了马拉松", []),
    ("rate", "年利率24%，日利率万分之五，月息2%", ["24%/year", "0.05%/day", "2%/month"]),
    ("rate", "同比增长24%", []),
    ("amount", "今借到张三人民币伍仟元整", ["5000"]),
    ("amount", "人民币伍万元整，￥5,000，¥300", ["50000", "5000", "300"]),
    ("amount", "一共欠三万五，一万零五百元，1万2千元", ["35000", "10500", "12000"]),
    ("amount", "负债8w，工资5k，欠3w5", ["80000", "5000", "35000"]),
    ("amount", "4k屏幕和8W灯泡", []),
    ("amount", "欠了十几万，四十多万，二三十万，3万余元", ["100000", "400000", "200000", "30000"]),
    ("amount", "5000人民币，三百块，一块去，千万不要，几十万", ["5000", "300"]),
    ("amount", "100万美元，2万个，十万分之一，3千万元，1亿2千万元", ["30000000", "120000000"]),
    ("amount", "二元论，两元店，元旦，三元一件，余额一百零五元，三千五百万", ["2", "3", "105", "35000000"]),
    ("amount", "服务350万二手房经纪人，100多万商家，5万余门店，负债百万，百万玩家", ["1000000"]),
    ("amount", "一共8万多，他借给我十来万", ["80000", "100000"]),
    ("rate", "年利率24%的借款，利率36%的借款人", ["24%/year"]),
    ("rate", "罚息按日万分之五，利息每日按万分之五", ["0.05%/day", "0.05%/day"]),
    ("rate", "每天利息不高，周息30%", ["30%/week"]),
    ("rate", "违约金5%", ["5%"]),
    ("rate", "利率低，折扣率95%，通过率98%，利息低，90%的人都过", []),
    (
        "rate",
        "月息2分，利息3厘，年息一分，月息1分5，二分利",
        ["2%/month", "0.3%/month", "10%/year", "1.5%/month", "2%/month"],
    ),
    ("rate", "5分钟到账，利息打8折，3分之一", []),
    ("rate", "年化利率高达1500%", ["1500%/year"]),
    ("rate", "年化利率24%至36%，LPR为3.45%，综合融资成本24%", ["24%/year", "36%/year", "3.45%/year", "24%/year"]),
    ("rate", "利息每天0.05%，费率1.5%/月，2024年利率下降至3%", ["0.05%/day", "1.5%/month", "3%"]),
    ("rate", "年利率百分之三十六，百分之十五点四的年利率", ["36%/year", "15.4%/year"]),
    ("overdue", "逾期90天，逾期了三个月，逾期半年", ["90", "90", "182"]),
    ("overdue", "M3客户的催收", ["90"]),
    ("date", "2024年5月12日起施行，2023-08修订", ["2024-05-12", "2023-08"]),
    ("date", "二〇二四年五月，一九九九年十二月三十一日，2024-02-31", ["2024-05", "1999-12-31"]),
    ("place", "重大理财决策，五大理由，盛大庆典，权威海外", []),
    ("place", "酒未开封，决定西部开发，德州扑克，长白山，北海道，日照时间，老城区", []),
    (
        "place",
        "河南开封，洛阳老城区，德州市，大理警方",
        [
            "410000 河南省",
            "410200 河南省开封市",
            "410300 河南省洛阳市",
            "410302 河南省洛阳市老城区",
            "371400 山东省德州市",
            "532900 云南省大理白族自治州",
        ],
    ),
    ("platform", "快乐信息，没有钱花，可以放心借钱，慢慢还呗，于今借到张三人民币，今借到李四，便捷信贷", []),
    ("platform", "我来贷款，够不够花，成立借款小组，好分期付款", []),
    (
        "platform",
        "乐信旗下、有钱花逾期、放心借平台、还呗催收、今借到APP、捷信贷款",
        ["分期乐", "度小满", "抖音放心借", "还呗", "今借到", "捷信"],
    ),
    ("platform", "借呗还呗省呗,来分期,玖富集团", ["借呗", "还呗", "省呗", "来分期", "玖富"]),
    ("platform", "还呗可以协商吗，欠今借到3000，用了省呗，放心借会起诉吗", ["还呗", "今借到", "省呗", "抖音放心借"]),
    ("platform", "借条\n今借到：张三五千元。今借到 李四三千元，今借到5000元", []),
    ("entity", "重庆蚂蚁消费金融有限公司起诉了他", ["重庆蚂蚁消费金融有限公司"]),
    ("entity", "原告河南某山云朵网络小额贷款有限公司与被告李某", ["河南某山云朵网络小额贷款有限公司"]),
    ("entity", "某山（北京）科技有限公司", ["某山（北京）科技有限公司"]),
    ("entity", "花呗逾期，花呗催收", ["重庆蚂蚁消费金融有限公司"]),
    ("entity", "有限公司，股份公司", []),
    ("event", "2024年5月12日，法院判决他还款", ["2024-05-12 判决"]),
    ("event", "自2025年10月1日起施行；施行日期：2021-01-01", ["2025-10-01 施行", "2021-01-01 施行"]),
    ("event", "公司于2023年8月被罚200万元，二〇二四年五月立案", ["2023-08 处罚", "2024-05 立案"]),
    ("event", "2024年5月12日签订战略合作协议", []),
    ("event", "2024年5月12日未判决，2024年6月天气很好。判决书", []),
    ("law", "《民法典》第670条、第680条和第六百七十六条", ["民法典#670", "民法典#680", "民法典#676"]),
    ("law", "民法典第1034至1036条，以及第1039条", ["民法典#1034", "民法典#1035", "民法典#1036", "民法典#1039"]),
    ("law", "《民法典》第六百七十条、六百八十条，三个人", ["民法典#670", "民法典#680"]),
    ("law", "《民法典》第680条第一款、第二款，第三人", ["民法典#680"]),
    ("law", "《劳动争议调解仲裁法》第五条", ["劳动争议调解仲裁法#5"]),
    ("law", "民法典1034至1036条，刑法三条红线", ["民法典#1034", "民法典#1035", "民法典#1036", "刑法"]),
    ("law", "《某某调解仲裁法》，《商业银行法实施细则》", []),
    ("collector", "湖南永雄宣布解散，债权转给甘肃资产管理有限公司", ["永雄集团", "甘肃资产"]),
]


@pytest.mark.parametrize(("kind", "text", "canonical"), CASES)
def test_names_and_numbers_get_one_canonical_form(kind: str, text: str, canonical: list[str]) -> None:
    assert [facet.canonical for facet in find_facets(text) if facet.kind == kind] == canonical


IN_FORCE = [
    ("《合同法》第二百零六条", "2019-03-01", "yes"),
    ("《合同法》第二百零六条", "2024", "no"),
    ("《合同法》第二百零六条", "2021-01-01", "no"),
    ("《民法典》第六百七十六条", "2020-12-31", "no"),
    ("《民法典》第六百七十六条", "2021-01-01", "yes"),
    ("《消费金融公司管理办法》", "2024", ""),
    ("《消费金融公司管理办法》", "2025-06", "yes"),
    ("《个人信息保护法》", "", ""),
    ("《最高人民法院关于审理民间借贷案件适用法律若干问题的规定》", "2024-05-01", "yes"),
    ("《民间借贷规定》（2015）第二十六条", "2024-05-01", "no"),
    ("《民间借贷规定》（2020第二次修正）第二十五条", "2024-05-01", "yes"),
    ("法释〔2020〕6号", "2020-09-01", "yes"),
    ("2015年版民间借贷规定", "2019-05-01", "yes"),
    ("法释〔2015〕18号", "2024-05-01", "no"),
    ("银监会", "2024-05-01", "no"),
    ("银监会", "2017-05-01", "yes"),
]


@pytest.mark.parametrize(("text", "published", "in_force"), IN_FORCE)
def test_a_law_is_in_force_or_not_on_the_pages_date(text: str, published: str, in_force: str) -> None:
    assert [facet.in_force for facet in find_facets(text, published)] == [in_force]


@given(
    st.text(alphabet="花呗逾期三万元年利率24%甘肃省白银市第条《》民法典0123456789.,-月日天催收 \n\ud800", max_size=80)
)
def test_offsets_give_the_value_back_and_are_in_order(text: str) -> None:
    found = find_facets(text, "2024")
    assert all(text[facet.start : facet.end] == facet.value for facet in found)
    assert [facet.start for facet in found] == sorted(facet.start for facet in found)


def test_a_list_of_every_place_stays_within_the_limit() -> None:
    assert len(find_facets("、".join(gazetteer().divisions.values()) * 3)) == MAX_FACETS


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000,
        "一" * 100_000,
        "万" * 100_000,
        "1万" * 50_000,
        "1多" * 50_000,
        "1万1多" * 50_000,
        "￥1多" * 50_000,
        "1," * 50_000,
        "5%至" * 30_000,
        "二分利" * 30_000,
        "有限公司" * 30_000,
        "甲有限公司" * 30_000,
        "民法典第1条、" * 9_000,
        "民法典第1至99999条" * 9_000,
        "2024年5月1日判决" * 9_000,
        "第1条、" * 9_000,
        "二〇二四年" * 9_000,
        "还呗" * 30_000,
        "（" * 60_000 + "民法典（",
        "第一" * 50_000,
        "逾期" * 50_000,
    ],
)
def test_hostile_runs_end(text: str) -> None:
    assert len(find_facets(text)) <= MAX_FACETS


DATED = {
    "platforms": (4, 5, 7),
    "laws": (2, 3, 6),
    "methods": (2, 3, 4),
    "channels": (2, 3, 4),
    "collectors": (2, 3, 4),
}


@pytest.mark.parametrize("file", DATED)
def test_every_row_has_a_source_and_dates_that_are_dates(file: str) -> None:
    since, until, source = DATED[file]
    for row in rows(f"{file}.tsv"):
        assert row[source]
        assert all(re.fullmatch(r"|\d{4}(-\d\d(-\d\d)?)?", row[at]) for at in (since, until)), row


@pytest.mark.parametrize("file", ["events", "words", "ambiguous_places"])
def test_every_event_and_word_has_a_source(file: str) -> None:
    assert all(len(row) > 1 and all(row) for row in rows(f"{file}.tsv"))


def test_versions_of_a_law_follow_each_other_within_its_days() -> None:
    book = gazetteer()
    for law, versions in book.versions.items():
        assert versions[0].since == book.laws[law].since
        assert versions[-1].until == book.laws[law].until
        assert all(left.until == right.since for left, right in pairwise(versions))
    lending = "最高人民法院关于审理民间借贷案件适用法律若干问题的规定"
    dates = ("2019", "2020-08-20", "2020", "2024-05-01")
    assert [getattr(book.version(lending, date), "version", "") for date in dates] == ["2015", "2020-08", "", "2020-12"]


def test_what_only_the_title_names_comes_behind_without_offsets() -> None:
    facets = with_title(find_facets("花呗逾期"), "兰州花呗逾期，花呗和借呗，欠款3万元")
    assert [(f.kind, f.canonical) for f in facets if f.start == OF_TITLE == f.end] == [
        ("place", "620100 甘肃省兰州市"),
        ("platform", "借呗"),
        ("amount", "30000"),
    ]


def test_every_law_ends_after_it_began() -> None:
    for law in gazetteer().laws.values():
        assert law.since
        assert not law.until or law.since < law.until


def test_a_filter_for_a_firm_takes_its_name_or_its_platform() -> None:
    firm = "重庆蚂蚁消费金融有限公司"
    for asked in (firm, "花呗"):
        assert mark("entity", firm) in match(f"entity:{asked}").expression


def test_every_kind_has_a_name_in_both_languages() -> None:
    assert set(KINDS) == set(FACET_KINDS)

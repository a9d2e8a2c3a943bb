"""Facets: names need a context where they are also words; numbers are read as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.facets import MAX_FACETS, find_facets, gazetteer

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
    ("collector", "湖南永雄宣布解散", ["永雄集团"]),
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
        "1," * 50_000,
        "5%至" * 30_000,
        "二分利" * 30_000,
        "第一" * 50_000,
        "逾期" * 50_000,
    ],
)
def test_hostile_runs_end(text: str) -> None:
    assert len(find_facets(text)) <= MAX_FACETS


def test_every_law_ends_after_it_began() -> None:
    for law in gazetteer().laws.values():
        assert law.since
        assert not law.until or law.since < law.until

"""Contact points and owner's ids: what is found, what is left alone, offsets, masks, and bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.contacts import MAX_CONTACTS, PERSONAL, find_contacts, fold_digits, mask

TEXTS = [
    ("mobile", "举报联系方式:13900001234", {("phone", "13900001234")}),
    ("mobile grouped", "手机 139-0000-1234", {("phone", "13900001234")}),
    ("mobile with country code", "+86 13900001234", {("phone", "13900001234")}),
    ("mobile spaced digit by digit", "1 3 9 0 0 0 0 1 2 3 4", {("phone", "13900001234")}),
    ("full-width digits", "电话１３９００００１２３４", {("phone", "13900001234")}),
    ("circled digits", "电话①③⑨⓪⓪⓪⓪①②③④", {("phone", "13900001234")}),
    ("numerals", "打一三九零零零零一二三四找我", {("phone", "13900001234")}),
    ("numeral before digits", "全国统一13900001234", {("phone", "13900001234")}),
    ("landline", "座机 0999-6200001", {("phone", "09996200001")}),
    ("landline in brackets", "电话(010)62000001转8", {("phone", "01062000001")}),
    ("400 line", "400-000-4321", {("phone", "4000004321")}),
    ("hotline of a regulator", "可拨打12378投诉", {("hotline", "12378")}),
    ("hotline of a bank", "致电95588", {("hotline", "95588")}),
    ("hotline of a bank with 400", "热线4008205555", {("hotline", "4008205555")}),
    ("mailbox", "邮箱 li.si@example.com", {("email", "li.si@example.com")}),
    ("mailbox of digits is a QQ number", "300000001@qq.com", {("email", "300000001@qq.com"), ("qq", "300000001")}),
    ("mailbox without at", "abc#qq.com", {("email", "abc@qq.com")}),
    ("QQ number", "客服QQ:300000001", {("qq", "300000001")}),
    ("QQ by another name", "加扣扣 300000001", {("qq", "300000001")}),
    ("WeChat id", "微信号:zhaiwu_008", {("wechat", "zhaiwu_008")}),
    ("WeChat id without a colon", "加微信 zhaiwu_008", {("wechat", "zhaiwu_008")}),
    ("WeChat id joined to the word", "咨询微信zhaiwu_008", {("wechat", "zhaiwu_008")}),
    ("another service after WeChat", "支持微信 alipay", set()),
    ("WeChat by another name", "薇信：zhaiwu_008", {("wechat", "zhaiwu_008")}),
    ("phone that is a WeChat id", "13900001234（微信同号）", {("phone", "13900001234"), ("wechat", "13900001234")}),
    ("ICP base number", "粤ICP备2099000001号-3", {("icp", "粤ICP备2099000001号")}),
    ("ICP in traditional script", "粵ICP備2099000001號", {("icp", "粤ICP备2099000001号")}),
    ("ICP licence", "京B2-20990001", {("icp", "京B2-20990001")}),
    ("police register", "粤公网安备 44039900000001号", {("police-record", "44039900000001")}),
    ("amount", "共12345元,4000000001元", set()),
    ("identity number", "身份证110101209901011234", set()),
    ("order number", "订单2013900001234567", set()),
    ("day and time", "2024-12-05 10:00 共110-120人", set()),
    ("short number without a word", "第12378号文件", set()),
    ("page address", "/a/13900001234.html", set()),
    ("decimal", "0.13900001234", set()),
    ("platform's own name", "微信:wechat", set()),
]

SCRIPTS = [
    (
        "Baidu Tongji",
        'hm.src="//hm.baidu.com/hm.js?0123456789abcdef0123456789abcdef"',
        ("baidu-tongji", "0123456789abcdef0123456789abcdef"),
    ),
    ("CNZZ", "https://s4.cnzz.com/z_stat.php?id=1200000001&web_id=1200000001", ("cnzz", "1200000001")),
    ("CNZZ by push", '_czc.push(["_setAccount", "1200000001"])', ("cnzz", "1200000001")),
    ("51.la", "//js.users.51.la/19000001.js", ("51la", "19000001")),
    ("51.la of today", 'LA.init({id:"KabcDEF0123",ck:"KabcDEF0123"})', ("51la", "KabcDEF0123")),
    ("Google Analytics account", "gtag('config', 'UA-10000001-2')", ("google-analytics", "UA-10000001")),
    (
        "Google Analytics 4",
        "https://www.googletagmanager.com/gtag/js?id=G-ABCDEF1234",
        ("google-analytics", "G-ABCDEF1234"),
    ),
    ("AdSense", 'data-ad-client="ca-pub-1234000012340000"', ("adsense", "pub-1234000012340000")),
    (
        "verification",
        '<meta name="baidu-site-verification" content="codeva-AbCdEf0000">',
        ("verification", "baidu-site-verification=codeva-AbCdEf0000"),
    ),
    ("QQ talk link", "http://wpa.qq.com/msgrd?v=3&uin=300000001&site=qq", ("qq", "300000001")),
    ("telephone link", '<a href="tel:139-0000-1234">', ("phone", "13900001234")),
    (
        "record code",
        "http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=44039900000001",
        ("police-record", "44039900000001"),
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_text_yields_exactly_these_contacts(text: str, expected: set[tuple[str, str]]) -> None:
    assert {(contact.kind, contact.value) for contact in find_contacts(text, (), ())} == expected


@pytest.mark.parametrize(("script", "expected"), [row[1:] for row in SCRIPTS], ids=[row[0] for row in SCRIPTS])
def test_script_yields_the_id(script: str, expected: tuple[str, str]) -> None:
    assert expected in {(contact.kind, contact.value) for contact in find_contacts("", (), (script,))}


def test_kept_removed_and_script_are_told_apart() -> None:
    found = find_contacts("电话13900001234", ("电话13900001234",), ('href="tel:13900001234"',))
    assert [(contact.block, contact.start) for contact in found] == [("kept", 2), ("removed", 2), ("script", -1)]


def test_the_suffix_of_an_icp_number_is_kept_as_written() -> None:
    (contact,) = find_contacts("粤ICP备2099000001号-3 2024-01-01", (), ())
    assert (contact.raw, contact.value) == ("粤ICP备2099000001号-3", "粤ICP备2099000001号")


def test_offsets_stand_in_the_text_given() -> None:
    text = "甲电话１３９００００１２３４乙,QQ:300000001,丙@x,li@example.com"
    found = find_contacts(text, (), ())
    assert len(found) == 3
    assert all(text[contact.start : contact.end] == contact.raw for contact in found)


@pytest.mark.parametrize(
    ("value", "kind", "masked"),
    [
        ("13900001234", "phone", "139****1234"),
        ("li@example.com", "email", "l***@example.com"),
        ("12378", "hotline", "12378"),
        ("300000001", "qq", "30****01"),
        ("abc", "wechat", "***"),
    ],
)
def test_mask(value: str, kind: str, masked: str) -> None:
    assert mask(value, kind) == masked


@given(value=st.text("0123456789abc_", min_size=5, max_size=20), kind=st.sampled_from(sorted(PERSONAL)))
def test_a_mask_never_holds_the_value(value: str, kind: str) -> None:
    assert value not in mask(value, kind)


@given(st.text(max_size=200))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold_digits(text, numerals=True)) == len(text)


@settings(deadline=None)
@given(st.text(alphabet="0123456789 -QqX微信:号@.co电话ICP备京一三①＠", max_size=300))
def test_any_text_yields_contacts_that_stand_in_it(text: str) -> None:
    for contact in find_contacts(text, (), ()):
        assert text[contact.start : contact.end] == contact.raw


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "138 ",
        "a@",
        "a.",
        "QQ",
        "QQ ",
        "京ICP备",
        "微信:",
        "1-",
        "cnzz.com/a.php?",
        "LA.init({",
        "010-",
        "一",
        "13900001234,",
    ],
)
def test_time_is_linear_in_hostile_text(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        started = time.process_time()
        find_contacts(text, (text,), (text,))
        return time.process_time() - started

    seconds(1_000)
    small, large = seconds(20_000), seconds(160_000)
    assert large < 8 * 6 * max(small, 0.005)  # 8 times the text; a square law would take 64 times


def test_a_directory_of_numbers_is_cut() -> None:
    text = "\n".join(f"1390000{number:04}" for number in range(2 * MAX_CONTACTS))
    assert len(find_contacts(text, (), ())) == MAX_CONTACTS

"""Contact points and owner's ids of one page: clean text, removed blocks and scripts in, ``Contact`` records out.

A footer says more about who owns a site than its articles do, so removed blocks are read as carefully as kept ones.
Digits are read through the disguises that pages use (full-width １３８, circled ①③⑧, numerals 一三八) by a fold that
replaces one code point by one, so offsets stay those of the text given. Every pattern is bounded and starts at a
boundary: time is linear in the text, and a page yields at most ``MAX_CONTACTS``.

Sources: the national numbering plan (mobile numbers 1[3-9] + 9 digits, area codes 010, 02x, 03xx-09xx; 400 and 800
services), MIIT filing numbers (京ICP备12345678号-1: base number without the site's suffix), 公安联网备案 (14 digits).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from corpus.records import Contact

MAX_CHARS = 400_000  # code points read of one text; the rest of a longer one is not searched (chosen)
MAX_CONTACTS = 500  # of one page; a page with more is a directory, which says nothing about its owner (chosen)
WORD_WINDOW = 14  # code points before or after a number in which a word such as 电话 (telephone) counts (chosen)

PHONE_WORDS = re.compile(
    r"电话|热线|手机|致电|拨打|来电|客服|咨询|联系|传真|投诉|举报|座机|[Tt][Ee][Ll]|[Pp]hone|[Ff]ax"
)
HOTLINE_WORDS = re.compile(r"电话|热线|致电|拨打|拨|来电|客服|咨询|投诉|举报|报警|平台|专线|求助|申诉|反映")
# A number before one of these counts something else: 4001234567元 (yuan), 12345人 (people).
UNITS = re.compile(r"\s?[元万亿人户份块笔次股吨家年月%％]")

_NUMERALS = "〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺"
_NUMERAL_DIGITS = "00123456789" + "123456789" + "1"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_TRADITIONAL = str.maketrans("備證號滬雲遼魯蘇贛鄂閩貴粵寧瓊蒙陝黃網", "备证号沪云辽鲁苏赣鄂闽贵粤宁琼蒙陕黄网")

_SEP = r"[ \-.·_\u2010-\u2015\u200b-\u200d\ufeff]{0,2}"
_MOBILE = re.compile(
    rf"(?<![0-9A-Za-z_/.])(?:(?:\+|00)?86{_SEP})?(1{_SEP}[3-9](?:{_SEP}[0-9]){{9}})(?![0-9]|\.[0-9]|\.html?|@)"
)
_MOBILE_GROUPS = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (4, 4, 3), (4, 3, 4), (5, 6), (1,) * 11})
_LANDLINE = re.compile(
    r"(?<![0-9A-Za-z_/.])(?:(?:\+|00)?86[ -]?)?\(?(0?(?:10|2[0-9]|[3-9][0-9]{2}))(\)|\)?[ \-]{1,2}|)([2-8][0-9]{2,3}[ -]?[0-9]{4})"
    r"(?:[- 转]{1,2}[0-9]{1,6})?(?![0-9]|\.[0-9])"
)
_SERVICE = re.compile(r"(?<![0-9A-Za-z_/.])([48]00[ -]?[0-9](?:[ -]?[0-9]){6})(?![0-9]|\.[0-9])")
_SERVICE_GROUPS = frozenset({(10,), (3, 3, 4), (3, 4, 3), (4, 3, 3), (3, 7), (4, 6), (6, 4), (4, 2, 4), (4, 4, 2)})
_HOTLINE = re.compile(
    r"(?<![0-9A-Za-z_/.\-])(1[12][0-9]{1,3}|16006000|100[0-9]{2}|95[0-9]{3,4}|96[0-9]{3,4})(?![0-9A-Za-z]|\.[0-9])"
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])([A-Za-z0-9_][A-Za-z0-9._%+\-]{0,63})\s?(?:@|\[at\]|\(at\)|【at】|#)\s?"
    r"((?:[A-Za-z0-9][A-Za-z0-9\-]{0,62}\.){1,4}[A-Za-z]{2,24})(?![A-Za-z0-9\-])",
    re.IGNORECASE,
)
_QQ_WORD = r"(?:(?<![A-Za-z])Q{1,2}(?![A-Za-z])|扣扣|企鹅|球球|秋秋)"
_QQ = re.compile(
    rf"{_QQ_WORD}(?:[ 号码群是为:：/()（）\-+]|客服|咨询|在线|联系|交流){{0,6}}([1-9](?: ?[0-9]){{4,10}})(?! ?[0-9])",
    re.IGNORECASE,
)
_WECHAT_WORD = r"(?:微信|薇信|威信|徽信|微❤|卫星|(?<![A-Za-z0-9])(?:V信|VX|WX|We[Cc]hat|weixin)(?![A-Za-z0-9]))"
_WECHAT = re.compile(
    rf"{_WECHAT_WORD}((?:[ :：=/()（）+]|号码?|公众|客服|账号|帐号|搜索?|添?加|咨询|同步|ID|是|为){{0,8}})"
    r"([A-Za-z][A-Za-z0-9_\-]{5,19}|1[0-9]{10}|[1-9][0-9]{4,10})(?![A-Za-z0-9_\-])",
    re.IGNORECASE,
)
_WECHAT_SAME = re.compile(r"\s?[（(]?\s?(?:微信同[号步]|同微信|微信同|加微信?|v同号|VX同)", re.IGNORECASE)
_ID_MARK = re.compile(r"[0-9_\-]")
_NOT_WECHAT = frozenset(
    {"wechat", "weixin", "wechatpay", "android", "iphone", "alipay", "official", "public", "service", "client"}
)
_ICP = re.compile(
    rf"([{_PROVINCES}])\s?(?:(ICP)\s?(备|证)\s?(?:案)?\s?(?:第)?\s?([0-9]{{6,10}})\s?号?(?:\s?[-\u2010-\u2015]\s?[0-9]{{1,3}}(?![0-9]))?|([AB][12])\s?[-\u2010-\u2015]\s?([0-9]{{8}}))",
    re.IGNORECASE,
)
_POLICE = re.compile(r"(?:公网安备|公安备案号?)\s?(?:第)?\s?[:：]?\s?([0-9]{11,14})\s?号?|recordcode=([0-9]{11,14})")

# Patterns of ids in scripts and markup: (kind, pattern, prefix of the value). A value is the first group that matched.
_SCRIPT_IDS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("baidu-tongji", re.compile(r"hm\.baidu\.com/(?:hm|h)\.js\?([0-9a-f]{32})(?![0-9a-f])"), ""),
    ("cnzz", re.compile(r"cnzz\.com/[a-z_]{1,20}\.(?:php|js)\?[^\"'\s<>]{0,60}?(?:web_)?id=([0-9]{4,12})"), ""),
    ("cnzz", re.compile(r"cnzz_stat_icon_([0-9]{4,12})"), ""),
    ("cnzz", re.compile(r"_czc\.push\(\s?\[\s?[\"']_setAccount[\"'],\s?[\"']([0-9]{4,12})[\"']"), ""),
    ("51la", re.compile(r"js\.users\.51\.la/([0-9]{5,12})\.js"), ""),
    ("51la", re.compile(r"51\.la/(?:go1?(?:\.asp)?|stat)\?[^\"'\s<>]{0,60}?id=([0-9A-Za-z]{5,24})"), ""),
    ("51la", re.compile(r"LA\.init\(\s?\{[^}]{0,80}?[\"']?\bid[\"']?\s?:\s?[\"']([0-9A-Za-z]{6,40})[\"']"), ""),
    ("google-analytics", re.compile(r"(?<![A-Za-z0-9])(UA-[0-9]{4,10})-[0-9]{1,4}(?![0-9])"), ""),
    ("google-analytics", re.compile(r"[?&]id=(G-[A-Z0-9]{8,12}|GTM-[A-Z0-9]{4,9}|AW-[0-9]{8,12})(?![A-Z0-9])"), ""),
    ("google-analytics", re.compile(r"[\"'](G-[A-Z0-9]{8,12}|GTM-[A-Z0-9]{4,9}|AW-[0-9]{8,12})[\"']"), ""),
    ("adsense", re.compile(r"(?<![A-Za-z0-9])(?:ca-)?(pub-[0-9]{16})(?![0-9])"), ""),
    ("baidu-union", re.compile(r"cpro_id\s?=\s?[\"'](u[0-9]{5,10})[\"']"), ""),
    (
        "qq",
        re.compile(
            r"(?:wpa\.qq\.com|tencent://message|mqqwpa://im/chat)[^\"'\s<>]{0,80}?uin=([1-9][0-9]{4,10})(?![0-9])"
        ),
        "",
    ),
    ("phone", re.compile(r"href=[\"']?tel:(?:\+?86)?([0-9\-]{7,14})(?![0-9])"), ""),
    (
        "email",
        re.compile(r"mailto:([A-Za-z0-9_][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9\-]{1,63}\.){1,4}[A-Za-z]{2,24})"),
        "",
    ),
)
_VERIFICATION = re.compile(
    r"(?<![A-Za-z0-9])((?:baidu|google|360|sogou|shenma|yandex|bytedance|naver)[-_](?:site[-_])?verification(?:-code)?|msvalidate\.01)"
    r"[\"']?\s{0,3}(?:content\s{0,3}=|[=:])\s{0,3}[\"']?([A-Za-z0-9_\-+/.]{6,120})",
    re.IGNORECASE,
)

PERSONAL = frozenset({"phone", "email", "qq", "wechat"})


def find_contacts(clean_text: str, removed: Sequence[str], scripts: Sequence[str]) -> tuple[Contact, ...]:
    """Return the contact points of a page: those of the text in order, then of the removed blocks, then of the scripts.

    ``removed`` blocks are given restored, ``scripts`` as found. Offsets count code points in the text or block that the
    contact stands in. Kind and value occur once for each of "kept", "removed" and "script".
    """
    found: dict[tuple[str, str, str], Contact] = {}
    places = [("kept", clean_text)] + [("removed", block) for block in removed]
    for block, text in places:
        for contact in _in_text(text[:MAX_CHARS], block):
            found.setdefault((contact.kind, contact.value, block), contact)
        if len(found) >= MAX_CONTACTS:
            break
    for script in scripts:
        for contact in _in_script(script[:MAX_CHARS]):
            found.setdefault((contact.kind, contact.value, contact.block), contact)
        if len(found) >= MAX_CONTACTS:
            break
    return tuple(found.values())[:MAX_CONTACTS]


def mask(contact_value: str, kind: str) -> str:
    """Return a form that tells two contacts apart but reaches nobody; hotlines are public and stay.

    >>> mask("13900001234", "phone"), mask("lisi@example.com", "email"), mask("12378", "hotline")
    ('139****1234', 'l***@example.com', '12378')
    """
    if kind == "hotline":
        return contact_value
    if kind == "email":
        name, at, host = contact_value.partition("@")
        return f"{name[:1]}***{at}{host}" if at else "***"
    if kind == "phone" and len(contact_value) == 11 and contact_value.startswith("1"):
        return f"{contact_value[:3]}****{contact_value[-4:]}"
    length = len(contact_value)
    if length < 5:
        return "*" * length
    shown = max(1, min(4, length // 4))
    return contact_value[:shown] + "****" + contact_value[-min(2, shown) :]


def contacts_in(text: str) -> Iterator[Contact]:
    """Yield every contact point of one text each time it occurs: what has to be masked, not what there is."""
    return _in_text(text, "kept")


def fold_digits(text: str, *, numerals: bool = False) -> str:
    """Return ``text`` with every disguised digit as 0-9 and full-width Latin as ASCII, code point for code point.

    numerals: also 一三八 and 壹叁捌, which only patterns that demand a number's whole shape may read.
    """
    folded = text.translate(_FOLD)
    return folded.translate(_NUMERAL_FOLD) if numerals else folded


def stop_entities() -> frozenset[tuple[str, str]]:
    """Return the (kind, value) pairs that never say who owns a site. Source: stop_entities.tsv."""
    return _stop_entities()


def _in_text(text: str, block: str) -> Iterator[Contact]:
    plain = fold_digits(text)
    taken: list[tuple[int, int]] = []  # spans that another kind must not read again
    for kind, start, end, value in _accounts(plain):
        taken.append((start, end))
        yield Contact(kind, text[start:end], value, block, start, end)
    for kind, start, end, value in _registrations(plain):
        taken.append((start, end))
        yield Contact(kind, text[start:end], value, block, start, end)
    free = _Free(taken)
    for kind, start, end, value in _numbers(plain):
        if free.take(start, end):
            yield Contact(kind, text[start:end], value, block, start, end)
            same = _WECHAT_SAME.match(plain, end)
            if same and kind == "phone" and len(value) == 11:
                yield Contact("wechat", text[start:end], value, block, start, end)
    if len(text) >= 11:
        numerals = fold_digits(text, numerals=True)
        if numerals != plain:
            for start, end, value in _mobiles(numerals):
                if free.take(start, end):
                    yield Contact("phone", text[start:end], value, block, start, end)


def _accounts(plain: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield e-mail addresses, QQ numbers and WeChat ids; an all-digit mailbox of qq.com is a QQ number too."""
    if "@" in plain or "#" in plain or "at" in plain:
        for match in _EMAIL.finditer(plain):
            name, host = match.group(1).lower(), match.group(2).lower()
            if "#" in match.group() and not host.startswith(("qq.", "163.", "126.", "foxmail.", "sina.", "gmail.")):
                continue  # "#" stands for "@" only in front of a mail host, else it is a fragment of an address
            yield "email", match.start(), match.end(), f"{name}@{host}"
            if host == "qq.com" and name.isascii() and name.isdigit() and 5 <= len(name) <= 11 and name[0] != "0":
                yield "qq", match.start(), match.start(1) + len(name), name
    for match in _QQ.finditer(plain):
        value = match.group(1).replace(" ", "")
        if 5 <= len(value) <= 11 and not plain.startswith("@", match.end()):
            yield "qq", match.start(1), match.end(1), value
    for match in _WECHAT.finditer(plain):
        value = match.group(2)
        # Without a colon or 号, an id has to look like one: 微信 alipay is a list of services, 加微信 zhaiwu_008 is not.
        said = any(mark in match.group(1) for mark in ":：=号加搜+") or bool(_ID_MARK.search(value))
        if value.lower() not in _NOT_WECHAT and (said or value.isdigit()):
            yield "wechat", match.start(2), match.end(2), value.lower()


def _registrations(plain: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield ICP base numbers (without the site's suffix) and numbers of the police register."""
    simplified = plain.translate(_TRADITIONAL)
    for match in _ICP.finditer(simplified):
        province = match.group(1)
        if match.group(2):
            value = f"{province}ICP{match.group(3)}{match.group(4)}号"
        else:
            value = f"{province}{match.group(5).upper()}-{match.group(6)}"
        yield "icp", match.start(), match.end(), value
    for match in _POLICE.finditer(simplified):
        yield "police-record", match.start(), match.end(), match.group(1) or match.group(2)


def _numbers(plain: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield telephone numbers, those of the public as "hotline"."""
    stops = stop_entities()
    for start, end, value in _mobiles(plain):
        yield "phone", start, end, value
    for match in _SERVICE.finditer(plain):
        start, end = match.span(1)
        value = _digits(match.group(1))
        if _groups(match.group(1)) not in _SERVICE_GROUPS or UNITS.match(plain, end):
            continue
        if value[0] == "8" and match.group(1) == value and not _near(plain, start, end, PHONE_WORDS):
            continue
        yield ("hotline" if ("hotline", value) in stops else "phone"), start, end, value
    for match in _LANDLINE.finditer(plain):
        area, joint, number = match.groups()
        start, end = match.span()
        if not area.startswith("0") and not (match.group().startswith(("+86", "0086", "86"))):
            continue
        value = "0" * (not area.startswith("0")) + area + _digits(number)
        if (joint or _near(plain, start, end, PHONE_WORDS)) and 10 <= len(value) <= 12:
            yield "phone", start, end, value
    for match in _HOTLINE.finditer(plain):
        start, end = match.span(1)
        value = match.group(1)
        known = ("hotline", value) in stops or value.startswith(("95", "96"))
        if known and not UNITS.match(plain, end) and _near(plain, start, end, HOTLINE_WORDS):
            yield "hotline", start, end, value


def _mobiles(plain: str) -> Iterator[tuple[int, int, str]]:
    for match in _MOBILE.finditer(plain):
        if _groups(match.group(1)) in _MOBILE_GROUPS and not UNITS.match(plain, match.end()):
            yield match.start(1), match.end(1), _digits(match.group(1))


def _in_script(script: str) -> Iterator[Contact]:
    for kind, pattern, prefix in _SCRIPT_IDS:
        for match in pattern.finditer(script):
            value = prefix + match.group(1)
            if kind == "email":
                value = value.lower()
                name, _, host = value.partition("@")
                if host == "qq.com" and name.isdigit() and 5 <= len(name) <= 11:
                    yield Contact("qq", name, name, "script")
            elif kind == "phone":
                value = _digits(value)
                if ("hotline", value) in stop_entities():
                    yield Contact("hotline", match.group(1), value, "script")
                    continue
            yield Contact(kind, match.group(1), value, "script")
    for match in _VERIFICATION.finditer(script):
        service = match.group(1).lower().replace("_", "-").removesuffix("-code")
        yield Contact("verification", match.group(2), f"{service}={match.group(2)}", "markup")
    for kind, start, end, value in _registrations(fold_digits(script)):
        yield Contact(kind, script[start:end], value, "script")


class _Free:
    """Spans already read, so that one number is not read as two kinds."""

    def __init__(self, taken: list[tuple[int, int]]) -> None:
        self._points = {point for start, end in taken for point in range(start, end)}

    def take(self, start: int, end: int) -> bool:
        if any(point in self._points for point in range(start, end)):
            return False
        self._points.update(range(start, end))
        return True


def _near(text: str, start: int, end: int, words: re.Pattern[str]) -> bool:
    window = text[max(0, start - WORD_WINDOW) : start] + "\n" + text[end : end + WORD_WINDOW]
    return words.search(window) is not None


def _digits(text: str) -> str:
    return "".join(mark for mark in text if "0" <= mark <= "9")


def _groups(text: str) -> tuple[int, ...]:
    return tuple(len(part) for part in re.findall(r"[0-9]+", text))


def _fold_table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table[0x3000] = " "
    for code in (*range(0x2460, 0x2500), *range(0x2776, 0x2794), *range(0x1D7CE, 0x1D800), 0x24EA, 0x24FF):
        digit = unicodedata.digit(chr(code), None)
        if digit is not None:
            table[code] = str(digit)
    for code in (0x00B2, 0x00B3, 0x00B9, *range(0x2070, 0x208A)):
        digit = unicodedata.digit(chr(code), None)
        if digit is not None:
            table[code] = str(digit)
    return table


_FOLD = _fold_table()
_NUMERAL_FOLD = {ord(mark): digit for mark, digit in zip(_NUMERALS, _NUMERAL_DIGITS, strict=True)}


@cache
def _stop_entities() -> frozenset[tuple[str, str]]:
    lines = files("corpus").joinpath("stop_entities.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return frozenset((row[0], row[1]) for row in rows)

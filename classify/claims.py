"""Claims about what the law allows, held against the rules in force on their day: interest caps, calls a day.

In go a text and the page's date, out come the spans of claims that the rules contradict. The rules are lines of
``data/claims.tsv`` with dates and sources. A claim is judged by the day its own sentence names, else by the page's; where
the answer depends on the day and none is known, it is left alone. Left alone, too: other countries, contracts, verdicts,
examples, history, and whatever is called a rumour. Lenders with a licence have no cap of four times the LPR, so that a
rate is judged as 民间借贷 (loans between persons) only where that is its subject, and as any rate where 法律 (the law)
or the courts are said to set it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from corpus.errors import ModelError
from corpus.facet_numbers import decimal

Span = tuple[int, int]

SOURCE = Path(__file__).parent / "data" / "claims.tsv"
GRACE = timedelta(days=31)  # before the page's date: a text written in the last month of a rule is not wrong
ABOUT = 1.0  # percentage points that 约 (about) may be off (chosen)
LEAST_CAP = 10.0  # % a year; what is lower and not of 民间借贷 is the price of some product (chosen)
MOST_CALLS = 20  # a day; above, it is a collector's quota, no limit (chosen)
BEFORE, BEHIND = 60, 30  # characters around a figure that say what it is, within its sentence
AROUND = 40  # characters before and behind the sentence in which a claim may be called a rumour
FIRST, LAST = "1949-10-01", "9999-12-31"

_END = re.compile(r"[。；！？!?;\n]")
_STOP = r"[^。；！？!?;\n\d%％]"
_DIGITS_BEFORE = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,2})?\s?$")
# A numeral below a hundred; digits in a row (二三, two or three) are none.
_NUMERAL = r"(?:[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])(?![一二两三四五六七八九十])"
_PERCENT_WORD = re.compile(rf"百分之({_NUMERAL}(?:点[零一二三四五六七八九]{{1,2}})?|\d{{1,2}}(?:\.\d{{1,2}})?)")
_LIMIT = r"(?:上限|红线|不得超过|不能超过|不可超过|不应超过|不超过|未超过|不得高于|不能高于|最高(?:年?利率)?(?:只能|不超过|为|是)|超过|超出|高于)"
_UP_TO = re.compile(rf"{_LIMIT}{_STOP}{{0,14}}$")
_PROTECTED = re.compile(
    rf"^(?:以内|以下|之内){_STOP}{{0,10}}(?:受{_STOP}{{0,6}}保护|合法|有效)"
    rf"|^{_STOP}{{0,6}}(?:的)?(?:上限|红线)|^[，,]?(?:就是|即为|[是为即]){_STOP}{{0,16}}(?:上限|红线)"
)
_VOID = re.compile(
    rf"^{_STOP}{{0,14}}(?:无效|不受|不予|不被|违法|不合法|高利贷|得不到|全部可退|不用还|可以不还|无需偿还)"
)
_CRIME = re.compile(r"放贷|出借资金|非法经营|犯罪|刑")  # lending at over 36 % for a living is a crime still (2019)
_OVER = re.compile(rf"(?<!不)(?<!未)(?<!不得)(?<!不能)(?<!不可)(?<!不应)(?:超过|超出|高于){_STOP}{{0,14}}$")
_RATE = re.compile(r"利率|利息|年化|年利|年息|借贷成本")
_OTHER = re.compile(
    r"月利|月息|日利|日息|每[月日天]|按[月日天]|违约金|滞纳金|罚息|手续费|服务费|存款|理财|首付|保费|比例|占比|通过率|逾期率|涨幅|增幅|折扣|税|股|保证金|上浮|公积金|结算|保险|国债|债券|助学|住房|首套|收益"
)
_PRIVATE = re.compile(
    r"民间借贷|民间借款|民间利率|私人借贷|私人借款|个人之间|自然人之间|LPR\s?的?[四4]倍|[四4]倍的?LPR"
)
_LENDER = re.compile(
    r"金融机构|银行|持牌|消费金融|消金|小贷|小额贷款|小额信贷|助贷|信用卡|透支|贷款公司|金融借款|典当|融资成本|互联网贷款|互联网消费|信托|房贷|车贷"
)
_LAW = re.compile(r"法律|法定|国家|司法|最高法|最高人民法院|法院|民法典|规定|新规|受保护|LPR")
_OWN = re.compile(
    r"(?<!借贷)双方|合同约定|协议|借条|约定(?:的)?(?:年|月)?利[率息]?[为是]|本[行息店品院]|我[行司们]|本公司|该产品|判决|判令|原告|被告|为限"
)
_SUPPOSED = re.compile(r"假设|假如|例如|比如|举例|譬如|征求意见|草案|建议|拟|呼吁|应否|是否|吗$|会不会|能否")
_IF = re.compile(r"如果|倘若|若[^干]")
_PAST = re.compile(
    r"此前|以前|之前|从前|曾|过去|当时|原(?:来|先|有|本|规定|司法|上限|标准)|旧|[由从][^。]{0,12}$|已(?:经)?(?:废止|失效|取消)|不再|调整前|修[正订]前|取代|替代"
)
_DENIED = re.compile(r"谣|误区|误解|误传|误以为|误认|错误|说法(?:不|有误|是假)|不实|不对|不准确|不正确|有误|并非|并不|不是|别信|没有(?:这|任何|法律|明确)|过时|废止|网传|传言|骗|有(?:的人|人|的?说法|网友)(?:说|称|讲|认为|以为)")  # fmt: skip
_ABROAD = re.compile(
    r"香港|台湾|台灣|澳门|新台币|台币|港元|港币|金管会|日本|美国|英国|韩国|新加坡|马来西亚|印度|欧盟|周年利率|当铺"
)
_DAY_NAMED = re.compile(r"(?<!\d)((?:19|20)\d\d)年(?:(1[0-2]|0?[1-9])月(?:(3[01]|[12]\d|0?[1-9])日)?)?")
_TITLE_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")

_N = rf"(\d{{1,3}}|{_NUMERAL})"
_MOST = r"(?:最多|至多|不得|不能|不可|不应|不宜|不超过|只能|仅能|限|上限)"
_GAP = r"[^。；！？!?;\n\d一二两三四五六七八九十]"
_DAY = re.compile(r"[每一单当1](?:[天日]|个自然日)")
_MOST_BEFORE = re.compile(rf"{_MOST}{_GAP}{{0,8}}$")
_COUNTED = re.compile(rf"{_GAP}{{0,6}}{_N}\s?(?:次|通|个电话)")
_MOST_COUNTED = re.compile(rf"[^。；！？!?;\n]{{0,20}}?{_MOST}{_GAP}{{0,12}}?{_N}\s?(?:次|通|个电话)")
_AT_LEAST = re.compile(r"少于|低于|至少|不足|等于|了|(?<!超)过|接|最多的|给我")  # no limit, or a fact
_STRICT = re.compile(r"不得|不应|不宜|只能|仅能|限|不能|不可|超过")  # 最多 alone also counts what happened
_NORM = re.compile(r"规定|法律|法规|新规|指引|合规|合法|标准|违规|违法|允许|国家|监管|骚扰")
_COLLECTING = re.compile(r"催收|催债|催款|讨债|催告|催缴")
_CALLING = re.compile(r"电话|拨打|拨通|致电|来电|呼叫|打")
_NOT_DEBTORS = re.compile(
    r"第三人|第三方|联系人|亲友|亲属|家人|紧急|短信|信函|上门|外访|公司规定|平台规定|内部|约定|承诺|员工|考核|坐席|投诉|[我本][司行公平]|每人|机器人|登录"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the table: what a claim of that kind may say between two days (until exclusive)."""

    claim: str
    since: str
    until: str
    values: tuple[tuple[float, float], ...]  # lowest, highest


@cache
def rules() -> tuple[Rule, ...]:
    """Return the table. Raises ModelError when it is missing or a line cannot be read."""
    try:
        rows = [line.split("\t") for line in SOURCE.read_text("utf-8").splitlines() if line and line[0] != "#"]
        return tuple(
            Rule(row[0], row[1] or FIRST, row[2] or LAST, tuple(map(_range, row[3].split(",")))) for row in rows
        )
    except (OSError, ValueError, IndexError) as error:
        raise ModelError(f"The table {SOURCE.name} cannot be read: install cuishou anew.") from error


def _range(text: str) -> tuple[float, float]:
    low, _, high = text.partition("-")
    return float(low), float(high or low)


def contradicted(claims: frozenset[str], value: float, when: str, about: float = 0.0) -> bool:
    """Return whether no rule of these claims gives the value on a date (ISO, any precision; "" is any day at all).

    about: by how much a value may be off and still be meant as the rule's.
    """
    first, last = _days(when)
    return not any(
        low - about <= value <= high + about
        for rule in rules()
        if rule.claim in claims and rule.since <= last and rule.until > first
        for low, high in rule.values
    )


def _days(when: str) -> tuple[str, str]:
    """Return the first and the last day a date may stand for; a month of grace before the first."""
    if not when:
        return FIRST, LAST
    try:
        first = date.fromisoformat((when + "-01-01")[:10] if len(when) == 4 else (when + "-01")[:10])
        return (first - GRACE).isoformat(), when[:10] + "-99"
    except (ValueError, OverflowError):
        return FIRST, LAST


def false_claims(text: str, title: str, published: str) -> tuple[Span, ...]:
    """Return the spans of contradicted caps and limits, in text order.

    published: the page's date (ISO, any precision) or "". A year in the title stands for a missing one.
    """
    found: list[Span] = []
    year = _TITLE_YEAR.search(title)
    when = published or (year.group(1) if year else "")
    if ("%" in text or "％" in text or "百分之" in text) and ("利" in text or "年化" in text):
        found += (claim for span, value in _rates(text) if (claim := _false_cap(text, span, value, when)))
    if "催" in text or "讨债" in text:
        found += _false_limits(text, when)
    if found and _ABROAD.search(text):
        return ()
    return tuple(sorted(found))


def _rates(text: str) -> Iterator[tuple[Span, float]]:
    """Yield every percentage with its value."""
    for sign in "%％":
        place = text.find(sign)
        while place >= 0:
            if number := _DIGITS_BEFORE.search(text, max(0, place - 8), place):
                yield (number.start(), place + 1), float(number.group())
            place = text.find(sign, place + 1)
    if "百分之" in text:
        for match in _PERCENT_WORD.finditer(text):
            yield match.span(), decimal(match.group(1))


def _sentence(text: str, span: Span) -> tuple[str, str]:
    """Return what stands before and behind a figure in its sentence, within bounds."""
    before = text[max(0, span[0] - BEFORE) : span[0]]
    behind = text[span[1] : span[1] + BEHIND]
    cut = [mark.end() for mark in _END.finditer(before)]
    stop = _END.search(behind)
    return before[cut[-1] :] if cut else before, behind[: stop.start()] if stop else behind


def _false_cap(text: str, span: Span, value: float, when: str) -> Span | None:
    """Return the claim around a percentage, from its subject on, if no rule of its day gives that cap; else None."""
    before, behind = _sentence(text, span)
    up_to, void, protected = _UP_TO.search(before), _VOID.search(behind), _PROTECTED.search(behind)
    if not ((up_to and (void or not _OVER.search(before))) or protected):
        return None
    if not (_RATE.search(before) or _RATE.search(behind[:16])) or _CRIME.search(before + behind):
        return None
    if (
        _OTHER.search(before[-24:])
        or (not void and _IF.search(before))
        or _OWN.search(before + behind)
        or _spoken_of_otherwise(text, span, before, behind)
    ):
        return None
    subject = _subject(before) or _subject(behind)
    sets_law = void or _LAW.search(before + behind) or "保护" in behind or "支持" in behind
    if subject == "lender" or not (subject or (sets_law and value >= LEAST_CAP)):
        return None
    claims = frozenset({"private"} if subject else {"private", "lender"})
    about = ABOUT if before.endswith(("约", "近")) or behind.startswith("左右") else 0.0
    if not contradicted(claims, value, _named_day(before) or when, about):
        return None
    words = [m for pattern in (_PRIVATE, _RATE) if (m := pattern.search(before))] + ([up_to] if up_to else [])
    end = void if up_to and void else protected
    return min([span[0], *(span[0] - len(before) + m.start() for m in words)]), span[1] + (end.end() if end else 0)


def _subject(part: str) -> str:
    """Return whose rates the last word that says so in a part of a sentence means: "private", "lender" or ""."""
    named = [(m.end(), claim) for claim, p in (("private", _PRIVATE), ("lender", _LENDER)) for m in p.finditer(part)]
    return max(named)[1] if named else ""


def _false_limits(text: str, when: str) -> Iterator[Span]:
    """Yield claimed limits on a collector's calls a day that no rule of its day gives."""
    if not ("次" in text or "通" in text or "个电话" in text):
        return
    for day in _DAY.finditer(text):
        most = _MOST_BEFORE.search(text, max(0, day.start() - 16), day.start())
        match = (_COUNTED if most else _MOST_COUNTED).match(text, day.end())
        if not match:
            continue
        span, value = (most.start() if most else day.start(), match.end()), decimal(match.group(1))
        before, behind = _sentence(text, span)
        near = before + text[span[0] : span[1]]
        if not (_COLLECTING.search(near) and _CALLING.search(near + behind[:6])) or not 1 <= value <= MOST_CALLS:
            continue
        if not (_STRICT.search(text, *span) or _NORM.search(before + behind)):
            continue
        if _AT_LEAST.search(text, *span) or behind.startswith("给我") or _NOT_DEBTORS.search(near):
            continue
        if _spoken_of_otherwise(text, span, before, behind):
            continue
        if contradicted(frozenset({"calls"}), value, _named_day(before) or when):
            yield span


def _spoken_of_otherwise(text: str, span: Span, before: str, behind: str) -> bool:
    """Return whether a claim is supposed, past, asked or denied, in its sentence or right around it."""
    around = text[max(0, span[0] - len(before) - AROUND) : span[1] + len(behind) + AROUND]
    return bool(
        _SUPPOSED.search(before) or _SUPPOSED.search(behind) or _PAST.search(before) or _PAST.search(behind)
        or _DENIED.search(around) or text[span[1] + len(behind) : span[1] + len(behind) + 1] in {"？", "?"}
    )  # fmt: skip


def _named_day(before: str) -> str:
    """Return the last day, month or year that a sentence names before a figure, or ""."""
    named = list(_DAY_NAMED.finditer(before))
    if not named:
        return ""
    year, month, day = named[-1].groups()
    return year + (f"-{int(month):02d}" if month else "") + (f"-{int(day):02d}" if day else "")

"""Amounts, rates and days overdue in a text, read as people write them, each with one canonical form.

In goes a clean text, out come facets in no order. A number is one run of digits and numerals, read to its end before
anything is tried behind it (possessive patterns), so that no text makes the patterns go back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.records import Facet

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")}
DIGITS |= {"〇": 0, "○": 0, "两": 2, "俩": 2}
FINANCIAL = dict(zip("壹贰叁肆伍陆柒捌玖", range(1, 10), strict=True)) | {"弍": 2, "参": 3}  # of cheques and IOUs
UNITS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
ALL_DIGITS = DIGITS | FINANCIAL
MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
ABOUT = "几多余来"  # 十几万, 四十多万, 3万余元: the canonical form is the least it can be
MAX_RUN = 30  # characters of a number

_FIRST = "0-9" + "".join(ALL_DIGITS).replace("参", "") + "".join(UNITS)
_SMALL = _FIRST + ",." + ABOUT
_RUN = rf"[{_FIRST}][{_SMALL}]{{0,24}}+(?:([万萬亿億])[{_SMALL}万萬亿億]{{0,24}}+)?+"
_UNCOUNTED = "千百人户次家名条字件张份公米里辆台亩套册吨位个只部篇本棵头股座间种所项分平多字句步倍瓦"
_FOREIGN = "美元|美金|港元|港币|日元|欧元|英镑|韩元|新台币|台币|卢布|泰铢"
AMOUNT = re.compile(
    rf"(?<![几数第.,A-Za-z{_FIRST}])({_RUN})\s?"
    rf"(?:(元(?![旦素宵件月首老朝代气宇帅勋化论次])|块钱?|人民币(?!\s?[￥¥{_FIRST}]))"
    rf"|([wWkK])([1-9])?(?![A-Za-z0-9{_UNCOUNTED}])|(?(2)(?![{_UNCOUNTED}]|{_FOREIGN}|用户|粉丝|亿|余[人户名家])|(?!)))"
)
PRICE = re.compile(rf"(?:[￥¥]|人民币|RMB)\s?[:：]?\s?({_RUN})")
MONEY = re.compile(r"欠|借|还|贷|款|额|钱|金|息|债|薪|工资|逾期|收入|花|付|赔|罚")
OWED = re.compile(r"[欠债贷借亏赔罚][了款务]?(?:约|近|上|达|超|共)?$")
_TOKEN = re.compile(r"\d+(?:,\d{3})*+(?:\.\d+)?|\D")

PERCENT = re.compile(
    r"(?<![\d.])(\d{1,6}(?:\.\d{1,4})?)\s?([%％‰])"
    r"|([百千万])分之(\d{1,6}(?:\.\d{1,4})?|[一二三四五六七八九十百点零两]{1,9})"
)
FEN = re.compile(
    r"(?<![\d.一二三四五六七八九十])(\d{1,2}(?:\.\d{1,2})?|[一二三四五六七八九两]|十[一二三四五]?)(分|厘)"
    r"(?:([\d一二三四五六七八九半])厘?)?(?![钟期之析别开数成钱\d])"
)
FEN_BEFORE = re.compile(
    r"([年月周日天])?(?:利息|利率|息|利)(?:[为是按达约要收]|高达|只要|低至|仅|大概|一般|[:：])?\s?$"
)
FEN_BEHIND = re.compile(r"的?(?:([年月周日])?(?:利息|息|利)(?![好益用])|高利)")
RATE_WORD = re.compile(
    r"利率|年化|利息|罚息|复利|费率|手续费|服务费|LPR|IRR|APR|违约金|滞纳金|上限|[年月周日天]息|融资成本|资金成本"
    r"|[每按][年月日天周](?=[^。，；]{0,3}万分之)|(?<!\d)[日](?=万分之)"
)
OTHER_RATE = re.compile(
    r"(?<![利费化])率|折扣|打折|占比|占|比例|同比|环比|首付|减免|概率|本金的?$"
    r"|(?:下降|增长|上升|提高|降低|减少|上涨|下调|上调|上浮)(?!至|到|为|后)"
)
YEARLY = re.compile(r"年化|LPR|IRR|APR|融资成本|资金成本")
PERIOD = re.compile(
    r"(?<![今去本当同0-9])年(?=化|利|费|息|罚|综合)|(?<![0-9一二三四五六七八九十本当上])月(?=利|费|息|罚|供)"
    r"|周(?=利|息)|(?<!0-9)[日天](?=利|费|息|罚)|[每按]一?(?:个)?[年月周日天]|[每按]星期|逾期一[天日]|(?<![0-9])日(?=万分之|千分之)|年化|LPR|IRR|APR|融资成本|资金成本"
)
PERIOD_BEHIND = re.compile(r"\s?(?:[/／每]\s?([年月周日天])|的?([年月周日])(?:利率|化|息|费))")
PERIODS = {"年": "year", "月": "month", "周": "week", "期": "week", "日": "day", "天": "day"}
JOINED = re.compile(r"\s?(?:[至到和或与及、~～—-]{1,2}|以及)\s?")
CLAUSE_END = re.compile(r"[。！？；;!?\n]")
OF_PEOPLE = re.compile(r"(?:以上|左右)?的(?:人|用户|客户|借款[人者]|网|平台|机构|同|问|企业|案|股)")
BEFORE = 18  # characters before a number in which its rate word stands
BEHIND = 7
MAX_PERCENT = 100_000.0
FEN_WORTH = {"year": 10.0, "month": 1.0, "week": 1.0, "day": 0.1}  # per cent of one 分; a 厘 is a tenth of it

_COUNT = r"(?:\d{1,12}(?:\.\d{1,4})?|[一二三四五六七八九十百千两零半]{1,7})"
OVERDUE = re.compile(
    rf"逾期(?:了|已|已经|超过|超|达|长达|满|近|时间|期|未还|不还|第){{0,3}}({_COUNT})\s?(多)?(个月|个多月|天|日|年|个星期|周|期)"
)
OVERDUE_M = re.compile(r"(?<![A-Za-z0-9])M([1-9])(?:\+|阶段|客户|账户|案件|期|组|组?的)")
PER_DAYS = {"天": 1, "日": 1, "周": 7, "个星期": 7, "个月": 30, "个多月": 30, "期": 30, "年": 365}


def find_numbers(text: str) -> Iterator[Facet]:
    """Yield the amounts (yuan), rates ("24%/year", "5%" where no period is said) and days overdue of a text."""
    if "逾期" in text:
        for match in OVERDUE.finditer(text):
            days = (number(match.group(1)) or 0.0) * PER_DAYS[match.group(3)]
            if 0 < days < 36_500:
                yield Facet("overdue", match.group(), f"{days:.0f}", *match.span())
    if "M" in text:
        for match in OVERDUE_M.finditer(text):
            yield Facet("overdue", match.group(), f"{int(match.group(1)) * 30}", *match.span())
    if "%" in text or "％" in text or "分之" in text or "‰" in text:
        yield from _percents(text)
    if "分" in text or "厘" in text:
        yield from _fen(text)
    yield from _amounts(text)


def number(run: str) -> float | None:
    """Return what a run of digits and numerals says, None for none: 一万零五百 10,500, 三万五 35,000, 1万2千 12,000.

    几, 多, 余 and 来 stand for nothing, of two digits in a row the first counts (二三十万: 200,000). 半 alone is a half.
    """
    if run == "半":
        return 0.5
    total = section = 0.0
    last = 0.0  # the unit just read, 0 after a zero
    pending: list[float] = []
    for token in _TOKEN.findall(run[:MAX_RUN]):
        if token[0].isdecimal():
            if pending:
                return None
            pending = [float(token.replace(",", ""))]
        elif token in ALL_DIGITS:
            pending.append(float(ALL_DIGITS[token]))
        elif token in UNITS:
            section += (_digit(pending) or 1.0) * UNITS[token]
            pending, last = [], float(UNITS[token])
        elif token in MYRIADS:
            myriad = MYRIADS[token]
            section += _digit(pending)
            if not total + section:
                return None
            total = (total + section) * myriad if myriad > 10**4 else total + section * myriad
            section, pending, last = 0.0, [], float(myriad)
        elif token not in ABOUT:
            return None
    if pending and len(pending) < 3 and last >= 100 and pending[0] and pending[0] < 10 and pending[0].is_integer():
        return total + section + pending[0] * last / 10  # 三万五
    return total + section + _digit(pending, plain=not last)


def _digit(pending: list[float], *, plain: bool = False) -> float:
    """Return the value of digits in a row: after a zero the second, three and more (or with a zero) as a number."""
    while len(pending) > 1 and pending[0] == 0:
        pending = pending[1:]
    if len(pending) > 2 or (plain and len(pending) > 1 and pending[-1] == 0):
        return float("".join(f"{digit:.0f}" for digit in pending))
    return pending[0] if pending else 0.0


def _amounts(text: str) -> Iterator[Facet]:
    taken: set[int] = set()
    if "￥" in text or "¥" in text or "人民币" in text or "RMB" in text:
        for match in PRICE.finditer(text):
            run = match.group(1).rstrip(",." + ABOUT)
            value = number(run)
            if value and not text.startswith(("元", "块"), match.start(1) + len(run)):
                taken.add(match.start(1))
                end = match.start(1) + len(run)
                yield Facet("amount", text[match.start() : end], f"{value:.0f}", match.start(), end)
    for match in AMOUNT.finditer(text):
        if match.start() not in taken and (value := _yuan(match, text)):
            end = match.end() if match.group(3) or match.group(4) else match.start() + len(_bare(match.group(1)))
            yield Facet("amount", text[match.start() : end], f"{value:.0f}", match.start(), end)


def _bare(run: str) -> str:
    return run.rstrip(",.来几余")


def _yuan(match: re.Match[str], text: str) -> float:
    """Return the yuan of a match of AMOUNT, 0.0 for what is no amount."""
    run, myriad, unit, letter, tenth = match.groups()
    run = _bare(run)
    value = number(run) or 0.0
    if letter:
        near = text[max(0, match.start() - 8) : match.start()] + " " + text[match.end() : match.end() + 6]
        if not run[-1].isdecimal() or not MONEY.search(near):
            return 0.0  # 4K is a screen, 8W a lamp
        worth = 10_000 if letter in "wW" else 1000
        value = value * worth + int(tenth or 0) * worth / 10
    elif unit:
        if len(run) == 1 and (run in FINANCIAL or run in "拾佰仟" or (unit == "人民币" and run in DIGITS)):
            return 0.0  # 张三人民币: of a name
        if unit == "块" and value < 10:
            return 0.0  # 一块: together
    elif not _plain(
        run,
        match.group(1),
        text[max(0, match.start() - 8) : match.start()],
        text[match.end() : match.end() + 1],
        myriad,
    ):
        return 0.0
    return value if 0 < value < 1e14 else 0.0


def _plain(run: str, raw: str, before: str, behind: str, myriad: str | None) -> bool:
    """Return whether a run without a unit of money is an amount: 欠三万五 is, 千万不要 and 350万二手房 are not."""
    if myriad not in ("万", "萬") or run == "千万":
        return False
    if run[0] in UNITS and run[0] not in "十拾":
        return bool(OWED.search(before))
    if run[0].isdecimal() and run[-1] in ALL_DIGITS:
        return False  # the numeral belongs to what follows
    return not (set(raw) & set(ABOUT)) or (raw == run and (not behind.isalpha() or bool(MONEY.search(before))))


def _percents(text: str) -> Iterator[Facet]:
    ended, former = -9, ""
    for match in PERCENT.finditer(text):
        joined = JOINED.fullmatch(text, ended, match.start()) if ended >= 0 and match.start() - ended <= 4 else None
        period = former if joined and former else _period(text, match)
        ended, former = match.end(), period
        if not period:
            continue
        figure, sign, part, chinese = match.groups()
        if figure:
            value = float(figure) / (10 if sign == "‰" else 1)
        else:
            value = decimal(chinese) / {"百": 1, "千": 10, "万": 100}[part]
        if 0 < value <= MAX_PERCENT:
            yield Facet("rate", match.group(), _rate(value, period), *match.span())


def _rate(value: float, period: str) -> str:
    return f"{round(value, 4):.10g}%" + ("" if period == "?" else f"/{period}")


def _period(text: str, match: re.Match[str]) -> str:
    """Return the period of a percentage that is a rate, "?" where none is said, "" for what is no rate of a loan."""
    before = CLAUSE_END.split(text[max(0, match.start() - BEFORE) : match.start()])[-1]
    behind = re.split(r"[，。；、,;\n]", text[match.end() : match.end() + BEHIND])[0]
    if OF_PEOPLE.match(behind):
        return ""
    word = _last(RATE_WORD, before + match.group()[:3])
    other = _last(OTHER_RATE, before)
    if other > word or (word < 0 and not RATE_WORD.search(behind)):
        return ""
    said = PERIOD_BEHIND.match(behind)
    if said:
        return PERIODS[said.group(1) or said.group(2)]
    found = [m.group() for m in PERIOD.finditer(before + match.group()[:3])]
    if not found:
        return "year" if YEARLY.search(behind) else "?"
    return "year" if YEARLY.fullmatch(found[-1]) else PERIODS[found[-1][-1]]


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((m.start() for m in pattern.finditer(text)), default=-1)


def _fen(text: str) -> Iterator[Facet]:
    """Yield rates in 分 and 厘 (月息2分: 2 % a month, 年息一分: 10 % a year); where no period is said, a month is meant."""
    for match in FEN.finditer(text):
        before = FEN_BEFORE.search(text[max(0, match.start() - 8) : match.start()])
        behind = FEN_BEHIND.match(text, match.end())
        if not before and not behind:
            continue
        said = (before and before.group(1)) or (behind and behind.group(1)) or "月"
        period = PERIODS[said]
        figure, unit, rest = match.groups()
        value = number(figure) or 0.0
        if rest:
            value += 0.5 if rest == "半" else (number(rest) or 0.0) / 10
        value *= FEN_WORTH[period] / (10 if unit == "厘" else 1)
        if value:
            yield Facet("rate", match.group(), _rate(value, period), *match.span())


def decimal(text: str) -> float:
    """Return the value of digits or of a Chinese numeral with 点 for the point: 十五点四 is 15.4; 0 for none."""
    if text[0].isdecimal():
        return float(text)
    whole, _, part = text.partition("点")
    digits = "".join(str(DIGITS[c]) for c in part if c in DIGITS)
    return (number(whole) or 0.0) + (float(f"0.{digits}") if digits else 0.0)

"""Places, platforms, firms, laws, methods, amounts, rates, days overdue, dates and events named in a clean text.

In go the clean text and the page's date, out come facets with their offsets. One pass over the text finds all names of
the gazetteers (``corpus/facet_names.py``), a few anchored patterns find the numbers (``corpus/facet_numbers.py``) and dates
(``corpus/facet_dates.py``). Names that are also words (白银 silver, 平安 safe, 白条 IOU) count only in a context that makes
them names. Search filters use the same code, so that a filter and a facet never disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from corpus.facet_dates import find_dates
from corpus.facet_names import Gazetteer, Name, gazetteer, in_force
from corpus.facet_numbers import find_numbers, number
from corpus.phrases import find_phrases
from corpus.records import Facet

VERSION = "facets/2"
MAX_CHARACTERS = 60_000  # of a text that are read
MAX_TITLE = 400
MAX_FACETS = 400  # of one text; a page of link lists names thousands of places
MAX_ARTICLES = 20  # of one law cited at one place
NEAR = 12  # characters within which a loan word makes a name out of a word
KINDS = (
    "place", "platform", "collector", "channel", "entity", "law", "method", "amount", "rate", "overdue", "date", "event",
)  # fmt: skip
OF_TITLE = -1  # start and end of a facet that only the title names

LOAN_WORDS = re.compile(r"贷|借|逾期|还款|分期|额度|催收|欠|账单|套现|利息")
BRAND_BEFORE = re.compile(
    r"(?:^|[，,。、：:“”\"'「《（(\s/]|[在用从]|通过|使用|下载|注册|平台|APP|app|借呗|花呗|[用借欠]了|欠|旗下的?|叫做?|[和与跟及]|抖音|数禾|度小满)$"
)
BRAND_BEHIND = re.compile(
    r"\s?(?:平台|APP|app|软件|逾期|[借贷]款?(?![给我你他])|客服|催收|公司|集团|金融|科技|的?额度|上面?[的借]|里面?的|[”」》）)]|怎么|是不?是?[正什哪]"
    r"|会员|上征信|起诉|旗下|还不|利息|利率|打电话|协商|分期|被|系统|官[方网]|提前|借条|全面"
    r"|(?:可以|能不能|能否|能)(?:协商|延期|停息|不还|借|晚)|会(?:上|起诉|爆|打))"
)
CLAUSE_ENDS = frozenset("，。、；！？）”」》,;!?)\n")
PLACE_BEHIND = re.compile(r"[市州盟警]|地区|中院|法院|分行|分局|公安|检察|人民|银保监|监管局|网贷|催收|本地|当地")
ABOVE = 8  # characters before an ambiguous place in which the division above it stands

_CN = r"[一二三四五六七八九十百千零〇两\d]"
LAW_BEHIND = re.compile(r"[》〉]?(?:（[^（）]{1,12}）|\([^()]{1,12}\))?[》〉]?\s?(?:中|的|之|规定的)?")
ARTICLE = re.compile(
    rf"(第)?\s?({_CN}{{1,9}}+)\s?(条)?(?:(之[一二三四五六七八九])(?![一-龥]?条))?(?:第?{_CN}{{1,3}}[款项]|第[（(]{_CN}{{1,3}}[）)]项){{0,2}}"
)
BETWEEN = re.compile(r"\s?(?:(、|[，,]?(?:以及|和|及|与|或者?|并)|，|,)|(至|到|[-—~～]{1,2}))\s?")
CITED_YEAR = re.compile(r"[（(]?((?:19|20)\d\d)\s?年?(?:第[一二三]次)?(?:修[正订]|版|[）)])")
OTHER_RULE = re.compile(r"实施(?:条例|细则|办法)|草案|修正案")
AUTHORITY = re.compile(
    r"(?:中华人民共和国|中国|最高人民法院|最高人民检察院|最高法|公安部|司法部|国务院|全国人大常?委?会?|适用|执行|贯彻|实施|关于|修改|[、〈《的])*"
)

FIRM_ENDS = ("有限责任公司", "股份有限公司", "股份公司", "有限公司")
FIRM_BREAK = re.compile(
    r"[^\w（）()·]|(?:19|20)\d\d年?|[a-z]+(?![A-Za-z0-9])|公众号|[由向被对在是为从将把给让找系称即按经跟]|与|和(?=.{4})|以及|及|通过|委托|收购|旗下|原告|被告人?|上诉人|第三人|申请人"
    r"|出借人|债权人|受让人|转让给|作为|隶属于?|属于|就职于|入股|关于|名叫|所谓|一家|这家|该|了|的|曾|于|其中|来自|成立|起诉|投诉"
)
MAX_FIRM = 26  # characters of a firm's name


def find_facets(clean_text: str, published: str = "") -> tuple[Facet, ...]:
    """Return the facets of a text in text order, at most MAX_FACETS.

    clean_text: restored Simplified text; offsets count in it. published: ISO date of any precision or "", which
    decides whether a law cited is in force, and whether a platform or authority that has ended still was. Canonical
    forms: places "620100 甘肃省兰州市", laws "民法典#680", amounts in yuan "30000", rates "24%/year" or "5%" where no period
    is said, overdue in days "90", dates "2024-05-12" or "2024-05", events "2024-05-12 判决", entities the firm's name.
    """
    text = clean_text[:MAX_CHARACTERS]
    book = gazetteer()
    found: list[Facet] = []
    places: list[int] = []
    owners: set[str] = set()
    for start, end, name in _named(book, text):
        if name.kind == "law":
            found += _law(name, text, start, end, published, book)
            continue
        until = name.until and in_force(name.since, name.until, published)
        found.append(Facet(name.kind, text[start:end], name.canonical or text[start:end], start, end, until))
        if name.kind == "place":
            places.append(start)
        elif name.entity and name.entity not in owners:
            owners.add(name.entity)
            found.append(Facet("entity", text[start:end], name.entity, start, end))
        if len(found) >= MAX_FACETS:
            break
    if "公司" in text:
        found += _firms(text, places, book)
    found += find_dates(text)
    found += find_numbers(text)
    return tuple(sorted(found, key=lambda f: (f.start, f.end, f.kind))[:MAX_FACETS])


def with_title(facets: tuple[Facet, ...], clean_title: str, published: str = "") -> tuple[Facet, ...]:
    """Return the facets of a text and, behind them, what only the title names; these have OF_TITLE for offsets."""
    known = {(facet.kind, facet.canonical) for facet in facets}
    added: dict[tuple[str, str], Facet] = {}
    for facet in find_facets(clean_title[:MAX_TITLE], published):
        key = (facet.kind, facet.canonical)
        if key not in known:
            added.setdefault(key, replace(facet, start=OF_TITLE, end=OF_TITLE))
    return (*facets, *added.values())


def _named(book: Gazetteer, text: str) -> Iterator[tuple[int, int, Name]]:
    """Yield start, end and meaning of the names of the gazetteers that are names where they stand."""
    hits = [(start, end, book.names[phrase]) for start, end, phrase in find_phrases(book.phrases, text)]
    provinces = {name.code[:2] for _, _, names in hits for name in names if name.code.endswith("0000")}
    cities = {name.code[:4] for _, _, names in hits for name in names if name.code.endswith("00") and not name.needs}
    above: list[tuple[int, str]] = []  # ends and codes of the last divisions; platforms have none
    for start, end, names in hits:
        name = _choose(names, provinces, cities)
        if name.kind == "word" or (name.needs and not _in_context(name, names, text, start, end, above)):
            continue
        if name.kind == "place":
            above = [*above[-2:], (end, name.code)]
        elif name.kind == "platform":
            above = [*above[-2:], (end, "")]
        yield start, end, name


def _choose(names: tuple[Name, ...], provinces: set[str], cities: set[str]) -> Name:
    """Return the division a name stands for, by the cities and provinces that the text names; else an open one."""
    if len(names) == 1:
        return names[0]
    near = [n for n in names if n.code[:4] in cities] or [n for n in names if n.code[:2] in provinces]
    if len(near) == 1:
        return near[0]
    return Name(names[0].kind, "", names[0].needs)  # 和平区 alone: a dozen cities have one


def _in_context(
    name: Name, names: tuple[Name, ...], text: str, start: int, end: int, above: list[tuple[int, str]]
) -> bool:
    """Return whether what stands around a word makes a name of it."""
    if name.needs == "place":
        codes = {code[:2] for ended, code in above if 0 <= start - ended <= 1 and code}
        return bool(codes & {n.code[:2] for n in names}) or bool(
            not text[start:end].endswith("区") and PLACE_BEHIND.match(text, end)
        )
    if name.needs == "brand":
        return bool(
            any(ended == start and not code for ended, code in above)  # in a row of platforms
            or (BRAND_BEHIND.match(text, end) and not text.startswith(("借给", "借款人"), end))
            or (
                BRAND_BEFORE.search(text[max(0, start - 5) : start])
                and (
                    end == len(text)
                    or text[end] in CLAUSE_ENDS
                    or (text[end].isdecimal() and text[start - 1] in "欠用")
                )
            )
        )
    return bool(LOAN_WORDS.search(text, max(0, start - NEAR), min(len(text), end + NEAR)))


def _law(name: Name, text: str, start: int, end: int, published: str, book: Gazetteer) -> Iterator[Facet]:
    """Yield a law with each article cited behind it (第670条、第680条, 第1034至1039条), or the law alone."""
    if OTHER_RULE.match(text, end) or _longer_title(name, text, start):
        return
    rule = book.laws[name.canonical]
    behind = LAW_BEHIND.match(text, end)
    reached = behind.end() if behind else end
    cited = CITED_YEAR.search(text, end, min(len(text), end + 12)) or CITED_YEAR.search(text, max(0, start - 6), start)
    year = name.code or (cited.group(1) if cited else "")
    rule = next((v for v in book.versions.get(name.canonical, ()) if v.version == year), rule)
    articles = list(_articles(text, reached))
    if not articles:
        yield Facet("law", text[start:end], name.canonical, start, end, rule.in_force(published))
    for place, (first, last, article) in enumerate(articles):
        at = first if place else start
        yield Facet("law", text[at:last], f"{name.canonical}#{article}", at, last, rule.in_force(published))


def _longer_title(name: Name, text: str, start: int) -> bool:
    """Return whether a law's short name ends another's title: 《劳务纠纷仲裁法》 is not the 仲裁法."""
    if not name.canonical.endswith("法"):
        return False
    opened = text.rfind("《", max(0, start - 24), start)
    between = text[opened + 1 : start] if opened >= 0 else ""
    return bool(between) and "》" not in between and not AUTHORITY.fullmatch(between)


def _articles(text: str, start: int) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, article) of the articles cited from ``start`` on; all of a range share its end."""
    found: list[tuple[int, int, str, bool]] = []  # the last says: from the one before to here
    closed = 0  # how many are surely articles: 条 stands at or behind them
    match = ARTICLE.match(text, start)
    span = False
    while match:
        if not (found or match.group(1) or match.group(2).isdecimal()):
            break  # 刑法三条 is no article 3
        end = match.end() if match.group(4) else match.end(3) if match.group(3) else match.end(2)
        found.append((match.start(), end, f"{_integer(match.group(2))}{match.group(4) or ''}", span))
        if match.group(3):
            closed = len(found)
        joint = BETWEEN.match(text, match.end())
        if not joint or len(found) >= MAX_ARTICLES:
            break
        span = bool(joint.group(2))
        match = ARTICLE.match(text, joint.end())
        if match and joint.group(1) in ("，", ",", "并", "和", "或") and not match.group(1) and not match.group(3):
            break
    for place, (first, end, article, ranged) in enumerate(found[:closed]):
        if ranged and article.isdigit() and found[place - 1][2].isdigit():
            low = int(found[place - 1][2]) + 1
            for between in range(low, min(int(article), low + MAX_ARTICLES)):
                yield first, end, str(between)
        yield first, end, article


def _integer(text: str) -> int:
    return int(number(text) or 0)


def _firms(text: str, places: list[int], book: Gazetteer) -> Iterator[Facet]:
    """Yield the firms named in full: a known one, or from the last break or place to the word for a limited company."""
    reached = 0
    end = text.find("公司")
    while end >= 0:
        end += len("公司")
        if text.startswith("有限", max(0, end - 6)) or text.startswith(("有限", "股份"), max(0, end - 4)):
            start = _firm_start(text, reached, end, places, book)
            if start >= 0:
                yield Facet("entity", text[start:end], text[start:end], start, end)
                reached = end
        end = text.find("公司", end)


def _firm_start(text: str, reached: int, end: int, places: list[int], book: Gazetteer) -> int:
    for firm in book.entities:
        if text.endswith(firm[-8:], 0, end) and text.startswith(firm, max(0, end - len(firm))):
            return end - len(firm)
    low = max(reached, end - MAX_FIRM)
    suffix = next((len(s) for s in FIRM_ENDS if text.endswith(s, low, end)), 0)
    start = low
    for match in FIRM_BREAK.finditer(text, low, end - suffix):
        start = match.end()
    start = next((p for p in places if start <= p < end - suffix and (p == 0 or text[p - 1] not in "（(")), start)
    while start < end and text[start] in "（）()_":
        start += 1
    long_enough = suffix and end - suffix - start >= 3
    return start if long_enough and (start > low or start == 0 or start == reached) else -1

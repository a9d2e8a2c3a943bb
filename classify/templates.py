"""Flags of mass-made pages: names put into a text mechanically, and platforms that nobody knows.

In goes a document whose facets are known, out come the spans that show it. A farm writes one text and fills in 甘肃 and
湖南: the name stands right before the keyword (甘肃网贷逾期, "Gansu online-loan overdue"), in brackets before the title,
or the same words come again with another name; nobody who writes for readers does so more than once. Rules abstain:
official and news pages name a place often, but as 甘肃省 or with a word between.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from classify.features import MAX_CHARACTERS, MAX_TITLE
from corpus.facet_names import gazetteer
from corpus.facets import find_facets
from corpus.phrases import find_phrases
from corpus.records import Document, Facet

Spans = tuple[tuple[int, int], ...]

LEAST_INSERTED = (
    3  # places of one page (title and text) that stand right before a keyword; two happen to honest writers
)
LEAST_FILLERS = 3  # different names before the same words
FOLLOWING = 5  # characters behind a name that are compared
SHORTEST_NAME, LONGEST_NAME = 3, 6  # characters of an invented platform's name
# What a farm or a shop sells by place. 银行 and 法院 are not among them: 甘肃银行 and 兰州法院 are names.
_SOLD = (
    r"网贷|网络贷款|网络借贷|信用卡|贷款|借款|借钱|逾期|欠款|欠债|负债|债务|催收|催债|讨债|要债|要账|追债|清债|清账|收账|收债|讨账|追账|协商|停息|征信|"
    r"法务|律师咨询|律师函|反催收|私人放款|私人借|急用钱|口子|套现|垫资|过桥|上门催|商账|不良资产"
)
INSERTED = re.compile(
    rf"(?:本地|当地|地区|附近|专业|正规|合法)?(?:{_SOLD})|的?(?:网友|朋友|客户|持卡人|借款人|负债人|用户|老板)(?!告诉|向|反映|投诉|说)"
)
BRACKETED = re.compile(r"[【\[（(〔]\s*([^】\]）)〕\s]{2,8})\s*[】\]）)〕]")

# An invented platform: a run of characters that ends like a platform's name, where a platform's name stands.
_ENDS = r"(?:贷|钱包|花|呗|借|借钱|金融|普惠|优卡|白条|借条|分期)"
_USED = r"(?=[】》”]?(?:网贷|平台|[aA][pP][pP]|的)?(?:逾期|催收|客服|人工客服|起诉|上征信|还不上|还不起|欠款|强制下款|协商还款|爆通讯录|怎么申请|额度|下款|靠谱|利息))"
_NAME = re.compile(
    rf"(?:^|[\s，。！？；：、“”‘’《》（）()\[\]【】|_,.?!;:—-])((?:[\u4e00-\u9fff]){{1,4}}{_ENDS}){_USED}", re.M
)
# It opens with a class of characters, which is skipped to far quicker than the mark that opens a name.
_NAME_END = re.compile(_ENDS + _USED)
_RUN = re.compile(r"[\u4e00-\u9fff]{0,6}$")
# What no brand's name holds: kinds of loans, and words of a sentence.
_KINDS = re.compile(
    r"[网小信消房车私农税]贷|[以养放借还欠断转续骗背逃]贷|[乱零红鲜天开]花|(?:账单|免息|停息|办理|申请|协商|最低|逾期|个性化)分期"
)
_WORDS = re.compile(
    r"消费|现金|校园|套路|助学|经营|抵押|信用|小额|个人|民间|网络|线上|线下|银行|商业|公积金|农户|企业|高利|培训|医美|美容|装修|学生|手机|大学|互联网|地方|"
    r"科技|持牌|正规|非法|违规|不良|多头|无力|按时|超前|自己|朋友|其他|其它|所有|任何|全部|提前|如何|什么|一笔|一家|"
    r"[这那哪某怎各几我你他她它们有没不未被在对和与或是的了着过会能可要想再还把向从给让为因若至到以但而且等及欠拖追催讨收]"
)
# Brands and the words of other owners that farms put before them (京东微粒贷: 微粒贷 is WeBank's).
OWNERS = ("京东", "美团", "支付宝", "蚂蚁", "微信", "百度", "抖音", "滴滴", "拼多多", "淘宝")
OWNED = {
    "微粒贷": ("微信",), "花呗": ("支付宝", "蚂蚁", "淘宝"), "借呗": ("支付宝", "蚂蚁", "淘宝"), "360借条": (),
    "拍拍贷": (), "有钱花": ("百度",), "分期乐": (), "安逸花": (), "好期贷": (), "宜人贷": (), "你我贷": (), "洋钱罐": (),
    "放心借": ("抖音",), "网商贷": ("支付宝", "蚂蚁", "淘宝"), "来分期": (), "省呗": (), "还呗": (),
}  # fmt: skip
MISPLACED = {
    brand: re.compile(f"(?:{'|'.join(owner for owner in OWNERS if owner not in owners)}){brand}")
    for brand, owners in OWNED.items()
}


def templated(document: Document) -> Spans:
    """Return where a place or platform was filled in mechanically; nothing where the page may be an honest one."""
    text, title = document.clean.text[:MAX_CHARACTERS], document.clean_title[:MAX_TITLE]
    names = [f for f in document.facets if f.kind in ("place", "platform") and f.start >= 0 and f.end <= len(text)]
    places = [f for f in names if f.kind == "place"]
    inserted = [f for f in places if INSERTED.match(text, f.end)]
    heading = [f for f in find_facets(title) if f.kind == "place"]
    of_title = [f for f in heading if INSERTED.match(title, f.end)]
    bracketed = [m.span() for m in BRACKETED.finditer(text) if any(m.span(1) == (f.start, f.end) for f in places)]
    in_bracket = [m for m in BRACKETED.finditer(title) if any(m.span(1) == (f.start, f.end) for f in heading)]
    most = Counter(f.value for f in (*inserted, *of_title)).most_common(1)
    spans = [(f.start, f.end) for f in inserted]
    if most and most[0][1] >= LEAST_INSERTED and spans:
        return _some(spans)
    if (in_bracket or of_title) and (bracketed or (in_bracket and places)):
        return _some(bracketed or [(f.start, f.end) for f in places])
    return _some([*_same_words(text, names), *_misfits(text, places)])


def _some(spans: list[tuple[int, int]]) -> Spans:
    return tuple(sorted(set(spans)))


def _same_words(text: str, names: list[Facet]) -> list[tuple[int, int]]:
    """Return the names of LEAST_FILLERS kinds or more that stand before the same words of what is sold."""
    fillers: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
    for facet in names:
        behind = text[facet.end : facet.end + FOLLOWING]
        if len(behind) == FOLLOWING and INSERTED.match(behind) and "\n" not in behind:
            fillers.setdefault((facet.kind, behind), {})[facet.value] = (facet.start, facet.end)
    return [span for found in fillers.values() if len(found) >= LEAST_FILLERS for span in found.values()]


def _misfits(text: str, places: list[Facet]) -> list[tuple[int, int]]:
    """Return districts that stand right behind a city they do not belong to (南宁江岸区: 江岸区 is in 武汉), if two do."""
    found = [
        (left.start, right.end)
        for left, right in pairwise(places)
        if left.end == right.start and _apart(left.canonical[:6], right.canonical[:6])
    ]
    return found if len({text[start:end] for start, end in found}) > 1 else []


def _apart(city: str, district: str) -> bool:
    if not (city.isdigit() and district.isdigit()) or district.endswith("00") or not city.endswith("00"):
        return False
    return city[:2] != district[:2] or (not city.endswith("0000") and city[:4] != district[:4])


def invented(document: Document) -> Spans:
    """Return where a platform is named that no gazetteer knows, or a brand is given to another's owner.

    One mention can be a slip or a private person's word: a name counts when it comes twice, the title included.
    """
    text, title = document.clean.text[:MAX_CHARACTERS], document.clean_title[:MAX_TITLE]
    spans: list[tuple[int, int]] = []
    for name in sorted(_names(title) | _names(text)):
        if _invented(name) and text.count(name) + title.count(name) > 1:
            spans += [m.span() for m in re.finditer(re.escape(name), text)]
    wrong = _misplaced(text)
    if len(wrong) > 1 or (wrong and _misplaced(title)):
        spans += wrong
    return _some(spans)


def _names(text: str) -> set[str]:
    """Return what stands where a platform's name stands, from a mark to its use."""
    found: set[str] = set()
    for hit in _NAME_END.finditer(text):
        before = _RUN.search(text, max(0, hit.start() - LONGEST_NAME), hit.start())
        mark = max(0, (before.start() if before else hit.start()) - 1)
        if name := _NAME.match(text, mark):
            found.add(name.group(1))
    return found


def _misplaced(text: str) -> list[tuple[int, int]]:
    """Return where a brand follows the name of another's owner."""
    return [m.span() for brand, pattern in MISPLACED.items() if brand in text for m in pattern.finditer(text)]


def _invented(name: str) -> bool:
    """Return whether a name in a platform's place is no ordinary word and holds no name of the gazetteer."""
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME or _KINDS.search(name) or _WORDS.search(name):
        return False
    book = gazetteer()
    return not any(
        n.kind not in ("law", "word") for _, _, phrase in find_phrases(book.phrases, name) for n in book.names[phrase]
    )

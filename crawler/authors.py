"""Who wrote an article, who edited it, and which medium it was taken from, as its own lines say.

Fields with a label (作者：, 责任编辑：, 来源：) are believed with any name; a reporter named in running text, a name in
brackets at the end (（张三 李四）), and a name that stands alone under the title only if it reads like a person's name:
a common surname and two to four ideographs. Names are returned as published, also where the page is damaged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.line_rules import fold

MAX_NAME = 40  # characters
MAX_LINE = 300  # characters of a line that are read, at its beginning and at its end
SHORT_LINE = 90  # characters up to which a label inside a line counts as a byline

# The 200 most frequent surnames (Ministry of Public Security, 2020 report), and the frequent compound ones.
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶黎贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪辛柯庄温牛樊葛殷安齐倪章季申"
    "鲁包左耿焦甘尤霍翁岳聂詹伍项颜梅毕翟路单宁关欧盛游葛房佟解游阮涂裴兰祝霍柳纪舒屈鲍成应苗艾华骆植苑管卜邢俞阎卓岑蓝谷曲冉柴桂"
    "封符车代艳臧焦滕娄原宫鞠宗迟柏褚简蒙干阳晏凌费才格丹扎尼索达次巴萧傅储费昌仝初隋巩靳明占敖宿揭虞池司上官闻伊芦鹿冼郎雍濮扈冀郏浦晏瞿茹阙晁阚饶鞠荆竺逯桓"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "端木")

_STOP = r"\s:：|｜，。；;()（）\[\]【】<>《》\d/\\\"“”'!?！？=]"
_ONE = rf"[^{_STOP[:-1]}]{{1,20}}"
_END = (
    r"(?=\s+[·•]\s|\s*(?:$|[|｜,，。;；()（）\[\]【】<>《》\"”/]|\d|\s{2,}|(?:发自|出自|发表|(?:新闻|文章|信息|稿件|图片|内容)?来源|出处|时间|日期|发布|编辑|责任|责编|作者|记者|浏览|阅读|点击|评论|字体|分享|摄|更新|人气|稿源"
    r"|通讯员|关注|文章|查看|访问|校对|审核|译|著|报道|实习|见习|图|录入|字号|我要|收藏|监制|制片|主编|微博|公众号|阅读量|原创|粉丝|于)))"
)
_NAME = rf"({_ONE}?(?:[ 、·▪•&/,，]{{1,3}}[\u4e00-\u9fff]{{2,4}}){{0,5}}?)"
_PEOPLE = r"([\u4e00-\u9fff]{2,4}(?:[ 、,，]{1,3}[\u4e00-\u9fff]{2,4}){0,5}?)"


@dataclass(frozen=True, slots=True)
class Names:
    """Names as published, "" where none is shown; ``where``: the line that names the author, for people."""

    author: str = ""
    editor: str = ""
    source_name: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class BylineLine:
    """A line near title or text. place: "head", "under-title" (right below the title) or "tail" (at the text's end)."""

    folded: str
    published: str
    place: str
    kept: bool
    links: tuple[str, ...] = ()  # folded words of the links in it
    people: tuple[str, ...] = ()  # of those that lead to somebody's own page


# (field, worth, label only, pattern). "label": any name is believed; else it must read like a person's.
_FIELDS: tuple[tuple[str, float, bool, re.Pattern[str]], ...] = (
    (
        "author",
        1.0,
        True,
        re.compile(
            r"(?<![该其本楼])(?:本文|文章|原文|原)?(?:作者|撰稿人?|撰文|执笔人?|文字)\s?[:|︱]\s*" + _NAME + _END
        ),
    ),
    ("author", 0.95, True, re.compile(r"(?:^|[\s(\[【|])文\s?[/:|]\s*" + _NAME + _END)),
    ("author", 0.9, True, re.compile(r"本[贴帖]由\s*([^\s于]{1,20})\s*于")),
    (
        "author",
        0.88,
        False,
        re.compile(
            r"(?:记者|特约撰稿|通讯员|实习生)\s{0,2}[:/|]?\s{0,2}"
            + _PEOPLE
            + r"\s*(?=$|[)/|,，。;；\]】]|\d|通讯员|实习生|编辑|摄|文|发自|报道|\s{0,2}\S{2,8}(?:报道|电|讯)|\s{2,})"
        ),
    ),
    ("author", 0.86, True, re.compile(r"(?:^|\s)([^\s|:,，。;]{2,20})\s?发表于\s?:?\s?\d")),
    (
        "author",
        0.85,
        True,
        re.compile(r"(?:发布者|发布人|发表人|博主|投稿人|上传者)\s?:\s*" + _NAME + _END),
    ),
    # Who began a thread, above 作者：, which stands at the head of each answer as well.
    ("author", 1.05, True, re.compile(r"(?:楼主|发帖人?|发帖者|提问者)\s?:\s*(?![你我他她这那您])" + _NAME + _END)),
    # posted @ 2019-05-06 10:20 张三 阅读(123): a name between its time and its readers
    ("author", 0.7, True, re.compile(r"\d:\d{2}\s+([^\s|:()\d]{2,20})\s+(?:阅读|浏览|评论)\s?\(")),
    ("author", 0.7, False, re.compile(r"^(?:作者|撰文|撰稿)\s+" + _PEOPLE + "$")),
    ("author", 0.7, False, re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\s?\[\s?" + _PEOPLE + r"\s?\]")),
    (
        "author",
        0.6,
        True,
        re.compile(r"(?:发文机关|发布机构|制定机关|发文单位|发布单位)\s?:\s*([\u4e00-\u9fff]{4,30})"),
    ),
    ("author", 0.72, False, re.compile(r"(?:^|律师|助理|编辑|\s)\s?" + _PEOPLE + r"\s?[·|]\s?(?=(?:19|20)\d\d)")),
    ("author", 0.55, True, re.compile(r"^\s?([^\s·|:\d]{2,20})\s?[·|]\s?(?=(?:19|20)\d\d)")),
    (
        "author",
        0.65,
        True,
        re.compile(
            r"(?<!powered)(?<!designed)(?:^|[\s|])by[ :]\s?([a-z\u4e00-\u9fff][^\s|,，。;；:：\d〓]{1,20}(?: [a-z][a-z.]{1,14}){0,2})\s?(?=$|[|〓,，]|\s{2}|\d)"
        ),
    ),
    (
        "editor",
        0.5,
        True,
        re.compile(
            r"(?:责任编辑|责编|(?:值班|执行|网络|本文|实习|文字|见习)?编辑|小编|录入)\s?[:/|︱]\s*" + _NAME + _END
        ),
    ),
    (
        "source_name",
        0.5,
        True,
        re.compile(r"(?:来源|来自|出处|稿源|转自|摘自|转载自)\s?[:|︱]\s*(?!\d)([^\s|,，。;；:：\[\]=()]{2,30})"),
    ),
)
# What any of these begins with: most lines hold none of it and are spared the rest.
_ANY_LABEL = re.compile(
    "作者|撰|执笔|文字|文\\s?[/:|]|本[贴帖]由|记者|通讯员|实习生|发表于|楼主|发[帖布表]|提问者|博主|投稿|上传者"
    "|\\d\\s?\\[|读\\s?\\(|览\\s?\\(|评论\\s?\\(|[·|]\\s?[12]\\d\\d\\d|机关|单位|by|编|录入|来[源自]|出处|稿源|转自|摘自|转载自"
)
_IN_BRACKETS = re.compile(
    r"[(（]\s?(?:[^()（）]{0,12}(?:记者|通讯员|作者)\s?[:/]?\s?)?" + _PEOPLE + r"(?:\s\S{2,6}报道)?\s?[)）]\s?$"
)
_ALONE = re.compile(r"^[\s/·]*" + _PEOPLE + r"$")
_NICK_ALONE = re.compile(r"^[a-z][a-z0-9_.-]{2,19}$")
_NOT_A_NAME = re.compile(
    r"^(?:(?:\+\s?)?(?:关注|已关注)(?:他|她|ta|作者)?|(?:发)?私信|赞同|收藏|申请转载|立即咨询|返回|首页|不详|未知|佚名|匿名|网友|管理员|admin|网络|本站|原创|转载|互联网|无|时间|来源|发布|编辑|作者|其他|更多|null|none|查看|关注|点击|阅读|搜索|全部|登录|注册|本报|本网|本刊|见习|实习|责任|size|图片|文章|资料图|如图|完|待续|全文完|专栏|正文|评论|新闻|综合|整理|综述|上|中|下|图|图文|组图|节选)$|(?:楼主|沙发|板凳|地板)$|[的了吗呢吧]$|[?!=]"
)
_OF_A_PROFILE = re.compile(
    r"^(?:我的|ta的|他的|她的|个人|更多)|名片|[相像]册|相簿|日[记志]|博客$|空间$|主页|中心$|留言|访客|好友|资料|简介|档案|动态|作品|文章|帖子|收藏|设置|登[录陆]|注册|查看|头像|^\d+$"
)
_NEXT_LABEL = re.compile(
    r"(?<=..)(?:发布于|发布时间|责任编辑|编辑|作者|时间|日期|浏览|阅读|点击|字[号体]|打印|收藏|分享|关闭)$"
)  # before its colon
# What follows 记者 (reporter) and the like in running text: no name begins so, unless a label says that it is one.
_RUNNING = re.compile(
    r"^(?:从|在|获悉|了解|报道|采访|日前|近日|今天|看到|来到|发现|注意|走进|表示|问|就|对|为|与|和|们|证|的|站|团|节|手记|观察|调查|他|她|我|你|这|那)"
)


def find_names(lines: Iterable[BylineLine]) -> Names:
    """Return the names that these lines state, the most trusted statement of each field."""
    found: dict[str, tuple[float, str, str]] = {}
    for rank, line in enumerate(lines):
        for field, worth, name in _stated(line):
            score = worth - rank * 0.0005
            if field not in found or score > found[field][0]:
                published = as_published(name, line.published)
                if published:
                    found[field] = (score, published, line.published[:80])
    author = found.get("author")
    source = found.get("source_name", (0.0, "", ""))
    if author is None and source[1] and is_person(fold(source[1])):
        author, source = source, (0.0, "", "")
    editor = found.get("editor", (0.0, "", ""))
    return Names(author[1] if author else "", editor[1], source[1], (author or editor)[2])


def _stated(line: BylineLine) -> Iterable[tuple[str, float, str]]:
    """Yield (field, worth, folded name) for each statement of a line."""
    words = line.folded[:MAX_LINE] if line.place != "tail" or len(line.folded) <= MAX_LINE else line.folded[-MAX_LINE:]
    short = len(words) <= SHORT_LINE
    for field, worth, labelled, pattern in _FIELDS if _ANY_LABEL.search(words) else ():
        if labelled and not short:
            continue
        for match in pattern.finditer(words):
            name = match[1].strip()
            if not short and not _stands_apart(words, match):
                continue
            name = _NEXT_LABEL.sub("", name)
            name = next((link for link in line.links if 1 < len(link) < len(name) and name.startswith(link)), name)
            if _NOT_A_NAME.search(name):
                continue
            if not labelled and (_RUNNING.search(name) or not are_people(name, match, words)):
                continue
            if "记者" in match[0]:
                name = without_place(name, words[match.end(1) : match.end(1) + 1])
            foreign = _FOREIGN.match(words, match.end(1)) if field == "author" else None
            yield field, worth, name + (foreign[0] if foreign else "")
            break
    signed = _IN_BRACKETS.search(words) if line.place == "tail" else None
    if signed and are_people(signed[1], signed, words):
        yield "author", 0.75, signed[1]
    if line.place == "under-title" and len(words) <= 24:
        alone = _ALONE.match(words)
        unnamed = alone is None or _NOT_A_NAME.search(alone[1]) or _RUNNING.search(alone[1])
        if alone and not unnamed and are_people(alone[1], alone, words):
            yield "author", 0.6, alone[1]
        elif _NICK_ALONE.match(words):
            yield "author", 0.4, words
    for name in line.people:
        if 1 < len(name) <= 20 and not _NOT_A_NAME.search(name) and not _OF_A_PROFILE.search(name):
            yield "author", 0.45, name


def _stands_apart(words: str, match: re.Match[str]) -> bool:
    """Return whether a reporter is named in brackets or at either end of a long line, not in the middle of its story."""
    return (
        match.start() < 24 or match.end() > len(words) - 14 or "(" in words[max(0, match.start() - 14) : match.start()]
    )


def are_people(names: str, match: re.Match[str], words: str) -> bool:
    """Return whether names read like people's: most of them by their surnames, or a reporter's in brackets."""
    if (
        "记者" in match[0]
        and words[match.end(1) : match.end(1) + 2].strip()[:1] == ")"
        and "(" in words[max(0, match.start() - 14) : match.start() + 1]
    ):
        return True
    parts = re.split(r"[ 、,，]+", names)
    likely = sum(
        1 for part in parts if is_person(part) or ("记者" in match[0] and len(part) == 4 and part[0] in SURNAMES)
    )
    return likely * 2 >= len(parts) and likely > 0


def without_place(name: str, following: str) -> str:
    """Return a reporter's name without the first half of the place that follows it: 记者王大川台|北6日电.

    >>> without_place("王大川台", "北"), without_place("王大川", "台")
    ('王大川', '王大川')
    """
    return name[:-1] if len(name) > 2 and _PLACE.fullmatch(name[-1] + following) else name


# The first two characters of the places that reports are sent from.
_PLACE = re.compile(
    r"台[北中南东]|高雄|桃园|新[北竹]|基隆|嘉义|屏东|花莲|彰化|苗栗|云林|南[投京昌宁]|宜兰|香港|澳门|北京"
    r"|上海|天津|重庆|广州|深圳|珠海|东[莞京]|佛山|成都|武汉|苏州|无锡|杭州|宁波|温州|西[安宁]|长[沙春]"
    r"|郑州|济南|青岛|大连|沈阳|合肥|福州|厦门|昆明|贵阳|海口|兰州|太原|石家|呼和|乌鲁|银川|拉萨|哈尔|纽约"
    r"|伦敦|巴黎|华盛|日内"
)
_FOREIGN = re.compile(r"\s?\([a-z][a-z. ]{2,30}\)")


def is_person(name: str) -> bool:
    """Return whether a folded name reads like a Chinese person's: surname and one or two ideographs more.

    >>> is_person("张三"), is_person("欧阳小明"), is_person("从未来过")
    (True, True, False)
    """
    if name.startswith(_COMPOUND):
        return 3 <= len(name) <= 4
    return (2 <= len(name) <= 3 and name[0] in SURNAMES) or (
        len(name) == 4 and name[0] in SURNAMES and name[1] in SURNAMES
    )


def as_published(name: str, line: str) -> str:
    """Return the characters of the line that a folded name came from; the folded name where they cannot be told."""
    name = name.strip("、·&/,， ")
    if not name or len(name) > MAX_NAME:
        return ""
    if name in line:
        return name
    line = line[:MAX_LINE] if name in fold(line[:MAX_LINE]) else line[-MAX_LINE:]
    for start in range(len(line)):
        if fold(line[start]) == name[0] and fold(line[start:]).startswith(name):
            for end in range(start + 1, min(len(line), start + 4 * len(name) + 12) + 1):
                if fold(line[start:end]) == name and (end == len(line) or line[end] != "("):
                    return line[start:end]
    return name


def from_metas(metas: Sequence[tuple[str, str]]) -> str:
    """Return the author whom meta elements name, if that can be a person or a medium and not an address, or ""."""
    wanted = ("author", "article:author", "og:article:author", "dc.creator", "byl", "sailthru.author")
    value = next((value.strip() for key, value in metas if key in wanted), "")
    return value if len(value) <= 20 and "://" not in value and "," not in value else ""

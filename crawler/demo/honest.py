"""Builds the honest half of the sample web: newspapers, law firm, regulator, lender, magazine, forum, complaints …

Texts are written by hand (crawler/demo/texts), people and firms invented; charsets and their labels differ, rightly and
wrongly, as they do on the web.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawler.demo import layouts
from crawler.demo.layouts import Links, Site, Surroundings
from crawler.demo.manuscripts import read
from crawler.demo.pages import Manuscript, SamplePage
from crawler.demo.serving import (
    LISTED,
    Layout,
    article,
    atom,
    lists,
    neighbours,
    page,
    robots,
    rss,
    sitemap,
    sitemap_index,
    url_of,
)

CRAWL_DELAY = "Crawl-delay: 0.05"  # seconds; small, so that the whole crawl stays under a minute
TAG = "催收"  # the tag that has a page
COMPLAINTS = 20  # composed ones, beside those written by hand; chosen
DAILY = Site(
    "news.jiangwan.example",
    "江湾日报",
    {"shehui": "社会", "fazhi": "法治", "caijing": "财经", "minsheng": "民生"},
    "<p>江湾日报社版权所有，未经授权不得转载。新闻热线 0000-8765432</p><p>沪ICP备2099001001号</p>",
    tongji="0a17c3b95de24f8891b6a0c2d7e35f44",
)
EVENING = Site(
    "www.linhaiwanbao.example",
    "临海晚报",
    {"chengshi": "城事", "fazhi": "法治", "zhuanzai": "转载"},
    "<p>临海晚报数字版 浙ICP备2099001002号</p>",
    charset="gbk",
    header_charset="",
    meta_charset="gb2312",
)
LAW = Site(
    "www.hengzhunlaw.example",
    "衡准律师事务所",
    {"guandian": "律师观点", "wenda": "法律问答"},
    "<p>本站内容不构成法律意见。地址：江湾市滨河路九号</p><p>苏ICP备2099001003号</p>",
    header_charset="",
)
REGULATOR = Site(
    "www.nanyujg.example",
    "南屿金融监管分局",
    {"tongzhi": "通知公告", "tishi": "风险提示", "wenda": "问答", "jiedu": "政策解读", "chufa": "行政处罚"},
    "主办：南屿金融监管分局　承办：信息中心（联系人：李䶮）　网站标识码：bm99000001",
    charset="gb18030",
    header_charset="",
)
LENDER = Site(
    "www.anhexf.example",
    "安禾消费金融",
    {"gonggao": "公告", "bangzhu": "帮助中心", "chanpin": "产品", "gongsi": "公司新闻"},
    "<p>客服热线 400-000-0000（虚构）贷款有风险，借款需谨慎</p><p>渝ICP备2099001005号</p>",
    header_charset="iso-8859-1",
)
MEDIA = Site(
    "www.daihouguancha.example",
    "贷后观察",
    {"guancha": "观察", "fangtan": "访谈", "diaocha": "调查"},
    "<p>投稿：tougao@daihouguancha.example</p>",
    charset="utf-8-sig",
    header_charset="utf-8",
    meta_charset="utf-8",
)
COMPLAINT = Site(
    "www.minsu315.example",
    "民诉台",
    {"tousu": "投诉", "wancheng": "已完成"},
    "<p>民诉台：消费者投诉公开平台。投诉内容由用户发布，不代表本站立场。</p>",
    header_charset="utf-8",
    meta_charset="gb2312",
)
FORUM = Site(
    "bbs.shanganhui.example",
    "上岸会论坛",
    {"forum-2": "逾期交流"},
    "版规：禁止发布广告和联系方式",
    charset="gbk",
    meta_charset="",
)
HONG_KONG = Site(
    "www.weigangnews.example",
    "維港新報",
    {"news": "港聞"},
    "維港新報有限公司版權所有",
    charset="big5hkscs",
    header_charset="big5",
    meta_charset="big5",
    lang="zh-HK",
)
TAIWAN = Site(
    "www.zhaiwufuwu.example",
    "債務服務協會",
    {"article": "專欄"},
    "社團法人債務服務協會　服務時間：週一至週五",
    charset="big5",
    header_charset="",
    meta_charset="utf-8",
    lang="zh-TW",
)
LIFE = Site(
    "www.xiaozhenlife.example",
    "小镇生活",
    {"shenghuo": "生活"},
    "<p>小镇生活 让日子简单一点</p>",
    header_charset="",
    meta_charset="",
)
ASSOCIATION = Site(
    "www.qinglan-huayi.example",
    "青岚插花协会",
    {"xiehui": "协会动态"},
    "<p>青岚插花协会 赣ICP备2099001012号</p>",
    charset="gb2312",
    header_charset="",
    tongji="77c0e4b1a2954d3f8be6019d5c2fa830",
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Texts of a site: ``unlinked`` slugs stand in sitemap or feed only."""

    site: Site
    texts: Sequence[Manuscript]
    layout: Layout
    unlinked: frozenset[str] = frozenset()
    extra: Links = ()


def _articles(shelf: Shelf) -> list[SamplePage]:
    """Return the site's articles and its lists."""
    site = shelf.site
    texts = [replace(text, section=text.section or next(iter(site.sections))) for text in shelf.texts]
    linked = [text for text in texts if text.slug not in shelf.unlinked]
    entries = {
        section: [(f"/{section}/{text.slug}.html", text.title) for text in linked if text.section == section]
        for section in site.sections
    }
    every = [link for found in entries.values() for link in found]
    made = lists(site, entries, shelf.extra)  # type: ignore[arg-type]
    for index, text in enumerate(texts):
        around = Surroundings(
            site.sections[text.section],
            text.section,
            neighbours(every, index % len(every)),
            neighbours(every, index * 3 % len(every)),
        )
        made.append(article(site, text, shelf.layout, around))
    return made


def _syndicated() -> list[Manuscript]:
    """Return the stories that the evening paper takes over, with its own first words and section."""
    return [
        replace(text, section="zhuanzai", body=f"本报综合消息　{text.body}")
        for text in read("newspaper")
        if text.syndicated
    ]


def _with_clusters(made: list[SamplePage]) -> list[SamplePage]:
    stories = {text.title: text.slug for text in read("newspaper") if text.syndicated}
    return [replace(answer, cluster=stories.get(answer.title, "")) for answer in made]


def newspapers() -> list[SamplePage]:
    """Return two newspapers, one of which takes over stories of the other; RSS on the first."""
    daily = _with_clusters(
        _articles(Shelf(DAILY, read("newspaper"), layouts.newspaper, extra=[("/tag/cuishou.html", TAG)]))
    )
    evening = _with_clusters(_articles(Shelf(EVENING, [*read("evening"), *_syndicated()], layouts.newspaper)))
    found = [answer for answer in daily if answer.kind == "article"]
    feed = rss(DAILY, "/rss.xml", found)
    tagged = [(answer.target, answer.title) for answer in found if TAG in answer.original]
    tag = page(DAILY, "/tag/cuishou.html", "list", LISTED, layouts.list_page(DAILY, f"标签：{TAG}", tagged))
    return [robots(DAILY, "Allow: /", CRAWL_DELAY), feed, tag, *daily, robots(EVENING, "Disallow: /search"), *evening]


def law_firm() -> list[SamplePage]:
    """Return the law firm, two of whose articles are in the packed sitemap only."""
    made = _articles(Shelf(LAW, read("lawfirm"), layouts.company, frozenset({"taozhai-gongsi", "lixi-shangxian"})))
    found = [answer for answer in made if answer.kind == "article"]
    parts = [
        sitemap(LAW, "/sitemap-articles.xml.gz", found[: len(found) // 2], packed=True),
        sitemap(LAW, "/sitemap-more.xml.gz", found[len(found) // 2 :], packed=True),
    ]
    index = sitemap_index(LAW, "/sitemap.xml", parts)
    return [robots(LAW, "Disallow: /admin/", CRAWL_DELAY, f"Sitemap: {index.url}"), index, *parts, *made]


def regulator() -> list[SamplePage]:
    """Return the regulator, which disallows its internal folder."""
    secret = [("/neibu/2025.html", "内部资料")]
    made = _articles(Shelf(REGULATOR, read("regulator"), layouts.office, extra=secret))
    hidden = page(
        REGULATOR, "/neibu/2025.html", "trap", "robots", "<html><body><p>内部资料，不对外公开。</p></body></html>"
    )
    return [robots(REGULATOR, "Disallow: /neibu/", CRAWL_DELAY), hidden, *made]


def magazine() -> list[SamplePage]:
    """Return the trade magazine: an Atom feed, and one article in three parts."""
    written = read("media_parts")[0]
    path = f"/{written.section}/{written.slug}"
    first = [(f"{path}.html", written.title)]
    made = _articles(Shelf(MEDIA, read("media"), layouts.company, frozenset({"gangtai-jingyan"}), first))
    feed = atom(MEDIA, "/atom.xml", [answer for answer in made if answer.kind == "article"])
    return [robots(MEDIA, "Allow: /"), feed, *made, *_in_parts(written, path)]


def _in_parts(written: Manuscript, path: str) -> list[SamplePage]:
    bodies = written.body.split("\n--- part\n")
    paths = [f"{path}.html", *(f"{path}_{number}.html" for number in range(2, len(bodies) + 1))]
    made = []
    for number, body in enumerate(bodies):
        following = [(paths[number + 1], "下一页")] if number + 1 < len(bodies) else []
        around = Surroundings(MEDIA.sections[written.section], written.section, (), (), (), following)
        part = article(MEDIA, replace(written, body=body), layouts.company, around)
        made.append(replace(part, url=url_of(MEDIA, paths[number]), kind="part"))
    return made


def _composed_complaints() -> list[Manuscript]:
    """Return complaints put together from banks of problems, replies and endings; no two alike."""
    bank = read("complaint_parts")
    problems, replies, endings = (
        [text for text in bank if text.slug == kind] for kind in ("problem", "reply", "ending")
    )
    platforms = ("米粒借", "蓝雀分期", "橙芽分期", "顺心花", "云朵钱包", "麦仓贷", "青禾白条", "速渡钱包")
    made = []
    for index in range(COMPLAINTS):
        problem, reply = problems[index % len(problems)], replies[(index // 2) % len(replies)]
        ending, platform = endings[(index // 3) % len(endings)], platforms[(index * 5) % len(platforms)]
        second = problems[(index + 1 + index // len(problems)) % len(problems)]
        amount = str(1300 + index * 370)
        body = (
            f"投诉对象：{platform}。投诉问题：{problem.title}。投诉要求：退还费用、书面答复。涉诉金额：{amount}元。\n"
            f"{problem.body.format(amount=amount)}\n另外还有一件事。{second.body.format(amount=amount)}\n{reply.body}\n{ending.body}"
        )
        made.append(
            Manuscript(
                f"ts-{20400 + index}",
                f"【{platform}】{problem.title}",
                body,
                f"匿名用户{index * 7919 % 65536:04x}",
                f"2025-{index % 9 + 1:02}-{index * 3 % 27 + 1:02} {8 + index % 12:02}:{index * 7 % 60:02}:00",
                "complaint",
                "wancheng" if index % 2 else "tousu",
            )
        )
    return made


def _threads() -> list[SamplePage]:
    made = _articles(Shelf(FORUM, read("thread"), layouts.forum))
    return [
        replace(answer, kind="thread", original=_said(answer.original), readable=_said(answer.readable))
        if answer.kind == "article"
        else answer
        for answer in made
    ]


def _said(body: str) -> str:
    """Return the words of a thread without the lines that name who replied when."""
    return "\n".join(line for line in body.splitlines() if not line.startswith(">> "))


def pages() -> list[SamplePage]:
    """Return all pages of this half of the sample web."""
    complaints = [*read("complaint"), *_composed_complaints()]
    hidden = [("/wap/", "信用修复")]
    return [
        *newspapers(),
        *law_firm(),
        *regulator(),
        *magazine(),
        robots(LENDER, "Allow: /"),
        *_articles(Shelf(LENDER, read("lender"), layouts.company)),
        robots(COMPLAINT, "Disallow: /user/"),
        *_articles(Shelf(COMPLAINT, complaints, layouts.company)),
        robots(FORUM, "Disallow: /member.php"),
        *_threads(),
        robots(HONG_KONG, "Allow: /"),
        *_articles(Shelf(HONG_KONG, read("hongkong"), layouts.traditional)),
        *_articles(Shelf(TAIWAN, read("taiwan"), layouts.traditional)),
        robots(LIFE, "Allow: /"),
        *_articles(Shelf(LIFE, read("life"), layouts.newspaper)),
        robots(ASSOCIATION, "Allow: /"),
        *_articles(Shelf(ASSOCIATION, read("association"), layouts.office, extra=hidden)),
    ]

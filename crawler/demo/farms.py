"""Builds a network of content farms, and holds the invented numbers of all dishonest sites of the sample web.

The farms fill templates with places and platforms and publish them through ``damage``. They are joined in a chain, not by
one feature: three share an analytics account, three a telephone number, four a mailbox, two a licence number. All numbers and accounts are invented: no Chinese operator uses the prefix 154 for
people, QQ numbers do not begin with 99 at ten digits, and licences of the year 2099 do not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from zlib import crc32

from crawler.demo import damage, layouts
from crawler.demo.layouts import Site, Surroundings
from crawler.demo.manuscripts import read
from crawler.demo.pages import Manuscript, SamplePage, main_text, scope_of
from crawler.demo.serving import lists, neighbours, page, robots

PHONE_PREFIX = "1540000"  # seven digits; chosen because no operator has given 154 to people
PHONES = {name: f"{PHONE_PREFIX}{number}" for name, number in (("farm", "2711"), ("shop", "6618"), ("pool", "3390"))}
MAILBOXES = {"farm": "9900012345@qq.com", "shop": "9900067890@qq.com"}
WECHATS = {"shop": "yaozhang_demo6618", "pool": "xiufu_demo3390"}
TONGJI = {"farm": "5f0c2b7d9e1a48360c7be2d4a9f31866", "shop": "b81d7e02c4569af3307fd15ac2e8946b"}
ICP = {"farm": "湘ICP备2099000147号", "farm2": "豫ICP备2099000258号", "shop": "皖ICP备2099000369号"}
NETWORK = "yuqibang"
SHOP_NETWORK = "taozhaishun"
POOL_NETWORK = "xiufu"

PROVINCES = ("甘肃", "湖南", "河南", "山东", "四川", "云南", "贵州", "辽宁", "吉林", "江西", "广西", "福建")
CITIES = (
    "长沙",
    "郑州",
    "洛阳",
    "兰州",
    "南宁",
    "昆明",
    "贵阳",
    "南昌",
    "合肥",
    "太原",
    "保定",
    "绵阳",
    "徐州",
    "芜湖",
)
PLATFORMS = ("米粒借", "蓝雀分期", "橙芽分期", "顺心花", "云朵钱包", "麦仓贷", "青禾白条", "速渡钱包")
EDITORS = ("钟沐言", "栗思源", "冉北辰", "宫以宁", "芮南乔", "糜知秋", "佟映雪", "逄若谷")
SPAM_FARM = 1
SPAM_BLATANT = 2
FIRST_YEAR, YEARS = 2024, 2
TEMPLATES = {text.slug: text for text in read("farm")}


def _chosen(values: tuple[str, ...], *key: str) -> str:
    return values[crc32("/".join(key).encode()) % len(values)]


def date_of(*key: str) -> str:
    """Return a date and time that the key decides, as sites show it."""
    number = crc32("|".join(key).encode())
    year, month, day = FIRST_YEAR + number % YEARS, number // 2 % 12 + 1, number // 24 % 28 + 1
    return f"{year}-{month:02}-{day:02} {number // 700 % 24:02}:{number // 17 % 60:02}:{number // 31 % 60:02}"


def fill(template: Manuscript, value: str, **more: str) -> Manuscript:
    """Return the template with the place or platform put into title and body."""
    slots = {"place": value, "city": value, "platform": value, **more}
    return replace(template, title=template.title.format(**slots), body=template.body.format(**slots))


def _commas(text: str) -> str:
    return text.replace("，", ",")


def _cut(text: str) -> str:
    return _commas(damage.replace_words(text, damage.CUT_WORDS))


def _spun(text: str) -> str:
    return damage.replace_words(damage.replace_words(text, damage.SPUN_WORDS), damage.MASKED_WORDS)


def _plain(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Farm:
    """A content farm: ``cut`` is damage that cannot be undone, ``write`` damage that can, in this order."""

    site: Site
    filled: tuple[tuple[str, tuple[str, ...]], ...]  # template slug, places or platforms
    damage: tuple[str, ...]
    cut: Callable[[str], str] = _plain
    write: Callable[[str], str] = _plain


def _annotated(text: str) -> str:
    return damage.annotate(damage.traditional(text), "partial", full_stops=True)


def _annotated_fully(text: str) -> str:
    return damage.annotate(damage.traditional(text), "full", private_use=True)


def _site(host: str, name: str, write: Callable[[str], str], **more: str | None) -> Site:
    sections = {
        "yuqi": "逾期资讯",
        "cuishou": "催收资讯",
        "xieshang": "协商还款",
        "zhengxin": "征信百科",
        "lvshi": "法律问答",
        "daikuan": "贷款口子",
    }
    friends = '友情链接：<a href="http://www.qinglan-huayi.example/wap/">信用修复</a> <a href="http://www.taozhaishun.example/">讨债公司</a>'
    icp = more.pop("icp", "")
    return Site(host, name, sections, f"{friends}<p>Copyright {name} {icp}</p>", network=NETWORK, say=write, **more)  # type: ignore[arg-type]


def farms() -> tuple[Farm, ...]:
    """Return the farms of the network."""
    removal = f"内容侵权、删帖举报联系方式：{PHONES['farm']} {MAILBOXES['farm']}"
    mail = f"内容侵权、删帖举报联系邮箱：{MAILBOXES['farm']}"
    return (
        Farm(
            _site(
                "www.yuqibang.example", "逾期帮", _annotated, tongji=TONGJI["farm"], icp=ICP["farm"], copy_line=removal
            ),
            (("qiye", PROVINCES), ("shangmen", PROVINCES[:10]), ("pingtai", PLATFORMS)),
            ("traditional", "pinyin", "straddle", "holes"),
            _cut,
            _annotated,
        ),
        Farm(
            _site(
                "zixun.daizhidao.example",
                "贷知道",
                damage.traditional,
                tongji=TONGJI["farm"],
                copy_line="内容侵权请联系删除",
            ),
            (("xieshang", PROVINCES[:10]), ("zhengxin", CITIES[:8]), ("pingtai", PLATFORMS)),
            ("traditional",),
            _plain,
            damage.traditional,
        ),
        Farm(
            _site("www.cuishouwang.example", "催收网", _plain, tongji=TONGJI["farm"], copy_line=removal, charset="gbk"),
            (("shangmen", PROVINCES[:10]), ("hangye", PROVINCES[:10]), ("qisu", PLATFORMS)),
            ("holes",),
            lambda text: damage.replace_words(text, damage.CUT_TOPIC_WORDS),
        ),
        Farm(
            _site("m.huankuanjia.example", "还款家", _annotated_fully, icp=ICP["farm"], copy_line=mail),
            (("xieshang", CITIES[:10]), ("qiye", PROVINCES[:8]), ("chanpin", PLATFORMS[:6])),
            ("traditional", "pinyin", "straddle"),
            _commas,
            _annotated_fully,
        ),
        Farm(
            _site(
                "www.xiefenqi.example",
                "协分期",
                _plain,
                icp=ICP["farm2"],
                copy_line=removal,
                charset="gbk",
                header_charset="utf-8",
                meta_charset="gb2312",
            ),
            (("zhengxin", PROVINCES[:8]), ("qisu", PLATFORMS), ("xieshang", PROVINCES[:6])),
            ("spun", "masks"),
            _spun,
        ),
    )


def _farm_article(farm: Farm, slug: str, value: str) -> tuple[Manuscript, Manuscript]:
    """Return the article as written before damage and as the site publishes it."""
    template = fill(TEMPLATES[slug], value)
    number = 10_000 + crc32(f"{slug}{value}".encode()) % 90_000
    written = replace(
        template,
        slug=str(number),
        author=_chosen(EDITORS, farm.site.host, value),
        date=date_of(farm.site.host, slug, value),
    )
    published = replace(
        written,
        title=farm.write(_commas(written.title) if farm.cut is _cut else farm.cut(written.title)),
        author=farm.write(written.author),
        body="\n".join(_published_line(farm, line) for line in written.body.splitlines()),
    )
    return written, published


def _published_line(farm: Farm, line: str) -> str:
    mark = "# " if line.startswith("# ") else ""
    return mark + farm.write(farm.cut(line.removeprefix("# ")))


def farm_pages(farm: Farm) -> list[SamplePage]:
    """Return every page of a farm: front, lists, robots and articles."""
    articles = [(slug, value, *_farm_article(farm, slug, value)) for slug, values in farm.filled for value in values]
    entries: dict[str, list[tuple[str, str]]] = {}
    for _, _, _, text in articles:
        entries.setdefault(text.section, []).append((f"/{text.section}/{text.slug}.html", text.title))
    site = replace(farm.site, sections={path: name for path, name in farm.site.sections.items() if path in entries})
    every = [link for found in entries.values() for link in found]
    made = [robots(site, "Disallow:"), *lists(site, entries)]  # type: ignore[arg-type]
    for index, (slug, value, written, text) in enumerate(articles):
        around = Surroundings(
            site.say(site.sections[text.section]),
            text.section,
            neighbours(every, index),
            neighbours(every, index * 7 % len(every)),
        )
        answer = page(site, f"/{text.section}/{text.slug}.html", "article", "kept", layouts.farm(site, text, around))
        made.append(
            replace(
                answer,
                title=written.title,
                author=written.author,
                published=written.date.replace(" ", "T"),
                topic=written.topic,
                scope=scope_of(written.topic),
                spam=SPAM_BLATANT if slug == "chanpin" else SPAM_FARM,
                damage=farm.damage,
                original=main_text(written.body),
                readable="\n".join(farm.cut(line) for line in main_text(written.body).splitlines()),
                cluster=f"{slug}/{value}",
                template=slug,
            )
        )
    return made


def pages() -> list[SamplePage]:
    """Return all pages of the network."""
    return [answer for farm in farms() for answer in farm_pages(farm)]

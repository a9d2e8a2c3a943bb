"""Seeded sites with texts: honest ones that look like spam in one respect, and spam of five kinds of makers.

Every page goes through ``corpus.page_traits`` and ``corpus.shingles`` as a real one does. Honest strata do what honest
sites do: law firms have landing pages for cities, banks print the same notice for every branch, local news copies agency
reports and posts at a pace, small firms describe products in one frame. Rates are chosen and stand in the code.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from corpus.page_traits import PageText, redundancy, signed_hash, traits
from corpus.shingles import fingerprint
from corpus.site_features import Context, Pages, pack, unpack

CITIES = (
    "甘肃", "湖南", "四川", "河北", "江苏", "浙江", "福建", "山东", "云南", "贵州", "陕西", "辽宁", "吉林", "安徽", "江西",
    "河南", "湖北", "广东", "海南", "青海", "宁夏", "新疆", "西藏", "广西", "重庆", "天津", "上海", "北京", "山西", "黑龙江",
)  # fmt: skip
PLATFORMS = (
    "花呗",
    "借呗",
    "微粒贷",
    "京东金条",
    "美团借钱",
    "度小满",
    "分期乐",
    "拍拍贷",
    "宜人贷",
    "招联",
    "马上消费",
    "安逸花",
)
_WHO = (
    "借款人", "持卡人", "平台", "银行", "消费者", "催收人员", "监管部门", "法院", "律师", "记者", "当事人", "客服", "村民",
    "居民", "学校", "企业", "合作社", "医院", "司机", "业主", "商户", "运动员", "教师", "工程师", "检修队", "志愿者",
)  # fmt: skip
_WHEN = (
    "昨天下午", "上个月", "去年冬天", "签约之后", "收到通知后", "在审查期间", "开庭以前", "雨季到来时", "春节前后", "最近几周",
    "按照约定", "经过协商", "在窗口", "凌晨时分", "第二次会议上", "多次沟通后", "检查完毕后", "设备到货后",
)  # fmt: skip
_DID = (
    "提交了书面材料", "要求重新核算利息", "拒绝接受这份方案", "向媒体说明了经过", "安排专人跟进", "公布了新的办法", "把款项退回原账户",
    "修好了村口的桥", "更换了全部管道", "组织了一次培训", "调整了还款计划", "撤回了原来的申请", "保留了通话记录", "投诉到主管单位",
    "完成了第一期工程", "领取了补助", "签下三年合同", "发现账目对不上", "请来外地专家", "把收成卖到省城", "取消了原定的比赛",
    "改用新的型号", "通过了验收", "重新装修了大厅", "查封了两间仓库", "延长了营业时间",
)  # fmt: skip
_WHY = (
    "因为手续还没有办齐", "理由是合同写得不清楚", "这在当地还是头一回", "结果比预想的要好", "不过费用仍有争议", "邻近几个县也在观望",
    "有关文件随后公开", "具体数额没有透露", "双方都表示满意", "下一步怎样还要再看", "这件事花了将近两个月", "天气也帮了忙",
    "老人们对此并不意外", "原来的负责人已经调走", "其余部分留到年底处理", "网上的说法并不准确", "此前没有先例可循", "当天没有人受伤",
)  # fmt: skip
COMMON = "".join(
    bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)
)
_TOPICS = (
    "网贷逾期怎么办",
    "信用卡协商还款",
    "催收上门是否合法",
    "征信修复流程",
    "分期还款方案",
    "债务重组办法",
    "逾期多久会起诉",
)


@dataclass
class MadeSite:
    """One site: its pages and what other passes would know of it. ``spam``: the truth."""

    name: str
    stratum: str
    spam: bool
    pages: list[PageText] = field(default_factory=list)
    copied: set[int] = field(default_factory=set)  # pages that repeat an earlier one elsewhere, source not named
    lending: bool = True
    hosts: int = 1
    shared: float = 0.0  # rarity sum of entities shared with sites already ruled spam
    funnel: tuple[float, tuple[str, ...]] = (0.0, ())
    filing: str = ""


class Writer:
    """Writes sentences that no other site has, from a seeded source."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def sentence(self) -> str:
        pick = self.chance.choice
        return f"{self.word()}{pick(_WHO)}{pick(_WHEN)}{self.word()}{pick(_DID)}，{self.word()}{self.word()}，{pick(_WHY)}{self.word()}。"

    def word(self) -> str:
        """Two to four characters out of the 3,755 common ones (GB 2312, level 1): names, places, whatever is new in a text."""
        return "".join(self.chance.choices(COMMON, k=self.chance.randint(2, 4)))

    def text(self, sentences: int) -> str:
        found = [self.sentence() for _ in range(sentences)]
        return "\n".join("".join(found[at : at + 4]) for at in range(0, sentences, 4))

    def title(self) -> str:
        pick = self.chance.choice
        return f"{self.word()}{pick(_WHO)}{pick(_WHEN)}{pick(_DID)}"


FILED = {"forum": 0.5, "blog": 0.3}  # honest sites with a filing of their own; .85 in the other strata
FILED_SPAM = 0.12  # bought domains that still show their last holder's
Maker = Callable[[str, Writer], MadeSite]


def make_sites(seed: int = 0, honest: int = 240, spam: int = 200) -> Iterator[MadeSite]:
    """Yield sites one after another, honest strata and makers of spam in turn."""
    chance = random.Random(seed)
    for number in range(honest):
        stratum, maker = HONEST[number % len(HONEST)]
        site = maker(f"{stratum}-{number}.example.com", Writer(random.Random(chance.getrandbits(64))))
        site.filing = "粤ICP备2099000001号" if chance.random() < FILED.get(stratum, 0.85) else ""
        yield site
    for number in range(spam):
        stratum, maker = SPAM[number % len(SPAM)]
        site = maker(f"{stratum}-{number}.example.net", Writer(random.Random(chance.getrandbits(64))))
        site.filing = "粤ICP备2099000002号" if chance.random() < FILED_SPAM else ""
        yield site


def pages_of(site: MadeSite) -> tuple[Pages, Context]:
    """Return the table and the context that the pass over the corpus would make of the site."""
    stored, masked = [], []
    for index, page in enumerate(site.pages):
        key = signed_hash(f"{site.name}/{index}")
        stored.append(pack(traits(page), key=key, folder=0, host=signed_hash(str(index % site.hosts))))
        masked.append(fingerprint(page.text).masked)
    pages = unpack(stored)
    sizes = Counter(masked)
    pages["number"] = np.arange(len(pages))
    pages["template_size"] = [sizes[digest] if sizes[digest] > 1 else 0 for digest in masked]
    pages["copied"] = [index in site.copied for index in range(len(pages))]
    pages["lending"] = site.lending
    together = redundancy([page.text for page in site.pages[:20]])
    reuse = (site.shared, 2 if site.shared else 0, "phone")
    return pages, Context(redundancy=together, reuse=reuse, funnel=site.funnel, filing=site.filing)


def _article(write: Writer, **more: object) -> PageText:
    return PageText(title=write.title(), text=write.text(write.chance.randint(12, 30)), **more)  # type: ignore[arg-type]


def _count(write: Writer) -> int:
    return write.chance.randint(14, 45)


def law_firm(name: str, write: Writer) -> MadeSite:
    site = MadeSite(name, "law-firm", False)
    disclaimer = write.text(4)
    cities = write.chance.random() < 0.4
    for _ in range(_count(write)):
        if cities and write.chance.random() < 0.3:
            city = write.chance.choice(CITIES)
            site.pages.append(
                PageText(title=f"{city}网贷纠纷律师在线咨询", text=f"{city}的当事人可以预约。\n{disclaimer}")
            )
        else:
            page = _article(write)
            site.pages.append(PageText(title=page.title, text=f"{page.text}\n{disclaimer}"))
    return site


def bank(name: str, write: Writer) -> MadeSite:
    site = MadeSite(name, "bank", False, lending=True)
    notice = write.text(8)
    share = write.chance.uniform(0.2, 0.6)
    for _ in range(_count(write)):
        if write.chance.random() < share:
            city = write.chance.choice(CITIES)
            site.pages.append(PageText(title=f"关于{city}分行信用卡业务调整的公告", text=f"{city}分行公告\n{notice}"))
        else:
            site.pages.append(_article(write))
    return site


def local_news(name: str, write: Writer) -> MadeSite:
    site = MadeSite(name, "local-news", False, lending=write.chance.random() < 0.5)
    unnamed = write.chance.uniform(0.0, 0.5)  # of agency reports, those without the agency's name
    daily = write.text(3)
    clock = 1_700_000_000
    for index in range(_count(write)):
        clock += write.chance.randint(30, 1_200)
        posted = f"2024-01-{1 + clock // 86_400 % 28:02}T{clock // 3_600 % 24:02}:{clock // 60 % 60:02}:{clock % 60:02}"
        kind = write.chance.random()
        if kind < 0.15:
            site.pages.append(
                PageText(title=f"本市{index + 1}日天气预报与菜价", text=f"气温{index}度\n{daily}", posted=posted)
            )
        else:
            site.pages.append(_article(write, posted=posted))
            if kind < 0.55 and write.chance.random() < unnamed:
                site.copied.add(index)
    return site


def small_business(name: str, write: Writer) -> MadeSite:
    site = MadeSite(name, "small-business", False, lending=False)
    about, frame = write.text(4), write.text(3)
    share = write.chance.uniform(0.2, 0.7)
    for index in range(write.chance.randint(10, 25)):
        if write.chance.random() < share:
            site.pages.append(
                PageText(
                    title=f"HX-{index}型离心泵产品参数", text=f"型号HX-{index}，流量{index * 3}。\n{frame}\n{about}"
                )
            )
        else:
            page = _article(write)
            site.pages.append(PageText(title=page.title, text=f"{page.text}\n{about}"))
    if write.chance.random() < 0.5:
        site.funnel = (1.0, ("partner.example.com", "vendor.example.com"))
    return site


def forum(name: str, write: Writer) -> MadeSite:
    site = MadeSite(name, "forum", False)
    for _ in range(_count(write)):
        asked = write.chance.choice(_TOPICS)
        site.pages.append(
            PageText(title=f"{write.chance.choice(PLATFORMS)}{asked}", text=write.text(write.chance.randint(5, 40)))
        )
    return site


def blog(name: str, write: Writer) -> MadeSite:
    site = MadeSite(name, "blog", False)
    headings = write.chance.random() < 0.2  # writes with a language model, and says 引言 and 总结
    for _ in range(_count(write)):
        page = _article(write)
        text = f"引言\n{page.text}\n总结\n{write.sentence()}" if headings else page.text
        site.pages.append(PageText(title=page.title, text=text))
        if write.chance.random() < 0.1:
            site.copied.add(len(site.pages) - 1)
    return site


def doorway(name: str, write: Writer) -> MadeSite:
    """The same text for every place and platform."""
    site = MadeSite(name, "doorway", True)
    templates = [
        (write.chance.choice(_TOPICS), write.text(write.chance.randint(10, 20)))
        for _ in range(write.chance.randint(1, 4))
    ]
    filler = write.chance.uniform(0.0, 0.35)
    for _ in range(_count(write)):
        if write.chance.random() < filler:
            site.pages.append(_article(write))
            continue
        topic, text = write.chance.choice(templates)
        city, platform = write.chance.choice(CITIES), write.chance.choice(PLATFORMS)
        title = f"{city}{platform}{topic}有哪些有效方法"
        site.pages.append(PageText(title=title, text=f"{city}{platform}的用户常问。\n{text}\n{city}的读者可以参考。"))
    _kit(site, write, 0.3)
    return _contacts(site, write)


def pool(name: str, write: Writer) -> MadeSite:
    """Paragraphs of one stock in another order on every page."""
    site = MadeSite(name, "pool", True)
    stock = [write.text(2).replace("\n", "") for _ in range(write.chance.randint(20, 60))]
    for _ in range(_count(write)):
        chosen = write.chance.sample(stock, write.chance.randint(6, 12))
        site.pages.append(PageText(title=write.title(), text="\n".join(chosen)))
    if write.chance.random() < 0.7:
        site.funnel = (1.0, ("money.example.org", "landing.example.org"))
    site.hosts = len(site.pages) if write.chance.random() < 0.4 else 1
    return _contacts(site, write)


def farm(name: str, write: Writer) -> MadeSite:
    """Texts of a generator in one scaffold, words cut by a filter, titles from a pattern; often served by a kit."""
    site = MadeSite(name, "farm", True)
    pattern = write.chance.choice(_TOPICS)
    holes = write.chance.random() < 0.6
    patterned = write.chance.uniform(0.5, 1.0)
    for index in range(_count(write)):
        text = f"小编导语\n{write.text(write.chance.randint(12, 24))}\n小编总结\n{write.sentence()}"
        titled = write.chance.random() < patterned
        title = f"{write.chance.choice(CITIES)}{write.chance.choice(PLATFORMS)}{pattern}" if titled else write.title()
        cut = ("问题", "电话", "同时")[: write.chance.randint(1, 3)] if holes else ()
        site.pages.append(PageText(title=title, text=text, holes=cut))
        if write.chance.random() < 0.3:
            site.copied.add(index)
    _kit(site, write, 0.8)
    return _contacts(site, write)


def copier(name: str, write: Writer) -> MadeSite:
    """Articles of other sites without their names, under titles of its own pattern, stacked with links."""
    site = MadeSite(name, "copier", True)
    pattern = write.chance.choice(_TOPICS)
    links = write.chance.random() < 0.6
    for index in range(_count(write)):
        page = PageText(
            title=f"{write.chance.choice(PLATFORMS)}{pattern}", text=write.text(write.chance.randint(12, 30)),
            outside_sites=write.chance.randint(20, 60) if links else 2, link_length=2_000 if links else 100,
        )  # fmt: skip
        site.pages.append(page)
        if write.chance.random() < 0.9:
            site.copied.add(index)
    site.hosts = len(site.pages) if write.chance.random() < 0.4 else 1
    _kit(site, write, 0.5)
    return _contacts(site, write)


def stuffed(name: str, write: Writer) -> MadeSite:
    """A bought or broken-into site whose titles and keywords sell gambling, bodies scraped and annotated by a kit."""
    site = MadeSite(name, "stuffed", True)
    for index in range(_count(write)):
        page = _article(write, keywords="时时彩,百家乐,澳门新葡京,皇冠体育" if write.chance.random() < 0.8 else "")
        site.pages.append(page)
        if write.chance.random() < 0.5:
            site.copied.add(index)
    _kit(site, write, 0.8)
    return _contacts(site, write)


def _kit(site: MadeSite, write: Writer, rate: float) -> None:
    """Served by a kit: pinyin after characters, now and then a byte slip."""
    if write.chance.random() >= rate:
        return
    share = write.chance.uniform(0.5, 1.0)
    site.pages = [
        PageText(
            title=page.title, text=page.text, keywords=page.keywords, holes=page.holes, outside_sites=page.outside_sites,
            link_length=page.link_length, annotations=len(page.text) // 8, slips=write.chance.randint(0, 1),
        )
        if write.chance.random() < share
        else page
        for page in site.pages
    ]  # fmt: skip


def _contacts(site: MadeSite, write: Writer) -> MadeSite:
    if write.chance.random() < 0.3:
        site.shared = write.chance.uniform(1.5, 4.0)
    return site


HONEST: tuple[tuple[str, Maker], ...] = (
    ("law-firm", law_firm), ("bank", bank), ("local-news", local_news), ("small-business", small_business),
    ("forum", forum), ("blog", blog),
)  # fmt: skip
SPAM: tuple[tuple[str, Maker], ...] = (
    ("doorway", doorway), ("pool", pool), ("farm", farm), ("copier", copier), ("stuffed", stuffed),
)  # fmt: skip

"""Builds doorway pages of the sample web: two debt shops, one page a city, and a hijacked host's injected folder.

A doorway page exists to be found, not read: the same words for every city, a telephone number, links to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crawler.demo import farms, layouts
from crawler.demo.layouts import Site, Surroundings
from crawler.demo.manuscripts import read
from crawler.demo.pages import Manuscript, SamplePage, main_text, scope_of
from crawler.demo.serving import LISTED, lists, neighbours, page, robots

SHOP_HOSTS = ("www.taozhaishun.example", "www.anyaozhang.example")
INJECTED_CITIES = 9  # of each of the two injected templates; chosen


def pool_hosts(host: str) -> tuple[str, ...]:
    """Return the names under a debt shop's domain that its hidden footer links to and that have no address."""
    return tuple(f"{label}.{host.removeprefix('www.')}" for label in ("a1", "b2", "c3"))


def _shop(host: str, name: str, template: Manuscript) -> list[SamplePage]:
    pool = "主站蜘蛛池模板：" + " ".join(f'<a href="http://{name}/">{name}</a>' for name in pool_hosts(host))
    footer = f"{name} {farms.ICP['shop']} QQ邮箱 {farms.MAILBOXES['shop']}<div style='display:none'>{pool}</div>"
    site = Site(
        host,
        name,
        {"yewu": "业务范围"},
        footer,
        network=farms.SHOP_NETWORK,
        tongji=farms.TONGJI["shop"],
        copy_line=farms.PHONES["shop"],
    )
    texts = [
        replace(
            farms.fill(
                template,
                city,
                phone=farms.PHONES["shop"],
                wechat=farms.WECHATS["shop"],
                mailbox=farms.MAILBOXES["shop"],
            ),
            slug=f"{template.slug}{index}",
            date=farms.date_of(host, city),
        )
        for index, city in enumerate(farms.CITIES)
    ]
    return _doorway(site, texts, "yewu", layouts.debtshop, [robots(site, "Allow: /")])


def _doorway(
    site: Site,
    texts: list[Manuscript],
    folder: str,
    layout: Callable[[Site, Manuscript, Surroundings], str],
    made: list[SamplePage],
) -> list[SamplePage]:
    """Return the doorway pages of a folder, and the lists that lead to them where the folder is a section."""
    entries = [(f"/{folder}/{text.slug}.html", text.title.split("_")[0]) for text in texts]
    if folder in site.sections:
        made += lists(site, {folder: entries})
    for index, text in enumerate(texts):
        around = Surroundings(
            site.sections.get(folder, ""), folder, neighbours(entries, index), (), entries[index - 1 : index]
        )
        answer = page(site, f"/{folder}/{text.slug}.html", "article", "kept", layout(site, text, around))
        words = main_text(text.body)
        made.append(
            replace(
                answer,
                title=text.title,
                topic=text.topic,
                scope=scope_of(text.topic),
                spam=farms.SPAM_BLATANT,
                original=words,
                readable=words,
                cluster=f"{site.host}/{text.slug}",
                template=text.slug.rstrip("0123456789"),
                damage=("injected",) if folder == "wap" else (),
                network=site.network,
                published="",
                author="",
            )
        )
    return made


def debt_shop_pages() -> list[SamplePage]:
    """Return the pages of the two debt shops, which share everything but the name."""
    first, second = read("debtshop")
    return _shop(SHOP_HOSTS[0], "顺达清债", first) + _shop(SHOP_HOSTS[1], "安信要账", second)


def injected_pages(site: Site) -> list[SamplePage]:
    """Return what intruders put into the folder /wap/ of an innocent site: a list and doorway pages."""
    texts = [
        replace(farms.fill(template, city, wechat=farms.WECHATS["pool"]), slug=f"{template.slug}{index}", date="")
        for template in read("injected")
        for index, city in enumerate(farms.CITIES[:INJECTED_CITIES])
    ]
    footer = f"咨询热线 {farms.PHONES['pool']} 微信 {farms.WECHATS['pool']}"
    intruder = replace(
        site,
        name="信用修复中心",
        footer=footer,
        network=farms.POOL_NETWORK,
        sections={"wap": "信用修复"},
        copy_line=farms.PHONES["pool"],
    )
    entries = [(f"/wap/{text.slug}.html", text.title.split("_")[0]) for text in texts]
    made = [page(intruder, "/wap/", "list", LISTED, layouts.list_page(intruder, "信用修复", entries))]
    half = len(texts) // 2
    hidden = replace(intruder, sections={})
    return (
        made
        + _doorway(hidden, texts[:half], "wap", layouts.debtshop, [])
        + _doorway(hidden, texts[half:], "wap", layouts.debtshop, [])
    )


def pages(hijacked: Site) -> list[SamplePage]:
    """Return the pages of the debt shops, and those in the injected folder of the innocent site given."""
    return debt_shop_pages() + injected_pages(hijacked)

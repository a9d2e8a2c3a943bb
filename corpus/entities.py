"""Who a site says it is: contacts and ids of its pages, weighed by where they stand and on how many pages.

Three layers are kept apart, since they have different owners: the publisher (contacts, filings, analytics accounts),
the text generator, and the kit that serves or hijacks. Only the publisher's layer can join sites (``corpus.networks``).
A number in a complaint is no contact of the site, the number of the agency that built it is no owner's, and what a
bank or a regulator prints belongs to everybody. Source: dedup_spam.md section C, guards 1-5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from corpus.contacts import stop_entities

MIN_SHARE = 0.6  # of a site's pages that must show an entity for it to be the publisher's (dedup_spam.md, guard 1)
VENDOR_WINDOW = 30  # code points before a contact in which a vendor's mark makes it the vendor's (chosen)
VENDOR_MARK = re.compile(
    r"技术支持|网站建设|网站制作|网站设计|建站|设计制作|网页设计|程序支持|运维支持|模板(?:来自|提供)|SEO支持|[Pp]owered [Bb]y|[Dd]esigned? [Bb]y"
)
TAKEDOWN_WINDOW = 60  # code points before a contact in which words about removal make it the complaints' line (chosen)
TAKEDOWN_MARK = re.compile(r"侵权|删帖|删除|举报|投诉|下架|版权问题|不良信息")
_SUFFIX = re.compile(r"[-\u2010-\u2015－—]\s?([0-9]{1,3})$")

LAYERS = {
    "phone": "publisher", "qq": "publisher", "email": "publisher", "wechat": "publisher", "icp": "publisher",
    "police-record": "publisher", "baidu-tongji": "publisher", "cnzz": "publisher", "51la": "publisher",
    "google-analytics": "publisher", "adsense": "publisher", "baidu-union": "publisher", "verification": "publisher",
    "editor": "publisher", "scaffold": "generator", "hole-words": "generator", "residue": "generator",
    "pinyin-table": "serving", "pool-footer": "serving",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SiteEntity:
    """One entity of one site. ``share`` of its pages that show it, 0..1; ``vendor``: it stands behind a vendor's mark;
    ``takedown``: it is
    where complaints about the content go; ``suffixes``: of an ICP number as this site writes it ("1" of …号-1)."""

    site: str
    kind: str
    value: str
    share: float
    pages: int
    vendor: bool = False
    suffixes: tuple[str, ...] = ()
    takedown: bool = False


def is_takedown(text: str, start: int) -> bool:
    """Return whether what stands at ``start`` follows words such as 删帖举报联系 (for removal and complaints, contact)."""
    return TAKEDOWN_MARK.search(text[max(0, start - TAKEDOWN_WINDOW) : start]) is not None


def is_vendor(text: str, start: int) -> bool:
    """Return whether what stands at ``start`` follows a mark of whoever built the site, such as 技术支持 (support by)."""
    before = text[max(0, start - VENDOR_WINDOW) : start]
    marks = list(VENDOR_MARK.finditer(before))
    # A new line or a separator ends the vendor's part.
    return bool(marks) and not re.search(r"[\n|｜]", before[marks[-1].end() :])


def icp_suffix(raw: str) -> str:
    """Return the number that tells one site of a filing from the next: "3" of 粤ICP备2099000001号-3, or ""."""
    found = _SUFFIX.search(raw)
    return found.group(1) if found else ""


def publisher_entities(entities: Iterable[SiteEntity]) -> tuple[SiteEntity, ...]:
    """Return the entities that can say who owns a site: shown on most pages, no vendor's, no hotline, none twice.

    A mailbox of digits at qq.com is the QQ number, and a WeChat id that is a phone number is the phone: one fact counts
    once. Entities that a canary shows are everybody's and are dropped for all.
    """
    stops = stop_entities()
    kept = [
        entity
        for entity in entities
        if LAYERS.get(entity.kind) == "publisher"
        and entity.share >= MIN_SHARE
        and not entity.vendor
        and (entity.kind, entity.value) not in stops
        and not _same_fact(entity)
    ]
    everybodys = {(entity.kind, entity.value) for entity in kept if is_canary(entity.site)}
    return tuple(entity for entity in kept if (entity.kind, entity.value) not in everybodys)


def is_canary(site: str) -> bool:
    """Return whether the site is one that no network may hold: government, universities, banks, news, platforms."""
    return bool(canary_name(site))


def canary_name(site: str) -> str:
    """Return who a canary is, or ""."""
    domain = site.partition("/")[0]
    if domain.endswith((".gov.cn", ".edu.cn", ".gov.hk", ".gov.tw")) or domain in {"gov.cn", "edu.cn"}:
        return "政府或高校 (government or university)"
    return canaries().get(domain, "")


@cache
def canaries() -> dict[str, str]:
    """Return the listed canaries and who they are. Source: canaries.tsv."""
    lines = files("corpus").joinpath("canaries.tsv").read_text("utf-8").splitlines()
    rows: list[Sequence[str]] = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {row[0]: f"{row[2]} ({row[1]})" for row in rows}


def _same_fact(entity: SiteEntity) -> bool:
    if entity.kind == "email":
        name, _, host = entity.value.partition("@")
        return host == "qq.com" and name.isdigit()
    return entity.kind == "wechat" and len(entity.value) == 11 and entity.value.isdigit()

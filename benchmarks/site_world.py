"""A seeded world of sites and operators to measure attribution on: the truth is known because the world is made.

Entities and mutual copies of a few thousand sites, as ``corpus.entities`` would find them: honest sites in strata,
operators with spam sites that show a part of their contacts each, and everything that is known to join what does not
belong together: agencies' numbers and analytics ids on their clients' sites, defaults of themes, filings of site
builders, copied footers, syndicated news, text vendors shared by operators, hijacked hosts, numbers quoted in complaints.
Shape after dedup_spam.md section C; the rates are chosen, stand in the code, and were not tuned to the rules.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from itertools import combinations

from corpus.entities import SiteEntity
from corpus.network_edges import Mutual

STRATA = {
    "small-business": 1_250,
    "law-firm": 260,
    "local-news": 220,
    "bank": 60,
    "forum": 170,
    "blog": 330,
    "agency": 90,
}
# Chance that an honest site shows a contact or id of its own, by kind.
OWN = {
    "phone": 0.85, "email": 0.4, "qq": 0.3, "wechat": 0.25, "icp": 0.9, "police-record": 0.5, "baidu-tongji": 0.6,
    "cnzz": 0.15, "google-analytics": 0.1, "verification": 0.3, "adsense": 0.06,
}  # fmt: skip
# How many of each an operator has, (least, most), and the chance that it has any.
OPERATOR = {
    "phone": (1, 3, 0.85), "qq": (1, 3, 0.8), "email": (1, 2, 0.5), "wechat": (1, 2, 0.5), "icp": (1, 2, 0.35),
    "baidu-tongji": (1, 4, 0.8), "cnzz": (1, 2, 0.4), "51la": (1, 2, 0.4), "google-analytics": (1, 1, 0.15),
    "adsense": (1, 1, 0.2), "baidu-union": (1, 2, 0.3), "verification": (1, 3, 0.3),
}  # fmt: skip


@dataclass
class World:
    """``owner``: site to its owner's name; sites of one owner are a network. ``stratum``: what kind of site."""

    owner: dict[str, str] = field(default_factory=dict)
    stratum: dict[str, str] = field(default_factory=dict)
    entities: list[SiteEntity] = field(default_factory=list)
    mutual: list[Mutual] = field(default_factory=list)
    hijacked: set[str] = field(default_factory=set)  # path units known to be hijacked
    _serial: int = 0

    def fresh(self, kind: str) -> str:
        """Return a value of that kind that nothing else has."""
        self._serial += 1
        number = self._serial
        shapes = {
            "phone": f"139{number:08}", "qq": f"{200_000_000 + number}", "email": f"u{number}@example.com",
            "wechat": f"wx_{number:06}", "icp": f"粤ICP备{2_099_000_000 + number}号", "police-record": f"4403990{number:07}",
            "baidu-tongji": f"{number:032x}", "cnzz": f"12{number:08}", "51la": f"19{number:06}",
            "google-analytics": f"UA-{number:08}", "adsense": f"pub-{number:016}", "baidu-union": f"u{number:07}",
            "verification": f"baidu-site-verification=code{number:08}",
        }  # fmt: skip
        return shapes[kind]

    def show(
        self,
        site: str,
        kind: str,
        value: str,
        share: float = 1.0,
        *,
        vendor: bool = False,
        suffix: str = "",
        takedown: bool = False,
    ) -> None:
        suffixes = (suffix,) if suffix else ()
        self.entities.append(SiteEntity(site, kind, value, share, 40, vendor, suffixes, takedown))

    def shown(self, site: str, kinds: tuple[str, ...]) -> list[SiteEntity]:
        return [entity for entity in self.entities if entity.site == site and entity.kind in kinds]


def make_world(seed: int = 0, scale: float = 1.0, networks: int = 84) -> World:
    """Return the world of that seed: about 3,300 sites and 84 operators at scale 1."""
    chance = random.Random(seed)
    world = World()
    for stratum, count in STRATA.items():
        for number in range(round(count * scale)):
            _honest(world, chance, f"{stratum}-{number}.example.com", stratum)
    _companies(world, chance, round(25 * scale))
    operators = [_operator(world, chance, number) for number in range(networks)]
    _agencies(world, chance, round(28 * scale))
    _themes(world, chance)
    _builders(world, chance)
    _syndication(world, chance, round(500 * scale))
    _text_vendors(world, chance, operators)
    _middlemen(world, chance, operators)
    _copied_footers(world, chance, operators, round(45 * scale))
    _hijacked(world, chance, operators, round(150 * scale))
    _complaints(world, chance, operators, round(80 * scale))
    return world


def number_of(site: str) -> int:
    """Return the first number in a made name."""
    return int(re.findall(r"[0-9]+", site)[0])


def _honest(world: World, chance: random.Random, site: str, stratum: str, owner: str = "") -> None:
    world.owner[site] = owner or site
    world.stratum[site] = stratum
    for kind, rate in OWN.items():
        if kind == "adsense" and stratum == "blog":
            rate = 0.35
        if chance.random() < rate:
            suffix = chance.choice(("1", "1", "1", "")) if kind == "icp" else ""
            takedown = kind in {"email", "qq"} and number_of(site) % 5 == 0  # every fifth names it for complaints
            world.show(site, kind, world.fresh(kind), chance.uniform(0.7, 1.0), suffix=suffix, takedown=takedown)


def _companies(world: World, chance: random.Random, count: int) -> None:
    """Honest companies with two or three sites: one filing with several suffixes, one telephone, one analytics account."""
    for number in range(count):
        icp, phone, tongji = world.fresh("icp"), world.fresh("phone"), world.fresh("baidu-tongji")
        for index in range(chance.choice((2, 2, 3))):
            site = f"company-{number}-{index}.example.com"
            world.owner[site], world.stratum[site] = f"company-{number}", "small-business"
            world.show(site, "icp", icp, suffix=str(index + 1))
            world.show(site, "phone", phone, 0.9)
            if chance.random() < 0.7:
                world.show(site, "baidu-tongji", tongji)


def _operator(world: World, chance: random.Random, number: int) -> list[str]:
    size = min(57, 3 + int(chance.paretovariate(1.15) * 3))
    openness = chance.uniform(0.45, 0.95)  # how much of what it has an operator's site shows
    owned = {
        kind: [world.fresh(kind) for _ in range(chance.randint(least, most))]
        for kind, (least, most, rate) in OPERATOR.items()
        if chance.random() < rate
    }
    sites = [f"spam-{number}-{index}.example.net" for index in range(size)]
    for index, site in enumerate(sites):
        world.owner[site], world.stratum[site] = f"operator-{number}", "spam"
        for kind, values in owned.items():
            if chance.random() < openness:
                suffix = str(index + 1) if kind == "icp" else ""
                takedown = number % 5 < 3 and kind in {"phone", "email", "qq"}  # three in five name them for complaints
                value, share = chance.choice(values), chance.uniform(0.62, 1.0)
                world.show(site, kind, value, share, suffix=suffix, takedown=takedown)
        if chance.random() < 0.12:  # a bought domain still shows the filing of its last holder
            world.show(site, "icp", world.fresh("icp"), suffix="1")
        if chance.random() < 0.1:  # a number of its own
            world.show(site, "phone", world.fresh("phone"))
    mutual = chance.random() < 0.6
    for left, right in combinations(sites, 2):
        if mutual and chance.random() < 0.45:
            world.mutual.append(Mutual(left, right, "copies", chance.randint(5, 40), chance.randint(3, 40)))
    return sites


def _honest_sites(world: World) -> list[str]:
    return sorted(site for site, stratum in world.stratum.items() if stratum not in {"spam", "hijacked"})


def _agencies(world: World, chance: random.Random, count: int) -> None:
    clients = [site for site in _honest_sites(world) if world.stratum[site] in {"small-business", "law-firm", "blog"}]
    for _ in range(count):
        chosen = chance.sample(clients, min(len(clients), 2 + int(chance.paretovariate(0.9) * 3), 90))
        kinds = [
            kind
            for kind, rate in (("phone", 0.8), ("baidu-tongji", 0.7), ("qq", 0.4), ("cnzz", 0.3))
            if chance.random() < rate
        ]
        values = {kind: world.fresh(kind) for kind in kinds}
        marked = chance.random() < 0.6  # 技术支持 (support by) stands before the number
        for site in chosen:
            for kind, value in values.items():
                if chance.random() < 0.85:
                    world.show(site, kind, value, vendor=marked and kind in {"phone", "qq"})


def _themes(world: World, chance: random.Random) -> None:
    everybody = sorted(world.owner)
    for kind, count in (("cnzz", 420), ("baidu-tongji", 120), ("51la", 60)):
        value, other = world.fresh(kind), world.fresh("verification")
        for site in chance.sample(everybody, min(count, len(everybody) // 3)):
            world.show(site, kind, value)
            if chance.random() < 0.5:
                world.show(site, "verification", other)


def _builders(world: World, chance: random.Random) -> None:
    everybody = sorted(world.owner)
    for count in (180, 70, 12):
        value = world.fresh("icp")
        for site in chance.sample(everybody, min(count, len(everybody) // 4)):
            world.show(site, "icp", value, suffix="1")


def _syndication(world: World, chance: random.Random, count: int) -> None:
    news = [site for site, stratum in world.stratum.items() if stratum in {"local-news", "forum", "blog"}]
    for _ in range(count):
        left, right = chance.sample(news, 2)
        world.mutual.append(Mutual(left, right, "copies", chance.randint(1, 60), chance.randint(1, 60)))


def _text_vendors(world: World, chance: random.Random, operators: list[list[str]]) -> None:
    """Operators who buy from one text vendor hold the same articles, each first on some."""
    for _ in range(8):
        buyers = chance.sample(operators, 3)
        for one, other in combinations(buyers, 2):
            for left in one[:12]:
                for right in other[:12]:
                    if chance.random() < 0.3:
                        world.mutual.append(Mutual(left, right, "copies", chance.randint(5, 30), chance.randint(5, 30)))


def _middlemen(world: World, chance: random.Random, operators: list[list[str]]) -> None:
    """A seller of removals or adverts whose one account stands on sites of several operators."""
    for _ in range(6):
        kind = chance.choice(("qq", "wechat", "baidu-union"))
        value = world.fresh(kind)
        for sites in chance.sample(operators, 3):
            for site in sites:
                if chance.random() < 0.25:
                    world.show(site, kind, value, chance.uniform(0.62, 1.0))


def _copied_footers(world: World, chance: random.Random, operators: list[list[str]], count: int) -> None:
    victims = chance.sample(_honest_sites(world), count)
    kinds = ("phone", "email", "qq", "icp", "police-record")
    for victim in victims:
        footer = world.shown(victim, kinds)
        sites = chance.choice(operators)
        for site in chance.sample(sites, min(len(sites), chance.choice((1, 1, 1, 2, 3, 6)))):
            for entity in footer:
                suffix = "".join(entity.suffixes)
                world.show(site, entity.kind, entity.value, 0.95, suffix=suffix, takedown=entity.takedown)


def _hijacked(world: World, chance: random.Random, operators: list[list[str]], count: int) -> None:
    for site in chance.sample(_honest_sites(world), count):
        source = chance.choice(chance.choice(operators))
        shown = world.shown(source, ("phone", "qq", "email", "wechat", "baidu-tongji", "cnzz", "51la"))
        known = chance.random() < 0.6
        unit = f"{site}/b" if known else site
        if known:
            world.hijacked.add(unit)
            world.owner[unit], world.stratum[unit] = unit, "hijacked"
        for entity in shown:
            world.show(unit, entity.kind, entity.value, 1.0 if known else chance.uniform(0.03, 0.55))


def _complaints(world: World, chance: random.Random, operators: list[list[str]], count: int) -> None:
    forums = [site for site, stratum in world.stratum.items() if stratum in {"forum", "local-news", "law-firm"}]
    for _ in range(count):
        source = chance.choice(chance.choice(operators))
        for entity in world.shown(source, ("phone", "qq", "wechat")):
            world.show(chance.choice(forums), entity.kind, entity.value, chance.uniform(0.005, 0.12))

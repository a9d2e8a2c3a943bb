"""Who is joined to whom: rules on small worlds, floors on the seeded one, ids that stay."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.site_world import World, make_world
from benchmarks.sites import judge, ours
from corpus.entities import SiteEntity, icp_suffix, is_canary, is_takedown, is_vendor, publisher_entities
from corpus.network_edges import MUTUAL_PAGES, Mutual
from corpus.networks import NetworkRun, find_networks

SITES = 3_000  # of the corpus that the small worlds are thought to lie in
Shown = tuple[str, str, str]  # site, kind, value


def entities(*rows: Shown, share: float = 1.0, vendor: bool = False) -> list[SiteEntity]:
    return [SiteEntity(site, kind, value, share, 40, vendor) for site, kind, value in rows]


def joined(run: NetworkRun, certainty: str = "") -> set[frozenset[str]]:
    return {frozenset(network.sites) for network in run.networks if not certainty or network.certainty == certainty}


def shared(sites: Sequence[str], **values: str) -> list[SiteEntity]:
    return entities(*((site, kind.replace("_", "-"), value) for site in sites for kind, value in values.items()))


ABC = ("a.test", "b.test", "c.test")


def test_two_independent_types_join() -> None:
    run = find_networks(shared(ABC, phone="13900000001", baidu_tongji="0" * 32), sites=SITES)
    assert joined(run, "certain") == {frozenset(ABC)}


def test_one_type_alone_joins_nothing() -> None:
    assert not find_networks(shared(ABC, phone="13900000001"), sites=SITES).networks


def test_a_mailbox_of_digits_and_its_qq_number_are_one_fact() -> None:
    assert not find_networks(shared(ABC, qq="300000001", email="300000001@qq.com"), sites=SITES).networks


def test_text_in_common_alone_makes_no_owner_in_common() -> None:
    mutual = [Mutual(left, right, "copies", 50, 50) for left, right in combinations(ABC, 2)]
    assert not find_networks([], mutual, sites=SITES).networks


@pytest.mark.parametrize(
    ("back", "found"), [(MUTUAL_PAGES, True), (MUTUAL_PAGES - 1, False)], ids=["both ways", "one way"]
)
def test_copies_count_when_they_go_both_ways(back: int, found: bool) -> None:
    mutual = [Mutual(left, right, "copies", 50, back) for left, right in combinations(ABC, 2)]
    assert bool(find_networks(shared(ABC, phone="13900000001"), mutual, sites=SITES).networks) is found


def test_a_contact_on_few_pages_is_a_quotation() -> None:
    quoted = entities(("a.test", "phone", "1"), ("a.test", "cnzz", "2"), share=0.3)
    assert not find_networks(quoted + shared(ABC[1:2], phone="1", cnzz="2"), sites=SITES).networks


def test_a_number_behind_a_vendors_mark_is_the_vendors() -> None:
    rows = [(site, kind, "1") for site in ABC for kind in ("phone", "cnzz")]
    assert not find_networks(entities(*rows, vendor=True), sites=SITES).networks


def test_clients_of_an_agency_are_not_joined() -> None:
    clients = [f"client-{number}.test" for number in range(12)]
    own = entities(*((site, "phone", f"1391111{number:04}") for number, site in enumerate(clients)))
    run = find_networks(shared(clients, phone="13900000009", baidu_tongji="f" * 32) + own, sites=SITES)
    assert not run.networks
    assert ("baidu-tongji", "f" * 32) in run.hubs


def test_a_copied_footer_with_its_filing_joins_nothing() -> None:
    footer = {
        "phone": "13900000001",
        "email": "a@example.com",
        "icp": "粤ICP备2099000001号",
        "police_record": "44039900000001",
    }
    assert not find_networks(shared(ABC, **footer), sites=SITES).networks


def test_sites_of_one_filing_with_suffixes_of_their_own_are_joined() -> None:
    rows = [
        SiteEntity(site, "icp", "粤ICP备2099000001号", 1.0, 40, False, (str(number),))
        for number, site in enumerate(ABC, 1)
    ]
    run = find_networks(rows + shared(ABC, phone="13900000001"), sites=SITES)
    assert joined(run) == {frozenset(ABC)}


def test_the_victim_of_a_copied_footer_does_not_join_the_copiers() -> None:
    victim, sites = "honest.test", ("s1.test", "s2.test", "s3.test", "s4.test")
    network = shared(sites, phone="13900000001", baidu_tongji="0" * 32)
    copied = shared((victim, *sites), phone="13900000002", email="honest@example.com")
    run = find_networks(network + copied, sites=SITES)
    assert joined(run) == {frozenset(sites)}


def answering(sites: Sequence[str], **values: str) -> list[SiteEntity]:
    """Contacts that stand in a line about complaints and removal."""
    return [replace(entity, takedown=True) for entity in shared(sites, **values)]


def test_sites_that_answer_complaints_together_are_probably_one_network() -> None:
    core = shared(("s1.test", "s2.test", "s3.test"), baidu_tongji="0" * 32)
    line = answering(("s1.test", "s2.test", "s3.test", "s4.test"), phone="13900000001", email="a@example.com")
    run = find_networks(core + line, sites=SITES)
    assert joined(run, "certain") == {frozenset({"s1.test", "s2.test", "s3.test"})}
    assert joined(run, "probable") == {frozenset({"s1.test", "s2.test", "s3.test", "s4.test"})}


CORE = ("s1.test", "s2.test", "s3.test")
OWN_ACCOUNTS = [{"cnzz": "1200000001"}, {"verification": "x=1"}, {"adsense": "pub-7"}]


@pytest.mark.parametrize("own", OWN_ACCOUNTS, ids=["statistics", "verification", "advertising"])
def test_a_site_with_accounts_of_its_own_shares_no_more_than_a_copied_line(own: dict[str, str]) -> None:
    line = answering((*CORE, "honest.test"), phone="13900000001", email="a@example.com")
    run = find_networks([*shared(CORE, baidu_tongji="0" * 32), *line, *shared(("honest.test",), **own)], sites=SITES)
    assert joined(run) == {frozenset(CORE)}


def test_a_site_that_shares_one_of_its_accounts_with_another_may_answer_complaints_with_a_network() -> None:
    line = answering((*CORE, "s4.test"), phone="13900000001", email="a@example.com")
    accounts = [*shared(("s4.test",), cnzz="1200000001"), *shared(("s4.test", "else.test"), adsense="pub-7")]
    run = find_networks([*shared(CORE, baidu_tongji="0" * 32), *line, *accounts], sites=SITES)
    assert joined(run, "probable") == {frozenset((*CORE, "s4.test"))}


def test_a_line_about_complaints_on_two_sites_only_hangs_nobody_on_to_a_network() -> None:
    line = answering((CORE[0], "honest.test"), phone="13900000001", email="a@example.com")
    run = find_networks([*shared(CORE, baidu_tongji="0" * 32, qq="300000001"), *line], sites=SITES)
    assert joined(run) == {frozenset(CORE)}


@pytest.mark.parametrize(("own", "found"), [({"cnzz": "1200000001"}, set()), ({}, {frozenset(("a.test", "b.test"))})])
def test_two_sites_of_one_footer_are_shown_unless_one_has_accounts_of_its_own(
    own: dict[str, str], found: set[frozenset[str]]
) -> None:
    footer = shared(("a.test", "b.test"), phone="13900000001", email="a@example.com")
    assert joined(find_networks([*footer, *shared(("a.test",), **own)], sites=SITES)) == found


COMPANY = ("company1.test", "company2.test", "company3.test")


@pytest.mark.parametrize(("suffix", "together"), [("1", False), ("", False), ("own", True)])
def test_a_company_whose_footer_is_copied_with_its_filing_is_no_part_of_the_copiers(
    suffix: str, together: bool
) -> None:
    filing = "粤ICP备2099000001号"
    numbered = [(site, str(number)) for number, site in enumerate(COMPANY, 1)]
    numbered += [(site, str(number) if suffix == "own" else suffix) for number, site in enumerate(CORE, 4)]
    filings = [SiteEntity(site, "icp", filing, 1.0, 40, False, (each,) if each else ()) for site, each in numbered]
    company, core = shared(COMPANY, baidu_tongji="1" * 32), shared(CORE, baidu_tongji="0" * 32, qq="300000001")
    run = find_networks([*filings, *company, *core, *shared((*COMPANY, *CORE), phone="13900000001")], sites=SITES)
    assert (frozenset((*COMPANY, *CORE)) in joined(run)) is together


NET = tuple(f"n{number}.test" for number in range(4))


def test_a_site_with_nothing_but_a_contact_of_one_network_probably_belongs_to_it() -> None:
    run = find_networks([*shared(NET, phone="1", cnzz="2"), *shared(("x.test",), phone="1")], sites=SITES)
    assert joined(run) == {frozenset(NET), frozenset((*NET, "x.test"))}
    assert joined(run, "certain") == {frozenset(NET)}


@pytest.mark.parametrize(
    "own",
    [{"email": "x@x.test"}, {"icp": "粤ICP备2099000007号"}, {"adsense": "pub-7"}],
    ids=["mailbox", "filing", "account"],
)
def test_a_site_with_something_of_its_own_does_not_hang_on(own: dict[str, str]) -> None:
    run = find_networks([*shared(NET, phone="1", cnzz="2"), *shared(("x.test",), phone="1", **own)], sites=SITES)
    assert joined(run) == {frozenset(NET)}


def test_a_network_shows_two_types_of_a_site_that_no_single_member_does() -> None:
    """Half of the members show the one telephone, half the other account: a site that shows both is theirs."""
    network = [*shared(NET, qq="300000001", cnzz="2"), *shared(NET[:2], phone="1"), *shared(NET[2:], adsense="pub-7")]
    run = find_networks([*network, *shared(("x.test",), phone="1", adsense="pub-7")], sites=SITES)
    assert joined(run, "certain") == {frozenset((*NET, "x.test"))}


OTHER = tuple(f"o{number}.test" for number in range(4))
TWO = [*shared(NET, qq="300000001", cnzz="2"), *shared(OTHER, qq="300000002", cnzz="3")]


def test_networks_that_share_contacts_which_vary_are_probably_one() -> None:
    both = [*shared((*NET[:2], *OTHER[:2]), email="a@x.test"), *shared((*NET[1:3], *OTHER[2:]), wechat="wx_1")]
    run = find_networks([*TWO, *both], sites=SITES)
    assert joined(run, "certain") == {frozenset(NET), frozenset(OTHER)}
    assert joined(run, "probable") == {frozenset((*NET, *OTHER))}


def test_a_middlemans_one_account_joins_no_networks() -> None:
    run = find_networks([*TWO, *shared((*NET[:2], *OTHER[:2]), wechat="wx_1")], sites=SITES)
    assert joined(run) == {frozenset(NET), frozenset(OTHER)}


def test_a_contact_on_all_sites_of_two_networks_probably_makes_them_one() -> None:
    run = find_networks([*TWO, *shared((*NET, *OTHER), wechat="wx_1")], sites=SITES)
    assert joined(run, "probable") == {frozenset((*NET, *OTHER))}


def test_a_default_of_a_theme_on_many_sites_joins_nothing() -> None:
    many = [f"site-{number}.test" for number in range(200)]
    assert not find_networks(shared(many, cnzz="1200000001", verification="x=1"), sites=SITES).networks


def test_hijacked_hosts_own_nothing_they_show() -> None:
    run = find_networks(
        shared((*ABC, "victim.test/b"), phone="13900000001", baidu_tongji="0" * 32),
        sites=SITES,
        excluded=frozenset({"victim.test/b"}),
    )
    assert joined(run) == {frozenset(ABC)}


def test_what_a_canary_shows_belongs_to_everybody() -> None:
    run = find_networks(shared((*ABC, "pbc.gov.cn"), phone="13900000001", baidu_tongji="0" * 32), sites=SITES)
    assert not run.networks
    assert not run.canaries


def test_an_edge_lists_its_evidence_rows() -> None:
    (network,) = find_networks(shared(ABC, phone="13900000001", cnzz="1200000001"), sites=SITES).networks
    assert all(
        {row[:2] for row in edge.evidence} == {("phone", "13900000001"), ("cnzz", "1200000001")}
        for edge in network.edges
    )


def test_an_id_stays_when_sites_come_and_go() -> None:
    before = find_networks(shared(("b.test", "c.test", "d.test"), phone="1", cnzz="2"), sites=SITES)
    old = {network.id: network.sites for network in before.networks}
    after = find_networks(shared(("a.test", "b.test", "c.test"), phone="1", cnzz="2"), sites=SITES, before=old)
    assert [network.id for network in after.networks] == list(old)


def test_sudden_growth_is_told() -> None:
    run = find_networks(
        shared([f"s{number}.test" for number in range(12)], phone="1", cnzz="2"),
        sites=SITES,
        before={"c1": ("s1.test", "s2.test")},
    )
    assert "grew from 2 to 12" in run.alerts[0]


def test_an_entity_that_holds_a_network_together_is_shown_for_review() -> None:
    left, right = [f"l{number}.test" for number in range(8)], [f"r{number}.test" for number in range(8)]
    rows = shared(left, phone="1", cnzz="2") + shared(right, phone="3", **{"51la": "4"})
    run = find_networks(rows + shared((left[0], right[0]), adsense="pub-1", google_analytics="UA-1"), sites=SITES)
    assert ("adsense", "pub-1") in run.networks[0].hinges


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**9))
def test_the_order_of_evidence_makes_no_difference(seed: int) -> None:
    chance = random.Random(seed)
    rows = chance.sample(SMALL.entities, len(SMALL.entities))
    mutual = chance.sample(SMALL.mutual, len(SMALL.mutual))
    assert find_networks(rows, mutual, sites=len(SMALL.owner)) == SMALL_RUN


SMALL: World = make_world(seed=3, scale=0.05, networks=6)
SMALL_RUN = find_networks(SMALL.entities, SMALL.mutual, sites=len(SMALL.owner))


@pytest.fixture(scope="module")
def figures() -> dict[str, list[tuple[float, float, int]]]:
    worlds = [make_world(seed) for seed in range(5)]
    assert all(len(world.owner) >= 3_000 for world in worlds)
    certainties = {"certain": ("certain",), "probable": ("certain", "probable")}
    return {name: [judge(world, ours(world, each)) for world in worlds] for name, each in certainties.items()}


def test_certain_networks_are_right_and_found(figures: dict[str, list[tuple[float, float, int]]]) -> None:
    precision, recall, honest = zip(*figures["certain"], strict=True)
    assert min(precision) == 1.0
    assert statistics.median(recall) >= 0.78
    assert max(honest) == 0


def test_probable_networks_are_nearly_always_right(figures: dict[str, list[tuple[float, float, int]]]) -> None:
    precision, recall, honest = zip(*figures["probable"], strict=True)
    assert min(precision) >= 0.97
    assert statistics.median(recall) >= 0.86
    assert max(honest) == 0


VENDORS = [
    ("技术支持：某某科技 13900000001", True),
    ("网站建设 13900000001", True),
    ("技术支持：某某科技\n联系电话 13900000001", False),
    ("技术支持：某某 | 电话 13900000001", False),
    ("联系电话 13900000001", False),
]


@pytest.mark.parametrize(("text", "vendor"), VENDORS)
def test_vendors_mark(text: str, vendor: bool) -> None:
    assert is_vendor(text, text.index("139")) is vendor


@pytest.mark.parametrize(
    ("raw", "suffix"), [("粤ICP备2099000001号-3", "3"), ("粤ICP备2099000001号", ""), ("京B2-20990001", "")]
)
def test_suffix_of_a_filing(raw: str, suffix: str) -> None:
    assert icp_suffix(raw) == suffix


@pytest.mark.parametrize(
    ("site", "canary"),
    [
        ("court.gov.cn", True),
        ("x.gov.cn", True),
        ("icbc.com.cn", True),
        ("gov.cn.example", False),
        ("govcn.test", False),
    ],
)
def test_canaries(site: str, canary: bool) -> None:
    assert is_canary(site) is canary


def test_stop_entities_are_no_publishers() -> None:
    assert not publisher_entities(entities(("a.test", "hotline", "12378"), ("a.test", "phone", "13800138000")))


@pytest.mark.parametrize(
    ("text", "takedown"), [("内容侵权、删帖举报联系方式：13900000001", True), ("联系电话 13900000001", False)]
)
def test_line_about_complaints(text: str, takedown: bool) -> None:
    assert is_takedown(text, text.index("139")) is takedown

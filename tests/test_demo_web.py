"""The sample web: what it promises is true of it, and the server answers as the manifest says."""

from __future__ import annotations

import gzip
import re
import socket
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import opencc
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from corpus.records import REASONS
from crawler.demo import damage, farms, server, web
from crawler.demo.pages import SamplePage

DOC = Path(__file__).parent.parent / "docs" / "sample_web.md"
PAGES = web.manifest()
BY_URL = {made.url: made for made in PAGES}
ARTICLES = tuple(made for made in PAGES if made.topic)
TOPICS = {
    "practice",
    "overdue",
    "negotiate",
    "credit",
    "litigation",
    "law",
    "industry",
    "fraud",
    "complaint",
    "private",
    "product",
    "off",
}
FARM = [made for made in ARTICLES if made.network == farms.NETWORK]


def text_of(made: SamplePage) -> str:
    return made.body.decode(made.charset)


def test_there_are_twelve_sites_and_three_hundred_pages() -> None:
    assert len({host.rsplit(".", 2)[-2] for host in web.hosts()}) >= 12
    assert len(PAGES) >= 300


def test_every_topic_occurs_and_no_other() -> None:
    assert {made.topic for made in ARTICLES} == TOPICS


def test_every_article_has_a_scope_and_no_other_page() -> None:
    assert {made.scope for made in ARTICLES} == {"core", "edge", "out"}
    assert {made.scope for made in PAGES if not made.topic} == {""}


def test_every_outcome_is_a_reason_or_no_rejection() -> None:
    assert {outcome for made in PAGES for outcome in made.outcomes} <= {*REASONS, "kept", "links", "redirect"}


def test_building_twice_gives_the_same_bytes() -> None:
    web._pages.cache_clear()
    assert web.manifest() == PAGES


def links_of(made: SamplePage) -> Iterator[str]:
    body = gzip.decompress(made.body) if made.url.endswith(".gz") else made.body
    found = re.findall(rb"href=[\"']([^\"']+)|<loc>([^<]+)|<link>([^<]+)|Sitemap: (\S+)", body)
    for groups in found:
        yield urldefrag(urljoin(made.url, b"".join(groups).decode()))[0]
    for name, value in made.headers:
        if name == "Location":
            yield urljoin(made.url, value)


def test_every_page_is_found_from_the_seeds() -> None:
    found: set[str] = set()
    queue = [*web.seeds(), *(f"http://{host}/robots.txt" for host in web.hosts())]
    queue += [f"http://{host}/{path}" for host, path in (web.FEEDS | web.SITEMAPS).items()]
    while queue:
        url = queue.pop()
        if url in BY_URL and url not in found:
            found.add(url)
            queue += links_of(BY_URL[url])
    assert found == set(BY_URL)


def test_links_lead_to_pages_or_to_what_is_said_to_be_dead() -> None:
    away = {"192.168.0.1", "10.0.0.8", "169.254.169.254", "evil.example", "hm.baidu.com", *web.dead_hosts()}
    lost = [
        link
        for made in PAGES
        for link in links_of(made)
        if link.startswith("http") and link not in BY_URL and urlsplit(link).hostname not in away
    ]
    assert [link for link in lost if "evil.example" not in link] == []


@pytest.mark.parametrize("made", [made for made in ARTICLES if made.spam == 0], ids=lambda made: made.url)
def test_an_honest_page_shows_its_text_as_written(made: SamplePage) -> None:
    shown = unescape(text_of(made))
    assert all(line in shown for line in made.original.splitlines())
    assert made.readable == made.original
    assert made.damage == ()


def test_texts_are_long_enough_to_be_articles() -> None:
    assert min(len(made.original) for made in ARTICLES) >= 120
    assert sum(len(made.original) >= 300 for made in ARTICLES) >= 200


NUMBERS = {
    "mobile": (r"(?<!\d)1[3-9]\d{9}(?!\d)", farms.PHONE_PREFIX),
    "qq": (r"[1-9]\d{4,}@qq\.com", "99000"),
    "icp": (r"(?<=ICP备)\d{6,}", "2099"),
}


@pytest.mark.parametrize(("pattern", "start"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_of_a_kind_that_nobody_has(pattern: str, start: str) -> None:
    found = {number for made in ARTICLES for number in re.findall(pattern, text_of(made))}
    assert found
    assert all(number.startswith(start) for number in found)


def test_each_network_hangs_together_by_shared_contact_points() -> None:
    marks = [*farms.PHONES.values(), *farms.MAILBOXES.values(), *farms.TONGJI.values(), *farms.ICP.values()]
    by_host: dict[tuple[str, str], set[str]] = defaultdict(set)
    for made in ARTICLES:
        if made.network:
            by_host[made.network, made.host] |= {mark for mark in marks if mark in text_of(made)}
    for network in (farms.NETWORK, farms.SHOP_NETWORK):
        groups = [held for (name, _), held in by_host.items() if name == network]
        joined = groups.pop()
        while groups:
            touching = next(held for held in groups if held & joined)
            groups.remove(touching)
            joined = joined | touching
    assert not any(
        held & other for (name, _), held in by_host.items() for (second, _), other in by_host.items() if name != second
    )


def test_honest_sites_share_no_contact_point_with_a_network() -> None:
    marks = [*farms.PHONES.values(), *farms.MAILBOXES.values(), *farms.TONGJI.values(), *farms.ICP.values()]
    assert [made.url for made in ARTICLES if not made.network for mark in marks if mark in text_of(made)] == []


def test_pages_of_a_cluster_hold_the_same_text() -> None:
    clusters: dict[str, list[SamplePage]] = defaultdict(list)
    for made in ARTICLES:
        if made.cluster:
            clusters[made.cluster].append(made)
    copies = {name: members for name, members in clusters.items() if len(members) > 1}
    assert len(copies) >= 30
    for members in copies.values():
        shortest = min(members, key=lambda made: len(made.original)).original
        assert all(shortest in made.original for made in members)
        assert len({made.host for made in members}) == len(members)


def test_pages_of_a_template_differ_in_places_and_platforms_only() -> None:
    slots = re.compile("|".join((*farms.PROVINCES, *farms.CITIES, *farms.PLATFORMS)))
    masked: dict[str, set[str]] = defaultdict(set)
    for made in ARTICLES:
        if made.template:
            masked[made.template].add(slots.sub("□", made.original))
    assert all(len(texts) == 1 for texts in masked.values())
    assert len(masked) >= 10


STRADDLES = [
    pytest.param("他们在", "partial", False, "他們?cè)讷", id="a bracket in the middle of 們在"),
    pytest.param("淡薄：部分借款人对", "partial", True, "淡?。翰糠纸杩钊藢?duì)", id="薄： holds the bytes of 。"),
    pytest.param("网业", "partial", False, "網(wǎng)業(yè)", id="aligned notes"),
    pytest.param("贷过", "full", False, "貸(dài)過(guò)", id="every converted character"),
    pytest.param("贷过", "partial", False, "貸過", id="characters outside the farm's table stay bare"),
    pytest.param("于里后", "full", False, "于里后", id="characters that tools leave alone"),
]


@pytest.mark.parametrize(("text", "density", "full_stops", "shown"), STRADDLES)
def test_the_mechanisms_give_what_real_pages_show(text: str, density: str, full_stops: bool, shown: str) -> None:
    following = "获得" if text == "他们在" else ""
    made = damage.annotate(damage.traditional(text + following), density, full_stops=full_stops)
    assert made.startswith(shown)


CUTS = [
    pytest.param("通过电话联系", "通过 联系", id="电话 becomes a blank"),
    pytest.param("合法性问题、", "合法性问、", id="问题 loses its second half"),
    pytest.param("获得贷款的同时也", "获得贷款的也", id="的同时 loses its tail"),
]


@pytest.mark.parametrize(("text", "left"), CUTS)
def test_filters_cut_words(text: str, left: str) -> None:
    assert damage.replace_words(text, damage.CUT_WORDS) == left


@given(st.text(alphabet=st.characters(codec="gbk"), max_size=60))
def test_without_a_table_and_full_stops_nothing_changes(text: str) -> None:
    assert damage.annotate(text, "") == text


@given(st.text(alphabet="网络借贷平台还款的电话联系人们在现场，。：", max_size=40))
def test_private_use_notes_can_be_taken_out_byte_by_byte(text: str) -> None:
    line = damage.traditional(text).encode("gbk")
    table = damage.annotation_table("full")
    noted = damage.annotate_bytes(line, table)
    for pair, reading in table.items():
        noted = noted.replace(pair + b"(" + reading + b")", pair)
    assert noted == line


def test_converting_back_gives_the_readable_text_of_the_farm_without_pinyin() -> None:
    back = opencc.OpenCC("t2s")
    plain = [made for made in FARM if made.damage == ("traditional",)]
    assert len(plain) >= 20
    for made in plain:
        shown = back.convert(text_of(made))
        assert all(line in shown.replace("著", "着") for line in made.readable.splitlines())


@pytest.mark.parametrize("kind", ["pinyin", "straddle", "holes", "masks", "spun"])
def test_each_kind_of_damage_shows(kind: str) -> None:
    signs = {
        "pinyin": r"網\(wǎng\)",
        "straddle": r"淡\?。翰",
        "holes": r"通过 联系|通過 聯系|合法性问、|长期逾期的借款人，员",
        "masks": r"\*\*|\*终",
        "spun": "商议|疑问",
    }
    pages = [made for made in FARM if kind in made.damage]
    assert any(re.search(signs[kind], text_of(made)) for made in pages)
    assert all(
        (made.readable != made.original) == bool({"holes", "spun"} & set(made.damage)) or "，" in made.original
        for made in pages
    )


def test_charset_labels_are_right_wrong_and_missing() -> None:
    said = {(made.charset, made.content_type.partition("charset=")[2]) for made in ARTICLES}
    assert {"utf-8", "gbk", "gb2312", "gb18030", "big5", "big5hkscs"} <= {charset for charset, _ in said}
    assert {("gbk", "utf-8"), ("utf-8", "iso-8859-1"), ("big5", ""), ("gb18030", "")} <= said


def test_the_site_file_lists_every_seed() -> None:
    sites = yaml.safe_load(web.site_file())["sites"]
    assert tuple(url for site in sites for url in site["start"]) == web.seeds()


def test_dead_hosts_are_not_served() -> None:
    assert not set(web.dead_hosts()) & set(web.hosts())
    assert {pair.partition("=")[0] for pair in web.resolve(80)} == {*web.hosts(), *web.dead_hosts()}


def test_the_document_counts_what_there_is() -> None:
    stated = dict(
        re.findall(r"^\| `([a-z0-9.-]+\.example)`.*\| (\d+) \|$", DOC.read_text(encoding="utf-8"), re.MULTILINE)
    )
    counted = {host: str(sum(made.host == host for made in PAGES)) for host in web.hosts()}
    assert stated == counted


@pytest.fixture(scope="module")
def served() -> Iterator[server.Served]:
    with server.serve() as running:
        yield running


def fetch(served: server.Served, made: SamplePage, port: str = "") -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection(served.address, served.port, timeout=10)
    connection.request("GET", made.target, headers={"Host": made.host + port})
    answer = connection.getresponse()
    try:
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_the_server_binds_to_loopback_only(served: server.Served) -> None:
    assert served.address == "127.0.0.1"


def test_every_whole_page_is_served_as_the_manifest_says(served: server.Served) -> None:
    connection = HTTPConnection(served.address, served.port, timeout=10)
    for made in PAGES:
        if made.behaviour:
            continue
        connection.request("GET", made.target, headers={"Host": made.host})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (made.status, made.body), made.url
        assert answer.getheader("Content-Type") == made.content_type
    connection.close()


def test_links_carry_the_port_that_the_host_header_names(served: server.Served) -> None:
    made = BY_URL["http://www.hengzhunlaw.example/sitemap-articles.xml.gz"]
    _, _, body = fetch(served, made, f":{served.port}")
    listed = re.findall(r"<loc>([^<]+)", gzip.decompress(body).decode())
    assert listed
    assert all(f".example:{served.port}/" in url for url in listed)
    assert set(listed) <= {page.url for page in web.manifest(served.port)}


def test_an_unknown_host_or_path_is_not_found(served: server.Served) -> None:
    unknown = [
        SamplePage("http://nobody.example/", "trap", ""),
        SamplePage("http://www.liulanghe.example/nothing", "trap", ""),
    ]
    assert [fetch(served, made)[0] for made in unknown] == [404, 404]


def test_redirects_say_where(served: server.Served) -> None:
    status, headers, _ = fetch(served, BY_URL["http://www.liulanghe.example/he/loop-a.html"])
    assert (status, headers["location"]) == (302, "/he/loop-b.html")


def test_an_absolute_request_line_counts_before_the_host_header(served: server.Served) -> None:
    connection = HTTPConnection(served.address, served.port, timeout=10)
    connection.request("GET", "http://www.xiaozhenlife.example/", headers={"Host": "nobody.example"})
    assert connection.getresponse().status == 200
    connection.close()


def test_a_host_that_hangs_up_sends_nothing(served: server.Served) -> None:
    with pytest.raises(RemoteDisconnected):
        fetch(served, BY_URL["http://www.duanlian.example/"])


@pytest.mark.parametrize("name", ["drip", "flood"])
def test_a_page_that_never_ends_keeps_sending(served: server.Served, name: str) -> None:
    made = BY_URL[f"http://www.liulanghe.example/he/{name}.html"]
    with socket.create_connection((served.address, served.port), timeout=10) as connection:
        connection.sendall(f"GET {made.target} HTTP/1.1\r\nHost: {made.host}\r\n\r\n".encode())
        received = b"".join(connection.recv(65536) for _ in range(3))
    assert b"Content-Length" not in received
    assert len(received) > len(made.body)


HEADS = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"GET /", id="no version"),
    pytest.param(b"\xff\xfe\x00", id="bytes"),
]


@pytest.mark.parametrize("head", HEADS)
def test_a_head_that_is_no_request_is_none(head: bytes) -> None:
    assert server.parse(head) is None


@given(st.binary(max_size=200))
def test_parsing_a_request_never_raises(head: bytes) -> None:
    server.parse(head)

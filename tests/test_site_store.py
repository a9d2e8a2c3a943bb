"""The pass over sites on a corpus: features, networks and cases in rows, the same whatever the order of arrival."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks.site_texts import CITIES, Writer
from corpus.decisions import open_decisions
from corpus.errors import CorpusError, InputError
from corpus.records import Block, Contact, Document, Edit, Label
from corpus.site_cases import find_case, list_sites, rule_on_site
from corpus.site_effects import preview
from corpus.site_records import case_record
from corpus.site_store import update_sites
from corpus.store import put_outcomes, transaction
from corpus.workspace import open_corpus
from tests.making import document

NOW = datetime(2026, 4, 1, tzinfo=UTC)
LENDING = (Label("scope", "core", 1.0, "test/1"),)
OTHER = (Label("scope", "off", 1.0, "test/1"),)


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_corpus(tmp_path, write=True) as connection:
        yield connection


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_decisions(tmp_path, write=True) as connection:
        yield connection


def put(connection: sqlite3.Connection, documents: Sequence[Document]) -> None:
    with transaction(connection):
        put_outcomes(connection, documents, "test")


def contact(kind: str, value: str, block: str = "removed", raw: str = "") -> Contact:
    return Contact(kind, raw or value, value, block)


def pages(
    site: str,
    count: int = 12,
    *,
    contacts: tuple[Contact, ...] = (),
    folder: str = "a",
    titles: str = "",
    annotated: bool = False,
    labels: tuple[Label, ...] = LENDING,
    footer: str = "",
    hours: float = 0,
) -> list[Document]:
    """Articles of a site with texts of their own; annotated: as a kit serves them."""
    write = Writer(random.Random(f"{site}/{folder}"))
    made = []
    for number in range(count):
        title = f"{CITIES[number]}{titles}" if titles else write.title()
        base = document(
            f"http://www.{site}/{folder}/{number}.html",
            write.text(16),
            hours=hours + number / 100,
            title=title,
            labels=labels,
        )
        edits = (
            tuple(
                Edit("text", at, at + 1, at, at, "x", "", "annotation-straddle" if at < 2 else "annotation", 1.0)
                for at in range(80)
            )
            if annotated
            else ()
        )
        blocks = (Block(footer, "footer", order=9),) if footer else ()
        made.append(
            replace(base, contacts=contacts, edits=edits, article=replace(base.article, blocks=blocks)),
        )
    return made


OPERATOR = (contact("phone", "13900000001"), contact("baidu-tongji", "0" * 32, "script"))
SPAM = [f"spam{number}.test" for number in range(3)]


def spam_network() -> list[Document]:
    return [
        made
        for site in SPAM
        for made in pages(site, contacts=OPERATOR, titles="网贷逾期处理有哪些有效方法", annotated=True)
    ]  # fmt: skip


def honest() -> list[Document]:
    filing = contact("icp", "粤ICP备2099000009号")
    return [*pages("lawyer.test", contacts=(filing,)), *pages("small.test", 4)]


def table(connection: sqlite3.Connection, query: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(query)]


EVERYTHING = {
    "sites": "SELECT * FROM sites ORDER BY site",
    "site_features": "SELECT * FROM site_features ORDER BY site, feature",
    "site_entities": "SELECT * FROM site_entities",
    "networks": "SELECT * FROM networks ORDER BY id",
    "network_members": "SELECT * FROM network_members ORDER BY network_id, site",
    "network_edges": "SELECT * FROM network_edges",
    "hijacked_folders": "SELECT * FROM hijacked_folders",
}


def test_spam_is_scored_and_joined_and_honest_sites_are_not(corpus: sqlite3.Connection) -> None:
    put(corpus, [*spam_network(), *honest()])
    counts = update_sites(corpus, now=NOW)
    assert (counts.sites, counts.scored, counts.block_candidates, counts.networks_certain) == (5, 4, 3, 1)
    rows = {str(row["site"]): row for row in list_sites(corpus)}
    assert [rows[site]["verdict"] for site in SPAM] == ["block-candidate"] * 3
    assert (rows["lawyer.test"]["verdict"], rows["small.test"]["verdict"]) == ("none", "insufficient")
    assert len({rows[site]["network"] for site in SPAM}) == 1
    assert rows["lawyer.test"]["network"] is None


def test_rows_are_the_same_in_any_order_and_in_steps(tmp_path: Path) -> None:
    documents = [*spam_network(), *honest()]
    found = []
    for seed, step in ((0, len(documents)), (1, 7), (2, 20)):
        shuffled = random.Random(seed).sample(documents, len(documents))
        with open_corpus(tmp_path / str(seed), write=True) as connection:
            for start in range(0, len(shuffled), step):
                put(connection, shuffled[start : start + step])
                update_sites(connection, now=NOW)
            found.append({name: table(connection, query) for name, query in EVERYTHING.items()})
    assert found[0] == found[1] == found[2]


def test_a_second_run_changes_nothing(corpus: sqlite3.Connection) -> None:
    put(corpus, spam_network())
    update_sites(corpus, now=NOW)
    before = {name: table(corpus, query) for name, query in EVERYTHING.items()}
    update_sites(corpus, now=NOW)
    assert {name: table(corpus, query) for name, query in EVERYTHING.items()} == before


def test_an_article_that_goes_takes_its_traits_along(corpus: sqlite3.Connection) -> None:
    put(corpus, pages("a.test"))
    update_sites(corpus, now=NOW)
    corpus.execute("DELETE FROM articles WHERE url LIKE '%/3.html'")
    update_sites(corpus, now=NOW)
    assert table(corpus, "SELECT pages FROM sites WHERE site = 'a.test'") == [(11,)]


def test_a_vendors_number_is_noted_as_such(corpus: sqlite3.Connection) -> None:
    vendor = (contact("phone", "13900000007"),)
    put(corpus, pages("a.test", contacts=vendor, footer="版权所有 技术支持：某某网络 13900000007"))
    update_sites(corpus, now=NOW)
    assert table(corpus, "SELECT value, vendor FROM site_entities") == [("13900000007", 1)]


def test_a_number_for_complaints_is_noted_as_such(corpus: sqlite3.Connection) -> None:
    put(corpus, pages("a.test", contacts=(contact("phone", "13900000007"),), footer="删帖举报请联系 13900000007"))
    update_sites(corpus, now=NOW)
    assert table(corpus, "SELECT value, vendor, takedown FROM site_entities") == [("13900000007", 0, 1)]


def hijacked_host() -> list[Document]:
    own = (contact("icp", "粤ICP备2099000005号"), contact("phone", "075522220000"))
    return [
        *pages("jixie.test", contacts=own, labels=OTHER),
        *pages("jixie.test", contacts=OPERATOR, folder="b", annotated=True),
    ]


def test_a_hijacked_folder_is_a_unit_of_its_own(corpus: sqlite3.Connection) -> None:
    put(corpus, [*spam_network(), *hijacked_host()])
    assert update_sites(corpus, now=NOW).hijacked == 1
    assert table(corpus, "SELECT site, unit, reason FROM hijacked_folders") == [
        ("jixie.test", "www.jixie.test/b", "kit")
    ]
    rows = {str(row["site"]): row for row in list_sites(corpus)}
    assert (rows["jixie.test"]["verdict"], rows["jixie.test"]["pages"]) == ("none", 12)
    assert rows["www.jixie.test/b"]["kind"] == "hijacked"
    members = table(corpus, "SELECT site, role FROM network_members ORDER BY site")
    assert members == [(site, "member") for site in SPAM] + [("www.jixie.test/b", "carrier")]


def test_a_person_may_rule_that_a_folder_is_the_hosts_own(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection
) -> None:
    put(corpus, hijacked_host())
    update_sites(corpus, decisions=decisions, now=NOW)
    rule_on_site(corpus, decisions, site="jixie.test", ruling="not-hijacked", moderator="li", why="自营", now=NOW)
    assert update_sites(corpus, decisions=decisions, now=NOW).hijacked == 0


def test_a_canary_in_a_network_fails_the_run_and_keeps_the_last_networks(
    corpus: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(corpus, spam_network())
    update_sites(corpus, now=NOW)
    before = table(corpus, EVERYTHING["networks"])
    put(corpus, pages("newspaper.test", contacts=OPERATOR))
    monkeypatch.setattr("corpus.networks.is_canary", lambda site: site == "newspaper.test")
    with pytest.raises(CorpusError, match="newspaper"):
        update_sites(corpus, now=NOW)
    assert table(corpus, EVERYTHING["networks"]) == before


def flag(corpus: sqlite3.Connection, decisions: sqlite3.Connection, site: str, **more: object) -> str:
    settings = {"ruling": "flag", "moderator": "li", "why": "模板站", "now": NOW, **more}
    return rule_on_site(corpus, decisions, site=site, **settings).state  # type: ignore[arg-type]


def hidden(corpus: sqlite3.Connection) -> int:
    return int(corpus.execute("SELECT count(*) FROM articles WHERE flagged = 1").fetchone()[0])


def test_a_flag_hides_at_once_what_the_preview_said_and_undo_shows_it_again(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection
) -> None:
    put(corpus, [*spam_network(), *honest()])
    update_sites(corpus, now=NOW)
    shown = table(corpus, "SELECT id FROM corpus_articles ORDER BY id")
    would = preview(corpus, decisions, SPAM[0])
    assert (would["articles"], would["shown_now"]) == (12, 12)
    assert flag(corpus, decisions, SPAM[0]) == "flagged"
    assert hidden(corpus) == len(shown) - len(table(corpus, "SELECT id FROM corpus_articles")) == 12
    assert flag(corpus, decisions, SPAM[0], ruling="undo") == "open"
    assert table(corpus, "SELECT id FROM corpus_articles ORDER BY id") == shown
    assert table(corpus, f"SELECT state FROM sites WHERE site = '{SPAM[0]}'") == [("open",)]


def test_a_flagged_folder_hides_no_page_of_its_host(corpus: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    put(corpus, hijacked_host())
    update_sites(corpus, now=NOW)
    flag(corpus, decisions, "www.jixie.test/b")
    assert table(corpus, "SELECT DISTINCT url LIKE '%/b/%' FROM articles WHERE flagged = 1") == [(1,)]
    assert hidden(corpus) == 12


def test_new_pages_of_a_flagged_site_are_hidden_and_its_contacts_count(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection
) -> None:
    put(corpus, spam_network())
    update_sites(corpus, decisions=decisions, now=NOW)
    flag(corpus, decisions, SPAM[0])
    put(corpus, pages(SPAM[0], 3, folder="new"))
    update_sites(corpus, decisions=decisions, now=NOW)
    assert hidden(corpus) == 15
    reuse = table(corpus, "SELECT site, value > 0 FROM site_features WHERE feature = 'reuse' ORDER BY site")
    assert reuse == [(SPAM[0], 0), (SPAM[1], 1), (SPAM[2], 1)]


def test_two_persons_for_a_whole_domain(corpus: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    from corpus.decisions import rule

    put(corpus, spam_network())
    update_sites(corpus, now=NOW)
    rule(decisions, moderator="wang", subject_kind="setting", subject="two-people", ruling="on", time=NOW)
    assert flag(corpus, decisions, SPAM[0]) == "proposed"
    assert hidden(corpus) == 0
    assert flag(corpus, decisions, SPAM[0], moderator="wang") == "flagged"
    assert hidden(corpus) == 12


def test_an_expired_flag_hides_nothing(corpus: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    put(corpus, spam_network())
    update_sites(corpus, now=NOW)
    flag(corpus, decisions, SPAM[0])
    update_sites(corpus, decisions=decisions, now=NOW + timedelta(days=181))
    assert hidden(corpus) == 0
    assert find_case(decisions, SPAM[0], NOW + timedelta(days=181)).state == "expired"


@pytest.mark.parametrize(
    ("folder", "more", "change"),
    [
        ("parked", {"titles": "域名出售，此域名正在转让"}, "parked"),
        ("new", {"contacts": (contact("phone", "13900000099"),)}, "new-operator"),
        ("games", {"titles": "百家乐与时时彩投注网"}, "turned"),
    ],
    ids=["parked", "new operator", "gambling"],
)
def test_a_change_of_the_site_reopens_a_cleared_case(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, folder: str, more: dict[str, object], change: str
) -> None:
    put(corpus, pages("a.test", contacts=(contact("phone", "13900000001"),)))
    update_sites(corpus, now=NOW)
    ruled = datetime(2026, 3, 2, tzinfo=UTC)
    assert flag(corpus, decisions, "a.test", ruling="clear", now=ruled) == "cleared"
    put(corpus, pages("a.test", 8, folder=folder, hours=100, **more))  # type: ignore[arg-type]
    update_sites(corpus, decisions=decisions, now=NOW)
    record = case_record(corpus, decisions, "a.test", NOW)
    assert record["state"] == "open"
    assert change in [each["change"] for each in record["changes"]]  # type: ignore[index,union-attr,call-overload]


def test_a_case_shows_everything_and_masks_contacts(corpus: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    put(corpus, spam_network())
    update_sites(corpus, now=NOW)
    flag(corpus, decisions, SPAM[0], why="同一模板")
    record = case_record(corpus, decisions, SPAM[0], NOW)
    assert {
        "evidence",
        "network",
        "entities",
        "samples",
        "timeline",
        "would_hide",
        "rulings",
        "appeal",
        "state",
    } <= set(record)
    assert "13900000001" not in str(record)
    assert "13900000001" in str(case_record(corpus, decisions, SPAM[0], NOW, show_contacts=True))


@pytest.mark.parametrize(
    ("site", "more", "message"),
    [
        ("unknown.test", {}, "knows no site"),
        (SPAM[0], {"why": " "}, "needs a reason"),
        (SPAM[0], {"ruling": "burn"}, "one of flag"),
        (SPAM[0], {"ruling": "undo"}, "no ruling"),
        (SPAM[0], {"ruling": "undo", "supersedes": 9}, "not on"),
    ],
    ids=["unknown site", "no reason", "unknown ruling", "nothing to undo", "another's ruling"],
)
def test_a_wrong_ruling_is_refused_and_leaves_no_trace(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, site: str, more: dict[str, object], message: str
) -> None:
    put(corpus, spam_network())
    update_sites(corpus, now=NOW)
    with pytest.raises(InputError, match=message):
        flag(corpus, decisions, site, **more)
    assert hidden(corpus) == 0
    assert table(decisions, "SELECT * FROM decisions") == []

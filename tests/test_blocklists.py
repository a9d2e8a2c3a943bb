"""Lists of flagged sites: what may stand on them, and that other programs read what we write."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.blocklists import (
    FORMATS,
    WITH_PATHS,
    Entry,
    Terms,
    evidence_of_line,
    export_list,
    import_list,
    read_list,
    refusal,
    sidecar,
    site_entries,
    write_list,
)
from corpus.decisions import open_decisions, rule
from corpus.errors import InputError
from corpus.site_cases import rule_on_site
from corpus.site_records import case_record
from corpus.site_store import update_sites
from corpus.workspace import open_corpus
from tests.test_site_store import NOW, SPAM, hijacked_host, pages, put, spam_network

TERMS = Terms(NOW, contact="appeals@example.com", home="https://lists.example/")


def entry(domain: str = "spam.test", path: str = "", why: str = "模板站") -> Entry:
    return Entry(
        domain, path, domain + path.rstrip("/"), 1, ("li",), NOW, NOW, why, 0.95, ("serving", "text"), ("a" * 16,)
    )


ENTRIES = (entry("a.test"), entry("www.host.test", "/b/"), entry("xn--fiq228c.test"))


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_corpus(tmp_path, write=True) as connection:
        put(connection, [*spam_network(), *hijacked_host()])
        update_sites(connection, now=NOW)
        yield connection


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_decisions(tmp_path, write=True) as connection:
        yield connection


REFUSED = [
    ("public suffix", "com.cn", "public suffix"),
    ("top-level domain", "cn", "public suffix"),
    ("private suffix", "github.io", "public suffix"),
    ("shared host", "blog.csdn.net", "share"),
    ("canary", "icbc.com.cn", "trusted"),
    ("government", "court.gov.cn", "trusted"),
    ("a rule in the path", "host.test/b,c$important", "not an address"),
    ("white space", "host.test/b c", "not an address"),
    ("no host", "-", "not an address"),
]


@pytest.mark.parametrize(("site", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(site: str, reason: str) -> None:
    assert reason in refusal(site)


@pytest.mark.parametrize("site", ["spam.test", "lisi.github.io", "blog.csdn.net/lisi", "www.host.test/b", "x.com.cn"])
def test_not_refused(site: str) -> None:
    assert refusal(site) == ""


def test_only_flagged_sites_with_enough_evidence_are_listed(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection
) -> None:
    for site in (SPAM[0], "jixie.test"):
        rule_on_site(corpus, decisions, site=site, ruling="flag", moderator="li", why="看过", now=NOW)
    rule_on_site(corpus, decisions, site=SPAM[1], ruling="watch", moderator="li", why="看过", now=NOW)
    entries, refused = site_entries(corpus, decisions, NOW)
    assert [each.site for each in entries] == [SPAM[0]]
    assert [site for site, _ in refused] == ["jixie.test"]
    assert "families" in refused[0][1]


def test_a_site_flagged_and_later_trusted_is_left_out(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule_on_site(corpus, decisions, site=SPAM[0], ruling="flag", moderator="li", why="看过", now=NOW)
    monkeypatch.setattr("corpus.blocklists.canary_name", lambda _site: "可信")
    assert site_entries(corpus, decisions, NOW)[0] == ()


def test_every_line_resolves_to_its_evidence_in_one_query(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, tmp_path: Path
) -> None:
    for site in SPAM:
        rule_on_site(corpus, decisions, site=site, ruling="flag", moderator="li", why="看过", now=NOW)
    entries, _ = site_entries(corpus, decisions, NOW)
    lines = [line for line in export_list(entries, "domains", TERMS).splitlines() if not line.startswith("#")]
    corpus.execute("ATTACH ? AS decided", (str(tmp_path / "decisions.db"),))
    for line in lines:
        rows = corpus.execute(
            "SELECT d.serial, d.moderator, f.feature, f.articles FROM decided.decisions d "
            "JOIN site_features f ON f.site = d.subject WHERE d.subject = ? AND d.ruling = 'flag' AND f.points > 0",
            (line,),
        ).fetchall()
        assert rows
        assert {row["moderator"] for row in rows} == {"li"}
        record = evidence_of_line(corpus, decisions, line, NOW)
        articles = {article for row in rows for article in json.loads(row["articles"])}
        assert set(map(str, record["evidence"])) <= articles  # type: ignore[arg-type]
    assert len(lines) == 3


def test_a_line_that_is_on_no_list_has_no_evidence(corpus: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    with pytest.raises(InputError, match="on no list"):
        evidence_of_line(corpus, decisions, "honest.test", NOW)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in {"csv", "json"}])
def test_a_header_says_date_licence_end_and_appeals(form: str) -> None:
    head = [line[2:] for line in export_list(ENTRIES, form, TERMS).splitlines() if line[:1] in "#!"]
    assert [line.split(":")[0] for line in head] == [
        "Title", "Last modified", "Expires", "Licence", "Entries", "Appeals (申诉)", "Homepage",
    ]  # fmt: skip
    assert "appeals@example.com" in "\n".join(head)


@pytest.mark.parametrize("form", FORMATS)
def test_hijacked_hosts_stand_only_as_paths(form: str) -> None:
    text = export_list(ENTRIES, form, TERMS)
    assert ("host.test" in text) == (form in WITH_PATHS)
    assert "host.test\n" not in text
    assert "host.test^" not in text


def test_hosts_file_is_read_by_the_system_resolvers_rules() -> None:
    rows = [line.split() for line in export_list(ENTRIES, "hosts", TERMS).splitlines() if not line.startswith("#")]
    assert rows == [["0.0.0.0", name] for name in ("a.test", "www.a.test", "xn--fiq228c.test", "www.xn--fiq228c.test")]
    assert all(re.fullmatch(r"[a-z0-9.-]{1,253}", row[1]) for row in rows)


BLOCKED = [
    ("http://a.test/x", True), ("https://m.a.test/", True), ("http://ba.test/", False), ("http://a.test.example/", False),
    ("http://www.host.test/b/1.html", True), ("http://www.host.test/c/1.html", False), ("http://host.test/", False),
    ("http://xn--fiq228c.test/", True),
]  # fmt: skip


@pytest.mark.parametrize("form", ["adguard", "ublock"])
@pytest.mark.parametrize(("url", "blocked"), BLOCKED)
def test_filters_block_the_site_and_nothing_else(form: str, url: str, blocked: bool) -> None:
    """Read by adblock-rust, the filter engine of the Brave browser."""
    braveblock = pytest.importorskip("braveblock")
    engine = braveblock.Adblocker(rules=export_list(ENTRIES, form, TERMS).splitlines())
    assert engine.check_network_urls(url=url, source_url="http://search.test/", request_type="document") is blocked


# Match patterns as the WebExtensions documentation defines them; uBlacklist reads these.
MATCH_PATTERN = re.compile(r"^(\*|https?)://(\*|(?:\*\.)?[^/*:]+)(/.*)$")


@pytest.mark.parametrize(("url", "blocked"), BLOCKED)
def test_ublacklist_patterns_block_the_site_and_nothing_else(url: str, blocked: bool) -> None:
    rules = [line for line in export_list(ENTRIES, "ublacklist", TERMS).splitlines() if not line.startswith("#")]
    matches = [MATCH_PATTERN.match(rule) for rule in rules]
    assert all(matches)
    assert any(_matches(match, url) for match in matches if match) is blocked


def _matches(match: re.Match[str], url: str) -> bool:
    host, _, path = url.partition("://")[2].partition("/")
    wanted = match[2]
    same = host == wanted.removeprefix("*.") or (wanted.startswith("*.") and host.endswith(wanted[1:]))
    return same and re.fullmatch(re.escape(match[3]).replace(r"\*", ".*"), "/" + path) is not None


def test_csv_is_read_by_the_csv_module_and_runs_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(export_list((entry(why="=1+1,\n甲"),), "csv", TERMS))))
    assert rows[0]["domain"] == "spam.test"
    assert rows[0]["why"] == "'=1+1,\n甲"


def test_json_holds_what_the_sidecar_holds() -> None:
    assert json.loads(export_list(ENTRIES, "json", TERMS)) == sidecar(ENTRIES, TERMS)


def test_sidecar_has_a_record_for_every_line() -> None:
    lines = [line for line in export_list(ENTRIES, "ublock", TERMS).splitlines() if not line.startswith("!")]
    records = sidecar(ENTRIES, TERMS)["entries"]
    assert isinstance(records, list)
    assert len(records) == len(lines)
    assert all({"case", "evidence", "reviewers", "ruling"} <= set(record) for record in records)  # type: ignore[arg-type]


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(InputError, match="format"):
        export_list((), "rpz", TERMS)


def test_a_list_and_its_sidecar_are_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "list.txt"
    write_list(target, "a\n", "{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["list.txt", "list.txt.evidence.json"]


OTHERS = [
    ("domains", "spam.test\n", {"spam.test"}),
    ("hosts", "0.0.0.0 www.spam.test # note\n127.0.0.1 b.test\n", {"spam.test", "b.test"}),
    ("filters", "[Adblock Plus]\n! note\n||spam.test^$document\n", {"spam.test"}),
    ("match patterns", "*://*.spam.test/*\n", {"spam.test"}),
    ("noise", "\n#x\n??\n/regex/\n", set()),
]


@pytest.mark.parametrize(("text", "sites"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS])
def test_other_peoples_lists_are_read(text: str, sites: set[str]) -> None:
    assert read_list(text.splitlines()) == sites


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in {"csv", "json"}])
def test_what_we_write_we_read(form: str) -> None:
    listed = {"a.test", "xn--fiq228c.test"} | ({"host.test"} if form in WITH_PATHS else set())
    assert read_list(export_list(ENTRIES, form, TERMS).splitlines()) == listed


@given(st.lists(st.text(max_size=80), max_size=20))
def test_any_file_can_be_read_as_a_list(lines: list[str]) -> None:
    read_list(lines)


def test_an_imported_list_is_prior_evidence_and_never_counts(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, tmp_path: Path
) -> None:
    before = [tuple(row) for row in corpus.execute("SELECT site, score FROM sites ORDER BY site")]
    file = tmp_path / "other.txt"
    file.write_text(f"{SPAM[0]}\nunknown.test\n", encoding="utf-8")
    assert import_list(corpus, decisions, file, "others", moderator="li", now=NOW) == {"listed": 2, "known": 1}
    update_sites(corpus, decisions=decisions, now=NOW)
    assert [tuple(row) for row in corpus.execute("SELECT site, score FROM sites ORDER BY site")] == before
    checks = case_record(corpus, decisions, SPAM[0], NOW)["checks"]
    assert checks == [
        {"time": "2026-04-01T00:00:00Z", "kind": "list others", "verdict": "listed", "detail": {"list": "others"}}
    ]


def test_a_list_is_remembered_for_sites_to_come_and_replaced_when_imported_again(
    corpus: sqlite3.Connection, decisions: sqlite3.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "other.txt"
    for text, known in (("later.test\n", 0), (f"{SPAM[1]}\nlater.test\n", 1), ("later.test\n", 0)):
        file.write_text(text, encoding="utf-8")
        assert import_list(corpus, decisions, file, "others", moderator="li", now=NOW)["known"] == known
    put(corpus, pages("later.test"))
    update_sites(corpus, decisions=decisions, now=NOW)
    assert [tuple(row) for row in corpus.execute("SELECT site, kind FROM site_checks")] == [
        ("later.test", "list others")
    ]


def test_two_runs_write_the_same_list(corpus: sqlite3.Connection, decisions: sqlite3.Connection) -> None:
    for site in reversed(SPAM):
        rule(
            decisions,
            moderator="li",
            subject_kind="site",
            subject=site,
            ruling="flag",
            why="x",
            time=datetime(2026, 3, 2, tzinfo=UTC),
        )
    first, second = (export_list(site_entries(corpus, decisions, NOW)[0], "domains", TERMS) for _ in range(2))
    assert first == second
    assert [line for line in first.splitlines() if line[0] != "#"] == sorted(SPAM)

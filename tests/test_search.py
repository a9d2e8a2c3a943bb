"""What a page of results shows: order, stories, counts, facets, reasons, snippets."""

from __future__ import annotations

import random
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus import search_index
from corpus.errors import QueryError, WorkspaceError
from corpus.match import Reach
from corpus.search import COUNT_LIMIT, search
from corpus.search_output import explain_query
from corpus.stories import Request
from tests.search_corpus import add, empty_corpus

NEWEST = Request()


def ids(connection: sqlite3.Connection, query: str, request: Request = NEWEST) -> list[int]:
    return [int(hit.id.removeprefix("article-")) for hit in search(connection, query, request).hits]


def copies(connection: sqlite3.Connection, cluster: str, members: list[int], canonical: int) -> None:
    connection.execute(
        "INSERT INTO clusters VALUES(?, ?, ?, 2, '', '', '', '')", (cluster, f"article-{canonical}", len(members))
    )
    for number in members:
        connection.execute(
            "UPDATE articles SET cluster_id = ?, is_canonical = ? WHERE number = ?",
            (cluster, number == canonical, number),
        )


ARTICLES = st.lists(
    st.tuples(
        st.integers(0, 30),  # minute of capture
        st.sampled_from(["催收", "律师", "催收 律师"]),
        st.sampled_from(["", "", "a", "b"]),  # cluster
        st.sampled_from(["", "2024", "2024-05", "2023-01-02"]),
    ),
    min_size=1,
    max_size=30,
)


def stories(rows: list[tuple[int, str, str, str]], canonical: dict[str, int], column: int) -> list[int]:
    """Return the stories with 催收, first in the order of ``column`` first: of each cluster the canonical article, else
    the matching member that comes first in that order."""
    matching = {n: (row[column], n) for n, row in enumerate(rows, 1) if "催收" in row[1]}
    shown = [n for n in matching if not rows[n - 1][2]]
    for cluster, first in canonical.items():
        members = [n for n in matching if rows[n - 1][2] == cluster]
        if members:
            shown.append(first if first in members else max(members, key=lambda n: matching[n]))
    return sorted(shown, key=lambda n: matching[n], reverse=True)


UNDATED_NEWEST_COPY = [(0, "律师", "a", ""), (0, "催收", "a", "2024"), (0, "催收", "a", "")]


@settings(deadline=None)
@given(ARTICLES, st.integers(1, 5), st.integers(0, 5), st.randoms(use_true_random=False))
@example(
    UNDATED_NEWEST_COPY, 1, 0, random.Random(2)
)  # the canonical article does not match; by date the older copy leads
def test_newest_and_published_are_exact_whatever_the_order_of_storing(
    rows: list[tuple[int, str, str, str]], limit: int, offset: int, chance: random.Random
) -> None:
    connection = empty_corpus()
    canonical: dict[str, int] = {}
    for number, (minute, text, cluster, published) in enumerate(rows, 1):
        add(connection, number * 300, text, first_captured=f"2024-01-01T00:{minute:02}:00Z", published=published)
        if cluster:
            canonical.setdefault(cluster, number)
    for cluster in canonical:
        members = [n for n, row in enumerate(rows, 1) if row[2] == cluster]
        canonical[cluster] = chance.choice(members)
        copies(connection, cluster, [n * 300 for n in members], canonical[cluster] * 300)
    search_index.update(connection)
    for order, column in (("newest", 0), ("published", 3)):
        expected = [n * 300 for n in stories(rows, canonical, column)[offset : offset + limit]]
        request = Request(order, limit, offset)
        assert ids(connection, "=催收", request) == expected
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("corpus.search.few", lambda *_: None)  # asks the index for the page, not for all there are
            assert ids(connection, "=催收", request) == expected
            patch.setattr("corpus.stories.PUBLISHED_SORT", 0)  # goes back through stretches of time instead
            assert ids(connection, "=催收", request) == expected


def test_dates_are_walked_when_there_are_more_hits_than_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = empty_corpus()
    for number in range(1, 60):
        add(connection, number, "催收", published=f"20{number * 7 % 60:02}-01-01" if number % 5 else "")
    search_index.update(connection)
    add(connection, 60, "催收", published="3024-13-99")
    add(connection, 61, "催收", published="2024")
    add(connection, 62, "律师")
    search_index.update(connection)
    for order_limit in (5, 20, 59, 70):
        request = Request("published", order_limit)
        sorted_way = ids(connection, "催收", request)
        monkeypatch.setattr("corpus.search.few", lambda *_: None)
        monkeypatch.setattr("corpus.stories.PUBLISHED_SORT", 3)
        assert ids(connection, "催收", request) == sorted_way
        monkeypatch.undo()


def test_copies_are_folded_counted_and_unfolded() -> None:
    connection = empty_corpus()
    for number in range(1, 5):
        add(connection, number, "催收" if number != 2 else "催收 原文")
    copies(connection, "c", [2, 3, 4], 2)
    search_index.update(connection)
    assert ids(connection, "催收") == [2, 1]
    assert [(hit.copies, hit.copy_sites) for hit in search(connection, "催收").hits] == [(2, 2), (0, 1)]
    assert ids(connection, "催收", Request(stories=False)) == [4, 3, 2, 1]
    assert ids(connection, "催收 cluster:c", Request(stories=False)) == [4, 3, 2]
    assert ids(connection, "催收 -cluster:c") == [1]
    assert ids(connection, "催收 -原文") == [4, 1]  # the canonical article does not match: its newest copy does
    assert search(connection, "催收").count == 4


def test_relevance_puts_titles_before_texts_and_honest_pages_before_spam() -> None:
    connection = empty_corpus()
    add(connection, 1, "催收催收催收", "催收", spam=3)
    add(connection, 2, "律师的催收" + "话" * 50)
    add(connection, 3, "律师" + "话" * 50, "催收")
    add(connection, 4, "催收" * 5 + "话" * 42)
    search_index.update(connection)
    result = search(connection, "催收", Request("relevance"))
    assert [hit.id[-1] for hit in result.hits] == ["3", "4", "2", "1"]
    assert result.ranked == 4


def test_relevance_says_how_many_it_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.ranking.TIER_LIMIT", 5)
    connection = empty_corpus()
    for number in range(1, 30):
        add(connection, number, "催收")
    search_index.update(connection)
    result = search(connection, "催收", Request("relevance"))
    assert (result.count, result.ranked) == (29, 5)


def test_counts_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = empty_corpus()
    for number in range(1, 30):
        add(connection, number, "催收")
    search_index.update(connection)
    assert search(connection, "催收").count_shown == "29"
    monkeypatch.setattr("corpus.search.COUNT_LIMIT", 10)
    assert search(connection, "催收").count_shown == ">10"
    assert COUNT_LIMIT == 10_000


def test_a_deleted_word_is_found_through_its_hole_and_said_so() -> None:
    connection = empty_corpus()
    add(connection, 1, "1. 阶段，以及方式")
    connection.execute("INSERT INTO holes VALUES('article-1', 'text', 3, '催收', 0.9, 'rule')")
    search_index.update(connection)
    (hit,) = search(connection, "催收").hits
    assert [(reason.form, reason.where) for reason in hit.reasons] == [("催收", "hole")]
    assert [(s.text, s.marks, s.holes) for s in hit.snippets] == [("1. 阶段，以及方式", (), ((3, "催收"),))]
    assert ids(connection, "催收阶段") == [1]
    assert ids(connection, "催收", Request(reach=Reach(holes=False))) == []


def test_hits_are_marked_in_the_text_as_published() -> None:
    connection = empty_corpus()
    published = "網(wǎng)貸催收，協(xié)商還款"
    add(connection, 1, published, clean_text="网贷催收，协商还款", title="網貸", clean_title="网贷")
    edits = [
        ("text", 0, 1, 0, 1, "網", "网"), ("text", 1, 7, 1, 1, "(wǎng)", ""), ("text", 7, 8, 1, 2, "貸", "贷"),
        ("text", 11, 12, 5, 6, "協", "协"), ("text", 12, 17, 6, 6, "(xié)", ""), ("text", 18, 19, 7, 8, "還", "还"),
        ("title", 0, 2, 0, 2, "網貸", "网贷"),
    ]  # fmt: skip
    published = "網(wǎng)貸催收，協(xié)商還款"
    connection.executemany("INSERT INTO edits VALUES('article-1', ?, ?, ?, ?, ?, ?, ?, 'r', 1)", edits)
    search_index.update(connection)
    (hit,) = search(connection, "网贷 協商還款").hits
    assert [hit.title.text[a:b] for a, b in hit.title.marks] == ["網貸"]
    assert [hit.snippets[0].text[a:b] for a, b in hit.snippets[0].marks] == ["網(wǎng)貸", "協(xié)商還款"]


def test_synonyms_are_shown_as_reasons() -> None:
    connection = empty_corpus()
    add(connection, 1, "他们联系第三人")
    search_index.update(connection)
    result = search(connection, "爆通讯录")
    assert [(r.word, r.form, r.kind, r.where) for r in result.hits[0].reasons] == [
        ("爆通讯录", "联系第三人", "synonym", "text")
    ]
    assert [term.forms[0].text for term in result.match.expanded] == ["爆通讯录"]
    assert ids(connection, "=爆通讯录") == []


def test_contacts_are_searched_only_by_those_allowed() -> None:
    connection = empty_corpus()
    add(connection, 1, "催收")
    connection.execute("INSERT INTO contacts VALUES('article-1', 'qq', 'QQ：10000', '10000', 'kept', 0, 5)")
    search_index.update(connection)
    with pytest.raises(QueryError) as raised:
        search(connection, "催收 contact:10000")
    assert raised.value.position == 3
    allowed = Request(see_contacts=True)
    assert ids(connection, "contact:10000", allowed) == [1]
    assert ids(connection, "contact:10001", allowed) == []
    assert ids(connection, "-contact:10000", allowed) == []


def test_why_the_reading_view_hides_an_article() -> None:
    connection = empty_corpus()
    add(connection, 1, "催收", scope="off", spam=3, is_canonical=0)
    add(connection, 2, "催收", scope="edge", spam=1)
    search_index.update(connection)
    assert [hit.hidden for hit in search(connection, "催收").hits] == [(), ("scope", "spam", "copy")]


@pytest.mark.parametrize("order", ["newest", "published", "relevance"])
def test_what_rulings_hide_is_left_out_counted_and_shown_when_asked(order: str) -> None:
    connection = empty_corpus()
    for number in range(1, 7):
        add(connection, number, "催收", published="2024", scope="core", flagged=int(number in (5, 6)))
    copies(connection, "c", [4, 5], 5)  # the canonical article stands on a flagged site: its copy stands for the story
    search_index.update(connection)
    ruled_out = frozenset({"article-2", "gone"})
    result = search(connection, "催收", Request(order, ruled_out=ruled_out))
    assert sorted(int(hit.id[-1]) for hit in result.hits) == [1, 3, 4]
    assert (result.count, result.left_out) == (3, 3)
    whole = search(connection, "催收", Request(order, ruled_out=ruled_out, show_ruled_out=True))
    assert {hit.id[-1]: hit.hidden for hit in whole.hits} == {
        "1": (), "2": ("ruling",), "3": (), "5": ("flagged",), "6": ("flagged",),
    }  # fmt: skip
    assert (whole.count, whole.left_out) == (6, 0)


def test_of_more_hits_than_are_counted_it_is_not_known_how_many_rulings_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.search.COUNT_LIMIT", 3)
    connection = empty_corpus()
    for number in range(1, 6):
        add(connection, number, "催收", flagged=int(number == 1))
    search_index.update(connection)
    result = search(connection, "催收")
    assert (result.count_shown, result.left_out > 3) == (">3", True)
    assert any("ruled out are not shown" in line for line in explain_query(result))


@pytest.mark.parametrize(
    "request_",
    [Request("best"), Request(limit=-1), Request(offset=-1), Request(limit=1_001), Request(offset=1_000)],
    ids=["order", "limit", "offset", "too-many", "too-far"],
)
def test_requests_that_cannot_be_met_are_refused(request_: Request) -> None:
    with pytest.raises(QueryError):
        search(empty_corpus(), "催收", request_)


def test_a_missing_index_is_named() -> None:
    connection = empty_corpus()
    with search_index.transaction(connection):
        search_index.drop(connection)
    with pytest.raises(WorkspaceError, match="index"):
        search(connection, "催收")


def test_an_index_of_another_version_is_refused_until_it_is_processed() -> None:
    connection = empty_corpus()
    add(connection, 1, "停息挂账")
    search_index.update(connection)
    connection.execute("UPDATE search_state SET value = '4' WHERE key = 'version'")
    with pytest.raises(WorkspaceError, match="version"):
        search(connection, "停息挂账")
    search_index.update(connection)
    assert ids(connection, "停息挂账") == [1]


def test_relevance_asks_titles_also_beside_filters_and_minus_signs() -> None:
    connection = empty_corpus()
    add(connection, 1, "律师", "停息挂账", topic="law")
    for number in range(2, 9):
        add(connection, number, "停息挂账" * 9 + "律师", topic="law")
    search_index.update(connection)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("corpus.ranking.TIER_LIMIT", 1)
        for query in ("停息挂账", "停息挂账 topic:law", "停息挂账 -法院", "停息挂账 OR 挂账"):
            assert ids(connection, query, Request("relevance"))[0] == 1, query


def test_searches_are_answered_while_a_crawl_writes(tmp_path: Path) -> None:
    path = str(tmp_path / "corpus.db")
    writer = empty_corpus(path)
    add(writer, 1, "催收")
    search_index.update(writer)
    stop, answers = threading.Event(), []

    def read() -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        while not stop.is_set():
            answers.append(len(ids(connection, "催收", Request(limit=1_000))))
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(2, 120):
        add(writer, number, "催收" * 50)
        if number % 10 == 0:
            search_index.update(writer)
    stop.set()
    reader.join(30)
    assert answers
    assert answers == sorted(answers)


def test_a_code_that_no_article_has_is_named_with_the_codes_there_are() -> None:
    connection = empty_corpus()
    add(connection, 1, "催收", topic="law")
    for scheme, value, parent in (("topic", "law", ""), ("topic", "credit", ""), ("subtopic", "law.rate", "law")):
        connection.execute(
            "INSERT INTO labels VALUES('article-1', ?, ?, ?, 1, 1, '', 'rules/1')", (scheme, value, parent)
        )
    search_index.update(connection)
    result = search(connection, "催收 -(topic:lawn OR topic:law.rates) topic:law site:x.example")
    assert [(each.value, each.codes) for each in result.unknown] == [
        ("lawn", ("credit", "law")),
        ("law.rates", ("law.rate",)),
    ]
    assert any("topic:lawn" in line and "credit" in line for line in explain_query(result))
    assert search(connection, "律师 topic:law").unknown == ()
    assert search(connection, "催收 -topic:lawn").unknown == ()


def test_one_text_is_unfolded_by_cluster_or_article_id_or_the_beginning_that_results_show() -> None:
    connection = empty_corpus()
    for number, identity in enumerate(["aaaaaa11", "aaaaaa22", "bbbbbb33", "cccccc44"], 1):
        add(connection, number, "催收", id=identity, cluster_id="k1" if number in (1, 3) else "")
    search_index.update(connection)
    every = Request(stories=False)
    for query, expected in (
        ("cluster:k1", ["bbbbbb33", "aaaaaa11"]),
        ("cluster:AAAAAA11", ["bbbbbb33", "aaaaaa11"]),
        ("cluster:bbbbbb", ["bbbbbb33", "aaaaaa11"]),
        ("cluster:cccccc", ["cccccc44"]),
        ("cluster:ccccc", []),
        ("-cluster:bbbbbb", ["cccccc44", "aaaaaa22"]),
    ):
        assert [hit.id for hit in search(connection, query, every).hits] == expected, query

"""What a hostile or monotonous corpus may cost: work grows with what is new, never with the square of what is there.

Counted are rows, pairs and SQLite's own steps, or CPU beside a reference in the same process; never a wall clock.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from benchmarks import copies
from corpus.candidates import MAX_BAND, REPRESENTATIVES
from corpus.cluster_store import ClusterCounts, update_clusters
from corpus.duplicates import MOST, duplicates
from corpus.sentences import MAX_SENTENCES, unpack
from corpus.shingles import fingerprint
from corpus.signing import FUNCTIONS
from tests.duplicates_corpus import add, empty_corpus, url_of

Result = TypeVar("Result")
STEPS = 1_000  # of SQLite's virtual machine, between two calls of its progress handler
BASE = copies.article(random.Random(31), length=900)
BOILERPLATE = "\n".join(["首页 关于我们 联系方式 免责声明 网站地图 版权所有", *copies.FOOTERS])


@contextmanager
def steps(connection: sqlite3.Connection) -> Iterator[Callable[[], int]]:
    """Count the steps of SQLite's virtual machine while inside, in thousands."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection.set_progress_handler(count, STEPS)
    try:
        yield lambda: counted
    finally:
        connection.set_progress_handler(None, 0)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What the work returns, and its CPU seconds."""
    start = time.process_time()
    return work(), time.process_time() - start


def _multiply(connection: sqlite3.Connection, count: int) -> None:
    """Store ``count`` more pages like the only one there is, on fifty sites."""
    names = [row[1] for row in connection.execute("PRAGMA table_info(articles)")]
    other = {
        "number": "NULL", "id": "printf('%016x', n)", "url": "printf('http://s%d.example/%d', n % 50, n)",
        "site": "printf('s%d.example', n % 50)",
    }  # fmt: skip
    series = "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ?)"
    columns = ", ".join(other.get(name, name) for name in names)
    connection.execute(f"{series} INSERT INTO articles SELECT {columns} FROM articles, series", (count,))
    connection.execute(
        f"{series} INSERT INTO fingerprints SELECT printf('%016x', n), restored, masked, signature, length, sentences "
        "FROM fingerprints, series",
        (count,),
    )


def _cpu(work: Callable[[], object]) -> float:
    """Least CPU seconds of three runs."""
    return min(_timed(work)[1] for _ in range(3))


HUGE = {
    "one sentence": BASE.replace("。", "，").replace("\n", "，") * 2_200,
    "an article again and again": BASE * 2_200,
    "lines": "\n".join(f"第{number}期账单已经逾期请尽快处理并联系客服" for number in range(90_000)),
    "quotation marks": "“" * 1_700_000,
    "articles of a law": "第一条 " * 510_000,
    "brackets": "【甘肃】" * 420_000,
    "digits": "1.5" * 1_700_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_five_megabytes_cost_no_more_than_as_many_letters_in_articles(text: str) -> None:
    assert len(text.encode()) > 5_000_000
    articles = [copies.article(random.Random(seed), length=1_000) for seed in range(17)] * 5
    letters_each = _cpu(lambda: [fingerprint(each) for each in articles]) / sum(map(len, articles))
    found, taken = _timed(lambda: fingerprint(text))
    assert len(unpack(found.sentences).hashes) <= MAX_SENTENCES
    assert taken < 4 * letters_each * len(text)


def test_a_huge_page_beside_its_twin_is_stored_and_told_in_bounded_time() -> None:
    connection = empty_corpus()
    huge = HUGE["an article again and again"]
    add(connection, [("base", BASE), ("huge", huge), ("twin", huge[:-500])])
    start = time.process_time()
    update_clusters(connection)
    answer = duplicates(connection, huge)
    assert {match.url for match in answer.matches} >= {url_of("huge"), url_of("twin")}
    signed = _cpu(lambda: fingerprint(huge))
    assert time.process_time() - start < 60 * signed


def test_ten_thousand_identical_pages_are_one_text() -> None:
    connection = empty_corpus()
    add(connection, [("same", BASE)])
    _multiply(connection, 9_999)
    counts = update_clusters(connection)
    assert (counts.added, counts.compared, counts.clusters) == (1, 0, 1)
    assert connection.execute("SELECT count(*) FROM bands").fetchone()[0] == FUNCTIONS
    assert connection.execute("SELECT size FROM clusters").fetchone()[0] == 10_000
    with steps(connection) as counted:
        add(connection, [("another", BASE)])
        assert update_clusters(connection).compared == 0
    assert counted() < 10_000  # a cluster is written whole: a thousand steps a member, not a member's square
    with steps(connection) as counted:
        assert len(duplicates(connection, BASE).matches) == 10_001
    assert counted() < 2_000


def test_pages_of_pure_boilerplate_are_compared_once() -> None:
    """The same footer on a thousand pages, with a running number: variants of one text."""
    connection = empty_corpus()
    many = 1_000
    add(connection, [(f"page{number}", f"{BOILERPLATE}\n第{number}页") for number in range(many)])
    counts = update_clusters(connection)
    assert counts.added == many
    assert counts.compared <= FUNCTIONS * REPRESENTATIVES * many
    relations = connection.execute("SELECT count(*) FROM similar_texts").fetchone()[0]
    assert relations <= MAX_BAND * many
    before = _work(connection, f"{BOILERPLATE}\n第{many}页", "one more")
    assert before.compared <= FUNCTIONS * max(MAX_BAND, REPRESENTATIVES)
    answer = duplicates(connection, BOILERPLATE)
    assert 0 < len(answer.matches) <= MOST


def _work(connection: sqlite3.Connection, text: str, name: str) -> ClusterCounts:
    add(connection, [(name, text)])
    return update_clusters(connection)


def _half_shares(count: int) -> list[tuple[str, str]]:
    """Texts of which every other one ends in the same passage, long enough to share bands, each with its own words."""
    passage = copies.article(random.Random(77), length=500)
    own = [copies.article(random.Random(1_000 + number), length=250) for number in range(count)]
    return [(f"text{number}", each + (passage if number % 2 else "")) for number, each in enumerate(own)]


def test_a_band_that_half_the_corpus_shares_costs_linear_work() -> None:
    work: dict[int, tuple[int, int, int]] = {}
    texts = _half_shares(2_000)
    for count in (500, 2_000):
        connection = empty_corpus()
        add(connection, texts[:count])
        with steps(connection) as counted:
            compared = update_clusters(connection).compared
        crowd = connection.execute("SELECT count(*) c FROM bands GROUP BY key ORDER BY c DESC LIMIT 1").fetchone()[0]
        work[count] = (compared, counted(), crowd)
    assert work[2_000][2] > MAX_BAND
    assert work[2_000][0] < 6 * work[500][0]  # the square would be 16 times
    assert work[2_000][1] < 6 * work[500][1]
    with steps(connection) as counted:
        late = _work(connection, _half_shares(2_002)[-1][1], "late")
    assert late.compared <= FUNCTIONS * max(MAX_BAND, REPRESENTATIVES)
    assert counted() * 4 < work[2_000][1]

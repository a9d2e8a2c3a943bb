"""Queries find exactly what a brute-force reading of the texts finds, and never make SQLite fail."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import QueryError
from corpus.match import Reach, match, zh_query
from corpus.query import And, Near, Node, Not, Or, Word, parse
from corpus.segment import fold, runs
from tests.search_corpus import add, corpus_of, empty_corpus, numbers

PLAIN = Reach(synonyms=False, holes=False)
WORDS = [
    "暴力催收",
    "协商还款",
    "网络贷款",
    "网贷",
    "逾期",
    "律师函",
    "第三方",
    "委托",
    "平台",
    "借款人",
    "停息挂账",
    "征信",
    "法院",
    "起诉",
    "的",
    "了",
    "在",
    "和",
    "是",
    "不当",
    "行为",
    "电话",
    "短信",
    "轰炸",
    "通讯录",
    "APP",
    "app",
    "24%",
    "2024年",
    "花呗",
    "a1",
    "💰",
    "後",
    "，。",
    "、",
    "\n",
    "！",
    "「催」",
    "（收）",
    "貸",
    "ＡＢ",
]


def sample_texts(count: int, seed: int = 7) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices(WORDS, k=chance.randint(1, 40))) for _ in range(count)]


@cache
def corpus() -> tuple[list[str], sqlite3.Connection]:
    texts = sample_texts(300)
    return texts, corpus_of(texts)


def holds(text: str, node: Node) -> bool:
    """Return whether an article without title matches: the brute force over its folded text."""
    if isinstance(node, Word):
        return re.search(" +".join(map(re.escape, runs(node.text))), text) is not None
    if isinstance(node, Near):
        return near(text, node)
    if isinstance(node, Not):
        return not holds(text, node.node)
    if isinstance(node, Or):
        return any(holds(text, inner) for inner in node.nodes)
    assert isinstance(node, And)
    return all(holds(text, inner) for inner in node.nodes)


def near(text: str, node: Near) -> bool:
    """Return whether the words stand apart by at most ``distance`` word characters; overlapping words are near."""
    place = [sum(c != " " for c in text[:i]) for i in range(len(text) + 1)]

    def stretches(word: str) -> Iterator[tuple[int, int]]:
        pattern = " +".join(map(re.escape, runs(word)))
        for i in range(len(text)):
            if found := re.compile(pattern).match(text, i):
                yield place[found.start()], place[found.end()]

    return any(
        max(c - b, a - d) <= node.distance for a, b in stretches(node.left.text) for c, d in stretches(node.right.text)
    )


def assert_exact(query: str) -> int:
    texts, connection = corpus()
    tree = parse(query)
    expected = [number for number, text in enumerate(texts, 1) if holds(fold(text), tree)]
    assert numbers(connection, match(query, PLAIN).expression) == expected, query
    return len(expected)


def test_random_substrings_of_one_to_eight_characters_are_found_exactly() -> None:
    texts, _ = corpus()
    chance = random.Random(1)
    hits = 0
    for _ in range(1_000):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        piece = text[start : start + chance.randint(1, 8)].replace('"', "")
        if runs(piece):
            hits += assert_exact(f'"{piece}"')
    assert hits > 1_000


@pytest.mark.parametrize(
    "query",
    [
        "催收",
        "網絡貸款",
        "ａｐｐ",
        "APP",
        "催收 律师",
        "催收 -律师",
        "-催收",
        "-催收 -律师",
        "催收 OR 律师",
        "催收 或 -律师",
        "(催收 OR 征信) (法院 OR 起诉) -花呗",
        "-(催收 征信)",
        "-(催收 OR -征信)",
        "贷",
        "贷*",
        "催 收",
        "催收 NEAR/3 律师",
        "催收 NEAR/0 律师",
        "网络 NEAR/2 花呗 -短信",
        '"催 收"',
        "💰",
        "24%",
    ],
)
def test_operators_mean_what_they_say(query: str) -> None:
    assert_exact(query)


@st.composite
def queries(draw: st.DrawFn, depth: int = 3) -> str:
    kind = draw(st.sampled_from(["word", "word", "and", "or", "not", "near"] if depth else ["word"]))
    if kind == "word":
        return draw(st.sampled_from([w for w in WORDS if runs(w)])).join(['"', '"'])
    if kind == "not":
        return f"-({draw(queries(depth - 1))})"
    if kind == "near":
        two = st.sampled_from([w for w in WORDS if runs(w) and len(runs(w)[-1]) > 1])
        return f'"{draw(two)}" NEAR/{draw(st.integers(0, 12))} "{draw(two)}"'
    joint = " " if kind == "and" else " OR "
    return f"({draw(queries(depth - 1))}{joint}{draw(queries(depth - 1))})"


@settings(max_examples=200, deadline=None)
@given(queries())
def test_any_combination_of_operators_is_exact(query: str) -> None:
    assert_exact(query)


HOSTILE = (
    '"', "'", "NEAR(", "NEAR(a b, 3)", "title:", "*", "a*b*", "^催收", "{title}: x", "marks:all", "\x00", "催\x00收", "💣" * 50,
    "贷" * 100_000, "(" * 5_000, "-" * 5_000, "a OR " * 3_000, "'; DROP TABLE articles; --", "催收 AND", "AND OR NOT",
    "\ud800", "\ue000\ue001", "a" * 2_000, "a " * 100, '"a" ' * 90, "(" * 19 + "a" + ")" * 19, "-(" * 9 + "a" + ")" * 9,
    "%s %d {}", "../../etc/passwd", "1; SELECT 1", "spam:99999999999", "after:9999-99-99", "before:0000", "site:\x00",
    "after:0001", "site:" + "a." * 500, "province:省", "cuishou " * 90, "爆通讯录 " * 90, "催收 NEAR/1000 逾期",
)  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_never_make_sqlite_fail(query: str) -> None:
    _, connection = corpus()
    numbers(connection, zh_query(query))
    try:
        found = match(query)
    except QueryError:
        return
    numbers(connection, found.expression)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet='催收 ()-"“”*^:{}+=:ORNEAR/1\x00', max_size=60))
def test_no_text_makes_sqlite_fail(text: str) -> None:
    _, connection = corpus()
    numbers(connection, zh_query(text))


def filtered() -> sqlite3.Connection:
    connection = empty_corpus()
    add(connection, 1, "催收", site="a.gov.cn", host="www.a.gov.cn", published="2024-05-31", topic="law", spam=0)
    add(connection, 2, "催收", site="b.example", host="b.example", published="2024-06", topic="practice", spam=1)
    add(connection, 3, "催收", site="c.example", host="m.c.example", published="2023", topic="practice", spam=3)
    add(connection, 4, "催收", published="2024-06-01T08:00:00+08:00", genre="news", intent="inform", scope="edge")
    add(connection, 5, "律师", published="", title="催收", spam=-1)
    connection.execute("INSERT INTO facets VALUES('article-4', 'place', '甘肃', '620000 甘肃省', 0, 1, '')")
    facets = [
        ("article-1", "place", "兰州", "620100 甘肃省兰州市"),
        ("article-2", "platform", "蚂蚁花呗", "花呗"),
        ("article-3", "law", "民法典第680条", "民法典#680"),
    ]
    connection.executemany("INSERT INTO facets VALUES(?, ?, ?, ?, 0, 1, '')", facets)
    connection.execute(
        "INSERT INTO labels VALUES('article-2', 'subtopic', 'practice.illegal', 'practice', 1, 1, '', 'rules/1')"
    )
    connection.execute("INSERT INTO labels VALUES('article-3', 'subtopic', 'law.rate', 'law', 1, 1, '', 'rules/1')")
    from corpus.search_index import update

    update(connection)
    return connection


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("site:a.gov.cn", [1], id="site"),
        pytest.param("site:gov.cn", [1], id="site-above"),
        pytest.param("site:https://www.A.gov.cn/x.html", [1], id="site-of-an-address"),
        pytest.param("site:m.c.example", [3], id="host"),
        pytest.param("topic:practice", [2, 3], id="topic"),
        pytest.param("topic:practice.illegal", [2], id="second-level"),
        pytest.param("topic:illegal", [2], id="second-level-alone"),
        pytest.param("topic:law.rate", [], id="second-level-of-another-topic"),
        pytest.param("topic:law OR topic:practice", [1, 2, 3], id="or"),
        pytest.param("-topic:practice 催收", [1, 4, 5], id="not"),
        pytest.param("genre:news intent:inform scope:edge", [4], id="genre-intent-scope"),
        pytest.param("province:甘肃", [1, 4], id="province"),
        pytest.param("province:620000", [1, 4], id="province-by-its-code"),
        pytest.param("province:620100", [1], id="city-by-its-code"),
        pytest.param("province:甘肅省", [1, 4], id="province-traditional-with-ending"),
        pytest.param("city:兰州", [1], id="city"),
        pytest.param("law:民法典第680条", [3], id="article-of-a-law"),
        pytest.param("law:中华人民共和国民法典", [3], id="law-by-its-long-name"),
        pytest.param("law:合同法", [], id="another-law"),
        pytest.param("platform:信用购花呗", [], id="no-platform"),
        pytest.param("platform:花呗", [2], id="platform"),
        pytest.param("platform:蚂蚁花呗", [2], id="platform-as-written"),
        pytest.param("law:民法典", [3], id="law"),
        pytest.param("after:2024-06", [2, 4], id="after-month"),
        pytest.param("after:2024-06-02", [], id="a-month-counts-as-its-first-day"),
        pytest.param("before:2024-06", [1, 3], id="before-month"),
        pytest.param("after:2024-05-31 before:2024-06-01", [1], id="one-day"),
        pytest.param("after:2023年 before:2024", [3], id="year"),
        pytest.param("after:1900", [1, 2, 3, 4], id="any-date"),
        pytest.param("before:2999", [1, 2, 3, 4], id="before-the-end-of-time"),
        pytest.param("after:1900 before:2999", [1, 2, 3, 4], id="all-dates"),
        pytest.param("-after:1900", [5], id="undated"),
        pytest.param("after:2025 before:2024", [], id="empty-range"),
        pytest.param("(after:2024-06 OR before:2024) -before:2023-06", [2, 4], id="dates-in-groups"),
        pytest.param("spam:0", [1, 4], id="spam-level"),
        pytest.param("spam:unsure", [5], id="spam-not-known"),
        pytest.param("spam:<2", [1, 2, 4, 5], id="spam-below"),
        pytest.param("spam:>=1", [2, 3], id="spam-at-least"),
        pytest.param("spam:1-3", [2, 3], id="spam-range"),
        pytest.param("催收 spam:<2", [1, 2, 4, 5], id="spam-below-beside-a-word"),
        pytest.param("spam:<2 spam:>=1 -律师", [2], id="two-spam-ranges"),
        pytest.param("催收 -spam:<2", [3], id="not-spam-below"),
        pytest.param("催收 spam:0-3 after:2024", [1, 2, 4], id="any-known-grade"),
        pytest.param("spam:<3 spam:0", [1, 4], id="nothing-but-grades"),
        pytest.param("title:催收", [5], id="title"),
        pytest.param("text:催收", [1, 2, 3, 4], id="text"),
        pytest.param("主题：law 网站：gov.cn", [1], id="chinese-names"),
    ],
)
def test_filters(query: str, expected: list[int]) -> None:
    assert numbers(filtered(), match(query, PLAIN).expression) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dates(), min_size=1, max_size=8), st.dates(), st.dates())
def test_ranges_of_days_are_exact(days: list, first: object, after: object) -> None:  # type: ignore[type-arg]
    from datetime import date

    from corpus.search_index import update

    connection = empty_corpus()
    for number, day in enumerate(days, 1):
        add(connection, number, "催收", published=day.isoformat())
    update(connection)
    low, high = date(1990, 1, 2), date(2169, 1, 1)

    def clamp(day: object) -> date:
        assert isinstance(day, date)
        return min(max(day, low), high)

    clamped = [clamp(day) for day in days]
    expected = [n for n, day in enumerate(clamped, 1) if clamp(first) <= day < clamp(after)]
    query = f"after:{clamp(first)} before:{clamp(after)}"
    assert [n for n in numbers(connection, match(query).expression) if low < days[n - 1] < high] == [
        n for n in expected if low < days[n - 1] < high
    ]


def test_synonyms_are_on_by_default_and_off_with_equals_sign_quotes_or_reach() -> None:
    assert [form.text for form in match("爆通讯录").terms[0].forms][:2] == ["爆通讯录", "联系第三人"]
    for query in ("=爆通讯录", '"爆通讯录"'):
        assert len(match(query).terms[0].forms) == 1
    assert len(match("爆通讯录", PLAIN).terms[0].forms) == 1


def test_conditions_stand_beside_the_expression_and_only_at_the_top() -> None:
    found = match("催收 cluster:abc -contact:123")
    assert [(c.name, c.value, c.wanted) for c in found.conditions] == [
        ("cluster", "abc", True),
        ("contact", "123", False),
    ]
    with pytest.raises(QueryError) as raised:
        match("催收 OR cluster:abc")
    assert raised.value.position == 6
    assert zh_query("cluster:abc") == '""'


@pytest.mark.parametrize(
    ("query", "position"),
    [
        pytest.param("催收 after:soon", 3, id="no-date"),
        pytest.param("催收 spam:7", 3, id="no-spam-level"),
        pytest.param("催收 spam:<1-2", 3, id="half-a-range"),
        pytest.param("催收 province:！", 3, id="no-name"),
        pytest.param("律师 OR (催收 contact:1)", 10, id="contact-in-parentheses"),
    ],
)
def test_values_that_no_filter_takes_are_refused_where_they_stand(query: str, position: int) -> None:
    with pytest.raises(QueryError) as raised:
        match(query)
    assert raised.value.position == position

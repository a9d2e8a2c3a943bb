"""What the corpus holds, in numbers: for the home page and its charts. Every number says which SQL gives it.

Counts are read at each visit. Charts would read every article: a corpus pass keeps their bars in the table ``summaries``,
and a visit takes off what rulings hide just now.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from corpus.redact import mask_text

COUNTS: tuple[tuple[str, str, str, str], ...] = (
    ("corpus_articles", "可读文章", "articles to read", "select count(*) from corpus_articles"),
    ("articles", "全部文章", "articles in all", "select count(*) from articles"),
    ("sites", "网站", "sites", "select count(*) from sites"),
    ("captures", "抓取", "captures", "select count(*) from captures"),
    ("rejections", "未收录", "not kept, with reasons", "select count(*) from rejections"),
    ("clusters", "重复簇", "clusters of copies", "select count(*) from clusters"),
)
# 340100 安徽省合肥市 is in 安徽省: a canonical place is a code of six digits and the whole name.
PROVINCE = (
    "substr(canonical, 8, case when instr(canonical, '自治区') then instr(canonical, '自治区') - 5 "
    "when instr(canonical, '省') then instr(canonical, '省') - 7 "
    "when instr(canonical, '特别行政区') then instr(canonical, '特别行政区') - 3 "
    "else instr(canonical || '市', '市') - 7 end)"
)
# Charts: key, Chinese, English, SQL of (label, count), filter of the search page.
CHARTS: tuple[tuple[str, str, str, str], ...] = (
    (
        "month", "每月发布篇数", "Articles by month of publication",
        "select substr(published, 1, 7) as month, count(*) as articles from corpus_articles "
        "where length(published) >= 7 group by month order by month desc limit 36",
    ),
    (
        "topic", "主题", "Topics",
        "select topic, count(*) as articles from corpus_articles group by topic order by articles desc limit 14",
    ),
    (
        "genre", "体裁", "Genres",
        "select genre, count(*) as articles from corpus_articles group by genre order by articles desc limit 12",
    ),
    (
        "province", "文中提到的省份", "Provinces the texts name",
        f"select {PROVINCE} as province, count(distinct article_id) as articles from facets "
        "where kind = 'place' and canonical glob '[1-9][0-9]*' group by province order by articles desc limit 12",
    ),
    (
        "platform", "文中提到的平台", "Platforms the texts name",
        "select canonical as platform, count(distinct article_id) as articles from facets "
        "where kind = 'platform' group by canonical order by articles desc limit 12",
    ),
    (
        "spam", "垃圾等级", "Spam grades, all articles",
        "select spam, count(*) as articles from articles group by spam order by spam",
    ),
    (
        "copies", "副本与变体", "Copies and variants, all articles",
        "select case when not is_canonical then 'copy' when template_id != '' then 'variant' else 'single' end as kind, "
        "count(*) as articles from articles group by kind order by articles desc",
    ),
)  # fmt: skip
RULES = ("rule", "select rule, count(*) as edits from edits group by rule order by edits desc")  # of the methods page
OF_READABLE = {"month": "substr(published, 1, 7)", "topic": "topic", "genre": "genre"}  # charts that rulings change


@dataclass(frozen=True, slots=True)
class Count:
    """A number of the home page and the table or view it counts."""

    table: str
    chinese: str
    english: str
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars: (label, articles), and the SQL that gives them."""

    key: str
    chinese: str
    english: str
    sql: str
    bars: tuple[tuple[str, int], ...]

    @property
    def top(self) -> int:
        return max((value for _, value in self.bars), default=0) or 1


@dataclass(frozen=True, slots=True)
class Newest:
    """One article of the list on the home page."""

    number: int
    title: str
    site: str
    published: str
    topic: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All numbers of the home page. ``first``, ``last``: days of the first and the last capture."""

    counts: tuple[Count, ...]
    charts: tuple[Chart, ...]
    newest: tuple[Newest, ...]
    first: str
    last: str


def summarise(connection: sqlite3.Connection) -> int:
    """Bring the table ``summaries`` up to date; returns how many bars changed. The caller commits."""
    queries = (*((key, sql) for key, _, _, sql in CHARTS), RULES)
    new = {(key, str(row[0])): int(row[1]) for key, sql in queries for row in connection.execute(sql).fetchall()}
    old = {(row[0], row[1]): row[2] for row in connection.execute("SELECT chart, label, articles FROM summaries")}
    gone, changed = old.keys() - new.keys(), [(*key, n) for key, n in new.items() if old.get(key) != n]
    connection.executemany("DELETE FROM summaries WHERE chart = ? AND label = ?", gone)
    connection.executemany("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?)", changed)
    return len(gone) + len(changed)


def read_overview(connection: sqlite3.Connection, ruled_out: Collection[str] = ()) -> Overview:
    """Return the numbers of the home page, without the articles in ``ruled_out``."""
    counts = tuple(
        Count(table, chinese, english, int(connection.execute(sql).fetchone()[0]))
        for table, chinese, english, sql in COUNTS
    )
    charts = tuple(
        Chart(key, chinese, english, sql, bars(connection, key, ruled_out)) for key, chinese, english, sql in CHARTS
    )
    newest = tuple(
        Newest(int(row[0]), mask_text(row[1]), row[2], row[3], row[4])
        for row in connection.execute(
            "SELECT number, clean_title, site, published, topic FROM corpus_articles ORDER BY first_captured DESC, id DESC LIMIT 8"
        )
    )
    span = connection.execute("SELECT min(nullif(first_captured, '')), max(last_captured) FROM sites").fetchone()
    return Overview(counts, charts, newest, str(span[0] or "")[:10], str(span[1] or "")[:10])


def bars(connection: sqlite3.Connection, key: str, ruled_out: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Return the bars of a chart in its order, read from ``summaries``, less the articles that rulings hide."""
    found = {
        str(row[0]): int(row[1])
        for row in connection.execute("SELECT label, articles FROM summaries WHERE chart = ?", (key,))
    }
    if ruled_out and key in OF_READABLE:
        less = connection.execute(
            f"SELECT {OF_READABLE[key]} AS label, count(*) FROM main.corpus_articles "
            "WHERE id IN (SELECT value FROM json_each(?)) GROUP BY label",
            (json.dumps(sorted(ruled_out)),),
        )
        for label, number in less:
            found[str(label)] = found.get(str(label), 0) - int(number)
    ordered = sorted(((label, n) for label, n in found.items() if n > 0), key=lambda bar: (-bar[1], bar[0]))
    if key == "spam":
        ordered.sort()
    elif key == "month":
        ordered.sort(reverse=True)
    return tuple(ordered)

"""What the corpus holds, in numbers: for the home page and its charts. Every number says which SQL gives it."""

from __future__ import annotations

import sqlite3
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
        "select substr(canonical, 1, 2) || '0000 ' || substr(min(canonical), 8) as province, count(distinct article_id) as "
        "articles from facets where kind = 'place' and canonical glob '[1-9][0-9]*' group by substr(canonical, 1, 2) "
        "order by articles desc limit 12",
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


def read_overview(connection: sqlite3.Connection) -> Overview:
    """Return the numbers of the home page."""
    counts = tuple(
        Count(table, chinese, english, int(connection.execute(sql).fetchone()[0]))
        for table, chinese, english, sql in COUNTS
    )
    charts = tuple(
        Chart(key, chinese, english, sql, tuple((str(row[0]), int(row[1])) for row in connection.execute(sql)))
        for key, chinese, english, sql in CHARTS
    )
    newest = tuple(
        Newest(int(row[0]), mask_text(row[1]), row[2], row[3], row[4])
        for row in connection.execute(
            "SELECT number, clean_title, site, published, topic FROM corpus_articles ORDER BY first_captured DESC, id LIMIT 8"
        )
    )
    span = connection.execute("SELECT min(fetched_at), max(fetched_at) FROM captures").fetchone()
    return Overview(counts, charts, newest, str(span[0] or "")[:10], str(span[1] or "")[:10])

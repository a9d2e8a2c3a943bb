"""Corpora of realistic size for benchmarks/search.py: sentences of dictionary words by their frequency, and words of the field.

Words are drawn by the frequencies of jieba's dictionary (349,000 words, long tail), joined to sentences and paragraphs; an
article takes sentences of its topic, in which words of the field stand about as often as on real pages (催收 in a quarter
of all articles). One article in ten is a copy, mostly within a cluster. The same seed gives the same corpus.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import numpy as np

from corpus import search_index
from corpus.schema import migrate

SENTENCES = 120_000  # at least; one for each article of larger corpora, so that phrases stay rare
SITES = 2_000
FIELD = {
    "practice": "催收 暴力催收 催收员 上门催收 爆通讯录 短信轰炸 第三方催收 联系第三人 软暴力 恐吓 骚扰电话 话术",
    "overdue": "逾期 网贷逾期 罚息 违约金 全面逾期 宽限期 还不上 无力偿还 最低还款 逾期费",
    "negotiate": "协商还款 停息挂账 个性化分期 延期还款 减免 债务重组 分期方案 二次分期",
    "credit": "征信 征信报告 不良记录 征信修复 信用记录 异议申请 黑户",
    "litigation": "起诉 律师函 法院传票 强制执行 失信被执行人 限制高消费 诉前调解 支付令 仲裁",
    "law": "民法典 年化利率 监管办法 罚款 金融监管总局 个人信息保护法 催收非法债务罪",
    "fraud": "套路贷 砍头息 校园贷 高利贷 反催收 代理维权 敲诈勒索 电信诈骗",
    "product": "网贷 网络贷款 花呗 借呗 微粒贷 京东白条 贷款口子 秒下款 助贷",
}
PROVINCES = ["北京", "上海", "广东", "甘肃", "湖南", "四川", "浙江", "江苏", "山东", "河南", "福建", "云南"]
PLATFORMS = ["花呗", "借呗", "微粒贷", "京东白条", "拍拍贷", "分期乐", "安逸花", "招联金融"]


def dictionary() -> tuple[list[str], np.ndarray]:
    """Return the words of jieba's dictionary and their cumulated frequencies."""
    words, weights = [], []
    for line in files("jieba").joinpath("dict.txt").read_text("utf-8").splitlines():
        word, weight, _ = line.split(" ")
        words.append(word)
        weights.append(int(weight))
    totals = np.cumsum(np.array(weights, dtype=float))
    return words, totals / totals[-1]


@cache
def sentences(count: int = SENTENCES, seed: int = 1) -> dict[str, list[str]]:
    """Return ``count`` sentences by topic: plain ones under "", and for each topic some with its words."""
    words, totals = dictionary()
    draws = np.random.default_rng(seed)
    chance = random.Random(seed)
    found: dict[str, list[str]] = {"": []}
    for number in range(count):
        picked = [words[i] for i in np.searchsorted(totals, draws.random(chance.randint(5, 22)))]
        topic = ""
        if number % 6 == 0:
            topic = chance.choice(list(FIELD))
            picked.insert(chance.randrange(len(picked)), chance.choice(FIELD[topic].split()))
        if len(picked) > 12:
            picked.insert(len(picked) // 2, "，")
        found.setdefault(topic, []).append("".join(picked) + chance.choice("。。。。！？；\n"))
    return found


def articles(count: int, longest: int = 84, seed: int = 2, first: int = 1) -> Iterator[dict[str, object]]:
    """Yield the rows of ``count`` articles of up to ``longest`` sentences (84: 1,180 characters on average), by capture."""
    pool = sentences(max(SENTENCES, count))
    chance = random.Random(f"{seed} {first}")
    topics = [*FIELD, "off", "off"]
    text, cluster = "", ""
    for number in range(first, first + count):
        topic = chance.choice(topics)
        copy = chance.random() < 0.1 and text
        if not copy:
            own = pool.get(topic, pool[""])
            parts = []
            for _ in range(chance.randint(longest // 6, longest)):
                draw = chance.random()
                other = pool[chance.choice(topics[:8])] if draw > 0.94 else pool[""]
                parts.append(chance.choice(own if draw < 0.12 else other))
            text = "".join(parts)
            cluster = f"c{number}" if chance.random() < 0.06 else ""
            title = parts[0][:24].strip("。！？；\n，")
            if topic != "off":
                title = chance.choice(FIELD[topic].split()) + title[:14]
        host = f"www.site{int(SITES * chance.random() ** 2)}.example"
        day = 8_000 + int(5_200 * chance.random() ** 0.6)  # from 2011 to the spring of 2026, more of late
        yield {
            "number": number,
            "id": f"{number:064x}",
            "url": f"https://{host}/{number}.html",
            "site": host[4:],
            "host": host,
            "title": title,
            "clean_title": title,
            "text": text,
            "clean_text": text,
            "length": len(text),
            "published": str(np.datetime64("1990-01-01") + day)[:10] if chance.random() < 0.9 else "",
            "first_captured": f"2026-{min(1 + number * 11 // max(count, 20_000), 12):02}-01T{number:012d}Z",
            "topic": topic,
            "genre": chance.choice(["news", "farm", "qa", "law-firm"]),
            "scope": "off" if topic == "off" else "core",
            "spam": chance.choice([0, 0, 0, 1, 2, 3]),
            "cluster_id": cluster,
            "is_canonical": int(not copy or not cluster),
            "place": chance.choice(PROVINCES) if chance.random() < 0.3 else "",
            "platform": chance.choice(PLATFORMS) if chance.random() < 0.3 else "",
        }


def build(path: str, count: int, longest: int = 84) -> sqlite3.Connection:
    """Return a corpus.db of ``count`` articles at ``path``, its full-text index made but not filled."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")  # the indexes of a million urls do not fit in SQLite's usual 2 MB
    migrate(connection)
    search_index.create(connection)
    if count:
        add_articles(connection, count, longest)
    return connection


def add_articles(connection: sqlite3.Connection, count: int, longest: int = 84, first: int = 1) -> None:
    """Store ``count`` articles, numbered from ``first``, in transactions of 20,000; the index is not updated."""
    types = {name: kind for _, name, kind, *_ in connection.execute("PRAGMA table_info(articles)")}
    empty = {name: "" if kind == "TEXT" else 0 for name, kind in types.items()}
    insert = f"INSERT INTO articles({', '.join(empty)}) VALUES({', '.join(':' + name for name in empty)})"
    clusters: dict[str, list[str]] = {}
    connection.execute("BEGIN")
    for row in articles(count, longest, first=first):
        connection.execute(insert, empty | {name: value for name, value in row.items() if name in empty})
        for kind in ("place", "platform"):
            if row[kind]:
                connection.execute(
                    "INSERT INTO facets VALUES(?, ?, ?, ?, 0, 1, '')", (row["id"], kind, row[kind], row[kind])
                )
        if row["cluster_id"]:
            clusters.setdefault(str(row["cluster_id"]), []).append(str(row["id"]))
        if int(str(row["number"])) % 20_000 == 0:
            connection.execute("COMMIT")
            connection.execute("BEGIN")
    connection.executemany(
        "INSERT OR IGNORE INTO clusters VALUES(?, ?, ?, ?, '', '', '', '')",
        [(cluster, ids[0], len(ids), len(ids)) for cluster, ids in clusters.items()],
    )
    connection.execute("COMMIT")

"""Compares the orders ``newest`` and ``published`` with brute force, over random orderings of captures and dates.

    python -m benchmarks.search_orders --articles 20000 --orderings 20

Articles are stored in, against and without the order of their capture, in blocks, with few distinct times, or with a few
far out of place; dates are days with and without a time, months, years, before 1990, after 2169, broken or missing; some
articles are copies of small and of large clusters. After the bulk build 300 articles get another date, half of them another
capture, and the index follows. Each query is asked folded and unfolded, at four places of the list. Prints one line per
ordering; ends with 1 when any page differed.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from corpus import search_index
from corpus.marks import period
from corpus.match import Reach, match
from corpus.schema import migrate
from corpus.stories import Request, by_published, few, newest

SHARES = {
    "催收": 0.6,
    "逾期": 0.2,
    "律师": 0.08,
    "征信": 0.02,
    "罚息": 0.004,
    "口子": 0.0006,
}  # of articles with the word
PATTERNS = ("ascending", "descending", "shuffled", "blocks", "few times", "some far off")
YEARS = (1985, 1999, 2012, 2020, 2023, 2024, 2024, 2025, 2026, 2170)
CHANGED = 300  # articles that change after the first build
Holds = Callable[[frozenset[str]], bool]
QUERIES: dict[str, Holds] = {
    **{word: (lambda words, word=word: word in words) for word in SHARES},  # type: ignore[misc] # mypy cannot type the bound default
    "催收 逾期": lambda words: {"催收", "逾期"} <= words,
    "催收 -逾期": lambda words: "催收" in words and "逾期" not in words,
    "律师 OR 征信": lambda words: bool({"律师", "征信"} & words),
    "-催收": lambda words: "催收" not in words,
    "催": lambda words: "催收" in words,
}


@dataclass(slots=True)
class Stored:
    """An article as brute force knows it."""

    captured: str
    published: str
    cluster: str
    words: frozenset[str]


def captures(chance: random.Random, pattern: str, count: int) -> list[str]:
    """Return the times of first capture, in the order in which the articles are stored."""
    times = sorted(chance.randrange(max(count // 500, 2) if pattern == "few times" else count) for _ in range(count))
    if pattern == "descending":
        times.reverse()
    elif pattern in ("shuffled", "few times"):
        chance.shuffle(times)
    elif pattern == "blocks":
        blocks = [times[at : at + 777] for at in range(0, count, 777)]
        chance.shuffle(blocks)
        times = [time for block in blocks for time in block]
    elif pattern == "some far off":
        for _ in range(30):
            one, other = chance.randrange(count), chance.randrange(count)
            times[one], times[other] = times[other], times[one]
    return [f"2024-01-01T{time:08}Z" for time in times]


def date(chance: random.Random) -> str:
    draw = chance.random()
    day = f"{chance.choice(YEARS)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    if draw < 0.11:
        return "" if draw < 0.1 else chance.choice(["3024-13-99", "0000-00-00", "soon"])
    if draw < 0.35:
        return day[:4] if draw < 0.2 else day[:7]
    return day if draw < 0.7 else f"{day}T{chance.randint(0, 23):02}:00:00+08:00"


def ordering(chance: random.Random, pattern: str, count: int) -> dict[int, Stored]:
    """Return ``count`` articles by their numbers, which have gaps."""
    found: dict[int, Stored] = {}
    number, step = 0, chance.choice([1, 1, 3])
    for captured in captures(chance, pattern, count):
        number += chance.randint(1, step) + (600 if chance.random() < 0.001 else 0)
        words = frozenset(word for word, share in SHARES.items() if chance.random() < share)
        draw = chance.random()
        cluster = (
            f"c{chance.randrange(count // 15)}" if draw < 0.1 else f"large{chance.randrange(4)}" if draw < 0.15 else ""
        )
        found[number] = Stored(captured, date(chance), cluster, words)
    return found


def store(articles: dict[int, Stored], canonical: dict[str, int]) -> sqlite3.Connection:
    """Return a corpus.db in memory with the articles, indexed."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    search_index.create(connection)
    types = {name: kind for _, name, kind, *_ in connection.execute("PRAGMA table_info(articles)")}
    empty = {name: "" if kind == "TEXT" else 0 for name, kind in types.items()}
    insert = f"INSERT INTO articles({', '.join(empty)}) VALUES({', '.join(':' + name for name in empty)})"
    connection.execute("BEGIN")
    for number, each in articles.items():
        text = "，".join(sorted(each.words))
        row = {"number": number, "id": f"article-{number}", "url": f"https://site.example/{number}", "text": text}
        row |= {"clean_text": text, "first_captured": each.captured, "published": each.published}
        chosen = int(canonical.get(each.cluster, number) == number)
        connection.execute(insert, empty | row | {"cluster_id": each.cluster, "is_canonical": chosen})
    connection.executemany(
        "INSERT INTO clusters VALUES(?, ?, 2, 2, '', '', '', '')",
        [(cluster, f"article-{number}") for cluster, number in canonical.items()],
    )
    connection.execute("COMMIT")
    search_index.update(connection, bulk=True)
    return connection


def change(chance: random.Random, connection: sqlite3.Connection, articles: dict[int, Stored]) -> None:
    for number in chance.sample(sorted(articles), min(CHANGED, len(articles))):
        each = articles[number]
        each.published = date(chance)
        if chance.random() < 0.5:
            each.captured = f"2024-01-01T{chance.randrange(len(articles)):08}Z"
        connection.execute(
            "UPDATE articles SET published = ?, first_captured = ? WHERE number = ?",
            (each.published, each.captured, number),
        )
    search_index.update(connection)


def expected(articles: dict[int, Stored], canonical: dict[str, int], holds: Holds, order: str, fold: bool) -> list[int]:
    """Return the numbers of all stories in their order: the brute force."""
    keys = {
        number: (each.captured if order == "newest" else each.published if period(each.published) else "", number)
        for number, each in articles.items()
        if holds(each.words)
    }
    shown = [number for number in keys if not (fold and articles[number].cluster)]
    members: dict[str, list[int]] = {}
    for number in keys.keys() - set(shown):
        members.setdefault(articles[number].cluster, []).append(number)
    for cluster, numbers in members.items():
        first = canonical[cluster]
        shown.append(first if first in keys else max(numbers, key=lambda number: keys[number]))
    return sorted(shown, key=lambda number: keys[number], reverse=True)


def differences(
    chance: random.Random, connection: sqlite3.Connection, articles: dict[int, Stored], canonical: dict[str, int]
) -> Iterator[str]:
    """Yield "" for each page that is as expected, else what was asked."""
    places = ((1, 0), (20, 0), (20, 20), (50, chance.choice([37, 400, 900])))
    for query, holds in QUERIES.items():
        found = match(query, Reach(synonyms=False))
        known = few(connection, found)
        for order, answer in (("newest", newest), ("published", by_published)):
            for fold in (True, False):
                wanted = expected(articles, canonical, holds, order, fold)
                for limit, offset in places:
                    request = Request(order, limit, offset, stories=fold)
                    numbers = answer(connection, found, request), answer(connection, found, request, known)
                    same = numbers == (wanted[offset : offset + limit],) * 2
                    yield "" if same else f"{query} {order} {'folded' if fold else 'all'} {limit} from {offset}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--orderings", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    pages = wrong = 0
    for seed in range(options.seed, options.seed + options.orderings):
        chance, pattern = random.Random(seed), PATTERNS[seed % len(PATTERNS)]
        articles = ordering(chance, pattern, options.articles)
        members: dict[str, list[int]] = {}
        for number, each in articles.items():
            members.setdefault(each.cluster, []).append(number)
        canonical = {cluster: chance.choice(numbers) for cluster, numbers in members.items() if cluster}
        connection = store(articles, canonical)
        change(chance, connection, articles)
        found = list(differences(chance, connection, articles, canonical))
        connection.close()
        pages, wrong = pages + len(found), wrong + sum(map(bool, found))
        print(
            f"{pattern}, seed {seed}: {len(found)} pages, differing: {'; '.join(filter(None, found)) or 'none'}",
            flush=True,
        )
    print(
        f"{options.orderings} orderings of {options.articles:,} articles: {pages:,} pages, {wrong} differ from brute force"
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

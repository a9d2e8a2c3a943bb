"""Measures search: exactness, latency by kind of query, size and speed of the index, beside FTS5's own trigram index.

    python -m benchmarks.search --articles 20000
    python -m benchmarks.search --articles 200000 --folder /tmp/search-benchmark --keep

Times are CPU milliseconds of the searching thread, the median of three runs of each query, unless a line says wall clock
(cold and while-writing are). A result is a whole page: query parsed, index asked, 20 stories read, snippets cut.
"""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.search_corpus import add_articles, build
from benchmarks.search_queries import APART, KINDS, piece, queries
from corpus import search_index
from corpus.errors import QueryError
from corpus.match import Reach, match
from corpus.ranking import by_relevance
from corpus.results import load_hits
from corpus.search import count, search
from corpus.segment import fold, runs
from corpus.stories import Request, by_published, newest

PEER_ARTICLES = 20_000  # articles over which trigram is built beside us
BRUTE_ARTICLES = 5_000  # articles that each random query is compared over by brute force
REPEATS = 3


@dataclass(frozen=True)
class Spread:
    median: float
    p95: float

    def __str__(self) -> str:
        return f"{self.median:8.2f} / {self.p95:8.2f}"


def spread(values: Sequence[float]) -> Spread:
    ordered = sorted(values)
    return Spread(statistics.median(ordered), ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)])


def cpu_ms(call: Callable[..., object], *given: object) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.thread_time()
        call(*given)
        times.append((time.thread_time() - started) * 1000)
    return statistics.median(times)


def page(connection: sqlite3.Connection, query: str, order: str = "newest") -> int:
    """Return the number of results on the first page, having done all that a reader waits for but the count."""
    found = match(query)
    request = Request(order)
    if order == "relevance":
        numbers, _ = by_relevance(connection, found, request)
    else:
        numbers = (newest if order == "newest" else by_published)(connection, found, request)
    return len(load_hits(connection, found, numbers))


def reader(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    connection.execute("PRAGMA query_only=ON")
    return connection


def sample(connection: sqlite3.Connection, number: int) -> list[str]:
    last = connection.execute("SELECT max(number) FROM search_documents").fetchone()[0]
    chosen = random.Random(1).sample(range(1, last + 1), min(number, last))
    return [connection.execute("SELECT clean_text FROM articles WHERE number = ?", (n,)).fetchone()[0] for n in chosen]


def latencies(connection: sqlite3.Connection, each: int) -> None:
    """Print the time of each kind of query, and over all kinds."""
    texts = sample(connection, 300)
    orders = ("newest", "relevance", "published", "count")
    print(f"\nwarm, CPU ms, median / p95{'':16}" + "".join(f"{name:>22}" for name in ("hits", *orders)))
    total: dict[str, list[float]] = {name: [] for name in orders}
    for kinds in (KINDS, APART):
        for kind in kinds:
            times: dict[str, list[float]] = {name: [] for name in orders}
            hits = []
            for _, query in queries(texts, {kind: kinds[kind]}, each):
                found = match(query)
                hits.append(float(count(connection, found)))
                for order in orders[:3]:
                    times[order].append(cpu_ms(page, connection, query, order))
                times["count"].append(cpu_ms(parse_and_count, connection, query))
            print(
                f"{kind:42}{spread(hits).median:22,.0f}" + "".join(f"{spread(times[n])!s:>22}" for n in orders),
                flush=True,
            )
            for name in orders if kinds is KINDS else ():
                total[name] += times[name]
    label = f"all {len(total['newest'])} queries but the last kinds"
    print(f"{label:64}" + "".join(f"{spread(total[n])!s:>22}" for n in orders))


def cold(path: Path, each: int) -> None:
    """Print the wall clock of first searches, the file dropped from the page cache before each."""
    connection = reader(path)
    texts = sample(connection, 100)
    connection.close()
    times: dict[str, list[float]] = {"newest": [], "relevance": [], "count": []}
    for _, query in queries(texts, KINDS, each, seed=9):
        for order, found in times.items():
            drop_cache(path)
            connection = reader(path)
            started = time.perf_counter()
            if order == "count":
                parse_and_count(connection, query)
            else:
                page(connection, query, order)
            found.append((time.perf_counter() - started) * 1000)
            connection.close()
    print(
        f"\ncold, wall ms, {len(times['newest'])} queries: " + ", ".join(f"{n} {spread(t)}" for n, t in times.items())
    )


def drop_cache(path: Path) -> None:
    for file in (path, Path(f"{path}-wal")):
        if file.exists():
            with file.open("rb") as held:
                os.posix_fadvise(held.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def sizes(connection: sqlite3.Connection) -> None:
    """Print the size of the index and of its tables beside that of the text."""
    text = connection.execute(
        "SELECT sum(length(CAST(clean_text AS BLOB)) + length(CAST(clean_title AS BLOB))) FROM articles"
    ).fetchone()[0]
    index, whole = index_size(connection), index_size(connection) + index_size(connection, "search")
    print(f"\n{text / 1e6:,.0f} MB of text, index to text {index / text:.3f}, with search_documents and search_rows "
          f"{whole / text:.3f}")  # fmt: skip


def exactness(connection: sqlite3.Connection, number: int) -> None:
    """Compare random queries, with and without operators, with a brute-force reading of the folded texts."""
    rows = connection.execute(
        "SELECT number, clean_title, clean_text FROM articles ORDER BY number LIMIT ?", (BRUTE_ARTICLES,)
    ).fetchall()
    plain = {row[0]: " ".join(fold(row[1]).split()) + "\n" + " ".join(fold(row[2]).split()) for row in rows}
    texts = [row[2] for row in rows]
    chance = random.Random(5)
    wanted = found = wrong = missing = 0
    for at in range(number):
        words = [random_piece(chance, texts) for _ in range(1 if at % 2 else chance.randint(2, 3))]
        query, holds = compose(chance, words)
        expected = {n for n, text in plain.items() if holds(text)}
        expression = match(query, Reach(synonyms=False, holes=False)).expression
        answer = {
            row[0]
            for row in connection.execute(
                "SELECT rowid FROM article_fts WHERE article_fts MATCH ? AND rowid <= ?", (expression, rows[-1][0])
            )
        }
        wanted, found = wanted + len(expected), found + len(answer & expected)
        wrong, missing = wrong + len(answer - expected), missing + len(expected - answer)
    print(
        f"\nexactness: {number} random queries of 1 to 8 characters over {len(rows)} articles, {wanted:,} hits by brute force: "
        f"recall {found / wanted:.6f} ({missing} missing), false hits {wrong}"
    )


def random_piece(chance: random.Random, texts: Sequence[str]) -> str:
    """Return 1 to 8 characters as they stand in some text, signs included, at least one of them of a word."""
    while True:
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        found = text[start : start + chance.randint(1, 8)].replace('"', "")
        if runs(found):
            return found


def compose(chance: random.Random, words: Sequence[str]) -> tuple[str, Callable[[str], bool]]:
    """Return a query of the words and the brute force for it, over titles and texts with single spaces."""
    needles = [" ".join(runs(word)) for word in words]
    quoted = [f'"{word}"' for word in words]
    if len(words) == 1:
        return quoted[0], lambda text: needles[0] in text
    kind = chance.choice(["and", "or", "not"])
    if kind == "and":
        return " ".join(quoted), lambda text: all(needle in text for needle in needles)
    if kind == "or":
        return " OR ".join(quoted), lambda text: any(needle in text for needle in needles)
    return (
        f"{quoted[0]} -({' OR '.join(quoted[1:])})",
        lambda text: needles[0] in text and not any(needle in text for needle in needles[1:]),
    )


TRIGRAM = """
CREATE TABLE texts(number INTEGER PRIMARY KEY, text, title, site, url, published, topic, spam, first_captured);
CREATE VIRTUAL TABLE f USING fts5(text, title, content='texts', content_rowid='number', tokenize='trigram');
"""
COUNT = "SELECT count(*) FROM (SELECT 1 FROM {0} WHERE {0} MATCH ? LIMIT 10001)"
TRIGRAM_PAGE = (
    "SELECT t.number, t.site, t.url, t.published, t.topic, t.spam, t.first_captured, highlight(f, 1, '[', ']'), "
    "snippet(f, 0, '[', ']', '…', 64) FROM f JOIN texts t ON t.number = f.rowid WHERE f MATCH ? "
    "ORDER BY f.rowid DESC LIMIT 20"
)


def peer(folder: Path, articles: int) -> None:
    """Build trigram and our index over the same articles in the same run; compare speed, size, and longer queries."""
    ours_path, path = folder / "ours.db", folder / "trigram.db"
    for each in (ours_path, path):
        each.unlink(missing_ok=True)
    ours = build(str(ours_path), articles)
    started = time.process_time()
    search_index.update(ours, bulk=True)
    mine = time.process_time() - started
    rows = ours.execute(
        "SELECT number, clean_text, clean_title, site, url, published, topic, spam, first_captured FROM articles"
    ).fetchall()
    size = sum(len(row[1].encode()) + len(row[2].encode()) for row in rows)
    trigram = sqlite3.connect(path, isolation_level=None)
    trigram.executescript(TRIGRAM)
    folded = [(row[0], fold(row[1]), fold(row[2]), *row[3:]) for row in rows]  # for equal answers; not in its time
    trigram.execute("BEGIN")
    trigram.executemany(f"INSERT INTO texts VALUES({', '.join('?' * 9)})", folded)
    trigram.execute("COMMIT")
    started = time.process_time()
    for name, value in (("hashsize", search_index.BULK_HASH), ("automerge", 0)):
        trigram.execute("INSERT INTO f(f, rank) VALUES(?, ?)", (name, value))
    trigram.execute("BEGIN")
    trigram.executemany("INSERT INTO f(rowid, text, title) VALUES(?, ?, ?)", [row[:3] for row in folded])
    trigram.execute("COMMIT")
    trigram.execute("INSERT INTO f(f) VALUES('optimize')")
    theirs = time.process_time() - started
    print(f"\nbuild of {len(rows)} articles ({size / 1e6:.0f} MB): ours {len(rows) / mine:.0f} articles per CPU second, "
          f"trigram {len(rows) / theirs:.0f}: {theirs / mine:.2f} x as fast; "
          f"index to text: ours {index_size(ours) / size:.2f}, trigram {index_size(trigram, 'f') / size:.2f}")  # fmt: skip
    compare_with_trigram(ours, trigram, [row[1] for row in rows])
    for each in (path, ours_path):
        each.unlink()


def index_size(connection: sqlite3.Connection, name: str = "article_fts") -> int:
    return int(connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name LIKE ?", (f"{name}_%",)).fetchone()[0])


def compare_with_trigram(ours: sqlite3.Connection, trigram: sqlite3.Connection, texts: Sequence[str]) -> None:
    """Time the index alone on words of three and more characters: the newest 20 row numbers, and the count."""
    chance = random.Random(8)
    words = [piece(chance, texts, 3, 8) for _ in range(200)]
    for what, sql in (
        ("newest 20", "SELECT rowid FROM {0} WHERE {0} MATCH ? ORDER BY rowid DESC LIMIT 20"),
        ("count", COUNT),
    ):
        mine, theirs = [], []
        for word in words:
            expression = match(f'"{word}"').expression
            assert (
                ours.execute(sql.format("article_fts"), (expression,)).fetchall()
                == trigram.execute(sql.format("f"), (f'"{word}"',)).fetchall()
            )
            mine.append(cpu_ms(rows, ours, sql.format("article_fts"), expression))
            theirs.append(cpu_ms(rows, trigram, sql.format("f"), f'"{word}"'))
        print(f"  {len(words)} words of 3 to 8 characters, {what}, CPU ms: ours {spread(mine)}, trigram {spread(theirs)}, "
              f"sum ours / trigram {sum(mine) / sum(theirs):.2f}")  # fmt: skip
    whole_pages(ours, trigram, words)


def whole_pages(ours: sqlite3.Connection, trigram: sqlite3.Connection, words: Sequence[str]) -> None:
    """Time what a search shows, 20 results with snippets and the count: ours, and all by SQLite over trigram.

    Also our page over row numbers by trigram, copies not folded: what of our time the index is.
    """
    times: dict[str, list[float]] = {
        "ours, page and count": [], "trigram, page by snippet() and count": [], "our page alone": [], "our page over row numbers by trigram": []
    }  # fmt: skip
    for word in words:
        query = f'"{word}"'

        def with_trigram(query: str = query) -> None:
            found = trigram.execute(
                "SELECT rowid FROM f WHERE f MATCH ? ORDER BY rowid DESC LIMIT 20", (query,)
            ).fetchall()
            load_hits(ours, match(query), [row[0] for row in found])

        with_trigram()  # whoever comes first would read the rows for the other
        ways = (
            lambda q=query: search(ours, q),
            lambda q=query: (trigram.execute(TRIGRAM_PAGE, (q,)).fetchall(), rows(trigram, COUNT.format("f"), q)),
            lambda q=query: page(ours, q),
            with_trigram,
        )
        for held, way in zip(times.values(), ways, strict=True):
            held.append(cpu_ms(way))
    for name, held in times.items():
        print(f"  the same words as a reader asks, CPU ms, {name}: {spread(held)}, "
              f"sum ours / this {sum(times['ours, page and count']) / sum(held):.2f}")  # fmt: skip


def while_writing(path: Path, each: int) -> None:
    """Compare the wall clock of searches at rest with those beside a writer that stores and indexes articles."""
    connection = reader(path)
    texts = sample(connection, 100)
    asked = queries(texts, KINDS, each, seed=4)
    idle = [wall_ms(page, connection, query) for _, query in asked]
    pid = os.fork()
    if pid == 0:
        writer = sqlite3.connect(path, isolation_level=None, timeout=60)
        search_index.register(writer)
        number = writer.execute("SELECT max(number) FROM articles").fetchone()[0]
        while True:
            add_articles(writer, 20, first=number + 1)
            number += 20
            search_index.update(writer)
    before = articles_in(connection)
    try:
        while articles_in(connection) == before:
            time.sleep(0.05)
        started = articles_in(connection)
        busy = [wall_ms(page, connection, query) for _, query in asked]
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    new = articles_in(connection) - started
    print(f"\nwhile a crawl writes (wall ms, {len(asked)} queries, all answered; {new:,} articles stored and indexed meanwhile): idle {spread(idle)}, "
          f"busy {spread(busy)}, ratio of p95 {spread(busy).p95 / spread(idle).p95:.2f}")  # fmt: skip


def articles_in(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT max(number) FROM articles").fetchone()[0])


def parse_and_count(connection: sqlite3.Connection, query: str) -> int:
    return count(connection, match(query))


def rows(connection: sqlite3.Connection, sql: str, expression: str) -> list[sqlite3.Row]:
    return connection.execute(sql, (expression,)).fetchall()


def wall_ms(call: Callable[..., object], *given: object) -> float:
    started = time.perf_counter()
    call(*given)
    return (time.perf_counter() - started) * 1000


def hostile(connection: sqlite3.Connection) -> None:
    """Count the errors of SQLite that hostile queries provoke."""
    chance = random.Random(6)
    alphabet = "催收 \"“”()-=*^:{}+ORANDNOTNEAR/0title\x00\ud800💣'\\;%_"
    tried = errors = refused = 0
    extra = [
        "贷" * 100_000,
        "(" * 50_000,
        '"' * 1_001,
        "a OR " * 20_000,
        "'; DROP TABLE articles; --",
        "NEAR(a b)",
        "\x00",
    ]
    for query in [*extra, *("".join(chance.choices(alphabet, k=chance.randint(1, 60))) for _ in range(5_000))]:
        tried += 1
        try:
            page(connection, query)
        except QueryError:
            refused += 1
        except sqlite3.Error:
            errors += 1
    print(f"\nhostile queries: {tried} tried, {refused} refused with a sentence, {errors} errors of SQLite")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--longest", type=int, default=84, help="sentences of the longest article")
    parser.add_argument("--each", type=int, default=12, help="queries of each kind")
    parser.add_argument(
        "--peer-articles", type=int, default=PEER_ARTICLES, help="over which trigram is built beside us"
    )
    parser.add_argument("--random", type=int, default=2_000, help="random queries compared with brute force")
    parser.add_argument("--folder", type=Path, help="where corpora are built; an existing corpus there is used again")
    parser.add_argument("--keep", action="store_true", help="do not delete the corpus")
    parser.add_argument(
        "--only", default="", help="comma-separated: sizes,peer,exactness,latencies,hostile,cold,writing"
    )
    options = parser.parse_args()
    folder = options.folder or Path(mkdtemp(prefix="search-benchmark-"))
    folder.mkdir(exist_ok=True)
    path = folder / f"corpus-{options.articles}.db"
    only = {name for name in options.only.split(",") if name}
    if not path.exists():
        connection = build(str(path), options.articles, options.longest)
        started = time.process_time()
        search_index.update(connection, bulk=True)
        print(
            f"{options.articles} articles indexed, {options.articles / (time.process_time() - started):.0f} per CPU second"
        )
        connection.close()
    connection = reader(path)
    peers = min(options.articles, options.peer_articles)
    steps: dict[str, Callable[[], None]] = {
        "sizes": lambda: sizes(connection),
        "peer": lambda: peer(folder, peers),
        "exactness": lambda: exactness(connection, options.random),
        "latencies": lambda: latencies(connection, options.each),
        "hostile": lambda: hostile(connection),
        "cold": lambda: cold(path, 2),
        "writing": lambda: while_writing(path, options.each),
    }
    for name, step in steps.items():
        if not only or name in only:
            step()
    connection.close()
    if not options.keep:
        path.unlink()


if __name__ == "__main__":
    main()

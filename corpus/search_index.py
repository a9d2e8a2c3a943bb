"""The full-text index of corpus.db: its tables, triggers, incremental and bulk build, check and mending.

``article_fts`` (FTS5) holds pairs of characters of text, title and holes, and marks (``corpus/marks.py``). Its rowid is
``articles.number``. ``search_documents`` has one row per indexed article and remembers what only the index knows;
``search_queue`` lists the articles to look at. Triggers in plain SQL, free of our functions, keep both: any program may
write the tables, nothing is tokenised in its transaction, and the words of a text that changed are kept until
``update`` has taken them out of the index (FTS5 must be told exactly what it is to forget). The index may lag behind;
it cannot go wrong.

The measured traps of FTS5 in SQLite are noted where they are avoided; each has a test.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby

from corpus.marks import EVERY, MAX_MARKS, date_marks, facet_marks, host_marks, mark
from corpus.match import zh_query
from corpus.schema import run_script
from corpus.segment import index_text
from corpus.snippets import zh_snippet

VERSION = "1"  # of what is indexed and how; another one builds the index anew
BATCH_CHARACTERS = 400_000  # a transaction's worth: about 0.2 s of writing, so that a crawl beside it hardly waits
BULK_FROM = 20_000  # articles waiting: from here on the index is built in bulk
BULK_CHARACTERS = 20_000_000  # a transaction's worth in bulk
BULK_HASH = 64 * 2**20  # bytes FTS5 collects before it writes; 512 MB is no better (docs/search.md)
NORMAL_HASH = 2**20  # bytes, FTS5's default
NORMAL_AUTOMERGE = 4  # segments, FTS5's default
MERGE_PAGES = 2_000  # pages merged in one transaction when a bulk build tidies up
HOLE_CONTEXT = 7  # characters beside a hole that are indexed with its suggestion: words of 8 characters reach across
HOLE_LIMIT = 200  # holes of one article in the index
MARK_KINDS = ("province", "platform", "law")
MARK_COLUMNS = ("topic", "genre", "intent", "scope", "spam")

COLUMNS = (
    "text",
    "title",
    "holes",
    "marks",
)  # the long one first: FTS5 spends two bytes per word on every other column

Progress = Callable[[int, int], None]  # (articles done, articles in all)


@dataclass(frozen=True, slots=True)
class Indexed:
    """What stands in the index for one article, before it is cut into pairs."""

    text: str
    title: str
    holes: str
    marks: str

    @property
    def tokens(self) -> tuple[str, str, str, str]:
        return index_text(self.text), index_text(self.title), index_text(self.holes), self.marks


def register(connection: sqlite3.Connection) -> None:
    """Give the connection the SQL functions ``zh_index(text)``, ``zh_query(query)`` and ``zh_snippet(text, query)``.

    Reading and plain writing need neither; rebuilding, checking and queries of three and more characters in SQL do.
    """
    connection.create_function("zh_index", 1, zh_index, deterministic=True)
    connection.create_function("zh_query", 1, zh_query, deterministic=True)
    connection.create_function("zh_snippet", 2, zh_snippet, deterministic=True)


def zh_index(text: object) -> str:
    """Return the tokens of a text, as the index holds them; of anything else nothing."""
    return index_text(text) if isinstance(text, str) else ""


def objects() -> dict[str, str]:
    """Return the SQL of each object of the index by its name, in the order of creation."""
    script = files("corpus").joinpath("search_index.sql").read_text("utf-8")
    found: dict[str, str] = {}
    statement = ""
    for line in script.splitlines(keepends=True):
        if not statement and (not line.strip() or line.startswith("--")):
            continue
        statement += line
        if sqlite3.complete_statement(statement):
            sql = statement.strip().removesuffix(";")
            words = sql.split(maxsplit=4)
            found[words[3] if words[1] == "VIRTUAL" else words[2]] = sql
            statement = ""
    return found


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A write transaction of its own, begun at once so that it cannot fail halfway for want of the lock."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def create(connection: sqlite3.Connection) -> None:
    """Make the index's tables, view and triggers where they are missing; every article there is gets queued.

    ``connection`` must be outside a transaction and its ``isolation_level`` None. Calling it again changes nothing.
    """
    register(connection)
    if existing(connection) >= set(objects()) and version(connection) == VERSION:
        return
    with transaction(connection):
        if version(connection) not in ("", VERSION):
            drop(connection)
        missing = set(objects()) - existing(connection)
        run_script(connection, "".join(f"{sql};\n" for name, sql in objects().items() if name in missing))
        connection.execute("INSERT OR REPLACE INTO search_state(key, value) VALUES('version', ?)", (VERSION,))
        if missing:
            fill_blocks(connection)
            connection.execute("INSERT OR IGNORE INTO search_queue(number) SELECT number FROM articles")


def existing(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE name IS NOT NULL")}


def version(connection: sqlite3.Connection) -> str:
    """Return the version of the index in the file, "" when there is none."""
    if "search_state" not in existing(connection):
        return ""
    row = connection.execute("SELECT value FROM search_state WHERE key = 'version'").fetchone()
    return str(row[0]) if row else ""


def drop(connection: sqlite3.Connection) -> None:
    """Remove every object of the index; the articles stay."""
    kinds = dict(connection.execute("SELECT name, type FROM sqlite_master WHERE name IS NOT NULL").fetchall())
    for name in reversed(objects()):
        if name in kinds:
            connection.execute(f'DROP {kinds[name]} "{name}"')


def fill_blocks(connection: sqlite3.Connection) -> None:
    """Note the latest capture of each block of articles anew."""
    connection.execute("DELETE FROM search_blocks")
    connection.execute(
        "INSERT INTO search_blocks(block, latest) SELECT number >> 9, max(first_captured) FROM articles GROUP BY 1"
    )


def waiting(connection: sqlite3.Connection) -> int:
    """Return how many articles wait to be indexed."""
    return int(connection.execute("SELECT count(*) FROM search_queue").fetchone()[0])


def update(connection: sqlite3.Connection, *, progress: Progress | None = None, bulk: bool | None = None) -> int:
    """Bring the index up to date with the articles, in transactions of its own; return how many it (re)wrote.

    bulk: larger transactions and one tidy-up at the end; None: when more than BULK_FROM articles wait.
    Safe beside a running crawl, and when it is killed: the next call goes on where this one stopped.
    """
    create(connection)
    total = waiting(connection)
    bulk = total >= BULK_FROM if bulk is None else bulk
    if bulk:
        configure(connection, hashsize=BULK_HASH, automerge=0)
    written = done = 0
    try:
        while True:
            with transaction(connection):
                changed, seen = update_batch(connection, BULK_CHARACTERS if bulk else BATCH_CHARACTERS)
            if not seen:
                break
            written += changed
            done += seen
            if progress:
                progress(done, max(total, done))
        if bulk and written:
            tidy(connection)
    finally:
        if bulk:
            configure(connection, hashsize=NORMAL_HASH, automerge=NORMAL_AUTOMERGE)
    return written


def configure(connection: sqlite3.Connection, **options: int) -> None:
    with transaction(connection):
        for name, value in options.items():
            connection.execute("INSERT INTO article_fts(article_fts, rank) VALUES(?, ?)", (name, value))


def tidy(connection: sqlite3.Connection) -> None:
    """Merge the segments of the index into one, in steps: ``optimize`` would hold the lock for minutes."""
    merge = -MERGE_PAGES  # negative: begin a merge of everything; positive: go on
    while True:
        before = connection.total_changes
        with transaction(connection):
            connection.execute("INSERT INTO article_fts(article_fts, rank) VALUES('merge', ?)", (merge,))
        if connection.total_changes - before < 2:  # documented: nothing was left to merge
            return
        merge = MERGE_PAGES


def update_batch(connection: sqlite3.Connection, characters: int) -> tuple[int, int]:
    """Index queued articles until about ``characters`` are read; return (articles rewritten, articles seen)."""
    changed = seen = read = 0
    numbers = [row[0] for row in connection.execute("SELECT number FROM search_queue ORDER BY number LIMIT 20000")]
    for number in numbers:
        old, new = indexed_before(connection, number), indexed_now(connection, number)
        seen += 1
        read += sum(len(each.text) for each in (old, new) if each)
        if old != new:
            replace(connection, number, old, new)
            changed += 1
        elif old:
            connection.execute("UPDATE search_documents SET text = NULL, title = NULL WHERE number = ?", (number,))
        connection.execute("DELETE FROM search_queue WHERE number = ?", (number,))
        if read >= characters:
            break
    return changed, seen


def replace(connection: sqlite3.Connection, number: int, old: Indexed | None, new: Indexed | None) -> None:
    if old:
        connection.execute(
            "INSERT INTO article_fts(article_fts, rowid, text, title, holes, marks) VALUES('delete', ?, ?, ?, ?, ?)",
            (number, *old.tokens),
        )
        connection.execute("DELETE FROM search_documents WHERE number = ?", (number,))
    if new:
        connection.execute(
            "INSERT INTO article_fts(rowid, text, title, holes, marks) VALUES(?, ?, ?, ?, ?)", (number, *new.tokens)
        )
        connection.execute(
            "INSERT INTO search_documents(number, holes, marks) VALUES(?, ?, ?)", (number, new.holes, new.marks)
        )


def indexed_before(connection: sqlite3.Connection, number: int) -> Indexed | None:
    """Return what the index holds for an article, or None."""
    row = connection.execute(
        "SELECT coalesce(d.text, a.clean_text, ''), coalesce(d.title, a.clean_title, ''), d.holes, d.marks "
        "FROM search_documents d LEFT JOIN articles a ON a.number = d.number WHERE d.number = ?",
        (number,),
    ).fetchone()
    return Indexed(*row) if row else None


def indexed_now(connection: sqlite3.Connection, number: int) -> Indexed | None:
    """Return what the index ought to hold for an article, or None when there is no such article."""
    row = connection.execute(
        "SELECT id, clean_text, clean_title, site, host, published, topic, genre, intent, scope, spam "
        "FROM articles WHERE number = ?",
        (number,),
    ).fetchone()
    if row is None:
        return None
    article_id, text, title, site, host, published, *values = tuple(row)
    return Indexed(
        text,
        title,
        hole_text(connection, article_id, {"title": title, "text": text}),
        " ".join(
            article_marks(connection, article_id, [site, host], published, dict(zip(MARK_COLUMNS, values, strict=True)))
        ),
    )


def hole_text(connection: sqlite3.Connection, article_id: str, texts: dict[str, str]) -> str:
    """Return each hole's suggestion between the words around it, a line each, in order."""
    rows = connection.execute(
        "SELECT field, start, suggestion FROM holes WHERE article_id = ? ORDER BY field, start, suggestion LIMIT ?",
        (article_id, HOLE_LIMIT),
    )
    lines = []
    for field, start, suggestion in rows:
        text = texts.get(field, "")
        if suggestion:
            left = text[max(start - HOLE_CONTEXT, 0) : max(start, 0)].split("\n")[-1]
            right = text[max(start, 0) : max(start, 0) + HOLE_CONTEXT].split("\n")[0]
            lines.append(f"{left}{suggestion}{right}")
    return "\n".join(lines)


def article_marks(
    connection: sqlite3.Connection, article_id: str, hosts: list[str], published: str, values: dict[str, object]
) -> list[str]:
    """Return the marks of an article, without repetition, in a fixed order."""
    marks = [EVERY, *(each for host in hosts for each in host_marks(host)), *date_marks(published or "")]
    marks += [mark(name, str(value)) for name, value in values.items() if value not in ("", None)]
    labels = connection.execute(
        "SELECT DISTINCT scheme, value, parent FROM labels WHERE article_id = ? AND scheme IN ('topic', 'genre', 'intent') "
        "AND parent != '' ORDER BY 1, 2, 3",
        (article_id,),
    ).fetchall()
    for scheme, value, parent in labels:  # the second level, under the topic that was chosen for the article
        if parent == values.get(scheme):
            marks += [mark(scheme, value), mark(scheme, f"{parent}.{value}")]
    facets = connection.execute(
        "SELECT DISTINCT kind, value, canonical FROM facets WHERE article_id = ? AND kind IN (?, ?, ?) ORDER BY 1, 3, 2",
        (article_id, *MARK_KINDS),
    ).fetchall()
    for kind, rows in groupby(facets, key=lambda row: str(row[0])):
        marks += facet_marks(kind, [str(name) for row in rows for name in (row[2], row[1])])
    return list(dict.fromkeys(each for each in marks if each))[:MAX_MARKS]

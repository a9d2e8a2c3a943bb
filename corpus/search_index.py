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
from importlib.resources import files

from corpus.field_tokens import field_tokens
from corpus.match import zh_query
from corpus.schema import run_script
from corpus.search_content import Indexed, indexed_before, indexed_now
from corpus.segment import index_text
from corpus.snippets import zh_snippet

VERSION = "6"  # of what is indexed and how; another one builds the index anew
BATCH_CHARACTERS = 400_000  # a transaction's worth: about 0.2 s of writing, so that a crawl beside it hardly waits
BULK_FROM = 20_000  # articles waiting: from here on the index is built in bulk
BULK_CHARACTERS = 20_000_000  # a transaction's worth in bulk
BULK_HASH = 64 * 2**20  # bytes FTS5 collects before it writes; 512 MB is no better (docs/search.md)
NORMAL_HASH = 2**20  # bytes, FTS5's default
NORMAL_AUTOMERGE = 4  # segments, FTS5's default
# Segments of one level from which FTS5 merges them all at once, inside the transaction that reached it: its usual 16 means 4 GB
# in one transaction at 850,000 articles. In bulk they wait for ``tidy``, which takes steps; a thousand are 3.5 million articles.
BULK_CRISIS = 1_000
NORMAL_CRISIS = 16  # FTS5's default
MERGE_PAGES = 2_000  # pages merged in one transaction when a bulk build tidies up
COLUMNS = (
    "text",
    "title",
    "holes",
    "marks",
)  # the long one first: FTS5 spends two bytes per word on every other column

TABLES = ("search_state", "search_queue", "search_documents", "article_fts_content", "article_fts")

Progress = Callable[[int, int], None]  # (articles done, articles in all)


def register(connection: sqlite3.Connection) -> None:
    """Give the connection the SQL functions ``zh_index(text)``, ``zh_tokens(text, field)``, ``zh_query(query)`` and
    ``zh_snippet(text, query)``.

    Reading and plain writing need neither; rebuilding, checking and queries of three and more characters in SQL do.
    """
    connection.create_function("zh_index", 1, zh_index, deterministic=True)
    connection.create_function("zh_tokens", 2, zh_tokens, deterministic=True)
    connection.create_function("zh_query", 1, zh_query, deterministic=True)
    connection.create_function("zh_snippet", 2, zh_snippet, deterministic=True)


def zh_index(text: object) -> str:
    """Return the pairs of characters of a text; of anything else nothing."""
    return index_text(text) if isinstance(text, str) else ""


def zh_tokens(text: object, field: object) -> str:
    """Return the tokens of a field (text, title, holes), as the index holds them; of anything else nothing."""
    return field_tokens(text, str(field)) if isinstance(text, str) else ""


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
    """Make the index's tables, view and triggers where there are none; every article there is gets queued.

    ``connection`` must be outside a transaction and its ``isolation_level`` None. Calling it again changes nothing; an
    index of which a part is missing (a tool dropped the triggers) is mended, one of another version built anew.
    """
    register(connection)
    if not damaged_objects(connection) and version(connection) == VERSION:
        return
    if version(connection) == VERSION:
        mend(connection)
        return
    with transaction(connection):
        drop(connection)
        make(connection)


def make(connection: sqlite3.Connection) -> None:
    """Make the index inside the caller's transaction and queue every article."""
    run_script(connection, "".join(f"{sql};\n" for sql in objects().values()))
    connection.execute("INSERT INTO search_state(key, value) VALUES('version', ?)", (VERSION,))
    fill_blocks(connection)
    connection.execute("INSERT INTO search_queue(number) SELECT number FROM articles")


def damaged_objects(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the objects of the index that are not as they should be: name, "missing" or "changed"."""
    there = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())
    states = {name: "missing" if name not in there else "changed" for name in objects()}
    return {name: state for name, state in states.items() if plain(there.get(name, "")) != plain(objects()[name])}


def plain(sql: str) -> str:
    """Return SQL as it is compared: other tools quote names and break lines anew."""
    return "".join(sql.replace('"', "").split()).lower()


def version(connection: sqlite3.Connection) -> str:
    """Return the version of the index in the file, "" when there is none."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'search_state'").fetchone():
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
    return fill(connection, progress, bulk)


def fill(connection: sqlite3.Connection, progress: Progress | None = None, bulk: bool | None = None) -> int:
    """Index what is queued; see ``update``."""
    total = waiting(connection)
    bulk = total >= BULK_FROM if bulk is None else bulk
    if bulk:
        configure(connection, hashsize=BULK_HASH, automerge=0, crisismerge=BULK_CRISIS)
    written = done = 0
    try:
        while done < total:  # what is queued meanwhile is the next call's: a crawl beside us must not keep us for ever
            with transaction(connection):
                changed, seen = update_batch(connection, BULK_CHARACTERS if bulk else BATCH_CHARACTERS)
            written += changed
            done += seen
            if not seen:  # another program indexed the rest
                break
            if progress:
                progress(done, max(total, done))
        if bulk and written:
            tidy(connection)
    finally:
        if bulk:
            configure(connection, hashsize=NORMAL_HASH, automerge=NORMAL_AUTOMERGE, crisismerge=NORMAL_CRISIS)
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


def check(connection: sqlite3.Connection, *, thorough: bool = True) -> tuple[str, ...]:
    """Return what is wrong with the index, one sentence each, Chinese and English; nothing when it is sound.

    thorough: also compare every word of every article with the index (about as long as half a build). The connection
    must be able to write: FTS5's own check is an INSERT. An index that lags behind is not wrong.
    """
    register(connection)
    if version(connection) == "":
        return ("全文索引尚未建立 the search index has not been built: run 'cuishou process'",)
    if version(connection) != VERSION:
        return ("全文索引版本不符 the search index is of another version: run 'cuishou process' or mend it",)
    found = [f"{name} 缺失或被改动 is {state}" for name, state in damaged_objects(connection).items()]
    if set(damaged_objects(connection)) & set(TABLES):
        return tuple(found)
    if strays := stray_numbers(connection):
        found.append(f"{strays} 篇文章未被索引追踪 articles are unknown to the index, or gone without its notice")
    if late_blocks(connection):
        found.append("排序信息过时 the order of captures is out of date (search_blocks)")
    if thorough and not sound(connection):
        found.append("全文索引与文章不一致 the index does not hold what the articles say")
    return tuple(found)


def stray_numbers(connection: sqlite3.Connection) -> int:
    row = connection.execute(
        "SELECT (SELECT count(*) FROM articles a WHERE NOT EXISTS (SELECT 1 FROM search_documents d WHERE d.number = a.number) "
        "AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = a.number)) + "
        "(SELECT count(*) FROM search_documents d WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.number = d.number) "
        "AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE q.number = d.number))"
    ).fetchone()
    return int(row[0])


def late_blocks(connection: sqlite3.Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM (SELECT number >> 9 AS block, max(first_captured) AS latest FROM articles GROUP BY 1) a "
        "LEFT JOIN search_blocks b ON b.block = a.block WHERE b.latest IS NULL OR b.latest < a.latest"
    ).fetchone()
    return int(row[0])


def sound(connection: sqlite3.Connection) -> bool:
    """Return whether the index holds exactly the tokens of what was indexed."""
    try:
        with transaction(connection):
            connection.execute("INSERT INTO article_fts(article_fts, rank) VALUES('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
            raise
        return False
    return True


def mend(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Put the index right and bring it up to date; return what was done, one sentence each.

    Triggers are made again. Since nobody watched in between, every article is looked at, and when the index no longer
    agrees with the articles, it is emptied and filled anew.
    """
    register(connection)
    done: list[str] = []
    with transaction(connection):
        damaged = damaged_objects(connection)
        if version(connection) != VERSION or set(damaged) & set(TABLES):
            drop(connection)
            make(connection)
            done.append("重建了全文索引 the index was made anew")
        elif damaged:
            kinds = dict(connection.execute("SELECT name, type FROM sqlite_master WHERE name IS NOT NULL").fetchall())
            for name in damaged:
                if name in kinds:
                    connection.execute(f'DROP {kinds[name]} "{name}"')
                connection.execute(objects()[name])
            done.append(f"恢复了 restored: {', '.join(damaged)}")
        fill_blocks(connection)
        watched = not damaged and not stray_numbers(connection)
        if not watched:
            queue_all(connection)
    if not sound(connection):
        with transaction(connection):
            connection.execute("INSERT INTO article_fts(article_fts) VALUES('delete-all')")
            connection.execute("DELETE FROM search_documents")
            queue_all(connection)
        done.append("清空并重填了全文索引 the index was emptied and filled again")
    if written := fill(connection):
        done.append(f"更新了 {written} 篇文章的索引 the index of {written} articles was brought up to date")
    return tuple(done)


def queue_all(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO search_queue(number) SELECT number FROM articles UNION SELECT number FROM search_documents"
    )

"""A workspace of any size for benchmarks/serve.py: ``python -m benchmarks.serve_corpus WORKSPACE ARTICLES``.

Texts, words and copies are those of ``benchmarks/search_corpus.py``. What else a corpus holds of an article (captures,
labels, facets, contact points, blocks left out) is copied from the pages of the sample web, which went through every
stage and pass; one article in four is such a page whole, with its edits and holes. Sites, features, networks, refused
captures and one cluster of 5,000 copies are there in their numbers. The same seed gives the same rows.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.search_corpus import build as build_articles
from corpus import article_cases, overview, search_index
from corpus.store import transaction
from corpus.workspace import archive_folder
from tests.sample_corpus import build as build_sample

WHOLE = 4  # one article in so many is a page of the sample web, text and all
REFUSED = 4  # captures kept for one that was refused
BIG_CLUSTER = 5_000
NETWORK_SITES = 8
KEPT = frozenset(
    [
        "number",
        "id",
        "url",
        "site",
        "host",
        "published",
        "first_captured",
        "last_captured",
        "captured",
        "cluster_id",
        "is_canonical",
        "template_id",
        "topic",
        "genre",
        "scope",
        "spam",
        "flagged",
        "next_url",
    ]
)
MOST = {"removed_blocks": 8}  # rows of an article, to keep the file near 3 GB
EVERY = ("labels", "contacts", "removed_blocks", "links")  # rows of details that every article gets
PLACED = ("edits", "holes", "spans", "facets")  # rows with places in the text: of articles that are whole pages


def build(folder: Path, articles: int) -> None:
    """Make a workspace with a corpus.db of ``articles`` articles, its passes done as far as pages show them."""
    archive_folder(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as sample, closing(build_articles(str(folder / "corpus.db"), articles)) as made:
        made.execute(
            "PRAGMA cache_size=-3000000"
        )  # 3 GB: indexes are filled in the order of articles, not in their own
        build_sample(Path(sample), hostile=False)
        made.execute("ATTACH ? AS sample", (str(Path(sample) / "corpus.db"),))
        made.execute("BEGIN")
        pair(made)
        copy_pages(made)
        copy_details(made)
        add_groups(made)
        made.execute("COMMIT")
        made.execute("DETACH sample")
        say("rows")
        search_index.update(made, bulk=True)
        say("index")
        with transaction(made):
            overview.summarise(made)
            article_cases.weigh(made)
        say("summaries")
        made.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def pair(made: sqlite3.Connection) -> None:
    """Give every article a page of the sample web to take rows from."""
    made.execute("CREATE TEMP TABLE donors AS SELECT id FROM sample.articles WHERE length > 200 ORDER BY id")
    count = made.execute("SELECT count(*) FROM donors").fetchone()[0]
    made.execute(
        f"CREATE TEMP TABLE pairs AS SELECT a.number, a.id, d.id AS donor, a.number % {WHOLE} = 0 AS whole "
        f"FROM main.articles a JOIN donors d ON d.rowid = 1 + (a.number * 7) % {count}"
    )
    made.execute("CREATE UNIQUE INDEX temp.pairs_number ON pairs(number)")


def columns(made: sqlite3.Connection, table: str) -> list[str]:
    return [f'"{row[1]}"' for row in made.execute(f"PRAGMA main.table_info({table})")]


def copy_pages(made: sqlite3.Connection) -> None:
    names = [name for name in columns(made, "articles") if name.strip('"') not in KEPT]
    made.execute(
        f"UPDATE main.articles SET ({', '.join(names)}) = (SELECT {', '.join(f's.{name}' for name in names)} "
        "FROM pairs p JOIN sample.articles s ON s.id = p.donor WHERE p.number = articles.number) "
        f"WHERE number % {WHOLE} = 0"
    )


def copy_details(made: sqlite3.Connection) -> None:
    """Give articles the details of their donors, in the order of articles, so that tables are written front to back."""
    pairs = made.execute("SELECT id, donor, whole FROM pairs ORDER BY number").fetchall()
    for table in (*EVERY, *PLACED):
        names = columns(made, table)
        held: dict[str, list[tuple[object, ...]]] = {}
        for row in made.execute(f"SELECT {', '.join(names)} FROM sample.{table} ORDER BY article_id"):
            held.setdefault(row[0], []).append(tuple(row)[1:])
        most = MOST.get(table, 1_000)
        rows = (
            (identity, *row)
            for identity, donor, whole in pairs
            if whole or table in EVERY
            for row in held.get(donor, [])[:most]
        )
        made.executemany(f"INSERT OR IGNORE INTO main.{table} VALUES ({', '.join('?' * len(names))})", rows)
        say(table)
    names = [name for name in columns(made, "captures") if name.strip('"') not in ("id", "url", "site", "fetched_at")]
    made.execute(
        f"INSERT INTO main.captures (id, url, site, fetched_at, {', '.join(names)}) "
        f"SELECT 'c' || a.id, a.url, a.site, a.first_captured, {', '.join(f's.{name}' for name in names)} FROM pairs p "
        "CROSS JOIN main.articles a ON a.number = p.number CROSS JOIN sample.article_captures x ON x.article_id = p.donor "
        "CROSS JOIN sample.captures s ON s.id = x.capture_id WHERE x.role = 'page' GROUP BY p.number"
    )
    made.execute(
        "INSERT INTO main.article_captures (article_id, capture_id, role) SELECT id, 'c' || id, 'page' FROM pairs ORDER BY number"
    )
    made.execute(
        "INSERT INTO main.rejections SELECT 'r' || a.id, a.url || '?r', a.site, a.first_captured, s.stage, s.reason, "
        "s.detail, s.run FROM main.articles a JOIN (SELECT *, row_number() OVER () AS place FROM sample.rejections) s "
        f"ON s.place = 1 + a.number / {REFUSED} % (SELECT count(*) FROM sample.rejections) WHERE a.number % {REFUSED} = 0"
    )
    made.execute("INSERT INTO main.runs SELECT * FROM sample.runs")


def add_groups(made: sqlite3.Connection) -> None:
    """Fill clusters (one of them big), templates, sites with their features and networks of NETWORK_SITES sites."""
    made.execute(
        "UPDATE main.articles SET cluster_id = 'cbig', is_canonical = 0 WHERE number IN "
        f"(SELECT number FROM main.articles WHERE cluster_id = '' AND number % 9 = 1 LIMIT {BIG_CLUSTER})"
    )
    made.execute(
        "INSERT OR IGNORE INTO main.clusters SELECT 'cbig', min(id), count(*), count(DISTINCT site), '', '', '', '' "
        "FROM main.articles WHERE cluster_id = 'cbig'"
    )
    made.execute(
        "UPDATE main.articles SET is_canonical = 1 WHERE id = "
        "(SELECT canonical_article_id FROM main.clusters WHERE id = 'cbig')"
    )
    made.execute(
        "INSERT OR IGNORE INTO main.cluster_members SELECT cluster_id, id, 1.0, 1.0, 'exact' FROM main.articles "
        "WHERE cluster_id != ''"
    )
    made.execute("INSERT INTO main.templates SELECT * FROM sample.templates")
    made.execute(
        "UPDATE main.articles SET template_id = (SELECT id FROM main.templates ORDER BY size DESC LIMIT 1) "
        "WHERE number % 997 = 0"
    )
    made.execute(
        "INSERT INTO main.sites (site, captures, articles, rejections, first_captured, last_captured, score, verdict, "
        "network_id) SELECT site, count(*), count(*), 0, min(first_captured), max(first_captured), "
        "(count(*) % 100) / 100.0, CASE WHEN count(*) % 100 > 80 THEN 'review' ELSE 'insufficient' END, "
        f"'n' || (min(number) / {NETWORK_SITES}) FROM main.articles GROUP BY site"
    )
    made.execute(
        "INSERT INTO main.site_features SELECT t.site, f.feature, f.value, f.points, f.evidence_zh, f.evidence_en, "
        "f.articles FROM main.sites t JOIN sample.site_features f "
        "WHERE f.site = (SELECT site FROM sample.sites WHERE score IS NOT NULL ORDER BY score DESC LIMIT 1)"
    )
    made.execute(
        "INSERT INTO main.networks SELECT network_id, 'probable', count(*), '[]' FROM main.sites GROUP BY network_id"
    )
    made.execute(
        "INSERT INTO main.network_members (network_id, site, evidence) SELECT network_id, site, '[]' FROM main.sites"
    )
    made.execute(
        "INSERT INTO main.network_edges SELECT a.network_id, a.site, b.site, 1.0, 'phone', '[]' FROM main.sites a "
        "JOIN main.sites b ON b.network_id = a.network_id AND a.site < b.site LIMIT 20000"
    )


def say(what: str) -> None:
    sys.stdout.write(f"{what}: {time.process_time():.0f} s of CPU\n")
    sys.stdout.flush()


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]))

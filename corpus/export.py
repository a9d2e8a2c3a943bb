"""Exports the corpus redacted: a public database, JSONL or Parquet, with a data card. What is not in the file cannot leak.

Personal data become ``[kind:digest]``, the digest keyed with a secret of the workspace: the same number is the same token in
every article, so that networks can still be studied, and nobody can work a number out from its token. Only articles that
readers see are exported unless all are asked for; tables of contact points and blocks beside the text are left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from corpus import search_index
from corpus.errors import InputError, WorkspaceError
from corpus.explanations import EDIT_RULES
from corpus.redact import redact_text
from corpus.workspace import open_corpus

FORMATS = ("public-db", "jsonl", "parquet")
KEY_FILE = "redaction.key"  # of the workspace, never exported
KEY_VARIABLE = "CUISHOU_REDACTION_KEY"
COLUMNS = (
    "id", "url", "site", "clean_title", "clean_author", "published", "published_precision", "published_source",
    "published_confidence", "first_captured", "last_captured", "page_type", "script", "clean_text", "length", "topic",
    "genre", "intent", "scope", "spam", "spam_score", "cluster_id", "is_canonical", "template_id", "body_sha256",
    "extractor", "versions",
)  # fmt: skip
TEXTS = frozenset({"clean_title", "clean_author", "clean_text"})
# Tables that go along as they are: nothing in them comes from the text of a page but codes and names of our lexicons.
PLAIN = (
    ("labels", "article_id, scheme, value, parent, rank, score, annotator"),
    ("clusters", "id, canonical_article_id, size, sites, first_captured, first_published"),
    ("cluster_members", "cluster_id, article_id, similarity, containment, kind"),
    ("sites", "site, captures, articles, rejections, first_captured, last_captured, score, verdict"),
)
LEXICON_FACETS = ("place", "platform", "law", "method", "channel")
Record = dict[str, str | int | float | None]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote. ``redacted``: personal data replaced, by kind."""

    path: Path
    card: Path
    articles: int
    redacted: Mapping[str, int]


def redaction_key(workspace: Path) -> bytes:
    """Return the workspace's key, from the environment or its file, made when there is none.

    Raises: WorkspaceError, when it cannot be written.
    """
    if given := os.environ.get(KEY_VARIABLE):
        return given.encode()
    path = workspace / KEY_FILE
    try:
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return path.read_text("ascii").strip().encode()
    except OSError as error:
        raise WorkspaceError(f"the redaction key {path} cannot be read or made: {error.strerror}") from error


def records(
    connection: sqlite3.Connection, key: bytes, counts: dict[str, int], *, everything: bool
) -> Iterator[Record]:
    """Yield the articles redacted, in the order of their ids. ``counts`` is filled with what was replaced."""
    view = "" if everything else "WHERE id IN (SELECT id FROM corpus_articles)"
    for row in connection.execute(f"SELECT {', '.join(COLUMNS)} FROM articles {view} ORDER BY id"):
        record: Record = dict(zip(COLUMNS, tuple(row), strict=True))
        for column in TEXTS:
            record[column] = redact_text(str(record[column]), key, counts)
        yield record


def export(
    workspace: Path, form: str, target: Path, *, everything: bool = False, hidden: Collection[str] = (), now: datetime
) -> Exported:
    """Write the export and its data card; an existing file is replaced only when the new one is whole.

    hidden: articles that rulings hide, left out as well. Raises: InputError, for an unknown form or a folder in the way.
    """
    if form not in FORMATS:
        raise InputError(f"an export is one of {', '.join(FORMATS)}")
    if target.is_dir():
        raise InputError(f"{target} is a folder: name a file")
    key = redaction_key(workspace)
    counts: dict[str, int] = {}
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    with open_corpus(workspace) as connection:
        found = (r for r in records(connection, key, counts, everything=everything) if r["id"] not in hidden)
        articles = WRITERS[form](connection, found, partial)
        card_text = data_card(
            connection, form=form, articles=articles, counts=counts, now=now, digest=digest_of(partial)
        )
    partial.replace(target)
    card = target.with_name(target.name + ".card.md")
    card.write_text(card_text, "utf-8")
    return Exported(target, card, articles, dict(sorted(counts.items())))


def write_jsonl(_connection: sqlite3.Connection, found: Iterator[Record], path: Path) -> int:
    """Write one JSON object a line; return how many."""
    articles = 0
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        for articles, record in enumerate(found, 1):  # noqa: B007 - counted
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return articles


def write_database(connection: sqlite3.Connection, found: Iterator[Record], path: Path) -> int:
    """Write public.db with keys as in corpus.db and a full-text index of its own; return the articles."""
    articles = 0
    with closing(sqlite3.connect(path)) as public:
        public.execute(f"CREATE TABLE articles ({', '.join(COLUMNS)}, PRIMARY KEY (id))")
        marks = ", ".join("?" * len(COLUMNS))
        for articles, record in enumerate(found, 1):  # noqa: B007 - counted
            public.execute(f"INSERT INTO articles VALUES ({marks})", tuple(record[name] for name in COLUMNS))
        kept = {row[0] for row in public.execute("SELECT id FROM articles")}
        for table, columns in PLAIN:
            names = columns.split(", ")
            public.execute(f"CREATE TABLE {table} ({columns})")
            rows = (tuple(row) for row in connection.execute(f"SELECT {columns} FROM {table}"))
            if "article_id" in names:
                place = names.index("article_id")
                rows = (row for row in rows if row[place] in kept)
            public.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", rows)
        public.execute("CREATE TABLE facets (article_id, kind, canonical, in_force)")
        facets = connection.execute(
            f"SELECT article_id, kind, canonical, in_force FROM facets WHERE kind IN ({', '.join('?' * len(LEXICON_FACETS))})",
            LEXICON_FACETS,
        )
        public.executemany("INSERT INTO facets VALUES (?, ?, ?, ?)", (tuple(row) for row in facets if row[0] in kept))
        for table in ("labels", "facets", "cluster_members"):
            public.execute(f"CREATE INDEX {table}_article ON {table}(article_id)")
        for column in ("site", "published", "topic"):
            public.execute(f"CREATE INDEX articles_{column} ON articles({column})")
        public.commit()
        public.execute("VACUUM")
        add_index(public)
    return articles


def add_index(public: sqlite3.Connection) -> None:
    """Index the redacted titles and texts in pairs of characters; what is not in them cannot be asked for.

    Made last: VACUUM may number rows anew. The comment is what Datasette looks for to know the index of a table.
    """
    public.create_function("zh_index", 1, search_index.zh_index, deterministic=True)
    public.execute(
        'CREATE VIRTUAL TABLE articles_fts USING fts5 /* content="articles" */ '
        "(clean_title, clean_text, content='', tokenize='ascii')"
    )
    public.execute(
        "INSERT INTO articles_fts(rowid, clean_title, clean_text) "
        "SELECT rowid, zh_index(clean_title), zh_index(clean_text) FROM articles"
    )
    public.execute("INSERT INTO articles_fts(articles_fts) VALUES ('optimize')")
    public.commit()


def write_parquet(_connection: sqlite3.Connection, found: Iterator[Record], path: Path) -> int:
    """Write one Parquet file; return the articles. Raises: InputError, when pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise InputError("Parquet needs pyarrow: install cuishou[parquet], or export jsonl") from error
    rows = list(found)
    parquet.write_table(
        pyarrow.table({name: [row[name] for row in rows] for name in COLUMNS}), path, compression="zstd"
    )
    return len(rows)


WRITERS: Mapping[str, Callable[[sqlite3.Connection, Iterator[Record], Path], int]] = {
    "public-db": write_database,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def data_card(
    connection: sqlite3.Connection, *, form: str, articles: int, counts: Mapping[str, int], now: datetime, digest: str
) -> str:
    """Return the data card in Markdown: what the file holds, from where, made how, and what it is not good for."""
    captures, first, last, sites = connection.execute(
        "SELECT count(*), min(fetched_at), max(fetched_at), count(DISTINCT site) FROM captures"
    ).fetchone()
    run = connection.execute("SELECT code, models, lexicons FROM runs ORDER BY started DESC LIMIT 1").fetchone()
    code, models, lexicons = tuple(run) if run else ("", "", "")
    topics = connection.execute("SELECT topic, count(*) FROM corpus_articles GROUP BY topic ORDER BY 2 DESC").fetchall()
    replaced = ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items())) or "nothing"
    return "\n".join(
        [
            "# 数据说明 Data card",
            "",
            f"- 格式 format: {form}; 文章 articles: {articles}; SHA-256: `{digest}`",
            f"- 制作 made: {now.isoformat(timespec='seconds')}; 抓取 captured: {first} – {last}, {captures} captures of {sites} sites",
            f"- 代码 code: {code}; 模型 models: {models}; 词表 lexicons: {lexicons}",
            f"- 主题 topics: {', '.join(f'{row[0]} {row[1]}' for row in topics)}",
            f"- 已替换的个人信息 personal data replaced by keyed digests: {replaced}",
            f"- 还原规则 rules of restoration: {', '.join(EDIT_RULES)}",
            "- 许可 licence: 各网页版权归原作者所有，整理部分 Apache-2.0。Pages belong to their authors; what was added is Apache-2.0.",
            "",
            "## 局限 Limits",
            "",
            "标签与还原由程序给出，会有错；不是中文网络的抽样；姓名只在称谓或欠款人字样旁识别，其余姓名仍可能出现。不得用于识别个人。",
            "Labels and restorations are a program's and can be wrong. This is no sample of the Chinese web. Names are found only beside words",
            "such as 借款人 (borrower); others may remain. Do not use it to identify people.",
            "",
        ]
    )

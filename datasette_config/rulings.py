"""The rulings that stand, as pages need them: read from decisions.db when it has changed, else remembered."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from corpus.article_cases import HIDING, by_article
from corpus.records import Decision


@dataclass(frozen=True, slots=True)
class Standing:
    """``articles``: the standing rulings of each article, oldest first; ``hidden``: ids that the latest one hides."""

    articles: Mapping[str, Sequence[Decision]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()


NOTHING = Standing()
_remembered: dict[str, tuple[tuple[float, int], Standing]] = {}


def standing_rulings(corpus_path: str | Path) -> Standing:
    """Return the rulings on articles that stand in the workspace of this corpus.db; none without a decisions.db."""
    path = Path(corpus_path).parent / "decisions.db"
    try:
        stamp = stamp_of(path)
    except OSError:
        return NOTHING
    held = _remembered.get(str(path))
    if held is None or held[0] != stamp:
        with closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            try:
                found = by_article(connection)
            except sqlite3.OperationalError:  # not a database of rulings yet
                found = {}
        hidden = frozenset(article for article, ruled in found.items() if ruled[-1].ruling in HIDING)
        held = (stamp, Standing(found, hidden))
        _remembered[str(path)] = held
    return held[1]


def stamp_of(path: Path) -> tuple[float, int]:
    """What changes with every commit: the time and size of the database, or of its write-ahead log."""
    log = path.with_name(path.name + "-wal")
    whole = path.stat()
    written = log.stat() if log.exists() else whole
    return max(whole.st_mtime_ns, written.st_mtime_ns), whole.st_size + written.st_size

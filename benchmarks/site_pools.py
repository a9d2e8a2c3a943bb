"""Real spider pools through the whole chain: pages as served, page stages, store, pass over sites."""

from __future__ import annotations

import json
import random
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from corpus.records import Document, Page, Rejection
from corpus.site_cases import list_sites
from corpus.site_pages import Value
from corpus.site_store import update_sites
from corpus.store import put_outcomes, transaction
from corpus.workspace import open_corpus
from crawler.process import outcome

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def read_pools(folder: Path) -> dict[str, list[Page]]:
    """Return the pages of each group of a folder in the shape of doorway_pages; the group is the host."""
    groups: dict[str, list[Page]] = defaultdict(list)
    for line in (folder / "data.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = Path(row["html"]).stem.rpartition("_")[2]
        url = f"http://{row['group']}/{quote(name)}.html"
        body = (folder / row["html"]).read_bytes()
        groups[row["group"]].append(Page(url, 200, (("content-type", "text/html"),), body, MOMENT))
    return dict(sorted(groups.items()))


def read_outcomes(groups: dict[str, list[Page]]) -> dict[str, list[Document | Rejection]]:
    """Return what the page stages make of the pages of each pool."""
    return {name: [outcome(page) for page in pages] for name, pages in groups.items()}


def judge_pools(groups: dict[str, list[Document | Rejection]]) -> tuple[list[dict[str, Value]], int]:
    """Return the rows of the pools as sites, and how many networks join any of them."""
    with tempfile.TemporaryDirectory() as folder, open_corpus(Path(folder), write=True) as connection:
        with transaction(connection):
            put_outcomes(connection, [each for outcomes in groups.values() for each in outcomes], "pools")
        update_sites(connection, now=MOMENT)
        joined = connection.execute("SELECT count(*) FROM networks").fetchone()[0]
        return list_sites(connection), joined


def score_of_part(outcomes: list[Document | Rejection], count: int, seed: int) -> float | None:
    """Return the score of a pool on so many of its pages alone, drawn and put in order by ``seed``; None: too few kept."""
    part = random.Random(seed).sample(outcomes, min(count, len(outcomes)))
    (row,) = judge_pools({"part": part})[0]
    return None if row["score"] is None else float(str(row["score"]))

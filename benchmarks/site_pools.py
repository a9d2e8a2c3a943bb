"""Real spider pools through the whole chain: pages as served, page stages, store, pass over sites."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from corpus.records import Page
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


def judge_pools(groups: dict[str, list[Page]]) -> tuple[list[dict[str, Value]], int]:
    """Return the rows of the pools as sites, and how many networks join any of them."""
    with tempfile.TemporaryDirectory() as folder, open_corpus(Path(folder), write=True) as connection:
        with transaction(connection):
            put_outcomes(connection, [outcome(page) for pages in groups.values() for page in pages], "pools")
        update_sites(connection, now=MOMENT)
        joined = connection.execute("SELECT count(*) FROM networks").fetchone()[0]
        return list_sites(connection), joined

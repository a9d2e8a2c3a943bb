"""Reads folders in the shape of ``html_gold`` and scores extraction on them; used by the benchmarks and the gate.

Text metric: the shingle metric of scrapinghub/article-extraction-benchmark with tokens for Chinese: NFKC; each CJK
ideograph, kana or hangul is one token, each run of Latin letters or digits is one, lower-cased; all else is dropped;
multiset overlap of 4-token shingles; per page tp, fp, fn normalised to sum 1; P and R averaged over pages, F1 of both.
"""

from __future__ import annotations

import hashlib
import json
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from corpus.records import Page

FETCHED = datetime(2026, 11, 1, tzinfo=UTC)  # the sets do not say when they were fetched: later than all of them
_TOKEN = re.compile(r"[㐀-䶿一-鿿豈-﫿぀-ヿ가-힯𠀀-𯿿]|[A-Za-z0-9À-ɏ]+")
SHINGLE = 4


@dataclass(frozen=True, slots=True)
class Gold:
    """One page and what people say is on it. Fields are "" or None where nobody said."""

    id: str
    folder: str
    page: Page = field(repr=False)
    kind: str  # "article", "thread", "list" …
    skip: bool
    text: str
    title: str
    silver_title: str
    date: str
    date_known: bool | None  # None: nobody looked
    author: str | None


def read(folder: Path) -> Iterator[Gold]:
    """Yield the pages of a folder that holds data.jsonl, or of all its subfolders that do, in order."""
    for data in sorted([folder / "data.jsonl", *folder.glob("*/data.jsonl")]):
        if not data.exists():
            continue
        for line in data.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            body = (data.parent / row["html"]).read_bytes()
            url = row.get("url") or f"file:///{data.parent.name}/{row['id']}.html"
            yield Gold(
                id=row["id"],
                folder=data.parent.name,
                page=Page(url, 200, (), body, FETCHED),
                kind=row.get("type") or "article",
                skip=bool(row.get("skip")),
                text=row.get("gold_text") or "",
                title=row.get("gold_title") or "",
                silver_title=row.get("silver_title") or "",
                date=row.get("gold_date") or "",
                date_known=row.get("gold_date_known", bool(row.get("gold_date")) or None),
                author=row.get("gold_author"),
            )


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return the multiset of runs of four tokens; a shorter text is one run."""
    tokens = [token.lower() for token in _TOKEN.findall(unicodedata.normalize("NFKC", text))]
    if 0 < len(tokens) < SHINGLE:
        return Counter([tuple(tokens)])
    return Counter(zip(*(tokens[start:] for start in range(SHINGLE)), strict=False))


@dataclass(frozen=True, slots=True)
class TextScore:
    precision: float
    recall: float
    f1: float


def score_text(gold: str, found: str) -> TextScore:
    """Return precision, recall and F1 of one page, each in 0..1."""
    wanted, got = shingles(gold), shingles(found)
    shared = sum((wanted & got).values())
    precision = shared / sum(got.values()) if got else 0.0
    recall = shared / sum(wanted.values()) if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if shared else 0.0
    return TextScore(precision, recall, f1)


def pooled_f1(scores: list[TextScore]) -> float:
    """Return the F1 of mean precision and mean recall: the figure of the tables."""
    precision = statistics.fmean(score.precision for score in scores)
    recall = statistics.fmean(score.recall for score in scores)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def digest(pages: list[Gold]) -> str:
    """Return a digest of the bodies and gold, so that a pinned score names its data."""
    whole = hashlib.sha256()
    for gold in pages:
        whole.update(hashlib.sha256(gold.page.body).digest())
        whole.update(
            f"{gold.id}\0{gold.kind}\0{gold.skip}\0{gold.text}\0{gold.title}\0{gold.date}\0{gold.author}".encode()
        )
    return whole.hexdigest()[:16]

"""Records for tests, made with as few words as the case needs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from corpus.records import Article, Capture, CleanText, Document, Fingerprints, Label, Page, Published, Rejection
from corpus.store import article_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def page(body: str | bytes = "<p>", url: str = "http://news.example/a.html", hours: float = 0, **headers: str) -> Page:
    """A page fetched ``hours`` after noon."""
    fields = {"content-type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    data = body.encode() if isinstance(body, str) else body
    return Page(url, 200, tuple(fields.items()), data, NOON + timedelta(hours=hours))


def capture(url: str = "http://news.example/a.html", body: str = "一", hours: float = 0) -> Capture:
    digest = hashlib.sha256(body.encode()).hexdigest()
    return Capture(url, 200, "text/html", NOON + timedelta(hours=hours), digest, len(body.encode()))


def document(
    url: str = "http://news.example/a.html",
    text: str = "催收员每天打十几个电话。",
    hours: float = 0,
    title: str = "催收电话",
    labels: tuple[Label, ...] = (),
) -> Document:
    """A document whose body is its text."""
    taken = capture(url, text, hours)
    article = Article(url=url, title=title, author="", published=Published(), site="", text=text, extractor="test/1")
    return Document(
        id=article_id(url, taken.body_sha256),
        capture=taken,
        article=article,
        clean_title=title,
        clean_author="",
        clean=CleanText(text),
        edits=(),
        holes=(),
        fingerprints=Fingerprints(),
        labels=labels,
    )


def rejection(url: str = "http://news.example/empty.html", reason: str = "empty-body") -> Rejection:
    return Rejection(capture(url, ""), "extract", reason)

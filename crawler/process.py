"""The spine: one page in, one document out.

    extract -> restore -> find contacts and facets -> fingerprint -> annotate

Each stage is a pure function of one page. What needs to see all pages (boilerplate of a site, parts of an article,
duplicates, networks) is a corpus pass. A page that is not kept raises ``Rejected``; ``outcome`` turns that into a row.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from classify.annotators import annotate
from corpus.contacts import find_contacts
from corpus.errors import Rejected
from corpus.facets import find_facets, with_title
from corpus.records import Article, Document, ListedDate, Page, Rejection
from corpus.restore import restore
from corpus.shingles import fingerprint
from corpus.store import article_id
from crawler.extract import extract
from crawler.limits import PAGE_SECONDS
from crawler.list_dates import listed_dates
from crawler.site_profiles import frame
from crawler.versions import code_version

# Pages without a text of their own, whose links may be dated.
LISTS = frozenset({"list-page", "no-main-text", "gallery"})


def process(page: Page) -> Document:
    """The document of a page.

    Raises: Rejected, when the page is not kept.
    """
    return understand(page, extract(page))


def understand(page: Page, article: Article) -> Document:
    """The stages after extraction; corpus passes call it again for articles whose text they change."""
    clean = restore(article.text)
    title = restore(article.title, field="title", context=clean)
    author = restore(article.author, field="author", context=clean)
    removed = restore("\n".join(block.text for block in article.removed), context=clean).text
    document = Document(
        id=article_id(page.url, page.sha256),
        capture=page.capture,
        article=article,
        clean_title=title.text,
        clean_author=author.text,
        clean=clean,
        edits=title.edits + author.edits + clean.edits,
        holes=title.holes + clean.holes,
        fingerprints=fingerprint(clean.text),
        contacts=find_contacts(clean.text, (removed,), article.scripts),
        facets=with_title(find_facets(clean.text, article.published.value), title.text, article.published.value),
        versions=(("cuishou", code_version()),),
        frame=frame(article),
    )
    return annotate(document)


def outcome(page: Page, *, seconds: float = PAGE_SECONDS) -> Document | Rejection:
    """The document of a page, or the rejection that says why there is none. Takes at most ``seconds``.

    A fault of ours is a rejection too ("crashed"): the page stays in the archive, and a rebuild takes it up again.
    """
    try:
        with time_limit(seconds):
            return process(page)
    except Rejected as rejected:
        listed = dates_of_list(page, seconds) if rejected.reason in LISTS else ()
        return Rejection(page.capture, rejected.stage, rejected.reason, rejected.detail, listed)
    except Exception as error:  # noqa: BLE001 - hostile pages find what tests did not; one must not end a run
        return Rejection(page.capture, "process", "crashed", f"{type(error).__name__}: {error}"[:300])


def dates_of_list(page: Page, seconds: float) -> tuple[ListedDate, ...]:
    """The dates beside the links of a list page; none where reading them takes longer than ``seconds``, or fails."""
    try:
        with time_limit(seconds):
            return listed_dates(page)
    except Exception:  # noqa: BLE001 - the page is rejected already, and its links are followed whatever it shows
        return ()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise Rejected("timeout") in the main thread after ``seconds``.

    A signal cannot interrupt native code: the runner of ``crawler.batches`` kills a worker that hangs there.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Rejected("process", "timeout", f"longer than {seconds:g} s")

    former = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)

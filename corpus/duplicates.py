"""Any text in, what it is a copy of in the corpus out: the answer of ``cuishou duplicates``.

The text need not be in the corpus: it is fingerprinted, looked up in the index and compared with what it may be a copy
of. For an article of the corpus its cluster comes with it: members, dates claimed and captured, likely source, spread.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from corpus.candidates import MAX_BAND, REPRESENTATIVES
from corpus.cluster_ids import current_cluster
from corpus.cluster_rows import Article, articles_of
from corpus.compare import RELATIONS, Comparison, comparable, comparables, compare
from corpus.contacts import find_contacts, mask
from corpus.differences import Difference, differences
from corpus.edges import HOPELESS
from corpus.errors import InputError
from corpus.lineage import REASONS
from corpus.read_groups import read_slots
from corpus.records import Fingerprints
from corpus.sentences import unpack
from corpus.shingles import band_keys, estimate, fingerprint, read_signatures
from corpus.text_index import Signatures, head, partial_copies, pieces, texts_of, texts_of_masks
from corpus.urls import canonical_url

MOST = 200  # texts compared in full, the likeliest first
SHOWN = 50  # articles of each relation in an answer, and points of a spread


@dataclass(frozen=True, slots=True)
class Match:
    """One article and what the text asked about is to it. similarity, containment: of shingles, 0..1; shared: share of
    the shorter text's sentences."""

    id: str
    url: str
    site: str
    title: str
    published: str
    first_captured: str
    relation: str  # a key of compare.RELATIONS
    similarity: float
    containment: float
    shared: float
    whole: bool  # the smaller text stands wholly in the larger
    canonical: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster of an article of the corpus. spread: (first capture, site) of each site's first copy, in time."""

    id: str
    size: int
    canonical: str
    first_captured: str
    first_published: str  # earliest credible claim
    source: str
    source_reason: str
    spread: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one text. article: its id, "" if it is not in the corpus. compared_with: the article whose
    text ``changes`` start from: the likeliest origin, or else the most similar."""

    article: str
    length: int  # letters
    cluster: Cluster | None
    template: str
    slots: tuple[tuple[str, tuple[str, ...]], ...]  # of the template: kind, and what its variants put there, masked
    matches: tuple[Match, ...]
    counts: tuple[tuple[str, int], ...]  # relation, articles
    compared_with: str
    changes: tuple[Difference, ...]


def find_article(connection: sqlite3.Connection, name: str) -> tuple[str, str]:
    """Return id and clean text of an article by its id, a former id, the beginning of an id, or its URL; of a cluster,
    by an id it has or had, its canonical article's.

    Raises: InputError, when there is none, or several begin so.
    """
    rows = connection.execute(
        "SELECT id, clean_text FROM articles WHERE id = ? OR url = ? OR id IN "
        "(SELECT article_id FROM article_redirects WHERE old_id = ?)",
        (name, canonical_url(name) if "://" in name else name, name),
    ).fetchall()
    if not rows and name.startswith("c"):
        rows = connection.execute(
            "SELECT a.id, a.clean_text FROM clusters c JOIN articles a ON a.id = c.canonical_article_id WHERE c.id = ?",
            (current_cluster(connection, name),),
        ).fetchall()
    if not rows and len(name) >= 4 and set(name) <= set("0123456789abcdef"):
        rows = connection.execute(
            "SELECT id, clean_text FROM articles WHERE id >= ? AND id < ? LIMIT 2", (name, name + "g")
        ).fetchall()
    if len(rows) > 1:
        raise InputError(f"several articles have an id that begins with {name}: give more of it")
    if not rows:
        raise InputError(f"{name} is no article of this corpus, no URL in it and no file")
    return rows[0][0], rows[0][1]


def duplicates(connection: sqlite3.Connection, text: str, *, article: str = "", show_contacts: bool = False) -> Answer:
    """Return what the restored text is a copy of; article: its id, if it is in the corpus."""
    prints = fingerprint(text)
    found = _compared(connection, prints, text)
    articles = articles_of(connection, found)
    matches = _matches(connection, found, articles, article)
    cluster = _cluster(connection, article)
    template = _value(connection, "SELECT template_id FROM articles WHERE id = ?", article)
    slots = read_slots(_value(connection, "SELECT slots FROM templates WHERE id = ?", template))
    counts: dict[str, int] = {}
    for each in matches:
        counts[each.relation] = counts.get(each.relation, 0) + 1
    origin = _origin(matches, cluster, article)
    changes: tuple[Difference, ...] = ()
    if origin:
        theirs = _value(connection, "SELECT clean_text FROM articles WHERE id = ?", origin)
        changes = differences(*(each if show_contacts else without_contacts(each) for each in (theirs, text)))
    listed = tuple(sorted(counts.items()))
    return Answer(article, prints.length, cluster, template, slots, matches, listed, origin, changes)


def without_contacts(text: str) -> str:
    """Return the text with its phone numbers, accounts and mailboxes masked."""
    kept, end = [], 0
    for each in sorted(find_contacts(text, (), ()), key=lambda contact: contact.start):
        if each.block == "kept" and each.start >= end:
            kept += [text[end : each.start], mask(each.value, each.kind)]
            end = each.end
    return "".join([*kept, text[end:]])


def _compared(connection: sqlite3.Connection, prints: Fingerprints, text: str) -> dict[str, Comparison]:
    """Return the restored texts of the corpus that have a relation to this one, by digest."""
    found: dict[str, Comparison] = {}
    if prints.restored:
        row = connection.execute("SELECT 1 FROM fingerprints WHERE restored = ?", (prints.restored,)).fetchone()
        if row:
            found[prints.restored] = Comparison(1.0, 1.0, 1.0, "same")
    if not prints.signature:
        return found
    numbers = _likely(connection, prints)
    own = comparable(text)
    for number, theirs in zip(numbers, comparables(texts_of(connection, numbers)), strict=True):
        result = compare(own, theirs)
        restored = _value(
            connection,
            "SELECT restored FROM duplicate_texts JOIN fingerprints USING (article_id) WHERE number = ?",
            number,
        )
        if result.relation and restored != prints.restored:
            found[restored] = result
    return found


def _likely(connection: sqlite3.Connection, prints: Fingerprints) -> list[int]:
    """Return the texts worth comparing, the likeliest first: those of a band, a masked text or sentences shared."""
    signature = read_signatures([prints.signature])
    candidates: set[int] = set()
    for key in band_keys(signature)[0].tolist():
        first = head(connection, key)
        candidates.update(first if len(first) <= MAX_BAND else first[:REPRESENTATIVES])
    certain = {number for _, number in texts_of_masks(connection, [prints.masked], MOST)}
    certain.update(number for number, _ in partial_copies(connection, unpack(prints.sentences)))
    listed = sorted(candidates | certain)
    if not listed:
        return []
    guesses = dict(zip(listed, estimate(Signatures(connection).table(listed), signature).tolist(), strict=True))
    kept = [each for each in listed if each in certain or guesses[each] >= HOPELESS]
    return sorted(kept, key=lambda each: (-guesses[each], each))[:MOST]


def _matches(
    connection: sqlite3.Connection, found: dict[str, Comparison], articles: dict[str, list[Article]], article: str
) -> tuple[Match, ...]:
    """Every article of the related texts but the one asked about, the most similar first."""
    named: dict[str, tuple[str, str]] = {}
    ids = [each.member.id for listed in articles.values() for each in listed]
    for places, piece in pieces(ids):
        rows = connection.execute(f"SELECT id, url, clean_title FROM articles WHERE id IN ({places})", piece)
        named.update((row[0], (row[1], row[2])) for row in rows)
    matches = [
        Match(
            each.member.id, named[each.member.id][0], each.member.site, named[each.member.id][1],
            each.member.published, each.member.first_captured, result.relation, round(result.similarity, 4),
            round(result.containment, 4), round(result.shared, 4), result.whole, each.is_canonical,
        )
        for restored, result in found.items()
        for each in articles.get(restored, [])
        if each.member.id != article
    ]  # fmt: skip
    order = list(RELATIONS)
    return tuple(sorted(matches, key=lambda each: (order.index(each.relation), -each.similarity, each.id)))


def _cluster(connection: sqlite3.Connection, article: str) -> Cluster | None:
    row = connection.execute(
        "SELECT c.* FROM clusters c JOIN articles a ON a.cluster_id = c.id WHERE a.id = ?", (article,)
    ).fetchone()
    if row is None:
        return None
    rows = connection.execute(
        "SELECT min(first_captured), site FROM articles WHERE cluster_id = ? GROUP BY site ORDER BY 1, 2", (row["id"],)
    )
    return Cluster(
        row["id"], row["size"], row["canonical_article_id"], row["first_captured"], row["first_published"],
        row["source_article_id"], row["source_reason"], tuple((each[0], each[1]) for each in rows.fetchmany(SHOWN)),
    )  # fmt: skip


def _origin(matches: Sequence[Match], cluster: Cluster | None, article: str) -> str:
    """The article whose text the changes start from, "" if nothing is alike."""
    for wanted in (cluster.source, cluster.canonical) if cluster else ():
        if wanted and wanted != article:
            return wanted
    return matches[0].id if matches else ""


def _value(connection: sqlite3.Connection, query: str, argument: str | int) -> str:
    row = connection.execute(query, (argument,)).fetchone()
    return str(row[0]) if row else ""


def answer_record(answer: Answer) -> dict[str, object]:
    """Return the answer as plain values, what ``duplicates --json`` prints."""
    record = asdict(answer)
    record["counts"] = dict(answer.counts)
    record["slots"] = [{"kind": kind, "values": values} for kind, values in answer.slots]
    if answer.cluster:
        reason = REASONS[answer.cluster.source_reason]
        record["cluster"]["source_reason"] = {"code": answer.cluster.source_reason, "en": reason[0], "zh": reason[1]}
        record["cluster"]["spread"] = [{"first_captured": at, "site": site} for at, site in answer.cluster.spread]
    return record

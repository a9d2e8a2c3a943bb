"""Relations of texts in, rows of clusters and templates out: what the rest of the corpus reads.

A group of texts (those connected with what an update touched) is read whole, clustered, and its rows are written anew;
articles of the same restored text are members together. Ids come from the least article id of a cluster, so they do
not depend on arrival; where an id has changed, ``cluster_redirects`` leads from the old one to where its articles are.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.candidates import Pairs, Values
from corpus.clusters import Cluster, as_pairs, clusters
from corpus.letters import letters
from corpus.lineage import Lineage, Member, lineage
from corpus.shingles import estimate
from corpus.templates import KINDS, find_slots
from corpus.text_index import Pair, Signatures, article_ids, pieces, texts_of, texts_of_masks

ALIGNED = 8  # variants whose slots are listed with a template
MAX_PATTERN = 4_000  # characters of a template's pattern


@dataclass(frozen=True, slots=True)
class Article:
    """What is stored of an article that clusters depend on."""

    restored: str
    letters: int
    member: Member
    cluster_id: str
    template_id: str
    is_canonical: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that are connected with each other or were so before, and their relations."""

    numbers: Sequence[int]  # ascending
    copies: Sequence[Pair]
    similarity: Sequence[float]  # of the copies
    variants: Sequence[Pair]


def connected(connection: sqlite3.Connection, touched: Iterable[int]) -> Group:
    """Return all texts connected with the touched ones by copies, variants and equal masked text."""
    seen: set[int] = set()
    waiting = set(touched)
    copies: dict[Pair, float] = {}
    variants: set[Pair] = set()
    while waiting:
        seen |= waiting
        found: set[int] = set()
        for left, right, relation, similarity in _relations(connection, waiting):
            if relation == "copy":
                copies[left, right] = similarity
            else:
                variants.add((left, right))
            found.update((left, right))
        for first, other in _same_mask(connection, waiting):
            if first != other:
                variants.add((first, other))
            found.update((first, other))
        waiting = found - seen
    alive = set(article_ids(connection, seen))
    inside = sorted(seen & alive)
    kept = sorted(each for each in copies if alive.issuperset(each))
    return Group(
        inside,
        kept,
        [copies[each] for each in kept],
        sorted(each for each in variants if alive.issuperset(each)),
    )


def _relations(connection: sqlite3.Connection, numbers: Iterable[int]) -> Iterable[tuple[int, int, str, float]]:
    for places, piece in pieces(numbers):
        for column in ('"left"', '"right"'):
            yield from connection.execute(
                f'SELECT "left", "right", relation, similarity FROM similar_texts WHERE {column} IN ({places}) '
                "AND relation IN ('copy', 'variant')",
                piece,
            )


def _same_mask(connection: sqlite3.Connection, numbers: Iterable[int]) -> Iterable[Pair]:
    """Pairs of the least text of a masked text and each of the same."""
    masks: set[str] = set()
    for places, piece in pieces(numbers):
        masks.update(
            row[0]
            for row in connection.execute(
                "SELECT masked FROM duplicate_texts JOIN fingerprints USING (article_id) "
                f"WHERE number IN ({places}) AND masked <> ''",
                piece,
            )
        )
    first: dict[str, int] = {}
    for masked, number in texts_of_masks(connection, masks):
        yield first.setdefault(masked, number), number


def articles_of(connection: sqlite3.Connection, restored: Iterable[str]) -> dict[str, list[Article]]:
    """Return the articles of each restored text, by its digest."""
    found: dict[str, list[Article]] = {}
    for places, piece in pieces(restored):
        for row in connection.execute(
            "SELECT f.restored, f.length, a.id, a.site, a.published, a.published_confidence, a.published_conflict, "
            "a.first_captured, a.length, a.spam, a.source_name, a.cluster_id, a.template_id, a.is_canonical "
            f"FROM fingerprints f JOIN articles a ON a.id = f.article_id WHERE f.restored IN ({places})",
            piece,
        ):
            member = Member(row[2], row[3], row[4], row[5], bool(row[6]), row[7], row[8], row[9], row[10])
            article = Article(row[0], row[1], member, row[11], row[12], bool(row[13]))
            found.setdefault(row[0], []).append(article)
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """How many clusters and templates were written, and how many articles changed theirs."""

    clusters: int
    templates: int
    articles: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One cluster to be written: its articles, and the signature of each restored text (none for short ones)."""

    articles: Sequence[Article]
    signatures: dict[str, Values]


class Writer:
    """Writes groups of one pass. What it wrote itself it does not delete again; where articles of old clusters went is
    noted at the end, by ``finish``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._fresh: set[str] = set()
        connection.execute("CREATE TEMP TABLE former_members (cluster_id TEXT, article_id TEXT)")

    def clear(self) -> None:
        """Delete all clusters and templates: every one will be written again."""
        self._connection.execute("INSERT INTO former_members SELECT cluster_id, article_id FROM cluster_members")
        for name in ("clusters", "cluster_members", "templates"):
            self._connection.execute(f"DELETE FROM {name}")

    def write(self, group: Group, changed: Sequence[str], gone: Sequence[str]) -> Written:
        """Write the clusters and templates of a group anew.

        changed: digests of restored texts whose articles changed, short ones too; gone: ids of articles that changed
        or are no more, whose old clusters are looked up as well.
        """
        digests = _digests(self._connection, group.numbers)
        signatures = Signatures(self._connection).table(group.numbers)
        articles = articles_of(self._connection, {*digests, *changed})
        known = [each for listed in articles.values() for each in listed]
        parts = _parts(group, digests, signatures, articles)
        old = ({each.cluster_id for each in known} | _former_clusters(self._connection, gone)) - self._fresh - {""}
        self._forget(old | set(parts))
        self._fresh |= set(parts)
        changes = _write_clusters(self._connection, parts, known)
        templates = self._write_templates(group, digests, signatures, articles, known)
        return Written(len(parts), templates, changes)

    def _forget(self, names: set[str]) -> None:
        for name in sorted(names):
            self._connection.execute(
                "INSERT INTO former_members SELECT cluster_id, article_id FROM cluster_members WHERE cluster_id = ?",
                (name,),
            )
            self._connection.execute("DELETE FROM clusters WHERE id = ?", (name,))
            self._connection.execute("DELETE FROM cluster_members WHERE cluster_id = ?", (name,))

    def _write_templates(
        self,
        group: Group,
        digests: Sequence[str],
        signatures: Values,
        articles: dict[str, list[Article]],
        known: Sequence[Article],
    ) -> int:
        """Replace the templates of the group, and return how many there are."""
        for name in sorted({each.template_id for each in known} - self._fresh - {""}):
            self._connection.execute("DELETE FROM templates WHERE id = ?", (name,))
        now: dict[str, str] = {}
        made = 0
        for inside, centre in _joined(group, signatures):
            listed = [article for place in inside for article in articles.get(digests[place], [])]
            name = "t" + min(each.member.id for each in listed)
            self._fresh.add(name)
            now.update({each.member.id: name for each in listed})
            sample = [
                group.numbers[place] for place in (centre, *(each for each in inside if each != centre))[:ALIGNED]
            ]
            pattern, slots = align(texts_of(self._connection, sample))
            self._connection.execute(
                "INSERT OR REPLACE INTO templates(id, size, sites, pattern, slots) VALUES (?, ?, ?, ?, ?)",
                (name, len(listed), len({each.member.site for each in listed}), pattern, slots),
            )
            made += 1
        changed = [
            (now.get(each.member.id, ""), each.member.id)
            for each in known
            if now.get(each.member.id, "") != each.template_id
        ]
        self._connection.executemany("UPDATE articles SET template_id = ? WHERE id = ?", changed)
        return made

    def finish(self) -> None:
        """Note where the articles of clusters that are no more, or that lost articles, have gone."""
        rows = self._connection.execute(
            "SELECT f.cluster_id, a.cluster_id, count(*) FROM former_members f LEFT JOIN articles a ON a.id = f.article_id "
            "GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"
        ).fetchall()
        moved: dict[str, list[str]] = {}
        for name, target, _ in rows:
            moved.setdefault(name, []).extend([target] if target else [])
        for name, targets in moved.items():
            others = [target for target in targets if target != name]
            rows_made = [(name, target, "split") for target in others]
            if name not in targets:
                rows_made[:1] = [(name, others[0], "merged")] if others else [(name, "", "dissolved")]
            if rows_made:
                self._connection.execute("DELETE FROM cluster_redirects WHERE old_id = ?", (name,))
            self._connection.executemany("INSERT INTO cluster_redirects VALUES (?, ?, ?)", rows_made)
        self._connection.execute(
            "DELETE FROM cluster_redirects WHERE reason <> 'split' AND old_id IN (SELECT id FROM clusters)"
        )
        self._connection.execute(
            "DELETE FROM templates WHERE NOT EXISTS (SELECT 1 FROM articles WHERE template_id = templates.id)"
        )
        self._connection.execute("DROP TABLE former_members")


def _digests(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[str]:
    found: dict[int, str] = {}
    for places, piece in pieces(numbers):
        found.update(
            connection.execute(
                "SELECT number, restored FROM duplicate_texts JOIN fingerprints USING (article_id) "
                f"WHERE number IN ({places})",
                piece,
            )
        )
    return [found[number] for number in numbers]


def _copies(group: Group, signatures: Values) -> tuple[Cluster, ...]:
    """Clusters of copies, variants kept apart; members are places in ``group.numbers``."""
    if not group.copies:
        return ()
    copied = {number for pair in group.copies for number in pair}  # only these can meet: most variants are no copies
    apart = [pair for pair in group.variants if copied.issuperset(pair)]
    places = _places(group, apart).tolist() if apart else []
    return clusters(_places(group, group.copies), signatures, weights=group.similarity, apart=places)


def _places(group: Group, pairs: Sequence[Pair]) -> Pairs:
    found: Pairs = np.searchsorted(np.asarray(group.numbers, dtype=np.int64), np.asarray(pairs, dtype=np.int64))
    return found


def _parts(
    group: Group, digests: Sequence[str], signatures: Values, articles: dict[str, list[Article]]
) -> dict[str, _Part]:
    """Return the clusters of a group by their ids: those of near-duplicates, and other texts of several articles."""
    parts: list[_Part] = []
    clustered: set[str] = set()
    for cluster in _copies(group, signatures):
        inside = {digests[each]: signatures[each] for each in cluster.members}
        clustered |= set(inside)
        parts.append(_Part([article for each in inside for article in articles.get(each, [])], inside))
    for restored, listed in sorted(articles.items()):
        if restored not in clustered and len(listed) > 1:
            parts.append(_Part(listed, {}))
    return {cluster_id(part.articles): part for part in parts}


def _joined(group: Group, signatures: Values) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield the places of the texts of each template, and of its medoid."""
    if not group.variants:
        return
    found = clusters(as_pairs(_places(group, [*group.copies, *group.variants]).tolist()), signatures)
    joined = {member: at for at, each in enumerate(found) for member in each.members}
    ends = ((joined.get(left, -1), joined.get(right, -2)) for left, right in _places(group, group.variants).tolist())
    for at in sorted({left for left, right in ends if left == right}):
        yield found[at].members, found[at].medoid


def cluster_id(articles: Iterable[Article]) -> str:
    """Return the id of a cluster: c and the least id of its articles."""
    return "c" + min(each.member.id for each in articles)


def _former_clusters(connection: sqlite3.Connection, gone: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for places, piece in pieces(gone):
        rows = connection.execute(f"SELECT cluster_id FROM cluster_members WHERE article_id IN ({places})", piece)
        found.update(row[0] for row in rows)
    return found


def _write_clusters(connection: sqlite3.Connection, parts: dict[str, _Part], known: Sequence[Article]) -> int:
    """Insert the clusters, mark their articles, and return how many articles changed."""
    now = {each.member.id: name for name, part in parts.items() for each in part.articles}
    canonical: set[str] = set()
    for name, part in sorted(parts.items()):
        found = lineage([each.member for each in part.articles])
        canonical.add(found.canonical)
        _insert_cluster(connection, name, part, found)
    changed = []
    for each in known:
        name = now.get(each.member.id, "")
        stands = not name or each.member.id in canonical
        if (name, stands) != (each.cluster_id, each.is_canonical):
            changed.append((name, int(stands), each.member.id))
    connection.executemany("UPDATE articles SET cluster_id = ?, is_canonical = ? WHERE id = ?", changed)
    return len(changed)


def _insert_cluster(connection: sqlite3.Connection, name: str, part: _Part, found: Lineage) -> None:
    connection.execute(
        "INSERT INTO clusters(id, canonical_article_id, size, sites, first_captured, first_published, "
        "source_article_id, source_reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            name, found.canonical, len(part.articles), found.sites, found.first_captured, found.first_published,
            found.source, found.reason,
        ),
    )  # fmt: skip
    (first,) = [each for each in part.articles if each.member.id == found.canonical]
    rows = []
    for each in part.articles:
        same = each.restored == first.restored
        similarity = 1.0 if same else float(estimate(part.signatures[each.restored], part.signatures[first.restored]))
        fewer, all_letters = min(each.letters, first.letters), each.letters + first.letters
        containment = min(1.0, similarity * all_letters / (1 + similarity) / fewer)
        rows.append((name, each.member.id, similarity, containment, "same" if same else "copy"))
    connection.executemany(
        "INSERT INTO cluster_members(cluster_id, article_id, similarity, containment, kind) VALUES (?, ?, ?, ?, ?)",
        rows,
    )


def align(texts: Sequence[str]) -> tuple[str, str]:
    """Return the first text with its slots as 【kind】 (letters only), and as JSON what the texts put in each of them.

    Texts with another number of slots than the first are left out: they are variants reworded.
    """
    batch = letters(texts)
    slots = find_slots(batch)
    edges = np.searchsorted(slots.starts, batch.starts).tolist()
    fills = [
        ["".join(map(chr, batch.codes[slots.starts[at] : slots.ends[at]].tolist())) for at in range(low, high)]
        for low, high in itertools.pairwise(edges)
    ]
    kinds = [KINDS[kind] for kind in slots.kinds[: edges[1]].tolist()]
    pieces_of, end = [], 0
    for start, stop, kind in zip(
        slots.starts[: edges[1]].tolist(), slots.ends[: edges[1]].tolist(), kinds, strict=True
    ):
        pieces_of += ["".join(map(chr, batch.codes[end:start].tolist())), f"【{kind}】"]
        end = stop
    pieces_of.append("".join(map(chr, batch.codes[end : batch.starts[1]].tolist())))
    same = [each for each in fills if len(each) == len(fills[0])]
    listed = [
        {"kind": kind, "values": sorted({each[at] for each in same})}
        for at, kind in enumerate(kinds)
        if len({each[at] for each in same}) > 1
    ]
    return "".join(pieces_of)[:MAX_PATTERN], json.dumps(listed, ensure_ascii=False, separators=(",", ":"))

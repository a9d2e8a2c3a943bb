"""Relations of texts in, rows of clusters and templates out: what the rest of the corpus reads.

A group of texts (``corpus.connected_texts``) is read whole, clustered, and its rows are written anew; articles of the
same restored text are members together. Ids come from the least article id of a cluster, so they do not depend on
arrival; where an id has changed, ``cluster_redirects`` leads from the old one to where its articles are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.candidates import Values
from corpus.clusters import Cluster, clusters
from corpus.connected_texts import Group
from corpus.lineage import Lineage, Member, lineage
from corpus.shingles import estimate
from corpus.template_rows import insert_template, templates
from corpus.text_index import Signatures, pieces


@dataclass(frozen=True, slots=True)
class Article:
    """What is stored of an article that clusters depend on."""

    restored: str
    letters: int
    member: Member
    cluster_id: str
    template_id: str
    is_canonical: bool


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
        inside = {number: articles.get(digest, ()) for number, digest in zip(group.numbers, digests, strict=True)}
        templates = self._write_templates(group, signatures, inside, known)
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
        signatures: Values,
        articles: Mapping[int, Sequence[Article]],
        known: Sequence[Article],
    ) -> int:
        """Replace the templates of the group, and return how many there are."""
        for name in sorted({each.template_id for each in known} - self._fresh - {""}):
            self._connection.execute("DELETE FROM templates WHERE id = ?", (name,))
        now: dict[str, str] = {}
        found = templates(group, signatures)
        for template in found:
            listed = [article for number in template for article in articles[number]]
            name = "t" + min(each.member.id for each in listed)
            now.update({each.member.id: name for each in listed})
            sites = {each.member.site for each in listed}
            insert_template(self._connection, name, template, size=len(listed), sites=len(sites))
        self._fresh.update(now.values())
        changed = [
            (now.get(each.member.id, ""), each.member.id)
            for each in known
            if now.get(each.member.id, "") != each.template_id
        ]
        self._connection.executemany("UPDATE articles SET template_id = ? WHERE id = ?", changed)
        return len(found)

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
    kept_apart = group.places(apart).tolist() if apart else []
    return clusters(group.places(group.copies), signatures, weights=group.similarity, apart=kept_apart)


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

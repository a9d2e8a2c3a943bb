"""Keeps the traits and entities of every article in corpus.db, up to date with the articles.

Only what is new or has changed since the last run is read, so that a pass over a large corpus costs what is new in it.
``corpus.site_store`` sums up what is stored here.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeAlias

from corpus.entities import LAYERS, icp_suffix, is_canary, is_takedown, is_vendor
from corpus.page_traits import VERSION, PageText, prose, redundancy, signed_hash, traits
from corpus.site_features import pack
from corpus.site_units import unit_of

BATCH = 500  # articles read and written at once
SAMPLE = 20  # articles of a site whose texts are compressed together
MAX_FOLDER = 60  # characters of a folder's name
MAX_EDITORS = 40  # characters of an editor's name; longer is no name
LINK_BLOCKS = ("navigation", "related", "breadcrumb", "pager", "share", "site-boilerplate", "links")
PROSE_BLOCKS = ("outside", "related", "hidden")  # what else may hold the sentences of a page
HIDDEN_BLOCKS = ("hidden", "injected")

MAX_FUNNEL = 8  # other sites that every page links to; more is a list of partners
# Linked to from the footers of every site: filings, statistics, maps, fonts.
PUBLIC_TARGETS = frozenset(
    {
        "beian.gov.cn", "miit.gov.cn", "miibeian.gov.cn", "cnzz.com", "51.la", "baidu.com", "google.com", "googleapis.com",
        "bdimg.com", "bdstatic.com", "jiathis.com", "bshare.cn", "wordpress.org", "w3.org", "addthis.com", "discuz.net",
        "comsenz.com", "dedecms.com", "weibo.com", "qq.com", "gov.cn", "github.com", "adobe.com", "microsoft.com",
    }
)  # fmt: skip

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"  # of a JSON record
Progress = Callable[[str, int, int], None]  # what is being done, how much is done, of how much

# What makes a stored row stale: another capture, other lexicons or models, other code of ours.
_STATE = "a.id || ' ' || a.text_sha256 || a.parts || a.site_lines || ' ' || a.captured || ' ' || a.versions || ' ' || ?"


def refresh_pages(connection: sqlite3.Connection, progress: Progress | None = None) -> set[str]:
    """Bring traits and entities in line with ``articles``; return the sites that changed."""
    touched = {
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT site FROM site_pages WHERE NOT EXISTS "
            "(SELECT 1 FROM articles WHERE articles.number = site_pages.number)"
        )
    }
    if touched:
        connection.execute(
            "DELETE FROM site_pages WHERE NOT EXISTS (SELECT 1 FROM articles WHERE articles.number = site_pages.number)"
        )
        connection.execute(
            "DELETE FROM site_vendors WHERE NOT EXISTS "
            "(SELECT 1 FROM articles WHERE articles.number = site_vendors.number)"
        )
    stale = connection.execute(
        f"SELECT a.number FROM articles a LEFT JOIN site_pages p ON p.number = a.number "
        f"WHERE p.version IS NULL OR p.version <> {_STATE} ORDER BY a.number",
        (VERSION,),
    )
    numbers = [row[0] for row in stale]
    done = 0
    for batch in batched(numbers, BATCH):
        touched |= _refresh_batch(connection, batch)
        done += len(batch)
        if progress:
            progress("traits", done, len(numbers))
    return touched


def refresh_sites(connection: sqlite3.Connection, sites: Iterable[str]) -> None:
    """Work out again what is stored by site (entities, redundancy of texts) for the sites given."""
    for site in sorted(sites):
        connection.execute("DELETE FROM site_entities WHERE site = ?", (site,))
        connection.execute("DELETE FROM site_texts WHERE site = ?", (site,))
        pages = connection.execute("SELECT count(*) FROM site_pages WHERE site = ?", (site,)).fetchone()[0]
        if not pages:
            continue
        put_entities(connection, site, site, pages)
        texts = connection.execute(
            "SELECT id, clean_text FROM articles WHERE number IN (SELECT number FROM site_pages WHERE site = ?) "
            "ORDER BY id LIMIT ?",
            (site, SAMPLE),
        ).fetchall()
        details = _Details(connection, [row[0] for row in texts])
        value = redundancy([f"{row[1]}\n{details.outside_prose(row[0])}" for row in texts])
        share, targets = _funnel(connection, site, pages)
        connection.execute(
            "INSERT INTO site_texts VALUES (?, ?, ?, ?)", (site, round(value, 3), round(share, 3), " ".join(targets))
        )


def _funnel(connection: sqlite3.Connection, site: str, pages: int) -> tuple[float, tuple[str, ...]]:
    """Return the other sites that most pages link to, canaries left out, and the share of pages of the second of them:
    a single one may be a partner or the agency."""
    rows = connection.execute(
        "SELECT l.target_site, count(*) FROM site_pages p JOIN articles a ON a.number = p.number "
        "JOIN links l ON l.article_id = a.id WHERE p.site = ? GROUP BY l.target_site HAVING count(*) * 2 >= ? "
        "ORDER BY count(*) DESC, l.target_site LIMIT 12",
        (site, pages),
    ).fetchall()
    found = [(target, count) for target, count in rows if not is_canary(target) and target not in PUBLIC_TARGETS]
    if not 2 <= len(found) <= MAX_FUNNEL:
        return 0.0, ()
    return found[1][1] / pages, tuple(target for target, _ in found)


def put_entities(
    connection: sqlite3.Connection,
    site: str,
    unit: str,
    pages: int,
    *,
    only: str | None = None,
    without: Sequence[str] = (),
) -> None:
    """Store the entities of a site's pages under ``unit``, with position and share of ``pages``.

    only: the one folder that is meant; without: folders that are not.
    """
    where, values = "p.site = ?", [site]
    if only is not None:
        where, values = where + " AND p.folder = ?", [site, only]
    for folder in without:
        where, values = where + " AND p.folder <> ?", [*values, folder]
    rows = connection.execute(
        "SELECT c.kind, c.value, count(DISTINCT p.number), sum(c.block = 'kept'), sum(c.block = 'removed'), "
        "sum(c.block IN ('script', 'markup')), group_concat(DISTINCT CASE c.kind WHEN 'icp' THEN c.raw END), "
        "count(DISTINCT CASE v.role WHEN 'vendor' THEN v.number END), "
        "count(DISTINCT CASE v.role WHEN 'takedown' THEN v.number END) FROM site_pages p JOIN articles a ON a.number = p.number "
        "JOIN contacts c ON c.article_id = a.id "
        "LEFT JOIN site_vendors v ON v.number = p.number AND v.kind = c.kind AND v.value = c.value "
        f"WHERE {where} GROUP BY c.kind, c.value",
        values,
    ).fetchall()
    editors = connection.execute(
        f"SELECT 'editor', a.editor, count(*), count(*), 0, 0, NULL, 0, 0 FROM site_pages p "
        f"JOIN articles a ON a.number = p.number WHERE {where} AND a.editor <> '' AND length(a.editor) <= ? "
        "GROUP BY a.editor",
        [*values, MAX_EDITORS],
    ).fetchall()
    connection.executemany(
        "INSERT OR REPLACE INTO site_entities(site, kind, value, layer, pages, share, kept, removed, scripts, vendor, "
        "suffixes, takedown) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                unit, kind, value, LAYERS.get(kind, "public"), count, round(count / pages, 4), kept or 0, removed or 0,
                scripts or 0, int(vendors * 2 >= count), " ".join(_suffixes(raws)), int(takedown * 2 >= count),
            )
            for kind, value, count, kept, removed, scripts, raws, vendors, takedown in (*rows, *editors)
        ],
    )  # fmt: skip


def pages_of_unit(connection: sqlite3.Connection, site: str) -> tuple[str, list[str]]:
    """Return the condition on ``site_pages``, and its values, for the pages of a unit; hijacked folders belong to their own unit only."""
    row = connection.execute("SELECT site, folder FROM hijacked_folders WHERE unit = ?", (site,)).fetchone()
    if row is not None and row[0] != site:
        return "site = ? AND folder = ?", [row[0], row[1]]
    return "site = ? AND folder NOT IN (SELECT folder FROM hijacked_folders h WHERE h.site = site_pages.site)", [site]


def batched(items: Iterable[int], size: int) -> Iterator[list[int]]:
    """Yield the items in lists of at most ``size``."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def _suffixes(raws: str | None) -> list[str]:
    return sorted({suffix for raw in (raws or "").split(",") if (suffix := icp_suffix(raw))})


def _refresh_batch(connection: sqlite3.Connection, numbers: list[int]) -> set[str]:
    marks = ",".join("?" * len(numbers))
    articles = connection.execute(
        "SELECT number, id, url, host, clean_title, keywords, description, clean_text, published, "
        f"{_STATE} AS state FROM articles a WHERE number IN ({marks})",
        [VERSION, *numbers],
    ).fetchall()
    ids = [row["id"] for row in articles]
    details = _Details(connection, ids)
    touched, pages, vendors = set(), [], []
    for row in articles:
        unit = unit_of(row["url"]) or row["host"] or "?"
        folder = folder_of(row["url"])
        page = PageText(
            title=row["clean_title"], text=row["clean_text"], outside=details.outside_prose(row["id"]), keywords=row["keywords"],
            description=row["description"], annotations=details.annotations[row["id"]],
            slips=details.slips[row["id"]], holes=tuple(details.holes[row["id"]]),
            injected=details.injected[row["id"]], link_length=details.link_length[row["id"]],
            outside_sites=details.outside[row["id"]], posted=row["published"],
        )  # fmt: skip
        stored = pack(
            traits(page), key=int(row["id"][:15], 16) if _is_hex(row["id"]) else signed_hash(row["id"]),
            folder=signed_hash(folder), host=signed_hash(row["host"]),
        )  # fmt: skip
        pages.append((unit, row["number"], folder, row["state"], stored))
        vendors += [(row["number"], kind, value, role) for kind, value, role in details.roles(row["id"])]
        touched.add(unit)
    touched |= {row[0] for row in connection.execute(f"SELECT site FROM site_pages WHERE number IN ({marks})", numbers)}
    connection.execute(f"DELETE FROM site_pages WHERE number IN ({marks})", numbers)
    connection.execute(f"DELETE FROM site_vendors WHERE number IN ({marks})", numbers)
    connection.executemany("INSERT INTO site_pages VALUES (?, ?, ?, ?, ?)", pages)
    connection.executemany("INSERT OR IGNORE INTO site_vendors(number, kind, value, role) VALUES (?, ?, ?, ?)", vendors)
    return touched


def folder_of(url: str) -> str:
    """Return the first folder of the path, "" for a page in the root."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0]
    first, slash, _ = path.partition("/")
    return first[:MAX_FOLDER] if slash else ""


def _is_hex(text: str) -> bool:
    return len(text) >= 15 and all(mark in "0123456789abcdef" for mark in text)


class _Details:
    """Edits, holes, spans, blocks, links and contacts of a batch of articles, counted by article."""

    def __init__(self, connection: sqlite3.Connection, ids: list[str]) -> None:
        self._rows = connection
        self._ids = ids
        self._marks = ",".join("?" * len(ids))
        text_edits = "field = 'text'"
        self.annotations = self._count("edits", f"{text_edits} AND rule LIKE 'annotation%'")
        self.slips = self._count("edits", f"{text_edits} AND rule LIKE '%straddle%'")
        self.outside = self._count("links", "1")
        self.holes: dict[str, list[str]] = defaultdict(list)
        for row in self._select("article_id, suggestion", "holes", "field = 'text'"):
            self.holes[row[0]].append(row[1])
        self.injected: Counter[str] = Counter()
        for row in self._select("article_id, sum(length(text))", "spans", "kind LIKE '%inject%' GROUP BY article_id"):
            self.injected[row[0]] += row[1] or 0
        self.link_length: Counter[str] = Counter()
        self._removed: dict[str, list[str]] = defaultdict(list)
        self._outside: dict[str, list[str]] = defaultdict(list)
        for article, reason, text in self._select("article_id, reason, text", "removed_blocks", "1"):
            if reason in HIDDEN_BLOCKS:
                self.injected[article] += len(text)
            if reason in LINK_BLOCKS:
                self.link_length[article] += len(text)
            self._removed[article].append(text)
            if reason in PROSE_BLOCKS:
                self._outside[article].append(text)
        self._contacts: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        wanted = "block = 'removed' AND kind IN ('phone', 'qq', 'email', 'wechat', 'icp')"
        for article, kind, value, raw in self._select("article_id, kind, value, raw", "contacts", wanted):
            self._contacts[article].append((kind, value, raw))

    def outside_prose(self, article: str) -> str:
        """Return what reads like sentences outside the main text."""
        return prose(self._outside[article])

    def roles(self, article: str) -> Iterator[tuple[str, str, str]]:
        """Yield the contacts of an article that stand behind a vendor's mark or in a line about complaints."""
        for kind, value, raw in self._contacts[article]:
            for text in self._removed[article]:
                place = text.find(raw)
                if place >= 0 and (is_vendor(text, place) or is_takedown(text, place)):
                    yield kind, value, "vendor" if is_vendor(text, place) else "takedown"
                    break

    def _count(self, table: str, where: str) -> Counter[str]:
        return Counter(dict(self._select("article_id, count(*)", table, f"{where} GROUP BY article_id")))

    def _select(self, columns: str, table: str, where: str) -> sqlite3.Cursor:
        query = f"SELECT {columns} FROM {table} WHERE article_id IN ({self._marks}) AND {where}"
        cursor = self._rows.cursor()
        cursor.row_factory = None
        return cursor.execute(query, self._ids)

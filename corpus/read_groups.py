"""Reads clusters, templates, sites and networks as their pages show them; text of pages comes masked."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.cluster_ids import current_cluster
from corpus.contacts import mask
from corpus.differences import differences
from corpus.explanations import CONTACT_KINDS
from corpus.explanations import name as name_of
from corpus.read import Value, many, one
from corpus.redact import mask_text

AROUND = 12  # characters shown on either side of a difference
MAX_DRAWN = 60  # sites of a network that are drawn
RADIUS, MARGIN = 200.0, 130.0  # of the drawing, in its own units


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between two texts at one place, with a few characters around it."""

    lead: str
    before: str
    after: str
    trail: str


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A cluster or template: its row, its articles oldest capture first, and two of them compared."""

    row: Mapping[str, Value]
    members: tuple[Mapping[str, Value], ...]
    slots: tuple[tuple[str, tuple[str, ...]], ...] = ()
    compared: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class SitePage:
    """A site: its row, what its score rests on, its newest articles and what it shares with other sites.

    ``pages``: ids of the articles that each feature points to; ``checks``: looks at the site, and lists that name it.
    """

    row: Mapping[str, Value]
    features: tuple[Mapping[str, Value], ...]
    articles: tuple[Mapping[str, Value], ...]
    rejections: tuple[Mapping[str, Value], ...]
    shared: tuple[Mapping[str, Value], ...]
    folders: tuple[Mapping[str, Value], ...]
    network: Mapping[str, Value]
    pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    checks: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A site in the drawing of a network. ``anchor``: where its name begins: start, middle or end."""

    site: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Line:
    """A tie between two sites. ``width`` 1 to 6, from its weight; ``why``: the kinds of evidence."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    why: str


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """A network: its row, members, ties and their drawing in a square of ``size``."""

    row: Mapping[str, Value]
    members: tuple[Mapping[str, Value], ...]
    edges: tuple[Mapping[str, Value], ...]
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]

    @property
    def frame(self) -> str:
        """The viewBox of the drawing: as wide as names need, no higher than the sites."""
        heights = [node.y for node in self.nodes] or [MARGIN, MARGIN]
        return f"0 {min(heights) - 40:.0f} {2 * (RADIUS + MARGIN):.0f} {max(heights) - min(heights) + 70:.0f}"


def read_cluster(connection: sqlite3.Connection, name: str) -> GroupPage | None:
    """Return the cluster of that id, or of a former id; None when there is none."""
    row = one(connection, "SELECT * FROM clusters WHERE id = ?", current_cluster(connection, name))
    if not row:
        return None
    members = articles(
        connection,
        "SELECT a.number, a.id, a.clean_title, a.site, a.url, a.published, a.first_captured, a.spam, a.is_canonical, "
        "m.kind, m.similarity, m.containment FROM cluster_members m JOIN articles a ON a.id = m.article_id "
        "WHERE m.cluster_id = ? ORDER BY a.first_captured, a.id",
        row["id"],
    )
    first = next((m for m in members if m["id"] == row["canonical_article_id"]), members[0] if members else None)
    other = next((m for m in members if first is not None and m["id"] != first["id"]), None)
    compared = compare(connection, first, other) if first and other else ()
    return GroupPage(row, members, compared=compared)


def compare(
    connection: sqlite3.Connection, left: Mapping[str, Value], right: Mapping[str, Value]
) -> tuple[Change, ...]:
    """Return what changes from one article's restored text to another's, masked."""
    texts = [
        mask_text(str(connection.execute("SELECT clean_text FROM articles WHERE id = ?", (each["id"],)).fetchone()[0]))
        for each in (left, right)
    ]
    return tuple(changes(texts[0], texts[1]))


def changes(left: str, right: str) -> Iterator[Change]:
    """Yield the differences of two texts with what stands around each."""
    at = [0, 0]
    for found in differences(left, right):
        side = 0 if found.before else 1
        text, piece = (left, found.before) if found.before else (right, found.after)
        start = text.find(piece, at[side])
        start = text.find(piece) if start < 0 else start  # a clause that has moved
        end = start + len(piece)
        at[side] = max(at[side], end)
        around = (text[max(start - AROUND, 0) : start], text[end : end + AROUND]) if start >= 0 else ("", "")
        yield Change(around[0], found.before, found.after, around[1])


def read_template(connection: sqlite3.Connection, name: str) -> GroupPage | None:
    """Return the template of that id with its variants and the fillings of its slots; None when there is none."""
    row = one(connection, "SELECT * FROM templates WHERE id = ?", name)
    if not row:
        return None
    row["pattern"] = mask_text(str(row["pattern"]))
    members = articles(
        connection,
        "SELECT number, id, clean_title, site, url, published, first_captured, spam, is_canonical FROM articles "
        "WHERE template_id = ? ORDER BY first_captured, id",
        name,
    )
    return GroupPage(row, members, read_slots(str(row["slots"])))


def read_slots(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return (kind, fillings) of each slot of a template, in order of the text."""
    return tuple(
        (str(slot.get("kind", "")), tuple(mask_text(str(word)) for word in slot.get("values", ()))[:40])
        for slot in json.loads(text or "[]")[:100]
    )


def read_site(connection: sqlite3.Connection, site: str, *, see_contacts: bool = False) -> SitePage | None:
    """Return what is known of a site; None when it is in no table."""
    row = one(connection, "SELECT * FROM sites WHERE site = ?", site)
    newest = articles(
        connection,
        "SELECT number, id, clean_title, published, topic, spam, is_canonical FROM articles WHERE site = ? "
        "ORDER BY first_captured DESC, id",
        site,
    )
    if not row and not newest:
        return None
    features = many(
        connection,
        "SELECT feature, value, points, evidence_zh, evidence_en, articles FROM site_features WHERE site = ? "
        "ORDER BY points DESC, feature",
        site,
    )
    shared = many(
        connection,
        "SELECT e.kind, e.value, e.pages, (SELECT count(DISTINCT o.site) FROM site_entities o WHERE o.kind = e.kind "
        "AND o.value = e.value) AS sites FROM site_entities e WHERE e.site = ? AND e.vendor = 0 ORDER BY sites DESC, pages DESC",
        site,
    )
    return SitePage(
        row or {"site": site},
        tuple(masked(each, ("evidence_zh", "evidence_en"), see_contacts) for each in features),
        newest,
        many(
            connection,
            "SELECT reason, count(*) AS pages FROM rejections WHERE site = ? GROUP BY reason ORDER BY pages DESC",
            site,
        ),
        tuple(
            {**each, "value": each["value"] if see_contacts else mask(str(each["value"]), str(each["kind"]))}
            for each in shared[:40]
        ),
        many(
            connection, "SELECT folder, unit, pages, reason FROM hijacked_folders WHERE site = ? ORDER BY folder", site
        ),
        one(connection, "SELECT * FROM networks WHERE id = ?", row.get("network_id") if row else None),
        {str(each["feature"]): tuple(json.loads(str(each["articles"]))) for each in features},
        many(
            connection,
            "SELECT checked_at, kind, verdict, json_extract(detail, '$.zh') AS zh, json_extract(detail, '$.en') AS en "
            "FROM site_checks WHERE site = ? ORDER BY checked_at, kind",
            site,
        ),
    )


def read_network(connection: sqlite3.Connection, name: str) -> NetworkPage | None:
    """Return the network of that id; None when there is none."""
    row = one(connection, "SELECT * FROM networks WHERE id = ?", name)
    if not row:
        return None
    members = many(
        connection,
        "SELECT m.site, m.role, m.evidence, s.articles, s.score, s.verdict, s.state FROM network_members m "
        "LEFT JOIN sites s ON s.site = m.site WHERE m.network_id = ? ORDER BY m.site",
        name,
    )
    edges = many(
        connection,
        "SELECT left_site, right_site, weight, types, evidence FROM network_edges WHERE network_id = ? "
        "ORDER BY weight DESC, left_site, right_site",
        name,
    )
    nodes = place([str(member["site"]) for member in members][:MAX_DRAWN])
    return NetworkPage(
        {**row, "evidence": ""},
        tuple({**each, "evidence": ties(str(each["evidence"]))} for each in members),
        tuple({**each, "evidence": ties(str(each["evidence"]))} for each in edges),
        nodes,
        join(nodes, edges),
    )


def ties(text: str) -> str:
    """Return the evidence of a tie as one line: kinds and masked values."""
    shown = []
    for item in json.loads(text or "[]"):
        kind, value = (item["kind"], item["value"]) if isinstance(item, dict) else (item[0], item[1])
        whole = str(value) if "*" in str(value) else mask(str(value), str(kind))
        shown.append(f"{name_of(CONTACT_KINDS, str(kind))[0]} {whole}")
    return "；".join(shown)


def place(sites: Sequence[str]) -> tuple[Node, ...]:
    """Return the sites on a circle, clockwise from the top, their names outside it."""
    nodes = []
    middle = RADIUS + MARGIN
    for number, site in enumerate(sites):
        angle = 2 * math.pi * number / max(len(sites), 1)
        across, up = math.sin(angle), -math.cos(angle)
        anchor = "middle" if abs(across) < 0.2 else "start" if across > 0 else "end"
        nodes.append(
            Node(
                site, round(middle + RADIUS * across, 1), round(middle + RADIUS * up, 1),
                round(middle + (RADIUS + 14) * across, 1), round(middle + (RADIUS + 14) * up + 4, 1), anchor,
            )
        )  # fmt: skip
    return tuple(nodes)


def join(nodes: Sequence[Node], edges: Sequence[Mapping[str, Value]]) -> tuple[Line, ...]:
    """Return a line for each tie between two sites that are drawn."""
    places = {node.site: node for node in nodes}
    lines = []
    top = max((float(edge["weight"] or 0) for edge in edges), default=0.0) or 1.0
    for edge in edges:
        left, right = places.get(str(edge["left_site"])), places.get(str(edge["right_site"]))
        if left and right:
            width = round(1 + 5 * float(edge["weight"] or 0) / top, 1)
            lines.append(Line(left.x, left.y, right.x, right.y, width, mask_text(str(edge["types"]))))
    return tuple(lines)


def articles(connection: sqlite3.Connection, sql: str, value: Value) -> tuple[dict[str, Value], ...]:
    """Return rows of articles with masked titles."""
    return tuple({**row, "clean_title": mask_text(str(row["clean_title"]))} for row in many(connection, sql, value))


def masked(row: Mapping[str, Value], columns: Sequence[str], seen: bool) -> dict[str, Value]:
    """Return the row with these columns masked, unless the reader may see them."""
    return dict(row) if seen else {**row, **{name: mask_text(str(row[name])) for name in columns}}

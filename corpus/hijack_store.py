"""Folders of hosts that somebody else fills: found, noted, and kept apart from their host with what they show.

A folder counts as hijacked where its topic is foreign to the host and a kit serves it or it answers to other contacts
than the host does, or where a person ruled so. Contacts on its pages belong to whoever filled it, never to the host.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from corpus.cases import Case
from corpus.entities import MIN_SHARE
from corpus.site_features import Pages, off_topic_folders
from corpus.site_pages import put_entities
from corpus.site_table import PageTable, site_pages
from corpus.site_units import is_path_unit

KIT_SHARE = 0.3  # of a folder's pages with marks of a serving kit, for it to be taken for hijacked
CLEAN_SHARE = 0.05  # of the rest of the host, at most
SAMPLED = 200  # pages of each side whose contacts are compared


def find_hijacked(connection: sqlite3.Connection, table: PageTable, ruled: Mapping[str, Case]) -> set[str]:
    """Note folders of hosts that somebody else fills: foreign to their host and marked by a kit, or ruled so."""
    connection.execute("DELETE FROM hijacked_folders")
    found: list[tuple[str, str, str, int, str]] = []
    for site, pages in site_pages(connection, table):
        case = ruled.get(site)
        if is_path_unit(site) or (case is not None and case.hijacked is False):
            continue
        for hashed, _, count, _ in off_topic_folders(pages):
            inside = pages["folder"] == hashed
            reason = _kit_reason(pages, inside)
            if case is not None and case.hijacked:
                reason = "ruled"
            elif not reason and _answers_to_others(connection, pages, inside):
                reason = "other contacts"
            if reason:
                name, url = connection.execute(
                    "SELECT p.folder, a.url FROM site_pages p JOIN articles a ON a.number = p.number "
                    "WHERE p.number = ?",
                    (int(pages["number"][inside][0]),),
                ).fetchone()
                host = url.partition("://")[2].partition("/")[0]
                found.append((site, name, f"{host}/{name}" if name else host, count, reason))
    connection.executemany("INSERT OR REPLACE INTO hijacked_folders VALUES (?, ?, ?, ?, ?)", found)
    units = {row[2] for row in found}
    stored = [row[0] for row in connection.execute("SELECT DISTINCT site FROM site_entities WHERE site LIKE '%/%'")]
    for unit in stored:
        if (
            unit not in units
            and connection.execute("SELECT 1 FROM site_pages WHERE site = ?", (unit,)).fetchone() is None
        ):
            connection.execute("DELETE FROM site_entities WHERE site = ?", (unit,))
    by_site: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for site, folder, unit, inside_pages, _ in found:
        connection.execute("DELETE FROM site_entities WHERE site = ?", (unit,))
        put_entities(connection, site, unit, inside_pages, only=folder)
        by_site[site].append((folder, inside_pages))
    for site, parts in by_site.items():
        # What stands in the folders alone is no contact of the host.
        pages_of_site = connection.execute("SELECT count(*) FROM site_pages WHERE site = ?", (site,)).fetchone()[0]
        connection.execute("DELETE FROM site_entities WHERE site = ?", (site,))
        rest = pages_of_site - sum(count for _, count in parts)
        put_entities(connection, site, site, rest, without=[folder for folder, _ in parts])
    return units


def _kit_reason(pages: Pages, inside: NDArray[np.bool_]) -> str:
    for name, least in (("pinyin", 1.0), ("slips", 0.01), ("stuffing", 0.25)):
        marked = pages[name] >= least
        if marked[inside].mean() >= KIT_SHARE and marked[~inside].mean() <= CLEAN_SHARE:
            return {"pinyin": "kit", "slips": "byte slips", "stuffing": "stuffed titles"}[name]
    return ""


def _answers_to_others(connection: sqlite3.Connection, pages: Pages, inside: NDArray[np.bool_]) -> bool:
    """Whether most pages of a folder show a contact that none of the rest shows, and the rest has one of its own."""
    shown: dict[bool, Counter[tuple[str, str]]] = {True: Counter(), False: Counter()}
    for part in (True, False):
        numbers = [int(number) for number in pages["number"][inside == part][:SAMPLED]]
        marks = ",".join("?" * len(numbers))
        for row in connection.execute(
            "SELECT DISTINCT c.kind, c.value, a.number FROM articles a JOIN contacts c ON c.article_id = a.id "
            f"WHERE a.number IN ({marks}) AND c.kind IN ('phone', 'qq', 'email', 'wechat', 'icp')",
            numbers,
        ):
            shown[part][row[0], row[1]] += 1
        for contact in [contact for contact, count in shown[part].items() if count < MIN_SHARE * len(numbers)]:
            shown[part][contact] = 0
    foreign = {contact for contact, count in shown[True].items() if count and contact not in shown[False]}
    own = {contact for contact, count in shown[False].items() if count and contact not in shown[True]}
    return bool(foreign) and bool(own)

"""Cells of tables for people: codes with their Chinese names, ids, sites and titles as links to our pages. All escaped."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from datasette import hookimpl
from markupsafe import Markup, escape

from classify import codebook
from corpus import explanations
from corpus.records import REASONS
from datasette_config.reading import CORPUS

PAGES = {  # column: where it leads
    "article_id": "article", "canonical_article_id": "article", "source_article_id": "article", "cluster_id": "cluster",
    "template_id": "template", "network_id": "network", "site": "site", "target_site": "site",
}  # fmt: skip
OWN_IDS = {
    "articles": "article",
    "corpus_articles": "article",
    "clusters": "cluster",
    "templates": "template",
    "networks": "network",
}
CODES = {"verdict": "VERDICTS", "state": "STATES", "page_type": "PAGE_TYPES", "script": "SCRIPTS", "rule": "EDIT_RULES"}


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str, database: str, datasette: Any) -> Markup | None:
    """Return the cell as a link or with the name of its code; None: as Datasette shows it."""
    if database != CORPUS or not isinstance(value, str | int) or value == "":
        return None
    names = row.keys() if hasattr(row, "keys") else ()
    kind = OWN_IDS.get(table) if column == "id" else PAGES.get(column)
    if kind and isinstance(value, str):
        return link(datasette.urls.path(f"/-/{kind}/{quote(value)}"), value)
    if column == "clean_title" and "number" in names and isinstance(row["number"], int):
        return link(datasette.urls.path(f"/corpus/articles/{row['number']}"), str(value))
    chinese = name_of(column, str(value))
    return Markup("{} <small>{}</small>").format(chinese, value) if chinese else None


def link(address: str, text: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, escape(text))


def name_of(column: str, value: str) -> str:
    """Return the Chinese name of a code, or ""."""
    if column in codebook.SCHEME_NAMES:
        found = codebook.find(column, value)
        return found.name_zh if found else ""
    if column in CODES:
        names: explanations.Names = getattr(explanations, CODES[column])
        return names[value][0] if value in names else ""
    if column == "reason" and value in REASONS:
        return REASONS[value][1]
    return ""

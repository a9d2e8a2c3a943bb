"""Reads the texts of the sample web from crawler/demo/texts.

A file holds manuscripts one after another: "=== slug", header lines "key: value", "--", the body.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from crawler.demo.pages import Manuscript


@lru_cache(maxsize=32)
def read(name: str) -> tuple[Manuscript, ...]:
    """Return the manuscripts of texts/NAME.txt, in the order of the file."""
    source = (resources.files("crawler.demo") / "texts" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(_parse(entry) for entry in source.split("=== ")[1:])


def _parse(entry: str) -> Manuscript:
    head, body = entry.split("\n--\n", 1)
    slug, *lines = head.splitlines()
    values = dict(line.split(": ", 1) for line in lines)
    return Manuscript(
        slug.strip(),
        values.get("title", ""),
        body.strip(),
        values.get("author", ""),
        values.get("date", ""),
        values.get("topic", ""),
        values.get("section", ""),
        values.get("syndicated") == "yes",
        values.get("scope", ""),
    )

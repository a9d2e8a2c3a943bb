"""The records of the sample web: what a page is, and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A text as written for the sample web. ``body`` is Simplified or native Traditional, one paragraph a line; a line
    that begins with "# " is a heading, "--- part" begins the next part, ">> name | time" begins a reply."""

    slug: str
    title: str
    body: str
    author: str = ""
    date: str = ""  # "2025-03-12" or "2025-03-12 08:30:00", China time
    topic: str = ""
    section: str = ""
    syndicated: bool = False
    scope: str = ""  # "": as the topic has it


@dataclass(frozen=True, slots=True)
class SamplePage:
    """One URL of the sample web: what the server answers, and what is true of it.

    outcome: what becomes of the page in a correct run: "kept"; a code of ``corpus.records.REASONS``; "links" (robots,
    sitemaps, feeds: read for their links, no article); "redirect" (its target counts). Where more than one is right,
    they are joined by "|".
    original: the main text as it was before any damage, Simplified or native Traditional, paragraphs joined by newlines.
    readable: what perfect restoration of the page as published gives, in the script of ``original``: cut words stay cut.
    cluster: pages with the same value hold the same text; template: the same text for other places or platforms;
    network: the hand behind the site, "" for honest sites.
    """

    url: str
    kind: str  # article | thread | part | list | feed | sitemap | robots | redirect | trap
    outcome: str
    body: bytes = field(default=b"", repr=False)
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    behaviour: str = (
        ""  # "": answer at once | "drip": a byte now and then, for ever | "flood": data for ever | "drop": hang up
    )
    title: str = ""
    author: str = ""
    published: str = ""  # as shown by the page, ISO 8601 without zone; "": not shown
    topic: str = ""
    scope: str = ""  # core, edge, out; "": no article
    spam: int = -1  # 0 legitimate, 1 mass-made, 2 blatant; -1: no article
    damage: tuple[str, ...] = ()
    original: str = field(default="", repr=False)
    readable: str = field(default="", repr=False)
    cluster: str = ""
    template: str = ""
    network: str = ""
    charset: str = "utf-8"  # of the bytes, whatever header and meta say

    @property
    def outcomes(self) -> tuple[str, ...]:
        return tuple(self.outcome.split("|"))

    @property
    def host(self) -> str:
        return self.url.split("/", 3)[2]

    @property
    def target(self) -> str:
        """The path with its query, as it stands in a request line."""
        return "/" + self.url.split("/", 3)[3]


def scope_of(topic: str) -> str:
    """Return the scope that a topic has unless a text says otherwise; "" for "", which is no article."""
    return {"": "", "off": "out", "product": "edge"}.get(topic, "core")


def main_text(body: str) -> str:
    """Return the paragraphs and headings of a manuscript's body, one a line, marks of headings gone."""
    return "\n".join(line.removeprefix("# ") for line in body.splitlines() if line.strip())

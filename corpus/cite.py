"""Citations that can be checked: what an article said, when and where it was captured, and how to prove it.

A citation names the permanent id of the article, the capture with the SHA-256 of its body, and the WARC record that holds
it. Forms: GB/T 7714—2015 (Chinese standard for references, electronic resource online: [EB/OL]), BibTeX and CSL-JSON.
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import asdict, dataclass, replace

from corpus.errors import InputError
from corpus.redact import mask_text
from corpus.search_page import masked_original

FORMATS = ("gbt7714", "bibtex", "csl-json")
ID_LENGTH = 6  # characters of an id that may stand for it, as long as they name one article
MAX_DUPLICATES = 500  # listed; the count is exact
BIBTEX_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "_": r"\_", "$": r"\$",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class CaptureRecord:
    """One fetch that shows the article. ``body_sha256`` is the digest of the body as kept, ``warc_offset`` in bytes."""

    id: str
    url: str
    fetched_at: str
    status: int
    content_type: str
    body_sha256: str
    body_length: int
    warc_file: str
    warc_offset: int
    warc_record_id: str
    role: str
    part: int


@dataclass(frozen=True, slots=True)
class Duplicate:
    id: str
    url: str
    site: str
    published: str
    first_captured: str
    is_canonical: bool


@dataclass(frozen=True, slots=True)
class Dating:
    """The publication date and why it is believed; ``candidates``: every date that the page shows, as JSON arrays."""

    value: str
    precision: str
    source: str
    confidence: float
    conflict: bool
    note: str
    candidates: str


@dataclass(frozen=True, slots=True)
class Citation:
    """All that is needed to cite and to check an article. ``cited``: the capture whose text this is."""

    id: str
    url: str
    site: str
    title: str
    author: str
    source_name: str
    clean_title: str
    clean_author: str
    text: str
    clean_text: str
    dating: Dating
    first_captured: str
    last_captured: str
    cited: CaptureRecord | None
    captures: tuple[CaptureRecord, ...]
    duplicates: tuple[Duplicate, ...]
    duplicates_count: int
    cluster_id: str
    versions: str


def masked(connection: sqlite3.Connection, found: Citation) -> Citation:
    """Return the citation with contact points masked in title, author and texts; offsets stay true."""
    return replace(
        found,
        title=masked_original(connection, found.id, "title", found.title, found.clean_title),
        text=masked_original(connection, found.id, "text", found.text, found.clean_text),
        author=mask_text(found.author),
        clean_author=mask_text(found.clean_author),
        clean_title=mask_text(found.clean_title),
        clean_text=mask_text(found.clean_text),
    )


def citation(connection: sqlite3.Connection, wanted: str) -> Citation:
    """Return the citation of an article, by its id, the beginning of its id, an id it had before, or its URL.

    Raises: InputError, when there is none, or more than one.
    """
    identity = find_article(connection, wanted)
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    row = cursor.execute("SELECT * FROM articles WHERE id = ?", (identity,)).fetchone()
    captures = captures_of(cursor, identity)
    shown = [each for each in captures if each.fetched_at == row["captured"] and each.body_sha256 == row["body_sha256"]]
    same = [each for each in captures if each.body_sha256 == row["body_sha256"]]
    duplicates, count = duplicates_of(cursor, row["cluster_id"], identity)
    return Citation(
        **{name: row[name] for name in PLAIN_COLUMNS},
        dating=Dating(
            row["published"], row["published_precision"], row["published_source"], row["published_confidence"],
            bool(row["published_conflict"]), row["published_note"], row["date_candidates"],
        ),
        cited=next(iter([*shown, *same, *captures]), None),
        captures=captures,
        duplicates=duplicates,
        duplicates_count=count,
    )  # fmt: skip


PLAIN_COLUMNS = (
    "id", "url", "site", "title", "author", "source_name", "clean_title", "clean_author", "text", "clean_text",
    "first_captured", "last_captured", "cluster_id", "versions",
)  # fmt: skip


def find_article(connection: sqlite3.Connection, wanted: str) -> str:
    """Return the id of the article that ``wanted`` names."""
    found = connection.execute(
        "SELECT id FROM articles WHERE id = ?1 OR url = ?1 UNION SELECT article_id FROM article_redirects WHERE old_id = ?1",
        (wanted,),
    ).fetchall()
    if not found and len(wanted) >= ID_LENGTH and re.fullmatch("[0-9a-f]+", wanted):
        found = connection.execute(
            "SELECT id FROM articles WHERE id >= ? AND id < ? LIMIT 2", (wanted, wanted + "g")
        ).fetchall()
    if len(found) > 1:
        raise InputError(f"{wanted} begins the id of several articles 有多篇文章: give more of it")
    if not found:
        raise InputError(f"no article has the id or URL {wanted} 没有这篇文章: search for it first (cuishou search)")
    return str(found[0][0])


def captures_of(cursor: sqlite3.Cursor, identity: str) -> tuple[CaptureRecord, ...]:
    """Return the captures that show an article, oldest first."""
    rows = cursor.execute(
        "SELECT c.id, c.url, c.fetched_at, c.status, c.content_type, c.body_sha256, c.body_length, c.warc_file, "
        "c.warc_offset, c.warc_record_id, a.role, a.part FROM article_captures a JOIN captures c ON c.id = a.capture_id "
        "WHERE a.article_id = ? ORDER BY c.fetched_at, a.part, c.id",
        (identity,),
    )
    return tuple(CaptureRecord(*row) for row in rows)


def duplicates_of(cursor: sqlite3.Cursor, cluster: str, identity: str) -> tuple[tuple[Duplicate, ...], int]:
    """Return the other pages of the cluster, oldest capture first, MAX_DUPLICATES at most, and how many there are."""
    if not cluster:
        return (), 0
    rows = cursor.execute(
        "SELECT id, url, site, published, first_captured, is_canonical FROM articles WHERE cluster_id = ? AND id != ? "
        "ORDER BY first_captured, id",
        (cluster, identity),
    ).fetchall()
    found = [Duplicate(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in rows[:MAX_DUPLICATES]]
    return tuple(found), len(rows)


def write(found: Citation, form: str) -> str:
    """Return the citation as one of FORMATS, ending in a newline."""
    return {"gbt7714": gbt7714, "bibtex": bibtex, "csl-json": csl_json}[form](found)


def cited_at(found: Citation) -> str:
    return found.cited.fetched_at if found.cited else found.first_captured


def proof(found: Citation) -> str:
    """Return the one line that lets others check: id, digest of the body, WARC record."""
    parts = [f"cuishou:{found.id}"]
    if found.cited:
        parts.append(f"sha256:{found.cited.body_sha256}")
        if found.cited.warc_record_id:
            parts.append(f"WARC-Record-ID:{found.cited.warc_record_id}")
    return " ".join(parts)


def one_line(text: str) -> str:
    return SPACES.sub(" ", text).strip()


def gbt7714(found: Citation) -> str:
    """Return the reference as GB/T 7714—2015 writes electronic resources (section 4.6):

    author. title[EB/OL]. (date published)[date captured]. access path. Without a known author the site stands in.
    """
    author = one_line(found.clean_author or found.source_name or found.site)
    published = f"({found.dating.value[:10]})" if found.dating.value else ""
    return (
        f"{author}. {one_line(found.clean_title or found.title or found.url)}[EB/OL]. "
        f"{published}[{cited_at(found)[:10]}]. {found.url}. {proof(found)}.\n"
    )


def bibtex(found: Citation) -> str:
    """Return the reference as a BibLaTeX ``@online`` entry, with its special characters escaped."""
    fields = {
        "author": found.clean_author and f"{{{bibtex_text(found.clean_author)}}}",
        "title": bibtex_text(found.clean_title or found.title or found.url),
        "organization": bibtex_text(found.source_name or found.site),
        "date": found.dating.value[:10],
        "url": found.url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
        "urldate": cited_at(found)[:10],
        "language": "chinese",
        "note": bibtex_text(proof(found)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@online{{cuishou-{found.id[:12]},", *lines, "}"]) + "\n"


def bibtex_text(text: str) -> str:
    return "".join(BIBTEX_SPECIAL.get(character, character) for character in one_line(text))


def csl_json(found: Citation) -> str:
    """Return the reference as CSL-JSON 1.0, type webpage."""
    item: dict[str, object] = {
        "id": f"cuishou-{found.id[:12]}",
        "type": "webpage",
        "title": one_line(found.clean_title or found.title or found.url),
        "container-title": one_line(found.source_name or found.site),
        "URL": found.url,
        "accessed": date_parts(cited_at(found)),
        "language": "zh-CN",
        "note": proof(found),
    }
    if found.clean_author:
        item["author"] = [{"literal": one_line(found.clean_author)}]
    if found.dating.value:
        item["issued"] = date_parts(found.dating.value)
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def date_parts(value: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in value[:10].split("-") if part.isdigit()]]}


def record(found: Citation) -> dict[str, object]:
    """Return everything about the citation as one JSON object, its references in every form included."""
    whole = asdict(found)
    whole["dating"]["candidates"] = json.loads(found.dating.candidates or "[]")
    whole["versions"] = json.loads(found.versions or "{}")
    whole["references"] = {form: write(found, form) for form in FORMATS}
    return whole

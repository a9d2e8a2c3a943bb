"""Brings captures that others made into the archive: WARC, WACZ, saved HTML, folders, JSONL.

Everything becomes a ``Page`` with a URL and a time, and enters the archive like a fetched page, once: a capture that the
corpus knows is not archived again. What cannot be taken is skipped with a reason. JSONL rows have ``url``, and ``html``
(a path below the file's folder, or the source itself) or ``text``, and ``fetched_at`` where known; without a URL a
``file:`` URL stands in, without a time that of the file.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import IO, cast

from corpus import warc
from corpus.errors import InputError
from corpus.records import Page, Provenance
from corpus.store import capture_id
from corpus.workspace import archive_folder, open_corpus

MAX_BODY = 32 << 20  # bytes; a saved page above that is no article. Crawled pages stop at 8 MiB
MAX_LINE = 64 << 20  # bytes a JSONL line; a line holds a whole page
HTML_SUFFIXES = (".html", ".htm", ".xhtml", ".shtml")
JSONL_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
WARC_SUFFIXES = (".warc", ".warc.gz")
URL_SCHEMES = ("http://", "https://", "file://")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not taken. ``where``: file, or file and line."""

    where: str
    reason: str


def ingest(workspace: Path, paths: tuple[Path, ...], *, run: str) -> Iterator[Page | Skipped | None]:
    """Archive the captures found under ``paths``; yields each new page, what was skipped, and None for a known capture.

    Raises: WorkspaceError, when the archive cannot be written.
    """
    with open_corpus(workspace, write=True) as connection:
        known = {row[0] for row in connection.execute("SELECT id FROM captures")}
    with warc.Writer(archive_folder(workspace), run=run) as writer:
        for found in read_all(paths):
            if isinstance(found, Skipped):
                yield found
                continue
            identity = capture_id(found.capture)
            if identity in known:
                yield None
                continue
            known.add(identity)
            source = replace(found.provenance, run=run, source="ingest")
            writer.write(replace(found, provenance=source))
            yield found


def read_all(paths: tuple[Path, ...]) -> Iterator[Page | Skipped]:
    """The pages of files and folders. In a folder, JSONL files come first: HTML files that they name are theirs."""
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} does not exist")
        taken: set[Path] = set()
        for file in files_below(path):
            if isinstance(file, Skipped):
                yield file
            elif file.resolve() not in taken:
                yield from read_file(file, taken)


def files_below(path: Path) -> Iterator[Path | Skipped]:
    """The files of a folder, JSONL first, else by name; links to folders are not followed."""
    if not path.is_dir():
        yield path
        return
    skipped: list[Skipped] = []

    def unreadable(error: OSError) -> None:
        skipped.append(Skipped(str(error.filename), f"cannot be read: {error.strerror}"))

    found = [
        Path(folder) / name
        for folder, _, names in os.walk(path, onerror=unreadable)
        for name in names
        if not name.startswith(".")
    ]
    yield from skipped
    yield from sorted(found, key=lambda file: (not file.name.lower().endswith(JSONL_SUFFIXES), str(file)))


def read_file(path: Path, taken: set[Path]) -> Iterator[Page | Skipped]:
    """The pages of one file, by its name's ending."""
    name = path.name.lower()
    try:
        if name.endswith(WARC_SUFFIXES):
            yield from read_warc(path)
        elif name.endswith(".wacz"):
            yield from read_wacz(path)
        elif name.endswith(JSONL_SUFFIXES):
            yield from read_jsonl(path, taken)
        elif name.endswith(HTML_SUFFIXES):
            yield read_html(path, url="", fetched_at=None)
        else:
            yield Skipped(str(path), "not a WARC, WACZ, HTML or JSONL file")
    except InputError as error:
        yield Skipped(str(path), str(error))
    except OSError as error:
        yield Skipped(str(path), f"cannot be read: {error.strerror or error}")


def read_html(path: Path, *, url: str, fetched_at: datetime | None) -> Page | Skipped:
    """A saved page as a capture."""
    size = path.stat().st_size
    if size > MAX_BODY:
        return Skipped(str(path), f"{size} bytes, more than the {MAX_BODY} that a page may have")
    return page_of(
        url=url or path.resolve().as_uri(),
        content_type="text/html",
        body=path.read_bytes(),
        fetched_at=fetched_at or modified(path),
    )


def read_warc(path: Path, name: str = "") -> Iterator[Page | Skipped]:
    """The captures of a WARC file; broken records are skipped, and a file without any capture as a whole."""
    found = False
    for entry in warc.entries(path):
        found = True
        if entry.page is not None:
            yield replace(entry.page, provenance=Provenance(referrer=entry.page.provenance.referrer))
        elif entry.rejection is not None:
            yield Skipped(f"{name or path} before byte {entry.end}", entry.rejection.detail or "a broken record")
    if not found:
        yield Skipped(name or str(path), "holds no whole capture")


def read_wacz(path: Path) -> Iterator[Page | Skipped]:
    """The captures of the WARC files inside a WACZ."""
    try:
        with zipfile.ZipFile(path) as package, tempfile.TemporaryDirectory() as folder:
            names = [name for name in package.namelist() if name.lower().endswith(WARC_SUFFIXES)]
            if not names:
                yield Skipped(str(path), "holds no WARC file")
            for number, name in enumerate(names):
                # Extracted under a name of ours: a path inside a ZIP can point anywhere.
                target = Path(folder) / f"{number}{'.warc.gz' if name.lower().endswith('.gz') else '.warc'}"
                with package.open(name) as source, target.open("wb") as copy:
                    while chunk := source.read(1 << 20):
                        copy.write(chunk)
                yield from read_warc(target, f"{path}: {name}")
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is not a WACZ file: {error}") from error


def read_jsonl(path: Path, taken: set[Path]) -> Iterator[Page | Skipped]:
    """The captures of a JSONL file, one a line; a line that cannot be taken is skipped with its number."""
    with open_lines(path) as lines:
        for number in count(1):
            try:
                line = lines.readline(MAX_LINE)
            except (OSError, EOFError) as error:
                yield Skipped(f"{path}:{number}", f"cannot be read: {error}")
                return
            if not line:
                return
            if line.strip():
                yield read_row(path, number, line, taken)


def open_lines(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.name.endswith(".gz") else path.open("rb")


def read_row(path: Path, number: int, line: bytes, taken: set[Path]) -> Page | Skipped:
    """The capture that one line of a JSONL file describes."""
    where = f"{path}:{number}"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Skipped(where, f"not JSON: {error}")
    if not isinstance(row, dict):
        return Skipped(where, "not a JSON object")
    url = row.get("url") or ""
    if url and not (isinstance(url, str) and url.startswith(URL_SCHEMES)):
        return Skipped(where, "its url is not an http, https or file URL")
    try:
        fetched_at = read_time(row["fetched_at"]) if row.get("fetched_at") else None
    except ValueError:
        return Skipped(where, "its fetched_at is not an ISO 8601 time")
    html, text = row.get("html"), row.get("text")
    stand_in = f"{path.resolve().as_uri()}#L{number}"
    if isinstance(html, str) and "<" in html:
        return page_of(url or stand_in, "text/html; charset=utf-8", encode(html), fetched_at or modified(path))
    if isinstance(html, str) and html:
        file = (path.parent / html).resolve()
        if not file.is_relative_to(path.parent.resolve()):
            return Skipped(where, "its html path leads out of the folder")
        if not file.is_file():
            return Skipped(where, f"its html file {html} does not exist")
        taken.add(file)
        return read_html(file, url=url, fetched_at=fetched_at)
    if isinstance(text, str) and text:
        return page_of(url or stand_in, "text/plain; charset=utf-8", encode(text), fetched_at or modified(path))
    return Skipped(where, "has neither html nor text")


def page_of(url: str, content_type: str, body: bytes, fetched_at: datetime) -> Page:
    return Page(url=url, status=200, headers=(("content-type", content_type),), body=body, fetched_at=fetched_at)


def encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def read_time(value: object) -> datetime:
    """An aware UTC time from ISO 8601; without an offset it is UTC.

    Raises: ValueError, when it is none.
    """
    time = datetime.fromisoformat(str(value))
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def modified(path: Path) -> datetime:
    """When the file was last written, to the second: what copies and archives keep."""
    return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)

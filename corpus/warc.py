"""Captures in WARC files: written by warcio, read by fastwarc.

A ``Page`` goes in and comes out with its place in the archive: the evidence is kept before anybody parses it. Every record is
a gzip member of its own, so that a file that was cut off is good up to its last whole record, and a page can be fetched
by file name and offset. A file that is being written is called ``*.warc.gz.open``; it loses ``.open`` when it is closed.

Fidelity: Scrapy hands on header names in its own capitals and no reason phrase; both are rebuilt. The body of the record
is the body as sent, and what reads it back undoes the Content-Encoding. Source: ISO 28500 (WARC 1.1).
"""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import brotli  # type: ignore[import-untyped]
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from corpus.errors import InputError, WorkspaceError
from corpus.records import Page, Provenance, Rejection

MAX_FILE = 256 << 20  # bytes of one WARC file; chosen: large enough to be few, small enough to be a unit of work
MAX_BODY = 32 << 20  # bytes of one body, decoded; four times what the crawler accepts
OPEN = ".open"
_SOFTWARE = "cuishou (https://github.com/cuishou/cuishou)"
_GZIP = b"\x1f\x8b\x08"
_RECORD = b"WARC/"
_LINE_BREAK = re.compile(r"[\r\n]+")
_CHUNK = 1 << 16  # bytes per read
_LEVEL = 6  # of gzip; warcio's own 9 takes twice as long for 1% less


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a WARC file: a page, or why there is none. ``end`` is the offset after it, where a reader goes on."""

    page: Page | None
    rejection: Rejection | None
    end: int


class _Utf8Headers(StatusAndHeaders):  # type: ignore[misc]
    """HTTP headers written as UTF-8; warcio's own way is to percent-encode what is not ASCII, which cannot be undone."""

    def to_ascii_bytes(self, filter_func: Any = None) -> bytes:
        return bytes(self.to_bytes(filter_func))


class Writer:
    """Appends captures to WARC files in a folder, one after the other.

    run: id of the crawl or ingest run, part of the file name (letters, digits, "-"). max_bytes: size at which the next file begins.
    durable: whether every ``write`` waits for the disk. A killed process loses nothing either way; what is not synced (see
    ``sync``; ``close`` does) can be lost when the power fails.
    """

    def __init__(self, folder: Path, *, run: str, max_bytes: int = MAX_FILE, durable: bool = False) -> None:
        self._folder = folder
        self._run = re.sub(r"[^A-Za-z0-9-]+", "-", run) or "run"
        self._max_bytes = max_bytes
        self._durable = durable
        self._serial = 0
        self._file: IO[bytes] | None = None
        self._path = folder
        self._warc: Any = None

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, page: Page) -> Provenance:
        """Append the page and return its provenance, completed by file, offset and record id.

        The body is written as it is: with a Content-Encoding among the headers it must be the encoded one.
        Raises: WorkspaceError, if the disk is full or the folder cannot be written; the file then ends with the record before.
        """
        try:
            file = self._ready()
            offset = file.tell()
            record = _record(self._warc, page)
            member = self._packed(record)
            try:
                file.write(member)
                file.flush()
                if self._durable:
                    os.fdatasync(file.fileno())
            except OSError:
                self._cut(offset)
                raise
        except OSError as error:
            raise _cannot_write(self._path, error) from error
        return replace(
            page.provenance,
            run=page.provenance.run or self._run,
            warc_file=self._path.name.removesuffix(OPEN),
            warc_offset=offset,
            warc_record_id=record.rec_headers.get_header("WARC-Record-ID"),
        )

    def sync(self) -> Callable[[], None]:
        """Return a function that waits until everything written so far is on the disk; it may run in another thread.

        It raises: WorkspaceError, if the disk does not take it.
        """
        if self._file is None:
            return lambda: None
        path, descriptor = self._path, os.dup(self._file.fileno())

        def wait() -> None:
            try:
                os.fdatasync(descriptor)
            except OSError as error:
                raise _cannot_write(path, error) from error
            finally:
                os.close(descriptor)

        return wait

    def close(self) -> None:
        """Finish the current file and give it its final name. The writer can go on with another file."""
        if self._file is None:
            return
        file, self._file, self._warc = self._file, None, None
        try:
            file.flush()
            os.fsync(file.fileno())
            file.close()
            finish(self._path)
        except OSError as error:
            raise _cannot_write(self._path, error) from error

    def _ready(self) -> IO[bytes]:
        if self._file is not None and self._file.tell() >= self._max_bytes:
            self.close()
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            while True:
                name = f"cuishou-{self._run}-{self._serial:05d}.warc.gz"
                self._serial += 1
                self._path = self._folder / (name + OPEN)
                if not (self._folder / name).exists() and not self._path.exists():
                    break
            self._file = self._path.open("xb")
            self._warc = WARCWriter(io.BytesIO(), gzip=False, warc_version="WARC/1.1")
            facts = {"software": _SOFTWARE, "format": "WARC File Format 1.1", "isPartOf": self._run}
            facts["note"] = "header names and status lines are rebuilt; bodies are as sent, without chunking"
            self._file.write(self._packed(self._warc.create_warcinfo_record(self._path.name.removesuffix(OPEN), facts)))
            self._file.flush()
        return self._file

    def _packed(self, record: Any) -> bytes:
        """Return the record as a gzip member, to be written in one go."""
        self._warc.out = io.BytesIO()
        self._warc.write_record(record)
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
        return packer.compress(self._warc.out.getbuffer()) + packer.flush()

    def _cut(self, offset: int) -> None:
        """Drop what a failed write left behind, so that the file ends with a whole record."""
        if self._file is not None:
            path, self._file, self._warc = self._path, None, None
            os.truncate(path, offset)
            finish(path)


def finish(path: Path) -> Path:
    """Give an ``.open`` file its final name, durably, and return it."""
    final = path.with_name(path.name.removesuffix(OPEN))
    path.rename(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return final


def salvage(path: Path) -> tuple[Path, int]:
    """Close a file whose writer died: cut the torn tail off and give the file its final name.

    Returns: the final path, and the number of bytes cut.
    """
    end = _whole_end(path)
    size = path.stat().st_size
    if size > end:
        os.truncate(path, end)
    return finish(path), size - end


def archive_files(folder: Path) -> tuple[Path, ...]:
    """Return the WARC files of a folder, closed and open, in the order of their names."""
    found = [*folder.glob("*.warc"), *folder.glob("*.warc.gz"), *folder.glob(f"*.warc.gz{OPEN}")]
    return tuple(sorted(found, key=lambda path: path.name.removesuffix(OPEN)))


def read(path: Path, start: int = 0) -> Iterator[Page]:
    """Yield the captures of a WARC file from offset ``start`` on; broken records are passed over (see ``entries``)."""
    for entry in entries(path, start):
        if entry.page is not None:
            yield entry.page


def entries(path: Path, start: int = 0) -> Iterator[Entry]:
    """Yield the captures of a WARC file, in file order, from offset ``start`` on: whole records only.

    start: 0, or the ``end`` of an entry. A torn tail is not yielded, so a file can be read while it is written. Records
    that are no capture (warcinfo, request, metadata …) are passed over. A broken record in the middle is an entry with a
    rejection, and reading goes on with the next whole record. Compressed and plain WARC files can both be read.

    Raises: InputError, if the file cannot be opened or is no WARC file.
    """
    try:
        with path.open("rb") as file:
            compressed = _kind(file, path) == "gzip"
            size = os.fstat(file.fileno()).st_size
            position = start
            while position < size:
                try:
                    for entry, place in _member(file, path, position, compressed):
                        position = place
                        if entry is not None:
                            yield entry
                except (OSError, ValueError, zlib.error, _TornTailError) as error:
                    torn = _is_torn(file, position, compressed)
                    if torn and _begun(file, position) == _RECORD:
                        return
                    following = _next_record(file, position, compressed)
                    if torn and following < 0:
                        return
                    broken, position = position, following if following >= 0 else size
                    yield _broken(path, broken, position, str(error))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from error


class _TornTailError(Exception):
    """The last record is not whole yet."""


def _unpacked(file: IO[bytes], start: int) -> tuple[IO[bytes], int]:
    """Return the unpacked gzip member at ``start``, as a file, and the offset after it (-1: it is not whole).

    In memory while small, on disk beyond that: some archives are compressed as one member.
    """
    out = SpooledTemporaryFile(max_size=MAX_BODY)  # noqa: SIM115 - the caller closes it
    unpack = zlib.decompressobj(31)
    file.seek(start)
    position = start
    while not unpack.eof:
        chunk = file.read(_CHUNK)
        if not chunk:
            break
        position += len(chunk)
        while chunk and not unpack.eof:
            out.write(unpack.decompress(chunk, 1 << 20))
            chunk = unpack.unconsumed_tail
    out.seek(0)
    return out, position - len(unpack.unused_data) if unpack.eof else -1


def _member(file: IO[bytes], path: Path, start: int, compressed: bool) -> Iterator[tuple[Entry | None, int]]:
    """Yield (entry or None, where a reader goes on) for the records of the gzip member at ``start``, mostly one.

    A plain file is taken as one member. The last record of a member that is not whole is not yielded.
    Raises: _TornTailError, if the member is not whole.
    """
    wanted = WarcRecordType.response | WarcRecordType.resource
    if compressed:
        stream, end = _unpacked(file, start)
    else:
        file.seek(start)
        stream, end = file, os.fstat(file.fileno()).st_size
    held: Entry | None = None
    seen = False
    try:
        for record in ArchiveIterator(
            stream, record_types=WarcRecordType.any_type, parse_http=False, stream_detect=False
        ):
            place = start if compressed else record.stream_pos
            if seen:
                yield (replace(held, end=place) if held else None), place
            seen = True
            held = _entry(record, path, place) if record.record_type & wanted else None
            if held is None:
                record.reader.consume()
    finally:
        if compressed:
            stream.close()
    if end < 0:
        raise _TornTailError
    if not seen:
        raise ValueError("no WARC record")
    yield (replace(held, end=end) if held else None), end


def _entry(record: WarcRecord, path: Path, offset: int) -> Entry | None:
    """Return the record as an entry whose end is not known yet; None for a response that is not HTTP."""
    headers = record.headers
    provenance = Provenance(
        run=headers.get("Cuishou-Run") or "",
        referrer=headers.get("Cuishou-Referrer") or "",
        warc_file=path.name.removesuffix(OPEN),
        warc_offset=offset,
        warc_record_id=headers.get("WARC-Record-ID") or "",
        source=headers.get("Cuishou-Source") or "",
    )
    url = (headers.get("WARC-Target-URI") or "").strip("<>")
    fetched_at = _time(headers.get("WARC-Date") or "")
    empty = Page(url or path.as_uri(), 0, (), b"", fetched_at or datetime.fromtimestamp(0, UTC), provenance)
    if "Content-Length" not in headers:
        raise ValueError("the record does not say how long it is")
    length = record.content_length
    if length > MAX_BODY:
        record.reader.consume()
        return Entry(None, Rejection(empty.capture, "read", "too-large", f"{length} bytes"), -1)
    block = record.reader.read()
    if len(block) < length:
        raise ValueError(f"the record says {length} bytes and has {len(block)}")
    if not url or fetched_at is None:
        return Entry(None, Rejection(empty.capture, "read", "bad-record", "no target URI or no date"), -1)
    if record.record_type == WarcRecordType.resource:
        kind = "" if headers.get("Cuishou-Untyped") else headers.get("Content-Type")
        return Entry(
            replace(empty, status=200, headers=(("content-type", kind),) if kind else (), body=block), None, -1
        )
    split = _http(block)
    if split is None:
        return Entry(None, Rejection(empty.capture, "read", "bad-record", "no HTTP response in the record"), -1)
    status, lines, body = split
    page = replace(empty, status=status, headers=lines, body=body)
    return Entry(_decoded(page), None, -1)


def _http(block: bytes) -> tuple[int, tuple[tuple[str, str], ...], bytes] | None:
    """Return (status, headers, body) of an HTTP message, or None. Names become lower-case, order is kept."""
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := block.find(mark)) >= 0]
    at, skip = min(ends, default=(len(block), 0))
    first, *lines = block[:at].decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    match = re.match(r"HTTP/\d(?:\.\d)? (\d{3})\b", first)
    if not match:
        return None
    pairs = (line.partition(":") for line in lines if ":" in line)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    return int(match[1]), headers, block[at + skip :]


def _decoded(page: Page) -> Page:
    """Return the page with chunking and Content-Encoding undone and their headers renamed, as Common Crawl does."""
    body = page.body
    headers = []
    for name, value in page.headers:
        if name == "transfer-encoding":
            body = _unchunked(body)
            name = "x-crawl-transfer-encoding"
        headers.append((name, value))
    for at, (name, value) in enumerate(headers):
        if name == "content-encoding":
            for coding in reversed(value.lower().split(",")):
                body = decode_body(body, coding.strip())
            headers[at] = ("x-crawl-content-encoding", value)
    return replace(page, headers=tuple(headers), body=body)


def decode_body(body: bytes, coding: str, limit: int = MAX_BODY) -> bytes:
    """Return the body without its content coding: gzip, deflate or br; at most ``limit`` bytes.

    A body that is cut off gives what can be unpacked; one that is not encoded at all, as servers that lie about it send,
    comes back as it is.
    """
    try:
        if coding in {"gzip", "x-gzip"}:
            return _inflated(body, 31, limit) if body.startswith(b"\x1f\x8b") else body
        if coding == "deflate":
            return _inflated(body, 15, limit) or _inflated(body, -15, limit) or body
        if coding == "br":
            return bytes(brotli.Decompressor().process(body, output_buffer_limit=limit)) or body
    except (zlib.error, brotli.error):
        return body
    return body


def _inflated(body: bytes, window: int, limit: int) -> bytes:
    """Return what can be unpacked of a zlib stream, b"" if nothing."""
    unpack = zlib.decompressobj(window)
    out = b""
    try:
        for at in range(0, len(body), _CHUNK):
            out += unpack.decompress(body[at : at + _CHUNK], limit - len(out) + 1)
            if len(out) > limit or unpack.eof:
                break
    except zlib.error:
        pass
    return out[:limit]


def _unchunked(body: bytes) -> bytes:
    """Return the body without chunked framing, or as it is where it has none (most archives remove it and keep the header)."""
    out: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at, at + 32)
        if end < 0:
            return b"".join(out) if out else body
        try:
            length = int(body[at:end].split(b";")[0], 16)
        except ValueError:
            return b"".join(out) if out else body
        if length == 0:
            return b"".join(out)
        out.append(body[end + 2 : end + 2 + length])
        at = end + 2 + length + 2


def _record(warc: Any, page: Page) -> Any:
    """Return the page as a warcio record: an HTTP response, or a resource where no HTTP exchange was seen."""
    facts = {
        "WARC-Date": page.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "Cuishou-Run": page.provenance.run,
        "Cuishou-Referrer": page.provenance.referrer,
        "Cuishou-Source": page.provenance.source,
    }
    facts = {name: _one_line(value) for name, value in facts.items() if value}
    url = _one_line(page.url)
    others = [name for name, _ in page.headers if name.lower() != "content-type"]
    if not others and page.status == 200:
        kind = _one_line(page.header("content-type"))
        if not kind:  # a record has to have a type; a page without stays without
            facts["Cuishou-Untyped"] = "1"
        return warc.create_warc_record(
            url,
            "resource",
            io.BytesIO(page.body),
            length=len(page.body),
            warc_headers_dict=facts,
            warc_content_type=kind or "application/octet-stream",
        )
    lines = [(_one_line(name), _one_line(value)) for name, value in page.headers]
    http = _Utf8Headers(f"{page.status} {_phrase(page.status)}".strip(), lines, protocol="HTTP/1.1")
    return warc.create_warc_record(
        url, "response", io.BytesIO(page.body), length=len(page.body), http_headers=http, warc_headers_dict=facts
    )


def _one_line(text: str) -> str:
    return _LINE_BREAK.sub(" ", text).strip()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _kind(file: IO[bytes], path: Path) -> str:
    """Return "gzip", "plain" or "empty". Raises: InputError, if the file starts like no WARC file."""
    file.seek(0)
    begin = file.read(len(_RECORD))
    if not begin:
        return "empty"
    if begin.startswith(_GZIP) and (_begun(file, 0) is not None or _next_record(file, 0, compressed=True) >= 0):
        return "gzip"
    if begin == _RECORD:
        return "plain"
    if len(begin) < len(_RECORD) and (_GZIP.startswith(begin) or _RECORD.startswith(begin)):
        return "gzip"  # so short a file has no whole record either way
    raise InputError(f"{path}: this is not a WARC file.")


def _member_end(file: IO[bytes], start: int) -> int:
    """Return the offset after the gzip member at ``start``, or -1 if the member is not whole."""
    unpack = zlib.decompressobj(31)
    file.seek(start)
    position = start
    while chunk := file.read(_CHUNK):
        position += len(chunk)
        while chunk:
            unpack.decompress(chunk, 1 << 20)
            if unpack.eof:
                return position - len(unpack.unused_data)
            chunk = unpack.unconsumed_tail
    return -1


def _whole_end(path: Path) -> int:
    """Return the offset after the last whole gzip member of a file."""
    end = 0
    with path.open("rb") as file:
        try:
            while (after := _member_end(file, end)) > 0:
                end = after
        except zlib.error:
            pass
    return end


def _is_torn(file: IO[bytes], start: int, compressed: bool) -> bool:
    """Return whether what stands at ``start`` is the beginning of a record that has not ended yet."""
    if not compressed:
        file.seek(start)
        return file.read(len(_RECORD)) == _RECORD
    try:
        return _member_end(file, start) < 0
    except zlib.error:
        return False


def _next_record(file: IO[bytes], after: int, compressed: bool) -> int:
    """Return the offset of the first record that begins after ``after``, or -1.

    What may be the beginning of a record still being written counts only where no record follows: damage can hold the
    mark of a gzip member too.
    """
    mark = _GZIP if compressed else b"WARC/1."
    position = after + 1
    unfinished = -1
    carry = b""
    file.seek(position)
    while chunk := file.read(_CHUNK):
        window = carry + chunk
        base = position - len(carry)
        at = window.find(mark)
        while at >= 0:
            begun = _begun(file, base + at) if compressed else _RECORD
            if begun == _RECORD:
                return base + at
            if begun is not None and unfinished < 0:
                unfinished = base + at
            at = window.find(mark, at + 1)
        position += len(chunk)
        carry = window[-(len(mark) - 1) :]
        file.seek(position)
    return unfinished


def _begun(file: IO[bytes], start: int) -> bytes | None:
    """Return the first bytes of the record in the gzip member at ``start``: less than _RECORD at the end of the file,
    None where no record begins."""
    file.seek(start)
    unpack = zlib.decompressobj(31)
    try:
        begin = unpack.decompress(file.read(4096), len(_RECORD))
    except zlib.error:
        return None
    torn = not unpack.eof and not file.read(1)
    return begin if begin == _RECORD or (torn and _RECORD.startswith(begin)) else None


def _broken(path: Path, start: int, end: int, detail: str) -> Entry:
    provenance = Provenance(warc_file=path.name.removesuffix(OPEN), warc_offset=start)
    page = Page(path.absolute().as_uri(), 0, (), b"", datetime.fromtimestamp(0, UTC), provenance)
    return Entry(None, Rejection(page.capture, "read", "bad-record", f"offset {start}: {detail}"), end)


def _cannot_write(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(f"{path}: cannot be written ({error.strerror or error}). Free some space and run it again.")

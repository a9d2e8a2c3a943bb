"""Captures in WARC files: what is written comes back, whatever happened to the file."""

from __future__ import annotations

import gzip
import io
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.warcwriter import WARCWriter

from corpus import warc
from corpus.errors import InputError, WorkspaceError
from corpus.records import Page, Provenance

HTML = "<p>催收电话打到单位怎么办</p>".encode()
TIME = datetime(2026, 3, 4, 5, 6, 7, 89012, UTC)
NOISE = random.Random(1)


def page(number: int = 0, **changes: object) -> Page:
    made = Page(
        f"http://a.example/{number}",
        200,
        (("content-type", "text/html; charset=gbk"), ("server", "x")),
        HTML + NOISE.randbytes(300),
        TIME,
        Provenance(run="r1", referrer="http://a.example/", source="crawl"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def written(folder: Path, pages: list[Page], **options: Any) -> list[Page]:
    """Write the pages and return them with the provenance they got."""
    with warc.Writer(folder, run="r1", **options) as writer:
        return [replace(page, provenance=writer.write(page)) for page in pages]


KINDS = {
    "an answer": page(),
    "an error": page(status=404, body=b""),
    "only a type: a resource": page(headers=(("content-type", "text/html"),)),
    "no header: a resource": page(headers=()),
    "octet-stream is not the same as no type": page(headers=(("content-type", "application/octet-stream"),)),
    "a file": page(url="file:///pages/%E5%82%AC.html", headers=(), provenance=Provenance(run="r2", source="ingest")),
    "no provenance": page(provenance=Provenance(run="r1")),
    "headers twice, in order": page(
        headers=(("set-cookie", "a=1"), ("content-type", "text/html"), ("set-cookie", "b=2"))
    ),
    "empty body": page(body=b""),
    "body that looks like a record": page(body=b"\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n"),
    "Chinese header value": page(headers=(("content-type", "text/html"), ("x-title", "催收"))),
}


@pytest.mark.parametrize("made", KINDS.values(), ids=KINDS.keys())
def test_what_is_written_comes_back(tmp_path: Path, made: Page) -> None:
    kept = written(tmp_path, [made])
    assert [page for path in warc.archive_files(tmp_path) for page in warc.read(path)] == kept


headers = st.lists(st.tuples(st.sampled_from(["content-type", "x-a", "etag"]), st.text(max_size=20)), max_size=4)


@given(st.binary(max_size=2000), st.integers(200, 599), headers)
@settings(max_examples=60, deadline=None)
def test_any_body_and_status_come_back_and_no_header_splits_a_record(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, status: int, named: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    made = page(body=body, status=status, headers=(("content-length", str(len(body))), *named))
    written(folder, [made, page(1)])
    (path,) = warc.archive_files(folder)
    first, second = warc.read(path)
    assert (first.body, first.status, first.sha256) == (made.body, made.status, made.sha256)
    assert second.url == "http://a.example/1"


@pytest.mark.parametrize(
    ("coding", "sent"),
    [
        ("gzip", gzip.compress(HTML)),
        ("br", __import__("brotli").compress(HTML)),
        ("gzip", HTML),
        ("gzip", gzip.compress(HTML)[:-4]),
        ("nonsense", HTML),
    ],
    ids=["gzip", "br", "not encoded at all", "without trailer", "unknown"],
)
def test_bodies_are_archived_as_sent_and_read_decoded(tmp_path: Path, coding: str, sent: bytes) -> None:
    written(tmp_path, [page(body=sent, headers=(("content-type", "text/html"), ("content-encoding", coding)))])
    (path,) = warc.archive_files(tmp_path)
    (back,) = warc.read(path)
    assert back.body == HTML
    assert back.header("x-crawl-content-encoding") == coding
    assert not back.header("content-encoding")


def test_a_bomb_is_unpacked_up_to_the_limit() -> None:
    assert len(warc.decode_body(gzip.compress(b"\0" * (50 << 20)), "gzip", 1 << 20)) == 1 << 20


def test_records_are_members_of_their_own_that_other_tools_read(tmp_path: Path) -> None:
    kept = written(tmp_path, [page(number) for number in range(5)])
    (path,) = warc.archive_files(tmp_path)
    data = path.read_bytes()
    for made in kept:
        assert gzip.decompress(data[made.provenance.warc_offset :][: len(data)]).startswith(b"WARC/1.1")
        assert next(warc.read(path, made.provenance.warc_offset)) == made
    with path.open("rb") as file:
        kinds = [record.rec_type for record in WarcioIterator(file)]
    assert kinds == ["warcinfo", *["response"] * 5]


def test_a_file_is_open_until_it_is_full(tmp_path: Path) -> None:
    writer = warc.Writer(tmp_path, run="r1", max_bytes=1)
    first = writer.write(page(0))
    assert [path.name for path in warc.archive_files(tmp_path)] == [first.warc_file + warc.OPEN]
    second = writer.write(page(1))
    assert first.warc_file != second.warc_file
    assert (tmp_path / first.warc_file).exists()
    writer.close()
    assert [path.name for path in warc.archive_files(tmp_path)] == [first.warc_file, second.warc_file]


def test_a_name_that_is_taken_is_not_overwritten(tmp_path: Path) -> None:
    written(tmp_path, [page(0)])
    written(tmp_path, [page(1)])
    assert len(warc.archive_files(tmp_path)) == 2


@pytest.fixture
def three(tmp_path: Path) -> tuple[Path, bytes, list[int]]:
    """A file of three records: its path, its bytes, and the offset after each."""
    written(tmp_path, [page(number) for number in range(3)])
    (path,) = warc.archive_files(tmp_path)
    return path, path.read_bytes(), [entry.end for entry in warc.entries(path)]


def test_a_file_cut_at_any_byte_is_read_to_its_last_whole_record(three: tuple[Path, bytes, list[int]]) -> None:
    path, data, ends = three
    assert ends[-1] == len(data)
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        entries = list(warc.entries(path))
        assert [entry.end for entry in entries] == [end for end in ends if end <= cut], cut
        assert all(entry.page for entry in entries), cut


def test_reading_goes_on_where_it_ended(three: tuple[Path, bytes, list[int]]) -> None:
    path, _, ends = three
    everything = list(warc.read(path))
    for number, end in enumerate(ends, 1):
        assert list(warc.read(path, end)) == everything[number:]


def test_a_torn_tail_is_cut_off_and_the_file_closed(three: tuple[Path, bytes, list[int]]) -> None:
    path, data, ends = three
    torn = path.with_name(path.name + warc.OPEN)
    path.rename(torn)
    torn.write_bytes(data[: ends[1] + 50])
    final, cut = warc.salvage(torn)
    assert (final, cut) == (path, 50)
    assert path.read_bytes() == data[: ends[1]]


@pytest.mark.parametrize("where", ["magic", "middle", "garbage between"])
def test_a_broken_record_is_a_rejection_and_the_next_one_is_read(
    three: tuple[Path, bytes, list[int]], where: str
) -> None:
    path, data, ends = three
    broken = bytearray(data)
    if where == "magic":
        broken[ends[0] : ends[0] + 2] = b"xx"
    elif where == "middle":
        broken[ends[0] + 150 : ends[0] + 200] = b"\xff" * 50
    else:
        broken = bytearray(data[: ends[0]] + b"garbage" * 50 + data[ends[0] :])
    path.write_bytes(broken)
    entries = list(warc.entries(path))
    rejections = [entry.rejection for entry in entries if entry.rejection]
    assert [rejection.reason for rejection in rejections] == ["bad-record"]
    assert f"offset {ends[0]}" in rejections[0].detail
    assert sum(entry.page is not None for entry in entries) == (3 if where == "garbage between" else 2)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=30))
@example(957, b"\x1f\x1f\x8b\x08\x1f\x8b\x8b\x08")  # the mark of a gzip member inside a broken one
@example(366, b"\x1f\x00g\x00\x81\x00")  # a header that promises a name and swallows the rest of the file
@settings(max_examples=150, deadline=None)
def test_damage_costs_no_more_than_the_records_it_hits(
    tmp_path_factory: pytest.TempPathFactory, at: int, damage: bytes
) -> None:
    folder = tmp_path_factory.mktemp("archive")
    written(folder, [page(number) for number in range(4)])
    (path,) = warc.archive_files(folder)
    data = path.read_bytes()
    at %= len(data)
    hurt = data[:at] + damage + data[at + len(damage) :]
    path.write_bytes(hurt)
    try:
        whole = sum(entry.page is not None for entry in warc.entries(path))
    except InputError:
        assert at < 10, "only a file whose beginning is no WARC is refused"
        return
    assert whole >= 2


def plain_warc(records: int) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=False)
    for number in range(records):
        record = writer.create_warc_record(f"http://a.example/{number}", "resource", io.BytesIO(HTML))
        writer.write_record(record)
    return out.getvalue()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "one member for all"])
def test_files_of_other_tools_are_read(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("a.warc.gz" if packed else "a.warc")
    path.write_bytes(gzip.compress(plain_warc(3)) if packed else plain_warc(3))
    assert [page.body for page in warc.read(path)] == [HTML] * 3
    path.write_bytes(path.read_bytes()[: -30 if packed else -90])
    assert len(list(warc.read(path))) == 2


@pytest.mark.parametrize(
    "data", [b"<html></html>", b"\x89PNG", gzip.compress(b"no archive at all")], ids=["HTML", "PNG", "gzip of text"]
)
def test_what_is_no_warc_is_said_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.warc.gz").write_bytes(data)
    with pytest.raises(InputError, match="not a WARC file"):
        list(warc.entries(tmp_path / "a.warc.gz"))


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list(warc.entries(tmp_path / "missing.warc.gz"))


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"")
    assert list(warc.entries(tmp_path / "a.warc.gz")) == []


def test_a_full_disk_leaves_a_whole_file(tmp_path: Path) -> None:
    """Writing beyond a file size limit fails as a full disk does; the record that did not fit is not left half."""
    import resource
    import signal

    writer = warc.Writer(tmp_path, run="r1")
    writer.write(page(0))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))
    try:
        with pytest.raises(WorkspaceError, match="cannot be written"):
            writer.write(page(1, body=NOISE.randbytes(20_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    writer.write(page(2))
    writer.close()
    urls = [page.url for path in warc.archive_files(tmp_path) for page in warc.read(path)]
    assert urls == ["http://a.example/0", "http://a.example/2"]
    assert all(not path.name.endswith(warc.OPEN) for path in warc.archive_files(tmp_path))

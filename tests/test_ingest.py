"""What other tools captured: every form is read, nothing twice, what cannot be taken is skipped with a reason."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from corpus import warc
from corpus.errors import InputError
from corpus.records import Page
from crawler.ingest import Skipped, ingest, read_all
from tests.making import page

HTML = "<html><body><p>催收（debt collection）公司</p></body></html>"


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (1_767_225_600, 1_767_225_600))  # 2026-01-01T00:00:00Z
    return path


def pages(path: Path) -> list[Page]:
    return [found for found in read_all((path,)) if isinstance(found, Page)]


def reasons(path: Path) -> list[str]:
    return [found.reason for found in read_all((path,)) if isinstance(found, Skipped)]


def test_a_saved_page_has_a_file_url_and_the_time_of_the_file(tmp_path: Path) -> None:
    (found,) = pages(write(tmp_path / "a.html", HTML))
    assert found.url == (tmp_path / "a.html").as_uri()
    assert found.fetched_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.body == HTML.encode()


def test_a_folder_is_walked_by_name(tmp_path: Path) -> None:
    for name in ("b/2.htm", "a.html", "b/1.html"):
        write(tmp_path / name, HTML)
    assert [found.url.rsplit("/", 1)[1] for found in pages(tmp_path)] == ["a.html", "1.html", "2.htm"]


ROWS = [
    pytest.param({"url": "http://a.example/", "html": "<p>x</p>"}, "http://a.example/", b"<p>x</p>", id="source"),
    pytest.param({"html": "x.html", "url": "http://a.example/x"}, "http://a.example/x", HTML.encode(), id="path"),
    pytest.param({"url": "http://a.example/t", "text": "正文"}, "http://a.example/t", "正文".encode(), id="text"),
]


@pytest.mark.parametrize(("row", "url", "body"), ROWS)
def test_a_row_of_jsonl_is_a_capture(tmp_path: Path, row: dict[str, str], url: str, body: bytes) -> None:
    write(tmp_path / "x.html", HTML)
    (found,) = pages(write(tmp_path / "rows.jsonl", json.dumps({**row, "fetched_at": "2026-02-03T04:05:06+08:00"})))
    assert (found.url, found.body) == (url, body)
    assert found.fetched_at == datetime(2026, 2, 2, 20, 5, 6, tzinfo=UTC)


def test_html_files_that_a_jsonl_file_names_are_taken_once(tmp_path: Path) -> None:
    write(tmp_path / "html" / "x.html", HTML)
    write(tmp_path / "data.jsonl", json.dumps({"html": "html/x.html", "url": "http://a.example/x"}))
    assert [found.url for found in pages(tmp_path)] == ["http://a.example/x"]


SKIPPED = [
    pytest.param("{", "not JSON", id="not JSON"),
    pytest.param("[]", "not a JSON object", id="not an object"),
    pytest.param('{"url": "javascript:alert(1)", "text": "x"}', "not an http", id="script url"),
    pytest.param('{"url": 5, "text": "x"}', "not an http", id="number as url"),
    pytest.param('{"html": "../../etc/passwd"}', "leads out of the folder", id="path out of the folder"),
    pytest.param('{"html": "none.html"}', "does not exist", id="missing file"),
    pytest.param('{"url": "http://a.example/"}', "neither html nor text", id="nothing"),
    pytest.param('{"text": "x", "fetched_at": "yesterday"}', "fetched_at", id="bad time"),
]


@pytest.mark.parametrize(("line", "reason"), SKIPPED)
def test_a_row_that_cannot_be_taken_is_skipped_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    (found,) = list(read_all((write(tmp_path / "rows.jsonl", line),)))
    assert isinstance(found, Skipped)
    assert reason in found.reason
    assert found.where.endswith("rows.jsonl:1")


def test_other_files_are_skipped_with_a_reason(tmp_path: Path) -> None:
    write(tmp_path / "notes.docx", b"PK")
    assert reasons(tmp_path) == ["not a WARC, WACZ, HTML or JSONL file"]


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        list(read_all((tmp_path / "none",)))


def test_a_warc_file_gives_its_captures(tmp_path: Path) -> None:
    with warc.Writer(tmp_path, run="test") as writer:
        writer.write(page(HTML))
    (found,) = pages(next(tmp_path.glob("*.warc.gz")))
    assert (found.url, found.body, found.fetched_at) == (page().url, HTML.encode(), page().fetched_at)


def test_a_wacz_package_gives_the_captures_of_its_warc_files(tmp_path: Path) -> None:
    with warc.Writer(tmp_path / "w", run="test") as writer:
        writer.write(page(HTML))
    (archive,) = (tmp_path / "w").glob("*.warc.gz")
    with zipfile.ZipFile(tmp_path / "x.wacz", "w") as package:
        package.write(archive, "archive/data.warc.gz")
    assert [found.body for found in pages(tmp_path / "x.wacz")] == [HTML.encode()]


BROKEN = [
    pytest.param("x.warc.gz", b"not gzip", id="WARC"),
    pytest.param("x.wacz", b"not a zip", id="WACZ"),
    pytest.param("x.jsonl.gz", b"not gzip", id="JSONL"),
]


@pytest.mark.parametrize(("name", "content"), BROKEN)
def test_a_broken_file_is_skipped_with_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    found = list(read_all((write(tmp_path / name, content),)))
    assert len(found) == 1
    assert isinstance(found[0], Skipped)


def test_ingesting_twice_archives_once(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.html", HTML)
    workspace = tmp_path / "ws"
    first = [found for found in ingest(workspace, (tmp_path / "in",), run="one") if isinstance(found, Page)]
    assert len(first) == 1

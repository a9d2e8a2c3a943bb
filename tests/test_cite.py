"""Citations can be checked by somebody else, in the forms that reference managers read."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from corpus.citation_pack import pack
from corpus.cite import FORMATS, citation, find_article, record, write
from corpus.commands.cite import command
from corpus.errors import InputError
from corpus.records import Page
from corpus.warc import Writer
from corpus.workspace import archive_folder, open_corpus
from tests.search_corpus import add

ID = "00a1b2c3d4e5f607"
BODY = "<html><body>暴力催收</body></html>".encode()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with one article, two captures of it (one archived), and a copy."""
    url = "https://www.site1.example/1.html"
    writer = Writer(archive_folder(tmp_path), run="test")
    writer.write(page("https://www.site1.example/other.html", b"<p>other</p>"))
    place = writer.write(page(url, BODY))
    writer.close()
    with open_corpus(tmp_path, write=True) as connection:
        digest = hashlib.sha256(BODY).hexdigest()
        facts = {
            "id": ID, "url": url, "clean_title": "网贷{催收}_100%", "clean_author": "王某", "published": "2024-05-06T08:00:00+08:00",
            "published_precision": "second", "published_source": "meta", "date_candidates": '[["2024-05-06", "day"]]',
            "captured": "2024-06-01T00:00:00.000000Z", "body_sha256": digest, "cluster_id": "c", "versions": '{"extract": "1"}',
        }  # fmt: skip
        add(connection, 1, "暴力催收", "網貸{催收}_100%", **facts)
        add(connection, 2, "暴力催收", cluster_id="c", is_canonical=0, id="00a1b2ffffffffff")
        connection.execute("INSERT INTO article_redirects VALUES('0123456789abcdef', ?, 'older capture')", (ID,))
        for number, (time, offset) in enumerate(
            (("2024-06-01T00:00:00.000000Z", place.warc_offset), ("2024-07-01T00:00:00.000000Z", -1))
        ):
            connection.execute(
                "INSERT INTO captures VALUES(?, ?, 'site1.example', 200, 'text/html', ?, ?, ?, '', '', 0, 'kept', '', '', ?, ?, '<urn:x>', '')",
                (f"capture{number}", url, time, digest, len(BODY), place.warc_file, offset),
            )
            connection.execute(
                "INSERT INTO article_captures(article_id, capture_id, role) VALUES(?, ?, 'page')",
                (ID, f"capture{number}"),
            )
    return tmp_path


def page(url: str, body: bytes) -> Page:
    return Page(url, 200, (("content-type", "text/html"),), body, datetime(2024, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "wanted",
    [ID, "00a1b2c3", "https://www.site1.example/1.html", "0123456789abcdef"],
    ids=["id", "beginning", "url", "earlier-id"],
)
def test_an_article_is_found_by_any_of_its_names(workspace: Path, wanted: str) -> None:
    with open_corpus(workspace) as connection:
        assert find_article(connection, wanted) == ID


@pytest.mark.parametrize(
    "wanted", ["00a1b2", "ffffffff", "00a1", "催收", "' OR 1=1"], ids=["two", "none", "short", "word", "sql"]
)
def test_what_names_no_single_article_is_refused(workspace: Path, wanted: str) -> None:
    with open_corpus(workspace) as connection, pytest.raises(InputError):
        find_article(connection, wanted)


def test_gbt7714(workspace: Path) -> None:
    with open_corpus(workspace) as connection:
        text = write(citation(connection, ID), "gbt7714")
    assert text == (
        "王某. 网贷{催收}_100%[EB/OL]. (2024-05-06)[2024-06-01]. https://www.site1.example/1.html. "
        f"cuishou:{ID} sha256:{hashlib.sha256(BODY).hexdigest()} WARC-Record-ID:<urn:x>.\n"
    )


def test_bibtex_escapes_its_special_characters(workspace: Path) -> None:
    with open_corpus(workspace) as connection:
        text = write(citation(connection, ID), "bibtex")
    assert r"title = {网贷\{催收\}\_100\%}," in text
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert "urldate = {2024-06-01}" in text


def test_csl_json(workspace: Path) -> None:
    with open_corpus(workspace) as connection:
        (item,) = json.loads(write(citation(connection, ID), "csl-json"))
    assert (item["type"], item["author"]) == ("webpage", [{"literal": "王某"}])
    assert item["issued"] == {"date-parts": [[2024, 5, 6]]}
    assert item["accessed"] == {"date-parts": [[2024, 6, 1]]}


def test_the_record_tells_captures_dates_and_copies(workspace: Path) -> None:
    with open_corpus(workspace) as connection:
        whole: Any = record(citation(connection, ID))
    assert whole["cited"]["id"] == "capture0"
    assert len(whole["captures"]) == 2
    assert [each["id"] for each in whole["duplicates"]] == ["00a1b2ffffffffff"]
    assert whole["dating"]["candidates"] == [["2024-05-06", "day"]]
    assert set(whole["references"]) == set(FORMATS)


def test_the_pack_holds_the_record_byte_for_byte_and_lists_every_digest(workspace: Path) -> None:
    with open_corpus(workspace) as connection:
        found = citation(connection, ID)
    body = pack(found, archive_folder(workspace))
    assert body == pack(found, archive_folder(workspace))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert BODY in gzip.decompress(files["record-1.warc.gz"])
    assert b"other" not in gzip.decompress(files["record-1.warc.gz"])
    assert [each["capture"] for each in manifest["missing_records"]] == ["capture1"]
    assert "暴力催收" in files["published.txt"].decode()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE captures SET warc_offset = 1",
        "UPDATE captures SET warc_offset = 10000000",
        "UPDATE captures SET warc_file = '../corpus.db'",
        "UPDATE captures SET warc_file = 'gone.warc.gz'",
        "UPDATE captures SET body_sha256 = 'x'",
    ],
    ids=["middle-of-a-record", "after-the-end", "outside-the-archive", "no-such-file", "another-body"],
)
def test_a_record_that_does_not_hold_the_capture_is_named_not_packed(workspace: Path, damage: str) -> None:
    with open_corpus(workspace, write=True) as connection:
        connection.execute(damage)
        body = pack(citation(connection, ID), archive_folder(workspace))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert not [name for name in archive.namelist() if name.startswith("record-")]
        assert len(json.loads(archive.read("manifest.json"))["missing_records"]) == 2


def test_the_command_prints_each_form(workspace: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        return CliRunner().invoke(command, [ID, *arguments], obj=workspace, catch_exceptions=False).output

    assert "[EB/OL]" in run("--format", "gbt7714")
    assert run("--format", "bibtex").startswith("@online")
    assert json.loads(run("--json"))["id"] == ID
    assert "sha256" in run()
    run("--pack", str(tmp_path / "pack.zip"))
    assert zipfile.is_zipfile(tmp_path / "pack.zip")


def test_an_article_without_captures_can_be_cited(workspace: Path) -> None:
    with open_corpus(workspace) as connection:
        found = citation(connection, "00a1b2ffffffffff")
    assert found.cited is None
    assert all(write(found, form) for form in FORMATS)


def test_contact_points_are_masked_but_not_in_the_pack(workspace: Path, tmp_path: Path) -> None:
    with open_corpus(workspace, write=True) as connection:
        connection.execute(
            "UPDATE articles SET text = '电话：13800138000', clean_text = '电话：13800138000' WHERE id = ?", (ID,)
        )

    def run(*arguments: str) -> str:
        return CliRunner().invoke(command, [ID, *arguments], obj=workspace, catch_exceptions=False).output

    assert "13800138000" not in run("--json")
    assert "13800138000" in run("--json", "--show-contacts")
    run("--pack", str(tmp_path / "pack.zip"))
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        assert "13800138000" in archive.read("published.txt").decode()

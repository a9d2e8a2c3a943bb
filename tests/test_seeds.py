"""The two real pages that the project exists for. Their text and names stay outside: what is expected stands here as digests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.cli import cli

DATED, UNDATED = "004_36543570d1c18c37.html", "000_20ebcf89d378ea8d.html"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def inspected(page: Path) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["inspect", str(page), "--json", "--show-contacts"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found


@pytest.fixture(scope="module")
def dated(shared: Path) -> dict[str, Any]:
    return inspected(shared / "seeds" / DATED)


@pytest.fixture(scope="module")
def undated(shared: Path) -> dict[str, Any]:
    return inspected(shared / "seeds" / UNDATED)


def test_title_author_and_date_are_found(dated: dict[str, Any]) -> None:
    assert digest(dated["clean_title"]) == "dd0e1f5a3d8663e5"
    assert digest(dated["clean_author"]) == "01ca1a4bdd87a9a2"
    assert dated["published"]["value"] == "2024-12-05T12:46:54+08:00"
    assert dated["published"]["precision"] == "second"


def test_title_and_author_stay_as_published_beside_the_restored_ones(dated: dict[str, Any]) -> None:
    assert "(wǎng)" in dated["title"]
    assert dated["author"] != dated["clean_author"]


def test_the_byte_straddles_are_restored(dated: dict[str, Any], undated: dict[str, Any]) -> None:
    assert "151897d557c9c564" in {digest(line[:13]) for line in dated["clean_text"].splitlines()}
    for page in (dated, undated):
        assert "?" not in page["clean_text"]
        assert "(" not in page["clean_text"]


def test_the_whole_restored_text_is_the_careful_reading(dated: dict[str, Any], undated: dict[str, Any]) -> None:
    assert (digest(dated["clean_text"]), digest(undated["clean_text"])) == ("7d74b309654f4c3a", "f362f1edf704b3c5")


@pytest.mark.parametrize("reason", ["navigation", "repeated-title", "read-aloud", "contact-line", "related"])
def test_what_is_not_the_article_is_listed_as_removed_with_its_reason(dated: dict[str, Any], reason: str) -> None:
    blocks = [block for block in dated["removed"] if block["reason"] == reason]
    assert blocks
    kept = set(dated["text"].splitlines())
    # A title repeated inside the text is removed as such; no other removed block stands in the text.
    assert not {block["text"] for block in blocks} & kept


def test_the_breadcrumb_is_removed_with_its_reason(undated: dict[str, Any]) -> None:
    (block,) = [block for block in undated["removed"] if block["reason"] == "breadcrumb"]
    assert block["text"] not in undated["text"]


def test_phone_and_mailbox_are_contact_points(dated: dict[str, Any]) -> None:
    found = {contact["kind"]: digest(contact["value"]) for contact in dated["contacts"]}
    assert found["phone"] == "abdf0a32da9653c9"
    assert found["email"] == "cfdb1c037d82a020"


def test_contact_points_are_masked_unless_asked_for(shared: Path) -> None:
    done = CliRunner().invoke(cli, ["inspect", str(shared / "seeds" / DATED), "--json"], catch_exceptions=False)
    values = {contact["kind"]: contact["value"] for contact in json.loads(done.output)["contacts"]}
    assert digest(values["phone"]) != "abdf0a32da9653c9"
    assert "*" in values["phone"]


def test_undoing_every_edit_gives_the_text_as_published(dated: dict[str, Any], undated: dict[str, Any]) -> None:
    for page in (dated, undated):
        text = page["clean_text"]
        for edit in reversed([edit for edit in page["edits"] if edit["field"] == "text"]):
            assert text[edit["clean_start"] : edit["clean_end"]] == edit["after"]
            text = text[: edit["clean_start"]] + edit["before"] + text[edit["clean_end"] :]
        assert text == page["text"]

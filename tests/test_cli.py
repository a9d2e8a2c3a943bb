"""The command line: a clear sentence and a non-zero exit for whatever goes wrong, never a traceback."""

from __future__ import annotations

import ctypes
import gzip
import json
import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_process import HTML

PROJECT = Path(__file__).parent.parent


def cuishou(workspace: Path, *arguments: str, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command; limit: bytes that a file may have, as on a full disk."""

    def small() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "crawler.cli", "-C", str(workspace), *arguments],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False, preexec_fn=small,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip


def fails_with_a_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with one article."""
    (tmp_path / "page.html").write_text(HTML, encoding="utf-8")
    done = cuishou(tmp_path / "ws", "ingest", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    return tmp_path / "ws"


def test_help_lists_the_main_job(tmp_path: Path) -> None:
    done = cuishou(tmp_path, "--help")
    assert done.returncode == 0
    assert [
        name for name in ("crawl", "ingest", "process", "inspect", "search", "serve", "demo") if name in done.stdout
    ]


@pytest.mark.parametrize("command", [("search", "催收"), ("serve",), ("sites", "list")], ids=lambda words: words[0])
def test_without_a_corpus_the_sentence_says_how_to_make_one(tmp_path: Path, command: tuple[str, ...]) -> None:
    fails_with_a_sentence(cuishou(tmp_path / "none", *command), "no corpus in", "cuishou crawl")


def test_a_locked_database_is_said_so(workspace: Path) -> None:
    holder = sqlite3.connect(workspace / "corpus.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    done = subprocess.run(
        [sys.executable, "-c", "import corpus.workspace as w; w.BUSY_TIMEOUT = 0.2; from crawler.cli import main; main()",
         "-C", str(workspace), "process"],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    holder.execute("ROLLBACK")
    holder.close()
    fails_with_a_sentence(done, "locked", "wait for it")


def test_a_damaged_database_is_said_so(workspace: Path) -> None:
    (workspace / "corpus.db").write_bytes(b"this is no database" * 500)
    fails_with_a_sentence(cuishou(workspace, "process"), "process --rebuild")


def test_a_rebuild_mends_a_damaged_database(workspace: Path) -> None:
    (workspace / "corpus.db").write_bytes(b"this is no database" * 500)
    done = cuishou(workspace, "process", "--rebuild", "--json")
    assert json.loads(done.stdout)["articles"] == 1


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(40):
        noise = os.urandom(3000).hex()  # does not compress: the archive outgrows the limit
        (folder / f"{number:02}.html").write_text(HTML + f"<!-- {noise} -->", encoding="utf-8")
    done = cuishou(tmp_path / "ws", "ingest", str(folder), limit=100_000)
    fails_with_a_sentence(done, "disk")
    again = cuishou(tmp_path / "ws", "ingest", str(folder), "--json")
    assert again.returncode == 0, again.stderr
    with sqlite3.connect(tmp_path / "ws" / "corpus.db") as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone()[0] == 40


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.warc.gz", b"\x1f\x8b\x08 not a gzip stream"),
        ("cut.warc.gz", gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n")[:-9]),
        ("broken.wacz", b"PK\x03\x04 broken"),
        ("rows.jsonl", b"{broken"),
        ("notes.docx", b"PK"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_taken_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    done = cuishou(tmp_path / "ws", "ingest", str(tmp_path / name))
    fails_with_a_sentence(done, name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    fails_with_a_sentence(cuishou(tmp_path / "ws", "ingest", str(tmp_path / "none.html")), "none.html does not exist")


def without_privileges() -> None:
    """Take root's right to read what is closed from the program that is about to start (PR_CAPBSET_DROP)."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability)


def test_an_unreadable_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "closed").mkdir(mode=0)
    done = subprocess.run(
        [sys.executable, "-m", "crawler.cli", "-C", str(tmp_path / "ws"), "ingest", str(folder)],
        cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False, preexec_fn=without_privileges,
    )  # fmt: skip
    fails_with_a_sentence(done, "closed", "cannot be read")


def test_a_site_file_with_an_unknown_key_names_the_line(tmp_path: Path) -> None:
    sites = tmp_path / "sites.yml"
    sites.write_text("sites:\n  - start: [http://a.example/]\n    colour: red\n", encoding="utf-8")
    fails_with_a_sentence(cuishou(tmp_path / "ws", "crawl", "--sites", str(sites)), "line 3", "colour")


def test_inspect_says_why_a_page_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_bytes(b"")
    done = cuishou(tmp_path / "ws", "inspect", str(tmp_path / "empty.html"), "--json")
    assert done.returncode != 0
    assert json.loads(done.stdout)["rejected"]["reason"] == "empty-body"


def test_doctor_finds_a_sound_workspace_sound(workspace: Path) -> None:
    done = cuishou(workspace, "doctor", "--json")
    assert done.returncode == 0, done.stdout
    assert {finding["state"] for finding in json.loads(done.stdout)} <= {"good", "missing"}


def test_doctor_mends_a_search_index_without_triggers(workspace: Path) -> None:
    with sqlite3.connect(workspace / "corpus.db") as connection:
        connection.execute("DROP TRIGGER search_article_inserted")
    assert cuishou(workspace, "doctor").returncode != 0
    assert cuishou(workspace, "doctor", "--mend").returncode == 0

"""Examines an installation and a workspace, and says what each lack costs."""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from corpus import search_index
from corpus.errors import CorpusError
from corpus.workspace import archive_folder, open_corpus

NEEDED = ("scrapy", "trafilatura", "jieba", "scikit-learn", "sqlite-utils", "datasette", "fastwarc", "warcio")
OPTIONAL = {  # module: what it adds
    "numba": "near-duplicate signatures several times faster, the same bits",
    "pyarrow": "export to Parquet",
}
PROGRAMS = {"chromium": "browser tests and screenshots"}
DISK_LOW = 1 << 30  # bytes; an archive grows by some 10 kB a page


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. state: good, missing (works without, at a cost), bad."""

    what: str
    state: str
    detail: str


def examine(workspace: Path, *, mend: bool = False) -> tuple[Finding, ...]:
    """Findings on the installation, then on the workspace; with ``mend`` the search index is repaired."""
    return (*installation(), *the_workspace(workspace, mend=mend))


def installation() -> tuple[Finding, ...]:
    """What this Python has."""
    findings = [Finding("Python", "good" if sys.version_info >= (3, 11) else "bad", sys.version.split()[0])]
    for package in NEEDED:
        try:
            findings.append(Finding(package, "good", version(package)))
        except PackageNotFoundError:
            findings.append(Finding(package, "bad", "not installed: run 'make venv'"))
    fts5 = "ENABLE_FTS5" in {row[0] for row in sqlite3.connect(":memory:").execute("PRAGMA compile_options")}
    findings.append(Finding("SQLite FTS5", "good" if fts5 else "bad", sqlite3.sqlite_version))
    for module, use in OPTIONAL.items():
        there = importlib.util.find_spec(module) is not None
        findings.append(Finding(module, "good" if there else "missing", use if there else f"without it: no {use}"))
    for program, use in PROGRAMS.items():
        there = shutil.which(program) is not None
        findings.append(Finding(program, "good" if there else "missing", use if there else f"without it: no {use}"))
    return tuple(findings)


def the_workspace(workspace: Path, *, mend: bool) -> tuple[Finding, ...]:
    """Whether the workspace can be used."""
    if not (workspace / "corpus.db").is_file():
        return (Finding("workspace", "missing", f"no corpus in {workspace} yet"),)
    findings = []
    free = shutil.disk_usage(workspace).free
    findings.append(Finding("free disk", "good" if free > DISK_LOW else "bad", f"{free >> 20} MiB"))
    cut = [path.name for path in archive_folder(workspace).glob("*.open")]
    findings.append(
        Finding("archive", "good", f"{len(cut)} file(s) still open: a crawl is running, or the next one closes them")
    )
    try:
        # FTS5's own check is an INSERT: even to look, the connection must be able to write.
        with open_corpus(workspace, write=True) as connection:
            if mend:
                search_index.mend(connection)
            broken = (*integrity(connection), *search_index.check(connection))
    except CorpusError as error:
        broken = (str(error),)
    findings.extend(Finding("corpus.db", "bad", f"{sentence} (try --mend)") for sentence in broken)
    if not broken:
        findings.append(Finding("corpus.db", "good", "integrity, triggers and search index are sound"))
    return tuple(findings)


def integrity(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What SQLite's own check finds wrong."""
    rows = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
    return () if rows == ["ok"] else tuple(rows)

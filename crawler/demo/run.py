"""The whole main job on the sample web: crawl, archive, process, and the counts that tell what came of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import InputError
from corpus.workspace import open_corpus
from crawler.crawling import Crawl, Options, Summary, crawl
from crawler.demo.server import serve
from crawler.demo.web import resolve, site_file
from crawler.politeness import Policy
from crawler.safe_net import parse_resolve
from crawler.site_file import read_site_file

MARK = ".cuishou-demo"  # stands in a workspace that the demo made and may make anew
# The sample web is ours and on this machine: no need to spare it. Strangers' servers get the defaults of Policy.
POLICY = Policy(delay=0.02, retry_wait=0.3, tries=2)
TIMEOUT = 3.0  # seconds; one page of the sample web never ends


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the demo did: counts by what people ask."""

    fetched: int
    kept: int
    refused: tuple[tuple[str, int], ...]  # not fetched, by reason
    rejected: tuple[tuple[str, int], ...]  # fetched and not kept, by reason
    topics: tuple[tuple[str, int], ...]  # kept, by topic
    spam: tuple[tuple[str, int], ...]  # kept, by spam grade
    clusters: int
    copies: int
    templates: int
    sites: int
    flagged: int
    networks: int
    restored: int  # articles in which something was restored
    seconds: float


def run(workspace: Path, *, show: Callable[[Crawl, float], None] | None = None) -> Outcome:
    """Crawl and process the sample web into a fresh workspace.

    Raises: InputError, when the folder holds something that the demo did not make; WorkspaceError as ``crawl`` does.
    """
    clear(workspace)
    with serve() as served:
        sites = workspace / "cuishou.yml"
        sites.write_text(site_file(), encoding="utf-8")
        options = Options(
            sites=read_site_file(sites).sites,
            policy=POLICY,
            timeout=TIMEOUT,
            allow_loopback=True,
            resolve=tuple(parse_resolve(resolve(served.port)).items()),
        )
        summary = crawl(workspace, options, show=show)
    with open_corpus(workspace) as connection:
        return outcome(connection, summary)


def clear(workspace: Path) -> None:
    """Make the folder empty and mark it as the demo's; only a folder that is missing, empty or marked is touched."""
    if workspace.exists():
        if not workspace.is_dir() or (any(workspace.iterdir()) and not (workspace / MARK).exists()):
            raise InputError(f"{workspace} was not made by the demo: name another folder with -C")
        shutil.rmtree(workspace)
    workspace.mkdir(parents=True)
    (workspace / MARK).touch()


def outcome(connection: sqlite3.Connection, summary: Summary) -> Outcome:
    """Count what is in the corpus."""

    def one(sql: str) -> int:
        return int(connection.execute(sql).fetchone()[0])

    def by(sql: str) -> tuple[tuple[str, int], ...]:
        return tuple((str(row[0]), int(row[1])) for row in connection.execute(sql))

    return Outcome(
        fetched=one("SELECT count(*) FROM captures"),
        kept=one("SELECT count(*) FROM articles"),
        refused=summary.reasons,
        rejected=by("SELECT reason, count(*) FROM rejections GROUP BY 1 ORDER BY 2 DESC, 1"),
        topics=by("SELECT topic, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC, 1"),
        spam=by("SELECT spam, count(*) FROM articles GROUP BY 1 ORDER BY 1"),
        clusters=one("SELECT count(*) FROM clusters WHERE size > 1"),
        copies=one("SELECT count(*) FROM articles WHERE is_canonical = 0"),
        templates=one("SELECT count(*) FROM templates"),
        sites=one("SELECT count(DISTINCT site) FROM captures"),
        flagged=one("SELECT count(*) FROM sites WHERE score >= 0.5"),
        networks=one("SELECT count(*) FROM networks"),
        restored=one("SELECT count(DISTINCT article_id) FROM edits"),
        seconds=summary.seconds,
    )

"""Starts and supervises a crawl: the lock, the run, Scrapy's process, the processing beside it, and the sentence at the end.

``crawl(workspace, options)`` takes up what an earlier run left in the workspace, crawls until nothing is left or a limit is
reached, and returns a ``Summary``. Pages are processed by ``cuishou process --follow`` in a process of its own, which
reads the archive while it is written; when the crawl is over its standard input is closed, and it finishes.
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from corpus.errors import CorpusError, InputError, WorkspaceError
from corpus.tombstones import read_tombstones
from corpus.urls import canonical_url, is_web_url
from crawler.dispatch import Dispatch, seed
from crawler.frontier import Found, Frontier
from crawler.politeness import Policy
from crawler.safe_net import lookup
from crawler.scope import Scope, Site

REVISIT = 12 * 3600.0  # seconds after which the URLs to start from are fetched anew, if nothing else is left
TIMEOUT = 30.0  # seconds for a whole answer, not only for the connection
_TICK = 0.5  # seconds between two looks at the figures
_PROCESS_LOG = "process.log"


@dataclass(frozen=True, slots=True)
class Options:
    """What to crawl and how. ``resolve``: host -> "127.0.0.1:port", for sample webs served on loopback."""

    sites: tuple[Site, ...] = ()
    max_pages: int = 0  # captured in this run; 0: no limit
    policy: Policy = field(default_factory=Policy)
    contact: str = ""  # URL or mailbox, part of the user agent
    allow_loopback: bool = False
    resolve: tuple[tuple[str, str], ...] = ()
    process: bool = True  # process the pages while crawling
    timeout: float = TIMEOUT
    max_hosts: int = 16  # hosts asked at the same time
    spider: str = "site"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did. ``reason``: finished, max-pages, waiting, interrupted; ``sites``: pages by site, most first."""

    run: str
    reason: str
    pages: int
    bytes: int
    failed: int
    refused: int
    left: int
    redirects: int
    retries: int
    adopted: int
    seconds: float
    reasons: tuple[tuple[str, int], ...]
    sites: tuple[tuple[str, int], ...]
    unreached: tuple[tuple[str, str, str], ...]  # (URL to start from, reason, detail)


class Crawl:
    """What Scrapy's components share: the dispatch, and whether something went wrong that ends the crawl."""

    def __init__(self, dispatch: Dispatch, options: Options) -> None:
        self.dispatch = dispatch
        self.user_agent = options.policy.user_agent
        self.timeout = options.timeout
        self.failure: CorpusError | None = None

    def stop(self, error: CorpusError) -> None:
        """End the crawl because of an error: nothing further is handed out, and the engine closes when it is idle."""
        self.failure = self.failure or error


def crawl(workspace: Path, options: Options, *, show: Callable[[Crawl, float], None] | None = None) -> Summary:
    """Crawl the sites into the workspace and return what was done.

    show: called about twice a second with the crawl and the seconds since its start.
    Raises: InputError, if there is nothing to crawl or a seed cannot be used; WorkspaceError, if the workspace is locked,
    full or damaged, or if processing fails. Whatever is raised, what was captured stays.
    """
    options = replace(options, policy=replace(options.policy, user_agent=_user_agent(options)))
    seeds = _seeds(options.sites)
    with _locked(workspace):
        frontier = Frontier(workspace / "crawl.db")
        try:
            return _crawl(workspace, options, seeds, frontier, show)
        finally:
            frontier.close()


def _crawl(
    workspace: Path,
    options: Options,
    seeds: tuple[Found, ...],
    frontier: Frontier,
    show: Callable[[Crawl, float], None] | None,
) -> Summary:
    started = time.time()
    run = _run_id(started)
    earlier = frontier.runs()
    scope = Scope(options.sites, read_tombstones(workspace).cover)
    named = [found.url for found in seeds if not scope.withdrawn(found.url, "")]
    frontier.start_run(run, {"seeds": named, "max_pages": options.max_pages}, now=started)
    dispatch = Dispatch(
        frontier,
        workspace / "archive",
        scope,
        run=run,
        policy=options.policy,
        max_pages=options.max_pages,
        allow_loopback=options.allow_loopback,
        resolve=dict(options.resolve),
    )
    dispatch.recover(earlier)
    frontier.revive()
    dispatch.start(seeds, now=started)
    if not dispatch.left:
        frontier.refresh([found.url for found in seeds], before=started - REVISIT)
        dispatch.start((), now=started)
    running = Crawl(dispatch, options)
    reason = "failed"
    follower: subprocess.Popen[bytes] | None = None
    try:
        if options.process:
            follower = _follow(workspace)
        reason = _run_scrapy(running, options, show)
    finally:
        try:
            dispatch.close(reason, now=time.time())
        finally:
            if follower is not None:
                _finish(follower, workspace)
    if running.failure:
        raise running.failure
    unreached = tuple(
        (found.url, *frontier.state(found.url)[1:]) for found in seeds if frontier.state(found.url)[0] == "failed"
    )
    tally = dispatch.tally
    return Summary(
        run=run,
        reason=reason,
        pages=tally.pages,
        bytes=tally.bytes,
        failed=tally.failed,
        refused=sum(tally.refused.values()),
        left=dispatch.left,
        redirects=tally.redirects,
        retries=tally.retries,
        adopted=tally.adopted,
        seconds=time.time() - started,
        reasons=tuple(tally.refused.most_common()),
        sites=tuple(tally.by_site.most_common()),
        unreached=unreached,
    )


def _run_scrapy(running: Crawl, options: Options, show: Callable[[Crawl, float], None] | None) -> str:
    """Run Scrapy until the dispatch has nothing more, and return why it ended."""
    # Imported here: Scrapy takes half a second, which a wrong option should not cost.
    from scrapy import signals
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(
        {
            "CONCURRENT_REQUESTS": options.max_hosts,
            "CUISHOU_ALLOW_LOOPBACK": options.allow_loopback,
            "CUISHOU_RESOLVE": dict(options.resolve),
            "DOWNLOAD_TIMEOUT": options.timeout,
        },
        priority="cmdline",
    )
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(options.spider)
    begun = time.monotonic()

    if show is not None:
        crawler.signals.connect(lambda: _tick(show, running, begun), signal=signals.engine_started, weak=False)
    process.crawl(crawler, crawl=running)
    process.start()
    reason = str(crawler.stats.get_value("finish_reason") or "finished") if crawler.stats else "finished"
    if reason == "shutdown":
        return "interrupted"
    if running.failure:
        return "failed"
    if running.dispatch.full:
        return "max-pages"
    return "waiting" if running.dispatch.left else "finished"


def _tick(show: Callable[[Crawl, float], None], running: Crawl, begun: float) -> None:
    """Show the figures now and every half second, as long as the reactor runs."""
    from scrapy.utils.asyncio import create_looping_call

    create_looping_call(lambda: show(running, time.monotonic() - begun)).start(_TICK)


# --- the processing beside the crawl


def _follow(workspace: Path) -> subprocess.Popen[bytes]:
    """Start ``cuishou process --follow`` in a session of its own, so that Ctrl-C reaches us alone."""
    with (workspace / _PROCESS_LOG).open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "crawler.cli", "-C", str(workspace), "process", "--follow"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _finish(follower: subprocess.Popen[bytes], workspace: Path) -> None:
    """Tell the processing that no more pages come, and wait for it."""
    if follower.stdin is not None:
        follower.stdin.close()
    code = follower.wait()
    if code != 0:
        lines = (workspace / _PROCESS_LOG).read_text("utf-8", "replace").strip().splitlines()
        last = lines[-1][:300] if lines else "no message"
        raise WorkspaceError(
            f"Processing ended with code {code}: {last} The captured pages are in the archive; run `cuishou process`."
        )


# --- seeds, names, lock


def _seeds(sites: tuple[Site, ...]) -> tuple[Found, ...]:
    found = []
    for site in sites:
        found += [seed(url) for url in site.start]
        found += [seed(url, kind="sitemap") for url in site.sitemaps]
        found += [seed(url, kind="feed") for url in site.feeds]
    if not found:
        raise InputError("Nothing to crawl: name a web address, or a site file with --sites.")
    return tuple({f.key: f for f in found}.values())


def _user_agent(options: Options) -> str:
    """Return the user agent with its contact. Raises: InputError, if strangers would be asked without one."""
    try:
        version = metadata.version("cuishou")
    except metadata.PackageNotFoundError:
        version = "0"
    contact = " ".join(options.contact.split())[:200]
    if contact:
        return f"cuishou/{version} (+{contact})"
    resolve = dict(options.resolve)
    strangers = [url for site in options.sites for url in site.start if not _is_ours(url, resolve)]
    if strangers:
        raise InputError(
            "The crawler tells every server whom to write to: give --contact with a web address or mailbox, or `contact:` "
            "in the site file."
        )
    return f"cuishou/{version} (local)"


def _is_ours(url: str, resolve: dict[str, str]) -> bool:
    host = urlsplit(canonical_url(url if "://" in url else f"http://{url}")).hostname or ""
    return (
        bool(lookup(host, resolve))
        or host == "localhost"
        or host.startswith("127.")
        or not is_web_url(f"http://{host}/")
    )


def _run_id(now: float) -> str:
    """Return an id that sorts by time and that no other run has: 20261122T010203-1a2b."""
    return f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%S}-{os.urandom(2).hex()}"


@contextmanager
def _locked(workspace: Path) -> Iterator[None]:
    """Hold the workspace's crawl lock. The system drops it when the process dies, however it dies."""
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        lock: IO[str] = (workspace / "crawl.lock").open("a+")
    except OSError as error:
        raise WorkspaceError(f"{workspace}: cannot be used as a workspace ({error.strerror}).") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WorkspaceError(
                f"{workspace}: another crawl is running in this workspace. Wait for it, or stop it."
            ) from error
        yield


def figures(running: Crawl, seconds: float) -> dict[str, Any]:
    """Return the figures of a running crawl, for a line or a live view."""
    dispatch = running.dispatch
    return {
        "pages": dispatch.tally.pages,
        "per_second": dispatch.tally.pages / seconds if seconds else 0.0,
        "left": dispatch.left,
        "failed": dispatch.tally.failed,
        "refused": sum(dispatch.tally.refused.values()),
        "hosts": len(dispatch.hosts()),
    }

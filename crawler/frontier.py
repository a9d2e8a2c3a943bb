"""The frontier: every URL of a crawl and what became of it, as a table of crawl.db.

A URL is queued, claimed with a lease (in flight), captured (its record is in the archive, its links are not yet here) and
done; or it is redirected, or failed with a reason. Each step is one SQLite transaction, so that a crawl that is killed
at any moment goes on where it was: what was in flight is queued again, and captured pages are read from the archive
instead of being fetched again. Only one process writes; the lock file of ``crawling`` sees to that.

Keys are 64-bit digests of ``url_key``: with ten million URLs the chance that any two share one is 3 in a million.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import WorkspaceError
from corpus.urls import url_key
from crawler.politeness import Host, Robots

_BUSY = 5000  # milliseconds to wait for a locked database
_CHUNK = 500  # SQL variables per statement
_SCHEMA = """
CREATE TABLE IF NOT EXISTS frontier (
  key INTEGER PRIMARY KEY, url TEXT NOT NULL, host TEXT NOT NULL, site TEXT NOT NULL, kind TEXT NOT NULL,
  state TEXT NOT NULL, depth INTEGER NOT NULL, priority REAL NOT NULL, referrer TEXT NOT NULL,
  redirects INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0,
  lease_until REAL, run TEXT, status INTEGER, reason TEXT, detail TEXT, warc_file TEXT, warc_offset INTEGER,
  added_at REAL NOT NULL, fetched_at REAL);
CREATE INDEX IF NOT EXISTS frontier_next ON frontier (host, priority DESC, added_at, key) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS frontier_open ON frontier (state) WHERE state IN ('in_flight', 'captured');
CREATE TABLE IF NOT EXISTS hosts (
  host TEXT PRIMARY KEY, site TEXT NOT NULL, robots TEXT, robots_at REAL, delay REAL, next_at REAL,
  fetched INTEGER, failed INTEGER, last_status INTEGER, last_success REAL, errors TEXT, dead TEXT);
CREATE TABLE IF NOT EXISTS crawl_runs (
  run TEXT PRIMARY KEY, started_at REAL NOT NULL, finished_at REAL, finish_reason TEXT, options TEXT NOT NULL,
  pages INTEGER, bytes INTEGER, failed INTEGER, refused INTEGER, stats TEXT);
CREATE TABLE IF NOT EXISTS refusals (
  run TEXT NOT NULL, reason TEXT NOT NULL, url TEXT NOT NULL, host TEXT NOT NULL, detail TEXT NOT NULL,
  count INTEGER NOT NULL, time REAL NOT NULL, PRIMARY KEY (run, reason, url)) WITHOUT ROWID;
"""


_INSERT = (
    "INSERT OR IGNORE INTO frontier (key, url, host, site, kind, state, depth, priority, referrer, redirects, added_at) "
    "VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A URL to be put into the frontier."""

    url: str
    host: str
    site: str
    kind: str = "page"  # page | sitemap | feed
    depth: int = 0
    priority: float = 0.0
    referrer: str = ""
    redirects: int = 0

    @property
    def key(self) -> int:
        return key_of(self.url)


@dataclass(frozen=True, slots=True)
class Task:
    """A URL to be fetched now. ``attempts`` counts this one; robots.txt is a task that no row stands for (key 0)."""

    key: int
    url: str
    host: str
    site: str
    kind: str = "page"  # page | sitemap | feed | robots
    depth: int = 0
    priority: float = 0.0
    referrer: str = ""
    redirects: int = 0
    attempts: int = 1
    claimed_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something the crawl did not keep. ``reason`` is a key of REASONS; ``count`` URLs like this one."""

    url: str
    host: str
    reason: str
    detail: str = ""
    count: int = 1


def key_of(url: str) -> int:
    """Return the frontier's key of a URL: a signed 64-bit integer."""
    return int.from_bytes(hashlib.blake2b(url_key(url).encode(), digest_size=8).digest(), "big", signed=True)


def _row(found: Found, now: float) -> tuple[int | float | str, ...]:
    f = found
    return (f.key, f.url, f.host, f.site, f.kind, f.depth, f.priority, f.referrer, f.redirects, now)


def _host_row(host: Host) -> dict[str, object]:
    return {
        "host": host.name,
        "site": host.site,
        "robots": host.robots.text if host.robots else None,
        "robots_at": host.robots_at,
        "delay": host.delay,
        "next_at": host.next_at,
        "fetched": host.fetched,
        "failed": host.failed,
        "last_status": host.last_status,
        "last_success": host.last_success,
        "errors": json.dumps(host.errors),
        "dead": host.dead,
    }


class Frontier:
    """The tables of crawl.db. Methods are single transactions; database errors become WorkspaceError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=_BUSY / 1000, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database; the frontier cannot be used afterwards."""
        with self._explained():
            self._db.close()

    # --- URLs

    def known(self, keys: Sequence[int]) -> set[int]:
        """Return those of the keys that are in the frontier."""
        found: set[int] = set()
        with self._explained():
            for at in range(0, len(keys), _CHUNK):
                part = keys[at : at + _CHUNK]
                marks = ",".join("?" * len(part))
                query = f"SELECT key FROM frontier WHERE key IN ({marks})"
                found.update(key for (key,) in self._db.execute(query, part))
        return found

    def add(self, found: Iterable[Found], *, now: float, done: Task | None = None) -> None:
        """Queue URLs that are not known yet and, in the same transaction, mark the page they were found on as done."""
        rows = [_row(f, now) for f in found]
        with self._transaction():
            self._db.executemany(_INSERT, rows)
            if done is not None:
                self._db.execute("UPDATE frontier SET state = 'done', lease_until = NULL WHERE key = ?", (done.key,))

    def claim(self, host: str, *, run: str, now: float, lease: float) -> Task | None:
        """Return the host's next URL, now in flight until ``now + lease``, or None if none is due."""
        with self._explained():
            row = self._db.execute(
                "UPDATE frontier SET state = 'in_flight', run = ?, lease_until = ?, attempts = attempts + 1 WHERE key = ("
                "SELECT key FROM frontier WHERE state = 'queued' AND host = ? AND not_before <= ? "
                "ORDER BY priority DESC, added_at, key LIMIT 1) "
                "RETURNING key, url, host, site, kind, depth, priority, referrer, redirects, attempts, lease_until - ?",
                (run, now + lease, host, now, lease),
            ).fetchone()
        return Task(*row) if row else None

    def next_due(self, host: str) -> float | None:
        """Return when the host's first queued URL is due (it may be in the past), or None if it has none."""
        with self._explained():
            row = self._db.execute(
                "SELECT min(not_before) FROM frontier WHERE state = 'queued' AND host = ?", (host,)
            ).fetchone()
        return None if row is None or row[0] is None else float(row[0])

    def first_url(self, host: str) -> str:
        """Return a queued URL of the host, or ""."""
        with self._explained():
            row = self._db.execute(
                "SELECT url FROM frontier WHERE state = 'queued' AND host = ? LIMIT 1", (host,)
            ).fetchone()
        return str(row[0]) if row else ""

    def captured(self, task: Task, *, status: int, warc_file: str, warc_offset: int, now: float) -> None:
        """The page is in the archive; its links are not in the frontier yet."""
        self._write(
            "UPDATE frontier SET state = 'captured', status = ?, warc_file = ?, warc_offset = ?, fetched_at = ?, reason = NULL, "
            "detail = NULL WHERE key = ?",
            (status, warc_file, warc_offset, now, task.key),
        )

    def again(self, task: Task, *, not_before: float, status: int, detail: str) -> None:
        """Queue the URL once more, not before a time."""
        self._write(
            "UPDATE frontier SET state = 'queued', lease_until = NULL, not_before = ?, status = ?, detail = ? WHERE key = ?",
            (not_before, status, detail, task.key),
        )

    def give_back(self, task: Task) -> None:
        """Queue the URL as if it had not been claimed."""
        self._write(
            "UPDATE frontier SET state = 'queued', lease_until = NULL, attempts = attempts - 1 WHERE key = ?",
            (task.key,),
        )

    def failed(self, task: Task, *, status: int, refusal: Refusal, run: str, now: float) -> None:
        """The URL is given up, for the reason of the refusal."""
        with self._transaction():
            self._db.execute(
                "UPDATE frontier SET state = 'failed', lease_until = NULL, status = ?, reason = ?, detail = ?, fetched_at = ? "
                "WHERE key = ?",
                (status, refusal.reason, refusal.detail, now, task.key),
            )
            self._refuse((refusal,), run=run, now=now)

    def redirected(self, task: Task, *, status: int, target: Found, now: float) -> None:
        """The URL leads to another one, which is queued; to itself under another scheme: it is fetched there."""
        with self._transaction():
            if target.key == task.key:
                self._db.execute(
                    "UPDATE frontier SET state = 'queued', lease_until = NULL, url = ?, host = ?, redirects = ?, attempts = 0 "
                    "WHERE key = ?",
                    (target.url, target.host, target.redirects, task.key),
                )
                return
            self._db.execute(
                "UPDATE frontier SET state = 'redirected', lease_until = NULL, status = ?, detail = ?, fetched_at = ? "
                "WHERE key = ?",
                (status, target.url, now, task.key),
            )
            self._db.execute(_INSERT, _row(target, now))

    def redirect_ring(self, task: Task, target: str, hops: int) -> tuple[Task, ...]:
        """Return the URLs that redirect from ``target`` back to the task, within so many hops; none: there is no ring."""
        ring: list[Task] = []
        url = target
        for _ in range(hops):
            with self._explained():
                row = self._db.execute(
                    "SELECT key, url, host, site, kind, depth, priority, referrer, redirects, attempts, detail FROM frontier "
                    "WHERE key = ? AND state = 'redirected'",
                    (key_of(url),),
                ).fetchone()
            if row is None:
                return ()
            ring.append(Task(*row[:10]))
            url = row[10]
            if key_of(url) == task.key:
                return tuple(ring)
        return ()

    def give_up(self, host: str, *, reason: str, detail: str, run: str, now: float) -> int:
        """Fail every queued URL of a host; return how many there were."""
        with self._transaction():
            count = self._db.execute(
                "UPDATE frontier SET state = 'failed', reason = ?, detail = ?, fetched_at = ? WHERE state = 'queued' AND host = ?",
                (reason, detail, now, host),
            ).rowcount
            if count:
                self._refuse((Refusal(f"http://{host}/", host, reason, detail, count),), run=run, now=now)
        return count

    def refuse(self, refusals: Iterable[Refusal], *, run: str, now: float) -> None:
        """Take note of what was not kept. The same reason and URL in a run add up."""
        with self._transaction():
            self._refuse(refusals, run=run, now=now)

    def recover(self) -> int:
        """Queue again what was in flight when the last run ended; return how many."""
        return self._write(
            "UPDATE frontier SET state = 'queued', lease_until = NULL, attempts = max(attempts - 1, 0) WHERE state = 'in_flight'",
            (),
        )

    def revive(self) -> int:
        """Queue again what failed in an earlier run because its host could not be reached; return how many."""
        return self._write(
            "UPDATE frontier SET state = 'queued', attempts = 0, not_before = 0, reason = NULL, detail = NULL WHERE "
            "state = 'failed' AND (reason IN ('unreachable', 'timeout') OR reason = 'robots' AND detail <> '')",
            (),
        )

    def refresh(self, urls: Sequence[str], *, before: float) -> int:
        """Queue again the given URLs that were finished before a time; return how many."""
        count = 0
        with self._transaction():
            for url in urls:
                count += self._db.execute(
                    "UPDATE frontier SET state = 'queued', attempts = 0, not_before = 0 WHERE key = ? AND "
                    "state IN ('done', 'redirected', 'failed') AND coalesce(fetched_at, 0) < ?",
                    (key_of(url), before),
                ).rowcount
        return count

    def state(self, url: str) -> tuple[str, str, str]:
        """Return (state, reason, detail) of a URL; three empty strings if it is unknown."""
        with self._explained():
            row = self._db.execute(
                "SELECT state, coalesce(reason, ''), coalesce(detail, '') FROM frontier WHERE key = ?", (key_of(url),)
            ).fetchone()
        return (row[0], row[1], row[2]) if row else ("", "", "")

    def unparsed(self) -> Iterator[tuple[Task, str, int]]:
        """Yield (task, WARC file, offset) of pages that were captured, but whose links were not stored."""
        with self._explained():
            rows = self._db.execute(
                "SELECT key, url, host, site, kind, depth, priority, referrer, redirects, attempts, warc_file, warc_offset "
                "FROM frontier WHERE state = 'captured'"
            ).fetchall()
        for row in rows:
            yield Task(*row[:10]), row[10], row[11]

    def unfinished(self, url: str) -> Task | None:
        """Return the URL as a task if it is queued or in flight."""
        with self._explained():
            row = self._db.execute(
                "SELECT key, url, host, site, kind, depth, priority, referrer, redirects, attempts FROM frontier "
                "WHERE key = ? AND state IN ('queued', 'in_flight')",
                (key_of(url),),
            ).fetchone()
        return Task(*row) if row else None

    # --- counts

    def queued_by_host(self) -> dict[str, tuple[int, str]]:
        """Return {host: (queued URLs, site)} for hosts that have any."""
        with self._explained():
            rows = self._db.execute("SELECT host, count(*), site FROM frontier WHERE state = 'queued' GROUP BY host")
            return {host: (count, site) for host, count, site in rows}

    def pages_by_site(self) -> dict[str, int]:
        """Return {site: pages in the frontier, whatever became of them}."""
        with self._explained():
            return dict(self._db.execute("SELECT site, count(*) FROM frontier WHERE kind = 'page' GROUP BY site"))

    def page_urls(self) -> Iterator[str]:
        """Yield the URL of every page in the frontier that has a query."""
        with self._explained():
            for (url,) in self._db.execute("SELECT url FROM frontier WHERE kind = 'page' AND instr(url, '?')"):
                yield url

    def counts(self) -> dict[str, int]:
        """Return {state: URLs}."""
        with self._explained():
            return dict(self._db.execute("SELECT state, count(*) FROM frontier GROUP BY state"))

    def refused(self, run: str) -> dict[str, int]:
        """Return {reason: URLs} of what a run refused."""
        with self._explained():
            rows = self._db.execute(
                "SELECT reason, sum(count) FROM refusals WHERE run = ? GROUP BY reason ORDER BY 2 DESC", (run,)
            )
            return dict(rows)

    # --- hosts and runs

    def load_host(self, name: str, site: str, user_agent: str) -> Host:
        """Return what is known of a host."""
        with self._explained():
            row = self._db.execute(
                "SELECT robots, robots_at, delay, next_at, fetched, failed, last_status, last_success, errors FROM hosts "
                "WHERE host = ?",
                (name,),
            ).fetchone()
        host = Host(name, site)
        if row:
            host.robots = Robots(row[0], user_agent) if row[0] is not None else None
            host.robots_at, host.delay, host.next_at = row[1] or 0.0, row[2] or 0.0, row[3] or 0.0
            host.fetched, host.failed = row[4] or 0, row[5] or 0
            host.last_status, host.last_success = row[6] or 0, row[7] or 0.0
            host.errors = json.loads(row[8] or "{}")
        return host

    def save_hosts(self, hosts: Iterable[Host]) -> None:
        """Store what is known of the hosts."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO hosts (host, site, robots, robots_at, delay, next_at, fetched, failed, last_status, "
                "last_success, errors, dead) VALUES (:host, :site, :robots, :robots_at, :delay, :next_at, :fetched, :failed, "
                ":last_status, :last_success, :errors, :dead)",
                [_host_row(host) for host in hosts],
            )

    def start_run(self, run: str, options: Mapping[str, object], *, now: float) -> None:
        """Begin a run."""
        self._write(
            "INSERT INTO crawl_runs (run, started_at, options) VALUES (?, ?, ?)",
            (run, now, json.dumps(options, ensure_ascii=False, sort_keys=True)),
        )

    def runs(self) -> tuple[str, ...]:
        """Return the ids of all runs, oldest first."""
        with self._explained():
            return tuple(row[0] for row in self._db.execute("SELECT run FROM crawl_runs ORDER BY started_at"))

    def finish_run(self, run: str, reason: str, stats: Mapping[str, object], *, now: float) -> None:
        """End a run. stats: at least pages, bytes, failed, refused."""
        text = json.dumps(stats, ensure_ascii=False, sort_keys=True)
        self._write(
            "UPDATE crawl_runs SET finished_at = ?, finish_reason = ?, pages = ?, bytes = ?, failed = ?, refused = ?, stats = ? "
            "WHERE run = ?",
            (now, reason, stats["pages"], stats["bytes"], stats["failed"], stats["refused"], text, run),
        )

    # --- SQLite

    def _refuse(self, refusals: Iterable[Refusal], *, run: str, now: float) -> None:
        self._db.executemany(
            "INSERT INTO refusals (run, reason, url, host, detail, count, time) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (run, reason, url) DO UPDATE SET count = count + excluded.count",
            [(run, r.reason, r.url, r.host, r.detail, r.count, now) for r in refusals],
        )

    def _write(self, statement: str, values: Sequence[object]) -> int:
        with self._explained():
            return self._db.execute(statement, values).rowcount

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise WorkspaceError(f"{self._path}: {_advice(error)}") from error


def _advice(error: sqlite3.Error | OSError) -> str:
    text = str(error)
    if "locked" in text:
        return (
            "another program holds a lock on it. Close that program, or wait until it has finished, and run this again."
        )
    if "full" in text or "No space" in text or "disk I/O" in text:
        return "the disk is full, or fails. Free some space and run this again; nothing that was captured is lost."
    if "not a database" in text or "malformed" in text:
        return f"it is damaged ({text}). Move it away; the archive is not touched and can be processed without it."
    return f"it cannot be used ({text})."

"""Decides what is fetched next, and what an answer means.

A ``Dispatch`` is the state of one crawl run: the frontier, the archive, the hosts and the budgets. It knows no Scrapy and no
network: ``next`` returns a task, ``answered`` and ``unanswered`` take what came of it, ``found`` takes the links of a page.
Whatever it says has been written down before it is said: the capture is in the archive and the frontier knows of it
before anybody parses the page.
"""

from __future__ import annotations

import heapq
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from corpus import warc
from corpus.errors import InputError
from corpus.records import Page, Provenance
from corpus.urls import canonical_url, is_web_url, join, site_of
from crawler import politeness
from crawler.frontier import Found, Frontier, Refusal, Task
from crawler.links import PageLink, links
from crawler.politeness import Host, Policy
from crawler.safe_net import unsafe
from crawler.scope import Scope, refusal, template

MAX_BODY = 8 << 20  # bytes, decoded
MAX_REDIRECTS = 6
LEASE = 1800.0  # seconds; three times the longest time that a request may be given
PATIENCE = 600.0  # seconds; a run does not wait longer for hosts that asked to be left alone, the next one asks them
_SETTLED = 100_000  # URLs remembered, so that navigation is not looked up on every page
_AT_ONCE = 200  # URLs refused in one go before the reactor gets its turn again
_RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_REDIRECT_STATUS = frozenset({301, 302, 303, 307, 308})
_TEXT_TYPES = ("text/", "application/xhtml", "application/xml", "application/octet-stream", "application/json")
_DEAD = {"unreachable", "unsafe-address", "timeout"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a server. ``body`` as sent, with its Content-Encoding; ``cut``: it ended before its end."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    seconds: float
    cut: bool = False

    def header(self, name: str) -> str:
        """Return the first header of that (lower-case) name, or ""."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(slots=True)
class Tally:
    """What a run has done so far."""

    pages: int = 0
    bytes: int = 0
    failed: int = 0
    redirects: int = 0
    retries: int = 0
    adopted: int = 0  # captures of a killed run, taken from the archive instead of being fetched again
    refused: Counter[str] = field(default_factory=Counter)
    by_site: Counter[str] = field(default_factory=Counter)


class Dispatch:
    """One crawl run over a workspace's archive and crawl.db."""

    def __init__(
        self,
        frontier: Frontier,
        archive: Path,
        scope: Scope,
        *,
        run: str,
        policy: Policy,
        max_pages: int = 0,
        allow_loopback: bool = False,
        resolve: dict[str, str] | None = None,
    ) -> None:
        self.frontier = frontier
        self.scope = scope
        self.run = run
        self.policy = policy
        self.tally = Tally()
        self._archive = archive
        self._writer = warc.Writer(archive, run=run)
        self._max_pages = max_pages
        self._allow_loopback = allow_loopback
        self._resolve = resolve or {}
        self._hosts: dict[str, Host] = {}
        self._ready: list[tuple[float, str]] = []
        self._queued = Counter({host: count for host, (count, _) in frontier.queued_by_host().items()})
        self._pages: Counter[str] = Counter()
        self._templates = Counter(map(template, frontier.page_urls()))
        self._flying: dict[str, Task] = {}  # host -> task
        self._settled: set[str] = set()  # URLs that are queued, known, or refused wherever they are met
        self._deep: set[str] = set()  # URLs refused for their depth alone, and counted; they may be met higher up
        self._outside: Counter[str] = Counter()  # host -> links that led there, not yet written down
        self._outside_url: dict[str, str] = {}
        self._touched: set[str] = set()  # hosts to be saved

    # --- starting and ending

    def recover(self, earlier_runs: Sequence[str]) -> None:
        """Take up what a killed run left: adopt whole captures of its open files, queue again what was in flight."""
        self._adopt(earlier_runs)
        self.frontier.recover()
        for task, name, offset in list(self.frontier.unparsed()):
            page = self._captured_page(name, offset)
            if page is None:
                self.frontier.again(task, not_before=0.0, status=0, detail="its capture is gone from the archive")
            else:
                self.found(task, _links(page), now=page.fetched_at.timestamp())
        self._queued = Counter({host: count for host, (count, _) in self.frontier.queued_by_host().items()})

    def start(self, seeds: Iterable[Found], *, now: float) -> None:
        """Queue the URLs to start from that are new, and line the hosts up."""
        self.frontier.add([found for found in seeds if not self._taken_down(found.url)], now=now)
        self._pages = Counter(self.frontier.pages_by_site())
        for name, (count, site) in self.frontier.queued_by_host().items():
            self._queued[name] = count
            self._line_up(self.host(name, site))

    def close(self, reason: str, *, now: float) -> dict[str, object]:
        """End the run: give back what is in flight, close the archive, and write the run's figures down."""
        for task in list(self._flying.values()):
            if task.kind != "robots":
                self.frontier.give_back(task)
        self._flying.clear()
        self._flush_outside(now)
        self.frontier.save_hosts(self._hosts.values())
        self._writer.close()
        tally = self.tally
        stats: dict[str, object] = {
            "pages": tally.pages,
            "bytes": tally.bytes,
            "failed": tally.failed,
            "redirects": tally.redirects,
            "retries": tally.retries,
            "adopted": tally.adopted,
            "refused": sum(tally.refused.values()),
            "reasons": dict(tally.refused.most_common()),
            "sites": dict(tally.by_site.most_common()),
            "left": self.left,
        }
        self.frontier.finish_run(self.run, reason, stats, now=now)
        return stats

    # --- what next

    @property
    def left(self) -> int:
        """URLs still queued."""
        return sum(self._queued.values())

    @property
    def full(self) -> bool:
        """Whether the run's limit of pages is reached."""
        return bool(self._max_pages) and self.tally.pages >= self._max_pages

    def pending(self, now: float) -> bool:
        """Return whether there is, or soon will be, something to fetch."""
        return bool(self._flying) or (bool(self._ready) and not self.full and self._ready[0][0] <= now + PATIENCE)

    def wake_at(self) -> float | None:
        """Return the time at which the next host may be asked, or None if none waits."""
        return self._ready[0][0] if self._ready and not self.full else None

    def next(self, now: float) -> Task | None:
        """Return the next task, or None if no host may be asked now. Every task must be answered or unanswered later."""
        refused = 0
        self._reap(now)
        while self._ready and self._ready[0][0] <= now and refused < _AT_ONCE:
            flying = sum(task.kind == "page" for task in self._flying.values())
            if self._max_pages and self.tally.pages + flying >= self._max_pages:
                return None
            _, name = heapq.heappop(self._ready)
            host = self._hosts[name]
            host.waiting = False
            if host.in_flight or host.dead:
                continue
            if host.next_at > now:
                self._line_up(host)
                continue
            if host.robots is None or now - host.robots_at > self.policy.robots_age:
                return self._fly(host, self._robots_task(host, now))
            task = self.frontier.claim(name, run=self.run, now=now, lease=LEASE)
            if task is None:
                due = self.frontier.next_due(name)
                if due is None:
                    self._queued.pop(name, None)
                else:
                    host.next_at = max(host.next_at, due)
                    self._line_up(host)
                continue
            self._queued[name] -= 1
            why = unsafe(task.url, allow_loopback=self._allow_loopback, resolve=self._resolve)
            if why or not host.robots.allows(task.url):
                self._fail(task, "unsafe-address" if why else "robots", why, status=0, now=now)
                self._line_up(host)
                refused += 1
                continue
            return self._fly(host, task)
        return None

    # --- what came of it

    def answered(self, task: Task, answer: Answer, *, now: float) -> Page | None:
        """Take an answer. Returns the page, captured, if its links are to be followed (``found`` must be called then)."""
        if self._flying.get(task.host) is not task:
            return None  # it comes after its lease, and is under way again
        host = self._land(task)
        politeness.settle(host, now=now, latency=answer.seconds, status=answer.status, policy=self.policy)
        host.failures = 0
        try:
            if task.kind == "robots":
                self._robots(host, task, answer, now)
                return None
            if answer.status in _REDIRECT_STATUS and answer.header("location"):
                self._redirect(task, answer, now)
                return None
            if answer.status in _RETRY_STATUS:
                wait = politeness.retry_after(answer.header("retry-after"), now=now, policy=self.policy)
                if answer.status in {429, 503}:
                    politeness.hold(host, now=now, seconds=wait or politeness.backoff(task.attempts, self.policy))
                    self.frontier.save_hosts([host])  # a kill must not make us forget that we were asked to wait
                self._retry(task, "http-error", f"status {answer.status}", status=answer.status, now=now, wait=wait)
                return None
            if not 200 <= answer.status < 300:
                self._fail(task, "http-error", f"status {answer.status}", status=answer.status, now=now)
                return None
            return self._accept(host, task, answer, now)
        finally:
            self._line_up(host)

    def sync(self) -> Callable[[], None]:
        """Return a function that waits until all captures are on the disk, for a thread; pages are parsed only after it.

        Should the power fail before, the frontier may know a capture that the archive does not have: ``recover`` sees it.
        """
        return self._writer.sync()

    def unanswered(self, task: Task, reason: str, detail: str, *, now: float, retry: bool = True) -> None:
        """Take it that no usable answer came. reason: a key of REASONS; retry: whether it may be better next time."""
        if self._flying.get(task.host) is not task:
            return
        host = self._land(task)
        host.next_at = max(host.next_at, now + max(host.delay, self.policy.delay))
        if reason in _DEAD:
            host.failures += 1
        if task.kind == "robots":
            self._robots_unknown(host, reason, detail, now=now, retry=retry)
        elif retry and host.failures < self.policy.dead_after:
            self._retry(task, reason, detail, status=0, now=now)
        else:
            self._fail(task, reason, detail, status=0, now=now)
        if (
            not host.dead
            and reason in _DEAD
            and (host.failures >= self.policy.dead_after or reason == "unsafe-address")
        ):
            self._bury(host, reason, detail, now)
        self._line_up(host)

    def found(self, task: Task, page_links: Iterable[PageLink], *, now: float) -> int:
        """Queue the links of a page and mark the page as done. Returns how many URLs were new."""
        rule = self.scope.rule(task.host)
        wanted = []
        for link in page_links:
            if link.url in self._settled:
                continue
            if link.kind == "feed" and (rule is None or "feeds" not in rule.follow):
                continue
            if link.kind == "page" and task.kind == "page" and rule is not None and "links" not in rule.follow:
                continue
            wanted.append(link)
        if len(self._settled) > _SETTLED:
            self._settled.clear()
        depth = task.depth + 1
        chosen = self._admit(wanted, depth=depth, referrer=task.url)
        self.frontier.add(chosen, now=now, done=task)
        for found in chosen:
            self._enqueue(found)
        if len(self._outside) > 500:
            self._flush_outside(now)
        return len(chosen)

    def add(self, url: str, *, kind: str = "page", depth: int = 0, referrer: str = "", now: float) -> bool:
        """Queue one URL, within scope and budgets; return whether it is new."""
        chosen = self._admit([PageLink(canonical_url(url), kind)], depth=depth, referrer=referrer)
        self.frontier.add(chosen, now=now)
        for found in chosen:
            self._enqueue(found)
        return bool(chosen)

    def host(self, name: str, site: str) -> Host:
        """Return the state of a host."""
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = self.frontier.load_host(name, site, self.policy.user_agent)
            rule = self.scope.rule(name)
            host.delay = max(host.delay, self.policy.delay, rule.delay if rule else 0.0)
        return host

    def hosts(self) -> tuple[Host, ...]:
        """Return the hosts asked in this run."""
        return tuple(self._hosts.values())

    # --- steps

    def _fly(self, host: Host, task: Task) -> Task:
        host.in_flight = True
        self._flying[host.name] = task
        return task

    def _land(self, task: Task) -> Host:
        host = self._hosts[task.host]
        host.in_flight = False
        self._flying.pop(task.host, None)
        return host

    def _reap(self, now: float) -> None:
        """Take back tasks that were never answered; their hosts would be held for ever."""
        for task in [task for task in self._flying.values() if now - task.claimed_at > LEASE]:
            self.unanswered(task, "timeout", "no outcome within its lease", now=now)

    def _line_up(self, host: Host) -> None:
        if host.waiting or host.in_flight or host.dead or self._queued.get(host.name, 0) <= 0:
            return
        host.waiting = True
        heapq.heappush(self._ready, (host.next_at, host.name))

    def _enqueue(self, found: Found) -> None:
        self._queued[found.host] += 1
        host = self.host(found.host, found.site)
        if host.dead:  # it had its chance in this run; the next one tries again
            self._queued[found.host] -= 1
        self._line_up(host)

    def _admit(self, found: Sequence[PageLink], *, depth: int, referrer: str) -> list[Found]:
        """Return what may be queued of the links, counted against the budgets; count what may not."""
        candidates: list[Found] = []
        for link in found:
            name = urlsplit(link.url).netloc
            if self.scope.rule(name) is None:
                self._outside[name] += 1
                self._outside_url.setdefault(name, link.url)
                self._settled.add(link.url)
                continue
            if is_web_url(link.url):
                candidates.append(
                    Found(link.url, name, site_of(name), link.kind, depth, link.priority - depth, referrer)
                )
        known = self.frontier.known([f.key for f in candidates]) if candidates else set()
        chosen: dict[int, Found] = {}
        for f in candidates:
            if f.key in known or f.key in chosen:
                self._settled.add(f.url)
                continue
            form = template(f.url) if "?" in f.url else ""
            rule = self.scope.rule(f.host)
            reason, detail = "", ""
            if self._taken_down(f.url):
                self._settled.add(f.url)
                continue
            if f.kind == "page":
                alike = self._templates[form]
                reason, detail = refusal(f.url, rule, depth=depth, pages=self._pages[f.site], template_pages=alike)
            if reason:
                deep = rule is not None and depth > rule.max_depth
                if f.url not in self._deep:
                    self._refuse_link(f, reason, detail)
                (self._deep if deep else self._settled).add(f.url)
                continue
            self._settled.add(f.url)
            if f.kind == "page":
                self._pages[f.site] += 1
                if form:
                    self._templates[form] += 1
            chosen[f.key] = f
        if len(self._deep) > _SETTLED:
            self._deep.clear()
        return list(chosen.values())

    def _taken_down(self, url: str) -> bool:
        """Whether a takedown forbids the URL. It is counted, but its address is written down nowhere."""
        if not self.scope.withdrawn(url, ""):
            return False
        self.tally.refused["taken-down"] += 1
        self._outside["taken-down\n\n"] += 1
        self._outside_url["taken-down\n\n"] = ""
        return True

    def _refuse_link(self, found: Found, reason: str, detail: str) -> None:
        self.tally.refused[reason] += 1
        # One row for each reason and host is enough to explain it; a trap has more URLs than the disk has room.
        name = f"{reason}\n{detail}\n{found.host}"
        self._outside[name] += 1
        self._outside_url.setdefault(name, found.url)

    def _flush_outside(self, now: float) -> None:
        refusals = []
        for name, count in self._outside.items():
            reason, detail, host = name.split("\n") if "\n" in name else ("out-of-scope", "", name)
            refusals.append(Refusal(self._outside_url[name], host, reason, detail, count))
            if "\n" not in name:
                self.tally.refused[reason] += count
        self._outside.clear()
        self.frontier.refuse(refusals, run=self.run, now=now)

    def _fail(self, task: Task, reason: str, detail: str, *, status: int, now: float) -> None:
        host = self._hosts[task.host]
        host.failed += 1
        host.errors[reason] = host.errors.get(reason, 0) + 1
        self.tally.failed += 1
        self.tally.refused[reason] += 1
        self.frontier.failed(
            task, status=status, refusal=Refusal(task.url, task.host, reason, detail), run=self.run, now=now
        )

    def _retry(self, task: Task, reason: str, detail: str, *, status: int, now: float, wait: float = 0.0) -> None:
        if task.attempts >= self.policy.tries:
            self._fail(task, reason, f"{detail}, {task.attempts} times", status=status, now=now)
            return
        self.tally.retries += 1
        wait = wait or politeness.backoff(task.attempts, self.policy)
        self.frontier.again(task, not_before=now + wait, status=status, detail=detail)
        self._queued[task.host] += 1

    def _bury(self, host: Host, reason: str, detail: str, now: float) -> None:
        """Give a host up for this run: it does not answer, or must not be asked."""
        host.dead = reason
        count = self.frontier.give_up(host.name, reason=reason, detail=detail, run=self.run, now=now)
        self.tally.failed += count
        self.tally.refused[reason] += count
        self._queued.pop(host.name, None)

    def _redirect(self, task: Task, answer: Answer, now: float) -> None:
        target = join(task.url, answer.header("location"))
        if not target:
            self._fail(
                task, "unsafe-address", f"redirect to {answer.header('location')[:200]}", status=answer.status, now=now
            )
            return
        if task.redirects >= MAX_REDIRECTS or target == task.url:
            self._fail(task, "redirect-loop", f"to {target}", status=answer.status, now=now)
            return
        ring = self.frontier.redirect_ring(task, target, MAX_REDIRECTS)
        if ring:
            for member in (*ring, task):
                self._fail(member, "redirect-loop", f"{task.url} leads to {target}", status=answer.status, now=now)
            return
        if self._taken_down(target):
            self._fail(task, "taken-down", "redirect to a page that was taken down", status=answer.status, now=now)
            return
        name = urlsplit(target).netloc
        why = unsafe(target, allow_loopback=self._allow_loopback, resolve=self._resolve)
        reason, detail = refusal(target, self.scope.rule(name), depth=task.depth, pages=0, template_pages=0)
        if why or reason:
            detail = f"redirect to {target} {why or detail}".strip()
            self._fail(task, "unsafe-address" if why else reason, detail, status=answer.status, now=now)
            return
        self.tally.redirects += 1
        found = Found(
            target, name, site_of(name), task.kind, task.depth, task.priority, task.referrer, task.redirects + 1
        )
        new = found.key == task.key or not self.frontier.known([found.key])
        self.frontier.redirected(task, status=answer.status, target=found, now=now)
        if new:
            self._enqueue(found)

    def _accept(self, host: Host, task: Task, answer: Answer, now: float) -> Page | None:
        """Archive a good answer and return it as a page with its body decoded."""
        coding = answer.header("content-encoding").lower().strip()
        body = warc.decode_body(answer.body, coding, MAX_BODY + 1) if coding else answer.body
        if len(body) > MAX_BODY:
            self._fail(task, "too-large", f"more than {MAX_BODY} bytes", status=answer.status, now=now)
            return None
        if answer.cut or (coding in {"gzip", "x-gzip"} and not _whole_gzip(answer.body)):
            self._retry(task, "truncated", "the body ended early", status=answer.status, now=now)
            return None
        kind = answer.header("content-type").lower().strip()
        if task.kind == "page" and kind and not kind.startswith(_TEXT_TYPES):
            self._fail(task, "binary", kind[:100], status=answer.status, now=now)
            return None
        host.fetched += 1
        host.last_success = now
        provenance = Provenance(run=self.run, referrer=task.referrer, source="crawl")
        page = Page(task.url, answer.status, answer.headers, answer.body, datetime.fromtimestamp(now, UTC), provenance)
        if task.kind == "page":
            if any(self.scope.withdrawn(task.url, each.sha256) for each in (page, replace(page, body=body))):
                self._fail(task, "taken-down", "", status=answer.status, now=now)
                return None
            page = replace(page, provenance=self._writer.write(page))
            self.frontier.captured(
                task,
                status=answer.status,
                warc_file=page.provenance.warc_file,
                warc_offset=page.provenance.warc_offset,
                now=now,
            )
            self.tally.pages += 1
            self.tally.by_site[task.site] += 1
        self.tally.bytes += len(answer.body)
        return replace(page, body=body)

    # --- robots.txt

    def _robots_task(self, host: Host, now: float) -> Task:
        if not host.robots_url:
            scheme = "https" if host.name.endswith(":443") else "http"
            row = self.frontier.first_url(host.name)
            host.robots_url = f"{urlsplit(row).scheme if row else scheme}://{host.name}/robots.txt"
        return Task(0, host.robots_url, host.name, host.site, "robots", claimed_at=now)

    def _robots(self, host: Host, task: Task, answer: Answer, now: float) -> None:
        target = join(task.url, answer.header("location")) if answer.status in _REDIRECT_STATUS else ""
        if target and host.robots_hops < MAX_REDIRECTS - 1:
            # Another host's server is asked on this host's turn, which is what RFC 9309 wants of redirected rules.
            host.robots_url, host.robots_hops = target, host.robots_hops + 1
            return
        host.robots_url, host.robots_hops = "", 0
        body = warc.decode_body(answer.body, answer.header("content-encoding").lower().strip(), MAX_BODY)
        rules = politeness.robots_of(answer.status, body, self.policy.user_agent)
        if rules is None:
            wait = politeness.retry_after(answer.header("retry-after"), now=now, policy=self.policy)
            self._robots_unknown(host, "robots", f"robots.txt: status {answer.status}", now=now, retry=True, wait=wait)
            return
        host.robots, host.robots_at, host.robots_tries = rules, now, 0
        # The host was not asked for a page yet: its own delay counts from now on.
        asked = min(rules.crawl_delay, self.policy.max_wait)
        host.next_at = max(host.next_at, now + asked)
        self.frontier.save_hosts([host])
        rule = self.scope.rule(host.name)
        if rule is not None and "sitemaps" in rule.follow:
            for url in rules.sitemaps[:50]:
                if is_web_url(canonical_url(url)):
                    self.add(url, kind="sitemap", depth=0, referrer=task.url, now=now)

    def _robots_unknown(
        self, host: Host, reason: str, detail: str, *, now: float, retry: bool, wait: float = 0.0
    ) -> None:
        """Without its robots.txt a host is not crawled: ask again later, a few times."""
        host.robots_tries += 1
        host.robots_url, host.robots_hops = "", 0
        if retry and host.robots_tries < self.policy.tries:
            self.tally.retries += 1
            politeness.hold(host, now=now, seconds=wait or politeness.backoff(host.robots_tries, self.policy))
        else:
            self._bury(host, reason, detail, now)

    # --- recovery

    def _adopt(self, runs: Sequence[str]) -> None:
        """Close the files that killed runs left open; what is whole in them was captured, whatever the frontier says."""
        ours = tuple(f"cuishou-{run}-" for run in runs)
        for path in warc.archive_files(self._archive):
            if not path.name.endswith(warc.OPEN) or not path.name.startswith(ours):
                continue
            final, _ = warc.salvage(path)
            for page in warc.read(final):
                task = self.frontier.unfinished(page.url)
                if task is None:
                    continue
                place = page.provenance
                self.frontier.captured(
                    task,
                    status=page.status,
                    warc_file=place.warc_file,
                    warc_offset=place.warc_offset,
                    now=page.fetched_at.timestamp(),
                )
                self.tally.adopted += 1

    def _captured_page(self, name: str, offset: int) -> Page | None:
        for suffix in ("", warc.OPEN):
            path = self._archive / (name + suffix)
            try:
                return next(warc.read(path, offset), None) if path.exists() else None
            except InputError:
                return None
        return None


def _links(page: Page) -> tuple[PageLink, ...]:
    """Return the links of a page taken up from the archive; one that cannot be read for links must not end every start."""
    try:
        return links(page.body, page.header("content-type"), page.url).links
    except (ValueError, LookupError, RuntimeError):
        return ()


def _whole_gzip(body: bytes) -> bool:
    """Return whether a gzip body has its trailer; a body that only claims to be gzip is whole."""
    if not body.startswith(b"\x1f\x8b"):
        return True
    unpack = zlib.decompressobj(31)
    try:
        left = body
        while left and not unpack.eof:
            unpack.decompress(left, 1 << 20)
            left = unpack.unconsumed_tail
    except zlib.error:
        return False
    return unpack.eof


def seed(url: str, *, kind: str = "page", priority: float = 100.0) -> Found:
    """Return a URL to start from. Raises: InputError, if it is no web address."""
    given = url.strip() if "://" in url else f"http://{url.strip()}"
    canonical = canonical_url(given)
    if not is_web_url(canonical) or "@" in given.partition("://")[2].partition("/")[0]:
        raise InputError(f"{url}: this is not a web address. Give one such as https://www.example.cn/.")
    name = urlsplit(canonical).netloc
    return Found(canonical, name, site_of(name), kind, 0, priority)

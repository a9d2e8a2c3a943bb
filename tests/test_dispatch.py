"""What is fetched next, and what an answer means: no network, the clock is an argument."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import warc
from corpus.errors import InputError
from crawler.dispatch import LEASE, MAX_REDIRECTS, Answer, Dispatch, seed
from crawler.frontier import Frontier, Task
from crawler.links import PageLink
from crawler.politeness import Policy
from crawler.scope import Scope, Site

POLICY = Policy(delay=1.0, retry_wait=10.0, tries=3, dead_after=2)
HTML = (("content-type", "text/html"),)


class Run:
    """A dispatch over a fresh workspace, with a clock."""

    def __init__(self, folder: Path, *starts: str, **rules: object) -> None:
        self.frontier = Frontier(folder / "crawl.db")
        self.site = Site(start=starts, **rules)  # type: ignore[arg-type]
        self.folder = folder
        self.now = 1000.0
        self.dispatch = self.begin("r1")

    def begin(self, run: str) -> Dispatch:
        earlier = self.frontier.runs()
        self.frontier.start_run(run, {}, now=self.now)
        made = Dispatch(self.frontier, self.folder / "archive", Scope([self.site]), run=run, policy=POLICY)
        made.recover(earlier)
        made.start([seed(url) for url in self.site.start], now=self.now)
        return made

    def next(self, kind: str = "page") -> Task:
        task = self.dispatch.next(self.now)
        assert task is not None
        assert task.kind == kind
        return task

    def answer(self, task: Task, status: int = 200, body: bytes = b"<p>", **headers: str) -> object:
        pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items()) or HTML
        return self.dispatch.answered(task, Answer(status, pairs, body, 0.1), now=self.now)

    def robots(self, text: str = "") -> None:
        self.answer(self.next("robots"), body=text.encode())
        self.now += 1.0


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path, "http://www.a.example/")


def test_robots_come_first_and_one_request_at_a_time(run: Run) -> None:
    assert run.next("robots").url == "http://www.a.example/robots.txt"
    assert run.dispatch.next(run.now + 99) is None, "a second request to the host while one is under way"


def test_the_delay_is_kept_between_answers(run: Run) -> None:
    run.robots()
    task = run.next()
    run.answer(task)
    run.dispatch.found(task, [PageLink("http://www.a.example/1")], now=run.now)
    assert run.dispatch.next(run.now + 0.9) is None
    assert run.dispatch.wake_at() == pytest.approx(run.now + 1.0)
    assert run.dispatch.next(run.now + 1.0) is not None


def test_the_capture_is_on_disk_and_in_the_frontier_before_the_page_is_handed_on(run: Run) -> None:
    run.robots()
    page = run.answer(run.next(), body=b"<p>x")
    assert page is not None
    (path,) = warc.archive_files(run.folder / "archive")
    assert [kept.body for kept in warc.read(path)] == [b"<p>x"]
    assert run.frontier.counts() == {"captured": 1}


def test_a_page_that_was_captured_but_not_parsed_gives_its_links_to_the_next_run(run: Run) -> None:
    run.robots()
    run.answer(run.next(), body=b'<a href="/next">x</a>')
    again = run.begin("r2")
    assert run.frontier.counts() == {"done": 1, "queued": 1}
    assert again.left == 1


def test_a_capture_the_frontier_never_heard_of_is_adopted(run: Run) -> None:
    run.robots()
    task = run.next()
    run.answer(task, body=b'<a href="/next">x</a>')
    run.frontier.again(task, not_before=0, status=0, detail="")  # as if the kill had come right after the archive
    again = run.begin("r2")
    assert again.tally.adopted == 1
    assert run.frontier.state("http://www.a.example/")[0] == "done"
    assert again.left == 1
    assert not list((run.folder / "archive").glob("*.open"))


def test_a_file_that_somebody_else_is_writing_is_left_alone(run: Run) -> None:
    with warc.Writer(run.folder / "archive", run="ingest") as writer:
        from tests.test_warc import page

        writer.write(page())
        run.begin("r2")
        assert len(list((run.folder / "archive").glob("cuishou-ingest-*.open"))) == 1


def test_what_was_in_flight_is_queued_again(run: Run) -> None:
    run.robots()
    run.next()
    assert run.begin("r2").left == 1


def test_a_lease_runs_out_and_a_late_answer_does_not_count(run: Run) -> None:
    run.robots()
    lost = run.next()
    run.now += LEASE + 1
    assert run.dispatch.next(run.now) is None
    run.now += 100
    again = run.next()
    assert (again.key, again.attempts) == (lost.key, 2)
    assert run.answer(lost) is None
    assert run.answer(again) is not None


@pytest.mark.parametrize(("header", "wait"), [("30", 30.0), ("", 10.0), ("99999999", 3600.0), ("soon", 10.0)])
def test_429_holds_the_host(run: Run, header: str, wait: float) -> None:
    run.robots()
    run.answer(run.next(), 429, b"", **({"retry_after": header} if header else {}))
    assert run.dispatch.next(run.now + wait - 0.1) is None
    assert run.dispatch.next(run.now + wait + 0.1) is not None


def test_a_wait_is_remembered_by_the_next_run(run: Run) -> None:
    run.robots()
    run.answer(run.next(), 503, retry_after="600")
    run.dispatch = run.begin("r2")
    run.now += 590
    assert run.dispatch.next(run.now) is None
    run.now += 11
    assert run.next().url == "http://www.a.example/"


def test_a_server_error_is_tried_again_and_then_given_up(run: Run) -> None:
    run.robots()
    for _ in range(POLICY.tries):
        run.answer(run.next(), 500)
        run.now += 100
    assert run.frontier.state("http://www.a.example/")[:2] == ("failed", "http-error")
    assert not run.dispatch.pending(run.now)


def test_a_host_that_does_not_answer_is_given_up_with_all_its_pages(run: Run) -> None:
    run.robots()
    task = run.next()
    run.answer(task)
    run.dispatch.found(task, [PageLink(f"http://www.a.example/{number}") for number in range(9)], now=run.now)
    for _ in range(POLICY.dead_after):
        run.now += 100
        run.dispatch.unanswered(run.next(), "unreachable", "refused", now=run.now)
    assert not run.dispatch.pending(run.now)
    assert run.frontier.counts() == {"done": 1, "failed": 9}
    run.frontier.revive()
    assert run.frontier.counts() == {"done": 1, "queued": 9}, "the next run tries again"


def test_robots_that_cannot_be_had_mean_no_page_is_asked_for(run: Run) -> None:
    for _ in range(POLICY.tries):
        run.answer(run.next("robots"), 503)
        run.now += 1000
    assert run.dispatch.next(run.now) is None
    assert run.frontier.state("http://www.a.example/")[:2] == ("failed", "robots")


def test_robots_are_asked_for_once_and_remembered_by_the_next_run(run: Run) -> None:
    run.robots("User-agent: *\nDisallow: /secret")
    run.dispatch.close("interrupted", now=run.now)
    run.dispatch = run.begin("r2")
    run.now += 10
    assert run.next().url == "http://www.a.example/"


def test_redirects_are_followed_in_scope_and_a_chain_ends(run: Run) -> None:
    run.robots()
    for hop in range(MAX_REDIRECTS):
        run.answer(run.next(), 302, location=f"/hop{hop}")
        run.now += 10
    run.answer(run.next(), 302, location="/one-too-many")
    assert run.frontier.counts() == {"redirected": MAX_REDIRECTS, "failed": 1}


def test_http_to_https_of_the_same_page_is_no_duplicate(run: Run) -> None:
    run.robots()
    run.answer(run.next(), 301, location="https://www.a.example/")
    run.now += 10
    assert run.next().url == "https://www.a.example/"


def test_links_are_queued_once_and_in_the_order_of_their_worth(run: Run) -> None:
    run.robots()
    task = run.next()
    run.answer(task)
    found = [PageLink("http://www.a.example/plain"), PageLink("http://www.a.example/topic", priority=1.0)]
    assert run.dispatch.found(task, [*found, *found, PageLink("https://www.a.example/plain")], now=run.now) == 2
    run.now += 10
    assert run.next().url == "http://www.a.example/topic"


def test_a_link_refused_for_its_depth_is_taken_where_it_is_met_higher_up(tmp_path: Path) -> None:
    run = Run(tmp_path, "http://www.a.example/", max_depth=1)
    run.robots()
    front = run.next()
    run.answer(front)
    run.dispatch.found(front, [PageLink("http://www.a.example/1"), PageLink("http://www.a.example/2")], now=run.now)
    for expected in (0, 0):
        run.now += 10
        below = run.next()
        run.answer(below)
        assert run.dispatch.found(below, [PageLink("http://www.a.example/deep")], now=run.now) == expected
    assert run.dispatch.tally.refused == {"limit": 1}, "counted once"
    assert run.dispatch.add("http://www.a.example/deep", depth=1, now=run.now)


def test_a_link_that_is_not_followed_may_still_be_named_by_a_sitemap(tmp_path: Path) -> None:
    run = Run(tmp_path, "http://www.a.example/", follow=("sitemaps",))
    run.robots("Sitemap: http://www.a.example/map.xml")
    front = run.next()
    run.answer(front)
    assert run.dispatch.found(front, [PageLink("http://www.a.example/1")], now=run.now) == 0
    run.now += 10
    sitemap = run.next("sitemap")
    run.answer(sitemap)
    assert run.dispatch.found(sitemap, [PageLink("http://www.a.example/1")], now=run.now) == 1


def test_out_of_scope_links_are_counted_by_host(run: Run) -> None:
    run.robots()
    task = run.next()
    run.answer(task)
    run.dispatch.found(task, [PageLink(f"http://b.example/{number}") for number in range(5)], now=run.now)
    run.dispatch.close("finished", now=run.now)
    assert run.frontier.refused("r1") == {"out-of-scope": 5}


@pytest.mark.parametrize("url", ["ftp://a.example/", "http://", "mailto:a@b.example", "http://a b/", "", "http://[::1"])
def test_a_seed_that_is_no_web_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(InputError, match="not a web address"):
        seed(url)


def test_a_seed_needs_no_scheme() -> None:
    assert seed("www.a.example/x").url == "http://www.a.example/x"


def test_finished_addresses_are_fetched_anew_after_a_while(run: Run) -> None:
    run.robots()
    task = run.next()
    run.answer(task)
    run.dispatch.found(task, [], now=run.now)
    run.dispatch.close("finished", now=run.now)
    assert run.frontier.refresh([task.url], before=run.now - 1) == 0
    assert run.frontier.refresh([task.url], before=run.now + 1) == 1
    assert run.begin("r2").left == 1


def test_the_figures_of_a_run_are_kept(run: Run) -> None:
    run.robots()
    task = run.next()
    run.answer(task)
    run.dispatch.found(task, [PageLink("http://www.a.example/x.jpg")], now=run.now)
    stats = run.dispatch.close("finished", now=run.now)
    assert (stats["pages"], stats["reasons"], stats["sites"]) == (1, {"binary": 1}, {"a.example": 1})
    assert run.frontier.refused("r1") == {"binary": 1}

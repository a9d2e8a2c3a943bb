"""Crawls in processes of their own, as a reactor can be run once per process, without paying for the imports each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
Crawled = dict[str, Any]


class Launcher:
    """A process that forks a crawl for every order it gets."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, workspace: Path, starts: list[str], **options: Any) -> int:
        """Start a crawl and return its process id. options: fields of ``Options``; ``policy``: fields of ``Policy``."""
        assert self._process.stdin is not None
        order = {"workspace": str(workspace), "starts": starts, "options": options}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def ended(self) -> int:
        """Wait for the crawl and return its exit code (negative: the signal that killed it)."""
        return int(self._line())

    def crawl(self, workspace: Path, starts: list[str], **options: Any) -> Crawled:
        """Run a crawl to its end and return its summary, or {"error": sentence}."""
        self.start(workspace, starts, **options)
        assert self.ended() == 0
        summary: Crawled = json.loads((workspace / "summary.json").read_text())
        return summary

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def launcher() -> Iterator[Launcher]:
    """Give a launcher; its process ends with the block."""
    command = [sys.executable, "-m", "tests.launch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        try:
            yield Launcher(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def main() -> None:
    """Fork a crawl for every line of standard input; print its process id, and its exit code when it has ended."""
    import scrapy.crawler  # noqa: F401 - imported here, so that the forked crawls need not

    import crawler.pipelines
    import crawler.safe_net
    import crawler.scheduler
    import crawler.spiders.site  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 1
            try:
                _crawl(json.loads(line))
                code = 0
            finally:
                os._exit(code)
        print(child, flush=True)  # noqa: T201 - the other side reads it
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _crawl(order: dict[str, Any]) -> None:
    from corpus.errors import CorpusError
    from crawler.crawling import Options, crawl
    from crawler.politeness import Policy
    from crawler.scope import Site

    options = order["options"]
    policy = Policy(**{"delay": 0.0, "retry_wait": 0.05, **options.pop("policy", {})})
    rules = options.pop("rules", {})
    sites = tuple(Site(start=(url,), **rules) for url in order["starts"])
    resolve = tuple(tuple(pair) for pair in options.pop("resolve", []))
    made = Options(**{"sites": sites, "resolve": resolve, "policy": policy, "process": False, **options})
    workspace = Path(order["workspace"])
    try:
        outcome: Crawled = asdict(crawl(workspace, made))
    except CorpusError as error:
        outcome = {"error": str(error)}
    (workspace / "summary.json").write_text(json.dumps(outcome))


if __name__ == "__main__":
    main()

"""What a page costs, stage by stage, and what a machine gets through.

    python -m benchmarks.pipeline PATH…        (anything that ``cuishou ingest`` takes)

Prints CPU ms a page by stage (median and mean over pages, warm), the share of each, trafilatura's bare extraction of the
same pages for comparison, then pages/s with 1 and 2 workers through archive, workers and corpus.db, and peak memory.
CPU times vary by tens of per cent on a busy machine: read the ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trafilatura

from classify.annotators import annotate
from corpus import warc
from corpus.contacts import find_contacts
from corpus.errors import Rejected
from corpus.facets import find_facets
from corpus.records import Page
from corpus.restore import restore
from corpus.shingles import fingerprint
from corpus.workspace import archive_folder
from crawler.extract import extract
from crawler.ingest import read_all
from crawler.process import understand

Times = dict[str, list[float]]
TICKS = os.sysconf("SC_CLK_TCK")  # of /proc/PID/stat, a second


def timed(times: Times, name: str, call: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """The result of ``call``; its CPU milliseconds are noted under ``name``."""
    started = time.process_time()
    result = call(*given, **options)
    times[name].append((time.process_time() - started) * 1000)
    return result


def stages(pages: list[Page]) -> Times:
    """CPU ms of each stage for each page that is kept."""
    times: Times = defaultdict(list)
    for page in pages:
        try:
            article = timed(times, "extract", extract, page)
        except Rejected:
            continue
        clean = timed(times, "restore", restore, article.text)
        removed = "\n".join(block.text for block in article.removed)
        timed(times, "restore removed", restore, removed)
        timed(times, "contacts", find_contacts, clean.text, (), article.scripts)
        timed(times, "facets", find_facets, clean.text, "")
        timed(times, "fingerprint", fingerprint, clean.text)
        document = understand(page, article)
        timed(times, "annotate", annotate, document)
        timed(times, "(trafilatura)", trafilatura.bare_extraction, page.body, include_comments=False)
    return times


@dataclass
class Watched:
    """What a process and those below it have used so far; a process that has ended counts as last seen."""

    root: int
    cpu: dict[int, float] = field(default_factory=dict)  # seconds
    memory: dict[int, float] = field(default_factory=dict)  # MiB, the most at any time
    together: float = 0.0  # MiB of all at once, pages shared between them counted once each

    def look(self) -> None:
        """Read /proc: workers of a fork server are nobody's children in the sense of getrusage."""
        parents, resident = {}, 0.0
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError, ValueError):
                numbers = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                parents[int(folder.name)] = (int(numbers[1]), (int(numbers[11]) + int(numbers[12])) / TICKS)
        for process in parents:
            if not below(process, self.root, parents):
                continue
            with suppress(OSError, StopIteration):
                rollup = (Path("/proc") / str(process) / "smaps_rollup").read_text().splitlines()
                size = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024
                self.memory[process] = max(size, self.memory.get(process, 0.0))
                resident += size
            self.cpu[process] = parents[process][1]
        self.together = max(self.together, resident)


def below(process: int, root: int, parents: dict[int, tuple[int, float]]) -> bool:
    """Whether the process is the root or comes of it."""
    while process in parents:
        if process == root:
            return True
        process = parents[process][0]
    return False


def throughput(pages: list[Page], jobs: int) -> tuple[float, float, float]:
    """(pages/s of wall time, CPU ms a page in all processes, MiB of all processes at once), archive to corpus.db."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        with warc.Writer(archive_folder(workspace), run="benchmark", durable=False) as writer:
            for page in pages:
                writer.write(page)
        command = [sys.executable, "-m", "crawler.cli", "-C", folder, "process", "--jobs", str(jobs)]
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
            watched = Watched(running.pid)
            while running.poll() is None:
                watched.look()
                time.sleep(0.05)
        seconds = time.perf_counter() - started
        return len(pages) / seconds, sum(watched.cpu.values()) * 1000 / len(pages), watched.together


def main() -> None:
    pages = [found for found in read_all(tuple(map(Path, sys.argv[1:]))) if isinstance(found, Page)]
    if not pages:
        sys.exit("usage: python -m benchmarks.pipeline PATH…")
    stages(pages[:5])  # models are loaded once, outside the figures
    times = stages(pages)
    ours = sum(statistics.mean(values) for name, values in times.items() if not name.startswith("("))
    print(f"{len(pages)} pages, {len(times['extract'])} kept")
    print(f"{'stage':<18}{'median ms':>10}{'mean ms':>10}{'share':>8}")
    for name, values in times.items():
        share = "" if name.startswith("(") else f"{statistics.mean(values) / ours:8.1%}"
        print(f"{name:<18}{statistics.median(values):10.2f}{statistics.mean(values):10.2f}{share}")
    theirs = statistics.mean(times["(trafilatura)"])
    print(f"all our stages: {ours:.2f} ms, {ours / theirs:.2f} x trafilatura's bare extraction")
    for jobs in (1, 2):
        speed, milliseconds, memory = throughput(pages, jobs)
        print(
            f"{jobs} worker(s): {speed:.1f} pages/s, {milliseconds:.1f} CPU ms a page, archive to corpus.db; "
            f"at most {memory:.0f} MiB in all processes together"
        )


if __name__ == "__main__":
    main()

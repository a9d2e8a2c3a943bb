"""``cuishou process``: derive corpus.db from the archive."""

from __future__ import annotations

import json
import select
import sys
from dataclasses import asdict
from pathlib import Path

import click

from crawler.batches import default_jobs
from crawler.derive import Derived, derive
from crawler.progress import progress


@click.command("process")
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=None, help="Worker processes; by default one a core. 进程数。"
)
@click.option(
    "--rebuild", is_flag=True, help="Derive everything anew; corpus.db changes at once in the end. 从归档重建。"
)
@click.option("--follow", is_flag=True, help="Go on until standard input closes: run beside a crawl. 与抓取并行。")
@click.option("--json", "as_json", is_flag=True, help="Print counts as JSON. 输出 JSON。")
@click.pass_obj
def command(workspace: Path, jobs: int | None, rebuild: bool, follow: bool, as_json: bool) -> None:
    """Derive corpus.db from the archive: new captures only, unless --rebuild.

    从归档生成语料库（默认只处理新的网页）。
    """
    with progress("process") as report:
        derived = derive(
            workspace,
            jobs=jobs or default_jobs(),
            rebuild=rebuild,
            more=stdin_open if follow else None,
            progress=report,
        )
    if as_json:
        click.echo(json.dumps(counts_of(derived), ensure_ascii=False))
    else:
        show(derived)
    if derived.unreadable:
        sys.exit(1)


def stdin_open() -> bool:
    """Whether the other end of standard input is still open; what it writes is not read."""
    ready, _, _ = select.select([sys.stdin.fileno()], [], [], 0)
    return not ready


def counts_of(derived: Derived) -> dict[str, object]:
    """What was derived, as plain values."""
    return {**asdict(derived.counts), "passes": derived.passes, "unreadable": derived.unreadable}


def show(derived: Derived) -> None:
    """Print what was derived."""
    counts = derived.counts
    click.echo(
        f"{counts.captures} captures processed: {counts.articles} new articles, "
        f"{counts.rejections} rejected, {counts.known} known already"
    )
    for sentence in derived.unreadable:
        click.echo(f"cuishou: {sentence}", err=True)

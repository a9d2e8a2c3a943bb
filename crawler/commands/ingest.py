"""``cuishou ingest``: bring captures that others made into the archive and the corpus."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from crawler.batches import default_jobs
from crawler.commands.process import counts_of, show
from crawler.derive import derive
from crawler.ingest import Skipped, ingest
from crawler.progress import progress


@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=None, help="Worker processes; by default one a core. 进程数。"
)
@click.option("--json", "as_json", is_flag=True, help="Print counts as JSON. 输出 JSON。")
@click.pass_obj
def command(workspace: Path, paths: tuple[Path, ...], jobs: int | None, as_json: bool) -> None:
    """Archive and process WARC, WACZ, HTML and JSONL files, and folders of them.

    导入 WARC、WACZ、HTML、JSONL 文件或目录。
    """
    run = f"ingest-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    new, known, skipped = 0, 0, list[Skipped]()
    with progress("ingest") as report:
        for found in ingest(workspace, paths, run=run):
            if found is None:
                known += 1
            elif isinstance(found, Skipped):
                skipped.append(found)
            else:
                new += 1
                report("archived", new, 0)
        derived = derive(workspace, jobs=jobs or default_jobs(), progress=report)
    for each in skipped:
        click.echo(f"skipped {each.where}: {each.reason}", err=True)
    if as_json:
        rows = [{"where": each.where, "reason": each.reason} for each in skipped]
        counts = {"archived": new, "known": known, "skipped": rows, "processed": counts_of(derived)}
        click.echo(json.dumps(counts, ensure_ascii=False))
    else:
        click.echo(f"{new} captures archived, {known} known already, {len(skipped)} skipped")
        show(derived)
    if derived.unreadable or (skipped and not new and not known):
        sys.exit(1)

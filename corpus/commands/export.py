"""``cuishou export``: parse, call one function, print what was written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from corpus.article_cases import hidden_articles
from corpus.decisions import open_decisions
from corpus.export import FORMATS, export

NAMES = {"public-db": "public.db", "jsonl": "articles.jsonl", "parquet": "articles.parquet"}


@click.command("export", short_help="Export the corpus redacted.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="public-db", show_default=True, help="格式。")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File; default: in the workspace. 文件。"
)
@click.option(
    "--all", "everything", is_flag=True, help="Also what readers do not see: spam, copies, out of scope. 全部。"
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON. 以 JSON 输出。")
@click.pass_obj
def command(workspace: Path, form: str, output: Path | None, everything: bool, as_json: bool) -> None:
    """Export the corpus with personal data replaced by keyed digests, and a data card.  导出脱敏语料与数据说明

    public-db serves with: datasette inspect public.db; datasette serve -i public.db
    """
    with open_decisions(workspace) as decisions:
        hidden = hidden_articles(decisions)
    target = output or workspace / NAMES[form]
    done = export(
        workspace, form, target, everything=everything, hidden=() if everything else hidden, now=datetime.now(UTC)
    )
    if as_json:
        record = {
            "path": str(done.path),
            "card": str(done.card),
            "articles": done.articles,
            "redacted": dict(done.redacted),
        }
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    click.echo(f"{done.path}: {done.articles} 篇 articles; {done.card}")
    click.echo("已替换 replaced: " + (", ".join(f"{kind} {n}" for kind, n in done.redacted.items()) or "0"))

"""``cuishou inspect``: one page through every stage, explained."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import cast

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.inspect import Explained, inspect, page_from

TEXT_SHOWN = 1200  # characters of the clean text on a terminal; --json has it all


@click.command("inspect")
@click.argument("source", metavar="FILE|URL")
@click.option("--url", default="", help="The URL that the file was saved from. 文件的原网址。")
@click.option("--show-contacts", is_flag=True, help="Show numbers and accounts unmasked. 显示完整联系方式。")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object. 输出 JSON。")
@click.pass_obj
def command(workspace: Path, source: str, url: str, show_contacts: bool, as_json: bool) -> None:
    """Show one page through every stage: kept, removed, restored, labelled, and why.

    逐步说明一个网页的处理：保留、删除、还原、分类及其理由。
    """
    page = page_from(source, url=url, workspace=workspace)
    result = inspect(page, show_contacts=show_contacts, workspace=workspace)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        show(result)
    if result["rejected"]:
        sys.exit(1)


def show(result: Explained) -> None:
    """Print what ``inspect`` found, for people."""
    console = Console()
    if result["rejected"]:
        refusal = cast(dict[str, str], result["rejected"])
        console.print(
            Text(f"rejected at {refusal['stage']}: {refusal['reason']} — {refusal['meaning']} {refusal['detail']}")
        )
        listed(console, "dates of its links 列表日期", result["listed_dates"], ("value", "role", "url", "note"))
        return
    published = cast(dict[str, str], result["published"])
    console.print(Text(str(result["clean_title"]), style="bold"))
    console.print(
        Text(
            f"{result['clean_author']} · {published['value']} ({published['source']}) · {result['site']} · {result['script']}"
        )
    )
    notes = [published["note"], "dates disagree 日期互相矛盾" if published["conflict"] else ""]
    console.print(Text("; ".join(filter(None, notes)), style="yellow"), end="\n" if any(notes) else "")
    text = str(result["clean_text"])
    console.print(Text(text[:TEXT_SHOWN] + ("…" if len(text) > TEXT_SHOWN else "")))
    listed(console, "dates 日期", published["candidates"], ("value", "role", "source", "confidence", "where", "note"))
    listed(console, "edits 还原", result["edits"], ("rule", "before", "after"))
    listed(console, "holes 缺字", result["holes"], ("start", "suggestion", "confidence"))
    listed(console, "removed 删除", result["removed"], ("reason", "text"))
    listed(console, "labels 分类", result["labels"], ("scheme", "value", "score", "annotator"))
    listed(console, "contacts 联系方式", result["contacts"], ("kind", "value", "block"))
    listed(console, "facets 要素", result["facets"], ("kind", "value", "canonical"))


def listed(console: Console, title: str, rows: object, columns: tuple[str, ...]) -> None:
    """Print a table of records; nothing when there are none."""
    records = cast(list[dict[str, object]], rows)
    if not records:
        return
    table = Table(title=f"{title} ({len(records)})", title_justify="left", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", max_width=60)
    for record in records[:60]:
        table.add_row(*(Text(shown(record[column])) for column in columns))
    console.print(table)


def shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)[:200]

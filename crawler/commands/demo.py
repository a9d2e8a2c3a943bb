"""``cuishou demo``: the whole main job on a sample web of our own."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from corpus.records import REASONS
from crawler.demo.run import Outcome, run
from crawler.live import progress
from crawler.serving import datasette_arguments

WORKSPACE = Path("cuishou-demo")
PORT = 8001


@click.command("demo")
@click.option(
    "--serve/--no-serve", default=True, help="Open the corpus in the browser afterwards. 完成后启动浏览界面。"
)
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="Port. 端口。")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON. 输出 JSON。")
@click.pass_context
def command(ctx: click.Context, serve: bool, port: int, as_json: bool) -> None:
    """Crawl, restore, classify and search a sample web of our own, served on this machine.

    在本机的示例网站上走完整个流程：抓取、还原、去重、分类、检索。
    """
    chosen = (
        ctx.parent is not None
        and ctx.parent.get_parameter_source("workspace") is click.core.ParameterSource.COMMANDLINE
    )
    workspace: Path = ctx.obj if chosen else WORKSPACE
    with progress() as show:
        outcome = run(workspace, show=show)
    if as_json:
        click.echo(json.dumps(asdict(outcome), ensure_ascii=False))
    else:
        report(outcome, workspace)
    if serve:
        port = free_port(port)
        click.echo(f"\nhttp://127.0.0.1:{port}/  (Ctrl-C ends it · 按 Ctrl-C 结束)")
        arguments = datasette_arguments(workspace, host="127.0.0.1", port=port)
        os.execv(arguments[0], arguments)  # noqa: S606 - no shell, arguments are ours


def report(outcome: Outcome, workspace: Path) -> None:
    """Print what came of the demo, for people."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"fetched 抓取 {outcome.fetched} pages from {outcome.sites} sites in {outcome.seconds:.0f} s")
    listed(console, "not fetched 未抓取", outcome.refused)
    listed(console, "rejected 未收录", outcome.rejected)
    console.print(f"kept 收录 {outcome.kept} articles, {outcome.restored} of them restored 还原")
    listed(console, "by topic 主题", outcome.topics)
    listed(console, "by spam grade 垃圾程度", outcome.spam)
    console.print(
        f"clusters 重复簇 {outcome.clusters} with {outcome.copies} copies · templates 模板 {outcome.templates} · "
        f"sites to review 可疑网站 {outcome.flagged} · networks 网络 {outcome.networks}"
    )
    console.print(f"try: cuishou -C {workspace} search 催收   ·   cuishou -C {workspace} search 網絡貸款")


def listed(console: Console, title: str, rows: tuple[tuple[str, int], ...]) -> None:
    if rows:
        console.print(f"  {title}:")
    for name, count in rows:
        english, chinese = REASONS.get(name, ("", ""))
        console.print(f"    {count:5} {name:<16} {chinese} {english}".rstrip())


def free_port(port: int) -> int:
    """The port, or any free one when it is taken."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

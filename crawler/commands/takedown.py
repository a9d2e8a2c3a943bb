"""``cuishou takedown``: parse, ask, call one function, print what was removed."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from corpus.takedown import KINDS, take_down
from crawler.derive import derive


@click.command("takedown", short_help="Withdraw pages from everything.")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("value")
@click.option("--why", required=True, help="The reason, kept with the tombstone; do not name the page. 理由。")
@click.option("--moderator", envvar="CUISHOU_MODERATOR", help="Who withdraws; default: your login name. 经手人。")
@click.option("--yes", is_flag=True, help="Do not ask. 不再询问。")
@click.option("--json", "as_json", is_flag=True, help="Print JSON. 以 JSON 输出。")
@click.pass_obj
def command(workspace: Path, kind: str, value: str, why: str, moderator: str | None, yes: bool, as_json: bool) -> None:
    """Withdraw a URL, host, article or body from archive, corpus, index, frontier and exports.  下架，不可恢复

    A hashed tombstone stays, so that a later crawl does not bring it back.
    """
    if not yes:
        click.confirm(f"{kind} {value}: 永久删除，不可恢复 delete for good?", abort=True, err=True)
    done = take_down(
        workspace,
        kind=kind,
        value=value,
        moderator=moderator or getpass.getuser(),
        why=why,
        now=datetime.now(UTC),
        settle=lambda folder: derive(folder, jobs=1),
    )
    if as_json:
        click.echo(json.dumps(asdict(done), ensure_ascii=False))
        return
    click.echo(
        f"已下架 withdrawn: {done.captures} 次抓取 captures, {done.articles} 篇 articles, {done.records} WARC records, "
        f"{done.frontier} 个待抓 frontier rows"
    )
    if done.exports:
        click.echo(f"已删除导出 exports deleted, export anew: {', '.join(done.exports)}")

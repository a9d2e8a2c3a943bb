"""``cuishou sites``: the commands of ``corpus.commands.sites``, and ``cloak``, which fetches."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime
from pathlib import Path

import click

from corpus.commands.sites import command, moderator_option
from corpus.decisions import open_decisions
from corpus.errors import InputError
from corpus.site_checks import mirror_checks, pages_to_check, put_check, require_pause, seen_before, worst
from corpus.store import transaction
from corpus.workspace import open_corpus, views_folder
from crawler.safe_net import parse_resolve
from crawler.views import DELAY, fetch_views, visits

__all__ = ["command"]


@command.command(name="cloak")
@click.argument("site")
@click.option("--yes", is_flag=True, help="Fetch a few pages of SITE now; without it nothing is fetched.  确认访问")
@click.option(
    "--search-views", is_flag=True, help="Also pretend to be, and to come from, a search engine.  以搜索引擎身份访问"
)
@click.option("--contact", envvar="CUISHOU_CONTACT", default="", help="Web address or mailbox that the server is told.")
@click.option(
    "--delay", type=click.FloatRange(0, 3600), default=DELAY, show_default=True, help="Seconds between requests."
)
@click.option("--allow-loopback", is_flag=True, help="Allow addresses of this machine, for tests.")
@click.option(
    "--resolve", multiple=True, metavar="HOST=127.0.0.1:PORT", help="Reach a host on this machine, for tests."
)
@moderator_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.  以 JSON 输出")
@click.pass_obj
def cloak(
    workspace: Path,
    site: str,
    yes: bool,
    search_views: bool,
    contact: str,
    delay: float,
    allow_loopback: bool,
    resolve: tuple[str, ...],
    moderator: str | None,
    as_json: bool,
) -> None:
    """Compare what SITE shows to different visitors; off unless asked for with --yes.  检查差异化展示"""
    mapped = parse_resolve(resolve)
    if not yes:
        raise InputError(
            f"nothing fetched: 'cuishou sites cloak {site} --yes' visits up to three pages of it, several times"
        )
    if not contact and not mapped and not allow_loopback:
        raise InputError("the server is told whom to write to: give --contact with a web address or mailbox")
    now = datetime.now(UTC)
    with open_corpus(workspace, write=True) as connection, open_decisions(workspace, write=True) as decisions:
        urls = pages_to_check(connection, site)
        require_pause(decisions, site, now)
        found = fetch_views(
            urls, visits(contact, search=search_views), archive=views_folder(workspace), delay=delay,
            allow_loopback=allow_loopback, resolve=tuple(mapped.items()),
        )  # fmt: skip
        verdict = worst(found, before=seen_before(decisions, site, now))
        put_check(decisions, site, verdict, found, moderator=moderator or getpass.getuser(), now=now)
        with transaction(connection):
            mirror_checks(connection, decisions)
    record = {"site": site, "verdict": verdict.verdict, "zh": verdict.zh, "en": verdict.en, "urls": urls}
    click.echo(json.dumps(record, ensure_ascii=False, indent=2) if as_json else f"{site}: {verdict.zh}\n{verdict.en}")

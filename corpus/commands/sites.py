"""``cuishou sites``: what is known of each site, and the rulings of moderators."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from corpus.cases import STATES
from corpus.decisions import open_decisions, rule, rulings
from corpus.site_cases import list_sites, rule_on_site, ruled_sites, ruling_record, two_people
from corpus.site_effects import preview
from corpus.site_fit import fit_points
from corpus.site_pages import Value
from corpus.site_records import case_record
from corpus.site_store import SiteCounts, update_sites
from corpus.workspace import open_corpus

VERDICTS = ("insufficient", "none", "review", "block-candidate")
WORDS = {
    "insufficient": "页面不足 too few pages",
    "none": "无 none",
    "review": "待审 review",
    "block-candidate": "建议屏蔽 block?",
    "open": "待定 open",
    "proposed": "待复核 proposed",
    "flagged": "已屏蔽 flagged",
    "cleared": "已排除 cleared",
    "watching": "观察中 watching",
    "expired": "已过期 expired",
}

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.  以 JSON 输出")
show_contacts = click.option(
    "--show-contacts", is_flag=True, help="Show numbers and accounts unmasked.  显示完整联系方式"
)
moderator_option = click.option(
    "--moderator", envvar="CUISHOU_MODERATOR", help="Who rules; default: your login name.  裁定人"
)
why_option = click.option("--why", default="", help="The reason, kept with the ruling.  理由")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.  不再询问")


@click.group(name="sites", short_help="Sites: score, evidence, networks, rulings.")
def command() -> None:
    """Sites with their scores, evidence and networks, and moderators' rulings.  网站评分、依据、网络与裁定

    A score is a reason to look, never a ruling: only a person blocks a site, and every ruling can be taken back.
    """


@command.command(name="list")
@click.option("--state", type=click.Choice(STATES), default=None, help="Only sites in this state.  状态")
@click.option("--verdict", type=click.Choice(VERDICTS), default=None, help="Only sites with this verdict.  结论")
@click.option("--network", default="", help="Only sites of this network.  网络")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@as_json
@click.pass_obj
def list_command(
    workspace: Any, state: str | None, verdict: str | None, network: str, limit: int, as_json: bool
) -> None:
    """List sites, highest score first.  按评分列出网站"""
    with open_corpus(workspace) as connection:
        found = list_sites(connection, state=state or "", verdict=verdict or "", network=network, limit=limit)
    if as_json:
        _print_json(found)
        return
    click.echo(f"{'score':>6} {'pages':>6}  {'verdict':<24} {'state':<18} {'network':<12} site  (evidence)")
    for row in found:
        score = "–" if row["score"] is None else f"{row['score']:.2f}"
        strongest = row["strongest"]
        evidence = f"  ({', '.join(map(str, strongest))})" if isinstance(strongest, list) and strongest else ""
        changed = " *changed" if row["changed"] else ""
        click.echo(
            f"{score:>6} {row['pages']:>6}  {WORDS[str(row['verdict'])]:<20} {WORDS[str(row['state'])]:<14} "
            f"{row['network'] or '–'!s:<12} {row['site']}{evidence}{changed}"
        )


@command.command(name="show")
@click.argument("site")
@show_contacts
@as_json
@click.pass_obj
def show_command(workspace: Any, site: str, show_contacts: bool, as_json: bool) -> None:
    """Show the case of a site: evidence, network, captures, rulings.  查看一个网站的全部依据"""
    with open_corpus(workspace) as connection, open_decisions(workspace) as decisions:
        record = case_record(connection, decisions, site, datetime.now(UTC), show_contacts=show_contacts)
    if as_json:
        _print_json(record)
    else:
        _print_case(record)


@command.command(name="history")
@click.argument("site", required=False)
@as_json
@click.pass_obj
def history_command(workspace: Any, site: str | None, as_json: bool) -> None:
    """List rulings, oldest first: on SITE or on all.  裁定记录"""
    with open_decisions(workspace) as decisions:
        found = [ruling_record(decision) for decision in rulings(decisions, "site", site)]
    if as_json:
        _print_json(found)
        return
    for row in found:
        again = f" (takes back {row['supersedes']})" if row["supersedes"] else ""
        click.echo(
            f"{row['serial']:>5}  {row['time']}  {row['moderator']}  {row['ruling']}  {row['site']}{again}  {row['why']}"
        )


def _ruling_command(name: str, short: str, *, hides: bool = False) -> None:
    @command.command(name=name, help=short)
    @click.argument("site")
    @why_option
    @moderator_option
    @yes_option
    @click.option("--preview", "only_preview", is_flag=True, help="Say what would change, and change nothing.  仅预览")
    @as_json
    @click.pass_obj
    def run(
        workspace: Any, site: str, why: str, moderator: str | None, yes: bool, only_preview: bool, as_json: bool
    ) -> None:
        now = datetime.now(UTC)
        with open_corpus(workspace, write=True) as connection, open_decisions(workspace, write=True) as decisions:
            if hides or only_preview:
                would = preview(connection, decisions, site)
                if not as_json:
                    _print_preview(site, would)
                if only_preview:
                    if as_json:
                        _print_json(would)
                    return
                if not yes and not as_json:
                    click.confirm("确定 Go on?", abort=True)
            case = rule_on_site(
                connection,
                decisions,
                site=site,
                ruling=name,
                moderator=moderator or getpass.getuser(),
                why=why,
                now=now,
            )
        if as_json:
            _print_json(
                {"site": site, "state": case.state, "expires": case.expires.isoformat() if case.expires else None}
            )
        else:
            until = f" (until {case.expires:%Y-%m-%d} unless confirmed)" if case.expires else ""
            click.echo(f"{site}: {WORDS[case.state]}{until}")


_ruling_command("flag", "Flag SITE: hide its pages and put it on the blocklist.  屏蔽网站", hides=True)
_ruling_command("clear", "Clear SITE: it is no spam, whatever its score.  排除嫌疑")
_ruling_command("watch", "Watch SITE: no ruling yet.  观察")
_ruling_command("appeal", "Note an appeal of SITE's owner.  记录申诉")
_ruling_command("hijacked", "Rule that folders of SITE are somebody else's.  认定被劫持")
_ruling_command("not-hijacked", "Rule that SITE's folders are its own.  认定未被劫持")


@command.command(name="undo")
@click.argument("site")
@click.option("--serial", type=int, default=0, help="The ruling to take back; default: the last one.  裁定编号")
@why_option
@moderator_option
@as_json
@click.pass_obj
def undo_command(workspace: Any, site: str, serial: int, why: str, moderator: str | None, as_json: bool) -> None:
    """Take back a ruling: SITE is then as it was before.  撤回裁定"""
    with open_corpus(workspace, write=True) as connection, open_decisions(workspace, write=True) as decisions:
        case = rule_on_site(
            connection, decisions, site=site, ruling="undo", moderator=moderator or getpass.getuser(), why=why,
            supersedes=serial, now=datetime.now(UTC),
        )  # fmt: skip
    if as_json:
        _print_json({"site": site, "state": case.state})
    else:
        click.echo(f"{site}: {WORDS[case.state]}")


@command.command(name="two-people")
@click.argument("setting", type=click.Choice(["on", "off"]), required=False)
@moderator_option
@click.pass_obj
def two_people_command(workspace: Any, setting: str | None, moderator: str | None) -> None:
    """Say whether a whole domain needs two persons' flags.  整站屏蔽是否需两人"""
    with open_decisions(workspace, write=True) as decisions:
        if setting:
            rule(
                decisions, moderator=moderator or getpass.getuser(), subject_kind="setting", subject="two-people",
                ruling=setting, time=datetime.now(UTC),
            )  # fmt: skip
        click.echo("on" if two_people(decisions) else "off")


@command.command(name="fit")
@click.option("--adopt", is_flag=True, help="Score with the fitted points from now on.  采用")
@moderator_option
@as_json
@click.pass_obj
def fit_command(workspace: Any, adopt: bool, moderator: str | None, as_json: bool) -> None:
    """Fit the points to the rulings made so far.  根据裁定校准分值"""
    now = datetime.now(UTC)
    with open_corpus(workspace) as connection, open_decisions(workspace, write=True) as decisions:
        fitted = fit_points(ruled_sites(connection, decisions, now))
        if adopt:
            rule(
                decisions, moderator=moderator or getpass.getuser(), subject_kind="points", subject="sites",
                ruling="adopt", evidence={"points": fitted.points}, time=now,
            )  # fmt: skip
    if as_json:
        _print_json(asdict(fitted))
        return
    click.echo(
        f"{fitted.rulings} rulings; on held-out networks precision {fitted.precision:.3f}, recall {fitted.recall:.3f}"
    )
    click.echo(f"hand-set points: precision {fitted.hand_precision:.3f}, recall {fitted.hand_recall:.3f}")
    for name, points in sorted(fitted.points.items()):
        click.echo(f"  {points:+6g}  {name}")
    if adopt:
        click.echo("已采用 adopted: run 'cuishou sites update'")


@command.command(name="update")
@as_json
@click.pass_obj
def update_command(workspace: Any, as_json: bool) -> None:
    """Work out features, scores and networks again.  重新计算"""
    with open_corpus(workspace, write=True) as connection, open_decisions(workspace) as decisions:
        counts = update_sites(connection, decisions=decisions, progress=_progress(quiet=as_json))
    if as_json:
        _print_json({name: getattr(counts, name) for name in SiteCounts.__slots__})
    else:
        click.echo(
            f"{counts.sites} sites, {counts.scored} scored, {counts.review} to review, {counts.block_candidates} block "
            f"candidates; networks: {counts.networks_certain} certain, {counts.networks_probable} probable"
        )
        for alert in counts.alerts:
            click.echo(alert, err=True)


def _progress(*, quiet: bool) -> Callable[[str, int, int], None] | None:
    if quiet or os.environ.get("CUISHOU_QUIET"):
        return None

    def show(what: str, done: int, total: int) -> None:
        click.echo(f"\r{what}: {done}/{total}", err=True, nl=done >= total)

    return show


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_preview(site: str, would: dict[str, Value]) -> None:
    click.echo(
        f"{site}: {would['articles']} articles (显示中 shown now: {would['shown_now']}), {would['clusters']} clusters, "
        f"{would['clusters_hidden_whole']} of them hidden whole"
    )
    searches = would["saved_searches"]
    for each in searches if isinstance(searches, list) else []:
        if isinstance(each, dict):
            click.echo(f"  保存的检索 saved search {each['name']}: {each['pages']} of {each['of']} pages")


def _print_case(record: dict[str, Any]) -> None:
    score = "–" if record["score"] is None else f"{record['score']:.2f} ({record['points']:g} points)"
    click.echo(f"{record['site']}  [{record['kind']}]  {WORDS[record['verdict']]}  {WORDS[record['state']]}")
    click.echo(f"  评分 score {score}, {record['pages']} pages, families: {', '.join(record['families']) or '–'}")
    for change in record["changes"]:
        click.echo(f"  ! {change['zh']} {change['en']}")
    for each in record["evidence"]:
        click.echo(f"  {each['points']:+6.1f}  {each['feature']}: {each['zh']}\n          {each['en']}")
        if each["articles"]:
            click.echo(f"          {' '.join(each['articles'])}")
    network = record["network"]
    if network:
        click.echo(
            f"  网络 network {network['id']} ({network['certainty']}), {network['size']} sites: {' '.join(network['sites'][:12])}"
        )
        for entity in network["evidence"]["entities"][:8]:
            click.echo(f"          {entity['kind']} {entity['value']} on {entity['sites']} sites")
    for entity in record["entities"][:10]:
        click.echo(f"  {entity['kind']} {entity['value']}: {entity['share']:.0%} of pages, {entity['sites']} sites")
    for check in record["checks"]:
        seen = f"{check['detail'].get('zh', '')} {check['detail'].get('en', '')}".strip() or "他人列表 another list"
        click.echo(f"  {check['time'][:10]}  {check['kind']}: {seen}")
    for sample in record["samples"]:
        click.echo(f"  {sample['captured'][:10]}  {sample['title']}  {sample['url']}")
    for ruling in record["rulings"]:
        click.echo(f"  #{ruling['serial']} {ruling['time']} {ruling['moderator']}: {ruling['ruling']}  {ruling['why']}")

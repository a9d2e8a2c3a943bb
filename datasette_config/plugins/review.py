"""Moderators' pages: the queues of articles and of sites, the history, and taking back.

Readers get 403 from every page here. Rulings go to decisions.db only (those on sites are mirrored in corpus.db by
``corpus.site_effects``, as on the command line). A form without its token is refused by Datasette.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datasette import Forbidden, hookimpl
from datasette.utils.asgi import Response

from corpus import article_cases, explanations, site_cases, site_effects
from corpus.decisions import open_decisions, rulings
from corpus.errors import CorpusError
from corpus.read import find_number, opened, read_article
from corpus.read_groups import read_site
from corpus.site_queue import waiting_sites
from corpus.workspace import open_corpus
from datasette_config.desk import Desk
from datasette_config.reading import CORPUS, in_thread, sees_contacts
from datasette_config.rulings import standing_rulings

REVIEWERS = ("reviewer", "moderator")
SITE_RULINGS = {  # ruling: key on the keyboard, Chinese, English
    "flag": ("f", "认定为垃圾网站", "flag"),
    "clear": ("c", "澄清", "clear"),
    "watch": ("w", "观察", "watch"),
}
OTHER_RULINGS = {
    "undo": ("撤销", "taken back"), "appeal": ("申诉", "appeal"), "hijacked": ("目录被劫持", "hijacked folder"),
    "not-hijacked": ("目录未被劫持", "folder not hijacked"),
}  # fmt: skip
NEXT_SITES = 8  # named below the one that is shown
HISTORY = 500  # rulings listed
articles, sites = Desk(), Desk()


def person(request: Any, roles: tuple[str, ...] = REVIEWERS) -> str:
    """Return who is signed in. Raises: Forbidden, when that is nobody, or nobody of these roles."""
    actor = request.actor or {}
    if actor.get("role") not in roles or not actor.get("id"):
        raise Forbidden("请以审核员身份登录 sign in as a reviewer")
    return str(actor["id"])


def folder(datasette: Any) -> Path:
    return Path(datasette.get_database(CORPUS).path).parent


async def review_view(request: Any, datasette: Any) -> Response:
    """The next article to look at, or the one asked for; a POST rules on one, skips it, or takes a ruling back."""
    moderator = person(request)
    workspace = folder(datasette)
    message = ""
    if request.method == "POST":
        form = await request.post_vars()
        message = await in_thread(lambda: act(workspace, moderator, form))
    standing = standing_rulings(workspace / "corpus.db")
    busy = articles.busy(moderator)
    wanted = request.args.get("article") if request.method == "GET" else None

    def find() -> tuple[Any, Any, int]:
        with opened(workspace / "corpus.db") as connection:
            number = find_number(connection, wanted) if wanted else None
            first = (
                article_cases.one_article(connection, number)
                if number
                else next(article_cases.waiting(connection, standing.articles, moderator, busy), None)
            )
            if first is None:
                return None, None, 0
            in_all = article_cases.weighed(connection)
            article = read_article(connection, first.number, see_contacts=sees_contacts(request.actor))
            return first, article, max(in_all - len(standing.articles), 1)

    item, article, count = await in_thread(find)
    if item:
        articles.take(item.id, moderator)
    mine = [d for found in standing.articles.values() for d in found if d.moderator == moderator]
    context = {
        "item": item, "article": article, "count": count, "message": message, "rulings": article_cases.RULINGS,
        "done": len(mine), "last": max(mine, key=lambda each: each.serial, default=None), "moderator": moderator,
        "said": standing.articles.get(item.id, ()) if item else (),
    }  # fmt: skip
    return Response.html(await datasette.render_template("review.html", context, request=request))


def act(workspace: Path, moderator: str, form: dict[str, str]) -> str:
    """Do what a form of the queue asks for; return what to tell."""
    article, ruling = form.get("article", ""), form.get("ruling", "")
    if ruling == "skip":
        articles.skip(article, moderator)
        return "已跳过 skipped"
    serial = form.get("serial", "")
    try:
        with open_decisions(workspace, write=True) as decisions:
            article_cases.rule_on_article(
                decisions, article=article, ruling=ruling, moderator=moderator, why=form.get("why", ""),
                supersedes=int(serial) if serial.isascii() and serial.isdigit() else 0, now=datetime.now(UTC),
            )  # fmt: skip
    except CorpusError as error:
        return str(error)
    articles.release(article)
    if ruling == "undo":
        articles.unskip(article, moderator)
        return "已撤销 taken back"
    return f"已记录 recorded: {article_cases.RULINGS[ruling][1]} {article_cases.RULINGS[ruling][2]}"


async def sites_view(request: Any, datasette: Any) -> Response:
    """The next site to rule on, or the one asked for, with what flagging would hide; a POST rules on one."""
    moderator = person(request, ("moderator",))
    workspace = folder(datasette)
    message, ruled_on = "", ""
    if request.method == "POST":
        form = await request.post_vars()
        message = await in_thread(lambda: act_on_site(workspace, moderator, form))
        ruled_on = form.get("site", "") if form.get("ruling") != "skip" else ""
    wanted = request.args.get("site") if request.method == "GET" else None
    busy = sites.busy(moderator)

    def find() -> dict[str, Any]:
        with opened(workspace / "corpus.db") as connection, open_decisions(workspace) as decisions:
            queue = list(waiting_sites(connection, busy))
            site = wanted or (queue[0].site if queue else "")
            page = read_site(connection, site, see_contacts=True) if site else None
            known = page is not None and "state" in page.row
            return {
                "item": page if known else None, "following": [each for each in queue if each.site != site][:NEXT_SITES],
                "count": len(queue), "preview": site_effects.preview(connection, decisions, site) if known else {},
                "said": rulings(decisions, "site", site) if known else (),
                "last": next((d for d in reversed(rulings(decisions, "site")) if d.subject == ruled_on), None),
            }  # fmt: skip

    found = await in_thread(find)
    if found["item"]:
        sites.take(str(found["item"].row["site"]), moderator)
    context = {**found, "message": message, "choices": SITE_RULINGS, "moderator": moderator}
    return Response.html(await datasette.render_template("review_sites.html", context, request=request))


def act_on_site(workspace: Path, moderator: str, form: dict[str, str]) -> str:
    """Rule on a site, skip it, or take the latest ruling back; return what to tell."""
    site, ruling = form.get("site", ""), form.get("ruling", "")
    if ruling == "skip":
        sites.skip(site, moderator)
        return f"已跳过 skipped: {site}"
    if ruling != "undo" and not form.get("why", "").strip():
        return "请写明理由 a ruling on a site needs a reason"
    try:
        with open_corpus(workspace, write=True) as connection, open_decisions(workspace, write=True) as decisions:
            case = site_cases.rule_on_site(
                connection, decisions, site=site, ruling=ruling, moderator=moderator, why=form.get("why", ""),
                now=datetime.now(UTC),
            )  # fmt: skip
    except CorpusError as error:
        return str(error)
    sites.release(site)
    if ruling == "undo":
        sites.unskip(site, moderator)
    return f"{case.site}: {' '.join(explanations.name(explanations.STATES, case.state))}"


async def history_view(request: Any, datasette: Any) -> Response:
    """Every ruling, the newest first, and how far people agree on articles."""
    person(request)
    workspace = folder(datasette)

    def find() -> tuple[list[Any], Any]:
        with open_decisions(workspace) as decisions:
            found = [*rulings(decisions, "article"), *rulings(decisions, "site")]
            return sorted(found, key=lambda each: -each.serial)[:HISTORY], article_cases.agreement(
                article_cases.by_article(decisions)
            )

    decided, agreed = await in_thread(find)
    context = {"decided": decided, "agreed": agreed}
    return Response.html(await datasette.render_template("review_history.html", context, request=request))


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Give templates the names of rulings."""
    names = {code: both for code, (_, *both) in (dict(article_cases.RULINGS) | SITE_RULINGS).items()}
    env.globals["ruling_name"] = lambda code: tuple(names.get(code) or OTHER_RULINGS.get(code, (code, "")))


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [
        (r"^/-/review$", review_view),
        (r"^/-/review/sites$", sites_view),
        (r"^/-/review/history$", history_view),
    ]


@hookimpl
def menu_links(datasette: Any, actor: dict[str, Any] | None) -> list[dict[str, str]]:
    """Reviewers see the way to the queue; nobody else."""
    if not actor or actor.get("role") not in REVIEWERS:
        return []
    links = [{"href": datasette.urls.path("/-/review"), "label": "审核 Review"}]
    if actor.get("role") == "moderator":
        links.append({"href": datasette.urls.path("/-/review/sites"), "label": "网站审核 Sites"})
    return links

"""Moderators' pages: the queue of articles, sites with what a ruling would hide, the history, and taking back.

Readers get 403 from every page here. Rulings go to decisions.db only (those on sites are mirrored in corpus.db by
``corpus.site_effects``, as on the command line). A form without its token is refused by Datasette.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datasette import Forbidden, hookimpl
from datasette.utils.asgi import Response

from corpus import article_cases, explanations, site_cases, site_effects
from corpus.decisions import open_decisions, rulings
from corpus.errors import CorpusError
from corpus.read import opened, read_article
from corpus.workspace import open_corpus
from datasette_config.reading import CORPUS, in_thread, sees_contacts
from datasette_config.rulings import standing_rulings

LEASE_SECONDS = 600.0  # an item shown to one person is not shown to another for so long
REVIEWERS = ("reviewer", "moderator")
SITE_RULINGS = {"flag": ("认定为垃圾网站", "flag"), "clear": ("澄清", "clear"), "watch": ("观察", "watch")}
_leases: dict[str, tuple[str, float]] = {}
_skipped: dict[str, list[str]] = {}


def person(request: Any, roles: tuple[str, ...] = REVIEWERS) -> str:
    """Return who is signed in. Raises: Forbidden, when that is nobody, or nobody of these roles."""
    actor = request.actor or {}
    if actor.get("role") not in roles or not actor.get("id"):
        raise Forbidden("请以审核员身份登录 sign in as a reviewer")
    return str(actor["id"])


def folder(datasette: Any) -> Path:
    return Path(datasette.get_database(CORPUS).path).parent


def leased(moderator: str) -> set[str]:
    """Return the articles that are before somebody else just now; leases that have run out are dropped."""
    now = time.monotonic()
    for article in [article for article, (_, end) in _leases.items() if end < now]:
        del _leases[article]
    return {article for article, (holder, _) in _leases.items() if holder != moderator}


async def review_view(request: Any, datasette: Any) -> Response:
    """The next article to look at; a POST rules on one, skips it, or takes a ruling back."""
    moderator = person(request)
    workspace = folder(datasette)
    message = ""
    if request.method == "POST":
        form = await request.post_vars()
        message = await in_thread(lambda: act(workspace, moderator, form))
    standing = standing_rulings(workspace / "corpus.db")
    busy = leased(moderator) | set(_skipped.get(moderator, []))

    def find() -> tuple[Any, Any, int]:
        with opened(workspace / "corpus.db") as connection:
            first = next(article_cases.waiting(connection, standing.articles, moderator, busy), None)
            if first is None:
                return None, None, 0
            in_all = connection.execute("SELECT count(*) FROM review_weights").fetchone()[0]
            article = read_article(connection, first.number, see_contacts=sees_contacts(request.actor))
            return first, article, max(in_all - len(standing.articles), 1)

    item, article, count = await in_thread(find)
    if item:
        _leases[item.id] = (moderator, time.monotonic() + LEASE_SECONDS)
    mine = [d for found in standing.articles.values() for d in found if d.moderator == moderator]
    context = {
        "item": item, "article": article, "count": count, "message": message, "rulings": article_cases.RULINGS,
        "done": len(mine), "last": max(mine, key=lambda each: each.serial, default=None), "moderator": moderator,
    }  # fmt: skip
    return Response.html(await datasette.render_template("review.html", context, request=request))


def act(workspace: Path, moderator: str, form: dict[str, str]) -> str:
    """Do what a form of the queue asks for; return what to tell."""
    article, ruling = form.get("article", ""), form.get("ruling", "")
    if ruling == "skip":
        _skipped.setdefault(moderator, []).append(article)
        return "已跳过 skipped"
    try:
        with open_decisions(workspace, write=True) as decisions:
            article_cases.rule_on_article(
                decisions, article=article, ruling=ruling, moderator=moderator, why=form.get("why", ""),
                supersedes=int(form.get("serial") or 0), now=datetime.now(UTC),
            )  # fmt: skip
    except CorpusError as error:
        return str(error)
    _leases.pop(article, None)
    if ruling == "undo":
        _skipped[moderator] = [each for each in _skipped.get(moderator, []) if each != article]
        return "已撤销 taken back"
    return f"已记录 recorded: {article_cases.RULINGS[ruling][1]} {article_cases.RULINGS[ruling][2]}"


async def sites_view(request: Any, datasette: Any) -> Response:
    """Sites that wait for a ruling, the highest score times pages first; a POST rules on one."""
    moderator = person(request, ("moderator",))
    workspace = folder(datasette)
    message = ""
    if request.method == "POST":
        form = await request.post_vars()
        message = await in_thread(lambda: act_on_site(workspace, moderator, form))

    def find() -> list[dict[str, Any]]:
        with opened(workspace / "corpus.db") as connection, open_decisions(workspace) as decisions:
            rows = connection.execute(
                "SELECT * FROM sites WHERE verdict IN ('review', 'block-candidate') OR state NOT IN ('open', '') "
                "ORDER BY (state = 'open') DESC, score * articles DESC, site LIMIT 50"
            ).fetchall()
            return [
                {**dict(row), "preview": site_effects.preview(connection, decisions, row["site"]),
                 "rulings": rulings(decisions, "site", row["site"])}
                for row in rows
            ]  # fmt: skip

    context = {"sites": await in_thread(find), "message": message, "choices": SITE_RULINGS, "moderator": moderator}
    return Response.html(await datasette.render_template("review_sites.html", context, request=request))


def act_on_site(workspace: Path, moderator: str, form: dict[str, str]) -> str:
    """Rule on a site, or take the latest ruling back; return what to tell."""
    try:
        with open_corpus(workspace, write=True) as connection, open_decisions(workspace, write=True) as decisions:
            case = site_cases.rule_on_site(
                connection, decisions, site=form.get("site", ""), ruling=form.get("ruling", ""), moderator=moderator,
                why=form.get("why", ""), now=datetime.now(UTC),
            )  # fmt: skip
    except CorpusError as error:
        return str(error)
    return f"{case.site}: {' '.join(explanations.name(explanations.STATES, case.state))}"


async def history_view(request: Any, datasette: Any) -> Response:
    """Every ruling, the newest first, and how far people agree on articles."""
    person(request)
    workspace = folder(datasette)

    def find() -> tuple[list[Any], Any]:
        with open_decisions(workspace) as decisions:
            found = [*rulings(decisions, "article"), *rulings(decisions, "site")]
            return sorted(found, key=lambda each: -each.serial)[:500], article_cases.agreement(
                article_cases.by_article(decisions)
            )

    decided, agreed = await in_thread(find)
    context = {"decided": decided, "agreed": agreed}
    return Response.html(await datasette.render_template("review_history.html", context, request=request))


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    names = {code: (chinese, english) for code, (_, chinese, english) in article_cases.RULINGS.items()}
    names |= SITE_RULINGS | {"undo": ("撤销", "taken back")}
    env.globals["ruling_name"] = lambda code: names.get(code, (code, ""))


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

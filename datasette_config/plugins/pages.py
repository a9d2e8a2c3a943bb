"""Our own pages: search, article, groups, methods. Each reads with one function of ``corpus`` in a thread and renders a template."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from classify import codebook
from corpus import explanations, feeds, read_groups
from corpus.errors import CorpusError, QueryError
from corpus.overview import RULES, bars
from corpus.read import find_number, latest_run, read_article
from corpus.records import REASONS
from corpus.search import COUNT_LIMIT, MAX_RESULTS, ORDERS
from corpus.search_output import hit_record, results_record
from corpus.search_page import SearchPage, search_page
from corpus.snippets import to_html
from corpus.stories import Request
from datasette_config.reading import CORPUS, reading, sees_contacts
from datasette_config.rulings import standing_rulings

PAGE = 20  # stories on a page of results
FEED = 30  # stories in a feed
GROUPS: dict[str, Callable[[Any, str], Any]] = {
    "cluster": read_groups.read_cluster,
    "template": read_groups.read_template,
    "network": read_groups.read_network,
}


def code_name(scheme: str, value: str) -> tuple[str, str]:
    """Return (Chinese, English) for a label's value; the value itself where the codebook has none."""
    found = codebook.find(scheme, str(value))
    if value == codebook.UNSURE or (scheme, str(value)) == ("spam", "-1"):
        return "不确定", "unsure"
    return (found.name_zh, found.name_en) if found else (str(value) or "—", "")


def scheme_name(scheme: str) -> tuple[str, str]:
    english, chinese = codebook.SCHEME_NAMES.get(scheme, (scheme, scheme))
    return chinese, english


def label_name(label: str) -> str:
    """Return "scheme=value" in Chinese: topic=law is 主题：法规监管 (topic: law and regulation)."""
    scheme, _, value = label.partition("=")
    return f"{scheme_name(scheme)[0]}：{code_name(scheme, value)[0]}"


def code_definition(scheme: str, value: str) -> tuple[str, str]:
    found = codebook.find(scheme, value)
    return (found.definition_zh, found.definition_en) if found else ("", "")


def filter_of(facet: str, value: str) -> str:
    """Return the filter of the query language that keeps a facet's value."""
    if facet == "year":
        return f"after:{value} before:{int(value) + 1}" if value.isdigit() else ""
    if facet == "place":
        value = value.split(" ", 1)[-1]
    name = "province" if facet == "place" else facet
    if (facet, value) == ("spam", "-1"):
        return "spam:unsure"
    value = value.split("#")[0]
    return f'{name}:"{value}"' if " " in value else f"{name}:{value}"


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Give templates the names of codes."""
    env.globals["code_name"] = code_name
    env.globals["scheme_name"] = scheme_name
    env.globals["code_definition"] = code_definition
    env.globals["explain"] = lambda names, code: explanations.name(getattr(explanations, names), code)
    env.globals["label_name"] = label_name
    env.globals["filter_of"] = filter_of
    env.globals["reason_name"] = lambda code: REASONS.get(code, (code, code))[::-1]
    env.filters["snippet"] = lambda snippet: Markup(to_html(snippet))  # noqa: S704 - to_html escapes
    env.filters["thousands"] = lambda number: f"{number:,}"


@hookimpl
def extra_template_vars(template: str, view_name: str, request: Any, datasette: Any) -> Any:
    """Give the row page of an article its article."""
    if view_name == "row" and template.startswith("row-corpus-articles"):

        async def article() -> dict[str, Any]:
            number = request.url_vars["pks"]
            see = sees_contacts(request.actor)
            found = await reading(datasette, lambda c: read_article(c, int(number), see_contacts=see))
            if found is None:
                raise NotFound("没有这篇文章 no such article")
            ruled = standing_rulings(datasette.get_database(CORPUS).path).articles.get(str(found.row["id"]), [])
            reviews = (request.actor or {}).get("role") in ("reviewer", "moderator")
            return {"article": found, "sees_contacts": see, "ruled": ruled, "reviews": reviews}

        return article
    return {}


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [
        (r"^/-/search$", search_view),
        (r"^/-/search\.(?P<format>json|csv|atom)$", search_view),
        (r"^/-/(?P<kind>cluster|template|network)/(?P<key>[0-9a-z]{4,64})$", group_view),
        (r"^/-/(?P<kind>site)/(?P<key>[^/?#]{1,253}(?:/[^?#]{1,200})?)$", group_view),
        (r"^/-/methods$", methods_view),
        (r"^/-/article/(?P<key>[0-9a-f]{8,64})$", article_redirect),
    ]


async def article_redirect(request: Any, datasette: Any) -> Response:
    """The permanent address of an article leads to its page."""
    key = request.url_vars["key"]
    number = await reading(datasette, lambda connection: find_number(connection, key))
    if number is None:
        raise NotFound(f"没有编号为 {key} 的文章 no article has the id {key}")
    return Response.redirect(datasette.urls.path(f"/corpus/articles/{number}"))


async def search_view(request: Any, datasette: Any) -> Response:
    """The search page, and the same results as JSON, CSV and Atom."""
    form = request.url_vars.get("format") or "html"
    query = (request.args.get("q") or "").strip()
    order = request.args.get("order") or "newest"
    if order not in ORDERS:
        order = "newest"
    number = request.args.get("page") or "1"
    page = (
        min(max(int(number), 1), MAX_RESULTS // PAGE)
        if number.isascii() and number.isdigit() and len(number) < 6
        else 1
    )
    limit = FEED if form == "atom" else PAGE
    asked = Request(
        order,
        limit,
        (page - 1) * limit if form != "atom" else 0,
        stories=not request.args.get("copies"),
        ruled_out=standing_rulings(datasette.get_database(CORPUS).path).hidden,
        show_ruled_out=bool(request.args.get("ruled_out")),
    )
    found: SearchPage | None = None
    message = ""
    if query:
        try:
            found = await reading(
                datasette, lambda connection: search_page(connection, query, asked, facets=form == "html")
            )
        except QueryError as error:
            message = str(error)
        except CorpusError as error:
            message = str(error)
    if form != "html":
        return as_data(form, request, datasette, query, found, message)
    context = {
        "query": query, "order": order, "orders": ORDERS, "page": page, "found": found, "message": message,
        "copies": bool(request.args.get("copies")), "page_size": PAGE, "max_pages": MAX_RESULTS // PAGE,
        "count_limit": COUNT_LIMIT, "link": lambda **changes: link(query, asked, changes),
    }  # fmt: skip
    body = await datasette.render_template("search.html", context, request=request)
    return Response.html(body, status=400 if message else 200)


def link(query: str, asked: Request, changes: dict[str, Any]) -> str:
    """Return the address of the search page with something changed: q, more (a filter), order, page, format, ruled_out."""
    more = changes.get("more")
    values = {"q": f"{query} {more}".strip() if more else changes.get("q", query)}
    if changes.get("order", asked.order) != "newest":
        values["order"] = changes.get("order", asked.order)
    if not changes.get("stories", asked.stories):
        values["copies"] = "1"
    if changes.get("ruled_out", asked.show_ruled_out):
        values["ruled_out"] = "1"
    if changes.get("page", 1) > 1:
        values["page"] = changes["page"]
    return f"search{'.' + changes['format'] if changes.get('format') else ''}?{urlencode(values)}"


def as_data(form: str, request: Any, datasette: Any, query: str, found: SearchPage | None, message: str) -> Response:
    """Return results as JSON, CSV or Atom; an error or a missing query as a sentence with status 400."""
    if found is None:
        sentence = message or "缺少查询 a query is missing: ?q=催收"
        body = json.dumps({"ok": False, "error": sentence}, ensure_ascii=False)
        return Response(body, status=400, content_type="application/json; charset=utf-8")
    if form == "json":
        body = json.dumps(results_record(found.results), ensure_ascii=False, indent=1)
        return Response(body, content_type="application/json; charset=utf-8")
    if form == "csv":
        rows = [hit_record(hit, flat=True) for hit in found.results.hits]
        out = io.StringIO()
        if rows:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    base = f"{request.scheme}://{request.host}"
    return Response(atom(base, datasette, query, found), content_type="application/atom+xml; charset=utf-8")


def atom(base: str, datasette: Any, query: str, found: SearchPage) -> str:
    """Return the results as an Atom feed; ``corpus.feeds`` escapes what comes from pages."""
    entries = tuple(
        feeds.entry_of(hit, hit.id, f"{base}{datasette.urls.path('/-/article/')}") for hit in found.results.hits
    )
    address = f"{base}{datasette.urls.path('/-/search.atom')}?{urlencode({'q': query})}"
    updated = max((entry.captured for entry in entries), default="1970-01-01T00:00:00Z")
    return feeds.atom(feeds.Feed(address, f"{query} · cuishou", updated, address, entries))


async def group_view(request: Any, datasette: Any) -> Response:
    """The page of a cluster, template, site or network."""
    kind, key = request.url_vars["kind"], request.url_vars["key"]
    see = sees_contacts(request.actor)

    def work(connection: Any) -> Any:
        if kind == "site":
            return read_groups.read_site(connection, key, see_contacts=see)
        return GROUPS[kind](connection, key)

    found = await reading(datasette, work)
    if found is None:
        raise NotFound(f"没有 {key} there is none")
    context = {"group": found, "kind": kind, "sees_contacts": see}
    template = "group.html" if kind in ("cluster", "template") else f"{kind}.html"
    return Response.html(await datasette.render_template(template, context, request=request))


async def methods_view(request: Any, datasette: Any) -> Response:
    """How the corpus is made: codebook, rules and reasons, versions of the latest run."""

    def latest(connection: Any) -> dict[str, Any]:
        return {"run": latest_run(connection), "rules": bars(connection, RULES[0], ())}

    context = {
        **await reading(datasette, latest),
        "codes": codebook.codes(), "schemes": codebook.schemes(), "reasons": REASONS, "codebook_version": codebook.VERSION,
        "edit_rules": explanations.EDIT_RULES, "removed_reasons": explanations.REMOVED_REASONS,
    }  # fmt: skip
    return Response.html(await datasette.render_template("methods.html", context, request=request))

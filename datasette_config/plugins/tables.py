"""The list of tables and canned queries, each with what it holds: the page ``/corpus``.

Datasette's own asks for permissions twice a table and twice a query, each time on a copy of all metadata: 0.3 s of CPU.
What one may see of the corpus is decided for the whole of it. With ``?sql=`` and as JSON the page is Datasette's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from datasette import hookimpl
from datasette.utils.asgi import Response

from datasette_config.reading import CORPUS

PAGE = "/-/tables"


async def tables_view(request: Any, datasette: Any) -> Response:
    """Every table that is not hidden, with its description and how many rows it has; every canned query."""
    await datasette.ensure_permissions(request.actor, [("view-database", CORPUS), "view-instance"])
    database = datasette.get_database(CORPUS)
    counts = await database.table_counts()
    described = datasette.metadata(database=CORPUS)
    views = set(await database.view_names())
    tables = [
        {**about, "name": name, "rows": counts.get(name), "view": name in views}
        for name, about in described.get("tables", {}).items()
        if not about.get("hidden") and (name in counts or name in views)
    ]
    queries = await datasette.get_canned_queries(CORPUS, request.actor)
    context = {"tables": tables, "queries": queries, "description": described.get("description", "")}
    return Response.html(await datasette.render_template("tables.html", context, request=request))


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(rf"^{PAGE}$", tables_view)]


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Give the address of the database to our page, unless SQL comes with it."""

    def wrap(app: Any) -> Any:
        async def directed(scope: dict[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["path"] == datasette.urls.path(f"/{CORPUS}"):
                asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
                if CORPUS in datasette.databases and "sql" not in asked:
                    path = datasette.urls.path(PAGE)
                    scope = {**scope, "path": path, "raw_path": path.encode()}
            await app(scope, receive, send)

        return directed

    return wrap

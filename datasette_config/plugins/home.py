"""The home page. Datasette's own would count every table first, which takes seconds where there are 200,000 articles."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Response

from corpus.overview import read_overview
from datasette_config.reading import CORPUS, reading
from datasette_config.rulings import standing_rulings


async def home_view(request: Any, datasette: Any) -> Response:
    """What the corpus is, is not, how it was made and how to cite it, with counts and charts."""
    found = None
    if CORPUS in datasette.databases:
        hidden = standing_rulings(datasette.get_database(CORPUS).path).hidden
        found = await reading(datasette, lambda connection: read_overview(connection, hidden))
    context = {"overview": found, "databases": tuple(name for name in datasette.databases if not name.startswith("_"))}
    return Response.html(await datasette.render_template("index.html", context, request=request))


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [(r"^/$", home_view)]

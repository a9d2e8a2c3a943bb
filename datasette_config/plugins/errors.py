"""Pages for what went wrong, in both languages; and logs without the values of local variables, visitors' data included."""

from __future__ import annotations

from typing import Any

from datasette import handle_exception as datasettes_own
from datasette import hookimpl
from datasette.utils.asgi import Base400, Response

SENTENCES = {
    400: ("请求有误", "This request cannot be understood"),
    403: ("没有权限", "You may not see this"),
    404: ("没有这一页", "There is no such page"),
    500: ("出错了", "Something went wrong"),
}


@hookimpl
def startup(datasette: Any) -> None:  # noqa: ARG001 - the hook's signature
    """Datasette prints every local variable of every frame for each 404 where rich is installed; it need not."""
    datasettes_own.rich = None


def sentence(status: int) -> tuple[str, str]:
    return SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])


@hookimpl
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """Answer with our page; JSON and errors of SQL, which name what is wrong, are left to Datasette."""
    if not isinstance(exception, Base400) or request.path.endswith(".json"):
        return None
    status = exception.status

    async def page() -> Response:
        context = {"status": status, "error": str(exception.args[0] if exception.args else "")}
        return Response.html(await datasette.render_template("error.html", context, request=request), status=status)

    return page


@hookimpl
def forbidden(datasette: Any, request: Any, message: str) -> Any:
    async def page() -> Response:
        context = {"status": 403, "error": message}
        return Response.html(await datasette.render_template("error.html", context, request=request), status=403)

    return page


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    env.globals["error_sentence"] = sentence

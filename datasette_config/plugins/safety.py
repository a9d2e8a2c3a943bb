"""Headers that keep hostile pages harmless: a content security policy, no referrer to other hosts, no sniffing, no frames.

Our own pages have no inline script; Datasette's pages have (simonw/datasette#1362), so theirs allow it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
DATASETTE = STRICT.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
OWN_PATHS = (
    "/-/search",
    "/-/article",
    "/-/cluster",
    "/-/site",
    "/-/network",
    "/-/methods",
    "/-/review",
    "/-/template",
    "/-/tables",
    "/-/login",
)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
# Where a POST may lead: signing in and out, and the moderators' pages, which check role and token themselves.
WRITING_PATHS = ("/-/login", "/-/logout", "/-/auth-token", "/-/review")
Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


def is_own(path: str) -> bool:
    """Whether the page at ``path`` is one of ours, without inline script."""
    parts = path.strip("/").split("/")
    return path == "/" or path.startswith(OWN_PATHS) or (len(parts) == 3 and parts[:2] == ["corpus", "articles"])


def refused(scope: Message) -> bool:
    """Whether a request would write where nothing is written, or comes from a page of another host."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return False
    headers = dict(scope["headers"])
    origin, host = headers.get(b"origin", b""), headers.get(b"host", b"")
    if origin and origin.split(b"//")[-1] != host:
        return True
    return not scope["path"].startswith(WRITING_PATHS)


async def forbid(send: Send) -> None:
    """Answer 403."""
    body = "禁止写入 nothing can be written here\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:  # noqa: ARG001 - the hook's signature
    """Add the headers to every answer."""

    def wrap(app: Any) -> Any:
        async def guarded(scope: Message, receive: Any, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            if refused(scope):
                await forbid(send)
                return
            policy = STRICT if is_own(scope["path"]) else DATASETTE

            async def with_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    kept = [pair for pair in message.get("headers", []) if pair[0].lower() != b"x-frame-options"]
                    own = (*HEADERS, (b"content-security-policy", policy.encode()))
                    message = {**message, "headers": [*kept, *own]}
                await send(message)

            await app(scope, receive, with_headers)

        return guarded

    return wrap

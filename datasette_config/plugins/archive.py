"""Captured pages as they were archived, for moderators: WARC records cut out byte for byte, and citation packs.

They hold whatever the page held, personal data included; readers and reviewers get 403, and nothing is ever rendered.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasette import Forbidden, hookimpl
from datasette.utils.asgi import NotFound, Response

from corpus.citation_pack import pack, slice_record
from corpus.cite import citation
from corpus.errors import CorpusError
from corpus.read import capture_place
from corpus.workspace import archive_folder
from datasette_config.reading import CORPUS, reading, sees_contacts


def allowed(request: Any) -> None:
    """Raises: Forbidden, for everybody but moderators."""
    if not sees_contacts(request.actor):
        raise Forbidden("存档只供管理员下载 the archive is for moderators only")


def archive(datasette: Any) -> Path:
    return archive_folder(Path(datasette.get_database(CORPUS).path).parent)


def download(body: bytes, kind: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(body, content_type=kind, headers=headers)


async def capture_view(request: Any, datasette: Any) -> Response:
    """One capture as a WARC file of one record."""
    allowed(request)
    key = request.url_vars["key"]

    def cut(connection: Any) -> bytes | None:
        place = capture_place(connection, key)
        return slice_record(archive(datasette), *place) if place else None

    try:
        body = await reading(datasette, cut)
    except (CorpusError, OSError) as error:
        raise NotFound(f"存档中没有这次抓取 the archive does not hold this capture: {error}") from error
    if body is None:
        raise NotFound(f"没有这次抓取 there is no capture {key}")
    return download(body, "application/warc", f"{key}.warc.gz")


async def pack_view(request: Any, datasette: Any) -> Response:
    """A citation pack: references, texts and WARC records of an article in one zip file."""
    allowed(request)
    key = request.url_vars["key"]
    try:
        body = await reading(datasette, lambda connection: pack(citation(connection, key), archive(datasette)))
    except CorpusError as error:
        raise NotFound(str(error)) from error
    return download(body, "application/zip", f"{key}.zip")


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    return [
        (r"^/-/capture/(?P<key>[0-9a-z-]{1,80})\.warc\.gz$", capture_view),
        (r"^/-/pack/(?P<key>[0-9a-f]{8,64})\.zip$", pack_view),
    ]

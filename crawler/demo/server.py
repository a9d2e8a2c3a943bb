"""Serves the sample web on 127.0.0.1: one port, the page chosen by the Host header.

A small HTTP/1.1 server on asyncio: answers come from memory, so that hundreds of requests a second cost little, and
pages that drip, flood or hang up are a few lines each. It binds to loopback only and reads nothing but request lines and
headers. ``python -m crawler.demo.server --port 8099`` serves until interrupted, to look at it.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from crawler.demo.pages import SamplePage
from crawler.demo.web import ADDRESS, hosts, manifest

HEADER_LIMIT = 16 * 1024  # bytes of one request's head
IDLE_SECONDS = 60.0  # after which a silent connection is closed
DRIP_SECONDS = 0.25  # between two bytes of the page that never ends
DRIP = b" "
FLOOD = b"<p>\xe6\xb2\xa1\xe6\x9c\x89\xe5\xb0\xbd\xe5\xa4\xb4</p>" * 2048  # 没有尽头 (no end), about 40 kB
PROMISED = 500  # bytes that the "short" page promises and does not send

Index = dict[tuple[str, str], SamplePage]


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request that an answer depends on."""

    method: str
    host: str  # without port
    port: int  # 0: the Host header has none
    target: str  # path and query
    keep_alive: bool


def index(port: int = 0) -> Index:
    """Return the pages by (host, path and query). Links in them carry the port unless it is 0."""
    return {(made.host.partition(":")[0], made.target): made for made in manifest(port)}


def parse(head: bytes) -> Request | None:
    """Return the request of a head (up to and without the empty line), None where it is none.

    An absolute request line, as sent to a proxy, counts before the Host header.
    """
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != len(("method", "target", "version")):
        return None
    method, target, version = words
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    host = headers.get("host", "")
    if target.startswith("http://"):
        parts = urlsplit(target)
        host, target = parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    name, _, port = host.partition(":")
    keep = headers.get("connection", "").lower() != "close" and version == "HTTP/1.1"
    return Request(method, name.lower(), int(port) if port.isascii() and port.isdigit() else 0, target, keep)


def answer(request: Request, pages: Index) -> tuple[bytes, str]:
    """Return the bytes to send and the behaviour that follows ("" : the answer is whole)."""
    made = pages.get((request.host, request.target))
    if made is None:
        return _message(HTTPStatus.NOT_FOUND, "text/html; charset=utf-8", b"<h1>404</h1>", request), ""
    if made.behaviour == "drop":
        return b"", "drop"
    headers = "".join(f"{name}: {value}\r\n" for name, value in made.headers)
    if made.behaviour in ("drip", "flood"):
        return (
            f"HTTP/1.1 200 OK\r\nContent-Type: {made.content_type}\r\nConnection: close\r\n\r\n".encode() + made.body,
            made.behaviour,
        )
    extra = PROMISED if made.behaviour == "short" else 0
    return _message(made.status, made.content_type, made.body, request, headers, extra), "drop" if extra else ""


def _message(status: int, content_type: str, body: bytes, request: Request, headers: str = "", extra: int = 0) -> bytes:
    head = (
        f"HTTP/1.1 {int(status)} {HTTPStatus(status).phrase}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body) + extra}\r\n{headers}Connection: {'keep-alive' if request.keep_alive else 'close'}\r\n\r\n"
    )
    return head.encode() + (b"" if request.method == "HEAD" else body)


class Answering:
    """Answers connections; knows the pages with and without ports, and how many requests it has seen."""

    def __init__(self, pages: Index) -> None:
        self.by_port: dict[int, Index] = {0: pages}
        self.requests = 0

    def pages(self, port: int) -> Index:
        if port not in self.by_port and len(self.by_port) > 1:
            return self.by_port[0]  # one port besides none: a stranger's Host header must not fill the memory
        if port not in self.by_port:
            self.by_port[port] = index(port)
        return self.by_port[port]

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until it is closed."""
        ended = (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
        with suppress(*ended, asyncio.CancelledError):  # cancelled: the server stops
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_SECONDS)
        request = parse(head[: -len(b"\r\n\r\n")])
        if request is None:
            return False
        self.requests += 1
        sent, behaviour = answer(request, self.pages(request.port))
        writer.write(sent)
        await writer.drain()
        while behaviour == "drip":
            writer.write(DRIP)
            await writer.drain()
            await asyncio.sleep(DRIP_SECONDS)
        while behaviour == "flood":
            writer.write(FLOOD)
            await writer.drain()
        return request.keep_alive and not behaviour


@dataclass(frozen=True, slots=True)
class Served:
    """A running server. ``answering.requests`` counts what it was asked."""

    address: str
    port: int
    answering: Answering

    @property
    def base(self) -> str:
        return f"http://{self.address}:{self.port}"


@contextmanager
def serve(port: int = 0) -> Iterator[Served]:
    """Serve the sample web on 127.0.0.1 from a thread of its own while the block runs. port 0: any free one."""
    loop = asyncio.new_event_loop()
    answering = Answering(index())
    server = loop.run_until_complete(asyncio.start_server(answering.connection, ADDRESS, port, limit=HEADER_LIMIT))
    thread = threading.Thread(target=loop.run_forever, name="sample-web", daemon=True)
    thread.start()
    try:
        yield Served(ADDRESS, server.sockets[0].getsockname()[1], answering)
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    mine = asyncio.current_task()
    waiting = [task for task in asyncio.all_tasks() if task is not mine]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=8099)
    chosen = parser.parse_args().port
    with serve(chosen) as served:
        print(f"{len(manifest())} pages of {len(hosts())} hosts on {served.base}; name the host in the Host header:")  # noqa: T201
        print(f"  curl --resolve '*:{served.port}:{ADDRESS}' http://{hosts()[0]}:{served.port}/")  # noqa: T201
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()

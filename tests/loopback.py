"""A web server on loopback for tests of the crawl: answers are bytes, so that any fault can be served."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from time import monotonic


@dataclass(frozen=True)
class Asked:
    """One request that the server got. ``at``: seconds on a monotonic clock."""

    host: str
    path: str
    headers: dict[str, str]
    at: float


Answer = Callable[[Asked], bytes | Iterator[bytes]]


@dataclass
class Web:
    """A running server: its port, what it was asked, and how it answers."""

    port: int
    answer: Answer
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def times(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(asked.path == path for asked in self.asked)


def http(body: bytes | str = b"", status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str) -> bytes:
    """Return an HTTP answer; underscores in header names stand for hyphens."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def page(*links: str, text: str = "网贷逾期之后怎么协商还款。") -> bytes:
    """Return a page with links."""
    return http("<html><body>" + f"<p>{text}</p>" + "".join(f'<a href="{link}">催收</a>' for link in links))


@contextmanager
def serve(answer: Answer) -> Iterator[Web]:
    """Serve on a free port of 127.0.0.1 until the block ends. Answers without Content-Length end with the connection."""

    class Handler(StreamRequestHandler):
        wbufsize = -1
        disable_nagle_algorithm = True

        def handle(self) -> None:
            with suppress(OSError, ValueError):
                while self.one():
                    pass

        def one(self) -> bool:
            line = self.rfile.readline(65_537).decode("latin-1").split()
            if len(line) < 2:
                return False
            headers: dict[str, str] = {}
            while (header := self.rfile.readline(65_537).decode("latin-1").strip()) and len(headers) < 100:
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            asked = Asked(headers.get("host", ""), line[1], headers, monotonic())
            web.asked.append(asked)
            answered = web.answer(asked)
            for part in [answered] if isinstance(answered, bytes) else answered:
                self.wfile.write(part)
                self.wfile.flush()
            return (
                isinstance(answered, bytes) and b"Content-Length:" in answered and b"Connection: close" not in answered
            )

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that go away are what these tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        web = Web(server.server_address[1], answer)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield web
        finally:
            server.shutdown()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

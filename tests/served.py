"""Datasette over a workspace on a loopback port, in a thread, and a page of Debian's Chromium."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from crawler.serving import open_datasette

BROWSER_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def serving(workspace: Path, **options: Any) -> Iterator[str]:
    """Serve the workspace; yields the address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)  # who comes before the server is up waits
        port = listener.getsockname()[1]
        datasette = open_datasette(workspace, **options)
        server = uvicorn.Server(uvicorn.Config(datasette.app(), log_level="error", lifespan="on"))
        ready = threading.Event()

        async def run() -> None:
            await datasette.invoke_startup()
            ready.set()
            await server.serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
        thread.start()
        assert ready.wait(30)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)

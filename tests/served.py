"""Datasette over a workspace on a loopback port, in a thread, and a page of Debian's Chromium."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from datasette_auth_passwords.utils import hash_password

from crawler.serving import open_datasette

PASSWORD = "korrekt"
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


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: tests in a real browser")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=BROWSER_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def moderated(sample_corpus: Path, tmp_path: Path) -> Iterator[str]:
    """A copy of the corpus with its archive, served with an account of each role: li, wu and zhao."""
    with closing(sqlite3.connect(sample_corpus / "corpus.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(sample_corpus / "corpus.db", tmp_path / "corpus.db")
    shutil.copytree(sample_corpus / "archive", tmp_path / "archive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUISHOU_ACCOUNTS", "li:moderator,wu:reviewer,zhao:reader")
        for name in ("LI", "WU", "ZHAO"):
            patch.setenv(f"CUISHOU_PASSWORD_HASH_{name}", hash_password(PASSWORD))
        with serving(tmp_path) as found:
            yield found


def sign_in(page: Any, address: str, name: str = "li") -> None:
    """Sign in as one of the accounts of ``moderated``."""
    page.goto(f"{address}/-/login")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{address}/")

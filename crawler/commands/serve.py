"""``cuishou serve``: Datasette over the workspace."""

from __future__ import annotations

import os
from pathlib import Path

import click

from crawler.serving import datasette_arguments, environment


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on. 监听地址。")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="Port. 端口。")
@click.pass_obj
def command(workspace: Path, host: str, port: int) -> None:
    """Serve the corpus in the browser with Datasette.

    用 Datasette 在浏览器中打开语料库。
    """
    arguments = datasette_arguments(workspace, host=host, port=port)
    click.echo(f"http://{host}:{port}/  (Ctrl-C ends it · 按 Ctrl-C 结束)", err=True)
    os.execve(arguments[0], arguments, environment())  # noqa: S606 - no shell, arguments are ours

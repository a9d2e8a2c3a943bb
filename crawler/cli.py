"""The console script ``cuishou``: its commands live in the packages and are imported when they are used.

    cuishou -C WORKSPACE COMMAND …

Every error raised on purpose is printed as one sentence and ends with exit code 1.
"""

from __future__ import annotations

import importlib
import os
import sqlite3
import sys
from pathlib import Path

import click

from corpus.errors import CorpusError
from corpus.workspace import explain

# In the order of the main job; each module exposes ``command``.
COMMANDS = {
    "crawl": "crawler.commands.crawl",
    "ingest": "crawler.commands.ingest",
    "process": "crawler.commands.process",
    "inspect": "crawler.commands.inspect",
    "restore": "corpus.commands.restore",
    "search": "corpus.commands.search",
    "cite": "corpus.commands.cite",
    "duplicates": "corpus.commands.duplicates",
    "sites": "crawler.commands.sites",
    "blocklist": "corpus.commands.blocklist",
    "label": "classify.commands.label",
    "train": "classify.commands.train",
    "evaluate": "classify.commands.evaluate",
    "export": "corpus.commands.export",
    "takedown": "crawler.commands.takedown",
    "serve": "crawler.commands.serve",
    "demo": "crawler.commands.demo",
    "doctor": "crawler.commands.doctor",
}


class Commands(click.Group):
    """A group that imports a command's module when it is asked for, so that ``--help`` does not load the models."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C", "--workspace", type=click.Path(path_type=Path, file_okay=False), default=Path("cuishou-data"),
    show_default=True, help="Folder of the corpus. 语料库所在目录。",
)  # fmt: skip
@click.version_option(package_name="cuishou")
@click.pass_context
def cli(ctx: click.Context, workspace: Path) -> None:
    """Collect, restore and search Chinese pages about online lending and debt collection.

    收集、还原、检索中文网贷与催收网页。
    """
    ctx.obj = workspace
    if (workspace / "models").is_dir():  # importing the models takes longer than most commands
        importlib.import_module("classify.versions").use_models_of(workspace)


def main() -> None:
    """Run the command line; what was raised on purpose becomes a sentence, not a traceback."""
    try:
        cli()
    except CorpusError as error:
        fail(str(error))
    except sqlite3.Error as error:
        fail(explain(Path("the database"), error))
    except BrokenPipeError:
        # The reader of a pipe has gone ("cuishou search … | head"); keep the interpreter from saying so at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or 'the workspace'}: {error.strerror}")


def fail(sentence: str) -> None:
    click.echo(f"cuishou: {sentence}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()

"""``cuishou blocklist``: flagged sites as lists that other programs read, each line with its evidence."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from corpus.blocklists import (
    FORMATS,
    Terms,
    evidence_of_line,
    export_list,
    import_list,
    sidecar,
    site_entries,
    write_list,
)
from corpus.decisions import open_decisions
from corpus.workspace import open_corpus


@click.group(name="blocklist", short_help="Export flagged sites for blockers; import lists.")
def command() -> None:
    """Blocklists: flagged sites for DNS filters, content blockers and search, each line with its case.  屏蔽列表"""


@command.command(name="export")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="Which program reads it.  格式")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="File; its evidence goes beside it as FILE.evidence.json.",
)
@click.option("--licence", default="CC0-1.0", show_default=True, help="Licence named in the header.")
@click.option("--contact", default="", help="Where owners of a site can appeal: an address or URL.  申诉联系方式")
@click.option("--home", default="", help="Where the list is published.")
@click.option("--json", "as_json", is_flag=True, help="Print counts and refused sites as JSON (with --output).")
@click.pass_obj
def export_command(
    workspace: Any, form: str, output: Path | None, licence: str, contact: str, home: str, as_json: bool
) -> None:
    """Write flagged sites to standard output, or to a file with the evidence of each line beside it."""
    now = datetime.now(UTC)
    with open_corpus(workspace) as connection, open_decisions(workspace) as decisions:
        entries, refused = site_entries(connection, decisions, now)
    terms = Terms(now, licence, contact, home)
    text = export_list(entries, form, terms)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_list(output, text, json.dumps(sidecar(entries, terms), ensure_ascii=False, indent=2) + "\n")
    counts = {"lines": len(entries), "refused": [{"site": site, "reason": reason} for site, reason in refused]}
    if as_json and output is not None:
        click.echo(json.dumps(counts, ensure_ascii=False, indent=2))
    else:
        for site, reason in refused:
            click.echo(f"left out {site}: {reason}", err=True)


@command.command(name="explain")
@click.argument("line")
@click.pass_obj
def explain_command(workspace: Any, line: str) -> None:
    """Print why LINE (a domain or host/path of a list) is listed, as JSON.  某一行的依据"""
    with open_corpus(workspace) as connection, open_decisions(workspace) as decisions:
        click.echo(
            json.dumps(evidence_of_line(connection, decisions, line, datetime.now(UTC)), ensure_ascii=False, indent=2)
        )


@command.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", required=True, help="What the list is called.  列表名称")
@click.option("--moderator", envvar="CUISHOU_MODERATOR", help="Who imports; default: your login name.  导入人")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_command(workspace: Any, file: Path, name: str, moderator: str | None, as_json: bool) -> None:
    """Note which sites other people's FILE lists: shown with a case as prior evidence, never counted.  导入他人列表"""
    with open_corpus(workspace, write=True) as connection, open_decisions(workspace, write=True) as decisions:
        counts = import_list(
            connection, decisions, file, name, moderator=moderator or getpass.getuser(), now=datetime.now(UTC)
        )
    click.echo(
        json.dumps(counts) if as_json else f"{counts['listed']} sites listed, {counts['known']} of them in the corpus"
    )

"""``cuishou restore [FILE]``: damaged text in, readable text out."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TextIO

import click

from corpus.records import CleanText, Edit
from corpus.restore import restore


@click.command(name="restore")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="surrogateescape"), default="-")
@click.option("--json", "as_json", is_flag=True, help="Print text, edits, holes and flags as JSON.  以 JSON 输出")
@click.option("--diff", is_flag=True, help="Show every edit in colour, with its rule.  显示每处改动")
def command(file: TextIO, as_json: bool, diff: bool) -> None:
    """Restore damaged or obfuscated Chinese text (FILE, or standard input).  还原被破坏或混淆的中文文本"""
    text = file.read()
    clean = restore(text)
    if as_json:
        click.echo(json.dumps(asdict(clean), ensure_ascii=False, indent=2))
    elif diff:
        click.echo(marked(text, clean), nl=False)
    else:
        click.echo(clean.text, nl=False)


def marked(text: str, clean: CleanText) -> str:
    """Return the text as published with what went (red, struck out) and what came (green) at each edit."""
    pieces: list[str] = []
    position = 0
    for edit in clean.edits:
        pieces += (text[position : edit.start], _shown(edit))
        position = edit.end
    return "".join(pieces) + text[position:]


def _shown(edit: Edit) -> str:
    gone = click.style(edit.before, fg="red", strikethrough=True) if edit.before else ""
    return gone + (click.style(edit.after, fg="green") if edit.after else "")

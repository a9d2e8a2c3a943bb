"""``cuishou restore [FILE]``: damaged text in, readable text out."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TextIO

import click

from corpus.errors import InputError
from corpus.records import CleanText, Edit
from corpus.restore import restore
from corpus.restore.holes import with_suggestions
from corpus.restore.rules import FINDINGS, RULES


@click.command(name="restore")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="surrogateescape"), default="-")
@click.option("--json", "as_json", is_flag=True, help="Print text, edits, holes and flags as JSON.  以 JSON 输出")
@click.option("--diff", is_flag=True, help="Show every edit in colour, with its rule.  用颜色显示每处改动")
@click.option(
    "--explain", metavar="RULE", default="", help="Say what a rule does; “all” lists the rules.  说明某条规则"
)
@click.option("--no-holes", is_flag=True, help="Leave out the 〔 〕 suggestions for removed words.  不显示缺字的推测")
def command(file: TextIO, as_json: bool, diff: bool, explain: str, no_holes: bool) -> None:
    """Restore damaged or obfuscated Chinese text (FILE, or standard input).  还原被破坏或混淆的中文文本

    What filters removed is suggested in 〔 〕 and is no part of the text.
    """
    if explain:
        click.echo(explanation(explain))
        return
    text = file.read()
    clean = restore(text)
    if as_json:
        click.echo(json.dumps(asdict(clean), ensure_ascii=False, indent=2))
    elif diff:
        click.echo(marked(text, clean), nl=False)
    else:
        shown = clean.text if no_holes else with_suggestions(clean.text, clean.holes)
        click.echo(shown.encode("utf-8", "surrogateescape"), nl=False)


def explanation(name: str) -> str:
    """Return what a rule does, with examples; for "all" a line for every rule. Raises InputError for an unknown one."""
    if name == "all":
        lines = [f"{rule.name:22}{rule.title}" for rule in RULES]
        return "\n".join([*lines, *(f"{kind:22}{says}" for kind, says in FINDINGS.items())])
    if name.partition(":")[0] in FINDINGS:
        return f"{name}: {FINDINGS[name.partition(':')[0]]}"
    rule = next((rule for rule in RULES if rule.name == name), None)
    if rule is None:
        raise InputError(f"There is no rule {name}: use one of {', '.join([r.name for r in RULES] + list(FINDINGS))}")
    examples = [f"  {before} → {after}" for before, after in rule.examples]
    kept = [f"  {text}  (stays · 不变)" for text in rule.counter_examples]
    return "\n".join([f"{rule.name}: {rule.title}", rule.says, *examples, *kept])


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
    sure = "green" if edit.confidence >= 0.9 else "yellow"
    return gone + (click.style(edit.after, fg=sure) if edit.after else "")

"""``cuishou label``: rounds to label, rulings back in, agreement of raters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from classify.label_store import add_rulings, candidates, read_rulings
from classify.labelling import ask_rules
from classify.rulings import agreement, choose, from_label_studio, label_config, to_label_studio
from corpus.decisions import open_decisions
from corpus.errors import InputError
from corpus.workspace import open_corpus

ROUND = 50  # articles of a round, about two hours of reading


@click.group(name="label", short_help="Rounds to label, and what raters ruled. 标注。")
def command() -> None:
    """Ask people, where the model is unsure and much depends on it, and take in what they ruled. 标注与裁定。"""


@command.command(name="round")
@click.option("--size", default=ROUND, show_default=True, type=click.IntRange(1, 10_000), help="Articles to ask about.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the tasks there.")
@click.pass_obj
def make_round(workspace: Path, size: int, out: Path | None) -> None:
    """Write the next round as Label Studio tasks: disputed first, then doubt times reach. 生成下一轮。"""
    with open_decisions(workspace) as decisions, open_corpus(workspace) as corpus:
        chosen = choose(ask_rules(candidates(corpus, read_rulings(decisions))), size)
    tasks = json.dumps(to_label_studio(chosen), ensure_ascii=False, indent=1)
    if out:
        _write(out, tasks)
        click.echo(f"{out}: {len(chosen)} articles", err=True)
    else:
        click.echo(tasks)


@command.command(name="config")
def config() -> None:
    """Print the Label Studio configuration of the codebook. 输出标注界面配置。"""
    click.echo(label_config())


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def take(workspace: Path, file: Path) -> None:
    """Take in a Label Studio JSON export; importing twice changes nothing. 导入标注结果。"""
    try:
        tasks = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is not readable as JSON: {error}") from error
    found = from_label_studio(tasks)
    with open_decisions(workspace, write=True) as connection:
        added = add_rulings(connection, found, time=datetime.now(UTC))
    click.echo(f"{len(found)} rulings read, {added} new")


@command.command(name="agreement")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def agree(workspace: Path, as_json: bool) -> None:
    """Print Cohen's kappa of every two raters. 标注者一致性。"""
    with open_decisions(workspace) as connection:
        rows = agreement(read_rulings(connection))
    if as_json:
        names = ("scheme", "rater", "other", "texts", "kappa")
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False))
        return
    for scheme, rater, other, texts, score in rows:
        click.echo(f"{scheme:7s} {rater} / {other}: kappa {score:.3f} on {texts} texts")
    if not rows:
        click.echo("No two raters have ruled on the same text yet.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}") from error

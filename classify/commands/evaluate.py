"""``cuishou evaluate [FILE]``: how good the model in use is, on the held-out passages or on labelled texts of a file."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from classify.evaluate import evaluate, table
from classify.forms import copies_of
from classify.labelled_file import read_labelled
from classify.model_file import load
from classify.train import own_data
from classify.versions import in_use

COPIED_EVERY = 6  # held-out passages, one is damaged in every form: restoring takes longer than answering


@click.command(name="evaluate", short_help="Measure the model on labelled texts. 评测模型。")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--model", "path", type=click.Path(dir_okay=False, path_type=Path), help="Measure this model file.")
@click.option("--brief", is_flag=True, help="One line a scheme.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@click.pass_obj
def command(workspace: Path, file: Path | None, path: Path | None, brief: bool, as_json: bool) -> None:
    """Print precision, recall, F1 with intervals, calibration and confusion. 精确率、召回率、校准误差与混淆。

    FILE is JSONL of texts and labels; without it the held-out fifth of the project's own passages is used, and restored
    copies of some in every damaged form.
    """
    model = load(path or in_use(workspace))
    if file:
        reports = evaluate(model, read_labelled(file, lambda message: click.echo(message, err=True)))
    else:
        held_out = [dataclasses.replace(p, script="simplified") for p in own_data()[1]]
        reports = evaluate(model, held_out, () if brief else copies_of(held_out[::COPIED_EVERY]))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(report) for report in reports], ensure_ascii=False))
    else:
        click.echo(table(reports, detail=not brief))

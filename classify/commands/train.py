"""``cuishou train``: train on the project's passages and the rulings, refuse a model that got worse, or roll back."""

from __future__ import annotations

from pathlib import Path

import click

from classify.card import named, with_scores
from classify.evaluate import answer, evaluate, report
from classify.gate import compare, verdict
from classify.label_store import article_rulings, read_rulings
from classify.labelled_file import read_labelled
from classify.model import Model
from classify.model_file import PACKAGED, content_digest, load, save
from classify.train import fit, own_data, packaged_version, ruled_passages
from classify.versions import add, in_use, next_version, rollback
from corpus.decisions import open_decisions
from corpus.errors import ModelError
from corpus.workspace import open_corpus


@click.command(name="train", short_help="Train the model with what people ruled. 训练模型。")
@click.option(
    "--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="More labelled texts, JSONL."
)
@click.option("--rollback", "back", is_flag=True, help="Use the model before the present one. 恢复上一版。")
@click.option("--packaged", is_flag=True, hidden=True, help="Write the packaged model from the project's own data.")
@click.option("--check", is_flag=True, hidden=True, help="Say whether training gives the packaged model, bit by bit.")
@click.pass_obj
def command(workspace: Path, data: Path | None, back: bool, packaged: bool, check: bool) -> None:
    """Train on the project's passages, the rulings of decisions.db and --data; the held-out passages decide. 训练并检验。"""
    if back:
        click.echo(f"in use: {rollback(workspace)}")
        return
    training, held_out = own_data()
    if packaged:
        model = named(fit(training, version=packaged_version(training)))
        model = with_scores(model, evaluate(model, held_out))
        save(model, PACKAGED)
        click.echo(
            f"{PACKAGED}: {model.version}, {model.card['passages']} passages of {model.card['families']} families"
        )
        return
    if check:
        _check(fit(training, version=packaged_version(training)))
        return
    with open_decisions(workspace) as connection:
        said = read_rulings(connection)
        if (workspace / "corpus.db").exists():
            with open_corpus(workspace) as corpus:
                said = (*said, *article_rulings(connection, corpus))
    ruled = ruled_passages(said)
    more = read_labelled(data, lambda message: click.echo(message, err=True)) if data else ()
    model = fit((*training, *ruled, *more), version=next_version(workspace))
    measured = answer(model, held_out)
    refused = False
    for yardstick in _yardsticks(workspace):
        compared = compare(answer(yardstick, held_out), measured)
        click.echo(f"{model.version} after {yardstick.version}\n{verdict(compared)}")
        refused = refused or any(c.refused for c in compared)
    if refused:
        raise ModelError(
            "The new model is refused, the present one stays: it loses more than half a point of macro-F1."
        )
    model = with_scores(model, [report(each, frozenset()) for each in measured])
    click.echo(f"in use: {add(workspace, model)} ({len(ruled)} texts with rulings)")


def _check(model: Model) -> None:
    """Raise ModelError where the packaged model is not what training gives."""
    new, packaged = content_digest(model), content_digest(load(PACKAGED))
    if new != packaged:
        raise ModelError(
            f"Training gives another model ({new[:8]}) than the packaged one ({packaged[:8]}): run `cuishou train --packaged`."
        )
    click.echo(f"training gives the packaged model, bit by bit ({packaged[:8]})")


def _yardsticks(workspace: Path) -> list[Model]:
    """Return the models a new one may not lose to: the present one, where this version can read it, and the packaged."""
    present, found = in_use(workspace), [load(PACKAGED)]
    if present != PACKAGED:
        try:
            found.insert(0, load(present))
        except ModelError as error:
            click.echo(f"{error} It is not compared with.", err=True)
    return found

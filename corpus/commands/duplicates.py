"""``cuishou duplicates ID|URL|FILE``: what a document is a copy of, and what was changed."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.compare import RELATIONS
from corpus.duplicates import SHOWN, Answer, answer_record, duplicates, find_article
from corpus.errors import InputError
from corpus.lineage import REASONS
from corpus.readable import readable
from corpus.restore import restore
from corpus.workspace import open_corpus

SLOTS = {"bracket": "括号", "platform": "平台", "place": "地名", "day": "日期", "number": "数字"}
MAX_BYTES = 8_000_000  # of a file; as large as a page may be


@click.command(name="duplicates", short_help="What a document is a copy of.")
@click.argument("document", metavar="ID|URL|FILE")
@click.option("--show-contacts", is_flag=True, help="Show numbers and accounts unmasked.  显示完整联系方式")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.  以 JSON 输出")
@click.pass_context
def command(context: click.Context, document: str, show_contacts: bool, as_json: bool) -> None:
    """Say what a document is a copy of, and what was changed.  查一篇文章抄自何处、改了什么

    DOCUMENT is the id or URL of an article of the corpus, or a file with the text or HTML of any page.
    """
    with open_corpus(context.obj) as connection:
        if Path(document).is_file():
            article, text = "", restore(read_file(Path(document))).text
        else:
            article, text = find_article(connection, document)
        answer = duplicates(connection, text, article=article, show_contacts=show_contacts)
    if as_json:
        click.echo(json.dumps(answer_record(answer), ensure_ascii=False, indent=2))
    else:
        print_answer(answer)


def read_file(path: Path) -> str:
    """Return the text of a file, the readable part of it if it is HTML.

    Raises: InputError, when it is too large, cannot be read, or is not text in UTF-8 or GB18030.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB")
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return readable(body.decode(charset))
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path} is not text in UTF-8 or GB18030")


def print_answer(answer: Answer) -> None:
    """Print the answer for people."""
    print_cluster(answer)
    if not answer.matches:
        click.echo("没有找到副本。No copies, variants or partial copies were found.")
    shown = ""
    for number, match in enumerate(answer.matches[:SHOWN]):
        if match.relation != shown:
            shown = match.relation
            english, chinese = RELATIONS[shown]
            click.echo(f"\n{chinese}（{dict(answer.counts)[shown]}）{english}")
        whole = "，整篇包含 wholly contained" if match.whole else ""
        shared = f"，同句 sentences {match.shared:.0%}" if match.relation == "partial" else ""
        click.echo(f"  {number + 1:>2}. {match.title or '（无标题）'}  {match.site}")
        click.echo(f"      相似 similarity {match.similarity:.0%}{shared}{whole}")
        click.echo(f"      声称 claims {match.published or '—'} · 抓取 captured {match.first_captured} · {match.id}")
        click.echo(f"      {match.url}")
    if len(answer.matches) > SHOWN:
        click.echo(f"  … {len(answer.matches) - SHOWN} more: --json")
    print_changes(answer)


def print_cluster(answer: Answer) -> None:
    """Print what the corpus knows of the document's cluster: dates claimed and captured, source, spread."""
    where = f"文章 article {answer.article}" if answer.article else "不在语料库中 not in the corpus"
    click.echo(f"{where}，{answer.length} 字 letters")
    cluster = answer.cluster
    if cluster is not None:
        english, chinese = REASONS[cluster.source_reason]
        click.echo(f"重复簇 cluster {cluster.id}：{cluster.size} 篇 articles，代表篇 canonical {cluster.canonical}")
        click.echo(f"最早抓取 first captured {cluster.first_captured}")
        click.echo(f"最早声称 first claimed {cluster.first_published or '—'}")
        click.echo(f"可能来源 likely source {cluster.source or '—'}：{chinese}。{english}")
        for at, site in cluster.spread:
            click.echo(f"  {at}  {site}")
    if answer.template:
        click.echo(f"模板 template {answer.template}")
    for kind, values in answer.slots:
        click.echo(f"  【{SLOTS[kind]} {kind}】{'、'.join(values)}")


def print_changes(answer: Answer) -> None:
    """Print what was changed, from the likeliest origin or else the most similar article."""
    if not answer.compared_with:
        return
    click.echo(f"\n与 {answer.compared_with} 相比的改动（{len(answer.changes)}）Changes")
    for change in answer.changes[:SHOWN]:
        before = click.style(change.before, fg="red", strikethrough=True)
        after = click.style(change.after, fg="green")
        sign = {"replaced": f"{before} → {after}", "removed": f"- {before}", "added": f"+ {after}"}
        click.echo("  " + sign.get(change.kind, f"⇄ {change.after}").replace("\n", " "))

"""``cuishou cite ID``: how to cite an article, and how to prove it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from corpus.citation_pack import pack
from corpus.cite import FORMATS, Citation, citation, masked, record, write
from corpus.errors import WorkspaceError
from corpus.snippets import shown
from corpus.workspace import archive_folder, open_corpus


@click.command(name="cite", short_help="How to cite an article. 引用。")
@click.argument("article")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Only the reference, in this form.")
@click.option("--json", "as_json", is_flag=True, help="Everything, as one JSON object.")
@click.option(
    "--pack", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write a zip with texts and WARC records."
)
@click.option("--show-contacts", is_flag=True, help="Do not mask contact points. A pack never masks: it is evidence.")
@click.pass_obj
def command(
    workspace: Path, article: str, form: str | None, as_json: bool, target: Path | None, show_contacts: bool
) -> None:
    """Cite ARTICLE (its id, the beginning of its id, or its URL): capture time, digest, WARC record, copies. 引用一篇文章。"""
    with open_corpus(workspace) as connection:
        whole = citation(connection, article)
        found = whole if show_contacts else masked(connection, whole)
    if target:
        body = pack(whole, archive_folder(workspace))
        try:
            target.write_bytes(body)
        except OSError as error:
            raise WorkspaceError(f"cannot write {target}: {error.strerror}") from error
        click.echo(f"{target}: {len(body):,} bytes", err=True)
    if as_json:
        click.echo(json.dumps(record(found), ensure_ascii=False, indent=2))
    elif form:
        click.echo(write(found, form), nl=False)
    elif not target:
        for line in describe(found):
            click.echo(shown(line))


def describe(found: Citation) -> list[str]:
    """Return the citation for people, a fact a line."""
    dating = found.dating
    lines = [
        write(found, "gbt7714").strip(),
        f"永久编号 permanent id: {found.id}",
        f"发布 published: {dating.value or '不明 unknown'} ({dating.precision}, {dating.source}, {dating.confidence:.2f}"
        f"{', 有矛盾 conflicting' if dating.conflict else ''}) {dating.note}",
        f"抓取 captured: {found.first_captured} … {found.last_captured}, {len(found.captures)} times",
    ]
    if found.cited:
        lines += [
            f"正文摘要 sha256 of the body: {found.cited.body_sha256}",
            f"存档 WARC: {found.cited.warc_file} @ {found.cited.warc_offset} {found.cited.warc_record_id}",
        ]
    lines.append(f"副本 copies: {found.duplicates_count}")
    lines += [f"  {each.first_captured} {each.url}" for each in found.duplicates[:10]]
    return lines

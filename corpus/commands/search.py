"""``cuishou search QUERY``: parse the options, call one function, print."""

from __future__ import annotations

import csv
import json
import sys

import click

from corpus.match import Reach
from corpus.results import Hit
from corpus.search import ORDERS, Results, search
from corpus.search_output import explain_query, hit_record, results_record, write_hit
from corpus.stories import Request
from corpus.workspace import open_corpus


@click.command(name="search", short_help="Search the corpus.")
@click.argument("query")
@click.option(
    "--order", type=click.Choice(ORDERS), default="newest", show_default=True, help="Captured, published, or best."
)
@click.option("--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help="Stories shown.")
@click.option("--offset", type=click.IntRange(0, 1000), default=0, help="Stories skipped.")
@click.option("--copies", is_flag=True, help="Show every copy of a story, not one.")
@click.option("--exact", is_flag=True, help="No synonyms, for the whole query.")
@click.option("--no-holes", is_flag=True, help="Do not find words that a filter deleted.")
@click.option("--show-contacts", is_flag=True, help="Allow contact: (exact numbers and accounts).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one story a line.")
@click.option("--open", "opened", type=int, default=0, metavar="N", help="Open the Nth result in the browser.")
@click.pass_context
def command(
    context: click.Context,
    query: str,
    order: str,
    limit: int,
    offset: int,
    copies: bool,
    exact: bool,
    no_holes: bool,
    show_contacts: bool,
    as_json: bool,
    as_csv: bool,
    opened: int,
) -> None:
    """Search the corpus: 搜索语料库。

    \b
    催收 律师          both words                催收 OR 追债        either (或)
    "暴力催收"         an exact phrase           -律师              not
    =催收             without synonyms          催收 NEAR/10 律师   within 10 characters
    site:gov.cn topic:law genre: intent: province:甘肃 platform:花呗 law:民法典
    after:2024-05 before:2025 spam:<2 title:催收 cluster:ID contact:NUMBER

    Simplified, Traditional, full-width and case make no difference. docs/search.md tells the rest.
    """
    reach = Reach(synonyms=not exact, holes=not no_holes)
    request = Request(order, limit, offset, reach, not copies, show_contacts)
    with open_corpus(context.obj) as connection:
        results = search(connection, query, request)
    if opened:
        open_result(results, opened)
    elif as_json:
        click.echo(json.dumps(results_record(results), ensure_ascii=False, indent=2))
    elif as_csv:
        write_csv(results.hits)
    else:
        print_results(results)


def open_result(results: Results, number: int) -> None:
    """Open the page of a result as it stands on the Web."""
    if not 1 <= number <= len(results.hits):
        raise click.BadParameter(f"there are {len(results.hits)} results", param_hint="--open")
    click.launch(results.hits[number - 1].url)


def write_csv(hits: tuple[Hit, ...]) -> None:
    """Write one line per story, with a header; spreadsheets are kept from running what a page contains."""
    if not hits:
        return
    records = [hit_record(hit, flat=True) for hit in hits]
    writer = csv.DictWriter(sys.stdout, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)


def print_results(results: Results) -> None:
    """Print the results for people; colours only on a terminal."""
    for line in explain_query(results):
        click.echo(line, err=not sys.stdout.isatty())
    for number, hit in enumerate(results.hits, results.request.offset + 1):
        click.echo(write_hit(number, hit, colour=sys.stdout.isatty()))

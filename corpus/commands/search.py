"""``cuishou search``: parse the options, call one function, print."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from corpus import saved_searches as standing
from corpus.article_cases import hidden_articles
from corpus.decisions import open_decisions
from corpus.feeds import atom, feed_of, json_feed
from corpus.match import Reach
from corpus.results import Hit
from corpus.search import ORDERS, Results, search
from corpus.search_facets import FacetCounts, facet_counts
from corpus.search_output import explain_query, facet_lines, hit_record, results_record, write_hit
from corpus.search_page import masked_hit
from corpus.stories import Request
from corpus.workspace import open_corpus


@click.command(name="search", short_help="Search the corpus. 搜索。")
@click.argument("query", required=False, default="")
@click.option(
    "--order", type=click.Choice(ORDERS), default="newest", show_default=True, help="Captured, published, best."
)
@click.option("--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help="Stories shown.")
@click.option("--offset", type=click.IntRange(0, 1000), default=0, help="Stories skipped.")
@click.option("--copies", is_flag=True, help="Show every copy of a story, not one.")
@click.option("--exact", is_flag=True, help="No synonyms, for the whole query.")
@click.option("--no-holes", is_flag=True, help="Do not find words that a filter deleted.")
@click.option(
    "--show-contacts", is_flag=True, help="Do not mask contact points, and allow contact: (exact number or account)."
)
@click.option("--ruled-out", is_flag=True, help="Show also pages that moderators ruled out.")
@click.option("--facets", is_flag=True, help="Count hits by site, topic, year, place …")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one story a line.")
@click.option("--open", "opened", type=int, default=0, metavar="N", help="Open the Nth result in the browser.")
@click.option("--save", metavar="NAME", default="", help="Save the query; what it finds now counts as read.")
@click.option("--from-start", is_flag=True, help="With --save: what it finds now is still to be read.")
@click.option("--since-last", metavar="NAME", default="", help="New stories of a saved query, which then are read.")
@click.option("--feed", metavar="NAME", default="", help="Print a saved query as Atom, with --json as JSON Feed.")
@click.option("--forget", metavar="NAME", default="", help="Remove a saved query.")
@click.option("--saved", "list_saved", is_flag=True, help="List the saved queries.")
@click.pass_context
def command(context: click.Context, /, query: str, **options: object) -> None:
    """Search the corpus: 搜索语料库。

    \b
    催收 律师          both words                催收 OR 追债        either (或)
    "暴力催收"         an exact phrase           -律师              not
    =催收             without synonyms          催收 NEAR/10 律师   within 10 characters
    site:gov.cn topic:law genre: intent: province:甘肃 platform:花呗 law:民法典
    after:2024-05 before:2025 spam:<2 title:催收 cluster:ID contact:NUMBER

    Simplified, Traditional, full-width and case make no difference. docs/search.md tells the rest.
    """
    workspace: Path = context.obj
    actions = [name for name in ("since_last", "feed", "forget", "list_saved") if options[name]]
    if bool(query.strip()) == bool(actions) or len(actions) > 1:
        raise click.UsageError("give a QUERY, or one of --since-last, --feed, --forget, --saved")
    if options["as_json"] and options["as_csv"]:
        raise click.UsageError("--json and --csv exclude each other")
    reach = Reach(synonyms=not options["exact"], holes=not options["no_holes"])
    if options["save"]:
        save(
            workspace,
            standing.SavedSearch(str(options["save"]), query, reach, standing.now()),
            bool(options["from_start"]),
        )
    elif actions:
        {"since_last": since_last, "feed": print_feed, "forget": forget, "list_saved": list_saved}[actions[0]](
            workspace, options
        )
    else:
        find(workspace, query, reach, options)


def find(workspace: Path, query: str, reach: Reach, options: dict[str, object]) -> None:
    """Search and print."""
    limit, offset, opened = (number(options[name]) for name in ("limit", "offset", "opened"))
    request = Request(
        str(options["order"]),
        limit,
        offset,
        reach,
        stories=not options["copies"],
        see_contacts=bool(options["show_contacts"]),
        ruled_out=ruled_out(workspace),
        show_ruled_out=bool(options["ruled_out"]),
    )
    with open_corpus(workspace) as connection:
        results = search(connection, query, request)
        if not options["show_contacts"]:
            results = replace(results, hits=tuple(masked_hit(connection, hit) for hit in results.hits))
        facets = facet_counts(connection, results.match) if options["facets"] else None
    if opened:
        open_result(results, opened)
    else:
        show(results, facets, options)


def ruled_out(workspace: Path) -> frozenset[str]:
    """Return the ids of the articles that moderators ruled out."""
    if not (workspace / "decisions.db").is_file():  # a search writes no file
        return frozenset()
    with open_decisions(workspace) as decisions:
        return hidden_articles(decisions)


def number(value: object) -> int:
    return value if isinstance(value, int) else 0


def show(results: Results, facets: FacetCounts | None, options: dict[str, object]) -> None:
    """Print results as the options say."""
    if options["as_json"]:
        record = results_record(results)
        if facets:
            record["facets"] = {
                name: [{"value": value, "count": count} for value, count in counts]
                for name, counts in facets.counts.items()
            }
            record["facets_counted"] = facets.counted
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
    elif options["as_csv"]:
        write_csv(results.hits)
    else:
        print_results(results)
        for line in facet_lines(facets) if facets else ():
            click.echo(line)


def open_result(results: Results, position: int) -> None:
    """Open the page of a result as it stands on the Web."""
    if not 1 <= position <= len(results.hits):
        raise click.BadParameter(f"there are {len(results.hits)} results", param_hint="--open")
    click.launch(results.hits[position - 1].url)


def write_csv(hits: Sequence[Hit]) -> None:
    """Write one line per story, with a header; spreadsheets are kept from running what a page contains."""
    records = [hit_record(hit, flat=True) for hit in hits]
    if not records:
        return
    writer = csv.DictWriter(sys.stdout, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)


def print_results(results: Results) -> None:
    """Print the results for people; colours only on a terminal."""
    for line in explain_query(results):
        click.echo(line)
    for position, hit in enumerate(results.hits, results.request.offset + 1):
        click.echo(write_hit(position, hit, colour=sys.stdout.isatty()))


def save(workspace: Path, saved: standing.SavedSearch, from_start: bool) -> None:
    """Save a query under a name."""
    with open_corpus(workspace) as corpus, open_decisions(workspace, write=True) as decisions:
        pages = standing.save(decisions, corpus, saved, from_start=from_start)
    state = "to be read 待读" if from_start else "count as read 视为已读"
    click.echo(f"{saved.name}: saved 已保存; {pages} pages {state}")


def since_last(workspace: Path, options: dict[str, object]) -> None:
    """Print the new stories of a saved query, then note that they are read."""
    with open_corpus(workspace) as corpus, open_decisions(workspace, write=True) as decisions:
        unread = standing.unread(
            decisions, corpus, str(options["since_last"]), number(options["limit"]), hidden_articles(decisions)
        )
        hits = (
            unread.results.hits
            if options["show_contacts"]
            else (masked_hit(corpus, hit) for hit in unread.results.hits)
        )
        show(replace(unread.results, hits=tuple(hits)), None, options)
        sys.stdout.flush()  # a script that did not get them must get them again
        standing.mark_read(decisions, unread, standing.now())
    if unread.left:
        click.echo(f"{unread.left} more 还有 {unread.left} 条: run the command again", err=True)


def print_feed(workspace: Path, options: dict[str, object]) -> None:
    """Print a saved query as a feed."""
    with open_corpus(workspace) as corpus, open_decisions(workspace) as decisions:
        saved = standing.get(decisions, str(options["feed"]))
        feed = feed_of(corpus, saved, ruled_out=hidden_articles(decisions))
    click.echo(json_feed(feed) if options["as_json"] else atom(feed), nl=False)


def forget(workspace: Path, options: dict[str, object]) -> None:
    """Remove a saved query."""
    with open_decisions(workspace, write=True) as decisions:
        standing.remove(decisions, str(options["forget"]), standing.now())
    click.echo(f"{options['forget']}: removed 已删除")


def list_saved(workspace: Path, options: dict[str, object]) -> None:
    """Print the saved queries."""
    with open_decisions(workspace) as decisions:
        found = standing.saved_searches(decisions)
    if options["as_json"]:
        records = [{"name": each.name, "query": each.query, "saved": each.time} for each in found]
        click.echo(json.dumps(records, ensure_ascii=False, indent=2))
    else:
        for each in found:
            click.echo(f"{each.name}\t{each.query}\t{each.time}")

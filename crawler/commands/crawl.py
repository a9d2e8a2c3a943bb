"""``cuishou crawl``: crawl, archive and process; resumes by itself."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import click

from corpus.errors import CorpusError
from crawler.crawling import TIMEOUT, Options, Summary, crawl
from crawler.live import progress
from crawler.politeness import Policy
from crawler.safe_net import parse_resolve
from crawler.scope import Site
from crawler.site_file import SiteFile, read_site_file

_ENDED = {
    "finished": "Nothing is left to fetch.",
    "max-pages": "The limit of pages is reached; run it again to go on.",
    "waiting": "The hosts that are left asked to be left alone for a while; run it again later.",
    "interrupted": "Stopped; run it again to go on.",
}


@click.command("crawl")
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option(
    "--sites", type=click.Path(path_type=Path), help="Site file (YAML). Default: cuishou.yml of the workspace."
)
@click.option("--max-pages", type=click.IntRange(min=1), help="Stop after so many pages in this run.")
@click.option("--delay", type=click.FloatRange(0, 3600), help="Seconds between two requests to a host, at least.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), help="Seconds for a whole answer.")
@click.option("--retry-wait", type=click.FloatRange(0, 3600), help="Seconds before a failed request is tried again.")
@click.option("--contact", envvar="CUISHOU_CONTACT", help="Web address or mailbox that servers are told to write to.")
@click.option(
    "--spider",
    type=click.Choice(["site", "sitemap", "feed"]),
    default="site",
    show_default=True,
    help="What the URLs are: pages whose links are followed, sitemaps, or feeds.",
)
@click.option("--process/--no-process", default=True, help="Process pages beside the crawl.")
@click.option("--allow-loopback", is_flag=True, help="Allow addresses of this machine, for tests.")
@click.option(
    "--resolve", multiple=True, metavar="HOST=127.0.0.1:PORT", help="Reach a host on this machine, for tests."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.pass_context
def command(
    context: click.Context,
    urls: tuple[str, ...],
    sites: Path | None,
    max_pages: int | None,
    delay: float | None,
    timeout: float | None,
    retry_wait: float | None,
    contact: str | None,
    spider: str,
    process: bool,
    allow_loopback: bool,
    resolve: tuple[str, ...],
    as_json: bool,
) -> None:
    """Crawl sites into the archive and process the pages. Goes on where an earlier crawl of the workspace ended.

    抓取网站，存档并处理；中断后再次运行即可续抓。
    """
    workspace: Path = context.obj or Path("cuishou-data")
    file = _site_file(workspace, sites, urls)
    policy = Policy()
    policy = replace(
        policy,
        delay=_first(delay, file.delay, policy.delay),
        retry_wait=_first(retry_wait, file.retry_wait, policy.retry_wait),
    )
    options = Options(
        sites=file.sites + tuple(_site(url, spider) for url in urls),
        max_pages=max_pages or file.max_pages or 0,
        policy=policy,
        contact=contact or file.contact or "",
        allow_loopback=allow_loopback,
        resolve=tuple(parse_resolve(resolve).items()),
        process=process,
        timeout=_first(timeout, file.timeout, TIMEOUT),
        spider=spider,
    )
    with progress() as show:
        summary = crawl(workspace, options, show=show)
    click.echo(json.dumps(asdict(summary), ensure_ascii=False) if as_json else _sentences(summary))
    for url, reason, detail in summary.unreached:
        click.echo(f"{url}: not fetched ({reason}{': ' if detail else ''}{detail}).", err=True)
    if summary.unreached and not summary.pages and not summary.adopted:
        raise CorpusError("No page could be fetched: none of the addresses to start from answered with a page.")
    if summary.reason == "interrupted":
        context.exit(130)


def _first(*values: float | None) -> float:
    return next((value for value in values if value is not None), 0.0)


def _site_file(workspace: Path, sites: Path | None, urls: tuple[str, ...]) -> SiteFile:
    default = workspace / "cuishou.yml"
    if sites is not None:
        return read_site_file(sites)
    if default.exists():
        file = read_site_file(default)
        return replace(file, sites=()) if urls else file
    return SiteFile()


def _site(url: str, spider: str) -> Site:
    if spider == "sitemap":
        return Site(start=(), sitemaps=(url,), follow=("sitemaps",))
    if spider == "feed":
        return Site(start=(), feeds=(url,), follow=("feeds",))
    return Site(start=(url,))


def _sentences(summary: Summary) -> str:
    lines = [f"{summary.pages} pages fetched ({summary.bytes / 1e6:.1f} MB) in {summary.seconds:.0f} s."]
    lines += [f"  {count:6} {site}" for site, count in summary.sites[:20]]
    if len(summary.sites) > 20:
        lines.append(f"         and {len(summary.sites) - 20} more sites")
    if summary.reasons:
        lines.append(f"{summary.refused} addresses not kept:")
        lines += [f"  {count:6} {reason}" for reason, count in summary.reasons]
    lines.append(_ENDED.get(summary.reason, summary.reason) + (f" {summary.left} left." if summary.left else ""))
    return "\n".join(lines)

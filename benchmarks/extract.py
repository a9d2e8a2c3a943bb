"""Runs extraction and every installed peer on a folder in the shape of html_gold; prints accuracy and CPU time.

    python -m benchmarks.extract ../shared/data/html_gold [--only cuishou,trafilatura] [--failures 20]

No parameter of ours is fitted to these pages, so that the figure of all pages is also the one of every split by site.
Peers get text that we decoded, so that they are not charged for wrong charsets. Each tool runs on all pages; times are
CPU, mean a page, in one process, one after the other; the ratio is against trafilatura's ``bare_extraction``.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import re
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.extract_score import Gold, TextScore, digest, pooled_f1, read, score_text
from corpus.errors import Rejected
from corpus.records import Page
from corpus.urls import site_of
from crawler.decode import decode
from crawler.extract import extract

_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool says of a page; None where it does not answer that question at all."""

    text: str | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None
    kind: str | None = None


Tool = Callable[[Page, str], Found]


def ours(page: Page, html: str) -> Found:
    del html  # we decode for ourselves, and are charged for it
    try:
        article = extract(page)
    except Rejected as rejected:
        return Found("", "", "", "", {"list-page": "list", "gallery": "gallery"}.get(rejected.reason, "other"))
    return Found(article.text, article.title, article.author, article.published.value, article.page_type)


def load_peers() -> dict[str, Tool]:
    """Return the peers that are installed, by name."""
    tools: dict[str, Tool] = {}
    for name, make in _PEERS.items():
        try:
            tools[name] = make()
        except ImportError as error:
            print(f"{name}: not installed ({error})", file=sys.stderr)
    return tools


def _trafilatura(**options: bool) -> Callable[[], Tool]:
    def make() -> Tool:
        trafilatura = importlib.import_module("trafilatura")

        def run(page: Page, html: str) -> Found:
            tuned = "favor_precision" in options
            found = trafilatura.bare_extraction(
                ("<!DOCTYPE html>" + html) if tuned else html, url=page.url, with_metadata=True, **options
            )
            if found is None:
                return Found("", "", "", "")
            return Found(found.text or "", found.title or "", found.author or "", found.date or "")

        return run

    return make


def _readability() -> Tool:
    document = importlib.import_module("readability").Document
    parse = importlib.import_module("lxml.html").fromstring

    def run(_: Page, html: str) -> Found:
        found = document(html)
        return Found(parse(found.summary()).text_content(), found.short_title())

    return run


def _gne() -> Tool:
    extractor = importlib.import_module("gne").GeneralNewsExtractor()

    def run(_: Page, html: str) -> Found:
        found = extractor.extract(html)
        date = re.sub(
            r"(\d{4})\D+(\d{1,2})\D+(\d{1,2}).*",
            lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}",
            found["publish_time"],
            flags=re.S,
        )
        return Found(found["content"], found["title"], found["author"], date)

    return run


def _resiliparse() -> Tool:
    plain = importlib.import_module("resiliparse.extract.html2text").extract_plain_text

    def run(_: Page, html: str) -> Found:
        return Found(plain(html, main_content=True, alt_texts=False, links=False, list_bullets=False))

    return run


def _justext() -> Tool:
    justext = importlib.import_module("justext")

    def run(_: Page, html: str) -> Found:
        paragraphs = justext.justext(
            html, frozenset(), length_low=15, length_high=40, stopwords_low=0, stopwords_high=0
        )
        return Found("\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate))

    return run


def _newspaper() -> Tool:
    article = importlib.import_module("newspaper").Article

    def run(page: Page, html: str) -> Found:
        found = article(page.url, language="zh", fetch_images=False)
        found.download(input_html=html)
        found.parse()
        return Found(found.text, found.title, " ".join(found.authors), str(found.publish_date or "")[:10])

    return run


def _goose() -> Tool:
    goose = importlib.import_module("goose3")
    stop = importlib.import_module("goose3.text").StopWordsChinese
    extractor = goose.Goose({"stopwords_class": stop, "enable_image_fetching": False})

    def run(_: Page, html: str) -> Found:
        found = extractor.extract(raw_html=html)
        return Found(found.cleaned_text, found.title, " ".join(found.authors), str(found.publish_date or "")[:10])

    return run


def _boilerpy() -> Tool:
    extractor = importlib.import_module("boilerpy3.extractors").ArticleExtractor()
    return lambda _, html: Found(extractor.get_content(html))


def _htmldate() -> Tool:
    find = importlib.import_module("htmldate").find_date
    return lambda page, html: Found(date=find(html, url=page.url, original_date=True) or "")


_PEERS: dict[str, Callable[[], Tool]] = {
    "trafilatura": _trafilatura(),
    "trafilatura tuned": _trafilatura(favor_precision=True),
    "readability-lxml": _readability,
    "gne": _gne,
    "resiliparse": _resiliparse,
    "jusText": _justext,
    "newspaper4k": _newspaper,
    "goose3": _goose,
    "boilerpy3": _boilerpy,
    "htmldate": _htmldate,
}


def letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).lower()


def same_title(gold: str, found: str) -> bool:
    """Return whether a title is right: the same letters, or the gold one without the site's name behind a separator."""
    if letters(gold) == letters(found):
        return True
    rest = gold[len(found) :].lstrip() if gold.startswith(found) and found else ""
    return bool(rest) and rest[0] in "_-|—–"


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of one tool. Counts are (right, of)."""

    articles: tuple[TextScore, ...]
    threads: tuple[TextScore, ...]
    kinds: tuple[int, int]
    dates: tuple[int, int]
    invented: tuple[int, int]
    titles: tuple[int, int]
    authors: tuple[int, int]
    milliseconds: float
    answers: tuple[tuple[Gold, Found], ...] = ()


def run(tool: Tool, pages: list[tuple[Gold, str]], failures: int) -> Row:
    """Return the scores of a tool on all pages. A peer that raises has found nothing."""
    found: list[tuple[Gold, Found]] = []
    started = time.process_time()
    for gold, html in pages:
        try:
            found.append((gold, tool(gold.page, html)))
        except Exception as error:  # noqa: BLE001 - peers raise anything; a benchmark counts it as an empty answer
            logging.debug("%s: %r", gold.id, error)
            found.append((gold, Found("", "", "", "")))
    milliseconds = (time.process_time() - started) / len(pages) * 1000
    judged = [(gold, answer) for gold, answer in found if not gold.skip]
    articles = [
        (gold, score_text(gold.text, answer.text or ""))
        for gold, answer in judged
        if gold.text and gold.kind == "article"
    ]
    threads = [
        (gold, score_text(gold.text, answer.text or ""))
        for gold, answer in judged
        if gold.text and gold.kind == "thread"
    ]
    for gold, score in sorted(articles + threads, key=lambda pair: pair[1].f1)[:failures]:
        print(f"    {gold.id[:40]:40} {gold.kind:8} P {score.precision:.2f} R {score.recall:.2f} F {score.f1:.2f}")
    dated = [(gold, answer.date or "") for gold, answer in judged if gold.date]
    undated = [answer.date for gold, answer in judged if gold.date_known is False and not gold.date]
    titled = [
        (gold.title or gold.silver_title, answer.title or "")
        for gold, answer in judged
        if gold.title or gold.silver_title
    ]
    written = [(gold.author, answer.author or "") for gold, answer in judged if gold.author and letters(gold.author)]
    return Row(
        tuple(score for _, score in articles),
        tuple(score for _, score in threads),
        (sum(gold.kind == answer.kind for gold, answer in judged), len(judged)),
        (sum(date[: len(gold.date)] == gold.date for gold, date in dated), len(dated)),
        (sum(bool(date) for date in undated), len(undated)),
        (sum(same_title(gold, title) for gold, title in titled), len(titled)),
        (sum(letters(gold) == letters(name) for gold, name in written), len(written)),
        milliseconds,
        tuple(judged),
    )


def dates_of_each_set(row: Row) -> str:
    """Return for each set the dates right of those shown, and those answered where annotators saw none."""
    told = []
    for name in sorted({gold.folder for gold, _ in row.answers}):
        own = [(gold, answer.date or "") for gold, answer in row.answers if gold.folder == name]
        shown = [date[: len(gold.date)] == gold.date for gold, date in own if gold.date]
        unseen = [bool(date) for gold, date in own if gold.date_known is False and not gold.date]
        if shown or unseen:
            told.append(f"{name} {sum(shown)}/{len(shown)} right, {sum(unseen)}/{len(unseen)} invented")
    return "; ".join(told)


def unseen_dates(row: Row) -> list[str]:
    """Return the dates that we answer where annotators saw none, each with the place of the page that it was read at."""
    told = []
    for gold, answer in row.answers:
        if gold.date_known is False and not gold.date and answer.date:
            best = extract(gold.page).published.candidates[0]
            told.append(f"{gold.id[:8]} {answer.date} {best.source} {best.role}: {best.where}")
    return told


def differing_dates(row: Row) -> list[str]:
    """Return the dates that differ from the annotators', with what the page says at our place and, where it does, at theirs."""
    told = []
    for gold, answer in row.answers:
        if gold.date and (answer.date or "")[: len(gold.date)] != gold.date and answer.date:
            ours_, *others = extract(gold.page).published.candidates
            theirs = next(
                (each.where for each in others if each.value.startswith(gold.date)), "not among our candidates"
            )
            told.append(f"{gold.id[:8]} {answer.date} {ours_.source}: {ours_.where} (gold {gold.date}: {theirs})")
    return told


def in_turn(tool: Tool, peer: Tool, pages: list[tuple[Gold, str]], rounds: int = 3) -> float:
    """Return how many times the CPU of ``tool`` a peer takes: both on each page in turn, so that whatever else the
    machine does weighs on both alike; the median of the rounds' ratios."""
    ratios: list[float] = []
    for _ in range(rounds):
        taken = {tool: 0.0, peer: 0.0}
        for gold, html in pages:
            for each in (tool, peer):
                started = time.process_time()
                try:
                    each(gold.page, html)
                except Exception as error:  # noqa: BLE001 - as in ``run``
                    logging.debug("%s: %r", gold.id, error)
                taken[each] += time.process_time() - started
        ratios.append(taken[peer] / taken[tool])
    return statistics.median(ratios)


def by_site(pages: list[tuple[Gold, str]], row: Row) -> str:
    """Return the spread of the article figure over five folds of sites, for rules that are fitted to none of them."""
    golds = [gold for gold, _ in pages if not gold.skip and gold.text and gold.kind == "article"]
    sites = sorted({site_of(gold.page.url) or gold.id for gold in golds})
    folds = []
    for fold in range(5):
        inside = {site for number, site in enumerate(sites) if number % 5 == fold}
        folds.append(
            pooled_f1(
                [
                    score
                    for gold, score in zip(golds, row.articles, strict=True)
                    if (site_of(gold.page.url) or gold.id) in inside
                ]
            )
        )
    return " ".join(f"{value:.3f}" for value in folds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="names of tools, separated by commas")
    parser.add_argument("--failures", type=int, default=0, help="show that many of our worst pages")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    golds = list(read(arguments.folder))
    pages = [(gold, decode(gold.page.body, gold.page.header("content-type")).text) for gold in golds]
    tools: dict[str, Tool] = {"cuishou": ours, **load_peers()}
    if arguments.only:
        tools = {name: tool for name, tool in tools.items() if name in arguments.only.split(",")}
    print(f"{len(pages)} pages of {arguments.folder}, data {digest(golds)}")
    print(
        "tool                 P     R     F1    mean  median <.5 thread  kind      date    invented title     author   CPU ms"
    )
    rows: dict[str, Row] = {}
    for name, tool in tools.items():
        tool(*((pages[0][0].page, pages[0][1])))  # imports and tables are loaded outside the clock
        gc.collect()
        gc.freeze()  # no tool pays for the collector's walks over what all of them have loaded
        row = rows[name] = run(tool, pages, arguments.failures if name == "cuishou" else 0)
        articles = row.articles or (TextScore(0, 0, 0),)
        threads = row.threads or (TextScore(0, 0, 0),)
        print(
            f"{name:20}"
            f" {statistics.fmean(s.precision for s in articles):.3f} {statistics.fmean(s.recall for s in articles):.3f}"
            f" {pooled_f1(list(articles)):.4f} {statistics.fmean(s.f1 for s in articles):.3f} {statistics.median(s.f1 for s in articles):.3f}"
            f" {sum(s.f1 < 0.5 for s in articles):4d} {statistics.fmean(s.f1 for s in threads):.3f}"
            f"  {row.kinds[0]:3}/{row.kinds[1]:3} {row.dates[0]:3}/{row.dates[1]:3} {row.invented[0]:3}/{row.invented[1]:3}"
            f" {row.titles[0]:4}/{row.titles[1]:3} {row.authors[0]:4}/{row.authors[1]:3} {row.milliseconds:7.1f}",
            flush=True,
        )
    if "cuishou" in rows:
        print("five folds of sites:", by_site(pages, rows["cuishou"]))
        print("dates of each set:", dates_of_each_set(rows["cuishou"]))
        for told in unseen_dates(rows["cuishou"]):
            print("  no date in the gold, read on the page:", told)
        for told in differing_dates(rows["cuishou"]):
            print("  another date in the gold:", told)
        if "trafilatura" in tools:
            print(f"trafilatura / cuishou, CPU, in turn on each page: {in_turn(ours, tools['trafilatura'], pages):.2f}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()

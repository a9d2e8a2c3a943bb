"""Results as text for a terminal and as records for JSON and CSV."""

from __future__ import annotations

from typing import TypeAlias

from corpus.explanations import HIDDEN
from corpus.ranking import TIER_LIMIT
from corpus.results import Hit, Reason
from corpus.search import COUNT_LIMIT, Results
from corpus.search_facets import FacetCounts
from corpus.snippets import Snippet, render, shown
from corpus.synonyms import KINDS

Value: TypeAlias = "str | int | bool | list[Value] | dict[str, Value]"

BOLD, PLAIN = "\x1b[1;31m", "\x1b[0m"
DANGEROUS_FIRST = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run such a cell (OWASP: CSV injection)


def results_record(results: Results) -> dict[str, Value]:
    """Return the page of results as one JSON object."""
    return {
        "query": results.match.text,
        "order": results.request.order,
        "count": min(results.count, COUNT_LIMIT),
        "count_is_exact": results.count <= COUNT_LIMIT,
        "ranked": results.ranked,
        "left_out": min(results.left_out, COUNT_LIMIT),
        "left_out_is_exact": results.left_out <= COUNT_LIMIT,
        "unknown_codes": [
            {"filter": each.name, "value": each.value, "codes": list(each.codes)} for each in results.unknown
        ],
        "searched_as": [
            {"word": term.forms[0].text, "forms": [{"form": f.text, "kind": f.kind or "word"} for f in term.forms]}
            for term in results.match.terms
        ],
        "results": [hit_record(hit) for hit in results.hits],
    }


def hit_record(hit: Hit, *, flat: bool = False) -> dict[str, Value]:
    """Return one result; ``flat``: one cell a field, for CSV, with hits between 【 and 】."""
    record: dict[str, Value] = {
        "id": hit.id,
        "title": hit.title.text,
        "clean_title": hit.clean_title,
        "site": hit.site,
        "url": hit.url,
        "published": hit.published,
        "published_precision": hit.published_precision,
        "first_captured": hit.first_captured,
        "topic": hit.topic,
        "genre": hit.genre,
        "intent": hit.intent,
        "scope": hit.scope,
        "spam": hit.spam,
        "cluster_id": hit.cluster_id,
        "is_canonical": hit.is_canonical,
        "copies": hit.copies,
        "copy_sites": hit.copy_sites,
    }
    if flat:
        record["hidden"] = " ".join(hit.hidden)
        record["matched"] = "; ".join(reason_text(reason) for reason in hit.reasons)
        record["snippet"] = " ".join(render(snippet, "【", "】") for snippet in hit.snippets)
        return {name: harmless(value) for name, value in record.items()}
    record["hidden"] = list(hit.hidden)
    record["title_marks"] = [list(mark) for mark in hit.title.marks]
    record["matched"] = [
        {"word": r.word, "form": r.form, "kind": r.kind or "word", "where": r.where} for r in hit.reasons
    ]
    record["snippets"] = [snippet_record(snippet) for snippet in hit.snippets]
    return record


def snippet_record(snippet: Snippet) -> dict[str, Value]:
    return {
        "field": snippet.field,
        "start": snippet.start,
        "text": snippet.text,
        "marks": [list(mark) for mark in snippet.marks],
        "holes": [{"place": place, "suggestion": word} for place, word in snippet.holes],
    }


def harmless(value: Value) -> Value:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS_FIRST) else value


def reason_text(reason: Reason) -> str:
    """Return why a word counts as found, Chinese and English."""
    text = reason.word if reason.form == reason.word else f"{reason.word} → {reason.form}"
    if reason.kind:
        text += f"（{' '.join(KINDS.get(reason.kind, (reason.kind,)))}）"
    if reason.where == "hole":
        text += "（疑似被过滤删除 probably deleted by a filter）"
    return text


def explain_query(results: Results) -> list[str]:
    """Return lines that say how many pages match and how the query was understood."""
    lines = [f"{results.count_shown} 页 pages"]
    if results.request.order == "relevance" and results.count > results.ranked:
        lines[0] += (
            f" · 相关度只排最新的 {results.ranked} 条 relevance ranks {results.ranked} hits "
            f"(the newest {TIER_LIMIT} of each tier)"
        )
    if results.left_out:
        number = f"{results.left_out:,} " if results.left_out <= COUNT_LIMIT else ""
        lines.append(
            f"人工裁定隐去 {number}页，未列出 {number}pages that moderators ruled out are not shown (--ruled-out shows them)"
        )
    lines += [
        f"没有 no page has {each.name}:{each.value}; 可用 there are: {'、'.join(each.codes)}"
        for each in results.unknown
    ]
    for term in results.match.expanded:
        others = "、".join(form.text for form in term.forms[1:])
        lines.append(f"{term.forms[0].text} 也搜索 also searched: {others}（=关闭 = switches off）")
    return lines


FACETS = {
    "site": "网站 site", "topic": "主题 topic", "genre": "体裁 genre", "year": "年份 year", "spam": "垃圾等级 spam",
    "place": "地方 place", "platform": "平台 platform", "law": "法规 law",
}  # fmt: skip


def facet_lines(facets: FacetCounts) -> list[str]:
    """Return a line per facet, most frequent values first."""
    lines = [f"最新的 {facets.counted} 条中 of the newest {facets.counted} hits:"]
    for name, counts in facets.counts.items():
        if counts:
            lines.append(f"  {FACETS[name]}: " + "、".join(f"{shown(value)} {count}" for value, count in counts))
    return lines


def copies_text(hit: Hit) -> str:
    """Return how many other pages tell the same story."""
    copies, sites = ("y" if hit.copies == 1 else "ies"), ("" if hit.copy_sites == 1 else "s")
    return f"另有 {hit.copies} 份副本，共 {hit.copy_sites} 个网站 and {hit.copies} cop{copies} on {hit.copy_sites} site{sites}"


def write_hit(number: int, hit: Hit, *, colour: bool = False) -> str:
    """Return one result for a terminal. Text of pages carries no control characters."""
    opening, closing = (BOLD, PLAIN) if colour else ("[", "]")
    title = Snippet("title", shown(hit.title.text), hit.title.marks)
    facts = [hit.published or "日期不明 undated", hit.site, hit.topic, hit.id[:12]]
    facts += [" ".join(HIDDEN[code]) for code in hit.hidden]
    lines = [
        f"{number}. {render(title, opening, closing)}",
        "   " + " · ".join(shown(fact) for fact in facts if fact),
    ]
    lines += [f"   {render(snippet, opening, closing)}" for snippet in hit.snippets]
    if hit.copies:
        lines.append(f"   {copies_text(hit)}")
    special = [reason_text(reason) for reason in hit.reasons if reason.kind or reason.where == "hole"]
    if special:
        lines.append("   " + "；".join(special))
    lines.append(f"   {shown(hit.url)}")
    return "\n".join(lines)

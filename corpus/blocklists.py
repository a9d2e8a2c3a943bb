"""Flagged sites as lists for blockers: seven formats, one sidecar with the evidence of every line.

A line is a registrable domain, an account on a shared host or a folder of a hijacked host. Whole hosts are listed only
where the whole host is to blame: public suffixes, shared hosts, canaries and cleared sites are refused, and paths are
left out of formats that cannot hold them. Sources of the syntaxes: hosts(5); AdGuard and uBlock Origin static filters
("||domain^", "||host/path/*$document"); uBlacklist match patterns (WebExtensions, "*://*.domain/*").
"""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

from corpus.cases import TERM, Case
from corpus.decisions import evidence_of
from corpus.entities import canary_name
from corpus.errors import InputError
from corpus.site_cases import all_cases, find_case
from corpus.site_checks import mirror_checks, put_list
from corpus.site_pages import Value
from corpus.site_score import BLOCK, BLOCK_FAMILIES
from corpus.site_units import is_path_unit, shared_depth
from corpus.store import transaction
from corpus.urls import host_of, site_of

FORMATS = ("domains", "hosts", "adguard", "ublock", "ublacklist", "csv", "json")
WITH_PATHS = frozenset({"adguard", "ublock", "ublacklist", "csv", "json"})
MAX_IMPORT = 5_000_000  # lines of a list read
_LINE = re.compile(
    r"^(?:@@)?(?:\|\||(?:0\.0\.0\.0|127\.0\.0\.1)\s+|\*://\*?\.?)?([a-z0-9][a-z0-9.-]*\.[a-z0-9-]{2,})(?=[/^$\s*]|$)",
    re.IGNORECASE,
)
NO_PATH = re.compile(r"[\s*^|$#!,\"'<>\\]")  # would change the meaning of a filter line


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``domain`` in punycode, ``path`` with slashes ("/b/") or "" for the whole domain; its case."""

    domain: str
    path: str
    site: str
    serial: int
    reviewers: tuple[str, ...]
    ruled: datetime
    expires: datetime
    why: str
    score: float | None
    families: tuple[str, ...]
    evidence: tuple[str, ...]  # ids of articles


@dataclass(frozen=True, slots=True)
class Terms:
    """Header of a list: when it was made, its licence, where to appeal, where it is published."""

    made: datetime
    licence: str = "CC0-1.0"
    contact: str = ""
    home: str = ""


def site_entries(
    connection: sqlite3.Connection, decisions: sqlite3.Connection, now: datetime
) -> tuple[tuple[Entry, ...], tuple[tuple[str, str], ...]]:
    """Return the entries of all flagged sites, sorted and each once, and the sites refused with the reason."""
    entries: dict[tuple[str, str], Entry] = {}
    refused = []
    for site, case in all_cases(decisions, now).items():
        if not case.flagged:
            continue
        reason = refusal(site)
        reason = reason or too_little(connection, decisions, site, case)
        if not reason and case.hijacked and not is_path_unit(site):
            reason = "hijacked: flag its folders, the owner is not to blame"
        if reason:
            refused.append((site, reason))
            continue
        entry = _entry(connection, decisions, site, case)
        entries[entry.domain, entry.path] = entry
    return tuple(entries[key] for key in sorted(entries)), tuple(refused)


def refusal(site: str) -> str:
    """Return why a site must not stand on a list, or "": public suffix, shared host as a whole, canary, no address."""
    host, _, path = site.partition("/")
    if NO_PATH.search(path) or not host_of(f"http://{host}/"):
        return "not an address that filters can hold"
    if canary_name(host) and not path:
        return f"on the list of trusted sites: {canary_name(host)}"
    if not path and shared_depth(host):
        return "a host that many people share: flag an account"
    if not path and (_is_public_suffix(host) or "." not in host):
        return "a public suffix: it is everybody's"
    return ""


def too_little(connection: sqlite3.Connection, decisions: sqlite3.Connection, site: str, case: Case) -> str:
    """Return what is missing for a line, or "": a score of BLOCK and two families of evidence, now or when it was ruled.

    A moderator may hide any site here; what other people's programs block has to be shown.
    """
    flag = next(decision for decision in reversed(case.rulings) if decision.ruling == "flag")
    seen = evidence_of(decisions, flag.serial)
    row = connection.execute("SELECT score, families FROM sites WHERE site = ?", (site,)).fetchone()
    known = [(seen.get("score"), str(seen.get("families") or ""))] + ([(row[0], row[1])] if row else [])
    if any(
        isinstance(score, float) and score >= BLOCK and len(families.split()) >= BLOCK_FAMILIES
        for score, families in known
    ):
        return ""
    score, families = known[-1]
    shown = f"{score:.2f}" if isinstance(score, float) else "none"
    return (
        f"hidden here, but a list needs a score of {BLOCK} and {BLOCK_FAMILIES} families of evidence "
        f"(score {shown}, families {families or 'none'})"
    )


def export_list(entries: Sequence[Entry], form: str, terms: Terms) -> str:
    """Return the list in one of FORMATS, ending with a new line; formats without paths leave those entries out.

    Raises: InputError, for an unknown format.
    """
    if form not in FORMATS:
        raise InputError(f"a blocklist's format is one of {', '.join(FORMATS)}")
    kept = [entry for entry in entries if form in WITH_PATHS or not entry.path]
    if form == "csv":
        return _csv(kept)
    if form == "json":
        return json.dumps(sidecar(kept, terms), ensure_ascii=False, indent=2) + "\n"
    mark = "#" if form in {"domains", "hosts", "ublacklist"} else "!"
    lines = [f"{mark} {line}" for line in header(terms, len(kept))]
    if form == "hosts":
        # One line a name: a hosts file knows no wildcards.
        lines += [f"0.0.0.0 {name}" for entry in kept for name in (entry.domain, f"www.{entry.domain}")]
    else:
        lines += [_line(entry, form) for entry in kept]
    return "\n".join(lines) + "\n"


def header(terms: Terms, count: int) -> tuple[str, ...]:
    """Return the lines of a header, without a comment mark."""
    lines = [
        "Title: cuishou, sites flagged as spam by moderators (经人工裁定的垃圾网站)",
        f"Last modified: {terms.made:%Y-%m-%dT%H:%M:%SZ}",
        f"Expires: {terms.made + TERM:%Y-%m-%d} (rulings lapse after {TERM.days} days unless confirmed)",
        f"Licence: {terms.licence}",
        f"Entries: {count}",
        f"Appeals (申诉): {terms.contact or 'ask whoever gave you this list'}",
    ]
    if terms.home:
        lines.append(f"Homepage: {terms.home}")
    return tuple(lines)


def sidecar(entries: Sequence[Entry], terms: Terms) -> dict[str, Value]:
    """Return the evidence of every line: case, reviewer, ids of articles to look up in the corpus."""
    return {
        "made": terms.made.isoformat(timespec="seconds"), "licence": terms.licence, "appeals": terms.contact,
        "entries": [entry_record(entry) for entry in entries],
    }  # fmt: skip


def entry_record(entry: Entry) -> dict[str, Value]:
    """Return one entry as JSON."""
    return {
        "line": f"{entry.domain}{entry.path}", "case": entry.site, "ruling": entry.serial,
        "reviewers": list(entry.reviewers), "ruled": entry.ruled.isoformat(timespec="seconds"),
        "expires": entry.expires.isoformat(timespec="seconds"), "why": entry.why, "score": entry.score,
        "families": list(entry.families), "evidence": list(entry.evidence),
    }  # fmt: skip


def evidence_of_line(
    connection: sqlite3.Connection, decisions: sqlite3.Connection, line: str, now: datetime
) -> dict[str, Value]:
    """Return the case behind a line as exported.

    Raises: InputError, when the line is on no list of this workspace.
    """
    site = unquote(line.strip().strip("/*"))
    case = find_case(decisions, site, now)
    if case.flagged and not refusal(site) and not too_little(connection, decisions, site, case):
        return entry_record(_entry(connection, decisions, site, case))
    raise InputError(f"{line} is on no list of this workspace: see 'cuishou blocklist export --format domains'")


def write_list(path: Path, text: str, evidence: str) -> None:
    """Write a list and its sidecar, each whole or not at all."""
    for target, content in ((path, text), (path.with_name(path.name + ".evidence.json"), evidence)):
        draft = target.with_name(target.name + ".part")
        draft.write_text(content, encoding="utf-8")
        draft.replace(target)


def read_list(lines: Iterable[str]) -> frozenset[str]:
    """Return the sites that a list in any of the usual syntaxes names; what is no site is passed over."""
    found = set()
    for number, line in enumerate(lines):
        if number >= MAX_IMPORT:
            break
        text = line.strip()
        if text and text[0] not in "#![;":
            match = _LINE.match(text)
            site = site_of(match.group(1)) if match else ""
            if site:
                found.add(site)
    return frozenset(found)


def import_list(
    connection: sqlite3.Connection,
    decisions: sqlite3.Connection,
    file: Path,
    name: str,
    *,
    moderator: str,
    now: datetime,
) -> dict[str, int]:
    """Note that somebody's list names sites, known ones and those to come: prior evidence, never counted in a score."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        listed = read_list(lines)
    put_list(decisions, name, listed, moderator=moderator, now=now)
    with transaction(connection):
        mirror_checks(connection, decisions)
    (known,) = connection.execute("SELECT count(*) FROM site_checks WHERE kind = ?", (f"list {name}",)).fetchone()
    return {"listed": len(listed), "known": known}


def _entry(connection: sqlite3.Connection, decisions: sqlite3.Connection, site: str, case: Case) -> Entry:
    host, _, path = site.partition("/")
    flag = next(decision for decision in reversed(case.rulings) if decision.ruling == "flag")
    row = connection.execute("SELECT score, families FROM sites WHERE site = ?", (site,)).fetchone()
    articles: list[str] = []
    for feature in connection.execute(
        "SELECT articles FROM site_features WHERE site = ? ORDER BY points DESC", (site,)
    ):
        articles += [article for article in json.loads(feature[0]) if article not in articles]
    seen = evidence_of(decisions, flag.serial)
    score = row[0] if row else seen.get("score")
    families = row[1] if row else str(seen.get("families") or "")
    return Entry(
        host, f"/{quote(path)}/" if path else "", site, flag.serial, case.moderators, flag.time,
        case.expires or flag.time + TERM, flag.why, score if isinstance(score, float) else None,
        tuple(families.split()), tuple(articles[:20]),
    )  # fmt: skip


def _line(entry: Entry, form: str) -> str:
    if form == "domains":
        return entry.domain
    if form == "ublacklist":
        return f"*://{entry.domain}{entry.path}*" if entry.path else f"*://*.{entry.domain}/*"
    if entry.path:
        return f"||{entry.domain}{entry.path}*$document"
    return f"||{entry.domain}^$document" if form == "ublock" else f"||{entry.domain}^"


def _csv(entries: Sequence[Entry]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["domain", "path", "case", "ruling", "reviewers", "ruled", "expires", "score", "families", "why"])
    for entry in entries:
        writer.writerow(
            [
                entry.domain, entry.path, entry.site, entry.serial, " ".join(entry.reviewers), entry.ruled.isoformat(),
                entry.expires.isoformat(), "" if entry.score is None else entry.score, " ".join(entry.families),
                _cell(entry.why),
            ]
        )  # fmt: skip
    return buffer.getvalue()


def _cell(text: str) -> str:
    # A spreadsheet would run a cell that begins so (OWASP: CSV injection).
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _is_public_suffix(host: str) -> bool:
    # The registrable domain of a name below a suffix is that name; the suffix itself gives less than "x.suffix" would.
    return site_of(f"x.{host}") == f"x.{host}"

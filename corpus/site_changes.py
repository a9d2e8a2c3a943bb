"""Changes of a site since it was ruled on that ask for a new look: parked, redirected, new operator, another trade."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable

from corpus.cases import Case
from corpus.page_traits import jargon
from corpus.site_pages import Value, pages_of_unit

CHANGED_PAGES = 5  # pages captured after a ruling from which a change of the site is seen
PARKED = re.compile(
    r"域名(?:出售|转让|交易|停放|已过期)|此域名|该域名|domain (?:is )?for sale|buy this domain", re.IGNORECASE
)


def changes_since(connection: sqlite3.Connection, case: Case) -> list[Value]:
    """Return changes of the site since the ruling that ask for a new look: parked, redirected, new operator, turned to
    gambling or loans. Empty until CHANGED_PAGES pages or answers came in after it."""
    if case.since is None:
        return []
    since = case.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    site = case.site
    changes: list[Value] = []
    answers = connection.execute(
        "SELECT count(*), coalesce(sum(status BETWEEN 300 AND 399), 0) FROM captures WHERE site = ? AND fetched_at > ?",
        (site, since),
    ).fetchone()
    if answers[0] >= CHANGED_PAGES and answers[1] > 0.6 * answers[0]:
        changes.append({"change": "redirected", "zh": "已跳转到别处", "en": "now redirects elsewhere"})
    where, values = pages_of_unit(connection, site)
    rows = connection.execute(
        "SELECT first_captured > ?, clean_title, substr(clean_text, 1, 2000), scope FROM articles WHERE number IN "
        f"(SELECT number FROM site_pages WHERE {where}) ORDER BY id LIMIT 2000",
        [since, *values],
    ).fetchall()
    new = [row for row in rows if row[0]]
    old = [row for row in rows if not row[0]]
    if len(new) < CHANGED_PAGES:
        return changes
    if _share(new, lambda row: bool(PARKED.search(row[1] + row[2]))) >= 0.5:
        changes.append({"change": "parked", "zh": "域名已停放或出售", "en": "the domain is parked or for sale"})
    if old:
        words = jargon()
        gambling = [_share(part, lambda row: any(word in row[1] + row[2] for word in words)) for part in (old, new)]
        if gambling[0] < 0.1 and gambling[1] > 0.5:
            changes.append({"change": "turned", "zh": "内容转为博彩或色情", "en": "turned to gambling or adult pages"})
        loans = [_share(part, lambda row: row[3] in {"core", "edge"}) for part in (old, new)]
        if loans[0] < 0.1 and loans[1] > 0.6:
            changes.append({"change": "turned", "zh": "内容转为借贷", "en": "turned to loans"})
        before, after = (_publisher(connection, site, since, later=later) for later in (False, True))
        if before and after and not before & after:
            changes.append(
                {"change": "new-operator", "zh": "联系方式全部更换，疑似换了经营者", "en": "all contacts are new"}
            )
    return changes


def _share(rows: list[sqlite3.Row], test: Callable[[sqlite3.Row], bool]) -> float:
    return sum(1 for row in rows if test(row)) / len(rows)


def _publisher(connection: sqlite3.Connection, site: str, since: str, *, later: bool) -> set[tuple[str, str]]:
    where, values = pages_of_unit(connection, site)
    comparison = ">" if later else "<="
    rows = connection.execute(
        "SELECT DISTINCT c.kind, c.value FROM articles a JOIN contacts c ON c.article_id = a.id "
        f"WHERE a.first_captured {comparison} ? AND a.number IN (SELECT number FROM site_pages WHERE {where}) "
        "AND c.block <> 'kept' AND c.kind <> 'hotline'",
        [since, *values],
    )
    return {(row[0], row[1]) for row in rows}

"""Rulings on articles: what people said of one, what that hides, who is to look next, and how far people agree.

Rulings live in decisions.db, added and never changed; what stands is worked out from all of them, so taking one back
gives exactly the state before it. Nothing in corpus.db changes.
"""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from corpus.cases import standing
from corpus.decisions import rule, rulings
from corpus.errors import InputError
from corpus.records import Decision

KIND = "article"
RULINGS: Mapping[str, tuple[str, str, str]] = {  # ruling: key on the keyboard, Chinese, English
    "relevant": ("r", "相关", "relevant"),
    "irrelevant": ("x", "无关", "irrelevant"),
    "spam": ("s", "垃圾", "spam"),
    "unsure": ("u", "不确定", "unsure"),
}
HIDING = frozenset({"irrelevant", "spam"})
SECOND_OPINIONS = 5  # one article in so many is shown to a second person, chosen by its id (chosen)
WEIGHTS = "number, weight, uncertainty, pages"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An article to be looked at. ``weight``: uncertainty (0..1) times reach (1 + log2 of the pages of its cluster)."""

    number: int
    id: str
    weight: float
    uncertainty: float
    pages: int
    second: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """Articles that two people ruled on. ``kappa``: Cohen's κ over all pairs of people, None below two articles."""

    articles: int
    agreed: int
    kappa: float | None
    disagreements: tuple[tuple[str, tuple[Decision, ...]], ...]


def rule_on_article(
    decisions: sqlite3.Connection,
    *,
    article: str,
    ruling: str,
    moderator: str,
    why: str = "",
    supersedes: int = 0,
    now: datetime,
) -> Decision:
    """Add a ruling on an article, or take one back ("undo" of one's own latest, or of ``supersedes``).

    Raises: InputError, for an unknown ruling, or an undo of nothing.
    """
    if ruling == "undo":
        own = [each for each in standing(rulings(decisions, KIND, article)) if each.moderator == moderator]
        supersedes = supersedes or (own[-1].serial if own else 0)
        if not any(each.serial == supersedes for each in rulings(decisions, KIND, article)):
            raise InputError(f"there is no ruling on {article} to take back 没有可以撤销的裁定")
    elif ruling not in RULINGS:
        raise InputError(f"a ruling on an article is one of {', '.join(RULINGS)}, undo")
    return rule(
        decisions,
        moderator=moderator,
        subject_kind=KIND,
        subject=article,
        ruling=ruling,
        why=why,
        supersedes=supersedes,
        time=now,
    )


def by_article(decisions: sqlite3.Connection) -> dict[str, list[Decision]]:
    """Return the rulings that stand on each article, oldest first."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for decision in standing(rulings(decisions, KIND)):
        found[decision.subject].append(decision)
    return found


def hidden_articles(decisions: sqlite3.Connection) -> frozenset[str]:
    """Return the ids of articles whose latest standing ruling hides them."""
    return frozenset(article for article, found in by_article(decisions).items() if found[-1].ruling in HIDING)


def weigh(connection: sqlite3.Connection) -> int:
    """Bring the table ``review_weights`` up to date; returns how many rows changed. The caller commits."""
    rows = connection.execute(
        "SELECT a.number, max(1 - l.score), coalesce(c.size, 1) FROM labels l JOIN articles a ON a.id = l.article_id "
        "LEFT JOIN clusters c ON c.id = a.cluster_id WHERE l.rank = 1 AND l.scheme IN ('scope', 'topic', 'spam') "
        "AND a.is_canonical = 1 GROUP BY l.article_id"
    )
    new = {row[0]: weight(float(row[1]), int(row[2])) for row in rows}
    old = {row[0]: tuple(row)[1:] for row in connection.execute(f"SELECT {WEIGHTS} FROM review_weights")}
    gone, changed = [(n,) for n in old.keys() - new.keys()], [(n, *w) for n, w in new.items() if old.get(n) != w]
    connection.executemany("DELETE FROM review_weights WHERE number = ?", gone)
    connection.executemany(f"INSERT OR REPLACE INTO review_weights ({WEIGHTS}) VALUES (?, ?, ?, ?)", changed)
    return len(gone) + len(changed)


def weighed(connection: sqlite3.Connection) -> int:
    """Return how many articles stand in the order of review, ruled or not."""
    return int(connection.execute("SELECT count(*) FROM review_weights").fetchone()[0])


def weight(uncertainty: float, pages: int) -> tuple[float, float, int]:
    """Return (weight, uncertainty, pages): uncertainty (0..1) times reach, 1 + log2 of the pages of the cluster."""
    return round(uncertainty * (1 + math.log2(max(pages, 1))), 4), round(uncertainty, 4), pages


def waiting(
    connection: sqlite3.Connection, ruled: Mapping[str, Sequence[Decision]], moderator: str, skip: Collection[str] = ()
) -> Iterator[Waiting]:
    """Yield the articles this person should look at, the weightiest first; those in ``skip`` are left out.

    What was ruled on by somebody else comes again, one in SECOND_OPINIONS, for a second opinion.
    """
    rows = connection.execute(
        "SELECT a.number, a.id, w.weight, w.uncertainty, w.pages FROM review_weights w JOIN articles a "
        "ON a.number = w.number ORDER BY w.weight DESC, w.number DESC"
    )
    for number, identity, heavy, uncertainty, pages in rows:
        people = {decision.moderator for decision in ruled.get(identity, ())}
        second = bool(people) and moderator not in people and len(people) == 1 and wants_second(identity)
        if identity not in skip and (not people or second):
            yield Waiting(int(number), str(identity), heavy, uncertainty, pages, second)


def one_article(connection: sqlite3.Connection, number: int) -> Waiting | None:
    """Return one article as the queue would show it, whoever has ruled on it; None when there is none."""
    row = connection.execute(
        "SELECT a.number, a.id, coalesce(w.weight, 0), coalesce(w.uncertainty, 0), coalesce(w.pages, 1) FROM articles a "
        "LEFT JOIN review_weights w ON w.number = a.number WHERE a.number = ?",
        (number,),
    ).fetchone()
    return Waiting(*tuple(row)) if row else None


def wants_second(identity: str) -> bool:
    """Whether an article is one of those that two people look at; the same for everybody, at any time."""
    return hashlib.sha256(identity.encode()).digest()[0] % SECOND_OPINIONS == 0


def agreement(ruled: Mapping[str, Sequence[Decision]]) -> Agreement:
    """Return how far people agree on the articles that more than one of them ruled on."""
    pairs: list[tuple[str, str]] = []
    disputed = []
    for article, found in sorted(ruled.items()):
        last = {decision.moderator: decision for decision in found}
        if len(last) < 2:
            continue
        votes = [last[name].ruling for name in sorted(last)]
        pairs += list(combinations(votes, 2))
        if len(set(votes)) > 1:
            disputed.append((article, tuple(last[name] for name in sorted(last))))
    both = sum(len({decision.moderator for decision in found}) > 1 for found in ruled.values())
    return Agreement(both, both - len(disputed), kappa(pairs), tuple(disputed))


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Return Cohen's κ of pairs of votes (Cohen 1960), None when there are fewer than two."""
    if len(pairs) < 2:
        return None
    observed = sum(left == right for left, right in pairs) / len(pairs)
    lefts, rights = Counter(left for left, _ in pairs), Counter(right for _, right in pairs)
    expected = sum(lefts[value] * rights[value] for value in lefts) / len(pairs) ** 2
    return 1.0 if expected == 1 else (observed - expected) / (1 - expected)

"""Relevance: titles before texts, honest pages before spam, canonical articles before copies, then how often and how early.

FTS5's ``bm25()`` first counts every hit of every word (0.6 s for a common word in 200,000 articles), whatever the limit.
So relevance is computed here, for the newest hits of three tiers only, and says how many it looked at:

1. every word hits the title, the page is honest (spam below 2); 2. honest; 3. the rest.

Within them the score is BM25-like (Robertson and Zaragoza 2009: saturation k1, length normalisation b) over counts in the
folded text, with the words' rarity estimated among the candidates.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.marks import UNSURE_SPAM, spam_mark
from corpus.match import Match, in_titles, one_of_marks
from corpus.segment import fold
from corpus.snippets import Needle, needle_of
from corpus.stories import Request, Row, Stories, where

TIER_LIMIT = 200  # newest hits of each tier that are ranked; reading a text costs 40 µs, so at most some 25 ms
K1, B = 1.2, 0.75  # the usual constants of BM25
TITLE_WEIGHT = 3.0  # a hit in the title counts like so many in the text
SPAM_FACTOR = (1.0, 0.9, 0.3, 0.15)  # by spam level 0 … 3; chosen
COPY_FACTOR = 0.8  # a copy whose canonical article does not match
USUAL_LENGTH = 1_200  # characters, the median of article texts; chosen


Sought = tuple[str, tuple[Needle, ...]]  # the field a term is restricted to, its forms


@dataclass(frozen=True, slots=True)
class Candidate:
    row: Row
    spam: int
    length: int
    title_hits: tuple[int, ...]  # by term
    text_hits: tuple[int, ...]


def by_relevance(connection: sqlite3.Connection, found: Match, request: Request) -> tuple[list[int], int]:
    """Return the numbers of the stories on this page, best first, and how many hits were ranked."""
    numbers: dict[int, None] = {}
    for tier in tiers(found, request):
        sql, values = where(replace(found, expression=tier))
        numbers |= dict.fromkeys(
            row[0]
            for row in connection.execute(
                f"SELECT f.rowid FROM article_fts f WHERE {sql} ORDER BY f.rowid DESC LIMIT {TIER_LIMIT}",
                values,
            )
        )
    sought = [(t.field, tuple(needle_of(form.text) for form in t.forms)) for t in found.terms if t.wanted]
    candidates = [c for number in numbers if (c := candidate(connection, number, sought))]
    weights = rarity(candidates, len(sought))
    stories = Stories(connection, found, request.stories)
    for each in candidates:
        stories.add(each.row, f"{score(each, weights):020.9f}")
    stories.keep(request.offset + request.limit)
    return [number for _, number in stories.ordered()[request.offset :]], len(candidates)


def tiers(found: Match, request: Request) -> tuple[str, ...]:
    """Return the expressions of the three tiers; of the last two only, when no word can be asked of titles."""
    honest = one_of_marks([spam_mark(level) for level in (0, 1, UNSURE_SPAM)])
    titles = in_titles(found, request.reach)
    return (*([f"({titles} AND {honest})"] if titles else []), f"({found.expression} AND {honest})", found.expression)


def candidate(connection: sqlite3.Connection, number: int, sought: Sequence[Sought]) -> Candidate | None:
    """Return an article with how often each term, in any of its forms, stands in its title and its text."""
    row = connection.execute(
        "SELECT number, first_captured, cluster_id, is_canonical, published, spam, clean_title, clean_text FROM articles "
        "WHERE number = ?",
        (number,),
    ).fetchone()
    if row is None:
        return None
    title, text = fold(row[6]), fold(row[7])
    return Candidate(
        (row[0], row[1], row[2], row[3], row[4]),
        int(row[5] or 0),
        len(text),
        tuple(sum(n.count(title) for n in needles) if field in ("", "title") else 0 for field, needles in sought),
        tuple(sum(n.count(text) for n in needles) if field in ("", "text") else 0 for field, needles in sought),
    )


def rarity(candidates: Sequence[Candidate], terms: int) -> list[float]:
    """Return the weight of each term: rarer among the candidates, heavier (BM25's idf, never negative)."""
    weights = []
    for at in range(terms):
        with_term = sum(1 for c in candidates if c.title_hits[at] or c.text_hits[at])
        weights.append(math.log(1 + (len(candidates) - with_term + 0.5) / (with_term + 0.5)) + 0.1)
    return weights


def score(candidate: Candidate, weights: Sequence[float]) -> float:
    norm = K1 * (1 - B + B * candidate.length / USUAL_LENGTH)
    total = 0.0
    for weight, title, text in zip(weights, candidate.title_hits, candidate.text_hits, strict=True):
        hits = text + TITLE_WEIGHT * title
        total += weight * hits * (K1 + 1) / (hits + norm) + (weight if title else 0.0)
    factor = SPAM_FACTOR[min(max(candidate.spam, 0), 3)]
    cluster, canonical = candidate.row[2], candidate.row[3]
    return total * factor * (COPY_FACTOR if cluster and not canonical else 1.0)

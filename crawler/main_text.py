"""Chooses which lines of a page are its main text, and says of every other line why it is not.

The region first: each line weighs what it adds to a text (prose counts for it, links and boilerplate against it), and
the element with the heaviest sum of lines is the article; an element that holds navigation loses weight by it, so the
sum itself finds the tightest fit. Then the lines of the region: only those that say of themselves what they are go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from crawler.line_rules import NEGATIVE_CUE, POSITIVE_CUE, fold, rule
from crawler.markup import Line, Markup
from crawler.titles import Title, letters

PROSE_MARK = re.compile(r"[，。！？；：、“”…,;!?]")
LONG = 40  # characters from which a line without punctuation still counts as prose
LINKED = 0.5  # share of a line's characters inside links from which it is navigation


@dataclass(frozen=True, slots=True)
class Choice:
    """reasons: one a line, "" for main text. region: index of the chosen element, -1 where none was found."""

    reasons: list[str]
    region: int
    folded: list[str]


def weigh(line: Line, reason: str) -> float:
    """Return what a line adds to the text around it, in characters of prose; negative for navigation."""
    size = len(line.text)
    if line.hidden:
        return 0.0
    if reason:
        return -10.0
    share = line.links / size
    if share > LINKED:
        return -5.0 - min(size, 30)
    marks = len(PROSE_MARK.findall(line.text[:400]))
    own = size - line.links
    if (marks and size >= 15) or size >= LONG:
        return float(min(own, 500)) * (1 - share)
    return 2.0 if size >= 6 else 0.0


def choose(page: Markup, title: Title) -> Choice:
    """Return the reason of every line of a page."""
    lines = page.lines
    folded = [fold(line.text) if len(line.text) <= 160 else "" for line in lines]
    reasons = [rule(text) if text else "" for text in folded]
    weights = [weigh(line, reason) for line, reason in zip(lines, reasons, strict=True)]
    sums = list(accumulate(weights, initial=0.0))
    factors = cue_factors(page)
    best, best_score = -1, 0.0
    for element in range(len(page.tags)):
        first, last = page.first[element], page.last[element]
        if last <= first:
            continue
        score = (sums[last] - sums[first]) * factors[element]
        if score > best_score * (1.0 if best < 0 else 0.97 if page.parents[element] else 1.0) and score > 0:
            best, best_score = element, max(score, best_score)
    if best < 0:
        return Choice(
            [reason or ("hidden" if line.hidden else "outside") for line, reason in zip(lines, reasons, strict=True)],
            -1,
            folded,
        )
    first, last = page.first[best], page.last[best]
    begin = (
        title.line
        if first <= title.line < last and sums[title.line] - sums[first] < 0.2 * (sums[last] - sums[first])
        else first
    )
    heading = letters(title.text)
    final: list[str] = []
    for number, (line, reason) in enumerate(zip(lines, reasons, strict=True)):
        if line.hidden:
            reason = "hidden"
        elif heading and (number == title.line or (len(line.text) < 300 and letters(line.text) == heading)):
            reason = "title" if number == title.line else "repeated-title"
        elif not begin <= number < last:
            reason = reason or ("navigation" if line.links > LINKED * len(line.text) else "outside")
        elif not reason and line.links > 0.8 * len(line.text) and len(line.text) < 60:
            reason = "navigation"
        final.append(reason)
    return Choice(final, best, folded)


def cue_factors(page: Markup) -> list[float]:
    """Return how likely each element is to hold an article, by its own tag and class names and those above."""
    factors: list[float] = []
    above: list[float] = []
    for tag, cue, parent in zip(page.tags, page.cues, page.parents, strict=True):
        factor = above[parent] if parent >= 0 else 1.0
        own = 1.0
        if tag in ("aside", "nav", "footer"):
            factor *= 0.3
        elif tag == "article":
            own = 1.3
        if cue:
            positive = POSITIVE_CUE.search(cue) is not None
            if positive:
                own = 1.3
            elif NEGATIVE_CUE.search(cue):
                factor *= 0.4
        above.append(factor)
        factors.append(factor * own)
    return factors

"""What kind of page it is: article, thread, list, gallery or other.

A list page is made of headlines that link elsewhere, and has little prose of its own; a thread is made of posts, each
with somebody's name and time. Decided before the main text is read, since each kind is read by its own rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.markup import Line

HEADLINE = 8  # characters of a linked line from which it reads as a headline
ENOUGH_HEADLINES = 12
PROSE_PER_HEADLINE = 12.0  # characters of prose beside each headline below which a page is a list (chosen)


def is_list(lines: Sequence[Line], kept: Sequence[bool]) -> bool:
    """Return whether a page is a list of links rather than an article, given the lines chosen as its text."""
    headlines = sum(
        1 for line in lines if not line.hidden and len(line.text) >= HEADLINE and line.links > 0.7 * len(line.text)
    )
    prose = sum(
        len(line.text) - line.links for line, keep in zip(lines, kept, strict=True) if keep and len(line.text) >= 15
    )
    return headlines >= ENOUGH_HEADLINES and prose < PROSE_PER_HEADLINE * headlines and prose < 60

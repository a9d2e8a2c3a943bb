"""Clean text in, spans of it that are not its own words out: statutes and long quotations.

Two honest articles that quote the same article of the Civil Code share its words and are no copies of each other; nor
are two news reports that quote one announcement. Their own words are compared apart.
"""

from __future__ import annotations

import re

LONGEST = 800  # characters of one quotation; what is longer is a text in quotation marks, not a quotation (chosen)
_ARTICLE = "第[一二三四五六七八九十百千零〇0-9]{1,8}条(?:之[一二三四五六七八九十]{1,2})?"
_NUMBERED = re.compile(_ARTICLE)
_BEGINNING = re.compile('[第“"「『]')
# A statute is quoted where its article number opens a line or is set off by a space; 第十条规定 (Article 10 says) cites.
_QUOTED = re.compile(
    rf"(?m:^)[“\"「『]?{_ARTICLE}[^\n]{{10,{LONGEST}}}"
    rf"|{_ARTICLE}[ \u3000\t:：][^\n]{{10,{LONGEST}}}"
    rf"|“[^“”\n]{{30,{LONGEST}}}”|「[^「」\n]{{30,{LONGEST}}}」|『[^『』\n]{{30,{LONGEST}}}』"
)


def quotations(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans (code points, half-open, in order) of quoted statutes and quotations of 30 characters or more."""
    if not ("“" in text or "「" in text or "『" in text or _NUMBERED.search(text)):
        return ()
    spans: list[tuple[int, int]] = []
    end = 0
    for mark in _BEGINNING.finditer(text):  # far quicker than to try the long pattern at every character
        if mark.start() >= end and (hit := _QUOTED.match(text, mark.start())):
            spans.append(hit.span())
            end = hit.end()
    return tuple(spans)


def own_words(text: str) -> str:
    """Return the text without its quotations, a line break in the place of each."""
    kept, end = [], 0
    for start, stop in quotations(text):
        kept.append(text[end:start])
        end = stop
    return "\n".join([*kept, text[end:]])

"""Where a query hit a text, and the stretch of the text as published to show for it.

Hits are found in the folded clean text, as the index found them, and mapped back through the edits. A snippet is text
plus offsets, never markup: whoever prints it escapes the text first and then sets marks, so that no page can smuggle
HTML or terminal codes into a reader's window.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.errors import QueryError
from corpus.match import Term, match
from corpus.segment import fold, runs

WIDTH = 90  # characters: two lines of a terminal or of a list of results
LEAD = 30  # characters before the first hit
SNAP = 12  # characters within which a snippet may begin after a mark of punctuation instead
MAX_HITS = 500  # marked hits of one text; more help nobody
MAX_FRAGMENTS = 2
OPEN, CLOSE = "\ue000", "\ue001"  # private-use marks, set in rendered text only, never stored
SENTENCE_END = "。！？；，、：\n .!?;,:"
# Controls, and marks that reverse the direction of writing.
UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")

Pair = tuple[int, int]
EditPlace = tuple[int, int, int, int]  # start and end as published, start and end in the clean text


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of a text as published. ``marks``: hits, half-open, in order; ``holes``: (place, deleted word).

    ``start``: where it stands in the text as published. Offsets in ``marks`` and ``holes`` count in ``text``.
    """

    field: str
    text: str
    marks: tuple[Pair, ...]
    holes: tuple[tuple[int, str], ...] = ()
    start: int = 0
    cut_before: bool = False
    cut_after: bool = False


@dataclass(frozen=True, slots=True)
class Needle:
    """A form made ready to be looked for in many folded texts. ``source``: its regular expression, "" for no word.

    ``run``: its only run, else all runs together; ``pattern``: when it has several.
    """

    run: str
    source: str
    pattern: re.Pattern[str] | None

    def count(self, folded: str) -> int:
        """Return how often it stands in ``folded``, without overlaps."""
        if self.pattern is None:
            return folded.count(self.run) if self.run else 0
        return sum(1 for _ in self.pattern.finditer(folded))

    def within(self, folded: str) -> bool:
        return bool(self.run) and self.run in folded if self.pattern is None else bool(self.pattern.search(folded))


def needle_of(form: str) -> Needle:
    words = runs(form)
    source = " +".join(re.escape(word) for word in words)
    return Needle("".join(words), source, re.compile(source) if len(words) > 1 else None)


def pattern_of(needles: Iterable[Needle]) -> re.Pattern[str] | None:
    """Return the pattern that finds any of ``needles`` in folded text, longest first; None when there is none."""
    words = {needle.source for needle in needles if needle.source}
    return re.compile("|".join(sorted(words, key=lambda word: (-len(word), word)))) if words else None


def spans(folded: str, pattern: re.Pattern[str] | None) -> tuple[Pair, ...]:
    """Return where ``pattern`` hits, in order, without overlaps, MAX_HITS at most."""
    found: list[Pair] = []
    for hit in pattern.finditer(folded) if pattern else ():
        found.append(hit.span())
        if len(found) == MAX_HITS:
            break
    return tuple(found)


def published_spans(hits: Sequence[Pair], edits: Sequence[EditPlace]) -> tuple[Pair, ...]:
    """Return the hits' places in the text as published, in order; hits that meet there become one.

    edits: in order, without overlaps. Inside an edit that keeps the length (Traditional to Simplified) characters
    correspond one to one; any other edit is marked whole.
    """
    if not edits and len(hits) < 2:
        return tuple(hits)
    starts = [edit[2] for edit in edits]
    found: list[Pair] = []
    for start, end in hits:
        left, right = published_place(start, edits, starts)[0], published_place(end - 1, edits, starts)[1]
        if found and left <= found[-1][1]:
            found[-1] = (found[-1][0], max(right, found[-1][1]))
        else:
            found.append((left, right))
    return tuple(found)


def published_place(place: int, edits: Sequence[EditPlace], starts: Sequence[int]) -> Pair:
    """Return the stretch of the text as published from which the clean character at ``place`` came."""
    at = bisect_right(starts, place) - 1
    if at < 0:
        return place, place + 1
    start, end, clean_start, clean_end = edits[at]
    if place >= clean_end:
        moved = place - clean_end + end
        return moved, moved + 1
    if end - start == clean_end - clean_start:
        moved = start + place - clean_start
        return moved, moved + 1
    return start, end


def fragments(field: str, text: str, marks: Sequence[Pair], *, limit: int = MAX_FRAGMENTS) -> tuple[Snippet, ...]:
    """Return up to ``limit`` stretches of ``text`` that hold most of the marks, in order of the text.

    Without marks, the beginning of the text.
    """
    chosen: list[Pair] = []
    found = windows(text, marks)
    if len(found) > 1:
        found.sort(key=lambda w: (-sum(w[0] <= m[0] < w[1] for m in marks), w))
    for start, end in found:
        if len(chosen) < limit and all(end <= left or start >= right for left, right in chosen):
            chosen.append((start, end))
    return tuple(cut(field, text, marks, window) for window in sorted(chosen or [(0, min(WIDTH, len(text)))]))


def windows(text: str, marks: Sequence[Pair]) -> list[Pair]:
    """Return one stretch per mark that begins a little before it, beginning after punctuation where that is near."""
    found = []
    for left, right in marks[:60]:
        start = max(left - LEAD, 0)
        if start:
            near = [i + 1 for i in range(start, min(start + SNAP, left)) if text[i] in SENTENCE_END]
            start = near[0] if near else start
        found.append((start, min(max(start + WIDTH, right), start + 3 * WIDTH, len(text))))
    return found


def cut(field: str, text: str, marks: Sequence[Pair], window: Pair) -> Snippet:
    start, end = window
    inside = tuple((max(a, start) - start, min(b, end) - start) for a, b in marks if a < end and b > start)
    return Snippet(field, shown(text[start:end]), inside, start=start, cut_before=start > 0, cut_after=end < len(text))


def shown(text: str) -> str:
    """Return ``text`` with a space for each character that could act on the reader's screen."""
    return UNSHOWN.sub(" ", text)


def hole_fragment(field: str, text: str, place: int, suggestion: str) -> Snippet:
    """Return the stretch around a place (in the text as published) where ``suggestion`` seems to have been deleted."""
    start, end = max(place - LEAD, 0), min(place + WIDTH - LEAD, len(text))
    plain = cut(field, text, (), (start, end))
    return Snippet(
        field, plain.text, (), ((place - start, suggestion),), start, cut_before=start > 0, cut_after=end < len(text)
    )


def render(snippet: Snippet, opening: str, closing: str, *, hole: str = "〔{}〕") -> str:
    """Return the snippet's text with ``opening`` and ``closing`` around hits; for output that needs no escaping."""
    parts: list[str] = []
    at = 0
    events = sorted(
        [(a, 1, opening) for a, _ in snippet.marks]
        + [(b, 0, closing) for _, b in snippet.marks]
        + [(place, 2, hole.format(word)) for place, word in snippet.holes]
    )
    for place, _, inserted in events:
        parts += [snippet.text[at:place], inserted]
        at = place
    parts.append(snippet.text[at:])
    return ("…" if snippet.cut_before else "") + "".join(parts) + ("…" if snippet.cut_after else "")


def to_html(snippet: Snippet) -> str:
    """Return the snippet as HTML: everything of the page escaped, hits in ``<mark>``, deleted words in ``<ins>``."""
    return mark_up(html.escape(render(without_marks(snippet), OPEN, CLOSE, hole="\ue002{}\ue003")))


def without_marks(snippet: Snippet) -> Snippet:
    """Return the snippet with the private-use characters that mark hits replaced: the page's own must not pass for ours."""
    plain = {0xE000: 0xFFFD, 0xE001: 0xFFFD, 0xE002: 0xFFFD, 0xE003: 0xFFFD}
    return Snippet(
        snippet.field,
        snippet.text.translate(plain),
        snippet.marks,
        tuple((place, word.translate(plain)) for place, word in snippet.holes),
        snippet.start,
        snippet.cut_before,
        snippet.cut_after,
    )


def mark_up(escaped: str) -> str:
    """Return HTML for text that is escaped already and has OPEN and CLOSE around hits, as ``zh_snippet`` gives it."""
    tags = {OPEN: "<mark>", CLOSE: "</mark>", "\ue002": '<ins class="hole">〔', "\ue003": "〕</ins>"}
    return "".join(tags.get(character, character) for character in escaped)


def zh_snippet(text: object, query: object) -> str:
    """Return a stretch of ``text`` with OPEN and CLOSE around the hits of ``query``: an SQL function.

    Escape it, then ``mark_up``. Never an error: a query that cannot be parsed marks its words. Synonyms are marked too.
    """
    if not isinstance(text, str) or not isinstance(query, str):
        return ""
    pattern = pattern_of(needle_of(form.text) for term in wanted_terms(query) for form in term.forms)
    whole = fragments("text", text, spans(fold(text), pattern))
    return " ".join(render(without_marks(snippet), OPEN, CLOSE) for snippet in whole)


def wanted_terms(query: str) -> tuple[Term, ...]:
    try:
        return tuple(term for term in match(query).terms if term.wanted)
    except QueryError:
        words = " ".join(f'"{run}"' for run in runs(query[:1_000])[:50])
        return match(words).terms if words else ()

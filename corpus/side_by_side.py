"""A restored text beside the text as published: paragraphs in pairs, cut into pieces that say what was changed.

Pure and without markup: a piece is text plus what is known of it. Whoever shows it escapes it. Offsets are those of the
records: half-open, in code points.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.records import Edit, Hole, Span

MAX_SHOWN = 120_000  # characters of a text that a page shows; the whole text is in the JSON
MAX_PIECES = 20_000  # of one text: a page with more is illegible, and a browser slow


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. ``edit``: the change that made it; ``hole``: the word that seems to be missing here (text is
    then empty); ``span``: a flagged kind; ``evidence``: the label codes that rest on it."""

    text: str
    edit: Edit | None = None
    hole: Hole | None = None
    span: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the restored text and the stretch of the text as published that it came from."""

    clean: tuple[Piece, ...]
    published: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        return any(piece.edit for piece in (*self.clean, *self.published))


@dataclass(frozen=True, slots=True)
class Marking:
    """What is known of a text. ``evidence``: (start, end, label code), in the clean text."""

    edits: Sequence[Edit] = ()
    holes: Sequence[Hole] = ()
    spans: Sequence[Span] = ()
    evidence: Sequence[tuple[int, int, str]] = ()


def paragraphs(published: str, clean: str, marking: Marking) -> tuple[Paragraph, ...]:
    """Return the paragraphs of ``clean``, each beside its stretch of ``published``; together they are both texts.

    Texts longer than MAX_SHOWN are cut at it.
    """
    edits = sorted(marking.edits, key=lambda edit: (edit.clean_start, edit.start))[:MAX_PIECES]
    clean_starts, source_starts = [edit.clean_start for edit in edits], [edit.start for edit in edits]
    shown = clean[:MAX_SHOWN]
    places = [0, *(place + 1 for place, character in enumerate(shown) if character == "\n"), len(shown)]
    starts = [0, *(published_start(place, edits, clean_starts) for place in places[1:-1])]
    starts.append(len(published) if len(shown) == len(clean) else published_start(len(shown), edits, clean_starts))
    inserted = [(hole.start, hole) for hole in marking.holes[:MAX_PIECES]]
    covers = [(span.start, span.end, "span", span.kind) for span in marking.spans]
    covers += [(start, end, "evidence", code) for start, end, code in marking.evidence]
    found = []
    for number, start in enumerate(places[:-1]):
        end, left, right = places[number + 1], starts[number], max(starts[number], starts[number + 1])
        changes = [e for e in near(edits, clean_starts, start, end) if e.clean_end > start or e.clean_start == start]
        sources = [e for e in near(edits, source_starts, left, right) if e.end > left or e.start == left]
        holes = [hole for place, hole in inserted if start <= place < end or (place == end == len(shown))]
        found.append(
            Paragraph(
                pieces(shown, start, end, [(e.clean_start, e.clean_end, e) for e in changes], holes, covers),
                pieces(published, left, right, [(e.start, e.end, e) for e in sources], (), ()),
            )
        )
    return tuple(found)


def near(edits: Sequence[Edit], starts: Sequence[int], start: int, end: int) -> Sequence[Edit]:
    """Return the edits that begin in [start, end), and the one before them, which may reach into it."""
    return edits[max(bisect_left(starts, start) - 1, 0) : bisect_left(starts, end)]


def published_start(place: int, edits: Sequence[Edit], clean_starts: Sequence[int]) -> int:
    """Return where the character at ``place`` of the clean text began in the text as published."""
    at = bisect_right(clean_starts, place) - 1
    if at < 0:
        return place
    edit = edits[at]
    return edit.start if place < edit.clean_end else place - edit.clean_end + edit.end


def pieces(
    text: str,
    start: int,
    end: int,
    edits: Sequence[tuple[int, int, Edit]],
    holes: Sequence[Hole],
    covers: Sequence[tuple[int, int, str, str]],
) -> tuple[Piece, ...]:
    """Return [start, end) of ``text`` cut where something begins or ends; its line break is left out."""
    stop = end - 1 if end > start and text[end - 1 : end] == "\n" else end
    inside = [cover for cover in covers if cover[0] < stop and cover[1] > start]
    cuts = {start, stop}
    for left, right in [(a, b) for a, b, _ in edits] + [(a, b) for a, b, _, _ in inside]:
        cuts |= {min(max(left, start), stop), min(max(right, start), stop)}
    cuts |= {min(max(hole.start, start), stop) for hole in holes}
    places = sorted(cuts)
    found: list[Piece] = []
    changing, missing = 0, 0
    waiting = sorted(holes, key=lambda hole: hole.start)
    for left, right in zip(places, [*places[1:], places[-1]], strict=True):
        while missing < len(waiting) and min(max(waiting[missing].start, start), stop) <= left:
            found.append(Piece("", hole=waiting[missing]))
            missing += 1
        while changing < len(edits) and edits[changing][1] <= left:
            if edits[changing][0] == edits[changing][1] == left:
                found.append(Piece("", edit=edits[changing][2]))
            changing += 1
        if right > left:
            covered = changing < len(edits) and edits[changing][0] <= left
            codes = [(kind, code) for a, b, kind, code in inside if a <= left and right <= b]
            found.append(
                Piece(
                    text[left:right],
                    edits[changing][2] if covered else None,
                    span=next((code for kind, code in codes if kind == "span"), ""),
                    evidence=tuple(dict.fromkeys(code for kind, code in codes if kind == "evidence")),
                )
            )
    return tuple(found)

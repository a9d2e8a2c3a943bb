"""Measures restoration on simulated damage over text that its rules and model never saw.

    python benchmarks/restore_texts.py FOLDER
    python benchmarks/restore.py FOLDER [notes straddles marks script clean holes evasions speed …]

Every figure of docs/restoration.md comes from here. Damage is done by ``corpus.damage``, forward from the mechanisms.
"""

from __future__ import annotations

import os
import re
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from pypinyin import Style, lazy_pinyin
from restore_texts import lines_of

from corpus import damage
from corpus.records import CleanText, Edit
from corpus.restore import restore
from corpus.restore.script import simplified_text

PAGE = 1500  # characters of a simulated page
CLEARLY = 0.9  # confidence from which an edit claims to be certain
LIMIT = int(os.environ.get("RESTORE_LIMIT", "160000"))  # characters of each text
SEED = 20261122


def pages_of(lines: Sequence[str]) -> list[list[str]]:
    """Return lines grouped into pages of about PAGE characters, without lines that GBK cannot write or that have ?."""
    pages: list[list[str]] = [[]]
    length = 0
    for line in lines:
        try:
            line.encode("gbk")
        except UnicodeEncodeError:
            continue
        if "?" in line or "(" in line:
            continue
        pages[-1].append(line)
        length += len(line)
        if length >= PAGE:
            pages.append([])
            length = 0
    return [page for page in pages if page]


def clean_at(position: int, edits: Sequence[Edit]) -> int:
    """Return the place in the clean text of a place in the text as published (the end of an edit it lies in)."""
    index = bisect_right(edits, position, key=lambda edit: edit.start) - 1
    if index < 0:
        return position
    edit = edits[index]
    if position == edit.start < edit.end:
        return edit.clean_start
    return position - edit.end + edit.clean_end if position >= edit.end else edit.clean_end


def restored_pieces(pieces: Sequence[str], clean: CleanText) -> list[str]:
    """Return what became of each of the pieces whose concatenation was restored."""
    cuts = [0]
    for piece in pieces:
        cuts.append(cuts[-1] + len(piece))
    places = [clean_at(cut, clean.edits) for cut in cuts]
    places[-1] = len(clean.text)
    return [clean.text[start:end] for start, end in zip(places, places[1:], strict=False)]


def wanted(line: str) -> str:
    """Return what restoration should make of an undamaged line in Traditional characters."""
    plain = simplified_text(line, traditional=True)
    return re.sub("[０-９Ａ-Ｚａ-ｚ]", lambda match: chr(ord(match[0]) - 0xFEE0), plain)


def same(got: list[str], want: list[str]) -> list[bool]:
    """Tell which pieces are right; where an edit reaches over a border, a piece and its neighbour are one."""
    got, want = [*got[:-1], got[-1].rstrip("\n")], [*want[:-1], want[-1].rstrip("\n")]
    right = [a == b for a, b in zip(got, want, strict=True)]
    for i in range(len(got) - 1):
        if not (right[i] and right[i + 1]) and got[i] + got[i + 1] == want[i] + want[i + 1]:
            right[i] = right[i + 1] = True
    return right


def notes(folder: Path) -> None:
    """Annotations removed where a tool put them."""
    for name in ("gold", "laws", "news", "reviews"):
        for density in (1.0, 0.3, 0.02):
            table = damage.table_of(density, Random(SEED))
            count = left = 0
            wrong: dict[str, int] = {}
            for page in pages_of(lines_of(name, folder, 150_000)):
                plain = "\n".join(page)
                text = damage.convert_by_character(plain)
                # The reading in its phrase, Simplified or Traditional by turns: an annotator that knows words.
                source = plain if len(page) % 2 else text
                spoken = lazy_pinyin(source, style=Style.TONE, errors=list)
                shown = "".join(
                    c + f"({syllable})" if c in table else c for c, syllable in zip(text, spoken, strict=True)
                )
                count += sum(c in table for c in text)
                clean = restore(shown)
                remaining = clean.text.count("(")
                left += remaining
                for i, c in enumerate(clean.text):
                    if c == "(":
                        note = clean.text[i - 1 : i + 7]
                        wrong[note] = wrong.get(note, 0) + 1
            print(
                f"notes {name:8} density {density:4}: {count:7,} notes, {1 - left / max(1, count):.5f} removed",
                sorted(wrong.items(), key=lambda x: -x[1])[:8],
            )


def straddles(folder: Path, *, names: Iterable[str] = ("gold", "laws", "news"), limit: int = LIMIT) -> None:
    """Annotations inside two characters."""
    for private_use in (False, True):
        for name in names:
            for density in (1.0, 0.3, 0.05):
                table = damage.table_of(density, Random(SEED))
                rows = []
                started = time.process_time()
                for page in pages_of(lines_of(name, folder, limit)):
                    full = [damage.convert_by_character(line + "\n") for line in page]
                    shown = [damage.annotate(line, table, private_use=private_use) for line in full]
                    clean = restore("".join(piece.text for piece in shown))
                    got = restored_pieces([piece.text for piece in shown], clean)
                    starts = [0]
                    for piece in got:
                        starts.append(starts[-1] + len(piece))
                    lows = [e.clean_start for e in clean.edits if e.confidence < CLEARLY]
                    right = same(got, [wanted(line) for line in full])
                    for i, (line, piece, text) in enumerate(zip(full, shown, got, strict=True)):
                        certain = not any(starts[i] <= low < starts[i + 1] for low in lows)
                        lost = piece.lost + (i > 0 and not shown[i - 1].text.endswith("\n"))
                        rows.append((piece.straddles, lost, right[i], certain, text, line, piece.text))
                seconds = time.process_time() - started
                hit = [r for r in rows if r[0]]
                decided = [r for r in hit if not r[1]]
                lost = [r for r in hit if r[1]]
                print(
                    f"straddles {'PUA' if private_use else '?  '} {name:6} {density:4}: {sum(r[0] for r in hit):5} straddles; bytes decide: "
                    f"{share(r[2] for r in decided)} of {len(decided)} lines; all straddles exact {weighted(hit)}; with a lost pair "
                    f"{weighted(lost)} of {sum(r[0] for r in lost)}; certain lines exact {share(r[2] for r in hit if r[3])} "
                    f"({share(r[3] for r in hit)} certain); {1000 * seconds / max(1, sum(len(r[5]) for r in rows)) * 1500:.0f} ms a page"
                )
                for r in decided + lost if VERBOSE else []:
                    if not r[2]:
                        print(
                            "   ", r[1], r[3], "SHOWN", r[6].strip(), "GOT", r[4].strip(), "WANT", wanted(r[5]).strip()
                        )


VERBOSE = "-v" in sys.argv


def share(values: Iterable[bool]) -> str:
    values = list(values)
    return f"{sum(values) / len(values):.4f}" if values else "–"


def weighted(rows: Sequence[tuple[object, ...]]) -> str:
    total = sum(int(row[0]) for row in rows)  # type: ignore[call-overload]
    return f"{sum(int(row[0]) for row in rows if row[2]) / total:.3f}" if total else "–"  # type: ignore[call-overload]


PARTS: dict[str, Callable[[Path], None]] = {"notes": notes, "straddles": straddles}

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for part in [arg for arg in sys.argv[2:] if not arg.startswith("-")] or list(PARTS):
        PARTS[part](folder)

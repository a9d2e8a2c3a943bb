"""Measures restoration on simulated damage over text that its rules and model never saw.

    python -m benchmarks.restore_texts FOLDER
    python -m benchmarks.restore FOLDER [notes straddles marks script clean holes evasions speed …]

Every figure of docs/restoration.md comes from here. Damage is done by ``corpus.damage``, forward from the mechanisms.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import jieba
import opencc
from pypinyin import Style, lazy_pinyin

from benchmarks.evasive import evasive_sentences
from benchmarks.restore_texts import SHARED, TEXTS, lines_of
from corpus import damage
from corpus.records import CleanText, Edit
from corpus.restore import restore
from corpus.restore.holes import find_holes
from corpus.restore.script import examine, simplified_text
from corpus.restore.straddles import PUNCTUATION_RULE

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
    return [clean.text[start:end] for start, end in itertools.pairwise(places)]


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
                spoken = lazy_pinyin(source, style=Style.TONE, errors=list)  # type: ignore[arg-type] # a callable, as pypinyin documents it
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
                rows: list[tuple[Any, ...]] = []
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
                    for i, (line, cut, text) in enumerate(zip(full, shown, got, strict=True)):
                        certain = not any(starts[i] <= low < starts[i + 1] for low in lows)
                        gone = cut.lost + (i > 0 and not shown[i - 1].text.endswith("\n"))
                        rows.append((cut.straddles, gone, right[i], certain, text, line, cut.text))
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


def weighted(rows: Sequence[tuple[Any, ...]]) -> str:
    total = sum(row[0] for row in rows)
    return f"{sum(row[0] for row in rows if row[2]) / total:.3f}" if total else "–"


def marks(folder: Path) -> None:
    """Marks matched inside two characters (？ before a mark): what is claimed as certain, and how much of it is right."""
    for listed in (damage.MARKS, damage.NINE_MARKS):
        for private_use in (False, True):
            for name in ("gold", "laws", "news"):
                rows: list[tuple[int, bool, bool]] = []
                for page in pages_of(lines_of(name, folder, LIMIT)):
                    full = [damage.convert_by_character(line + "\n") for line in page]
                    shown = [damage.cut_at_marks(line, listed, private_use=private_use) for line in full]
                    clean = restore("".join(piece.text for piece in shown))
                    got = restored_pieces([piece.text for piece in shown], clean)
                    right = same(got, [wanted(line) for line in full])
                    ends = [0]
                    for piece in got:
                        ends.append(ends[-1] + len(piece))
                    sure = [
                        e.clean_start for e in clean.edits if e.rule == PUNCTUATION_RULE and e.confidence >= CLEARLY
                    ]
                    unsure = [
                        e.clean_start for e in clean.edits if e.rule == PUNCTUATION_RULE and e.confidence < CLEARLY
                    ]
                    for i, cut in enumerate(shown):
                        if cut.straddles:
                            claims = any(ends[i] <= at < ends[i + 1] for at in sure) and not any(
                                ends[i] <= at < ends[i + 1] for at in unsure
                            )
                            claims = claims and "?" not in got[i]
                            rows.append((cut.straddles, claims, right[i]))
                            if VERBOSE and claims and not right[i]:
                                print(
                                    "   SHOWN",
                                    cut.text.strip()[:200],
                                    "GOT",
                                    got[i].strip()[:200],
                                    "WANT",
                                    wanted(full[i]).strip()[:200],
                                )
                claimed = [row for row in rows if row[1]]
                print(
                    f"marks {listed} {'PUA' if private_use else '?  '} {name:6}: {sum(row[0] for row in rows):5} straddles, exact {weighted(rows)}; "
                    f"claimed certain {share(row[1] for row in rows)} of {len(rows)} lines, of those right {share(row[2] for row in claimed)}"
                )


def headlines(folder: Path) -> list[str]:
    """Return the short lines of the news that end in no mark."""
    return [line for line in lines_of("news", folder) if 6 <= len(line) <= 30 and line[-1] not in "。！？：；，”）—…"]


def holes(folder: Path) -> None:
    """Words cut by filters: 问题 to 问 and 电话 to a blank, at a rate of .7, and false alarms on text nobody cut."""
    for word, left in (("问题", "问"), ("电话", " ")):
        for name in ("gold", "laws", "news", "headlines", "reviews", "apps"):
            random = Random(SEED)
            text = "\n".join(headlines(folder) if name == "headlines" else lines_of(name, folder))
            alarms = [hole for hole in find_holes(text, "text") if hole.rule.endswith(word)]
            wrong = [text[max(0, hole.start - 6) : hole.start + 4] for hole in alarms]
            damaged, places = damage.delete_words(text, {word: left}, 0.7, random)
            wanted_places = set(places if word == "问题" else [place - 1 for place in places])
            cut = len(places)
            holes_found = [hole for hole in find_holes(damaged, "text") if hole.rule.endswith(word)]
            found = len(holes_found)
            right = sum(hole.start in wanted_places for hole in holes_found)
            length = len(text)
            print(
                f"holes {word} {name:8} precision {right / max(1, found):.3f} of {found}, recall {right / max(1, cut):.3f} of {cut}, "
                f"{1e6 * len(alarms) / length:.1f} false alarms per million characters of {length:,}",
                wrong[:12] if VERBOSE else "",
            )


# Two spellings of one word in 通用规范汉字表 and 第一批异形词整理表 (the lists of standard characters and of variant words).
VARIANTS = {"锺钟", "钟锺", "钜巨", "藉借"}  # and 执着, 执著 (persevering)


def leftover(plain: str) -> bool:
    """Tell whether a Simplified page spells a word of 着 with 著 (跟著, following): itself converted, and not to the end."""
    jieba.initialize()
    words = set(re.findall("[\u3400-\u9fff]著", plain))
    return any((jieba.get_FREQ(word[0] + "着") or 0) > (jieba.get_FREQ(word) or 0) for word in words)


def script(folder: Path) -> None:
    """Traditional by machine, character by character, back to Simplified: wrong characters per 100,000, variants apart."""
    for name in ("gold", "laws", "news", "reviews"):
        for merged in (False, True):
            wrong: dict[str, int] = {}
            variants = length = 0
            for page in pages_of(lines_of(name, folder, 400_000)):
                plain = "\n".join(page)
                if examine(plain).traditional or "&" in plain or leftover(plain):
                    continue
                expected = wanted(plain)
                got = restore(damage.convert_by_character(plain, merged=merged)).text
                length += len(plain)
                if len(got) == len(expected):
                    for before, a, b in zip(" " + got, got, plain.translate(NARROW), strict=False):
                        if a != b and (b + a in VARIANTS or before + b in ("执着", "执著")):
                            variants += 1
                        elif a != b:
                            wrong[b + a] = wrong.get(b + a, 0) + 1
                else:
                    wrong["length"] = wrong.get("length", 0) + abs(len(got) - len(expected))
            commonest = sorted(wrong.items(), key=lambda item: -item[1])[:8]
            print(
                f"script {name:8} {'over-converted' if merged else 'by character'}: {1e5 * sum(wrong.values()) / length:.1f} wrong per "
                f"100,000 of {length:,} {commonest}, and {1e5 * variants / length:.1f} spelt another way"
            )


def pages(folder: Path) -> None:
    """Native and machine-made Traditional pages told apart."""
    written = (FIXTURES / "native_traditional.txt").read_text("utf-8").splitlines()
    count = len(written)
    made = ["\n".join(written[(i + step) % count] for step in (0, 1, 17, 33)) for i in range(count)]
    plain = [simplified_text(page, traditional=True) for page in made]
    kinds = {
        "native": (made, "traditional"),
        "machine": ([damage.convert_by_character(page) for page in plain], "machine-traditional"),
        "machine, over-converted": (
            [damage.convert_by_character(page, merged=True) for page in plain],
            "machine-traditional",
        ),
        "simplified": (plain, "simplified"),
    }
    for name in ("taiwan", "hongkong"):
        lines = lines_of(name, folder, 300_000)
        joined = "\n".join(lines)
        kinds[name] = ([joined[i : i + PAGE] for i in range(0, len(joined), PAGE)], "traditional")
    for kind, (texts, expected) in kinds.items():
        scripts = [restore(text).script for text in texts]
        print(f"pages {kind:24} {share(found == expected for found in scripts)} of {len(texts)}")


def clean(folder: Path) -> None:
    """Edits in text that nobody damaged, script and width not counted."""
    total = 0
    hits: list[tuple[str, str, str, str]] = []
    for name in (*TEXTS, "code", "tables"):
        if name == "code":
            sources = sorted(Path(json.__file__).parent.parent.glob("*.py"))[:60]
            lines = [line for path in sources for line in path.read_text("utf-8", "replace").splitlines()]
        elif name == "tables":
            lines = [
                "\t".join(line[i : i + 6] for i in range(0, min(60, len(line)), 6))
                for line in lines_of("laws", folder, 200_000)
            ]
        else:
            lines = lines_of(name, folder, 600_000)
        text = "\n".join(lines)
        chunks = [text[i : i + PAGE] for i in range(0, len(text), PAGE)]
        length = count = 0
        by_rule: dict[str, int] = {}
        for chunk in chunks:
            length += len(chunk)
            for edit in restore(chunk).edits:
                if edit.rule not in ("script", "width"):
                    count += 1
                    by_rule[edit.rule] = by_rule.get(edit.rule, 0) + 1
                    hits.append((name, edit.rule, edit.before, edit.after))
        total += length
        print(
            f"clean {name:8} {length:>9,} characters, {count} edits, {1e5 * count / max(1, length):.2f} per 100,000 {by_rule}"
        )
    print(f"clean all {total:,} characters, {1e5 * len(hits) / total:.2f} per 100,000")
    surface = ("invisible", "html-remains")
    print(
        f"clean all, invisible characters and HTML remains not counted: {1e5 * sum(h[1] not in surface for h in hits) / total:.2f}"
    )
    if VERBOSE:
        for hit in hits:
            if hit[1] not in surface:
                print("   ", *map(repr, hit))


def evasions(folder: Path) -> None:
    """Evasive sentences turned back; innocent ones left alone."""
    rows = list(evasive_sentences(Random(SEED), 900))
    by_kind: dict[str, list[bool]] = {}
    for kind, written, meant in rows:
        got = restore(written).text
        by_kind.setdefault(kind, []).append(got == meant)
        if VERBOSE and got != meant:
            print("   ", kind, written, "->", got)
    for kind, right in by_kind.items():
        print(f"evasions {kind:10} recall {share(right)} of {len(right)} sentences")
    right = [value for values in by_kind.values() for value in values]
    innocent = (FIXTURES / "innocent.txt").read_text("utf-8").splitlines()
    real = [
        line
        for name in ("gold", "news", "reviews", "apps", "laws")
        for line in lines_of(name, folder, 300_000)
        if SUSPICIOUS.search(line)
    ][:3000]
    touched = [line for line in [*innocent, *real] if any(e.rule.startswith("evasion") for e in restore(line).edits)]
    changed = sum(restore(written).text != written for _, written, _ in rows)
    print(
        f"evasions all        recall {share(right)} of {len(right)}; innocent sentences touched {len(touched)} of "
        f"{len(innocent) + len(real)} ({len(innocent)} written as traps); precision {changed / (changed + len(touched)):.4f}"
    )
    if VERBOSE:
        for line in touched:
            print("   ", [(e.before, e.after) for e in restore(line).edits], line[:60])


def speed(folder: Path) -> None:
    """CPU per page of 1,500 characters, beside OpenCC's t2s on the same text in the same run."""
    converter = opencc.OpenCC("t2s")
    plain = [
        "\n".join(page) for page in pages_of(lines_of("gold", folder, 150_000) + lines_of("laws", folder, 150_000))
    ]
    seeds = [path.read_text("utf-8") for path in sorted((SHARED / "seeds").glob("*.txt"))]
    full = damage.table_of(1.0, Random(SEED))
    texts = {
        "undamaged": plain,
        "like the seeds": seeds * 10 or [damage.convert_by_character(text) for text in plain],
        "every character annotated": [
            damage.annotate(damage.convert_by_character(text), full, private_use=False).text for text in plain[:40]
        ],
    }
    for kind, pages_ in texts.items():
        restore(pages_[0])
        ours, theirs = [], []
        for text in pages_:
            started = time.process_time()
            clean_text = restore(text).text
            ours.append((time.process_time() - started) * PAGE / len(clean_text))
            started = time.process_time()
            converter.convert(text)
            theirs.append((time.process_time() - started) * PAGE / len(clean_text))
        print(
            f"speed {kind:26} {1000 * median(ours):.2f} ms CPU a page of {PAGE} characters (median of {len(ours)}, "
            f"90th {1000 * sorted(ours)[int(0.9 * len(ours))]:.2f}); t2s {1000 * median(theirs):.3f}; ratio {median(ours) / median(theirs):.1f}"
        )


FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures" / "restore"
SUSPICIOUS = re.compile(
    r"[\u3400-\u9fff][*☆★#@+~. _/-][\u3400-\u9fff]|[\u3400-\u9fff][a-z]{2,6}[\u3400-\u9fff]|威信|预期|扣|微信|QQ|加V|一[三五八]"
)
NARROW = {
    ord(wide) + i: ord(narrow_) + i
    for wide, narrow_, n in (("０", "0", 10), ("Ａ", "A", 26), ("ａ", "a", 26))
    for i in range(n)
}


PARTS: dict[str, Callable[[Path], None]] = {
    "notes": notes,
    "straddles": straddles,
    "marks": marks,
    "holes": holes,
    "script": script,
    "pages": pages,
    "clean": clean,
    "evasions": evasions,
    "speed": speed,
}

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for part in [arg for arg in sys.argv[2:] if not arg.startswith("-")] or list(PARTS):
        PARTS[part](folder)

"""Writes ``fold.tsv``, the table by which search treats characters as equal. Run by developers, never by users:

    python -m corpus.fold_table > corpus/fold.tsv

One character always becomes exactly one character, so that offsets in folded text are offsets in the text itself.
Compatibility forms (full-width, half-width, radicals, circled digits) become their plain form where that is a single
character (NFKC, Unicode Standard Annex #15), letters lower case, Traditional characters Simplified ones (OpenCC ``t2s``
character by character, Apache-2.0), and whatever only separates words (spaces, punctuation, controls, invisible marks,
mathematical and currency signs) a space. Emoji, private-use and unassigned characters stay: they can be searched for.

The table is a file, and not computed at import, because index and query must agree: another Python brings another
Unicode version.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator

import opencc

# General categories that separate words; surrogates (Cs) cannot be stored as UTF-8 at all.
SEPARATING = frozenset({"Zs", "Zl", "Zp", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Cc", "Cf", "Sm", "Sc", "Sk"})
SURROGATES = range(0xD800, 0xE000)  # folded in segment.py, as a range


def rows() -> Iterator[tuple[int, int]]:
    """Yield (code point, the code point it becomes), ascending, only where they differ."""
    simplify = opencc.OpenCC("t2s").convert
    for code in range(sys.maxunicode + 1):
        if code in SURROGATES or unicodedata.category(chr(code)) in ("Cn", "Co"):
            continue
        folded = fold_character(chr(code), simplify)
        if folded != chr(code):
            yield code, ord(folded)


def fold_character(character: str, simplify: object) -> str:
    """Return what ``character`` becomes; folding the answer again changes nothing."""
    assert callable(simplify)
    for _ in range(4):  # a full-width Traditional capital would need three steps
        before = character
        for step in (lambda c: unicodedata.normalize("NFKC", c), str.lower, simplify):
            changed = step(character)
            if isinstance(changed, str) and len(changed) == 1:
                character = changed
        if unicodedata.category(character) in SEPARATING:
            return " "
        if character == before:
            break
    return character


def main() -> None:
    sys.stdout.write("# code point (hexadecimal), the code point it is searched as; written by corpus/fold_table.py\n")
    for code, folded in rows():
        sys.stdout.write(f"{code:X}\t{folded:X}\n")


if __name__ == "__main__":
    main()

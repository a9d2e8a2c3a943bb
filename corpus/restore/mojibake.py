"""Text decoded with the wrong character set: turned back line by line where every byte is still there.

UTF-8 read as GBK (浣犲ソ for 你好, hello), UTF-8 or GBK read as Latin-1 (ä½ å¥½, ÄãºÃ), the same twice over. A run is
turned back only when the bytes decode without an error and the model finds the result clearly likelier. What lost bytes
(锟斤拷, ????) is flagged (``flags``), not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from corpus.restore.draft import Change
from corpus.restore.language import language_model

RULE = "mojibake"
CONFIDENCE = 0.99
CLEARLY = 1.5  # nats a character that the text gains
SHORTEST = 2  # characters of a result
LONGEST = 20_000  # characters of a run

# Hanzi that UTF-8 text read as GBK is full of: the first bytes of common characters and marks (E4 B8, E7 9A, EF BC …).
_GBK_MARKERS = frozenset("涓浠浣鏄鍦鐨勬湁鍜岀殑锛銆鈥鏈鏃鍙鍚鍒瀹寮鎴戝浜璇璐鍊娆鏀涔鏉ヨ")
_GBK_RUN = re.compile(
    "[\u3400-\u9fff\ue000-\ue765\u3000-\u30ff\u2000-\u266f\uff00-\uffef\u00a4-\u00f7\u0400-\u04ff\u0391-\u03c9€]{2,}"
)
_LATIN_RUN = re.compile(
    "[\x80-\xff\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122](?:[ \x80-\xff\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]*[\x80-\xff\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122])"
)
_ACCENTED = frozenset(map(chr, range(0xC0, 0x100)))
LEAST_MARKERS = 3


def repair_mojibake(text: str, present: Set[str]) -> Iterator[Change]:
    """Yield a change for every run that was decoded with the wrong character set."""
    if len(present & _GBK_MARKERS) >= LEAST_MARKERS:
        yield from _repaired(text, _GBK_RUN, (("gbk", "utf-8"),))
    elif len(present & _ACCENTED) >= SHORTEST:
        yield from _repaired(text, _LATIN_RUN, (("cp1252", "utf-8"), ("latin-1", "utf-8"), ("latin-1", "gbk")))


def _repaired(text: str, pattern: re.Pattern[str], pairs: tuple[tuple[str, str], ...]) -> Iterator[Change]:
    for match in pattern.finditer(text):
        shown = match[0][:LONGEST]
        for read, written in pairs:
            try:
                repaired = _bytes(shown, read).decode(written)
            except UnicodeError:
                continue
            if _likelier(shown, repaired):
                yield Change(match.start(), match.start() + len(shown), repaired, RULE, CONFIDENCE)
                break


def _bytes(shown: str, read: str) -> bytes:
    """Return the bytes a run was read from; cp1252 leaves five bytes open, which browsers show as controls."""
    if read != "cp1252":
        return shown.encode(read)
    return b"".join(c.encode("latin-1") if c < "\x9f" else c.encode("cp1252") for c in shown)


def _likelier(shown: str, repaired: str) -> bool:
    """Tell whether the repaired run is Chinese and clearly likelier than the shown one, character for byte."""
    if len(repaired) < SHORTEST or not any("\u3400" <= c <= "\u9fff" for c in repaired):
        return False
    model = language_model()
    return model.score(repaired) > model.score(shown) + CLEARLY * len(repaired)

"""Labelled texts of a JSONL file, as ``cuishou evaluate FILE`` and ``cuishou train --data FILE`` take them."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from classify import codebook
from classify.passages import Labelled
from corpus.errors import InputError
from corpus.restore import restore

KEYS = ("text", "title", "url", "family", "form", "id", "labels")  # and the schemes of the codebook


def read_labelled(path: Path, warn: Callable[[str], None]) -> tuple[Labelled, ...]:
    """Return the labelled texts of a JSONL file: ``text``, any of ``title url family form id``, and labels by scheme,
    at the top or under ``labels``. Texts may be as published: they are restored, as the corpus would hold them.

    warn: gets one sentence for every other key at the top, which is not read. Raises InputError for a file that cannot
    be read, a line that is no such record, or a label or scheme no codebook knows; the message names the line.
    """
    found, unread = [], Counter[str]()
    try:
        lines = path.read_text("utf-8-sig").split("\n")  # splitlines would cut at U+2028 inside a text
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as UTF-8 text: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            row = _record(line, f"{path.name}, line {number}")
            unread.update(key for key in row if key not in KEYS and key not in codebook.schemes())
            found.append(_labelled(row, f"{path.name}, line {number}"))
    if not found:
        raise InputError(f"{path} holds no texts.")
    for key, count in sorted(unread.items()):
        warn(f"{path.name}: the key {key!r} of {count} records is not read{_meant(key)}")
    return tuple(found)


def _meant(key: str) -> str:
    near = difflib.get_close_matches(key, (*KEYS, *codebook.schemes()), 1, 0.7)
    return f": is {near[0]!r} meant?" if near else "."


def _record(line: str, where: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON ({error}).") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise InputError(f'{where}: a record needs "text".')
    return row


def _labelled(row: dict[str, object], where: str) -> Labelled:
    nested = row.get("labels", {})
    if not isinstance(nested, dict):
        raise InputError(f'{where}: "labels" is no object of codes by scheme.')
    for scheme in nested:
        if scheme not in codebook.schemes():
            raise InputError(f"{where}: there is no scheme {scheme!r}{_meant(scheme)} See docs/codebook.md.")
    labels = {s: _code(nested.get(s, row.get(s))) for s in codebook.schemes()}
    for scheme, value in labels.items():
        if value and value not in codebook.values(scheme):
            raise InputError(f"{where}: {scheme} has no code {value!r}: see docs/codebook.md.")
    kept = tuple(sorted((s, v) for s, v in labels.items() if v))
    clean = restore(str(row["text"]))  # what the corpus would hold, and the model reads
    title = restore(str(row.get("title") or ""), field="title", context=clean).text
    form = str(row.get("form") or "") or ("damaged" if clean.damage.rates else "clean")
    return Labelled(
        str(row.get("id") or where), str(row.get("family") or ""), title, clean.text, kept, str(row.get("url") or ""), form,
        script=clean.script,
    )  # fmt: skip


def _code(value: object) -> str:
    return "" if value is None else str(value)

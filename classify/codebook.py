"""What every label means: the codebook of ``data/codebook.tsv``, read once, shown in Datasette and in the docs.

A scheme is a question asked of a page (scope, topic, genre …), a code is one of its answers. Definitions, boundaries
and counter-examples follow the taxonomy worked out on 452 pages read by hand; two readers agreed on .89 of topics.
This module needs nothing but the standard library, so that Datasette plugins can import it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from corpus.errors import ModelError

VERSION = "3"  # raised with every change of a definition; labels of older versions are read with their own codebook
UNSURE = "unsure"  # the answer of a model that does not know; no code of any scheme, and never a training label
SOURCE = Path(__file__).parent / "data" / "codebook.tsv"

# Schemes that a model answers with exactly one primary code; the others are set by rules or by the second level.
MODEL_SCHEMES = ("scope", "topic", "genre", "intent", "spam")

SCHEME_NAMES: dict[str, tuple[str, str]] = {
    "scope": ("Scope", "范围"),
    "topic": ("Topic", "主题"),
    "subtopic": ("Topic, second level", "二级主题"),
    "genre": ("Genre", "体裁"),
    "intent": ("Who speaks, and to what end", "发言者与意图"),
    "spam": ("Spam grade", "垃圾等级"),
}


@dataclass(frozen=True, slots=True)
class Code:
    """One answer of a scheme, with names and definitions in English and Chinese.

    parent: for second-level codes the code above ("practice" for "practice.visit"), else "".
    boundary_en, boundary_zh: the rule that parts the code from its neighbours.
    since: version of the codebook that brought the code or the latest rule of its boundary, "1" .. VERSION.
    """

    scheme: str
    value: str
    parent: str
    name_en: str
    name_zh: str
    definition_en: str
    definition_zh: str
    example: str
    counter_example: str
    boundary_en: str
    boundary_zh: str
    since: str


FIELDS = len(fields(Code))  # columns of the file, in the order of Code


@cache
def codes() -> tuple[Code, ...]:
    """Return all codes in the order of the file.

    Raises ModelError when the file is missing, cut short or lists a code twice.
    """
    try:
        lines = SOURCE.read_text("utf-8").splitlines()
    except OSError as error:
        raise ModelError(
            f"The codebook {SOURCE.name} cannot be read ({error.strerror}): install cuishou anew."
        ) from error
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    if any(len(row) != FIELDS for row in rows):
        raise ModelError(f"The codebook {SOURCE.name} has a line without {FIELDS} fields: install cuishou anew.")
    found = tuple(Code(*row) for row in rows)
    if len({(code.scheme, code.value) for code in found}) != len(found):
        raise ModelError(f"The codebook {SOURCE.name} lists a code twice: install cuishou anew.")
    return found


def values(scheme: str) -> tuple[str, ...]:
    """Return the codes of a scheme in codebook order; empty for a scheme that does not exist."""
    return tuple(code.value for code in codes() if code.scheme == scheme)


def schemes() -> tuple[str, ...]:
    """Return all schemes in codebook order."""
    return tuple(dict.fromkeys(code.scheme for code in codes()))


def find(scheme: str, value: str) -> Code | None:
    """Return the code of that scheme and value, or None (an answer such as "unsure" has no code)."""
    return next((code for code in codes() if code.scheme == scheme and code.value == value), None)


def markdown() -> str:
    """Return the codebook as the page ``docs/codebook.md``; a test holds the page to it."""
    parts = [
        "# Codebook\n",
        f"Version {VERSION}. One primary topic per page, any number of secondary ones. A model that does not know",
        "answers `unsure`. *Since* is the version that brought a code or the latest rule of its boundary.",
        "Generated from `classify/data/codebook.tsv` by `python -m classify.codebook`.\n",
    ]
    for scheme in schemes():
        english, chinese = SCHEME_NAMES.get(scheme, (scheme, ""))
        parts.append(f"## {english} {chinese} (`{scheme}`)\n".replace("  ", " "))
        parts.append("| code | name | definition | example | not | boundary | since |\n|---|---|---|---|---|---|---|")
        parts.extend(
            f"| `{code.value}` | {code.name_en} {code.name_zh} | {code.definition_en} {code.definition_zh} "
            f"| {code.example} | {code.counter_example} | {code.boundary_en} {code.boundary_zh} | {code.since} |"
            for code in codes()
            if code.scheme == scheme
        )
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())

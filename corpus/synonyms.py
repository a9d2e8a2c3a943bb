"""Other forms in which the field writes a word: synonyms, spun text, slang, and pinyin typed for Chinese.

``synonyms.tsv`` holds one form a line: the term it stands for, the form, its kind, a gloss. All forms of a term find each
other, except spun ones (words that article spinners put in), which are found but never sought from: 告贷人 is always
借款人 (borrower) gone through a spinner, whereas who searches 告贷人 wants exactly such pages.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from corpus.errors import ModelError
from corpus.segment import runs

KINDS = {
    "synonym": ("同义", "synonym"),
    "short": ("简称", "short form"),
    "region": ("港台说法", "Hong Kong and Taiwan usage"),
    "slang": ("行话", "slang"),
    "spun": ("洗稿替换", "spun form"),
    "variant": ("别字", "misspelling or evasion"),
    "pinyin": ("拼音", "pinyin"),
}
MAX_PINYIN = 40  # letters


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which a word is searched. ``kind``: "" for the word as typed, else a key of KINDS."""

    text: str
    kind: str
    gloss: str


@cache
def table() -> dict[str, tuple[Form, ...]]:
    """Return, for each folded form, the other forms to search. A constant, read once.

    Raises: ModelError, when the file is damaged.
    """
    groups: dict[str, list[Form]] = defaultdict(list)
    readings: dict[str, list[str]] = defaultdict(list)
    for number, line in enumerate(files("corpus").joinpath("synonyms.tsv").read_text("utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 5 or (parts[2] != "term" and parts[2] not in KINDS):
            raise ModelError(f"synonyms.tsv, line {number}: five columns are needed: term, form, kind, pinyin, gloss")
        term, text, kind, pinyin, gloss = parts
        groups[term].append(Form(text, "" if kind == "term" else kind, gloss))
        if pinyin:
            readings[pinyin].append(text)
    found: dict[str, list[Form]] = defaultdict(list)
    for forms in groups.values():
        for form in forms:
            if form.kind != "spun":
                found[key(form.text)] += [Form(o.text, o.kind or "synonym", o.gloss) for o in forms if o != form]
    result = {word: unique(forms) for word, forms in found.items()}
    for pinyin, words in readings.items():
        result[pinyin] = unique([Form(word, "pinyin", "") for word in words])
    return result


def unique(forms: list[Form]) -> tuple[Form, ...]:
    """Return the forms in order, of those that are equal for search the first one."""
    found: dict[str, Form] = {}
    for form in forms:
        found.setdefault(key(form.text), form)
    return tuple(found.values())


def key(word: str) -> str:
    return "".join(runs(word))


def forms_of(word: str) -> tuple[Form, ...]:
    """Return the other forms to search for ``word``, none when the lexicon does not know it.

    Pinyin is known for terms of the lexicon only, without tones, with or without spaces or apostrophes: ``cuishou``.
    """
    folded = key(word)
    if not folded or len(folded) > MAX_PINYIN:
        return ()
    return tuple(form for form in table().get(folded, ()) if key(form.text) != folded)

"""How good a model is on labelled texts: precision, recall, F1 with intervals, calibration, confusion, by group.

In go labelled passages and a model, out comes a report that prints as tables. Intervals are bootstrapped over families
(or over texts, where they have none), since passages of one family err together. Calibration error is the expected
calibration error over ten bins of the primary answer's probability (Guo et al. 2017).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classify import codebook
from classify.features import Passage, featurise
from classify.model import Model, decided, probabilities
from classify.passages import Labelled, family_digest
from corpus.errors import InputError
from corpus.restore import restore

DRAWS = 300  # of the bootstrap
BINS = 10
INTERVAL = (2.5, 97.5)  # percentiles


@dataclass(frozen=True, slots=True)
class CodeScore:
    """Precision, recall and F1 of one code, with the number of texts that have it."""

    code: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class SchemeReport:
    """Scores of one scheme. interval: 95 % of macro-F1. confusion: (gold, answer, count), most frequent first."""

    scheme: str
    texts: int
    accuracy: float
    macro_f1: float
    interval: tuple[float, float]
    calibration_error: float
    unsure: int
    codes: tuple[CodeScore, ...]
    confusion: tuple[tuple[str, str, int], ...]
    groups: tuple[tuple[str, str, float, int], ...]  # (kind of group, group, macro-F1, texts)
    bins: tuple[tuple[float, int, float, float], ...] = ()  # (lower edge, texts, mean confidence, share right)


def predict(model: Model, passages: Sequence[Labelled]) -> dict[str, NDArray[np.float64]]:
    """Return probabilities by scheme, shape (n_passages, n_codes), rows in input order."""
    rows = [probabilities(model, featurise(Passage(p.title, p.text, p.url))) for p in passages]
    return {scheme: np.array([row[scheme] for row in rows]) for scheme in model.schemes}


def evaluate(model: Model, passages: Sequence[Labelled]) -> tuple[SchemeReport, ...]:
    """Return a report for every scheme that the passages have labels for.

    Raises InputError when no passage has a label of any scheme.
    """
    answers = predict(model, passages)
    listed = model.card.get("families_seen")
    seen = frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()
    reports = []
    for scheme, codes, threshold in zip(model.schemes, model.codes, model.threshold, strict=True):
        kept = [i for i, p in enumerate(passages) if p.label(scheme)]
        if kept:
            reports.append(_report(scheme, codes, threshold, [passages[i] for i in kept], answers[scheme][kept], seen))
    if not reports:
        raise InputError("No text has a label of a scheme that the model knows: see docs/codebook.md.")
    return tuple(reports)


def _report(
    scheme: str,
    codes: tuple[str, ...],
    threshold: float,
    passages: list[Labelled],
    answer: NDArray[np.float64],
    seen: frozenset[str],
) -> SchemeReport:
    gold = np.array([codes.index(p.label(scheme)) for p in passages])
    guess = decided(scheme, codes, answer)
    sure = answer[np.arange(len(guess)), guess]
    best = np.where(sure >= threshold, guess, len(codes))  # len(codes) stands for "unsure"
    names = (*codes, codebook.UNSURE)
    pairs, counts = np.unique(np.stack([gold, best]), axis=1, return_counts=True)
    wrong = sorted(
        ((names[a], names[b], int(n)) for (a, b), n in zip(pairs.T, counts, strict=True) if a != b),
        key=lambda row: (-row[2], row),
    )
    return SchemeReport(
        scheme, len(gold), float(np.mean(gold == best)), macro_f1(gold, best), _interval(gold, best, passages),
        calibration_error(sure, guess == gold), int((best == len(codes)).sum()),
        tuple(_code(codes[c], gold == c, best == c) for c in np.unique(gold)), tuple(wrong[:20]),
        tuple(_groups(gold, best, passages, seen)),
        reliability(sure, guess == gold),
    )  # fmt: skip


def macro_f1(gold: NDArray[np.int64], best: NDArray[np.int64]) -> float:
    """Return the mean F1 of the codes that occur in gold."""
    return float(np.mean([_code("", gold == c, best == c).f1 for c in np.unique(gold)]))


def reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[tuple[float, int, float, float], ...]:
    """Return (lower edge, texts, mean confidence, share that is right) of every bin that holds a text."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return tuple(
        (b / BINS, int((place == b).sum()), float(confidence[place == b].mean()), float(right[place == b].mean()))
        for b in range(BINS)
        if (place == b).any()
    )


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error: mean gap of confidence and accuracy over bins, weighted by size."""
    bins = reliability(confidence, right)
    return float(sum(texts * abs(sure - share) for _, texts, sure, share in bins) / len(confidence))


def _code(code: str, gold: NDArray[np.bool_], best: NDArray[np.bool_]) -> CodeScore:
    hit = float((gold & best).sum())
    precision = hit / best.sum() if best.any() else 0.0
    recall = hit / gold.sum() if gold.any() else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
    return CodeScore(code, float(precision), float(recall), float(f1), int(gold.sum()))


def _interval(gold: NDArray[np.int64], best: NDArray[np.int64], passages: list[Labelled]) -> tuple[float, float]:
    names, family = np.unique([p.family or p.id for p in passages], return_inverse=True)
    members = [np.flatnonzero(family == f) for f in range(len(names))]
    random = np.random.default_rng(0)
    draws = []
    for _ in range(DRAWS):
        chosen = np.concatenate([members[f] for f in random.integers(0, len(names), len(names))])
        draws.append(macro_f1(gold[chosen], best[chosen]))
    low, high = np.percentile(draws, INTERVAL)
    return float(low), float(high)


def _groups(
    gold: NDArray[np.int64], best: NDArray[np.int64], passages: list[Labelled], seen: frozenset[str]
) -> Iterator[tuple[str, str, float, int]]:
    kinds = {
        "genre": [p.label("genre") for p in passages],
        "form": [p.form for p in passages],
        "script": [p.script for p in passages],
        "family": [_family(p, seen) for p in passages],
    }
    for kind, of in kinds.items():
        for group in sorted(set(of) - {""}):
            inside = np.array([name == group for name in of])
            yield kind, group, macro_f1(gold[inside], best[inside]), int(inside.sum())


def _family(passage: Labelled, seen: frozenset[str]) -> str:
    return ("seen" if family_digest(passage.family) in seen else "unseen") if passage.family else ""


def read_labelled(path: Path) -> tuple[Labelled, ...]:
    """Return the labelled texts of a JSONL file: ``text``, any of ``title url family form id``, and labels by scheme,
    at the top or under ``labels``. Texts may be as published: they are restored, as the corpus would hold them.

    Raises InputError for a file that cannot be read, a line that is no such record, or a label no codebook knows;
    the message names the line.
    """
    found = []
    try:
        lines = path.read_text("utf-8").split("\n")  # splitlines would cut at U+2028 inside a text
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as UTF-8 text: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            found.append(_labelled(line, f"{path.name}, line {number}"))
    if not found:
        raise InputError(f"{path} holds no texts.")
    return tuple(found)


def _labelled(line: str, where: str) -> Labelled:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: not JSON ({error}).") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise InputError(f'{where}: a record needs "text".')
    nested = row["labels"] if isinstance(row.get("labels"), dict) else {}
    labels = {s: str(nested.get(s, row.get(s, ""))) for s in codebook.schemes()}
    for scheme, value in labels.items():
        if value and value not in codebook.values(scheme):
            raise InputError(f"{where}: {scheme} has no code {value!r}: see docs/codebook.md.")
    kept = tuple(sorted((s, v) for s, v in labels.items() if v))
    clean = restore(row["text"])  # what the corpus would hold, and the model reads
    title = restore(str(row.get("title", "")), field="title", context=clean).text
    form = str(row.get("form", "")) or ("damaged" if clean.damage.rates else "clean")
    return Labelled(
        str(row.get("id", where)), str(row.get("family", "")), title, clean.text, kept, str(row.get("url", "")), form,
        script=clean.script,
    )  # fmt: skip


def table(reports: Sequence[SchemeReport], *, detail: bool = True) -> str:
    """Return the reports for people."""
    lines = ["scheme    texts  accuracy  macro-F1  95 % interval   calibration error  unsure"]
    lines += [
        f"{r.scheme:9s} {r.texts:5d}     {r.accuracy:.3f}     {r.macro_f1:.3f}  {r.interval[0]:.3f}–{r.interval[1]:.3f}"
        f"                {r.calibration_error:.3f}   {r.unsure:5d}"
        for r in reports
    ]
    for report in reports if detail else ():
        lines += ["", f"{report.scheme}: code, precision, recall, F1, texts"]
        lines += [f"  {c.code:14s} {c.precision:.3f} {c.recall:.3f} {c.f1:.3f} {c.support:6d}" for c in report.codes]
        lines += [f"  {gold} read as {answer}: {count}" for gold, answer, count in report.confusion[:6]]
        lines += [f"  {kind} {name}: macro-F1 {f1:.3f} ({texts})" for kind, name, f1, texts in report.groups]
        lines += [
            f"  sure {low:.1f}–{low + 1 / BINS:.1f}: {sure:.3f}, right {share:.3f} ({texts})"
            for low, texts, sure, share in report.bins
        ]
    return "\n".join(lines)

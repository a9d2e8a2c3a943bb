"""How good a model is on labelled texts: precision, recall, F1 with intervals, calibration, confusion, by group.

In go labelled passages and a model, out comes a report that prints as tables. Intervals are bootstrapped over families
(or over texts, where they have none), since passages of one family err together. Calibration error is the expected
calibration error over ten bins of the primary answer's probability (Guo et al. 2017).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classify import codebook
from classify.decide import decide, readable
from classify.features import Passage, featurise
from classify.intervals import GOLD, interval, macro_f1, precision_recall_f1, resampled, tally
from classify.model import Model, probabilities
from classify.passages import Labelled, family_digest
from corpus.errors import InputError

BINS = 10


@dataclass(frozen=True, slots=True)
class CodeScore:
    """Precision, recall and F1 of one code with 95 % intervals; support: texts that have it."""

    code: str
    precision: float
    recall: float
    f1: float
    support: int
    precision_interval: tuple[float, float]
    recall_interval: tuple[float, float]
    f1_interval: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """What a model answers for one scheme, by passage: places in codes, len(codes) for "unsure".

    best: the answer as a label would give it. guess: the same before the threshold. sure: probability of the guess.
    """

    scheme: str
    codes: tuple[str, ...]
    passages: tuple[Labelled, ...]
    gold: NDArray[np.int64]
    best: NDArray[np.int64]
    guess: NDArray[np.int64]
    sure: NDArray[np.float64]

    def counts(self) -> NDArray[np.float64]:
        """Return hits, answers and gold by family and code, shape (n_families, 3, n_codes)."""
        return tally(self.gold, self.best, [p.family or p.id for p in self.passages], len(self.codes))


@dataclass(frozen=True, slots=True)
class SchemeReport:
    """Scores of one scheme. interval: 95 % of macro-F1. confusion: (gold, answer, count) of all
    pairs that occur, right ones included, most frequent first."""

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


def answer(model: Model, passages: Sequence[Labelled]) -> tuple[Answered, ...]:
    """Return what a model answers, for every scheme that the passages have labels for; decided as labels are.

    Raises InputError when no passage has a label of any scheme.
    """
    shares = predict(model, passages)
    enough = [readable(Passage(p.title, p.text, p.url)) for p in passages]
    found = []
    for scheme, codes, threshold in zip(model.schemes, model.codes, model.threshold, strict=True):
        kept = [i for i, p in enumerate(passages) if p.label(scheme)]
        if not kept:
            continue
        rows = shares[scheme][kept].tolist()
        decided = [decide(scheme, codes, row, threshold) for row in rows]
        found.append(
            Answered(
                scheme, codes, tuple(passages[i] for i in kept),
                np.array([codes.index(passages[i].label(scheme)) for i in kept]),
                np.array(
                    [place if sure and enough[i] else len(codes) for i, (place, sure) in zip(kept, decided, strict=True)]
                ),
                np.array([place if enough[i] else len(codes) for i, (place, _) in zip(kept, decided, strict=True)]),
                np.array([row[place] for row, (place, _) in zip(rows, decided, strict=True)]),
            )
        )  # fmt: skip
    if not found:
        raise InputError("No text has a label of a scheme that the model knows: see docs/codebook.md.")
    return tuple(found)


def evaluate(model: Model, passages: Sequence[Labelled], copies: Sequence[Labelled] = ()) -> tuple[SchemeReport, ...]:
    """Return a report for every scheme that the passages have labels for; copies add to the groups of form and script.

    Raises InputError when no passage has a label of any scheme.
    """
    of_copies = {each.scheme: each for each in answer(model, copies)} if copies else {}
    return tuple(report(each, seen_by(model), of_copies.get(each.scheme)) for each in answer(model, passages))


def seen_by(model: Model) -> frozenset[str]:
    """Return the digests of the families a model was trained on."""
    listed = model.card.get("families_seen")
    return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()


def report(answered: Answered, seen: frozenset[str], copies: Answered | None = None) -> SchemeReport:
    """Return the scores of one scheme; seen: digests of families the model was trained on."""
    gold, best, names = answered.gold, answered.best, (*answered.codes, codebook.UNSURE)
    pairs, counts = np.unique(np.stack([gold, best]), axis=1, return_counts=True)
    confusion = sorted(
        ((names[a], names[b], int(n)) for (a, b), n in zip(pairs.T, counts, strict=True)),
        key=lambda row: (-row[2], row),
    )
    by_family = answered.counts()
    draws = resampled(by_family)
    asked = answered.guess < len(answered.codes)  # texts too short to be asked have no confidence
    sure, right = answered.sure[asked], (answered.guess == gold)[asked]
    return SchemeReport(
        answered.scheme, len(gold), float(np.mean(gold == best)), float(macro_f1(by_family.sum(axis=0))),
        interval(macro_f1(draws)), calibration_error(sure, right), int((best == len(answered.codes)).sum()),
        _codes(answered.codes, by_family.sum(axis=0), draws), tuple(confusion),
        tuple(_groups(answered, seen, copies)), reliability(sure, right),
    )  # fmt: skip


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
    return float(sum(texts * abs(sure - share) for _, texts, sure, share in bins) / max(1, len(confidence)))


def _codes(codes: tuple[str, ...], counts: NDArray[np.float64], draws: NDArray[np.float64]) -> tuple[CodeScore, ...]:
    (precision, recall, f1), spread = precision_recall_f1(counts), precision_recall_f1(draws)
    return tuple(
        CodeScore(
            codes[c], float(precision[c]), float(recall[c]), float(f1[c]), int(counts[GOLD, c]),
            interval(spread[0][:, c]), interval(spread[1][:, c]), interval(spread[2][:, c]),
        )
        for c in np.flatnonzero(counts[GOLD]).tolist()
    )  # fmt: skip


def _groups(answered: Answered, seen: frozenset[str], copies: Answered | None) -> Iterator[tuple[str, str, float, int]]:
    both = joined(answered, copies) if copies else answered
    yield from _by("genre", [p.label("genre") for p in answered.passages], answered)
    yield from _by("form", [p.form for p in both.passages], both)
    yield from _by("script", [p.script for p in both.passages], both)
    yield from _by("family", [_family(p, seen) for p in answered.passages], answered)


def joined(one: Answered, other: Answered) -> Answered:
    """Return the answers for the same scheme on the passages of both."""
    return Answered(
        one.scheme, one.codes, one.passages + other.passages, np.concatenate([one.gold, other.gold]),
        np.concatenate([one.best, other.best]), np.concatenate([one.guess, other.guess]),
        np.concatenate([one.sure, other.sure]),
    )  # fmt: skip


def _by(kind: str, of: Sequence[str], answered: Answered) -> Iterator[tuple[str, str, float, int]]:
    for group in sorted(set(of) - {""}):
        inside = np.array([name == group for name in of])
        counts = tally(answered.gold[inside], answered.best[inside], [""] * int(inside.sum()), len(answered.codes))
        yield kind, group, float(macro_f1(counts.sum(axis=0))), int(inside.sum())


def _family(passage: Labelled, seen: frozenset[str]) -> str:
    return ("seen" if family_digest(passage.family) in seen else "unseen") if passage.family else ""


def table(reports: Sequence[SchemeReport], *, detail: bool = True) -> str:
    """Return the reports for people."""
    lines = ["scheme    texts  accuracy  macro-F1  95 % interval   calibration error  unsure"]
    lines += [
        f"{r.scheme:9s} {r.texts:5d}     {r.accuracy:.3f}     {r.macro_f1:.3f}  {r.interval[0]:.3f}–{r.interval[1]:.3f}"
        f"                {r.calibration_error:.3f}   {r.unsure:5d}"
        for r in reports
    ]
    for report in reports if detail else ():
        lines += ["", f"{report.scheme}: code, texts, precision, recall, F1, each with its 95 % interval"]
        lines += [
            f"  {c.code:14s} {c.support:5d}  {_with(c.precision, c.precision_interval)}  {_with(c.recall, c.recall_interval)}"
            f"  {_with(c.f1, c.f1_interval)}"
            for c in report.codes
        ]
        lines += [f"  {c.code} is answered: {_answers(report, c.code)}" for c in report.codes]
        lines += [f"  {kind} {name}: macro-F1 {f1:.3f} ({texts})" for kind, name, f1, texts in report.groups]
        lines += [
            f"  sure {low:.1f}–{low + 1 / BINS:.1f}: {sure:.3f}, right {share:.3f} ({texts})"
            for low, texts, sure, share in report.bins
        ]
    return "\n".join(lines)


def _with(score: float, edges: tuple[float, float]) -> str:
    return f"{score:.3f} ({edges[0]:.3f}–{edges[1]:.3f})"


def _answers(report: SchemeReport, code: str) -> str:
    return ", ".join(f"{answer} {count}" for gold, answer, count in report.confusion if gold == code)

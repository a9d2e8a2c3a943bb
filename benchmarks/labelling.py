"""How often the labelling functions answer, and how often they are right.

    python -m benchmarks.labelling

Prints, for every answer of every rule, the training passages and families it is given on, its precision on them and on
the families held out (which no rule was written on), and the share of the code's passages that it finds.
"""

from __future__ import annotations

from collections.abc import Sequence

from classify.labelling import FLOOR, LIMIT, RULES, Answer, Rule, answers, evidence
from classify.passages import Labelled, compose

Row = tuple[str, Answer, int, int, float, float]  # rule, answer, passages, families, precision, recall


def main() -> None:
    every = compose()
    training, held_out = [p for p in every if not p.held_out], [p for p in every if p.held_out]
    others = rows(held_out)
    print(f"{'rule':14s} {'answer':20s} passages families precision recall | held out: passages precision")
    for row, other in zip(rows(training), others, strict=True):
        name, (scheme, code), passages, families, precision, recall = row
        mark = "" if precision >= FLOOR else f"  under {FLOOR}"
        print(
            f"{name:14s} {scheme + ' ' + code:20s} {passages:8d} {families:8d} {precision:9.3f} {recall:6.2f} | "
            f"{other[2]:18d} {other[4]:9.3f}{mark}"
        )
    for name, texts in (("training", training), ("held out", held_out)):
        print(f"{name}: {covered(texts):.3f} of {len(texts)} passages have an answer")


def rows(passages: Sequence[Labelled]) -> list[Row]:
    """Return how often each answer is given and right; precision is nan where a rule never holds."""
    found: list[Row] = []
    for rule in RULES:
        hits = [p for p in passages if evidence(rule, p.text[:LIMIT])]
        found += [_row(rule, answer, hits, passages) for answer in rule.answers]
    return found


def _row(rule: Rule, answer: Answer, hits: Sequence[Labelled], passages: Sequence[Labelled]) -> Row:
    scheme, code = answer
    right = sum(p.label(scheme) == code for p in hits)
    of_code = sum(p.label(scheme) == code for p in passages)
    precision = right / len(hits) if hits else float("nan")
    return rule.name, answer, len(hits), len({p.family for p in hits}), precision, right / max(of_code, 1)


def covered(passages: Sequence[Labelled]) -> float:
    """Return the share of passages that some rule answers."""
    return sum(bool(answers(p.text)) for p in passages) / len(passages)


if __name__ == "__main__":
    main()

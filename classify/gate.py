"""Whether a new model may replace the present one: both are measured on the frozen held-out passages.

Refused is a model that loses more than half a point of macro-F1 on any scheme, where the 95 % interval of the paired
difference, bootstrapped over families, lies below 0. Half a point alone would refuse noise: the same data fitted again
after a change of rounding moved intent by a point (-.010, interval -.025 to +.001), since 457 held-out families are few.
Small losses cannot add up over many trainings: the packaged model, which never changes, is a second yardstick.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classify.evaluate import Answered
from classify.intervals import interval, macro_f1, resampled

MOST_LOST = 0.005  # of macro-F1, on any scheme


@dataclass(frozen=True, slots=True)
class Comparison:
    """macro-F1 of the present and of the new model on one scheme; interval: 95 % of new minus present."""

    scheme: str
    present: float
    new: float
    interval: tuple[float, float]

    @property
    def refused(self) -> bool:
        return self.new < self.present - MOST_LOST and self.interval[1] < 0


def compare(present: Sequence[Answered], new: Sequence[Answered]) -> tuple[Comparison, ...]:
    """Return both models' macro-F1 on every scheme that both were measured on.

    Raises ValueError where they were not measured on the same passages.
    """
    after = {answered.scheme: answered for answered in new}
    return tuple(_compared(before, after[before.scheme]) for before in present if before.scheme in after)


def _compared(present: Answered, new: Answered) -> Comparison:
    if [p.id for p in present.passages] != [p.id for p in new.passages]:
        raise ValueError(f"{present.scheme}: two models are compared on the same passages only")
    before, after = present.counts(), new.counts()
    change = macro_f1(resampled(after)) - macro_f1(resampled(before))
    return Comparison(
        present.scheme, float(macro_f1(before.sum(axis=0))), float(macro_f1(after.sum(axis=0))), interval(change)
    )


def verdict(compared: Sequence[Comparison]) -> str:
    """Return the table that shows why a model is taken or refused."""
    lines = ["scheme    present    new  change  95 % interval of the change"]
    lines += [
        f"{c.scheme:9s}   {c.present:.3f}  {c.new:.3f}  {c.new - c.present:+.3f}  {c.interval[0]:+.3f} to {c.interval[1]:+.3f}"
        f"{_remark(c)}"
        for c in compared
    ]
    return "\n".join(lines)


def _remark(comparison: Comparison) -> str:
    if comparison.refused:
        return "  lost more than half a point"
    return "  within chance" if comparison.new < comparison.present - MOST_LOST else ""

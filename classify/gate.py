"""Whether a new model may replace the present one: both are measured on the frozen held-out passages.

A model that loses more than half a point of macro-F1 on any scheme is refused, with the table that shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classify.evaluate import SchemeReport

MOST_LOST = 0.005  # of macro-F1, on any scheme


@dataclass(frozen=True, slots=True)
class Comparison:
    """macro-F1 of the present and of the new model on one scheme."""

    scheme: str
    present: float
    new: float

    @property
    def refused(self) -> bool:
        return self.new < self.present - MOST_LOST


def compare(present: Sequence[SchemeReport], new: Sequence[SchemeReport]) -> tuple[Comparison, ...]:
    """Return both models' macro-F1 on every scheme that both were measured on."""
    after = {report.scheme: report.macro_f1 for report in new}
    return tuple(Comparison(r.scheme, r.macro_f1, after[r.scheme]) for r in present if r.scheme in after)


def verdict(compared: Sequence[Comparison]) -> str:
    """Return the table that shows why a model is taken or refused."""
    lines = ["scheme    present    new"]
    lines += [
        f"{c.scheme:9s}   {c.present:.3f}  {c.new:.3f}{'  lost more than half a point' if c.refused else ''}"
        for c in compared
    ]
    return "\n".join(lines)

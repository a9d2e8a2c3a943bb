"""A model's name and card: in go a fitted model and its reports, out comes the model that says what it is.

The name ends in a digest of what decides the answers, so that two models of the same data never share a name. The card
has the scores on the held-out passages and the versions of the libraries that numbers depend on.
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Sequence
from importlib.metadata import version

from classify.evaluate import SchemeReport
from classify.model import Model
from classify.model_file import content_digest

LIBRARIES = ("numpy", "scipy", "scikit-learn", "rjieba", "opencc")  # that features and fits depend on


def named(model: Model) -> Model:
    """Return the model with the first eight digits of its content's digest behind its version."""
    return dataclasses.replace(model, version=f"{model.version}.{content_digest(model)[:8]}")


def with_scores(model: Model, reports: Sequence[SchemeReport]) -> Model:
    """Return the model whose card holds the scores of the reports and the versions of the libraries."""
    scores = {
        report.scheme: {
            "texts": report.texts,
            "macro_f1": round(report.macro_f1, 4),
            "interval": [round(edge, 4) for edge in report.interval],
            "calibration_error": round(report.calibration_error, 4),
        }
        for report in reports
    }
    return dataclasses.replace(model, card={**model.card, "scores": scores, "libraries": libraries()})


def libraries() -> dict[str, str]:
    """Return the versions of Python and of LIBRARIES, as installed."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}

"""Labels of one document: in goes a ``Document`` that has none, out come scope, topic, genre, intent, spam and flags.

An annotator is a function from a document to labels. ``ANNOTATORS`` is a plain tuple, run in order by ``annotate``.
The model reads the restored text, never the damage of it: pinyin between the characters says who published a page,
not what it is about (16 of 41 such pages are medicine or machinery).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from classify import codebook
from classify.decide import decide, readable
from classify.features import Passage, featurise
from classify.model import Model, evidence, probabilities
from classify.model_file import current
from classify.rules import flag_labels, second_level
from corpus.records import Document, Label

Annotator = Callable[[Document], tuple[Label, ...]]

SECONDARY = {"topic": 0.2, "intent": 0.25, "genre": 0.3}  # least probability of a secondary code
NAME = "ridge"


def read_passage(document: Document) -> Passage:
    """Return what the model reads of a document."""
    return Passage(document.clean_title, document.clean.text, document.article.url, document.clean.damage.rates)


def model_labels(document: Document) -> tuple[Label, ...]:
    """Return one primary label for each scheme of the model, secondary ones, and the second level of the topic."""
    return label_passage(read_passage(document), current())


def label_passage(passage: Passage, model: Model) -> tuple[Label, ...]:
    """Return the labels a model gives a passage; ``unsure`` where it does not know.

    The order is that of the schemes; ranks count from 1 within a scheme, scores are calibrated probabilities.
    """
    annotator = f"{NAME}/{model.version}"
    if not readable(passage):
        return tuple(Label(scheme, codebook.UNSURE, 0.0, annotator) for scheme in model.schemes)
    features = featurise(passage)
    answers = probabilities(model, features)
    found: list[tuple[str, str, float, int, int]] = []  # scheme, value, score, rank, column or -1
    first = 0
    for scheme, codes, threshold in zip(model.schemes, model.codes, model.threshold, strict=True):
        found += [
            (scheme, codes[place] if place >= 0 else codebook.UNSURE, share, rank, first + place if place >= 0 else -1)
            for place, share, rank in _ranked(scheme, codes, answers[scheme], threshold)
        ]
        first += len(codes)
    spans = iter(evidence(model, features, [row[-1] for row in found if row[-1] >= 0]))
    labels = [
        Label(scheme, value, round(share, 4), annotator, rank=rank, evidence=next(spans) if column >= 0 else ())
        for scheme, value, share, rank, column in found
    ]
    topic = next(label for label in labels if label.scheme == "topic" and label.rank == 1)
    return (*labels, *second_level(features, topic))


def _ranked(
    scheme: str, codes: tuple[str, ...], answers: NDArray[np.float64], threshold: float
) -> list[tuple[int, float, int]]:
    """Return (place of the code, probability, rank) of the primary and the secondary answers; place -1 is "unsure"."""
    answer: list[float] = answers.tolist()
    first, enough = decide(scheme, codes, answer, threshold)
    sure, least = answer[first], SECONDARY.get(scheme, 1.0)
    if not enough:  # the guess stays visible behind the answer
        return [(-1, sure, 1), (first, sure, 2)]
    others = [place for place, share in enumerate(answer) if share >= least and place != first]
    others.sort(key=answer.__getitem__, reverse=True)
    return [(first, sure, 1), *((place, answer[place], rank) for rank, place in enumerate(others, 2))]


ANNOTATORS: tuple[Annotator, ...] = (model_labels, flag_labels)


def annotate(document: Document) -> Document:
    """Return the document with the labels of all annotators in their order; labels it had are replaced.

    Raises ModelError when the model file is missing, damaged or of another version.
    """
    labels = tuple(label for annotator in ANNOTATORS for label in annotator(document))
    return dataclasses.replace(document, labels=labels)

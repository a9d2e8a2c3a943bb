"""The second answer learns which sentence decides, and what it learns from was answered out of fold."""

from __future__ import annotations

import pytest

from classify import codebook
from classify.features import Passage, featurise
from classify.model import Model, probabilities
from classify.passages import compose
from classify.train import fit

FEW = [p for p in compose() if not p.held_out][::11]
ARTICLE = "网贷逾期之后，平台会先发短信，再打电话。逾期会记入征信，结清之后保留五年。与平台协商时要说明困难。"
OFFER = "办不下来一分不收，停息挂账代办加微信咨询。"  # no fee without success, agents who stop interest, write to us


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(FEW, version="stack")


def solicits(model: Model, text: str) -> float:
    answer = probabilities(model, featurise(Passage("", text)))["intent"]
    return float(answer[codebook.values("intent").index("solicitation")])


def test_one_line_that_sells_makes_an_offer_of_an_article(model: Model) -> None:
    assert solicits(model, ARTICLE + OFFER) > solicits(model, ARTICLE) + 0.1


def test_where_the_line_stands_matters_little(model: Model) -> None:
    assert solicits(model, OFFER + ARTICLE) == pytest.approx(solicits(model, ARTICLE + OFFER), abs=0.15)

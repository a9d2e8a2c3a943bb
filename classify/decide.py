"""What a model's probabilities come to: one rule for labels of the corpus and for measuring.

A text with fewer than LEAST_HAN Chinese characters gets no answer; an answer below the scheme's threshold is "unsure".
"""

from __future__ import annotations

import re

from classify.features import Passage
from classify.model import decided_one

LEAST_HAN = 8  # Chinese characters of title and text together; below, every answer is "unsure"
ENOUGH = 400  # characters of the text that are counted for it
TITLE = 50  # and of the title
_ENOUGH_HAN = re.compile(rf"(?:[\u4e00-\u9fff][^\u4e00-\u9fff]*+){{{LEAST_HAN}}}")


def readable(passage: Passage) -> bool:
    """Return whether a passage has enough Chinese characters to be answered for."""
    return _ENOUGH_HAN.search(f"{passage.title[:TITLE]}\n{passage.text[:ENOUGH]}") is not None


def decide(scheme: str, codes: tuple[str, ...], answer: list[float], threshold: float) -> tuple[int, bool]:
    """Return the place of the code that is answered, and whether its probability reaches the threshold."""
    place = decided_one(scheme, codes, answer)
    return place, answer[place] >= threshold

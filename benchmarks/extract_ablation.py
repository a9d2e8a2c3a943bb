"""Scores our extraction on pages that have lost part of their markup: how much hangs on names that other sites do not use.

python -m benchmarks.extract_ablation ../shared/data/html_gold
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.extract_score import pooled_f1, read, score_text
from corpus.errors import Rejected
from corpus.records import Page
from crawler.decode import decode
from crawler.extract import extract

VARIANTS: dict[str, Callable[[str], str]] = {
    "as they are": lambda html: html,
    "without class and id": lambda html: re.sub(r"(?i)\s(class|id)=(\"[^\"]*\"|'[^']*'|[^\s>]+)", "", html),
    "without headings": lambda html: re.sub(r"(?i)<(/?)h[1-6]\b", r"<\1div", html),
    "without <title>": lambda html: re.sub(r"(?is)<title.*?</title>", "", html),
    "without article, nav …": lambda html: re.sub(
        r"(?i)<(/?)(article|main|aside|nav|footer|header|section)\b", r"<\1div", html
    ),
    "without p": lambda html: re.sub(r"(?i)<(/?)p\b", r"<\1div", html),
}


def text_of(page: Page) -> str:
    try:
        return extract(page).text
    except Rejected:
        return ""


def main() -> None:
    golds = [g for g in read(Path(sys.argv[1])) if not g.skip and g.text and g.kind == "article"]
    for name, change in VARIANTS.items():
        pages = [replace(g.page, body=change(decode(g.page.body).text).encode("utf-8", "replace")) for g in golds]
        scores = [score_text(gold.text, text_of(page)) for gold, page in zip(golds, pages, strict=True)]
        print(
            f"{name:24} F1 {pooled_f1(scores):.4f}  under .5: {sum(score.f1 < 0.5 for score in scores)} of {len(golds)}"
        )


if __name__ == "__main__":
    main()

"""Prints how well the character model predicts text it never saw: nats a character, by text.

python -m benchmarks.restore_model FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.restore_texts import lines_of
from corpus.restore.language import language_model

if __name__ == "__main__":
    model = language_model()
    for name in ("gold", "laws", "news", "reviews", "apps"):
        lines = lines_of(name, Path(sys.argv[1]), 200_000)
        total = sum(map(model.score, lines))
        count = sum(len(line) + 1 for line in lines)  # the end of a line is predicted too
        print(f"{name:8} {-total / count:.3f} nats a character, {count:,} characters")

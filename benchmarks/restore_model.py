"""Prints how well the character model predicts text it never saw: nats a character, by text.

python benchmarks/restore_model.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from restore_texts import lines_of

from corpus.restore.language import BOUNDARY, language_model

if __name__ == "__main__":
    model = language_model()
    for name in ("gold", "laws", "news", "reviews", "apps"):
        lines = lines_of(name, Path(sys.argv[1]), 200_000)
        streams = [np.concatenate(([BOUNDARY] * 2, model.symbols(line), [BOUNDARY])) for line in lines]
        scores = np.concatenate([model.after_two(s[:-2], s[1:-1], s[2:]) for s in streams])
        print(f"{name:8} {-scores.mean():.3f} nats a character, {len(scores):,} characters")

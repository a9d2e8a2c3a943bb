"""Recall of masks on personal numbers and harm to what only looks like them: ``python -m benchmarks.redaction``."""

from __future__ import annotations

import time
from collections import Counter

from corpus.redact import mask_text
from tests.personal_lines import harmless_lines, personal_lines

LINES = 6_000


def main() -> None:
    """Print recall by kind, harmed lines, and the CPU time per 1,000 characters."""
    seen, masked = Counter[str](), Counter[str]()
    started, characters = time.process_time(), 0
    for kind, value, line in personal_lines(LINES):
        seen[kind] += 1
        masked[kind] += value not in mask_text(line)
        characters += len(line)
    harmed = [line for line in harmless_lines(LINES) if mask_text(line) != line]
    characters += sum(map(len, harmless_lines(LINES)))
    print({kind: f"{masked[kind]}/{seen[kind]} = {masked[kind] / seen[kind]:.4f}" for kind in seen})
    print(f"harmed: {len(harmed)} of {LINES}", harmed[:5])
    print(f"{(time.process_time() - started) / characters * 1e6:.1f} ms CPU per 1,000 characters")


if __name__ == "__main__":
    main()

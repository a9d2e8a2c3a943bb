"""How well and how fast pages are labelled, beside what else one could do.

    python -m benchmarks.classify [--shared ../shared/data]

Prints the held-out families (own data), damaged copies after restoration, the app descriptions ranked by scope (never
trained on) beside a keyword rule, pages of other subjects, and CPU ms per article for all schemes and for facets.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from classify import codebook
from classify.annotators import label_passage
from classify.evaluate import SchemeReport, evaluate, predict, table
from classify.features import Passage
from classify.forms import FORMS, damaged, restored
from classify.model import Model
from classify.model_file import current
from classify.passages import Labelled, compose
from classify.tokens import words
from corpus.facets import find_facets

KEYWORDS = re.compile(r"贷|借款|借钱|网贷|逾期|催收")  # the rule a person would write first
ARTICLE = 1_400  # characters of the articles that are timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"))
    shared = parser.parse_args().shared
    model = current()
    held_out = [p for p in compose() if p.held_out]
    reports = evaluate(model, held_out)
    print(f"own held-out families, {len(held_out)} passages of {len({p.family for p in held_out})} families")
    print(table(reports, detail=False))
    print("\n".join(single_codes(reports)))
    print("\n".join(damage_lines(model, held_out)))
    if shared.is_dir():
        print("\n".join(app_lines(model, shared / "app_descriptions.jsonl")))
        print("\n".join(other_subjects(model, shared / "html_gold")))
    print("\n".join(speed_lines(model, held_out)))


def single_codes(reports: tuple[SchemeReport, ...]) -> list[str]:
    """Precision and recall of the two codes that have floors of their own."""
    wanted = {("spam", "2"), ("intent", "solicitation")}
    return [
        f"{r.scheme} {c.code}: precision {c.precision:.3f}, recall {c.recall:.3f} ({c.support} texts)"
        for r in reports
        for c in r.codes
        if (r.scheme, c.code) in wanted
    ]


def damage_lines(model: Model, held_out: list[Labelled]) -> list[str]:
    """macro-F1 lost by damaged and restored copies of every third held-out passage."""
    sample = held_out[::3]
    clean = evaluate(model, sample)
    lines = ["damaged and restored copies: change of macro-F1, " + " ".join(r.scheme for r in clean)]
    copies = {form: [restored(damaged(p, form)) for p in sample] for form in FORMS}
    for form, passages in {**copies, "all together": [p for each in FORMS for p in copies[each]]}.items():
        found = evaluate(model, passages)
        lines.append(
            f"  {form:15s}" + " ".join(f"{a.macro_f1 - b.macro_f1:+.3f}" for a, b in zip(found, clean, strict=True))
        )
    return lines


def app_lines(model: Model, path: Path) -> list[str]:
    """借贷 (online lending) against the rest, ranked by scope core + edge; what disagreement looks like."""
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    gold = np.array([row["label"] == "借贷" for row in rows])
    scope = predict(model, [Labelled(row["id"], "", "", row["text"], ()) for row in rows])["scope"]
    score = scope[:, 0] + scope[:, 1]
    rule = np.array([len(KEYWORDS.findall(row["text"])) / max(1, len(row["text"])) for row in rows])
    f1 = precision_recall_fscore_support(gold, [bool(KEYWORDS.search(r["text"])) for r in rows], average="binary")[2]
    order = np.argsort(-score)
    above = Counter(rows[i]["label"] for i in order[: int(gold.sum())] if not gold[i])
    return [
        f"app descriptions ({len(rows)}, {int(gold.sum())} of 借贷): average precision {average_precision_score(gold, score):.3f}; "
        f"share of keywords {average_precision_score(gold, rule):.3f}, any keyword F1 {f1:.3f}",
        f"  of the first {int(gold.sum())}, of other categories: "
        + ", ".join(f"{label} {count}" for label, count in above.most_common(8)),
    ]


def other_subjects(model: Model, folder: Path) -> list[str]:
    """Pages of html_gold, none of them about debt: how many are said to be."""
    found: Counter[str] = Counter()
    for path in sorted(folder.glob("*/data.jsonl")):
        for line in filter(None, path.read_text("utf-8").split("\n")):
            row = json.loads(line)
            if row.get("gold_text"):
                labels = label_passage(Passage(row.get("gold_title") or "", row["gold_text"]), model)
                found[next(x.value for x in labels if x.scheme == "scope" and x.rank == 1)] += 1
    return ["pages of other subjects, by scope: " + ", ".join(f"{k} {v}" for k, v in sorted(found.items()))]


def speed_lines(model: Model, held_out: list[Labelled]) -> list[str]:
    """CPU ms per article of ARTICLE characters, median of runs: all schemes with evidence, and facets."""
    joined = "\n".join(p.text for p in held_out)
    articles = [joined[i : i + ARTICLE] for i in range(0, len(joined) - ARTICLE, ARTICLE)][:150]
    lines, costs = [], []
    for name, work in (
        ("tokens alone (rjieba)", words),
        ("all schemes, second level and evidence", lambda text: label_passage(Passage(text[:20], text), model)),
        ("facets", lambda text: find_facets(text, "2025-01-01")),
    ):
        runs = []
        for _ in range(5):
            began = time.process_time()
            for text in articles:
                work(text)
            runs.append((time.process_time() - began) * 1000 / len(articles))
        costs.append(sorted(runs)[2])
        lines.append(
            f"{name}: {costs[-1]:.2f} ms CPU per article of {ARTICLE} characters, {costs[-1] / costs[0]:.1f} times the tokens"
        )
    return [*lines, f"codes answered: {sum(len(codebook.values(s)) for s in codebook.MODEL_SCHEMES)}"]


if __name__ == "__main__":
    main()

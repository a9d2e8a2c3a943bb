"""How many copies are found and how few strangers joined, on the simulator and on the real pairs beside the project.

    python -m benchmarks.duplicates_quality [--scale 1.0] [--seed 1] [--json FILE]

Prints recall by edit, distinct articles merged, B³ precision and recall of the clusters (a variant is a cluster of its
own) and of the templates, and the floors of each. With ../shared beside the project, the real pairs as well; of those
only counts are printed, for they name real people.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.copies import Simulated, corpus
from corpus.candidates import candidate_pairs
from corpus.clusters import as_pairs, clusters
from corpus.compare import comparable, compare
from corpus.edges import HOPELESS, Edge, verify
from corpus.sentences import sentence_pairs, unpack_all
from corpus.shingles import band_keys, fingerprints, read_signatures

FLOORS = {
    "shuffled": 1.0,
    "deleted 3%": 0.99,
    "deleted 8%": 0.94,
    "spun": 0.99,
    "script": 1.0,
    "slot": 0.99,
    "half": 0.98,
}
SHARED = Path(__file__).parent.parent.parent / "shared" / "data" / "near_dup_pairs.jsonl"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about each text, by its index."""

    cluster: list[int]  # texts of one cluster share a number
    template: list[int]  # texts of one template share a number
    related: dict[tuple[int, int], str]  # smaller index first -> relation


def find(texts: Sequence[str]) -> Found:
    """Return what the pure functions find about the texts."""
    made = list(fingerprints(texts))
    first: dict[str, int] = {}
    for index, each in enumerate(made):
        first.setdefault(each.restored, index)
    kept = sorted((each.restored, index) for index, each in enumerate(made) if first[each.restored] == index)
    nodes = [index for _, index in kept if made[index].signature]
    signatures = read_signatures([made[index].signature for index in nodes])

    def load(numbers: Sequence[int]) -> list[str]:
        return [texts[nodes[number]] for number in numbers]

    pairs = candidate_pairs(band_keys(signatures).T, signatures, HOPELESS)
    edges = list(verify(pairs, signatures, load))
    related = {pair(nodes[edge.left], nodes[edge.right]): edge.comparison.relation for edge in edges}
    for left, right in sentence_pairs(unpack_all([made[index].sentences for index in nodes])).tolist():
        related.setdefault(pair(nodes[left], nodes[right]), "partial")
    parent = list(range(len(texts)))
    copied = sorted(
        (each.left, each.right, each.comparison.similarity) for each in edges if each.comparison.relation == "copy"
    )
    apart = [(each.left, each.right) for each in edges if each.comparison.relation == "variant"]
    pairs = np.array([each[:2] for each in copied], dtype=np.int64).reshape(-1, 2)
    for cluster in clusters(pairs, signatures, weights=[each[2] for each in copied], apart=apart):
        for member in cluster.members:
            parent[nodes[member]] = nodes[cluster.members[0]]
    cluster_of = [parent[first[each.restored]] for each in made]
    masks: dict[str, int] = {}
    same_mask = [(masks.setdefault(made[index].masked, number), number) for number, index in enumerate(nodes)]
    tied = [each for each in same_mask if each[0] != each[1] and made[nodes[each[0]]].masked]
    template = list(range(len(texts)))
    for joined in clusters(np.concatenate([_of(edges, ("copy", "variant")), as_pairs(tied)]), signatures):
        for member in joined.members:
            template[nodes[member]] = nodes[joined.members[0]]
    template = [template[first[each.restored]] for each in made]
    return Found(cluster_of, template, related)


def pair(left: int, right: int) -> tuple[int, int]:
    return (left, right) if left < right else (right, left)


def _of(edges: Sequence[Edge], relations: tuple[str, ...]) -> np.ndarray:
    return as_pairs([(edge.left, edge.right) for edge in edges if edge.comparison.relation in relations])


def b_cubed(found: Sequence[object], truth: Sequence[object]) -> tuple[float, float]:
    """Return B³ precision and recall: of the texts that share a text's cluster, how many should, and the reverse."""
    both = Counter(zip(found, truth, strict=True))
    by_found, by_truth = Counter(found), Counter(truth)
    precision = sum(count * count / by_found[cluster] for (cluster, _), count in both.items()) / len(found)
    recall = sum(count * count / by_truth[group] for (_, group), count in both.items()) / len(found)
    return precision, recall


def restore_all(simulated: Sequence[Simulated]) -> list[str]:
    """The texts as the pipeline sees them: restored (Simplified, pinyin annotations out)."""
    from corpus.restore import restore

    return [restore(each.text).text if each.edit == "script" else each.text for each in simulated]


def simulated_report(scale: float, seed: int) -> dict[str, object]:
    made = list(corpus(seed, distinct=round(9000 * scale), bases=round(900 * scale), templates=round(250 * scale)))
    texts = restore_all(made)
    start = time.process_time()
    found = find(texts)
    seconds = time.process_time() - start
    base = {each.family: index for index, each in enumerate(made) if each.edit == "base"}
    hits: dict[str, list[bool]] = defaultdict(list)
    slots: dict[str, list[int]] = defaultdict(list)
    for index, each in enumerate(made):
        if each.template:
            slots[each.template].append(index)
        elif each.edit in ("half", "third"):
            hits[each.edit].append(found.related.get(pair(base[each.family], index)) == "partial")
        elif each.edit != "base":
            hits[each.edit].append(found.cluster[index] == found.cluster[base[each.family]])
    for members in slots.values():
        same = Counter(found.template[member] for member in members)
        hits["slot"].extend(found.template[member] == same.most_common(1)[0][0] for member in members)
    strangers = [index for index, each in enumerate(made) if each.family.startswith("d")]
    sizes = Counter(found.cluster)
    merged = sum(sizes[found.cluster[index]] > 1 for index in strangers)
    precision, recall = b_cubed(found.cluster, [each.group for each in made])
    template_b3 = b_cubed(found.template, [each.template or each.group for each in made])
    return {
        "texts": len(made),
        "cpu_seconds": round(seconds, 1),
        "recall": {edit: round(sum(values) / len(values), 4) for edit, values in hits.items()},
        "distinct_articles": len(strangers),
        "distinct_merged": merged,
        "b3_clusters": [round(precision, 4), round(recall, 4)],
        "b3_templates": [round(each, 4) for each in template_b3],
    }


def real_report() -> dict[str, object]:
    """Counts over the real pairs, both texts of at least 80 Chinese characters."""
    outcome: dict[str, Counter[str]] = defaultdict(Counter)
    rows = [json.loads(line) for line in SHARED.read_text("utf-8").splitlines()]
    rows = [row for row in rows if min(_chinese(row["text_a"]), _chinese(row["text_b"])) >= 80]
    ids = sorted({(row[key], row[f"text_{key}"]) for row in rows for key in "ab"})
    index = {each: number for number, each in enumerate(ids)}
    found = find([text for _, text in ids])
    for row in rows:
        ends = pair(index[row["a"], row["text_a"]], index[row["b"], row["text_b"]])
        counts = outcome[row["bucket"]]
        counts["pairs"] += 1
        counts["joined"] += found.cluster[ends[0]] == found.cluster[ends[1]]
        related = ends in found.related or found.cluster[ends[0]] == found.cluster[ends[1]]
        counts["found"] += related
        comparison = compare(comparable(row["text_a"]), comparable(row["text_b"]))
        counts["found as partial"] += related and (comparison.whole or comparison.relation == "partial")
    return {bucket: dict(counts) for bucket, counts in outcome.items()}


def _chinese(text: str) -> int:
    return len(re.findall("[\u4e00-\u9fff]", text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report: dict[str, object] = {"simulated": simulated_report(options.scale, options.seed)}
    if SHARED.is_file():
        report["real"] = real_report()
    text = json.dumps(report, ensure_ascii=False, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()

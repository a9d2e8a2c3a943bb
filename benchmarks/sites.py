"""Measures attribution, scores, spider pools and speed of the sites pass, and prints the figures of docs/sites.md.

python -m benchmarks.sites networks [SEEDS [FIRST]] pair precision and recall, beside simpler rules on the same worlds
python -m benchmarks.sites scores [SEEDS]        precision and recall of scores, with intervals, by stratum
python -m benchmarks.sites pools FOLDER          each real pool on its pages alone, and all together
python -m benchmarks.sites speed [SITES] [PAGES] a pass over so many sites with so many pages each
"""

from __future__ import annotations

import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

from benchmarks.site_texts import make_sites, pages_of
from benchmarks.site_world import World, make_world
from corpus.entities import publisher_entities
from corpus.network_edges import MAX_SITES, TYPES, WEIGHTS
from corpus.networks import find_networks
from corpus.site_features import Norms, site_features
from corpus.site_score import BLOCK, REVIEW, score_site

PARTS, DRAWS = (12, 20, 40), 5  # pages of a pool drawn, and how often
FLOORS = {"certain": 0.78, "probable": 0.86}  # recall of pairs, medians of worlds
Pair = tuple[str, str]
Groups = list[list[str]]


def networks(seeds: int = 10, first: int = 0) -> None:
    """Print precision and recall of pairs for each seed and rule, then medians with bootstrap intervals."""
    rules: dict[str, Callable[[World], Groups]] = {
        "components, any strong id": lambda world: simple_components(world, least=0.0, types=1, cap=10**9),
        "strong ids, df <= 30": lambda world: simple_components(world, least=0.0, types=1, cap=30),
        "idf sum >= 3, 2 types, df <= 150": lambda world: simple_components(world, least=3.0, types=2, cap=MAX_SITES),
        "certain": lambda world: ours(world, ("certain",)),
        "probable": lambda world: ours(world, ("certain", "probable")),
    }
    figures: dict[str, list[tuple[float, float, int, float]]] = defaultdict(list)
    for seed in range(first, first + seeds):
        world = make_world(seed)
        sites = len(world.owner)
        print(f"seed {seed}: {sites} sites, {len(set(operators(world)))} networks, {len(world.entities)} entities")
        for name, rule in rules.items():
            started = time.process_time()
            figures[name].append((*judge(world, rule(world)), time.process_time() - started))
            if name in FLOORS:
                precision, recall, honest, _ = figures[name][-1]
                short = "" if recall >= FLOORS[name] else f"  below {FLOORS[name]}"
                print(f"  {name:<10} precision {precision:.4f}, recall {recall:.3f}, honest joined {honest}{short}")
    print(f"\n{'rule':<36}{'precision':>22}{'recall':>22}{'honest clustered':>18}{'CPU s':>8}   median (least … most)")
    for name, rows in figures.items():
        columns = [[row[index] for row in rows] for index in range(4)]
        print(
            f"{name:<36}"
            + "".join(f"{statistics.median(c):>10.4f} ({min(c):.3f}…{max(c):.3f})" for c in columns[:2])
            + f"{statistics.median(columns[2]):>10.0f} ({min(columns[2])}…{max(columns[2])})"
            + f"{statistics.median(columns[3]):>8.1f}"
        )
    for name in FLOORS:
        low, high = interval([row[1] for row in figures[name]])
        worlds = sum(row[2] > 0 for row in figures[name])
        print(f"{name}: 95 % interval of the median recall {low:.3f}–{high:.3f}; "
              f"honest sites joined {sum(row[2] for row in figures[name])}, in {worlds} of {seeds} worlds")  # fmt: skip


def interval(values: Sequence[float], rounds: int = 2_000) -> tuple[float, float]:
    """The 95 % bootstrap interval of the median."""
    chance = random.Random(0)
    medians = sorted(statistics.median(chance.choices(values, k=len(values))) for _ in range(rounds))
    return medians[round(0.025 * rounds)], medians[round(0.975 * rounds) - 1]


def operators(world: World) -> list[str]:
    return sorted(world.owner[site] for site, stratum in world.stratum.items() if stratum == "spam")


def ours(world: World, certainties: tuple[str, ...]) -> Groups:
    run = find_networks(world.entities, world.mutual, sites=len(world.owner), excluded=frozenset(world.hijacked))
    return [list(network.sites) for network in run.networks if network.certainty in certainties]


def simple_components(world: World, *, least: float, types: int, cap: int) -> Groups:
    """The first rule sets of dedup_spam.md: idf-weighted edges, so many types, a cap on the sites of an entity."""
    shown: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entity in publisher_entities(world.entities):
        if entity.site not in world.hijacked:
            shown[entity.kind, entity.value].add(entity.site)
    edges: dict[Pair, dict[str, float]] = defaultdict(dict)
    for (kind, _), sites in shown.items():
        if 2 <= len(sites) <= cap:
            weight = WEIGHTS[kind] * math.log(len(world.owner) / len(sites)) / math.log(len(world.owner) / 2)
            for pair in combinations(sorted(sites), 2):
                edges[pair][kind] = max(edges[pair].get(kind, 0), weight)
    root: dict[str, str] = {}

    def find(site: str) -> str:
        while root.setdefault(site, site) != site:
            site = root[site]
        return site

    for (left, right), kinds in edges.items():
        if sum(kinds.values()) >= least and len({TYPES[kind] for kind in kinds}) >= types:
            root[find(left)] = find(right)
    groups: dict[str, list[str]] = defaultdict(list)
    for site in list(root):
        groups[find(site)].append(site)
    return [group for group in groups.values() if len(group) > 1]


def judge(world: World, groups: Groups) -> tuple[float, float, int]:
    """Precision of pairs, recall of pairs of spam sites, and honest sites joined to somebody else's."""
    right = wrong = found = 0
    honest: set[str] = set()
    # A probable network may hold a certain one: each pair counts once.
    for left, other in {pair for group in groups for pair in combinations(sorted(group), 2)}:
        same = world.owner[left] == world.owner[other]
        right, wrong = right + same, wrong + (not same)
        if same and world.stratum[left] == "spam":
            found += 1
        if not same:
            honest |= {site for site in (left, other) if world.stratum[site] not in {"spam", "hijacked"}}
    sizes: dict[str, int] = defaultdict(int)
    for owner in operators(world):
        sizes[owner] += 1
    pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    return right / max(1, right + wrong), found / pairs, len(honest)


def scores(seeds: int = 3) -> None:
    """Print how scores tell made spam from made honest sites."""
    rows = []
    for seed in range(seeds):
        for site in make_sites(seed):
            pages, context = pages_of(site)
            result = score_site(site_features(pages, context, Norms()), len(pages))
            rows.append((site.stratum, site.spam, result.score or 0.0, result.verdict == "block-candidate"))
    spam = [row for row in rows if row[1]]
    flagged = [row for row in rows if row[2] >= REVIEW]
    caught = sum(row[1] for row in flagged)
    print(f"{len(rows)} sites, {len(spam)} of them spam; at a score of {REVIEW}:")
    print(f"  precision {caught / len(flagged):.3f} {wilson(caught, len(flagged))}")
    print(f"  recall    {caught / len(spam):.3f} {wilson(caught, len(spam))}")
    blocked = [row for row in rows if row[3]]
    right = sum(row[1] for row in blocked)
    print(
        f"block candidates (score {BLOCK}, two families): {len(blocked)}, precision {right / max(1, len(blocked)):.3f} {wilson(right, len(blocked))}"
    )
    print(f"\n{'stratum':<16}{'sites':>7}{'review':>9}{'>= .9':>8}{'block candidates':>18}{'median':>8}")
    for stratum in dict.fromkeys(row[0] for row in rows):
        part = [row for row in rows if row[0] == stratum]
        print(
            f"{stratum:<16}{len(part):>7}{sum(row[2] >= REVIEW for row in part):>9}{sum(row[2] >= BLOCK for row in part):>8}"
            f"{sum(row[3] for row in part):>18}{statistics.median(row[2] for row in part):>8.2f}"
        )


def wilson(hits: int, count: int) -> str:
    """The 95 % interval of a share (Wilson 1927)."""
    if not count:
        return "(–)"
    z = 1.96
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return f"({max(0.0, middle - half):.3f}–{min(1.0, middle + half):.3f})"


def pools(folder: Path) -> None:
    """Print what each pool of a folder (data.jsonl with html, group) comes to on its pages alone, and all together."""
    from benchmarks.site_pools import judge_pools, read_outcomes, read_pools, score_of_part

    groups = read_outcomes(read_pools(folder))
    alone = {name: judge_pools({name: pages})[0][0] for name, pages in groups.items()}
    found = [float(str(row["score"] or 0)) for row in alone.values()]
    together, joined = judge_pools(groups)
    for name, row in alone.items():
        print(f"{name:<28} pages {row['pages']:>4}  score alone {row['score']}  {row['verdict']}  {row['strongest']}")
        for count in PARTS:
            parts = [score_of_part(groups[name], count, seed) for seed in range(DRAWS)]
            scored = [score for score in parts if score is not None]
            reached = sum(score >= REVIEW for score in scored)
            least = f"{min(scored):.3f}" if scored else "–"
            print(f"  {count:>3} pages drawn {DRAWS} times: least {least}, review {reached} of {len(scored)} scored")
    print(f"review (>= {REVIEW}): {sum(score >= REVIEW for score in found)} of {len(alone)}; "
          f">= {BLOCK}: {sum(score >= BLOCK for score in found)}; networks that join pools: {joined}")  # fmt: skip
    for row in together:
        print(f"  together: {row['site']:<28} {row['score']}")


def speed(sites: int = 100_000, each: int = 100) -> None:
    """Print time and memory of a pass over stored traits; the database is made first, not counted."""
    from benchmarks.site_speed import fill, run

    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        path = Path(folder)
        started, used = time.time(), time.process_time()
        fill(path, sites, each)
        size = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
        print(f"made {sites:,} sites with {sites * each:,} pages, {size / 1e9:.2f} GB, "
              f"in {time.process_time() - used:.0f} CPU s, {time.time() - started:.0f} s wall")  # fmt: skip
        run(path)


COMMANDS: dict[str, Callable[..., None]] = {"networks": networks, "scores": scores, "pools": pools, "speed": speed}


def main(arguments: list[str]) -> None:
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__)
        sys.exit(2)
    COMMANDS[arguments[0]](*(Path(each) if arguments[0] == "pools" else int(each) for each in arguments[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])

"""The pass in SQLite: the same rows in any order of arrival, only what changed is touched, ids lead on."""

from __future__ import annotations

import random
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import copies
from corpus.candidates import MAX_BAND
from corpus.cluster_store import update_clusters
from corpus.template_rows import align
from tests.duplicates_corpus import add, clustered, empty_corpus, remove, url_of, written

Named = list[tuple[str, str]]


def _simulated(seed: int = 3) -> Named:
    """Bases with every edit but the other script, templates with their fills, and texts that occur twice."""
    rng = random.Random(seed)
    made: list[str] = []
    for _ in range(3):
        base = copies.article(rng, length=300)
        made.append(base)
        made += [edit(rng, base) for name, edit in copies.COPY_EDITS.items() if name != "script"]
        made += [edit(rng, base) for edit in copies.PARTIAL_EDITS.values()]
    pattern = copies.template(rng, 300)
    made += [copies.filled(rng, pattern) for _ in range(5)]
    made += [copies.article(rng, length=300, quote=True) for _ in range(4)]
    made += ["网贷逾期怎么办？", "网贷逾期 怎么办", "借呗逾期怎么办", made[0], made[0].replace("，", " ")]
    return [(f"page{number}", text) for number, text in enumerate(made)]


TEXTS = _simulated()


def _corpus(texts: Named) -> sqlite3.Connection:
    connection = empty_corpus()
    add(connection, texts)
    return connection


def _rebuilt(texts: Named) -> dict[str, list[tuple[object, ...]]]:
    connection = _corpus(texts)
    update_clusters(connection, rebuild=True)
    return written(connection)


ALL = _rebuilt(TEXTS)


def test_the_simulated_corpus_has_clusters_templates_and_partial_copies() -> None:
    relations = {row[3] for row in ALL["relations"]}
    assert {"copy", "variant", "partial"} <= relations
    assert len(ALL["clusters"]) == 4
    assert len(ALL["templates"]) == 1


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False), st.integers(1, len(TEXTS)))
def test_page_by_page_in_any_order_gives_the_rows_of_a_rebuild(rng: random.Random, size: int) -> None:
    texts = list(TEXTS)
    rng.shuffle(texts)
    connection = empty_corpus()
    for start in range(0, len(texts), size):
        add(connection, texts[start : start + size])
        update_clusters(connection)
    assert written(connection) == ALL


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_pages_that_go_or_change_leave_no_trace(rng: random.Random) -> None:
    kept = rng.sample(TEXTS, len(TEXTS) * 2 // 3)
    others = [each for each in TEXTS if each not in kept]
    connection = empty_corpus()
    add(connection, [(name, rng.choice(TEXTS)[1]) for name, _ in kept])
    add(connection, others)
    update_clusters(connection)
    for name, _ in others:
        remove(connection, name)
    add(connection, kept, hours=1)
    update_clusters(connection)
    incremental = written(connection)
    update_clusters(connection, rebuild=True)
    assert incremental == written(connection)


def _crowd(size: int, seed: int = 5) -> Named:
    """Many copies of one text, and of another that shares half of it."""
    rng = random.Random(seed)
    base = copies.article(rng, length=150)
    other = base[: len(base) * 2 // 3] + copies.article(rng, length=60)
    texts = [copies.deleted(rng, base if number % 3 else other, 0.03) for number in range(size)]
    return [(f"crowd{number}", text) for number, text in enumerate(texts)]


def _sure(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """Without partial copies: of a sentence that many share, those found depend on when they were looked for."""
    return rows | {"relations": [row for row in rows["relations"] if row[3] != "partial"]}


@pytest.mark.parametrize("seed", [1])
def test_crowded_bands_give_the_same_relations_in_any_order(seed: int) -> None:
    texts = _crowd(2 * MAX_BAND + 30)
    wanted = _rebuilt(texts)
    rng = random.Random(seed)
    rng.shuffle(texts)
    connection = empty_corpus()
    for start in range(0, len(texts), 23):
        add(connection, texts[start : start + 23])
        update_clusters(connection)
    got = written(connection)
    assert _sure(got) == _sure(wanted)
    for name, _ in texts[: MAX_BAND + 40]:
        remove(connection, name)
    update_clusters(connection)
    assert _sure(written(connection)) == _sure(_rebuilt(texts[MAX_BAND + 40 :]))


def test_a_second_pass_has_nothing_to_do() -> None:
    connection = _corpus(TEXTS)
    assert update_clusters(connection).changed > 0
    assert update_clusters(connection).changed == 0


def test_storing_the_same_pages_again_compares_nothing() -> None:
    connection = _corpus(TEXTS)
    update_clusters(connection)
    before = written(connection)
    add(connection, TEXTS, hours=1)
    counts = update_clusters(connection)
    assert (counts.added, counts.removed, counts.compared, counts.articles) == (0, 0, 0, 0)
    assert written(connection) == before


def test_a_new_copy_touches_its_own_cluster_only() -> None:
    connection = _corpus(TEXTS)
    update_clusters(connection)
    add(connection, [("late", copies.deleted(random.Random(1), TEXTS[0][1], 0.02))])
    counts = update_clusters(connection)
    assert (counts.added, counts.clusters) == (1, 1)
    states = clustered(connection)
    assert states[url_of("late")][0] == states[url_of("page0")][0] != ""


def test_copies_of_a_short_text_are_one_cluster_and_its_variants_are_not() -> None:
    states = clustered(_updated(TEXTS))
    first, second, other = (states[url_of(TEXTS[number][0])] for number in (-5, -4, -3))
    assert first[0] == second[0] != ""
    assert other[0] == ""
    assert first[2] + second[2] == 1


def _updated(texts: Named) -> sqlite3.Connection:
    connection = _corpus(texts)
    update_clusters(connection)
    return connection


def test_variants_share_a_template_and_stay_visible() -> None:
    rng = random.Random(4)
    pattern = copies.template(rng, 300)
    fills = [("甘肃", "花呗", 30, 24), ("湖南", "借呗", 60, 24), ("湖南", "借呗", 60, 36)]
    texts = [
        (place, pattern.format(place=place, platform=platform, days=days, percent=percent))
        for place, platform, days, percent in fills
    ]
    connection = _updated([(f"page{number}", text) for number, (_, text) in enumerate(texts)])
    states = clustered(connection).values()
    assert {state[0] for state in states} == {""}
    assert {state[2] for state in states} == {1}
    (template,) = {state[1] for state in states}
    row = connection.execute("SELECT size, pattern, slots FROM templates WHERE id = ?", (template,)).fetchone()
    assert row["size"] == 3
    assert "【place】" in row["pattern"]
    assert "甘肃" in row["slots"]
    assert "湖南" in row["slots"]


def test_a_changed_date_changes_the_canonical_article() -> None:
    connection = empty_corpus()
    add(connection, [("one", TEXTS[0][1])], published="2025-03-01")
    add(connection, [("two", TEXTS[0][1])], published="2025-05-01")
    update_clusters(connection)
    assert clustered(connection)[url_of("one")][2] == 1
    connection.execute("UPDATE articles SET published = '2024-01-01' WHERE url = ?", (url_of("two"),))
    update_clusters(connection)
    states = clustered(connection)
    assert (states[url_of("one")][2], states[url_of("two")][2]) == (0, 1)


def test_a_pass_that_fails_changes_nothing() -> None:
    connection = _corpus(TEXTS)

    def stop(_what: str, _done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update_clusters(connection, progress=stop)
    assert not any(written(connection)[name] for name in ("clusters", "bands", "texts"))
    update_clusters(connection)
    assert written(connection) == ALL


def test_aligned_variants_show_what_differs() -> None:
    pattern, slots = align(["甘肃网贷逾期30天", "湖南网贷逾期30天", "网贷"])
    assert pattern == "【place】网贷逾期【number】天"
    assert slots == '[{"kind":"place","values":["湖南","甘肃"]}]'

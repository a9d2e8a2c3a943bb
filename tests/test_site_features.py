"""Traits of pages, features of sites, points: what each measures, and what it must not do."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.site_texts import Writer, make_sites, pages_of
from corpus.page_traits import PageText, redundancy, sentence_hashes, stuffing, title_pattern, traits
from corpus.site_features import (
    FAMILY,
    FEATURES,
    MIN_PAGES,
    STORED,
    Context,
    Feature,
    Norms,
    Pages,
    pack,
    site_features,
    unpack,
)
from corpus.site_score import POINTS, score_site

WRITER = Writer(random.Random(5))
NAMES = [name for name, *_ in FEATURES]


def article(**more: object) -> PageText:
    return PageText(title=WRITER.title(), text=WRITER.text(16), **more)  # type: ignore[arg-type]


def table(*pages: PageText, folders: tuple[int, ...] = (), lending: tuple[int, ...] = (), hosts: int = 1) -> Pages:
    rows = [
        pack(traits(page), key=index, folder=folders[index] if folders else 0, host=index % hosts)
        for index, page in enumerate(pages)
    ]
    found = unpack(rows)
    found["number"] = np.arange(1, len(pages) + 1)
    found["lending"] = lending or 1
    return found


def values(pages: Pages, context: Context | None = None) -> dict[str, float]:
    return {feature.name: feature.value for feature in site_features(pages, context or Context(), Norms())}


HONEST = tuple(article() for _ in range(20))
CITIES = ("甘肃", "湖南", "四川", "河北", "江苏", "浙江", "福建", "山东", "云南", "贵州", "陕西", "辽宁")


def test_an_honest_site_has_no_feature() -> None:
    assert not {name: value for name, value in values(table(*HONEST)).items() if value}


def test_fewer_than_ten_pages_are_insufficient() -> None:
    features = site_features(table(*HONEST[: MIN_PAGES - 1]), Context(), Norms())
    result = score_site(features, MIN_PAGES - 1)
    assert result.score is None
    assert result.verdict == "insufficient"


def test_every_feature_says_why_in_chinese_and_english() -> None:
    for feature in site_features(table(*HONEST), Context(), Norms()):
        assert feature.evidence_zh
        assert feature.evidence_en != feature.evidence_zh


def shuffled_stock() -> Pages:
    stock = [WRITER.text(2).replace("\n", "") for _ in range(20)]
    chance = random.Random(1)
    return table(*(PageText(title=WRITER.title(), text="\n".join(chance.sample(stock, 10))) for _ in range(20)))


def patterned_titles() -> Pages:
    return table(*(PageText(title=f"{city}网贷逾期处理有哪些有效方法", text=WRITER.text(16)) for city in CITIES))


def off_topic_folder() -> Pages:
    return table(*HONEST, *HONEST, folders=(1,) * 20 + (2,) * 20, lending=(0,) * 20 + (1,) * 20)


def burst() -> Pages:
    times = [f"2024-01-05T08:{minute:02}:{second:02}" for minute in range(15) for second in (1, 2)]
    return table(*(article(posted=posted) for posted in times))


def copied() -> Pages:
    pages = table(*HONEST)
    pages["copied"] = 1
    return pages


SHOWN = [
    ("variants", shuffled_stock(), Context()),
    ("slot-titles", patterned_titles(), Context()),
    ("copies", copied(), Context()),
    ("holes", table(*(article(holes=("问题", "电话")) for _ in range(12))), Context()),
    ("kit", table(*(article(annotations=60) for _ in range(12))), Context()),
    ("slips", table(*(article(slips=1) for _ in range(12))), Context()),
    ("scaffold", table(*(PageText(f"{WRITER.title()}", f"小编导语\n{WRITER.text(8)}\n小编总结\n{WRITER.text(2)}") for _ in range(12))), Context()),
    ("redundancy", table(*HONEST), Context(redundancy=4.0)),
    ("links", table(*(article(outside_sites=50) for _ in range(12))), Context()),
    ("links", table(*HONEST), Context(funnel=(1.0, ("a.test", "b.test")))),
    ("cadence", burst(), Context()),
    ("off-topic", off_topic_folder(), Context()),
    ("stuffing", table(*(article(keywords="百家乐,时时彩,六合彩,博彩") for _ in range(12))), Context()),
    ("cloaking", table(*HONEST), Context(cloaking=(1.0, "两次不同", "differs twice"))),
    ("wildcard", table(*HONEST, hosts=20), Context()),
    ("reuse", table(*HONEST), Context(reuse=(3.0, 2, "phone 139****0001"))),
    ("trust", table(*HONEST), Context(trusted=("央行", "central bank"))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "pages", "context"), SHOWN, ids=[f"{row[0]}-{index}" for index, row in enumerate(SHOWN)]
)
def test_feature_is_seen_and_no_other(name: str, pages: Pages, context: Context) -> None:
    found = {each: value for each, value in values(pages, context).items() if value}
    assert found[name] >= 0.5
    assert set(found) == {name}


def test_every_feature_has_a_case_here() -> None:
    assert {row[0] for row in SHOWN} == set(NAMES) == set(POINTS)


def test_short_pages_in_one_frame_count_less_than_long_ones() -> None:
    frame = WRITER.text(16)
    long = table(*(PageText(f"{WRITER.title()}", f"{WRITER.word()}\n{frame}") for _ in range(12)))
    short = table(*(PageText(f"{WRITER.title()}", f"{WRITER.word()}\n{frame[:150]}") for _ in range(12)))
    long["template_size"] = short["template_size"] = 12
    assert values(short)["variants"] < values(long)["variants"] == 1.0


def test_a_notice_on_every_page_is_no_shuffled_text() -> None:
    notice = WRITER.text(3)
    pages = table(*(PageText(page.title, f"{page.text}\n{notice}") for page in HONEST))
    assert values(pages)["variants"] == 0.0


def test_named_sources_are_no_copies() -> None:
    assert values(table(*HONEST))["copies"] == 0.0


def test_evidence_names_pages() -> None:
    (feature,) = [each for each in site_features(patterned_titles(), Context(), Norms()) if each.name == "slot-titles"]
    assert feature.pages == (1, 2, 3)


def test_the_order_of_pages_makes_no_difference() -> None:
    pages = shuffled_stock()
    assert site_features(pages[::-1].copy(), Context(), Norms()) == site_features(pages, Context(), Norms())


def scored(**given_values: float) -> list[Feature]:
    return [Feature(name, given_values.get(name.replace("-", "_"), 0.0), "", "") for name in NAMES]


def test_machine_made_text_alone_is_no_ground() -> None:
    assert score_site(scored(scaffold=1.0), 50).total == 0.0


def test_a_block_needs_two_families() -> None:
    one = score_site(scored(variants=1.0, slot_titles=1.0, redundancy=1.0, copies=1.0, holes=1.0), 50)
    two = score_site(scored(variants=1.0, slot_titles=1.0, kit=1.0), 50)
    assert (one.families, one.verdict) == (("text",), "review")
    assert (two.families, two.verdict) == (("serving", "text"), "block-candidate")


def test_a_trusted_site_is_not_reviewed_for_copies() -> None:
    assert score_site(scored(copies=1.0, cadence=1.0, variants=1.0, trust=1.0), 50).verdict == "none"


@given(
    st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1)),
    st.sampled_from([name for name in NAMES if name != "trust"]),
)
def test_more_evidence_never_lowers_a_score(found: dict[str, float], more: str) -> None:
    def score(given_values: dict[str, float]) -> float:
        return score_site([Feature(name, given_values.get(name, 0.0), "", "") for name in NAMES], 50).score or 0.0

    assert score({**found, more: 1.0}) >= score(found)


def test_families_of_features_are_known() -> None:
    assert set(FAMILY.values()) == {"text", "serving", "behaviour", "entities", "trust"}


@settings(deadline=None)
@given(st.text(max_size=400), st.text(max_size=40))
def test_any_text_has_traits_that_survive_storage(text: str, title: str) -> None:
    made = traits(PageText(title=title, text=text))
    (row,) = unpack([pack(made, key=1, folder=2, host=3)])
    assert (row["title"], row["length"], row["key"], row["folder"], row["host"]) == (made.title, made.length, 1, 2, 3)
    assert row["sentences"].tobytes()[: len(made.sentences)] == made.sentences


def test_stored_traits_keep_their_size() -> None:
    assert STORED.itemsize == 164, "a change of the stored form needs a new VERSION in corpus.page_traits"


def test_numbers_do_not_make_titles_or_sentences_differ() -> None:
    assert title_pattern("2024年3月逾期处理办法")[0] == title_pattern("2025年11月逾期处理办法")[0]
    assert sentence_hashes("共有三百人到场并领取了全部材料。") == sentence_hashes("共有500人到场并领取了全部材料。")


def test_jargon_of_the_body_is_no_stuffing() -> None:
    assert stuffing("警方查处时时彩", "百家乐", "警方查处了时时彩和百家乐赌场。") == 0.0
    assert stuffing("时时彩 百家乐", "六合彩 博彩", "离心泵的保养方法。") == 1.0


def test_redundancy_of_one_text_or_none_is_one() -> None:
    assert redundancy([]) == redundancy(["甲乙丙"]) == 1.0


def test_scores_tell_made_spam_from_made_honest_sites() -> None:
    rows = []
    for site in make_sites(seed=7, honest=60, spam=50):
        pages, context = pages_of(site)
        rows.append((site.spam, score_site(site_features(pages, context, Norms()), len(pages))))
    caught = [spam for spam, result in rows if (result.score or 0) >= 0.5]
    assert sum(caught) / len(caught) >= 0.95
    assert sum(caught) / 50 >= 0.85
    assert not [result for spam, result in rows if result.verdict == "block-candidate" and not spam]

"""What changed between two texts, as small as it can be said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.differences import Difference, differences


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        pytest.param("逾期了怎么办。", "逾期了怎么办。", (), id="equal"),
        pytest.param("甘肃网贷逾期处理指南。", "湖南网贷逾期处理指南。", (("replaced", "甘肃", "湖南"),), id="place"),
        pytest.param("先核对合同，再协商。", "先核对合同。", (("removed", "再协商", ""),), id="removed"),
        pytest.param("先核对合同。", "先核对合同，再协商。", (("added", "", "再协商"),), id="added"),
        pytest.param(
            "先仔细核对合同，再与平台协商还款。", "再与平台协商还款，先仔细核对合同。",
            (("moved", "再与平台协商还款", "再与平台协商还款"),), id="moved",
        ),
        pytest.param("借款。", "借款！", (), id="punctuation is no change"),
        pytest.param("", "", (), id="empty"),
    ],
)  # fmt: skip
def test_differences(left: str, right: str, found: tuple[tuple[str, str, str], ...]) -> None:
    assert differences(left, right) == tuple(Difference(*each) for each in found)


@settings(deadline=None, max_examples=60)
@given(
    st.text(st.sampled_from("借款合同，。\n逾期"), max_size=60),
    st.text(st.sampled_from("借款合同，。\n逾期"), max_size=60),
)
def test_any_two_texts_can_be_aligned(left: str, right: str) -> None:
    assert all(each.before or each.after for each in differences(left, right))
    assert not differences(left, left)


def test_long_texts_are_compared_up_to_a_bound() -> None:
    left = "，".join(f"第{number}句借款" for number in range(20_000))
    assert differences(left, left.replace("第1句", "第一句"))

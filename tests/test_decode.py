"""The ladder of decodings: what wins, and what it says of itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.decode import decode

SIMPLIFIED = "网贷逾期之后，平台可能会联系借款人协商还款，借款人应当保留好全部记录。" * 3
TRADITIONAL = "網貸逾期之後，平臺可能會聯絡借款人協商還款，借款人應當保留好全部紀錄。" * 3


@pytest.mark.parametrize(
    ("body", "declared", "charset", "source"),
    [
        pytest.param(SIMPLIFIED.encode(), "text/html; charset=gb2312", "utf-8", "utf-8", id="utf-8 labelled gb2312"),
        pytest.param(b"\xef\xbb\xbf" + SIMPLIFIED.encode(), "", "utf-8", "bom", id="byte order mark"),
        pytest.param(SIMPLIFIED.encode("utf-16"), "", "utf-16-le", "bom", id="utf-16 with a mark"),
        pytest.param(
            SIMPLIFIED.encode("gbk"), "text/html; charset=gb2312", "gb18030", "declared", id="gbk labelled gb2312"
        ),
        pytest.param(
            SIMPLIFIED.encode("gbk"), "text/html; charset=utf-8", "gb18030", "ranked", id="gbk labelled utf-8"
        ),
        pytest.param(
            SIMPLIFIED.encode("gbk"), "text/html; charset=iso-8859-1", "gb18030", "ranked", id="gbk labelled latin"
        ),
        pytest.param(SIMPLIFIED.encode("gbk"), "", "gb18030", "ranked", id="gbk without a label"),
        pytest.param(TRADITIONAL.encode("big5"), "text/html; charset=gbk", "big5", "ranked", id="big5 labelled gbk"),
        pytest.param(TRADITIONAL.encode("big5"), "big5", "big5", "declared", id="big5 labelled big5"),
        pytest.param(TRADITIONAL.encode("gb18030"), "", "gb18030", "ranked", id="traditional text in gb18030"),
    ],
)
def test_the_text_decides_and_labels_only_break_ties(body: bytes, declared: str, charset: str, source: str) -> None:
    decoded = decode(body, declared)
    assert (decoded.charset, decoded.source, decoded.replacement_count) == (charset, source, 0)
    assert decoded.text.startswith(("网贷逾期之后", "網貸逾期之後"))


def test_a_meta_element_is_read_where_the_header_is_silent() -> None:
    body = b'<meta http-equiv=Content-Type content="text/html; charset=gb2312">' + SIMPLIFIED.encode("gbk")
    assert decode(body).source == "declared"


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_a_few_bad_bytes_do_not_cost_the_page(charset: str) -> None:
    encoded = (SIMPLIFIED * 5).encode(charset)
    body = encoded[:60] + b"\xff\xff" + encoded[60:]
    decoded = decode(body, "")
    assert decoded.source == "replaced"
    assert 1 <= decoded.replacement_count <= 4
    assert decoded.text.endswith("借款人应当保留好全部记录。")


def test_a_body_cut_inside_its_last_character_is_still_utf8() -> None:
    decoded = decode(SIMPLIFIED.encode()[:-1])
    assert (decoded.charset, decoded.replacement_count) == ("utf-8", 1)


@given(st.binary(max_size=400), st.sampled_from(["", "gbk", "big5", "utf-8", "base64", "punycode", "nonsense", "\x00"]))
def test_any_bytes_decode(body: bytes, declared: str) -> None:
    decoded = decode(body, declared)
    assert isinstance(decoded.text, str)
    assert decoded.replacement_count <= decoded.text.count("\ufffd")

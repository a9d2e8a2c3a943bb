"""Articles that a page carries as data for its script only."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import Rejected
from corpus.records import Article, Page
from crawler.extract import extract
from crawler.script_body import find_script_body

PROSE = "借款人逾期之后，可以先与平台协商延期或者分期，并保留全部通话录音和还款记录，必要时向监管部门投诉。" * 3
DATA = {
    "page": {"article": {"title": "逾期以后怎样协商", "publishTime": "2024-05-13 10:20", "content": f"<p>{PROSE}</p>"}}
}
PLAIN = json.dumps(DATA, ensure_ascii=False)


def article_of(body: str) -> Article:
    html = f"<html><head><title>某网</title></head><body><div id=app></div>{body}</body></html>"
    return extract(Page("https://example.com/a/1", 200, (), html.encode(), datetime(2026, 11, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(f'<script id="__NEXT_DATA__" type="application/json">{PLAIN}</script>', id="__NEXT_DATA__"),
        pytest.param(f'<script type="application/json">{quote(PLAIN)}</script>', id="percent-encoded"),
        pytest.param(
            f"<script>window.__INITIAL_STATE__={PLAIN};(function(){{}})()</script>", id="assigned, code after"
        ),
        pytest.param(
            f"<script>var data = {PLAIN[:-1]}, a: undefined}}</script>".replace(" a:", ' "a":'), id="undefined"
        ),
        pytest.param(f"<script>{json.dumps(DATA)}</script>", id="escaped characters"),
    ],
)
def test_the_data_of_a_script_is_read_where_the_page_has_no_text(script: str) -> None:
    article = article_of(script)
    assert (article.title, article.published.value) == ("逾期以后怎样协商", "2024-05-13T10:20+08:00")
    assert article.text == PROSE
    assert "from-script" in article.flags
    assert any("script-data" in block.path for block in article.blocks if block.kept)


def test_data_beside_a_text_of_the_page_itself_is_left_alone() -> None:
    own = "页面自己的正文讲的是另外一件事，从头到尾都写在标签里面，读者不运行脚本也看得到。" * 4
    article = article_of(f"<h1>另外一件事</h1><p>{own}</p><script>window.a={PLAIN}</script>")
    assert article.text == own
    assert "from-script" not in article.flags


@pytest.mark.parametrize(
    "script",
    [
        pytest.param('<script>var a = {"text": "短"}</script>', id="short"),
        pytest.param(f'<script>var a = {{"disclaimer": "{PROSE}"}}</script>', id="a disclaimer"),
        pytest.param(f"<script>var a = function(){{ return {PLAIN} }}</script>", id="code"),
        pytest.param(f"<script>var a = {PLAIN[:-9]}</script>", id="cut off"),
        pytest.param('<script type="application/json">' + "[" * 100_000 + "</script>", id="deep nesting"),
        pytest.param("<script>var a = {" * 20_000, id="unclosed scripts"),
    ],
)
def test_what_is_no_article_in_data_stays_without_text(script: str) -> None:
    started = time.process_time()
    with pytest.raises(Rejected, match="no-main-text"):
        article_of(script)
    assert time.process_time() - started < 2.0


@given(st.text(max_size=200), st.sampled_from(["application/json", "text/javascript", ""]))
def test_any_script_is_read_or_left(source: str, kind: str) -> None:
    body = find_script_body(f'<script type="{kind}">{source}</script>')
    assert body is None or len(body.html) >= 80

"""The sample web as a corpus, made once a run: what the tests of Datasette and of the browser look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus import warc
from corpus.records import Page
from corpus.workspace import archive_folder
from crawler.demo.web import manifest
from crawler.derive import derive

START = datetime(2026, 3, 1, tzinfo=UTC)
HOSTILE_URL = "http://hostile.example/a.html"
HOSTILE = """<!doctype html><html><head><meta charset="utf-8"><title>催收<script>window.hit=1</script></title></head><body>
<h1>逾期之后&lt;script&gt;window.hit=1&lt;/script&gt;&lt;img src=x onerror="window.hit=1"&gt;</h1>
<article><p>网贷逾期之后，催收员每天打电话。&lt;img src="http://beacon.example/x.png" onerror="window.hit=2"&gt; 借款人应当保留录音，
并向监管部门投诉。\ue000伪造的高亮\ue001 与方向控制符\u202e倒写\u202c 都只是文字。javascript:alert(1) 也是。</p>
<p>协商还款时请联系客服电话 13900007654，微信：loan_help_77，邮箱 zhang.demo@example.com，月息 1.5 万元。
案号（2024）京0105民初12345号。催收公司不得骚扰第三人，借款人可以要求出示委托书，并核对债权金额与利息计算方式。</p>
<p>逾期三个月以后，平台会把债权委托给第三方催收机构，借款人仍然可以与平台协商分期还款，停止计息需要双方同意。</p></article>
<footer>投诉电话 0571-87654321 &lt;svg onload="window.hit=3"&gt;</footer></body></html>"""
SECRETS = ("13900007654", "loan_help_77", "zhang.demo@", "87654321")


def build(workspace: Path, *, hostile: bool = True) -> Path:
    """Archive every page of the sample web and, if asked, a hostile page; derive the corpus."""
    served = [made for made in manifest() if not made.behaviour and made.status == 200]
    with warc.Writer(archive_folder(workspace), run="sample", durable=False) as writer:
        for number, made in enumerate(served):
            fetched = START + timedelta(seconds=number * 0.25)
            writer.write(Page(made.url, 200, (("content-type", made.content_type),), made.body, fetched))
        late = START + timedelta(days=1)
        if hostile:
            writer.write(Page(HOSTILE_URL, 200, (("content-type", "text/html"),), HOSTILE.encode(), late))
    derive(workspace, jobs=2)
    return workspace


@pytest.fixture(scope="session")
def sample_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the sample web."""
    return build(tmp_path_factory.mktemp("sample"))

"""Loads dictionaries and models by processing one page when it is imported: in the fork server, so that workers share them.

Without it every worker would load its own copies, some 110 MB each.
"""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from corpus.records import Page
from crawler.process import outcome

TEXT = "催收公司不得在夜间联系借款人，也不得向无关的第三人透露欠款。" * 12
BODY = f"<html><head><title>网貸逾期</title></head><body><h1>網(wǎng)貸逾期</h1><p>{TEXT}</p></body></html>"

outcome(
    Page("http://warm.example/", 200, (("content-type", "text/html"),), BODY.encode(), datetime(2026, 1, 1, tzinfo=UTC))
)
# What is loaded by now is for good: the collector must not write into pages that workers share.
gc.collect()
gc.freeze()

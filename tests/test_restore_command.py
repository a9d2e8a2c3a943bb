"""``cuishou restore``: text in, text out."""

from __future__ import annotations

import json

from click.testing import CliRunner

from corpus.commands.restore import command, explanation
from corpus.restore.rules import RULES

DAMAGED = "網(wǎng)貸行業(yè)的發(fā)展中，催收問也日益突出。"


def test_text_in_text_out_with_suggestions() -> None:
    result = CliRunner().invoke(command, input=DAMAGED)
    assert result.exit_code == 0
    assert result.output == "网贷行业的发展中，催收问〔题〕也日益突出。"


def test_no_holes_leaves_the_suggestions_out() -> None:
    assert CliRunner().invoke(command, ["--no-holes"], input=DAMAGED).output == "网贷行业的发展中，催收问也日益突出。"


def test_json_has_edits_and_holes() -> None:
    printed = json.loads(CliRunner().invoke(command, ["--json"], input=DAMAGED).output)
    assert printed["text"].startswith("网贷行业")
    assert {"start", "end", "clean_start", "clean_end", "before", "after", "rule", "confidence"} <= set(
        printed["edits"][0]
    )
    assert printed["holes"][0]["suggestion"] == "题"


def test_diff_colours_what_went_and_what_came() -> None:
    output = CliRunner().invoke(command, ["--diff"], input=DAMAGED, color=True).output
    assert "\x1b[31m" in output
    assert "\x1b[32m" in output


def test_every_rule_is_explained() -> None:
    for rule in RULES:
        assert rule.says in explanation(rule.name)
    assert "hole" in explanation("all")


def test_bytes_that_are_no_utf8_pass_through() -> None:
    result = CliRunner().invoke(command, input=b"\xff\xfe\xe8\xb4\xb7")
    assert result.exit_code == 0

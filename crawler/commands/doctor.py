"""``cuishou doctor``: what is installed, what is missing, what that costs; and whether the workspace is sound."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from crawler.doctor import Finding, examine


@click.command("doctor")
@click.option("--mend", is_flag=True, help="Repair what can be repaired (search index, triggers). 修复索引。")
@click.option("--json", "as_json", is_flag=True, help="Print findings as JSON. 输出 JSON。")
@click.pass_obj
def command(workspace: Path, mend: bool, as_json: bool) -> None:
    """Say what is installed, what is missing and what that costs, and whether the workspace is sound.

    检查安装情况与语料库是否完好。
    """
    findings = examine(workspace, mend=mend)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            click.echo(line(finding))
    if any(finding.state == "bad" for finding in findings):
        sys.exit(1)


def line(finding: Finding) -> str:
    sign = {"good": "✓", "missing": "–", "bad": "✗"}[finding.state]
    return f"{sign} {finding.what}: {finding.detail}"

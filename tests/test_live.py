"""What is shown while a crawl runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.crawling import Crawl, Options
from crawler.live import LINE_EVERY, progress
from tests.test_dispatch import Run


def test_without_a_terminal_one_line_a_minute(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(tmp_path, "http://www.a.example/")
    run.robots()
    run.answer(run.next())
    running = Crawl(run.dispatch, Options())
    with progress() as show:
        for second in range(3 * int(LINE_EVERY) - 1):
            show(running, float(second))
    shown = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in shown] == ["60 s", "120 s"]
    assert "1 pages" in shown[0]


def test_on_a_terminal_the_hosts_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    run = Run(tmp_path, "http://www.a.example/")
    run.robots()
    with progress() as show:
        show(Crawl(run.dispatch, Options()), 1.0)
    assert "www.a.example" in capsys.readouterr().err

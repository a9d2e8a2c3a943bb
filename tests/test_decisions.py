"""Rulings: append-only, and the state they amount to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.cases import TERM, case_of
from corpus.decisions import open_decisions, rule, rulings
from corpus.errors import InputError
from corpus.records import Decision

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = "spam.test"


@pytest.fixture
def decisions(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with open_decisions(tmp_path, write=True) as connection:
        yield connection


def made(*steps: tuple[str, str] | tuple[str, str, int], days: int = 1) -> list[Decision]:
    """Rulings on SITE: (moderator, ruling[, superseded serial]), one every ``days``."""
    found = []
    for number, step in enumerate(steps):
        supersedes = step[2] if len(step) == 3 else 0
        moment = NOON + timedelta(days=number * days)
        found.append(Decision(number + 1, moment, step[0], "site", SITE, step[1], "why", supersedes))
    return found


def later(days: float) -> datetime:
    return NOON + timedelta(days=days)


CASES = [
    ("nobody ruled", made(), 0, False, "open"),
    ("flagged", made(("li", "flag")), 1, False, "flagged"),
    ("cleared after a flag", made(("li", "flag"), ("wang", "clear")), 2, False, "cleared"),
    ("watched", made(("li", "watch")), 1, False, "watching"),
    ("a flag ends after its term", made(("li", "flag")), TERM.days, False, "expired"),
    ("a flag stands until its term", made(("li", "flag")), TERM.days - 1, False, "flagged"),
    ("confirmed in time", made(("li", "flag"), ("li", "flag"), days=170), 200, False, "flagged"),
    ("one of two persons", made(("li", "flag")), 1, True, "proposed"),
    ("the same person twice", made(("li", "flag"), ("li", "flag")), 2, True, "proposed"),
    ("two persons", made(("li", "flag"), ("wang", "flag")), 2, True, "flagged"),
    ("the second person too late", made(("li", "flag"), ("wang", "flag"), days=TERM.days + 1), 182, True, "proposed"),
    ("taken back", made(("li", "flag"), ("li", "undo", 1)), 2, False, "open"),
    ("the taking back taken back", made(("li", "flag"), ("li", "undo", 1), ("li", "undo", 2)), 3, False, "flagged"),
    ("back to cleared", made(("li", "clear"), ("li", "flag"), ("wang", "undo", 2)), 3, False, "cleared"),
    ("an appeal alone changes no state", made(("li", "flag"), ("li", "appeal")), 2, False, "flagged"),
]


@pytest.mark.parametrize(("steps", "days", "two", "state"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_state(steps: list[Decision], days: int, two: bool, state: str) -> None:
    assert case_of(SITE, steps, later(days), two_people=two).state == state


def test_a_folder_needs_one_person_only() -> None:
    assert case_of("host.test/b", made(("li", "flag")), later(1), two_people=True).state == "flagged"


def test_an_appeal_is_open_until_the_next_ruling() -> None:
    steps = made(("li", "flag"), ("li", "appeal"), ("wang", "clear"))
    assert case_of(SITE, steps[:2], later(2)).appeal == steps[1]
    assert case_of(SITE, steps, later(3)).appeal is None


@given(
    st.lists(st.sampled_from(["flag", "clear", "watch", "hijacked"]), max_size=6),
    st.sampled_from(["flag", "clear", "watch"]),
)
def test_taking_back_gives_exactly_the_state_before(before: list[str], ruling: str) -> None:
    steps = made(*(("li", each) for each in before))
    more = made(*(("li", each) for each in before), ("wang", ruling), ("wang", "undo", len(before) + 1))
    assert case_of(SITE, more, later(30)) == case_of(SITE, steps, later(30))


def test_rulings_come_back_in_order(decisions: sqlite3.Connection) -> None:
    for index, name in enumerate(("flag", "clear")):
        rule(decisions, moderator="li", subject_kind="site", subject=SITE, ruling=name, why="因为", time=later(index))
    assert [(each.serial, each.ruling, each.time) for each in rulings(decisions, "site", SITE)] == [
        (1, "flag", later(0)),
        (2, "clear", later(1)),
    ]


@pytest.mark.parametrize("statement", ["UPDATE decisions SET ruling = 'clear'", "DELETE FROM decisions"])
def test_the_database_refuses_to_change_a_ruling(decisions: sqlite3.Connection, statement: str) -> None:
    rule(decisions, moderator="li", subject_kind="site", subject=SITE, ruling="flag", time=NOON)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        decisions.execute(statement)
    assert len(rulings(decisions, "site")) == 1


@pytest.mark.parametrize(
    ("moderator", "supersedes", "message"),
    [(" ", 0, "moderator"), ("li", 7, "no ruling 7")],
    ids=["nobody", "superseding nothing"],
)
def test_a_ruling_is_checked(decisions: sqlite3.Connection, moderator: str, supersedes: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rule(
            decisions, moderator=moderator, subject_kind="site", subject=SITE, ruling="flag", supersedes=supersedes, time=NOON
        )  # fmt: skip

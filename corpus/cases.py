"""Cases: from the rulings on a site to the state it is in, at a given time.

States: open (nobody has ruled), proposed (a flag waits for a second person), flagged, cleared, watching, expired (a
flag older than its term without confirmation). A state is always worked out from all rulings, oldest first, so that
taking back a ruling gives exactly the state before it. Pure; the time is an argument.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from corpus.records import Decision

TERM = timedelta(days=180)  # after which a flag that nobody confirms expires (issue 8)
STATES = ("open", "proposed", "flagged", "cleared", "watching", "expired")


@dataclass(frozen=True, slots=True)
class Case:
    """The state of a site. ``since``: time of the ruling it rests on; ``rulings`` that count, oldest first;
    ``hijacked``: what people ruled, None if nobody did; ``appeal``: the latest appeal that nobody has answered."""

    site: str
    state: str = "open"
    since: datetime | None = None
    expires: datetime | None = None
    moderators: tuple[str, ...] = ()
    why: str = ""
    rulings: tuple[Decision, ...] = ()
    hijacked: bool | None = None
    appeal: Decision | None = None

    @property
    def flagged(self) -> bool:
        """Whether the site's pages are hidden now."""
        return self.state == "flagged"


def case_of(site: str, rulings: Sequence[Decision], now: datetime, *, two_people: bool = False) -> Case:
    """Return the state of one site at ``now``; two_people: a whole domain needs two persons' flags ("/" units do not)."""
    counted = standing(rulings)
    state, why = "open", ""
    since: datetime | None = None
    moderators: tuple[str, ...] = ()
    hijacked: bool | None = None
    appeal: Decision | None = None
    for decision in counted:
        if decision.time > now:
            break
        if decision.ruling in {"hijacked", "not-hijacked"}:
            hijacked = decision.ruling == "hijacked"
        elif decision.ruling == "appeal":
            appeal = decision
        else:
            expired = state in {"proposed", "flagged"} and since is not None and decision.time - since > TERM
            known: tuple[str, ...] = moderators if state in {"proposed", "flagged"} and not expired else ()
            appeal = None
            if decision.ruling == "flag":
                moderators = (*known, decision.moderator) if decision.moderator not in known else known
                enough = not two_people or "/" in site or len(moderators) >= 2 or (state == "flagged" and not expired)
                state = "flagged" if enough else "proposed"
            else:
                state = {"clear": "cleared", "watch": "watching"}.get(decision.ruling, state)
                moderators = (decision.moderator,)
            since, why = decision.time, decision.why
    expires = since + TERM if since is not None and state in {"flagged", "proposed"} else None
    if expires is not None and now >= expires:
        state = "expired"
    return Case(site, state, since, expires, moderators, why, tuple(counted), hijacked, appeal)


def standing(rulings: Sequence[Decision]) -> list[Decision]:
    """Return the rulings that have not been taken back; taking back an "undo" restores what it took back."""
    undone: set[int] = set()
    for decision in sorted(rulings, key=lambda each: -each.serial):
        if decision.ruling == "undo" and decision.serial not in undone:
            undone.add(decision.supersedes)
    return [
        decision
        for decision in sorted(rulings, key=lambda each: each.serial)
        if decision.serial not in undone and decision.ruling != "undo"
    ]


def cases(rulings: Iterable[Decision], now: datetime, *, two_people: bool = False) -> Mapping[str, Case]:
    """Return the case of every site that anybody ruled on."""
    by_site: dict[str, list[Decision]] = defaultdict(list)
    for decision in rulings:
        by_site[decision.subject].append(decision)
    return {site: case_of(site, found, now, two_people=two_people) for site, found in sorted(by_site.items())}

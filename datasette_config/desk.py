"""What lies before whom just now: leases, so that two people do not get the same item, and what each has skipped.

Kept in the memory of the server: after a restart everything is free again, which costs at most one item seen twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

LEASE_SECONDS = 600.0  # an item shown to one person is not shown to another for so long


@dataclass(slots=True)
class Desk:
    """One queue's items on the desks of people; ``clock`` in seconds."""

    clock: Callable[[], float] = time.monotonic
    _leases: dict[str, tuple[str, float]] = field(default_factory=dict)
    _skipped: dict[str, list[str]] = field(default_factory=dict)

    def busy(self, person: str) -> set[str]:
        """Return the items not to be shown to this person: leased to others, or skipped. Old leases are dropped."""
        now = self.clock()
        for item in [item for item, (_, end) in self._leases.items() if end < now]:
            del self._leases[item]
        return {item for item, (holder, _) in self._leases.items() if holder != person} | set(
            self._skipped.get(person, [])
        )

    def take(self, item: str, person: str) -> None:
        self._leases[item] = (person, self.clock() + LEASE_SECONDS)

    def release(self, item: str) -> None:
        self._leases.pop(item, None)

    def skip(self, item: str, person: str) -> None:
        self._skipped.setdefault(person, []).append(item)
        self.release(item)

    def unskip(self, item: str, person: str) -> None:
        self._skipped[person] = [each for each in self._skipped.get(person, []) if each != item]

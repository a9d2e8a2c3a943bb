"""Limits that more than one part keeps; a module of its own, so that reading them loads nothing else."""

from __future__ import annotations

# Seconds of wall time for all stages of one page. The slowest page measured takes under 2 s alone; a busy machine
# and a margin of five stand between that and the limit.
PAGE_SECONDS = 20.0

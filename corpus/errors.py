"""Every error the project raises on purpose, under one root.

CorpusError                 a command prints it as one sentence and exits with 1
├── InputError              what the user gave cannot be used (file, URL, site file, query)
│   └── QueryError          a search query; carries the position of the character where it went wrong
├── WorkspaceError          the workspace cannot be used (missing, locked, full, of another version)
├── ModelError              a model or lexicon file is cut short, of another version, or not ours
└── Rejected                a page is not kept; caught by the runner, stored in ``rejections``
"""

from __future__ import annotations


class CorpusError(Exception):
    """Root of all errors raised on purpose. The message is a sentence that says what to do."""


class InputError(CorpusError):
    """What the user gave cannot be used."""


class QueryError(InputError):
    """A search query cannot be parsed. ``position`` is the 0-based character where it went wrong."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class WorkspaceError(CorpusError):
    """The workspace is missing, locked, full or of another version."""


class ModelError(CorpusError):
    """A model or lexicon file is cut short, of another version, or not one of ours."""


class Rejected(CorpusError):  # noqa: N818 - it is an outcome, not a fault, and reads as one: ``raise Rejected(...)``
    """A page is not kept. Expected, counted and stored; never silent.

    stage: the stage that refused the page (``extract``, ``restore`` …), a short lower-case word.
    reason: a code out of ``corpus.records.REASONS``; detail: what was seen, for people.
    """

    def __init__(self, stage: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{stage}: {reason}" + (f" ({detail})" if detail else ""))
        self.stage = stage
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[Rejected], tuple[str, str, str]]:
        # Workers send rejections to the writer; the default would pass the joined message as the stage.
        return (Rejected, (self.stage, self.reason, self.detail))

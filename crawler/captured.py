"""Pages out of the archive: what a row of ``captures`` points to."""

from __future__ import annotations

from pathlib import Path

from corpus import warc
from corpus.errors import InputError
from corpus.records import Page
from corpus.workspace import archive_folder


def captured_page(workspace: Path, warc_file: str, offset: int) -> Page:
    """The page at that place of the archive; a file that is still being written has ``.open`` in its name.

    Raises: InputError, when the file is missing or has no record there.
    """
    folder = archive_folder(workspace)
    for file in (folder / warc_file, folder / f"{warc_file}{warc.OPEN}"):
        if file.is_file():
            for page in warc.read(file, offset):
                return page
    raise InputError(f"the archive file {warc_file} is missing or has no record at byte {offset}")

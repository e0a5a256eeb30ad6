"""Draws the README's picture from a report: `python tools/report_picture.py demo/report.html`.

Cover and balance at desk width, by headless Chromium.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "report.png"
WIDTH, MARGIN = 1280, 74  # CSS pixels: of the window, around the page
COLOURS = 128  # flat colours and smooth letters need no more


def drawn(report: Path) -> bytes:
    """The first part of the report as a PNG."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        page.goto(report.resolve().as_uri())
        balance = page.locator("section.balance").bounding_box()
        if balance is None:
            raise SystemExit("this is no report")
        clip = {
            "x": balance["x"] - MARGIN,
            "y": 0,
            "width": balance["width"] + 2 * MARGIN,
            "height": balance["y"] + balance["height"] + MARGIN / 4,
        }
        picture = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
        browser.close()
    return picture


def main() -> None:
    """Write the picture."""
    whole = Image.open(io.BytesIO(drawn(Path(sys.argv[1])))).convert("RGB")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    whole.quantize(colors=COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()

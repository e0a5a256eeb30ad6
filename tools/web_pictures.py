"""Draws the README's pictures of the web pages: `python tools/web_pictures.py demo`, of the sample company's archive.

Serves the archive on a free port, signs in as a person made for it, and takes the main pages at desk and phone width.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
CASE = "Q001"
PAGES = {
    "overview": "",
    "sources": "taking-in/",
    "questions": "checking/",
    "archive": "archive/",
    "customers": "customers/",
    "keeping": "keeping/",
    "ledger": "ledger/",
}
"""Name of the picture and address behind the case."""
SIZES = {"desk": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 780}}
COLOURS = 192  # flat colours and smooth letters need no more


@contextmanager
def served(demo: Path) -> Iterator[tuple[str, str, str]]:
    """The door to the archive of `make demo`: address, sign-in name and password of its person."""
    places = {"KEDANG_HOME": str(demo / "home"), "KEDANG_KEYS": str(demo / "keys"), "KEDANG_LANG": "zh"}
    environment = os.environ | places
    kedang = str(Path(sys.executable).with_name("kedang"))
    login = f"picture-{secrets.token_hex(3)}"
    made = subprocess.run(
        [kedang, "people", "add", login, "--name", "林知夏", "--role", "owner", "--json"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r'"password": "([^"]+)"', made.stdout)
    door = subprocess.Popen(
        [kedang, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        if door.stdout is None or found is None:
            raise SystemExit("the door did not open")
        for line in door.stdout:
            if address := re.search(r"http://[^/]+", line):
                yield address.group(), login, found.group(1)
                break
    finally:
        door.terminate()
        door.wait()


def sign_in(page: Page, address: str, login: str, password: str) -> None:
    """With the first password, which is changed at once."""
    page.goto(f"{address}/account/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    page.click("form[action*='/login/'] button[type=submit]")
    page.wait_for_load_state("networkidle")
    if page.locator("input[name=oldpassword]").count():
        new = secrets.token_urlsafe(18)
        page.fill("input[name=oldpassword]", password)
        for name in ("password1", "password2"):
            page.fill(f"input[name={name}]", new)
        page.press("input[name=password2]", "Enter")
        page.wait_for_load_state("networkidle")
        if "/login/" in page.url:
            sign_in(page, address, login, new)


def main() -> None:
    """Every page at both widths."""
    with served(Path(sys.argv[1])) as (address, login, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(locale="zh-CN").new_page()
        sign_in(page, address, login, password)
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            for name, path in PAGES.items():
                page.goto(f"{address}/c/{CASE}/{path}")
                page.wait_for_load_state("networkidle")
                picture = Image.open(io.BytesIO(page.screenshot())).quantize(COLOURS)
                picture.save(PICTURES / f"web-{name}-{size}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()

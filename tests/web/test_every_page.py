"""Every page that can be reached by links: it opens, is accessible, and fits a desk and a phone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PageTimeout

from tests.web.conftest import CODE, SIZES, Served, signed_in

MOST_PAGES = 120
"""There are fewer; a walk that goes on and on has met pages that differ by what nobody thought of."""
NARROWED = ("/archive/", "/checking/", "/checking/next/")
"""Each is one page, whatever it is narrowed to."""
SERIOUS = ("serious", "critical")
ID = re.compile(r"[0-9a-f]{32}|(?<=/)\d+(?=/)")
DOWNLOADS = re.compile(
    r"/(original|export|download|pdf|csv|xlsx|json|receipt|image|picture|page|verifier)s?(/|$|\.)|\.(pdf|csv|xlsx|json|zip|txt)$"
)
LINK = re.compile(r'(?:href|hx-get)="([^"]+)"')
TITLES_OF_FAULTS = ("没有完成", "This did not work")


def leads_on(address: str) -> bool:
    """Whether it is another page of the door."""
    path = urlsplit(address).path
    within = path.startswith((f"/c/{CODE}/", "/account/")) and "logout" not in path
    return within and not DOWNLOADS.search(path)


def shape(address: str) -> str:
    """Pages that differ by an id alone are one page."""
    parts = urlsplit(address)
    if parts.path.endswith(NARROWED):
        return parts.path
    names = sorted(one.partition("=")[0] for one in parts.query.split("&"))
    return ID.sub("…", parts.path) + "?" + "&".join(names)


def every_page(first: str, opened: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Each page that somebody is led to, once `opened` has opened it and told where its links lead."""
    waiting, seen = [first], {shape(first)}
    while waiting:
        assert len(seen) <= MOST_PAGES
        address = waiting.pop(0)
        for following in filter(leads_on, (one.split("#")[0] for one in opened(address))):
            if shape(following) not in seen:
                seen.add(shape(following))
                waiting.append(following)
        yield address


def drawn(page: Page, address: str) -> list[str]:
    """Where the links of a page lead that is open in the browser now."""
    answer = page.goto(address)
    assert answer is not None
    page.wait_for_load_state("networkidle")
    assert (answer.status, address) == (200, address)
    links = page.eval_on_selector_all("a[href]", "links => links.map(one => one.getAttribute('href'))")
    return [urljoin(page.url, one) for one in links]


def read(page: Page, address: str) -> list[str]:
    """Where a page and every part that it loads by itself lead, as its source says; nothing is drawn."""
    answer = page.request.get(address)
    assert (answer.status, address) == (200, address)
    return [urljoin(address, html.unescape(one)) for one in LINK.findall(answer.text())]


def faults_of(page: Page) -> list[str]:
    """What the accessibility scan finds that is serious."""
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in found.response["violations"]
        if one["impact"] in SERIOUS
    ]


def settles(page: Page, true: str) -> bool:
    """Whether something is so within three seconds: charts are drawn anew when a window changes."""
    try:
        page.wait_for_function(true, timeout=3000)
    except PageTimeout:
        return False
    return True


@pytest.mark.timeout(900)
def test_every_page_of_the_owner_opens_is_accessible_and_fits(served: Served, browser: Browser) -> None:
    faults: dict[str, list[str]] = {}
    with signed_in(browser, served, "lin") as page:
        for address in every_page(served.page(""), partial(drawn, page)):
            here = faults_of(page)
            assert page.title().split(" · ")[0] not in TITLES_OF_FAULTS
            page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
            if not settles(page, "document.documentElement.scrollWidth <= window.innerWidth + 1"):
                here.append("wider than a phone")
            page.set_viewport_size(SIZES["desk"])  # type: ignore[arg-type]
            if page.locator("h1").count() != 1:
                here.append("not exactly one h1")
            if re.search(r"\b[a-z_]+\.[a-z-]+-[a-z-]+\b", page.inner_text("main").split("\n")[0]):
                here.append("a key of a text is shown")
            if here:
                faults[shape(address)] = here
    assert faults == {}


@pytest.mark.parametrize("login", ["admin", "security", "auditor", "reader", "bo"])
def test_every_page_that_somebody_is_led_to_opens(served: Served, browser: Browser, login: str) -> None:
    with signed_in(browser, served, login) as page:
        assert len(list(every_page(served.page("settings/"), partial(read, page)))) > 1

"""Labels and lists: what is printed can be read again, names nobody, and stands in the ledger."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import cv2
import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Browser, Page

from kedang.catalogue.scan_codes import read_scan_code
from kedang.entrypoints.cards.printing import fonts_of
from tests.web.conftest import Served, signed_in


@pytest.fixture(scope="module")
def filled(served: Served, browser: Browser) -> Iterator[Page]:
    """The page of an owner who has filled boxes."""
    with signed_in(browser, served, "lin") as page:
        page.goto(served.page("labels/"))
        page.get_by_role("button", name="开始装盒").click()
        page.wait_for_selector(".alert-success")
        yield page


def printed(page: Page, served: Served, **fields: str) -> bytes:
    """The PDF of a form."""
    page.goto(served.page("labels/"))
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    answer = page.request.post(
        served.page("labels/make/"),
        form={"csrfmiddlewaretoken": token, **fields},
        headers={"Referer": page.url},
    )
    assert answer.status == 200, answer.text()[-500:]
    assert re.search(r'filename="Q001-[a-z-]+-\d{8}\.pdf"', answer.headers["content-disposition"])
    return answer.body()


def full_box(page: Page, served: Served) -> str:
    """The number of a box in which folders lie; when another test took it apart, they are put into boxes anew."""
    page.goto(served.page("labels/"))
    places = page.locator("tr:has(form[action$='/empty/']) input[name=place]")
    if not places.count():
        page.get_by_role("button", name="开始装盒").click()
        page.wait_for_selector(".alert-success")
    return (places.first.get_attribute("id") or "").removeprefix("place-")


def text_of(document: bytes) -> str:
    opened = pypdfium2.PdfDocument(io.BytesIO(document))
    return "\n".join(page.get_textpage().get_text_range() for page in opened)


def scanned(document: bytes) -> list[str]:
    """What a scanner reads from the first sheet."""
    picture = np.asarray(pypdfium2.PdfDocument(document)[0].render(scale=4).to_pil().convert("L"))
    _, said, _, _ = cv2.QRCodeDetector().detectAndDecodeMulti(picture)
    return [one for one in said if one]


def test_labels_hold_the_code_and_nothing_personal(filled: Page, served: Served) -> None:
    rows = [row for row in served.world.catalogue() if row["reference_code"]]
    series = rows[0]["reference_code"].rpartition("-")[0]
    document = printed(filled, served, what="labels", sheet="2x7", series=series, skip="1")
    assert any("NotoSansSC" in font for font in fonts_of(document))
    codes = {row["reference_code"] for row in rows if row["reference_code"].startswith(f"{series}-")}
    found = {read_scan_code(one) for one in scanned(document)}
    assert found
    assert found <= codes
    said = text_of(document)
    assert all(code in said.replace("\u200b", "").replace("\r\n", "") for code in codes)
    names = {name for row in rows for name in row["customers"].split(";") if name}
    assert not [name for name in names if name in said]


def test_every_list_is_set_in_an_embedded_font_and_bears_the_head_of_the_ledger(
    filled: Page, served: Served
) -> None:
    box = full_box(filled, served)
    for what, title in (
        ("item-list", "归档文件目录"),
        ("volume-list", "卷内文件目录"),
        ("box-list", "盒目录"),
        ("box-labels", "盒号"),
        ("folder-labels", "件号"),
    ):
        document = printed(filled, served, what=what, sheet="3x8", box=box)
        assert any("NotoSansSC" in font for font in fonts_of(document))
        said = text_of(document)
        assert title in said
        size = served.world.rows("select size from holdings_ledgerhead")[0][0]
        assert f"{size}/" in said
    events = served.world.ask("ledger", "list", "--act", "exported")
    assert {"item-list", "volume-list", "box-list", "labels"} <= {one["facts"]["what"] for one in events}


def test_a_box_is_moved_and_taken_apart(filled: Page, served: Served) -> None:
    place = f"#place-{full_box(filled, served)}"
    before = len(served.world.ask("ledger", "list", "--act", "boxed"))
    filled.goto(served.page("labels/"))
    filled.on("dialog", lambda asked: asked.accept())
    filled.fill(place, "库房 2 排 3 柜")
    filled.locator("tr", has=filled.locator(place)).get_by_role("button", name="保存").click()
    filled.wait_for_selector(".alert-success")
    assert filled.input_value(place) == "库房 2 排 3 柜"
    filled.locator("tr", has=filled.locator(place)).get_by_role("button", name="拆盒").click()
    filled.wait_for_selector("text=空盒")
    assert len(served.world.ask("ledger", "list", "--act", "boxed")) == before + 1
    assert served.world.run("verify").status == 0


def test_what_cannot_be_printed_says_why(filled: Page, served: Served) -> None:
    filled.goto(served.page("labels/"))
    token = filled.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    for address, fields, code in (
        ("labels/make/", {"what": "labels", "sheet": "3x8", "series": "Q001-KH·XX"}, "KD-H363"),
        ("labels/boxes/9999/empty/", {}, "KD-H362"),
        ("labels/boxes/", {"kind": "30mm", "folder_pages": "10", "series": "Q001-KH·XX"}, "KD-H361"),
        ("labels/make/", {"what": "everything"}, "KD-K401"),
    ):
        answer = filled.request.post(
            served.page(address),
            form={"csrfmiddlewaretoken": token, **fields},
            headers={"Referer": filled.url},
        )
        assert code in answer.text()


def test_who_may_not_print_is_refused(served: Served, browser: Browser) -> None:
    with signed_in(browser, served, "reader") as page:
        assert page.request.get(served.page("labels/")).status == 403

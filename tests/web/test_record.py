"""A record's page: what is covered stays covered, in the text and in the picture, until somebody says why."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pylopdf_fonts_zh_cn
import pypdfium2
import pytest
import typst
from PIL import Image
from playwright.sync_api import Browser, Page

from kedang.extraction.ocr_engine import load_engine
from kedang.extraction.ocr_layout import page_text
from tests.web.conftest import SIZES, Filled, Served, enrol, serving, sign_in, signed_in

NAME, PHONE, NUMBER = "欧阳文渊", "13987654326", "110101199003074257"
"""Nobody's: a name, a telephone, a resident id with its check digit."""
PAPER = (
    f"客户信息卡\n\n姓名：{NAME}\n\n身份证号：{NUMBER}\n\n手机：{PHONE}\n\n备注：维修保养登记，设备运行正常。"
)
EVERYBODY = [
    {"login": "owen", "grants": [{"role": "owner"}]},
    {"login": "rea", "grants": [{"role": "reader"}]},
    {"login": "task", "grants": [{"role": "reader", "scope": {"classes": ["contract"]}}]},
]


def printed(text: str) -> bytes:
    """The text as a PDF with a text layer."""
    options: dict[str, Any] = {
        "font_paths": [str(pylopdf_fonts_zh_cn.sans_path().parent)],
        "ignore_system_fonts": True,
        "format": "pdf",
    }
    setting = '#set page(width: 148mm, height: 148mm)\n#set text(font: "Noto Sans SC", size: 14pt)\n'
    made: bytes = typst.compile(f"{setting}{text}".encode(), **options)
    return made


def scanned(document: bytes) -> bytes:
    """The first page as a picture."""
    with io.BytesIO() as out:
        pypdfium2.PdfDocument(document)[0].render(scale=2.5).to_pil().convert("RGB").save(out, "PNG")
        return out.getvalue()


@pytest.fixture(scope="module")
def door(filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a case that has also received four papers of the same person, and nobody else may write to."""
    root = tmp_path_factory.mktemp("record")
    world = filled_case.world.copied(root / "world")
    papers = root / "纸质"
    papers.mkdir()
    paper = printed(PAPER)
    (papers / "printed.pdf").write_bytes(paper)
    (papers / "scanned.png").write_bytes(scanned(paper))
    Image.effect_noise((300, 300), 3).convert("RGB").save(papers / "blank.png")
    # Its pages are there to be counted, and as wide as nothing is.
    (papers / "hostile.pdf").write_bytes(
        paper.replace(b"/MediaBox", b"/Mediabox", 1).replace(b"419.52", b"9e99999", 8)
    )
    (papers / "page.html").write_text(
        f"<h1>回执</h1><p>客户姓名：{NAME}，电话 {PHONE}</p><script>document.title='taken'</script>", "utf-8"
    )
    world.intake(papers)
    people = enrol(world, EVERYBODY)
    with serving(world, people) as opened:
        yield opened


def records(door: Served) -> dict[str, str]:
    """Ids of the papers by file name."""
    wanted = {"printed.pdf", "scanned.png", "blank.png", "hostile.pdf", "page.html"}
    return {
        name: row["record_id"]
        for row in door.world.catalogue()
        for name in wanted
        if row["occurrences"].rpartition("/")[2] == name
    }


@pytest.fixture(scope="module")
def papers(door: Served) -> dict[str, str]:
    """Once for all tests."""
    return records(door)


@contextmanager
def looking(browser: Browser, door: Served, login: str, size: str = "desk") -> Iterator[Page]:
    """Somebody who may not see the case as a whole: the page after signing in is refused."""
    context = browser.new_context(viewport=SIZES[size], locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, door, login)
    yield page
    context.close()


def address(door: Served, record: str, more: str = "") -> str:
    return door.page(f"records/{record}/{more}")


def picture_in(html: str) -> Image.Image:
    found = re.search(r'src="data:image/webp;base64,([^"]+)"', html)
    assert found is not None, html[-3000:]
    return Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGB")


def read_back(picture: Image.Image) -> str:
    return page_text(load_engine().read(np.asarray(picture)).lines)


def told(door: Served, record: str) -> list[str]:
    """Acts of the ledger about a record."""
    return [one["act"] for one in door.world.ask("ledger", "list", "--record", record)]


def send(page: Page, url: str, /, **fields: str) -> tuple[int, str]:
    """A form of the page that is open, sent."""
    token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    answer = page.request.post(
        url, form={"csrfmiddlewaretoken": token, **fields}, headers={"Referer": page.url}
    )
    return answer.status, answer.text()


@pytest.mark.parametrize("paper", ["printed.pdf", "scanned.png"])
def test_covered_values_cannot_be_read_back_from_the_picture(
    door: Served, browser: Browser, papers: dict[str, str], paper: str
) -> None:
    with looking(browser, door, "rea") as page:
        answer = page.request.get(address(door, papers[paper], "pages/1/"))
        assert answer.headers["cache-control"] == "no-store"
        html = answer.text()
    for value in (NAME, PHONE, NUMBER):
        assert value not in html
    said = read_back(picture_in(html))
    assert "维修保养登记" in said
    for value in (NAME, NAME[2:], PHONE[:7], PHONE[-6:], NUMBER[:8], NUMBER[-8:]):
        assert value not in said


def test_the_picture_is_on_the_page_and_nothing_hangs_over_on_a_phone(
    door: Served, browser: Browser, papers: dict[str, str]
) -> None:
    for size in ("desk", "phone"):
        with looking(browser, door, "rea", size) as page:
            page.goto(address(door, papers["scanned.png"]))
            page.wait_for_selector(".rec-paper img")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert NAME not in page.content()
            assert "显示整页" not in page.inner_text("main")


def test_a_value_is_shown_for_a_reason_and_the_ledger_says_so(
    door: Served, browser: Browser, papers: dict[str, str]
) -> None:
    record = papers["printed.pdf"]
    before = told(door, record).count("revealed")
    with signed_in(browser, door, "owen") as page:
        page.goto(address(door, record, "?view=text"))
        assert PHONE not in page.content()
        page.get_by_role("link", name="手机号").first.click()
        status, said = send(page, address(door, record, "reveal/"), part="page", page="1", reason=" ")
        assert status == 400
        assert "KD-H303" in said
        page.fill("#reason", "答复客户本人查询")
        page.keyboard.press("Enter")
        page.wait_for_selector(".rec-value")
        assert PHONE in page.inner_text("#reveal-place")
        status, said = send(page, address(door, record, "reveal/"), part="page", page="1", reason="核对原件")
        assert PHONE in read_back(picture_in(said))
        page.reload()
        assert PHONE not in page.content()
    assert told(door, record).count("revealed") == before + 2
    assert "答复客户本人查询" in reasons(door)
    kept = b"".join(path.read_bytes() for path in door.world.home.glob("kedang.sqlite3*"))
    assert "答复客户本人查询".encode() not in kept


def reasons(door: Served) -> str:
    """The sealed reasons, as whoever reports who saw what opens them."""
    script = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'kedang.entrypoints.settings'; django.setup()\n"
        "from kedang.entrypoints.cli.context import new_context\n"
        "from kedang.holdings.queries.reveals import reveals\n"
        "with new_context(as_json=True).reading() as archive: print([one.reason for one in reveals(archive)])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env=door.world.surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def test_a_page_of_which_nothing_could_be_read_is_not_shown_until_it_is_revealed(
    door: Served, browser: Browser, papers: dict[str, str]
) -> None:
    with signed_in(browser, door, "owen") as page:
        answer = page.goto(address(door, papers["blank.png"], "pages/1/"))
        assert answer is not None
        assert "KD-W106" in answer.text()
        assert "data:image" not in answer.text()
        status, said = send(
            page, address(door, papers["blank.png"], "reveal/"), part="page", page="1", reason="核对照片"
        )
        assert status == 200
        assert picture_in(said).size == (300, 300)


def test_a_hostile_page_leaves_the_door_open(door: Served, browser: Browser, papers: dict[str, str]) -> None:
    with signed_in(browser, door, "owen") as page:
        answer = page.request.get(address(door, papers["hostile.pdf"], "pages/1/"))
        assert answer.status in (200, 404)
        assert NAME not in answer.text()
        assert page.request.get(f"{door.address}/alive/").ok


def test_no_address_gives_bytes_without_the_permission(
    door: Served, browser: Browser, papers: dict[str, str]
) -> None:
    record = papers["printed.pdf"]
    with looking(browser, door, "rea") as page:
        page.goto(address(door, record))
        for more, fields in (
            ("original/", {}),
            ("sound/", {}),
            ("reveal/", {"part": "page", "page": "1", "reason": "想看"}),
        ):
            status, said = send(page, address(door, record, more), **fields)
            assert status == 403
            assert "KD-S302" in said
    with looking(browser, door, "task") as page:
        page.goto(door.page("settings/"))
        for more in ("", "pages/1/", "?view=text"):
            assert page.request.get(address(door, record, more)).status == 404
    assert "exported" not in told(door, record)


def test_the_original_is_a_file_named_after_its_code_and_an_event(
    door: Served, browser: Browser, papers: dict[str, str], tmp_path: Path
) -> None:
    record = papers["page.html"]
    with signed_in(browser, door, "owen") as page:
        page.goto(address(door, record))
        assert page.title() != "taken"
        assert PHONE not in page.content()
        page.on("dialog", lambda asked: asked.accept())
        with page.expect_download() as download:
            page.get_by_role("button", name="下载原件").click()
        download.value.save_as(tmp_path / "file")
        assert download.value.suggested_filename.endswith(".html")
        assert NAME not in download.value.suggested_filename
        assert NAME.encode() in (tmp_path / "file").read_bytes()
        token = page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
        answer = page.request.post(
            address(door, record, "original/"),
            form={"csrfmiddlewaretoken": token},
            headers={"Referer": page.url},
        )
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert "sandbox" in answer.headers["content-security-policy"]
    assert told(door, record).count("exported") == 2

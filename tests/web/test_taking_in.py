"""Taking in through the door: sources, sending, what comes of it; nothing lost, nothing twice, nothing in clear."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import APIResponse, Browser, Page

from tests.extraction.pictures import stored
from tests.extraction.test_paper import photograph
from tests.web.conftest import Served, enrol, serving, signed_in
from tests.world import World, kill_all

MARKER = "陶然亭秘密记号七六五四三二一"
PEOPLE: list[dict[str, Any]] = [
    {"login": "lin", "name": "林知夏", "grants": [{"role": "owner"}]},
    {"login": "officer", "name": "档小满", "grants": [{"role": "officer"}]},
]
SECONDS = 90.0


@pytest.fixture(scope="module")
def empty(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a case in which nothing was received."""
    world = opened_case.copied(tmp_path_factory.mktemp("empty") / "world")
    with serving(world, enrol(world, PEOPLE)) as door:
        yield door


def token(page: Page) -> str:
    said: str = json.loads(page.locator("body").get_attribute("hx-headers") or "")["X-CSRFToken"]
    return said


def post(page: Page, path: str, body: object) -> APIResponse:
    """As the page's script sends it."""
    data = body if isinstance(body, bytes) else json.dumps(body)
    kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
    headers = {"X-CSRFToken": token(page), "Content-Type": kind, "Accept": "application/json"}
    return page.request.post(path, data=data, headers=headers)


def registered(page: Page, door: Served, name: str, kind: str = "cabinet") -> str:
    """The page of a new source."""
    page.goto(door.page("taking-in/new/"))
    page.check(f"input[value={kind}]")
    page.fill("#name", name)
    page.click("main form button")
    page.wait_for_url("**/sources/**")
    return page.url


def begun(page: Page, source: str) -> str:
    """The page of a new upload into a source."""
    page.goto(source)
    page.click("text=上传文件或文件夹")
    page.wait_for_url("**/uploads/**")
    return page.url


def taken_in(page: Page, door: Served) -> None:
    """Return when nothing waits or runs any more."""
    until = time.monotonic() + SECONDS
    while True:
        answer = page.request.get(door.page("taking-in/running/"))
        if "list-group-item" not in answer.text():
            assert "alert" not in answer.text(), answer.text()
            return
        assert time.monotonic() < until
        time.sleep(0.5)


def clear_bytes(world: World) -> list[str]:
    """Files of the archive, and temporary ones, in which the marker stands in clear."""
    needles = (MARKER.encode(), MARKER.encode("utf-16-le"), MARKER.encode("gb18030"))
    found = []
    for path in world.root.rglob("*"):
        try:
            octets = path.read_bytes() if path.is_file() else b""
        except OSError:
            continue
        if any(needle in octets or needle in str(path).encode() for needle in needles):
            found.append(str(path))
    return found


def files(folder: Path) -> Path:
    """A folder as people have it: Chinese names, a marker in a name and in contents, an empty file, a large one."""
    inner = folder / "客服部" / "合同（2023）"
    inner.mkdir(parents=True)
    (inner / f"说明 {MARKER}.txt").write_text(f"客户来信：{MARKER}\n", encoding="utf-8")
    (inner / "空.txt").write_bytes(b"")
    (folder / "客服部" / "大的.bin").write_bytes(f"{MARKER}\n".encode() * 450_000)  # three pieces
    (folder / "客服部" / "😀 表情 é.md").write_text("# 记录\n2023年5月6日 电话回访\n", encoding="utf-8")
    return folder / "客服部"


def test_a_folder_goes_in_wholly_with_its_names_and_nothing_is_ever_in_clear(
    empty: Served, browser: Browser, tmp_path: Path
) -> None:
    seen: list[str] = []
    over = threading.Event()
    before = empty.world.ask("status")["balance"]

    def watch() -> None:
        while not over.wait(0.7):
            seen.extend(clear_bytes(empty.world))

    watching = threading.Thread(target=watch)
    with signed_in(browser, empty, "officer") as page:
        source = registered(page, empty, "客服部 三号柜")
        begun(page, source)
        watching.start()
        page.set_input_files("#choose-folder", files(tmp_path))
        page.wait_for_url(empty.page("taking-in/"), timeout=60_000)
        taken_in(page, empty)
        over.set()
        watching.join()
        page.goto(source)
        assert "待收取" in page.inner_text("dl")  # a source that a person registered waits for a signature
        page.click("th a[href*=accessions]")
        page.wait_for_url("**/accessions/**")
        lines = page.locator("tbody th").all_inner_texts()
        assert len(lines) == 4
        assert any(line.startswith("客服部/合同（2023）/空.txt") for line in lines)
        assert any("😀 表情 é.md" in line for line in lines)
    balance = empty.world.ask("status")["balance"]
    assert {name: balance[name] - before[name] for name in ("received", "kept")} == {"received": 4, "kept": 4}
    assert list((empty.world.home / "uploads").iterdir()) == []
    assert seen == []
    assert clear_bytes(empty.world) == []


def test_a_killed_server_goes_on_where_it_was_and_doubles_nothing(
    opened_case: World, browser: Browser, tmp_path: Path
) -> None:
    world = opened_case.copied(tmp_path / "world")
    people = enrol(world, PEOPLE[:1])
    piece = 8 * 1024 * 1024
    told = [{"path": "甲/大.bin", "size": 2 * piece + 5, "modified": 1_600_000_000_000}]
    with serving(world, people) as door, signed_in(browser, door, "lin") as page:
        address = begun(page, registered(page, door, "手机", "phone")).removeprefix(door.address)
        (first,) = post(page, f"{door.address}{address}files/", told).json()["files"]
        assert first == {"ordinal": 1, "missing": [0, 1, 2]}
        # The last piece comes first, and the same piece comes twice.
        for _ in range(2):
            assert post(page, f"{door.address}{address}files/1/2/", b"z" * 5).ok
        wrong = post(page, f"{door.address}{address}files/1/1/", b"short")
        assert (wrong.status, wrong.json()["code"]) == (400, "KD-H326")
        assert post(page, f"{door.address}{address}files/1/7/", b"x").status == 400
        early = post(page, f"{door.address}{address}give/", "")
        assert (early.status, early.json()["code"]) == (409, "KD-H325")
        kill_all(door.process.pid)
    with serving(world, people) as door, signed_in(browser, door, "lin") as page:
        page.goto(door.address + address)
        assert "还有 1 个没有传完" in page.inner_text("main")
        (again,) = post(page, f"{door.address}{address}files/", told).json()["files"]
        assert again == {"ordinal": 1, "missing": [0, 1]}
        for number in (1, 0):
            assert post(page, f"{door.address}{address}files/1/{number}/", b"a" * piece).ok
        assert post(page, f"{door.address}{address}give/", "").ok
        assert post(page, f"{door.address}{address}give/", "").json()["code"] == "KD-H324"
        time.sleep(1.5)
        kill_all(door.process.pid)  # while it is being taken in
    with serving(world, people) as door, signed_in(browser, door, "lin") as page:
        taken_in(page, door)
    balance = world.ask("status")["balance"]
    assert (balance["received"], balance["kept"], balance["open"]) == (1, 1, 0)
    world.ask("verify", "--deep")  # ends well


def refusals(page: Page, empty: Served, one: str, ordinal: int) -> None:
    """What an upload does not take, each with its code."""
    for path in ("/abs", "a//b", "", "x" * 5000, "nul\0.txt"):
        refused = post(page, f"{one}files/", [{"path": path, "size": 1, "modified": 0}])
        assert (refused.status, refused.json()["code"]) == (400, "KD-H327"), path
    assert post(page, f"{one}files/", {"not": "a list"}).status == 400
    no_picture = post(page, f"{one}paper/look/", {"ordinal": ordinal})
    assert (no_picture.status, no_picture.json()["code"]) == (503, "KD-W107")
    unknown = post(page, f"{empty.page('taking-in/sources/')}{'0' * 32}/send/", "")
    assert (unknown.status, unknown.json()["code"]) == (404, "KD-H321")


def outcomes_told(page: Page, source: str) -> None:
    """Both batches stand on the page of the source; what was refused says what is safe and what to do."""
    page.goto(source)
    links = page.eval_on_selector_all("th a[href*=accessions]", "all => all.map(one => one.href)")
    assert len(links) == 2
    page.goto(links[1])
    assert "<script>alert(1)</script>.txt" in page.inner_text("tbody")
    assert "a␊b.txt" in page.inner_text("tbody")
    page.click("a:has-text('拒收 1')")
    page.wait_for_url("**show=refused")
    for words in ("已经安全", "怎么办", "坏了.doc"):
        assert words in page.inner_text("tbody")


def test_hostile_names_are_names_two_uploads_stay_apart_and_the_unreadable_is_registered(
    empty: Served, browser: Browser
) -> None:
    names = [
        "../../etc/passwd",
        "<script>alert(1)</script>.txt",
        "a\nb.txt",
        "..",
        "con.txt",
        "Ａ" * 200 + ".txt",
    ]
    before = empty.world.ask("status")["balance"]["received"]
    with signed_in(browser, empty, "lin") as page:
        source = registered(page, empty, "王工的电脑", "person")
        one = begun(page, source)
        told = [{"path": name, "size": 3, "modified": 0} for name in names]
        waiting = post(page, f"{one}files/", told).json()["files"]
        other = begun(page, source)
        assert other != one
        (alone,) = post(page, f"{other}files/", [{"path": names[0], "size": 3, "modified": 0}]).json()[
            "files"
        ]
        for file in waiting:
            assert post(page, f"{one}files/{file['ordinal']}/0/", b"one").ok
        assert post(page, f"{other}files/{alone['ordinal']}/0/", b"two").ok
        refusals(page, empty, one, waiting[4]["ordinal"])
        (broken,) = post(page, f"{one}files/", [{"path": "坏了.doc", "size": 9, "modified": 0}]).json()[
            "files"
        ]
        page.goto(one)
        page.check(f"input[name=ordinal][value='{broken['ordinal']}']")
        page.click("text=标为无法读取")
        page.wait_for_selector("#begin:not([disabled])")
        assert post(page, f"{one}give/", "").ok
        assert post(page, f"{other}give/", "").ok
        page.goto(empty.page("taking-in/"))
        assert "前一批接收完后自动开始" in page.inner_text("#running")
        taken_in(page, empty)
        outcomes_told(page, source)
    assert empty.world.ask("status")["balance"]["received"] == before + len(names) + 2


def test_sources_are_signed_for_by_a_named_person(empty: Served, browser: Browser) -> None:
    with signed_in(browser, empty, "officer", size="phone") as page:
        source = registered(page, empty, "销售总监的邮箱", "mailbox")
        path = source.removeprefix(empty.address)
        headers = {"X-CSRFToken": token(page)}
        without = page.request.post(
            f"{source}sign/", form={"state": "empty", "by": "周主任", "note": ""}, headers=headers
        )
        assert (without.status, "KD-H322" in without.text()) == (400, True)
        page.check("input[value=empty]")
        page.fill("#by", "周主任")
        page.fill("#note", f"邮箱已注销，{MARKER}")
        page.click("text=签认 >> nth=-1")
        page.wait_for_load_state("networkidle")
        assert "无材料" in page.inner_text("dl")
        assert "周主任" in page.inner_text("dl")
        page.goto(empty.page("taking-in/?state=empty"))
        assert page.locator(f"a[href='{path}']").count() == 1
    assert "source-signed" in {one["act"] for one in empty.world.ask("ledger", "list")}
    assert clear_bytes(empty.world) == []


def test_paper_is_photographed_straightened_and_joined(empty: Served, browser: Browser) -> None:
    photo = stored(Image.fromarray(photograph()), "JPEG", quality=85)
    with signed_in(browser, empty, "officer", size="phone") as page:
        source = registered(page, empty, "前台纸质合同")
        page.click("text=拍摄纸质材料")
        page.wait_for_url("**/paper/")
        page.fill("#title", "客户合同/一")
        taken = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": photo} for n in (1, 2)]
        page.set_input_files("#pick", taken)  # type: ignore[arg-type]
        page.wait_for_selector("#join:not([disabled])", timeout=60_000)
        assert page.locator(".ti-sheet img[src^='data:']").count() == 2
        assert "可能拍重了" in page.inner_text("#sheets")
        page.reload()  # a telephone that was put away
        page.wait_for_selector(".ti-sheet >> nth=1 >> img[src^='data:']", timeout=60_000)
        page.wait_for_selector("#join:not([disabled])", timeout=60_000)
        page.click("#join")
        page.wait_for_selector("#begin:not([disabled])", timeout=60_000)
        page.click("#begin")
        page.wait_for_url(empty.page("taking-in/"))
        taken_in(page, empty)
        page.goto(source)
        page.click("th a[href*=accessions]")
        page.wait_for_url("**/accessions/**")
        names = page.locator("tbody th").all_inner_texts()
        assert "客户合同／一.pdf" in names
        assert sum("原始照片/" in name for name in names) == 2


def test_a_folder_of_the_server_is_taken_in_by_its_owner_alone_and_late_material_is_told(
    empty: Served, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "盘").mkdir()
    (tmp_path / "盘" / "记录.txt").write_text("2024年3月1日 客户来电\n", encoding="utf-8")
    with signed_in(browser, empty, "lin") as page:
        page.goto(empty.page("taking-in/folder/"))
        answer = page.request.post(
            empty.page("taking-in/folder/"),
            form={"path": "/nowhere/at/all"},
            headers={"X-CSRFToken": token(page)},
        )
        assert (answer.status, "KD-H328" in answer.text()) == (400, True)
        gate = page.request.post(
            empty.page("overview/gates/collecting/"),
            form={"do": "close", "reason": "先分类，其余随后补收"},
            headers={"X-CSRFToken": token(page)},
        )
        assert gate.ok
        page.fill("#path", str(tmp_path / "盘"))
        page.click("main form button")
        page.wait_for_url(empty.page("taking-in/"))
        taken_in(page, empty)
        page.goto(empty.page("taking-in/?state=collected"))
        assert "盘" in page.inner_text("tbody")
        assert "迟到 1 批" in page.inner_text("tbody")  # collecting had been closed
    with signed_in(browser, empty, "officer") as page:
        assert page.request.get(empty.page("taking-in/folder/")).status == 403


def test_a_paused_taking_in_goes_on(empty: Served, browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "多"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"客户服务记录 第{number}号\n", encoding="utf-8")
    with signed_in(browser, empty, "lin") as page:
        before = empty.world.ask("status")["balance"]["kept"]
        source = registered(page, empty, "备用机", "phone")
        begun(page, source)
        page.set_input_files("#choose-folder", folder)
        page.wait_for_url(empty.page("taking-in/"), timeout=60_000)
        page.click("#running form button")
        page.wait_for_selector("text=继续", timeout=60_000)
        page.click("text=继续")
        taken_in(page, empty)
    assert empty.world.ask("status")["balance"]["kept"] == before + 60

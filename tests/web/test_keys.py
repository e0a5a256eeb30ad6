"""密钥 through the door: locking, cards typed back, new cards, slots, and what the process keeps to itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.web.conftest import PASSWORD, Served
from tests.web.keeping_world import carried_out, events, kept, lin, quiet, send
from tests.world import descendants

__all__ = ["kept"]


def printed(door: Served) -> list[str]:
    """What `init` has written: the cards of the case, and after them the passphrase that it made."""
    lines = (door.world.root / "shares.txt").read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip()]


def cards(door: Served) -> list[str]:
    """The cards of the case as they were first printed."""
    return printed(door)[:-1]


def passphrase(door: Served) -> str:
    """The passphrase of the case."""
    return printed(door)[-1]


def type_card(page: Page, card: str) -> None:
    """A card into the fields, as it is pasted or dictated; each word goes to the server alone."""
    page.evaluate(  # htmx looks at a field some milliseconds after it is there
        """async words => {
            const field = at => document.querySelector(`[data-word="${at}"]`);
            while (!field(33)?.["htmx-internal-data"]?.firstInitCompleted) await new Promise(done => setTimeout(done, 20));
            words.forEach((word, at) => {
                field(at + 1).value = word; field(at + 1).dispatchEvent(new Event("change", {bubbles: true}));
            });
        }""",
        card.split(),
    )
    page.wait_for_selector("#said33 > *")


def lock(page: Page, door: Served) -> None:
    """The keys are forgotten; what is not personal is still told."""
    page.goto(door.page("keeping/keys/"))
    page.click("form[action$='/lock/'] button >> visible=true")
    page.wait_for_url(door.page("locked/"))
    said = page.inner_text("main")
    assert "账目相符" in said
    assert "台账最近的记载" in said


def unlock(page: Page, door: Served) -> None:
    """The case is open, by its passphrase if it was not."""
    page.goto(door.page("locked/"))
    if "/locked/" in page.url:
        page.fill("#passphrase", passphrase(door))
        page.click("main form .btn-primary")
        page.wait_for_url(lambda address: "/locked/" not in address)


def test_cards_open_a_locked_case_and_new_ones_take_their_place(kept: Served, browser: Browser) -> None:
    quiet(kept)
    with lin(browser, kept) as page:
        seen: list[str] = []
        page.on("request", lambda request: seen.append(request.url))
        try:
            lock(page, kept)
            opened_by_cards(page, cards(kept))
            lock(page, kept)
        finally:
            unlock(page, kept)  # the other tests share the case
        replaced_by_new_cards(page, kept)
        pages = {"cards", "enforce"}  # are called by words of the list
        words = {word for one in printed(kept) for word in one.split()} - pages
        assert not {word for word in words for url in seen if f"/{word}" in url or f"={word}" in url}
    assert any(one["act"] == "unlocked" and one["facts"]["kind"] == "quorum" for one in events(kept))


def opened_by_cards(page: Page, known: list[str]) -> None:
    """Two of three cards, one of them mistyped at first."""
    page.click("text=用份额卡开启")
    page.wait_for_url(re.compile("/shares/$"))
    for typed in (["zzzzz", *known[0].split()[1:]], known[0].split(), known[1].split()):
        type_card(page, " ".join(typed))
        if typed[0] == "zzzzz":
            page.wait_for_selector("#said1:has-text('不在词表中')")
        page.click("text=核对这张卡")
        wrong = "text=这些位置的词不在词表中：1"
        page.wait_for_selector(wrong if typed[0] == "zzzzz" else ".kd-good:has-text('每个词都对')")
    page.wait_for_selector("text=这些份额足以开启本全宗")


def replaced_by_new_cards(page: Page, door: Served) -> None:
    """New cards are printed first; once they are in force the old ones open nothing."""
    page.goto(door.page("keeping/keys/"))
    page.click("tr:has-text('恢复份额') >> text=换发份额")
    page.fill("#of1", "5")
    page.fill("#need1", "3")
    page.fill("#again", PASSWORD)
    page.click("main form .btn-primary")
    page.wait_for_url(door.page("keeping/keys/cards/waiting/"))
    with page.expect_download() as handed:
        page.click("text=下载份额卡（PDF）")
    assert handed.value.path().read_bytes()[:5] == b"%PDF-"
    assert handed.value.suggested_filename.startswith("Q001-cards-")
    page.fill("#again", PASSWORD)
    page.click("text=已印好，启用新卡")
    page.wait_for_url(door.page("shares/"), timeout=90_000)
    type_card(page, cards(door)[0])
    page.click("text=核对这张卡")
    page.wait_for_selector("text=可能是作废的旧卡")
    page.goto(door.page("keeping/keys/"))
    assert "5 份中任意 3 份" in page.inner_text("main")


def test_changing_the_keys_says_first_what_it_does_not_promise(kept: Served, browser: Browser) -> None:
    with lin(browser, kept, "phone") as page:
        known = len(events(kept))
        page.goto(kept.page("keeping/keys/change/"))
        assert "不能保证什么" in page.inner_text("main")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert "完成" in carried_out(page, kept, "keeping/keys/change/")
        assert "epoch-changed" in [one["act"] for one in events(kept)[known:]]
        assert page.goto(kept.page("archive/")).status == 200  # type: ignore[union-attr]


def test_a_passphrase_is_added_and_removed_and_the_place_of_the_sheet_kept(
    kept: Served, browser: Browser
) -> None:
    quiet(kept)
    with lin(browser, kept) as page:
        short = send(page, kept, "keeping/keys/passphrase/", new="short", repeated="short")
        assert "口令太短" in short.text()
        assert "KD-K406" in page.request.get(kept.page("keeping/keys/cards/waiting/")).text()
        known = slots_of(kept)
        new = "第二个口令 很长 2026"
        assert send(page, kept, "keeping/keys/passphrase/", new=new, repeated=new).status == 302
        path = str(kept.world.root / "stick")
        added = send(page, kept, "keeping/keys/places/add/", path=path, kind="stick")
        assert added.status in (302, 400)  # memory is no place for a sheet
        assert send(page, kept, "keeping/keys/places/refresh/").status == 302
        added_slot, *more = slots_of(kept) - known
        assert more == []
        assert "完成" in carried_out(page, kept, f"keeping/keys/slots/{added_slot}/remove/")
        assert added_slot not in slots_of(kept)


def slots_of(door: Served) -> set[str]:
    """The slots of the sheet. `keys` ends with 1 while its places are too few: nothing is wrong with the list."""
    return {one["slot"] for one in door.world.run("keys", "--json").json["slots"]}


def test_the_process_keeps_its_keys_to_itself(kept: Served) -> None:
    for pid in (kept.process.pid, *descendants(kept.process.pid)):
        limits = Path(f"/proc/{pid}/limits").read_text()
        found = re.search(r"Max core file size +(\S+) +(\S+)", limits)
        assert found is not None
        assert found.groups() == ("0", "0")
        if os.access(f"/proc/{pid}/environ", os.R_OK):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert passphrase(kept).encode() not in environment
            assert cards(kept)[0].split()[0].encode() + b" " not in environment

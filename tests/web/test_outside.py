"""What lies outside of the house, reached from the pages: a bucket, a hardware token, a time-stamping authority. All are real."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from kedang.vault.object_store import ObjectStore
from tests.copies.kept import KINDS, same_as_home
from tests.keys.softhsm import LABEL, PIN, WRONG_PIN, soft_token
from tests.ledger.authority import new_authority
from tests.ledger.authority import serving as stamping
from tests.s3 import BUCKET, CREDENTIALS, S3Server, s3_server
from tests.web.conftest import PASSWORD, Filled, Served, serving
from tests.web.doors import followed
from tests.web.keeping_world import carried_out, lin, send

__all__ = ["s3_server"]


@pytest.fixture(scope="module")
def house(filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a case of its own; an administrator has set a token and an authority for it."""
    folder = tmp_path_factory.mktemp("outside")
    world = filled_case.world.copied(folder / "world")
    module, known = soft_token(world)
    authority = new_authority(folder / "authority")
    with stamping(authority) as address:
        settings = known | {
            "KEDANG_SCHEDULE_SECONDS": "0",
            "KEDANG_TOKEN_MODULE": module,
            "KEDANG_TOKEN": LABEL,
            "KEDANG_TSA": address,
            "KEDANG_TSA_CERTIFICATE": str(authority.folder / "root.pem"),
        }
        with serving(replace(world, environment=settings), filled_case.people) as door:
            yield door


def test_a_bucket_is_registered_backed_up_and_restored_in_full_from_the_pages(
    house: Served, browser: Browser, s3_server: S3Server
) -> None:
    with lin(browser, house) as page:
        page.goto(house.page("keeping/add/"))
        page.check("input[name=kind][value=s3]")
        given = {"name": "云上副本", "endpoint": s3_server.endpoint, "region": "us-east-1", "bucket": BUCKET}
        given |= {"prefix": "from-the-pages", "again": PASSWORD, "secret": CREDENTIALS.secret_access_key}
        for field, value in (given | {"access": CREDENTIALS.access_key_id}).items():
            page.fill(f"#{field}", value)
        followed(page, "main form button.btn-primary")
        assert "完成" in carried_out(page, house, "keeping/backup/")
        store = ObjectStore(s3_server.bucket("from-the-pages"), CREDENTIALS, random_bytes=os.urandom)
        held = {name: store.read(name) for kind in KINDS for name in store.names(kind)}
        assert same_as_home(house.world, held)
        said = page.request.get(house.page("keeping/")).text()
        assert f"s3://{BUCKET}/from-the-pages" in said
        assert CREDENTIALS.secret_access_key not in said
        assert "完成" in carried_out(page, house, "keeping/drill/", full="1")
        page.goto(house.page("keeping/"))
        assert "完整恢复通过" in page.inner_text("main")
        with page.expect_download() as handed:
            page.click("text=下载完整演练的签名结果")
        text = handed.value.path().read_text(encoding="utf-8")
        assert '"format":"kedang-full-drill"' in text
        assert '"passed":true' in text


def test_a_token_is_added_and_opens_the_locked_case_from_its_page(house: Served, browser: Browser) -> None:
    with lin(browser, house) as page:
        page.goto(house.page("keeping/keys/other/"))
        page.fill("#token", LABEL)
        page.fill("#pin", PIN)
        page.fill("#again-token", PASSWORD)
        followed(page, "form:has(#pin) button.btn-primary")
        assert "硬件令牌" in page.inner_text("main")
        followed(page, "form[action$='/lock/'] button >> visible=true")
        wrong = unlocked_by_pin(page, house, WRONG_PIN)
        assert (wrong.status, "KD-V703" in wrong.text()) == (403, True)
        page.goto(house.page("locked/"))
        page.fill("#pin", PIN)
        followed(page, "form:has(#pin) button")
        assert page.url == house.page("")
        page.goto(house.page("keeping/keys/"))
        assert "本次以此开启" in page.inner_text("tr:has-text('硬件令牌')")
        assert "完成" in carried_out(page, house, "keeping/checks/verify/", deep="1")
        page.goto(house.page("keeping/checks/"))
        assert "没有发现问题" in page.inner_text("main")


def unlocked_by_pin(page: Page, door: Served, pin: str) -> Any:
    """What the page of the locked case answers."""
    page.goto(door.page("locked/"))
    form: dict[str, Any] = {
        "csrfmiddlewaretoken": page.input_value("form:has(#pin) [name=csrfmiddlewaretoken]"),
        "pin": pin,
    }
    return page.request.post(door.page("locked/"), form=form, headers={"Referer": door.page("")})


def test_a_head_is_time_stamped_by_an_authority_at_a_persons_word(house: Served, browser: Browser) -> None:
    with lin(browser, house) as page:
        assert "完成" in carried_out(page, house, "ledger/verify/")
        page.goto(house.page("ledger/heads/"))
        followed(page, "text=立即加盖时间戳")
        assert "已加盖时间戳" in page.inner_text("main")
        stamped = page.locator("tbody tr td:nth-child(4)").first.inner_text()
        assert stamped != "—"
        assert len(house.world.ask("ledger", "verify")["stamps"]) == 1
        receipt = send(page, house, "ledger/receipt/", what="0").json()
        assert [one["kind"] for one in receipt["witnesses"]] == ["rfc3161"]

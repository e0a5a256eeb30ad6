"""Settings: people, permissions, why, who saw what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.web.conftest import Served, signed_in
from tests.web.doors import OWN, browsing, empty_door, followed, token_of, type_in
from tests.world import World


@pytest.fixture(scope="module")
def door(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with empty_door(opened_case, tmp_path_factory.mktemp("people")) as opened:
        yield opened


def test_a_new_person_gets_a_first_password_and_must_change_it(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "admin") as page:
        page.goto(door.page("settings/people/"))
        page.fill("#name", "新来的")
        page.fill("#login", "newcomer")
        followed(page, "text=建立账号")
        password = page.inner_text(".kd-secret code")
    set_at = "UPDATE holdings_account SET sessions_from = datetime('now', '-{} days') WHERE must_change"
    with browsing(browser) as page:
        door.world.change(set_at.format(8))
        type_in(page, door, "newcomer", password)
        assert "/login/" in page.url  # a first password lasts a week
        door.world.change(set_at.format(6))
        type_in(page, door, "newcomer", password)
        page.goto(door.page(""))
        assert "/password/change/" in page.url
        page.fill("input[name=oldpassword]", password)
        for name in ("password1", "password2"):
            page.fill(f"input[name={name}]", OWN)
        page.click("main form button")
        page.wait_for_url(lambda address: "/password/change/" not in address)
        assert page.goto(f"{door.address}/account/")


def test_a_suspended_person_is_out_at_once_and_back_when_resumed(door: Served, browser: Browser) -> None:
    with browsing(browser) as page, signed_in(browser, door, "admin") as admin:
        type_in(page, door, "bo")
        admin.on("dialog", lambda dialog: dialog.accept())
        admin.goto(door.page(f"settings/people/{door.people['bo']['account']}/"))
        followed(admin, "form[action$='/suspend/'] button")
        assert page.request.get(f"{door.address}/account/", max_redirects=0).status == 302
        type_in(page, door, "bo")
        assert page.request.get(f"{door.address}/account/", max_redirects=0).status == 302
        followed(admin, "form[action$='/resume/'] button")
        type_in(page, door, "bo")
        assert page.request.get(f"{door.address}/account/", max_redirects=0).status == 200


def test_a_grant_shows_its_effect_before_it_is_given(door: Served, browser: Browser) -> None:
    account = door.people["chen"]["account"]
    with signed_in(browser, door, "security") as page:
        page.goto(door.page(f"settings/grants/{account}/"))
        page.check("input[value=lawyer]")
        page.check("input[value=some]")
        page.check("input[name=classes][value=contract]")
        page.fill("#last_day", "2099-12-31")
        followed(page, "text=下一步")
        assert "看全宗总数和进度" in page.inner_text("main")
        assert "2099年12月31日" in page.inner_text("main")
        followed(page, "text=确认授权")
        shown = page.inner_text("main")
        assert "律师" in shown
        assert "合同信息" in shown
        assert "安保密 授予" in shown
    with signed_in(browser, door, "chen") as page:
        page.goto(door.page("settings/mine/"))
        assert "调取原件" in page.inner_text("main")
    with signed_in(browser, door, "security") as page:
        page.goto(door.page(f"settings/grants/{account}/"))
        followed(page, "text=收回")
        followed(page, "text=确认收回")
        assert "没有授权" in page.inner_text("main")


@pytest.mark.parametrize(
    ("login", "role", "code"),
    [("lin", "auditor", "KD-S301"), ("security", "auditor", "KD-H311"), ("chen", "emperor", "KD-H316")],
)
def test_what_would_mix_duties_is_refused(
    door: Served, browser: Browser, login: str, role: str, code: str
) -> None:
    with signed_in(browser, door, "security") as page:
        page.goto(door.page("settings/permissions/"))
        answer = page.request.post(
            door.page(f"settings/grants/{door.people[login]['account']}/give/"),
            form={"role": role, "covers": "all", "confirmed": "1", "csrfmiddlewaretoken": token_of(page)},
            headers={"Referer": door.address},
        )
        assert answer.status in (400, 403, 409)
        assert code in answer.text()


def test_the_last_of_a_duty_stays(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "admin") as page:
        page.goto(door.page("settings/people/"))
        for login, code in (("security", "KD-H312"), ("admin", "KD-H311")):
            answer = page.request.post(
                door.page(f"settings/people/{door.people[login]['account']}/suspend/"),
                form={"csrfmiddlewaretoken": token_of(page)},
                headers={"Referer": door.address},
            )
            assert code in answer.text()


def test_what_is_filled_cannot_be_appointed_again(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("settings/officers/"))
        assert page.locator("main form").count() == 0
        answer = page.request.post(
            door.page("settings/officers/appoint/"),
            form={"role": "auditor", "name": "甲", "login": "jia", "csrfmiddlewaretoken": token_of(page)},
            headers={"Referer": door.address},
        )
        assert "KD-H314" in answer.text()
        page.goto(door.page("settings/cases/"))
        answer = page.request.post(
            door.page("settings/cases/discard/"),
            form={"typed": "Q001", "csrfmiddlewaretoken": token_of(page)},
            headers={"Referer": door.address},
        )
        assert "KD-H317" in answer.text()


def test_the_rule_of_review_is_set_and_stays_while_records_wait(
    door: Served, browser: Browser, tmp_path: Path
) -> None:
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("settings/rules/"))
        page.check("input[value=second-person]")
        followed(page, "main form button")
        assert page.is_checked("input[value=second-person]")
        contract = tmp_path / "desk" / "销售合同.txt"
        contract.parent.mkdir()
        contract.write_text(
            "销售合同 甲方：青禾科技有限公司 乙方：王小明 签订日期：2024年5月6日", encoding="utf-8"
        )
        door.world.intake(contract.parent)
        answer = page.request.post(
            door.page("settings/rules/review/"),
            form={"review": "off", "csrfmiddlewaretoken": token_of(page)},
            headers={"Referer": door.address},
        )
        assert "KD-H319" in answer.text()


def test_the_archiving_standard_is_chosen_and_its_clauses_are_left_out(
    door: Served, browser: Browser
) -> None:
    with signed_in(browser, door, "officer") as page:
        page.goto(door.page("settings/"))
        followed(page, "a[href$='settings/standard/']")
        page.select_option("#standard", "kedang-strict-1")
        followed(page, ".set-standard button")
        page.uncheck("input[value=A3]")
        assert page.is_disabled("input[value=C1]")
        page.fill("#reason", "清算组要求从严")
        followed(page, ".set-clauses ~ button")
        assert page.input_value("#standard") == "kedang-strict-1"
        assert "清算组要求从严" in page.inner_text("main")
        assert "档小满" in page.inner_text("main")
        assert not page.is_checked("input[value=A3]")
        assert page.is_checked("input[value=A8]")


def test_the_auditor_sees_who_saw_what_and_exports_it(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "auditor") as page:
        page.goto(door.page("settings/who-saw/"))
        with page.expect_download() as download:
            page.click("text=导出 CSV")
        assert download.value.suggested_filename.startswith("who-saw-Q001")
        page.fill("#record", "ffffffffffff")
        followed(page, "text=查询")
        assert "KD-H" in page.inner_text("main")


def test_people_can_be_brought_back_on_the_command_line(door: Served, browser: Browser) -> None:
    assert "administrator" in str(door.world.ask("people", "list"))
    made = door.world.ask("people", "add", "rescue", "--name", "救援", "--role", "administrator")
    door.world.ask("people", "add", "second", "--name", "副手")
    assert door.world.ask("people", "grant", "second", "--role", "reader")["role"] == "reader"
    again = door.world.ask("people", "reset", "rescue", "--second-factor")
    assert again["password"] != made["password"]
    with browsing(browser) as page:
        type_in(page, door, "rescue", str(again["password"]))
        page.goto(door.page(""))
        assert "/password/change/" in page.url
    assert door.world.run("people", "reset", "nobody").status != 0


@pytest.mark.parametrize("login", ["bo", "admin", "security", "auditor", "reader"])
def test_who_reviews_or_keeps_accounts_does_not_change_the_standard(
    door: Served, browser: Browser, login: str
) -> None:
    with signed_in(browser, door, login) as page:
        page.goto(door.page("settings/"))
        assert page.locator("a[href$='settings/standard/']").count() == 0
        answer = page.request.get(door.page("settings/standard/"))
        assert (answer.status, "KD-S302" in answer.text()) == (403, True)

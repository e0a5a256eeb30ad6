"""Single sign-on with a real provider over HTTP: it opens accounts that are linked, and makes none."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web import identity_provider
from tests.web.conftest import Served, signed_in
from tests.web.doors import browsing, empty_door, followed, type_in
from tests.web.test_account import confirm_again
from tests.world import REPOSITORY, World


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def door(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, port = tmp_path_factory.mktemp("sso"), free_port()
    back = f"http://127.0.0.1:{port}/account/sso/sso/login/callback/"
    command = [sys.executable, "-m", "tests.web.identity_provider", str(folder), back]
    provider = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY)
    try:
        assert provider.stdout is not None
        issuer = provider.stdout.readline().decode().strip()
        known = {
            "KEDANG_SSO_ISSUER": issuer,
            "KEDANG_SSO_CLIENT_ID": identity_provider.CLIENT,
            "KEDANG_SSO_CLIENT_SECRET": identity_provider.SECRET,
            "KEDANG_SSO_NAME": "集团统一登录",
        }
        with empty_door(opened_case, folder, port=port, **known) as opened:
            yield opened
    finally:
        provider.kill()
        provider.communicate()


LINKED, INVITED = identity_provider.PEOPLE


def by_provider(page: Page, login: str) -> None:
    """Go on to the provider, and sign in there when it asks."""
    followed(page, "main form button")
    if page.locator("input[name=login]").count():
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", identity_provider.PASSWORD)
        followed(page, "button[type=submit]")


def test_an_identity_opens_only_the_account_it_was_linked_with(door: Served, browser: Browser) -> None:
    with browsing(browser) as page:
        page.goto(f"{door.address}/account/login/")
        followed(page, "text=用集团统一登录登录")
        by_provider(page, LINKED)
        assert "还没有关联账号" in page.inner_text("main")
    with browsing(browser) as page:
        type_in(page, door, "lin")
        page.goto(f"{door.address}/account/sso/links/")
        followed(page, "text=关联集团统一登录")
        by_provider(page, LINKED)
        confirm_again(page)
    with browsing(browser) as page:
        page.goto(f"{door.address}/account/login/")
        followed(page, "text=用集团统一登录登录")
        by_provider(page, LINKED)
        page.goto(f"{door.address}/account/")
        assert "lin" in page.inner_text("main")
    with sqlite3.connect(door.world.database) as catalogue:
        kept = str(catalogue.execute("SELECT * FROM socialaccount_socialaccount").fetchall())
        assert "example.org" not in kept
        assert LINKED not in kept
        assert catalogue.execute("SELECT count(*) FROM account_emailaddress").fetchone() == (0,)
    with browsing(browser) as page:
        type_in(page, door, "lin")
        page.goto(f"{door.address}/account/sso/links/")
        page.check("input[name=account]")
        followed(page, "text=解除关联")
        confirm_again(page)
    with browsing(browser) as page:
        page.goto(f"{door.address}/account/login/")
        followed(page, "text=用集团统一登录登录")
        by_provider(page, LINKED)
        assert "还没有关联账号" in page.inner_text("main")


def test_an_invitation_links_whoever_signs_in_at_the_provider(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "admin") as admin:
        admin.on("dialog", lambda dialog: dialog.accept())
        admin.goto(door.page(f"settings/people/{door.people['bo']['account']}/"))
        followed(admin, "form[action$='/invite/'] button")
        invitation = admin.inner_text(".kd-secret code")
    with browsing(browser) as page:
        page.goto(invitation)
        followed(page, "main form button")
        by_provider(page, INVITED)
        page.goto(f"{door.address}/account/")
        assert "bo" in page.inner_text("main")
    with browsing(browser) as page:
        page.goto(invitation)
        followed(page, "main form button")
        assert "KD-H313" in page.inner_text("main")

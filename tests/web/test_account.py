"""Signing in: passwords, second factors, passkeys, sessions, guessing."""

from __future__ import annotations

import base64
import hmac
import os
import re
import sqlite3
import struct
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.conftest import PASSWORD, Served, signed_in
from tests.web.doors import OWN, browsing, empty_door, followed, token_of, type_in
from tests.world import World


@pytest.fixture(scope="module")
def door(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with empty_door(opened_case, tmp_path_factory.mktemp("account")) as opened:
        yield opened


def rows(door: Served, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(door.world.database) as catalogue:
        return catalogue.execute(query).fetchall()


def code_of(secret: str) -> str:
    """The six digits of now, RFC 6238."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def confirm_again(page: Page) -> None:
    """Show with the password that it is still the same person, where that is asked."""
    if "/reauthenticate/" in page.url:
        page.fill("input[name=password]", PASSWORD)
        followed(page, "main form button")


def test_the_session_gets_a_new_key_when_somebody_signs_in(door: Served, browser: Browser) -> None:
    with browsing(browser) as page:
        page.goto(f"{door.address}/account/login/")
        before = {one["name"]: one["value"] for one in page.context.cookies()}
        type_in(page, door, "lin")
        after = {one["name"]: one for one in page.context.cookies()}
        assert after["kedang"]["value"] != before["kedang"]
        assert all(one["httpOnly"] and one["sameSite"] == "Lax" for one in after.values())
        page.goto(f"{door.address}/account/")
        assert "Chrome" in page.inner_text("main")


def test_signing_in_stands_in_the_ledger(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "bo"):
        agent = door.people["bo"]["agent"]
        leaves = rows(door, "SELECT leaf FROM holdings_ledgerleaf")
        said = [bytes(leaf).decode() for (leaf,) in leaves if isinstance(leaf, bytes)]
        assert any('"signed-in"' in leaf and agent in leaf for leaf in said)


def test_a_wrong_password_and_an_unknown_name_look_alike(door: Served, browser: Browser) -> None:
    said = []
    for login in ("reader", "nobody-of-this-name"):
        with browsing(browser) as page:
            type_in(page, door, login, "not the password at all")
            said.append(page.inner_text(".alert-danger"))
    assert said[0] == said[1]


def test_a_failed_sign_in_stands_in_the_log_and_names_nobody(door: Served, browser: Browser) -> None:
    log = door.process.stderr
    assert log is not None
    os.set_blocking(log.fileno(), False)
    log.read()
    with browsing(browser) as page:
        type_in(page, door, "auditor", "not the password at all")
    said = (log.read() or b"").decode()
    assert re.search(
        r"^\d{4}-\d\d-\d\dT[\d:]{8}Z sign-in failed [0-9a-f]{12} [0-9a-f]{12}$", said, re.MULTILINE
    )
    assert [one for one in ("auditor", "127.0.0.1", "not the password") if one in said] == []


def test_guessing_at_a_name_does_not_lock_out_its_owner(door: Served, browser: Browser) -> None:
    with browsing(browser) as owner, browsing(browser) as stranger:
        type_in(owner, door, "officer")
        followed(owner, "text=退出")
        for _ in range(11):
            type_in(stranger, door, "officer", "guess after guess after guess")
        type_in(stranger, door, "officer")  # the right one, too late
        assert "/login/" in stranger.url
        assert "过多" in stranger.inner_text(".alert-danger")
        type_in(owner, door, "officer")
        assert "/login/" not in owner.url


def test_one_time_passwords_are_asked_for_and_their_secret_is_sealed(door: Served, browser: Browser) -> None:
    with browsing(browser) as page:
        type_in(page, door, "chen")
        page.goto(f"{door.address}/account/2fa/totp/activate/")
        confirm_again(page)
        secret = page.input_value("#authenticator_secret")
        page.fill("input[name=code]", code_of(secret))
        followed(page, "main form button")
        assert page.locator("#recovery_codes").count() == 1
        backup = page.input_value("#recovery_codes").split()[0]
        kept = str(rows(door, "SELECT data FROM mfa_authenticator"))
        assert secret not in kept
        assert backup not in kept
    with browsing(browser) as page:
        type_in(page, door, "chen")
        assert "/2fa/authenticate/" in page.url
        page.fill("input[name=code]", backup)
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda address: "/2fa/" not in address)


def test_a_passkey_signs_in_alone(door: Served, browser: Browser) -> None:
    local = door.address.replace("127.0.0.1", "localhost")
    there = Served(door.world, door.people, local, door.process)
    with browsing(browser) as page:
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        type_in(page, there, "reader")
        page.goto(f"{local}/account/2fa/webauthn/add/")
        confirm_again(page)
        page.check("input[name=passwordless]")
        page.click("#mfa_webauthn_add")
        page.wait_for_url(lambda address: "/add/" not in address)
        kept = str(rows(door, "SELECT data FROM mfa_authenticator WHERE type = 'webauthn'"))
        assert '"name": "computer"' in kept
        assert "阅立冬" not in kept
        followed(page, "text=退出")
        page.goto(f"{local}/account/login/")
        page.click("#passkey_login")
        page.wait_for_url(lambda address: "/login/" not in address)
        page.goto(f"{local}/account/")
        assert "reader" in page.inner_text("main")


def test_one_of_my_sessions_can_be_ended_from_another(door: Served, browser: Browser) -> None:
    with browsing(browser) as here, browsing(browser, "phone") as elsewhere:
        type_in(here, door, "auditor")
        type_in(elsewhere, door, "auditor")
        here.goto(f"{door.address}/account/")
        followed(here, "button[name=session]")
        elsewhere.goto(f"{door.address}/account/")
        assert "/login/" in elsewhere.url
        assert here.request.get(f"{door.address}/account/", max_redirects=0).status == 200


def test_a_changed_password_ends_every_other_session(door: Served, browser: Browser) -> None:
    with browsing(browser) as here, browsing(browser) as elsewhere:
        type_in(here, door, "security")
        type_in(elsewhere, door, "security")
        here.goto(f"{door.address}/account/password/change/")
        here.fill("input[name=oldpassword]", PASSWORD)
        for name in ("password1", "password2"):
            here.fill(f"input[name={name}]", "security 安保密 的口令")
        followed(here, "main form button")
        assert "登录名" in here.inner_text(".invalid-feedback >> nth=0")
        here.fill("input[name=oldpassword]", PASSWORD)
        for name in ("password1", "password2"):
            here.fill(f"input[name={name}]", OWN)
        followed(here, "main form button")
        assert here.request.get(f"{door.address}/account/", max_redirects=0).status == 200
        assert elsewhere.request.get(f"{door.address}/account/", max_redirects=0).status == 302


def test_what_was_kept_of_sessions_names_nobody(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "admin") as page:
        page.goto(door.address)
        assert token_of(page)
        kept = str(rows(door, "SELECT * FROM django_session")) + str(
            rows(door, "SELECT * FROM holdings_signin")
        )
        kept += str(rows(door, "SELECT * FROM holdings_account"))
        for said in ("admin", "方管理", "127.0.0.1", "Mozilla"):
            assert said not in kept

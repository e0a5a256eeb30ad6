"""What a stranger, a clerk and a guesser get at the door: nothing that is not theirs. See docs/security.md."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.web.conftest import Served, signed_in
from tests.web.doors import empty_door, followed, token_of
from tests.world import REPOSITORY, World

PUBLIC = {
    "front", "language", "alive", "first", "account_login", "account_logout", "account_inactive",
    "mfa_authenticate", "mfa_login_webauthn", "openid_connect_login", "openid_connect_callback",
    "socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup", "invited",
}  # fmt: skip
"""Routes that answer somebody who has not signed in. None of them says anything of a case."""
SIGNED_IN = {
    "account", "account_end_session", "account_end_sessions", "account_reauthenticate",
    "account_change_password", "mfa_index", "mfa_reauthenticate", "mfa_activate_totp",
    "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn", "mfa_edit_webauthn", "socialaccount_connections", "locked", "found",
    "found_demo", "found_shares", "found_cards", "found_stored", "found_done",
}  # fmt: skip
"""Routes of one's own account, of a locked case, and of founding one, which look themselves at who asks."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture(scope="module")
def door(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with empty_door(opened_case, tmp_path_factory.mktemp("security")) as opened:
        yield opened


@pytest.fixture(scope="module")
def routes(door: Served) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.web.routes"],
        env=door.world.surroundings() | {"PYTHONPATH": str(REPOSITORY)},
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return [one for one in found if not one["path"].startswith("/api/")]


def ask(door: Served, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    """One request of somebody who has not signed in."""
    connection = http.client.HTTPConnection(urlsplit(door.address).netloc, timeout=30)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, given)
        answer = connection.getresponse()
        return Answer(
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read().decode(errors="replace"),
        )
    finally:
        connection.close()


def test_every_route_has_an_act_or_stands_on_a_short_list(routes: list[dict[str, Any]]) -> None:
    bare = {one["name"] for one in routes if not one["act"] and not one["own"]}
    assert bare <= PUBLIC | SIGNED_IN, bare - PUBLIC - SIGNED_IN


def test_a_stranger_gets_nothing_and_every_answer_has_its_headers(
    door: Served, routes: list[dict[str, Any]]
) -> None:
    for one in routes:
        answer = ask(door, "GET", one["path"])
        where = one["name"]
        assert answer.status < 500, where
        if one["name"] not in PUBLIC:
            assert answer.status in (302, 404, 405), where
            if answer.status == 302:
                assert answer.headers["location"].startswith(("/account/", "/")), where
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy, where
        assert "default-src 'none'" in policy, where
        assert answer.headers["x-frame-options"] == "DENY", where
        assert answer.headers["x-content-type-options"] == "nosniff", where
        assert answer.headers["referrer-policy"] == "same-origin", where
        assert answer.headers["cross-origin-opener-policy"] == "same-origin", where
        assert "no-store" in answer.headers["cache-control"], where
        assert "server" not in answer.headers, where


def test_nothing_is_changed_without_the_token_of_the_form(door: Served, routes: list[dict[str, Any]]) -> None:
    for one in routes:
        answer = ask(door, "POST", one["path"], b"x=1", Content_Type="application/x-www-form-urlencoded")
        assert answer.status in (403, 404, 405), one["name"]


def test_other_methods_are_refused(door: Served) -> None:
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert ask(door, method, "/alive/").status in (403, 405), method


def test_another_host_name_is_refused(door: Served) -> None:
    answer = ask(door, "GET", "/account/login/", Host="evil.example")
    assert answer.status == 400
    assert "evil.example" not in answer.body


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
    ],
)
def test_no_page_leads_elsewhere(door: Served, browser: Browser, to: str) -> None:
    with signed_in(browser, door, "lin") as page:
        page.goto(f"{door.address}/account/")
        headers = {"Referer": door.address}
        form: dict[str, Any] = {"csrfmiddlewaretoken": token_of(page), "language": "zh", "back": to}
        answer = page.request.post(f"{door.address}/language/", form=form, headers=headers, max_redirects=0)
        assert answer.headers["location"] == "/"
        answer = page.request.get(f"{door.address}/account/login/?{urlencode({'next': to})}", max_redirects=0)
        assert "evil" not in answer.headers["location"]
        assert "javascript" not in answer.headers["location"]


@pytest.mark.parametrize(
    "typed",
    ["{{ settings.SECRET_KEY }}", "{% debug %}", "<script>alert(1)</script>", "' OR 1=1 --", "../../web-key"],
)
def test_what_is_typed_is_never_run(door: Served, browser: Browser, typed: str) -> None:
    with signed_in(browser, door, "lin") as page:
        page.goto(door.page("settings/mine/"))
        page.fill("#record", typed)
        followed(page, "main form button")
        assert page.input_value("#record") == typed
        assert "没有这件档案" in page.inner_text("main")


@pytest.mark.parametrize(
    "path",
    ["/static/../web-key", "/static/%2e%2e/%2e%2e/settings.py", "/c/..%2f..%2fetc/", "/static//etc/passwd"],
)
def test_no_path_leads_out(door: Served, path: str) -> None:
    answer = ask(door, "GET", path)
    assert answer.status in (302, 404)
    assert "SECRET" not in answer.body


def test_a_request_too_large_is_refused_before_it_is_read(door: Served) -> None:
    with suppress(ConnectionResetError, BrokenPipeError):  # refused while it was still being sent
        assert ask(door, "POST", "/account/login/", b"x" * (17 * 1024 * 1024)).status in (400, 403, 413)
    assert ask(door, "GET", "/alive/").status == 200


def test_an_unknown_name_takes_as_long_as_a_wrong_password(door: Served, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{door.address}/account/login/")
    taken: dict[str, list[float]] = {"reader": [], "nobody-at-all": []}
    for _ in range(3):
        for login, times in taken.items():
            form: dict[str, Any] = {
                "login": login,
                "password": "wrong wrong wrong",
                "csrfmiddlewaretoken": token_of(page),
            }
            began = time.perf_counter()
            page.request.post(f"{door.address}/account/login/", form=form, headers={"Referer": door.address})
            times.append(time.perf_counter() - began)
    known, unknown = min(taken["reader"]), min(taken["nobody-at-all"])
    assert unknown > known / 3  # a whole hash is made for both
    context.close()


def test_there_is_no_way_to_sign_up_or_to_be_sent_a_password(door: Served) -> None:
    for path in ("signup/", "password/reset/", "password/set/", "email/", "confirm-email/", "login/code/"):
        assert ask(door, "GET", f"/account/{path}").status == 404, path


def test_a_role_of_another_duty_opens_no_page_of_records(
    door: Served, browser: Browser, routes: list[dict[str, Any]]
) -> None:
    records = {"list", "read", "reveal", "open-original", "take-in", "answer", "accept", "judge", "export"}
    with signed_in(browser, door, "auditor") as page:
        for one in routes:
            if one["act"] in records:
                answer = page.request.get(door.address + one["path"], max_redirects=0)
                assert answer.status in (403, 404, 405), one["name"]

"""A hardware token opens the case: real calls of PKCS#11 on SoftHSM2, a token in software."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.keys.conftest import MARKED, assert_whole
from tests.keys.softhsm import LABEL, PIN, WRONG_PIN, soft_token
from tests.world import World

REFUSED = 3


@pytest.fixture
def tokened(keyed: World) -> World:
    """An archive to whose slots a token was added, and which is opened by nothing else that lies about."""
    module, environment = soft_token(keyed)
    pin = keyed.root / "pin"
    pin.write_text(PIN + "\n", encoding="utf-8")
    environment["KEDANG_TOKEN_PIN_FILE"] = str(pin)
    world = replace(keyed, environment=environment)
    added = world.run("keys", "add", "token", "--module", module, "--token", LABEL, "--json")
    assert added.status == 0, added.said
    more = {"KEDANG_TOKEN_MODULE": module, "KEDANG_TOKEN": LABEL}
    return replace(keyed, environment=environment | more)


def test_the_token_opens_the_case_and_says_so(tokened: World) -> None:
    for secret in tokened.secrets.iterdir():
        secret.unlink()
    assert_whole(tokened)
    assert "以硬件令牌开启" in tokened.run("search", MARKED).said
    status = tokened.ask("status")
    assert (status["locked"], status["opens_by"]) == (False, "token")


def test_a_wrong_pin_or_an_absent_token_is_said_and_nothing_else_is_tried(tokened: World) -> None:
    (tokened.root / "pin").write_text(WRONG_PIN, encoding="utf-8")
    wrong = tokened.run("search", MARKED, "--json")
    assert (wrong.status, wrong.json["error"]) == (REFUSED, "KD-V703")
    away = replace(tokened, environment=tokened.environment | {"KEDANG_TOKEN": "另一只"})
    assert away.run("search", MARKED, "--json").json["error"] == "KD-V702"
    none = replace(tokened, environment=tokened.environment | {"KEDANG_TOKEN_MODULE": "/nowhere.so"})
    assert none.run("search", MARKED, "--json").json["error"] == "KD-V701"


def test_a_token_carries_keys_through_a_new_epoch_and_a_removed_one_opens_nothing(tokened: World) -> None:
    without = replace(tokened, environment={})
    assert tokened.run("rotate").status == 0
    assert_whole(tokened)
    removed = without.run("keys", "remove", "token")
    assert removed.status == 0, removed.said
    assert tokened.run("search", MARKED).status == REFUSED
    assert_whole(without)


def test_the_pin_is_nowhere_on_the_disk_nor_in_what_is_said(tokened: World) -> None:
    said = tokened.run("keys")
    assert PIN not in said.text + said.said
    (tokened.root / "pin").unlink()
    assert not [
        path
        for path in (*tokened.home.rglob("*"), *tokened.keys.rglob("*"))
        if path.is_file() and PIN.encode() in path.read_bytes()
    ]

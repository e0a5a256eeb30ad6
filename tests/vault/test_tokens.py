"""Real PKCS#11 calls against SoftHSM2, a token in software, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest

from kedang.vault.errors import (
    TokenFailed,
    TokenKeyMissing,
    TokenKeyUnfit,
    TokenLocked,
    TokenMissing,
    TokenModuleMissing,
    TokenPinWrong,
    WrongSecret,
)
from kedang.vault.keysheet import PassphraseLock, SlotKind, TokenLock, decode, encode
from kedang.vault.tokens import Token, Way, _login_refused, unwrap, unwrapping, wrap_secret
from kedang.vault.unlocking import NewPassphrase, NewSlot, NewToken, create_sheet, unlock_with_token

from .seeded import CASE, seeded_bytes

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
PIN = "271828"
LABEL = "kedang keys"
QUICK = PassphraseLock(memory_kib=64, iterations=1, lanes=1)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SoftHSM2 with two tokens; its settings are read when the module is initialised."""
    found = [path for path in MODULES if Path(path).is_file()]
    if not found or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed (Debian: softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    for label in ("clerk", "lawyer"):
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "3141", "--pin", PIN],
            check=True,
            capture_output=True,
        )
    yield found[0]
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def token(module: str) -> Token:
    return Token(module, "clerk", PIN)


@pytest.fixture(scope="module")
def wrapped(module: str) -> tuple[bytes, TokenLock]:
    return wrap_secret(Token(module, "clerk", PIN), key_label=LABEL, random_bytes=seeded_bytes("token"))


def test_a_secret_comes_back_from_the_token_that_wrapped_it(
    token: Token, wrapped: tuple[bytes, TokenLock]
) -> None:
    secret, lock = wrapped
    assert len(secret) == 32
    assert secret not in lock.wrapped_secret
    assert unwrap(token, lock) == secret
    assert lock.mechanism in set(Way)


def test_the_key_was_made_on_the_token_and_cannot_leave_it(
    token: Token, wrapped: tuple[bytes, TokenLock]
) -> None:
    with pkcs11.lib(token.module).get_token(token_label="clerk").open(user_pin=PIN) as session:
        key = session.get_key(
            object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=bytes.fromhex(wrapped[1].token_key)
        )
        told = [
            key[getattr(pkcs11.Attribute, name)]
            for name in (
                "SENSITIVE",
                "EXTRACTABLE",
                "NEVER_EXTRACTABLE",
                "ALWAYS_SENSITIVE",
                "LOCAL",
                "PRIVATE",
            )
        ]
        assert told == [True, False, True, True, True, True]
        assert key.key_length == 3072
        with pytest.raises(pkcs11.AttributeSensitive):
            key[pkcs11.Attribute.PRIVATE_EXPONENT]
    pkcs11.lib(token.module).finalize()


def test_a_second_secret_uses_the_key_that_is_there(token: Token, wrapped: tuple[bytes, TokenLock]) -> None:
    secret, lock = wrap_secret(token, key_label=LABEL, random_bytes=seeded_bytes("second"))
    assert lock.token_key == wrapped[1].token_key
    assert unwrap(token, lock) == secret != wrapped[0]


def _made_outside(token: Token, label: str, **attributes: bool) -> None:
    with pkcs11.lib(token.module).get_token(token_label=token.label).open(rw=True, user_pin=PIN) as session:
        flags = pkcs11.MechanismFlag.ENCRYPT | pkcs11.MechanismFlag.DECRYPT
        template = {getattr(pkcs11.Attribute, name): value for name, value in attributes.items()}
        session.generate_key(
            pkcs11.KeyType.AES,
            256,
            id=label.encode(),
            label=label,
            store=True,
            capabilities=flags,
            template=template,
        )
    pkcs11.lib(token.module).finalize()


def test_a_key_of_a_security_module_that_knows_aes_only_serves_too(token: Token) -> None:
    _made_outside(token, "aes", SENSITIVE=True, EXTRACTABLE=False)
    secret, lock = wrap_secret(token, key_label="aes", random_bytes=seeded_bytes("aes"))
    assert lock.mechanism == Way.AES_256_GCM
    assert len(lock.wrapped_secret) == 12 + 32 + 16
    assert unwrap(token, lock) == secret
    changed = replace(lock, wrapped_secret=lock.wrapped_secret[:-1] + b"\x00")
    with pytest.raises(TokenKeyUnfit):
        unwrap(token, changed)


def test_a_key_that_may_leave_the_token_is_refused(token: Token) -> None:
    _made_outside(token, "loose", SENSITIVE=False, EXTRACTABLE=True)
    with pytest.raises(TokenKeyUnfit) as caught:
        wrap_secret(token, key_label="loose", random_bytes=seeded_bytes("loose"))
    assert caught.value.facts["extractable"] is True


@pytest.mark.parametrize("pin", ["0000", "", "2718281"])
def test_a_wrong_pin_is_said_and_sent_only_once(
    token: Token, wrapped: tuple[bytes, TokenLock], pin: str
) -> None:
    asked: list[str] = []
    slots = [NewToken(*wrapped), NewToken(*wrapped)]
    sheet, _ = create_sheet(CASE, slots=slots, random_bytes=seeded_bytes("x"))
    unwrapped = unwrapping(replace(token, pin=pin))

    def asking(lock: TokenLock) -> bytes | None:
        asked.append(lock.token_key)
        return unwrapped(lock)

    with pytest.raises(TokenPinWrong):
        unlock_with_token(sheet, asking)
    assert len(asked) == 1
    assert unwrap(token, wrapped[1]) == wrapped[0]


def test_a_token_that_is_not_there_or_not_named_among_several_is_said(
    token: Token, wrapped: tuple[bytes, TokenLock]
) -> None:
    for label, found in (("nobody's", 0), (None, 2)):
        with pytest.raises(TokenMissing) as caught:
            unwrap(replace(token, label=label), wrapped[1])
        assert caught.value.facts == {"found": found}


@pytest.mark.parametrize("path", ["/nowhere/libtoken.so", "", "libm.so.6", __file__])
def test_a_module_that_cannot_be_loaded_is_said(path: str) -> None:
    with pytest.raises(TokenModuleMissing):
        unwrap(Token(path, None, PIN), TokenLock(Way.RSA_OAEP_SHA1, "01", b""))


def test_another_token_does_not_open_the_slot(token: Token, wrapped: tuple[bytes, TokenLock]) -> None:
    other = replace(token, label="lawyer")
    with pytest.raises(TokenKeyMissing):
        unwrap(other, wrapped[1])
    assert unwrapping(other)(wrapped[1]) is None
    sheet, _ = create_sheet(CASE, slots=[NewToken(*wrapped)], random_bytes=seeded_bytes("other"))
    with pytest.raises(WrongSecret):
        unlock_with_token(sheet, unwrapping(other))


@pytest.mark.parametrize("mechanism", ["RSA-PKCS", "", Way.AES_256_GCM])
def test_a_mechanism_that_is_not_the_keys_opens_nothing(
    token: Token, wrapped: tuple[bytes, TokenLock], mechanism: str
) -> None:
    with pytest.raises(TokenKeyUnfit):
        unwrap(token, replace(wrapped[1], mechanism=mechanism))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (pkcs11.PinIncorrect, TokenPinWrong),
        (pkcs11.PinLocked, TokenLocked),
        (pkcs11.PinExpired, TokenLocked),
        (pkcs11.DeviceRemoved, TokenFailed),
    ],
)
def test_what_a_token_answers_to_a_pin_becomes_a_code(
    said: type[pkcs11.PKCS11Error], meant: type[Exception]
) -> None:
    """SoftHSM never locks, so the answers of real tokens are given here."""
    assert type(_login_refused(said())) is meant


def test_a_stored_sheet_with_a_token_opens_beside_other_slots(
    token: Token, wrapped: tuple[bytes, TokenLock]
) -> None:
    slots: list[NewSlot] = [NewPassphrase("口令", QUICK), NewToken(*wrapped)]
    sheet, made = create_sheet(CASE, slots=slots, random_bytes=seeded_bytes("sheet"))
    unlocked = unlock_with_token(decode(encode(sheet)), unwrapping(token))
    assert unlocked.kind is SlotKind.TOKEN
    assert unlocked.epoch_keys == made.epoch_keys


def test_the_pin_is_not_shown(token: Token) -> None:
    assert PIN not in repr(token)


def test_the_library_is_loaded_only_when_a_token_is_asked_for() -> None:
    said = "import sys, kedang.vault.unlocking; print('pkcs11' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "False"

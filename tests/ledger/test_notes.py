from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kedang.ledger.errors import (
    NoteMalformed,
    SignatureInvalid,
    SignerMissing,
    VerificationKeyMalformed,
)
from kedang.ledger.notes import Signer, VerificationKey, open_note, sign_note

PETER = Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(b"p" * 32))
ELIZA = Signer("Eliza", Ed25519PrivateKey.from_private_bytes(b"e" * 32))
TEXT = "If you think cryptography is the answer,\nyou do not know your problem.\n"
# The example of Go's x/mod/sumdb/note, which the C2SP specification grew from.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_by_another_make_is_opened() -> None:
    assert open_note(GO_NOTE, keys=[VerificationKey.parse(GO_KEY)]).startswith("If you think")
    assert str(VerificationKey.parse(GO_KEY)) == GO_KEY


def test_a_signed_note_gives_its_text_to_its_key_only() -> None:
    note = sign_note(TEXT, PETER)
    assert open_note(note, keys=[PETER.verification_key]) == TEXT
    with pytest.raises(SignerMissing, match="KD-L403"):
        open_note(note, keys=[ELIZA.verification_key])


def test_a_second_signature_does_not_disturb_the_first() -> None:
    both = sign_note(TEXT, PETER) + sign_note(TEXT, ELIZA).split("\n\n")[1]
    for signer in (PETER, ELIZA):
        assert open_note(both, keys=[signer.verification_key]) == TEXT


@pytest.mark.parametrize("at", range(0, len(TEXT) - 1, 7))
def test_a_changed_text_is_refused(at: int) -> None:
    note = sign_note(TEXT, PETER)
    changed = note[:at] + ("x" if note[at] != "x" else "y") + note[at + 1 :]
    with pytest.raises((SignatureInvalid, NoteMalformed)):
        open_note(changed, keys=[PETER.verification_key])


def test_an_invalid_signature_of_an_expected_key_outweighs_a_valid_one_of_another() -> None:
    forged = sign_note(TEXT, PETER) + sign_note("other\n", ELIZA).split("\n\n")[1]
    with pytest.raises(SignatureInvalid, match="KD-L402"):
        open_note(forged, keys=[PETER.verification_key, ELIZA.verification_key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "no signature\n",
        "no signature\n\n",
        "text\n\n— PeterNeumann AAAAAAAA",
        "text\n\n- PeterNeumann AAAAAAAA\n",
        "text\n\n— PeterNeumann\n",
        "text\n\n— PeterNeumann AAAA\n",
        "text\n\n— PeterNeumann !!!!\n",
        "text\n\n— Peter+Neumann AAAAAAAAAAAA\n",
        "te\rxt\n\n— PeterNeumann AAAAAAAAAAAA\n",
        "x" * 1_000_001,
    ],
)
def test_what_is_no_signed_note_is_refused(note: str) -> None:
    with pytest.raises(NoteMalformed, match="KD-L401"):
        open_note(note, keys=[PETER.verification_key])


@pytest.mark.parametrize("text", ["", "no line feed", "a\ttab\n", "carriage\r\n"])
def test_such_a_text_is_not_signed(text: str) -> None:
    with pytest.raises(NoteMalformed):
        sign_note(text, PETER)


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("+ARpc", "+AhRc"),
        GO_KEY[:-4],
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+***",
    ],
)
def test_what_is_no_verification_key_is_refused(text: str) -> None:
    with pytest.raises(VerificationKeyMalformed, match="KD-L407"):
        VerificationKey.parse(text)


def test_the_private_key_does_not_show() -> None:
    assert "ppp" not in repr(PETER)
    assert (b"p" * 32).hex() not in repr(PETER)

"""Signed notes (C2SP signed-note): a text and lines of signatures that anyone can check.

<text, ending in a line feed>
<empty line>
— <signer's name> <base64 of 4 bytes of key id and the signature>
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kedang.ledger.errors import (
    NoteMalformed,
    SignatureInvalid,
    SignerMissing,
    VerificationKeyMalformed,
)

ED25519 = b"\x01"  # signature type of C2SP signed-note
KEY_ID_BYTES = 4
PUBLIC_KEY_BYTES = 32
NOTE_CHARACTERS_MAX = 1_000_000  # no head of ours comes near; a hostile file might
_DASH = "— "  # em dash and a blank
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_NAME = re.compile(r"[^\s+]+")


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """Whose signature is expected: a name and an Ed25519 public key. Printed as name+id+key."""

    name: str
    public_bytes: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public_bytes) != PUBLIC_KEY_BYTES:
            raise VerificationKeyMalformed(size_bytes=len(self.public_bytes))

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before each signature."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_bytes).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        key = b64encode(ED25519 + self.public_bytes).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> VerificationKey:
        """The key that `str()` wrote.

        Raises:
            VerificationKeyMalformed: not of that form, not Ed25519, or its id is not its own.
        """
        parts = text.split("+", 2)
        try:
            name, key_id, key = parts
            data = b64decode(key, validate=True)
        except ValueError as error:
            raise VerificationKeyMalformed(parts=len(parts)) from error
        if data[:1] != ED25519:
            raise VerificationKeyMalformed(size_bytes=len(data))
        found = cls(name, data[1:])
        if found.key_id.hex() != key_id:
            raise VerificationKeyMalformed(size_bytes=len(data))
        return found

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's for the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_bytes).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """Who signs: a name and an Ed25519 private key. Signing needs no randomness."""

    name: str
    private_key: Ed25519PrivateKey

    @property
    def verification_key(self) -> VerificationKey:
        """What others need to check the signatures."""
        return VerificationKey(self.name, self.private_key.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note, checked or not."""

    name: str
    key_id: bytes
    signature: bytes


def sign_note(text: str, signer: Signer) -> str:
    """The note with the signer's signature.

    Raises:
        NoteMalformed: the text does not end in a line feed or holds control characters.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteMalformed(characters=len(text))
    signature = signer.private_key.sign(text.encode())
    line = b64encode(signer.verification_key.key_id + signature).decode()
    return f"{text}\n{_DASH}{signer.name} {line}\n"


def open_note(note: str, *, keys: Sequence[VerificationKey]) -> str:
    """The note's text, signed by one of these keys at least. Signatures of others are passed over.

    Raises:
        NoteMalformed: not a signed note.
        SignatureInvalid: one of these keys' signatures does not belong to the text.
        SignerMissing: none of these keys has signed.
    """
    text, signatures = split_note(note)
    expected = {(key.name, key.key_id): key for key in keys}
    verified = 0
    for line in signatures:
        key = expected.get((line.name, line.key_id))
        if key is None:
            continue
        if not key.verifies(text, line.signature):
            raise SignatureInvalid(key_id=line.key_id.hex())
        verified += 1
    if not verified:
        raise SignerMissing(signatures=len(signatures), keys=len(keys))
    return text


def split_note(note: str) -> tuple[str, tuple[SignatureLine, ...]]:
    """The note's text and its signature lines, unchecked.

    Raises:
        NoteMalformed: not a signed note.
    """
    cut = note.rfind("\n\n")
    lines = note[cut + 2 :].split("\n")
    wrong = cut < 0 or lines.pop() != "" or not lines or _CONTROL.search(note)
    if wrong or len(note) > NOTE_CHARACTERS_MAX:
        raise NoteMalformed(characters=len(note))
    return note[: cut + 1], tuple(map(_signature_line, lines))


def _signature_line(line: str) -> SignatureLine:
    name, blank, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        data = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteMalformed(characters=len(line)) from error
    well_formed = line.startswith(_DASH) and blank and _NAME.fullmatch(name)
    if not well_formed or len(data) <= KEY_ID_BYTES:
        raise NoteMalformed(characters=len(line))
    return SignatureLine(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])

"""The two ciphers that seal, and the derivation of their keys."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Bytes = bytes | bytearray | memoryview

KEY_BYTES = 32  # record keys, epoch keys, slot secrets
SALT_BYTES = 32  # one for every sealed thing, so that no derived key is used twice
COMMITMENT_BYTES = 32
TAG_BYTES = 16  # both suites
NONCE_BYTES = 12  # both suites

_SM4_KEY_BYTES = 16  # GB/T 32907-2016
_DERIVED_BYTES = KEY_BYTES + COMMITMENT_BYTES
_SHA256 = SHA256()


class Suite(IntEnum):
    """Which cipher seals; the number is the byte on disk."""

    AES_256_GCM = 1
    SM4_GCM = 2


class Aead(Protocol):
    """Authenticated encryption under one key; a wrong tag raises cryptography's InvalidTag.

    `*_into` write to `buf`, whose length is exactly that of the result.
    """

    def encrypt(self, nonce: Bytes, data: Bytes, associated_data: Bytes, /) -> bytes: ...

    def decrypt(self, nonce: Bytes, data: Bytes, associated_data: Bytes, /) -> bytes: ...

    def encrypt_into(self, nonce: Bytes, data: Bytes, associated_data: Bytes, buf: Bytes, /) -> int: ...

    def decrypt_into(self, nonce: Bytes, data: Bytes, associated_data: Bytes, buf: Bytes, /) -> int: ...


class Sm4Gcm:
    """SM4-GCM (RFC 8998) with the tag after the ciphertext, as AESGCM has it."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = SM4(key)

    def encrypt(self, nonce: Bytes, data: Bytes, associated_data: Bytes, /) -> bytes:
        """Ciphertext and tag."""
        sealing = Cipher(self._key, modes.GCM(bytes(nonce))).encryptor()
        sealing.authenticate_additional_data(associated_data)
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: Bytes, data: Bytes, associated_data: Bytes, /) -> bytes:
        """Plaintext, only when the tag is right."""
        body, tag = memoryview(data)[:-TAG_BYTES], bytes(data[-TAG_BYTES:])
        opening = Cipher(self._key, modes.GCM(bytes(nonce), tag)).decryptor()
        opening.authenticate_additional_data(associated_data)
        return opening.update(body) + opening.finalize()

    def encrypt_into(self, nonce: Bytes, data: Bytes, associated_data: Bytes, buf: Bytes, /) -> int:
        """Ciphertext and tag, written to `buf`."""
        sealed = self.encrypt(nonce, data, associated_data)
        memoryview(buf)[:] = sealed
        return len(sealed)

    def decrypt_into(self, nonce: Bytes, data: Bytes, associated_data: Bytes, buf: Bytes, /) -> int:
        """Plaintext, written to `buf` only when the tag is right."""
        opened = self.decrypt(nonce, data, associated_data)
        memoryview(buf)[:] = opened
        return len(opened)


def derive(secret: bytes, *, salt: bytes, info: bytes, length: int = KEY_BYTES) -> bytes:
    """`length` bytes that only the holder of `secret` can make (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=_SHA256, length=length, salt=salt, info=info).derive(secret)


def derive_committed(secret: bytes, *, salt: bytes, info: bytes) -> tuple[bytes, bytes]:
    """A cipher key, and a commitment to it that may stand in clear.

    GCM lets one ciphertext open under two keys; the commitment, another part of the same HKDF output,
    lets it open under one only.
    """
    derived = derive(secret, salt=salt, info=info, length=_DERIVED_BYTES)
    return derived[:KEY_BYTES], derived[KEY_BYTES:]


def aead(suite: Suite, key: bytes) -> Aead:
    """The cipher of `suite` under a derived 32-byte key; SM4 takes its first 16 bytes."""
    if suite is Suite.AES_256_GCM:
        return AESGCM(key)
    return Sm4Gcm(key[:_SM4_KEY_BYTES])

"""Published vectors of every cipher and code that seals keys, and of those that the library shares with them.

`test_suites`, `test_hpke` and `test_shares` hold those of HKDF, X25519, SM4-GCM and SLIP-39.
"""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from struct import pack, unpack
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from kedang.vault.suites import Suite, aead

from .seeded import conformance

Case = dict[str, Any]
_CHACHA_CONSTANTS = unpack("<4I", b"expand 32-byte k")  # RFC 8439 section 2.3


def _cases(name: str, count: int) -> list[tuple[Case, Case]]:
    path = conformance("wycheproof", "testvectors_v1", f"{name}_test.json")
    groups = json.loads(path.read_text())["testGroups"]
    cases = [(group, case) for group in groups for case in group["tests"]]
    assert len(cases) == count
    return cases


def _bytes(case: Case, *names: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(case[name]) for name in names)


def test_every_aes_gcm_vector_agrees_or_its_nonce_is_refused() -> None:
    """All key and nonce sizes; the library takes nonces of 8 to 128 bytes, the formats only those of 12."""
    agreed = refused = 0
    for _, case in _cases("aes_gcm", 316):
        key, nonce, associated, plain = _bytes(case, "key", "iv", "aad", "msg")
        sealed = bytes.fromhex(case["ct"] + case["tag"])
        cipher = aead(Suite.AES_256_GCM, key)
        if not 8 <= len(nonce) <= 128:
            refused += 1
            with pytest.raises(ValueError, match=r"[Nn]once"):
                cipher.encrypt(nonce, plain, associated)
        elif case["result"] == "valid":
            agreed += 1
            assert cipher.encrypt(nonce, plain, associated) == sealed
            assert cipher.decrypt(nonce, sealed, associated) == plain
        else:
            with pytest.raises(InvalidTag):
                cipher.decrypt(nonce, sealed, associated)
    assert (agreed, refused) == (202, 33)


def test_every_hmac_vector_agrees() -> None:
    for group, case in _cases("hmac_sha256", 174):
        key, message, tag = _bytes(case, "key", "msg", "tag")
        made = hmac.digest(key, message, sha256)[: group["tagSize"] // 8]
        assert hmac.compare_digest(made, tag) == (case["result"] == "valid"), case["tcId"]


def test_every_ed25519_vector_agrees() -> None:
    for group, case in _cases("ed25519", 151):
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(group["publicKey"]["pk"]))
        message, signature = _bytes(case, "msg", "sig")
        if case["result"] == "valid":
            key.verify(signature, message)
        else:
            with pytest.raises(InvalidSignature):
                key.verify(signature, message)


def _hchacha20(key: bytes, nonce: bytes) -> bytes:
    """HChaCha20 of draft-irtf-cfrg-xchacha-03: the block function without its last addition."""
    block = unpack("<16I", Cipher(ChaCha20(key, nonce), None).encryptor().update(bytes(64)))
    start = (*_CHACHA_CONSTANTS, *(0,) * 8, *unpack("<4I", nonce))
    words = [(block[at] - start[at]) % 2**32 for at in (0, 1, 2, 3, 12, 13, 14, 15)]
    return pack("<8I", *words)


@pytest.mark.parametrize(("name", "count", "nonce_bytes"), [("chacha20", 325, 12), ("xchacha20", 315, 24)])
def test_every_chacha20_poly1305_vector_agrees(name: str, count: int, nonce_bytes: int) -> None:
    """No format of kedang uses them; files sealed with age do."""
    for _, case in _cases(f"{name}_poly1305", count):
        key, nonce, associated, plain = _bytes(case, "key", "iv", "aad", "msg")
        if len(nonce) != nonce_bytes:
            assert case["result"] == "invalid"
            continue
        if nonce_bytes == 24:
            key, nonce = _hchacha20(key, nonce[:16]), bytes(4) + nonce[16:]
        cipher, sealed = ChaCha20Poly1305(key), bytes.fromhex(case["ct"] + case["tag"])
        if case["result"] == "valid":
            assert cipher.encrypt(nonce, plain, associated) == sealed
            assert cipher.decrypt(nonce, sealed, associated) == plain
        else:
            with pytest.raises(InvalidTag):
                cipher.decrypt(nonce, sealed, associated)


def test_every_aes_key_wrap_vector_agrees() -> None:
    """What tokens offer for wrapping; an "acceptable" vector may be refused."""
    for _, case in _cases("aes_wrap", 165):
        key, plain, wrapped = _bytes(case, "key", "msg", "ct")
        if case["result"] == "valid":
            assert aes_key_wrap(key, plain) == wrapped
            assert aes_key_unwrap(key, wrapped) == plain
        elif case["result"] == "invalid":
            with pytest.raises(InvalidUnwrap):
                aes_key_unwrap(key, wrapped)

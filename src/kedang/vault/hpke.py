"""Sealing to a public key: RFC 9180 base mode, X25519, HKDF-SHA256, AES-256-GCM.

Written out here because the randomness comes from the caller; opening is the library's own, so that each
checks the other whenever it is used. The associated data is empty: the context stands in `info`.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

ENCAPSULATED_BYTES = 32

_OPENING = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_KEM_SUITE = b"KEM" + (0x0020).to_bytes(2)
_HPKE_SUITE = b"HPKE" + (0x0020).to_bytes(2) + (0x0001).to_bytes(2) + (0x0002).to_bytes(2)
_BASE_MODE = b"\x00"


def seal_to(public_key: bytes, secret: bytes, *, info: bytes, ephemeral: bytes) -> bytes:
    """Encapsulated key and ciphertext, which only the private key opens.

    `ephemeral` is 32 random bytes, used for this one sealing.
    """
    private = X25519PrivateKey.from_private_bytes(ephemeral)
    encapsulated = private.public_key().public_bytes_raw()
    shared = private.exchange(X25519PublicKey.from_public_bytes(public_key))
    key, nonce = _schedule(_encapsulate(shared, encapsulated + public_key), info)
    return encapsulated + AESGCM(key).encrypt(nonce, secret, None)


def open_with(private_key: bytes, sealed: bytes, *, info: bytes) -> bytes | None:
    """The secret, or None when it was sealed to another key, with another info, or is altered."""
    try:
        return _OPENING.decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), info)
    except (InvalidTag, ValueError):
        return None


def public_key_of(private_key: bytes) -> bytes:
    """The public key that belongs to 32 private bytes."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def _encapsulate(shared: bytes, context: bytes) -> bytes:
    """RFC 9180 section 4.1, ExtractAndExpand."""
    extracted = _extract(_KEM_SUITE, b"", b"eae_prk", shared)
    return _expand(_KEM_SUITE, extracted, b"shared_secret", context, 32)


def _schedule(shared_secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """RFC 9180 section 5.1, KeySchedule in base mode: key and first nonce."""
    psk_id_hash = _extract(_HPKE_SUITE, b"", b"psk_id_hash", b"")
    info_hash = _extract(_HPKE_SUITE, b"", b"info_hash", info)
    context = _BASE_MODE + psk_id_hash + info_hash
    secret = _extract(_HPKE_SUITE, shared_secret, b"secret", b"")
    key = _expand(_HPKE_SUITE, secret, b"key", context, 32)
    return key, _expand(_HPKE_SUITE, secret, b"base_nonce", context, 12)


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, sha256)


def _expand(suite: bytes, extracted: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """LabeledExpand for at most one hash output, which is all that is asked for here."""
    labelled = length.to_bytes(2) + b"HPKE-v1" + suite + label + info
    return hmac.digest(extracted, labelled + b"\x01", sha256)[:length]

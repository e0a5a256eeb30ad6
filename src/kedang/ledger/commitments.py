"""Salted commitments: what a leaf holds instead of words, digests and anything else that is sealed.

With the salt and the value anyone can check the commitment; without the salt, which is sealed with the
record and dies with it, nobody can try values against it.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

_BOUND_SALT = b"kedang content salt 1"
SALT_BYTES = 32  # as many as the hash gives: guessing the salt is no easier than breaking the hash


def commit(value: bytes, *, salt: bytes) -> str:
    """The commitment to a value: HMAC-SHA-256 under the salt, 64 hexadecimal digits."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hmac.new(salt, value, sha256).hexdigest()


def content_commitment(digest: bytes, *, salt: bytes) -> bytes:
    """The commitment to a content by its SHA-256, 32 bytes: SHA-256 over the salt and that digest."""
    return sha256(salt + digest).digest()


def salt_bound_to(faster: bytes, *, seed: bytes) -> bytes:
    """A salt, 32 bytes, that commits to another digest of the same content.

    Whoever has the seed and both digests can check content by the faster one and the commitment by the other.
    """
    return sha256(_BOUND_SALT + seed + faster).digest()


def opens(commitment: str, value: bytes, *, salt: bytes) -> bool:
    """Whether the commitment is to this value under this salt."""
    return hmac.compare_digest(commitment, commit(value, salt=salt))

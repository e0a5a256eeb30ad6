"""Salted commitments: what a leaf holds instead of words, digests and anything else that is sealed.

With the salt and the value anyone can check the commitment; without the salt, which is sealed with the
record and dies with it, nobody can try values against it.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

SALT_BYTES = 32  # as many as the hash gives: guessing the salt is no easier than breaking the hash


def commit(value: bytes, *, salt: bytes) -> str:
    """The commitment to a value: HMAC-SHA-256 under the salt, 64 hexadecimal digits."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hmac.new(salt, value, sha256).hexdigest()


def opens(commitment: str, value: bytes, *, salt: bytes) -> bool:
    """Whether the commitment is to this value under this salt."""
    return hmac.compare_digest(commitment, commit(value, salt=salt))

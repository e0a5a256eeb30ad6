from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.vault.hpke import open_with, public_key_of, seal_to

from .seeded import conformance, seeded_bytes

PRIVATE = seeded_bytes("private")(32)
PUBLIC = public_key_of(PRIVATE)
EPHEMERAL = seeded_bytes("ephemeral")(32)


@given(
    secret=st.binary(max_size=100),
    info=st.binary(max_size=100),
    ephemeral=st.binary(min_size=32, max_size=32),
)
@settings(max_examples=50, deadline=None)
def test_what_is_sealed_here_opens_with_another_implementation(
    secret: bytes, info: bytes, ephemeral: bytes
) -> None:
    sealed = seal_to(PUBLIC, secret, info=info, ephemeral=ephemeral)
    other = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    assert other.decrypt(sealed, X25519PrivateKey.from_private_bytes(PRIVATE), info) == secret


def test_what_another_implementation_seals_opens_here() -> None:
    other = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    sealed = other.encrypt(b"secret", X25519PublicKey.from_public_bytes(PUBLIC), b"info")
    assert open_with(PRIVATE, sealed, info=b"info") == b"secret"


def test_another_key_another_info_or_any_changed_byte_opens_nothing() -> None:
    sealed = seal_to(PUBLIC, bytes(32), info=b"info", ephemeral=EPHEMERAL)
    assert len(sealed) == 80
    assert open_with(EPHEMERAL, sealed, info=b"info") is None
    assert open_with(PRIVATE, sealed, info=b"other") is None
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert open_with(PRIVATE, bytes(changed), info=b"info") is None
    assert open_with(PRIVATE, b"", info=b"info") is None


def test_published_x25519_vectors_all_agree() -> None:
    groups = json.loads(conformance("wycheproof", "testvectors_v1", "x25519_test.json").read_text())
    cases = [case for group in groups["testGroups"] for case in group["tests"]]
    assert len(cases) > 500
    for case in cases:
        private = X25519PrivateKey.from_private_bytes(bytes.fromhex(case["private"]))
        public = X25519PublicKey.from_public_bytes(bytes.fromhex(case["public"]))
        if "ZeroSharedSecret" in case["flags"]:
            continue  # the library refuses them, as RFC 9180 section 7.1.4 demands
        assert private.exchange(public).hex() == case["shared"]

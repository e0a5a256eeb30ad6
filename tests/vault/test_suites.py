from __future__ import annotations

import json

import pytest
from cryptography.exceptions import InvalidTag

from kedang.vault.suites import Sm4Gcm, Suite, aead, derive, derive_committed

from .seeded import KEY, SALT, conformance


def test_sm4_gcm_gives_the_published_answer() -> None:
    """RFC 8998 appendix A.1."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    associated = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex(
        "AA" * 8 + "BB" * 8 + "CC" * 8 + "DD" * 8 + "EE" * 8 + "FF" * 8 + "EE" * 8 + "AA" * 8
    )
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    cipher = Sm4Gcm(key)
    assert cipher.encrypt(nonce, plain, associated) == sealed
    assert cipher.decrypt(nonce, sealed, associated) == plain
    into = bytearray(len(plain))
    assert cipher.decrypt_into(nonce, sealed, associated, into) == len(plain)
    assert into == plain
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed[:-1] + b"\x00", associated)


def _cases(name: str) -> list[tuple[dict[str, int], dict[str, str]]]:
    path = conformance("wycheproof", "testvectors_v1", f"{name}.json")
    groups = json.loads(path.read_text())["testGroups"]
    return [(group, case) for group in groups for case in group["tests"]]


def test_published_aes_gcm_vectors_all_agree() -> None:
    """Those of the one shape that is used: 256-bit key, 96-bit nonce, 128-bit tag."""
    used = [
        case
        for group, case in _cases("aes_gcm_test")
        if (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)
    ]
    assert len(used) > 60
    for case in used:
        cipher = aead(Suite.AES_256_GCM, bytes.fromhex(case["key"]))
        nonce, associated = bytes.fromhex(case["iv"]), bytes.fromhex(case["aad"])
        plain, sealed = bytes.fromhex(case["msg"]), bytes.fromhex(case["ct"] + case["tag"])
        if case["result"] == "valid":
            assert cipher.encrypt(nonce, plain, associated) == sealed
            assert cipher.decrypt(nonce, sealed, associated) == plain
        else:
            with pytest.raises(InvalidTag):
                cipher.decrypt(nonce, sealed, associated)


def test_published_hkdf_vectors_all_agree() -> None:
    cases = _cases("hkdf_sha256_test")
    assert len(cases) > 80
    for _, case in cases:
        secret, salt = bytes.fromhex(case["ikm"]), bytes.fromhex(case["salt"])
        info, length = bytes.fromhex(case["info"]), int(case["size"])
        if case["result"] == "valid":
            assert derive(secret, salt=salt, info=info, length=length).hex() == case["okm"]
        else:
            with pytest.raises(ValueError, match="larger than 8160"):
                derive(secret, salt=salt, info=info, length=length)


def test_key_and_commitment_are_parts_of_one_derivation() -> None:
    key, commitment = derive_committed(KEY, salt=SALT, info=b"info")
    assert key + commitment == derive(KEY, salt=SALT, info=b"info", length=64)
    assert key != commitment

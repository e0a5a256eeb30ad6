"""The one-file verifier: against published vectors, against `cryptography`, and as a stranger runs it."""

from __future__ import annotations

import ast
import subprocess
import sys
from base64 import b64encode
from importlib.resources import files
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.notes import Signer
from kedang.ledger.outside import kedang_verify
from kedang.ledger.short_codes import short_code
from kedang.ledger.storage import root_at
from tests.ledger.proofs_of import exported, growth_file, receipt_file, signed_at, written_to
from tests.ledger.test_proof_files import certificate
from tests.ledger.worlds import (
    CONFORMANCE,
    ORIGIN,
    SIGNER,
    ledger_of,
    read_vector,
    storage_of,
    unbase64,
    vectors,
)

PROGRAM = files("kedang.ledger.outside").joinpath("kedang_verify.py")
MERKLE = CONFORMANCE / "rfc6962-merkle" / "testdata"
ED25519 = CONFORMANCE / "wycheproof" / "testvectors_v1" / "ed25519_test.json"
LEAVES = [leaf.data for leaf in ledger_of(300).leaves]
PROVEN, WRONG, UNREADABLE, LOOSE = 0, 1, 2, 3
MOST_LINES = 400


def checked(*arguments: str) -> tuple[int, str]:
    """How the program ends as a stranger runs it: no site packages, no environment."""
    command = [sys.executable, "-I", "-S", str(PROGRAM), *arguments]
    ran = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.returncode, ran.stdout


def test_it_is_one_short_file_that_imports_the_standard_library_only() -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    assert text.count("\n") < MOST_LINES
    tree = ast.parse(text, feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_published_signatures_are_judged_as_they_should() -> None:
    judged = 0
    for group in read_vector(ED25519)["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            assert kedang_verify.ed25519(key, message, signature) == (case["result"] == "valid"), case["tcId"]
            judged += 1
    assert judged > 100


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=99), st.integers(0, 511), st.booleans())
@settings(max_examples=60, deadline=None)
def test_signatures_are_judged_as_the_library_does(seed: bytes, message: bytes, bit: int, good: bool) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(message)
    if not good:
        signature = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        expected = True
    except InvalidSignature:
        expected = False
    assert kedang_verify.ed25519(key, message, signature) == expected == good


@pytest.mark.parametrize("path", vectors("rfc6962-merkle/testdata/inclusion"), ids=lambda path: path.stem)
def test_published_inclusion_vectors(path: Path) -> None:
    case = read_vector(path)
    leaf, root = unbase64(case["leafHash"]), unbase64(case["root"])
    proof = [unbase64(part) for part in case["proof"] or []]
    found = kedang_verify.included(leaf, case["leafIdx"], case["treeSize"], proof, root)
    assert found != case["wantErr"]


@pytest.mark.parametrize("path", vectors("rfc6962-merkle/testdata/consistency"), ids=lambda path: path.stem)
def test_published_consistency_vectors(path: Path) -> None:
    case = read_vector(path)
    old, new = (kedang_verify.Head.__new__(kedang_verify.Head) for _ in range(2))
    old.size, old.root = case["size1"], unbase64(case["root1"])
    new.size, new.root = case["size2"], unbase64(case["root2"])
    proof = [unbase64(part) for part in case["proof"] or []]
    if case["size1"] == 0:
        return  # nothing is proven of the empty ledger, which the suite leaves to each implementation
    assert kedang_verify.continues(old, new, proof) != case["wantErr"]


@given(st.integers(0, 300))
@settings(max_examples=30)
def test_codes_and_roots_are_those_of_the_ledger(size: int) -> None:
    tree = kedang_verify.Tree()
    for data in LEAVES[:size]:
        tree.append(data)
    assert tree.root() == root_at(storage_of(LEAVES), size)
    head = Checkpoint(ORIGIN, size, tree.root())
    assert kedang_verify.short_code(head.text, size) == str(short_code(head)).replace("-", "")


def test_everything_that_fits_together_is_proven(tmp_path: Path) -> None:
    paths = [
        written_to(tmp_path, "receipt", receipt_file(LEAVES, 7, 100)),
        written_to(tmp_path, "growth", growth_file(LEAVES, 100, 300)),
        written_to(tmp_path, "head", signed_at(LEAVES, 64)),
        written_to(tmp_path, "ledger", exported(LEAVES, [1, 255, 256, 257, 300])),
    ]
    code = str(short_code(Checkpoint(ORIGIN, 256, root_at(storage_of(LEAVES), 256))))
    status, said = checked(*paths, "--key", str(SIGNER.verification_key), "--code", code.lower())
    assert status == PROVEN, said
    assert "台账完整：300 条，与 7 个台账头相符" in said


def test_a_certificate_is_proven_with_its_data(tmp_path: Path) -> None:
    assert checked(written_to(tmp_path, "good", certificate()))[0] == PROVEN
    assert checked(written_to(tmp_path, "salted", certificate(salt=bytes(range(32)))))[0] == PROVEN
    assert checked(written_to(tmp_path, "bad", certificate(text="{}")))[0] == WRONG


def test_receipts_of_different_times_are_connected_by_a_proof_of_growth(tmp_path: Path) -> None:
    one = written_to(tmp_path, "one", receipt_file(LEAVES, 7, 100))
    two = written_to(tmp_path, "two", receipt_file(LEAVES, 7, 300))
    status, said = checked(one, two)
    assert status == LOOSE
    assert "kedang ledger prove --since 100" in said
    assert checked(one, two, written_to(tmp_path, "growth", growth_file(LEAVES, 100, 300)))[0] == PROVEN


def test_entries_after_the_last_head_are_told(tmp_path: Path) -> None:
    status, said = checked(written_to(tmp_path, "ledger", exported(LEAVES, [290])))
    assert status == LOOSE
    assert "最后 10 条尚无签名台账头" in said


def test_a_head_of_another_ledger_or_key_is_wrong(tmp_path: Path) -> None:
    other = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    good = written_to(tmp_path, "good", receipt_file(LEAVES, 7, 100))
    forged = written_to(tmp_path, "forged", receipt_file(LEAVES, 7, 100, other))
    assert checked(good, forged)[0] == WRONG
    assert checked(forged, "--key", str(SIGNER.verification_key))[0] == WRONG


def test_a_code_of_another_ledger_is_wrong(tmp_path: Path) -> None:
    good = written_to(tmp_path, "good", receipt_file(LEAVES, 7, 100))
    code = str(short_code(Checkpoint(ORIGIN, 100, bytes(32))))
    assert checked(good, "--code", code)[0] == WRONG
    assert checked(good, "--code", str(short_code(Checkpoint(ORIGIN, 101, bytes(32)))))[0] == LOOSE


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format":"kedang-ledger/1"}\n', "a\nb\nc\n", '{"receipts":[' * 9999]
)
def test_what_is_no_file_of_ours_is_wrong_and_never_a_traceback(text: str, tmp_path: Path) -> None:
    assert checked(written_to(tmp_path, "file", text))[0] == WRONG


def test_bytes_that_are_no_text_and_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(bytes(range(256)))
    assert checked(str(tmp_path / "bytes"))[0] == WRONG
    assert checked(str(tmp_path / "absent"))[0] == UNREADABLE
    assert checked()[0] == UNREADABLE


def test_nothing_in_a_file_moves_the_terminal(tmp_path: Path) -> None:
    signer = Signer("kedang/\u202eevil/0", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    text = exported(LEAVES[:3], [3]).replace(str(SIGNER.verification_key), str(signer.verification_key))
    _, said = checked(written_to(tmp_path, "evil", text))
    assert "\u202e" not in said
    assert b64encode(b"\x1b").decode() not in said
    assert "\x1b" not in said

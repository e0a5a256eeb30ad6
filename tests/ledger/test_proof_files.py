from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.ledger.commitments import commit
from kedang.ledger.errors import (
    BindingNotProven,
    ConsistencyNotProven,
    InclusionNotProven,
    ProofFileMalformed,
    SignerMissing,
)
from kedang.ledger.leaves import Event, said_time, written
from kedang.ledger.proof_files import (
    Bound,
    ProofFile,
    Stamped,
    read_proof_file,
    verify_proof_file,
    write_proof_file,
)
from tests.ledger.proofs_of import growth_file, receipt_file, signed_at
from tests.ledger.worlds import LIN, NOON, SIGNER, ledger_of

LEAVES = [leaf.data for leaf in ledger_of(40).leaves]
KEY = SIGNER.verification_key
DATA = '{"certificate":"销毁证明"}'
SALT = bytes(range(32))


def certificate(*, salt: bytes | None = None, text: str = DATA) -> ProofFile:
    """A file whose data a leaf speaks of."""
    said = commit(DATA.encode(), salt=SALT) if salt else sha256(DATA.encode()).hexdigest()
    fact = "output" if salt else "token"
    if salt:
        event = Event(LIN, "exported", (), {"what": "report", "output": said})
    else:
        facts: dict[str, str | int] = {
            "size": 3,
            "kind": "rfc3161",
            "token": said,
            "stamped": said_time(NOON),
        }
        event = Event(LIN, "witnessed", (), facts)
    leaves = [*LEAVES[:8], written(event, n=8, time=said_time(NOON.replace(hour=20)))]
    return replace(receipt_file(leaves, 8, 9), kind="certificate", data=Bound(text, 0, fact, salt))


@given(st.integers(1, 40), st.data())
@settings(max_examples=30)
def test_receipts_are_read_back_and_hold(size: int, data: st.DataObject) -> None:
    file = receipt_file(LEAVES, data.draw(st.integers(0, size - 1)), size)
    read = read_proof_file(write_proof_file(file))
    assert read == file
    assert [head.size for head in verify_proof_file(read, key=KEY)] == [size]


@given(st.integers(1, 40), st.data())
@settings(max_examples=30)
def test_growth_from_any_size_to_any_later_one_holds(new: int, data: st.DataObject) -> None:
    file = growth_file(LEAVES, data.draw(st.integers(1, new)), new)
    assert read_proof_file(write_proof_file(file)) == file
    assert verify_proof_file(file, key=KEY)[-1].size == new


@pytest.mark.parametrize("salt", [None, SALT])
def test_the_data_of_a_certificate_are_bound_to_its_leaf(salt: bytes | None) -> None:
    read = read_proof_file(write_proof_file(certificate(salt=salt)))
    verify_proof_file(read, key=KEY)
    with pytest.raises(BindingNotProven, match="KD-L307"):
        verify_proof_file(certificate(salt=salt, text=DATA + " "), key=KEY)


def test_data_bound_to_nothing_are_refused() -> None:
    file = certificate()
    for bound in (Bound(DATA, 1, "token"), Bound(DATA, 0, "missing"), Bound(DATA, 0, "size")):
        with pytest.raises(BindingNotProven):
            verify_proof_file(replace(file, data=bound), key=KEY)


def test_another_leaf_is_not_proven() -> None:
    file = receipt_file(LEAVES, 3, 9)
    with pytest.raises(InclusionNotProven):
        verify_proof_file(replace(file, leaves=(replace(file.leaves[0], data=LEAVES[4]),)), key=KEY)


def test_growth_of_another_ledger_is_not_proven() -> None:
    file = growth_file(LEAVES, 5, 9)
    assert file.growth is not None
    other = signed_at([b"{}", *LEAVES[1:]], 9)
    with pytest.raises(ConsistencyNotProven):
        verify_proof_file(replace(file, growth=replace(file.growth, new=other)), key=KEY)


def test_the_head_of_a_time_stamp_must_be_signed_too() -> None:
    file = replace(receipt_file(LEAVES, 3, 9), stamps=(Stamped(signed_at(LEAVES, 9), b"reply"),))
    assert read_proof_file(write_proof_file(file)) == file
    forged = Stamped(signed_at(LEAVES, 9).rpartition("\n\n")[0] + "\n\n\u2014 other AAAAAAAA\n", b"reply")
    with pytest.raises(SignerMissing):
        verify_proof_file(replace(file, stamps=(forged,)), key=KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "kedang-proof/2"},
        {"receipts": None},
        {"receipts": [{"leaf": 3, "proof": "x"}]},
        {"witnesses": [{"checkpoint": "x", "token": "?"}]},
        {"data": "x"},
        {"growth": {}},
    ],
)
def test_what_is_no_proof_file_is_refused(change: dict[str, object]) -> None:
    said = json.loads(write_proof_file(receipt_file(LEAVES, 3, 9))) | change
    with pytest.raises(ProofFileMalformed, match="KD-L305"):
        read_proof_file(json.dumps(said))


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", "[" * 100_000])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ProofFileMalformed):
        read_proof_file(text)

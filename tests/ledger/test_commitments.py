from __future__ import annotations

import pytest

from kedang.ledger.commitments import commit, opens

SALT = bytes(range(32))


def test_a_commitment_opens_with_its_value_and_salt_only() -> None:
    commitment = commit("王小明 申请撤回".encode(), salt=SALT)
    assert opens(commitment, "王小明 申请撤回".encode(), salt=SALT)
    assert not opens(commitment, "王小明 申请撤销".encode(), salt=SALT)
    assert not opens(commitment, "王小明 申请撤回".encode(), salt=bytes(32))


def test_a_commitment_is_64_hexadecimal_digits_that_differ_by_salt() -> None:
    first, second = commit(b"", salt=SALT), commit(b"", salt=bytes(32))
    assert len(first) == len(second) == 64
    assert first != second


@pytest.mark.parametrize("salt", [b"", b"short", bytes(33)])
def test_a_salt_of_another_length_is_refused(salt: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commit(b"value", salt=salt)

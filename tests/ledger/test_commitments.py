from __future__ import annotations

from hashlib import sha256

import pytest

from kedang.ledger.commitments import commit, content_commitment, opens, salt_bound_to

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


def test_the_commitment_to_a_content_is_as_written_in_the_formats() -> None:
    digest = sha256("合同".encode()).digest()
    assert content_commitment(digest, salt=SALT) == sha256(SALT + digest).digest()


def test_a_bound_salt_is_as_written_in_the_formats_and_another_for_another_digest_or_seed() -> None:
    digest = bytes(range(32, 64))
    salt = salt_bound_to(digest, seed=SALT)
    assert salt == sha256(b"kedang content salt 1" + SALT + digest).digest()
    assert len({salt, salt_bound_to(digest, seed=digest), salt_bound_to(SALT, seed=SALT)}) == 3

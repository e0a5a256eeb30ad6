from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.vault.column import ColumnBinding, open_column, seal_column
from kedang.vault.errors import BlobDamaged, KeyMismatch, NotSealed
from kedang.vault.suites import Suite

from .seeded import CASE, KEY, OTHER_CASE, OTHER_KEY, OTHER_RECORD, RECORD, SALT, seeded_bytes

CELL = ColumnBinding(CASE, RECORD, "occurrence.path")


@given(value=st.binary(max_size=300), suite=st.sampled_from(Suite))
@settings(max_examples=100, deadline=None)
def test_sealing_and_opening_are_inverse(value: bytes, suite: Suite) -> None:
    sealed = seal_column(KEY, value, binding=CELL, salt=SALT, suite=suite)
    assert open_column(KEY, sealed, binding=CELL) == value


@pytest.mark.parametrize("value", [b"", b"\x00", b"\x80", b"\x80\x00", bytes(31), b"\x80" * 31])
def test_values_that_look_like_padding_come_back(value: bytes) -> None:
    assert open_column(KEY, seal_column(KEY, value, binding=CELL, salt=SALT), binding=CELL) == value


def test_names_and_phones_of_all_lengths_look_alike() -> None:
    lengths = {len(seal_column(KEY, bytes(size), binding=CELL, salt=SALT)) for size in range(32)}
    assert lengths == {114}


@pytest.mark.parametrize(
    "cell",
    [
        replace(CELL, case=OTHER_CASE),
        replace(CELL, row=OTHER_RECORD),
        replace(CELL, column="record.title"),
        ColumnBinding(CASE, RECORD + "o", "ccurrence.path"),
    ],
)
def test_a_value_opens_in_its_own_cell_only(cell: ColumnBinding) -> None:
    sealed = seal_column(KEY, b"value", binding=CELL, salt=SALT)
    with pytest.raises(BlobDamaged):
        open_column(KEY, sealed, binding=cell)


def test_another_key_fails_at_the_commitment() -> None:
    sealed = seal_column(KEY, b"value", binding=CELL, salt=SALT)
    with pytest.raises(KeyMismatch):
        open_column(OTHER_KEY, sealed, binding=CELL)


def test_every_changed_bit_and_every_cut_is_found() -> None:
    sealed = seal_column(KEY, b"value", binding=CELL, salt=SALT)
    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises((NotSealed, KeyMismatch, BlobDamaged)):
                open_column(KEY, bytes(changed), binding=CELL)
        with pytest.raises((NotSealed, BlobDamaged)):
            open_column(KEY, sealed[:place], binding=CELL)
    with pytest.raises(BlobDamaged):
        open_column(KEY, sealed + b"\x00", binding=CELL)


def test_each_write_looks_new() -> None:
    random_bytes = seeded_bytes("writes")
    writes = {seal_column(KEY, b"same", binding=CELL, salt=random_bytes(32)) for _ in range(20)}
    assert len(writes) == 20


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="salt"):
        seal_column(KEY, b"", binding=CELL, salt=b"")

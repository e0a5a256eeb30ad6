from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.vault.blob import CHUNK_BYTES, TRAILER_BYTES
from kedang.vault.padding import SMALLEST_PADDED_BYTES, padded_size, padme


@given(st.integers(2, 2**50))
def test_padme_is_the_published_algorithm(size: int) -> None:
    exponent = size.bit_length() - 1
    significant = math.floor(math.log2(exponent)) + 1
    step = 2 ** (exponent - significant) if exponent > significant else 1
    assert padme(size) == -(-size // step) * step


@given(st.integers(0, 2**50))
def test_padding_adds_at_most_twelve_percent_and_is_stable(size: int) -> None:
    padded = padme(size)
    assert size <= padded <= size * 1.12 + 1
    assert padme(padded) == padded


@pytest.mark.parametrize("size", range(SMALLEST_PADDED_BYTES + 1))
def test_all_small_sizes_look_alike(size: int) -> None:
    assert padded_size(size) == SMALLEST_PADDED_BYTES


@given(st.integers(0, 2**50))
def test_the_length_field_never_straddles_two_chunks(size: int) -> None:
    rest = padded_size(size) % CHUNK_BYTES
    assert rest == 0 or rest >= TRAILER_BYTES


def test_few_sizes_are_seen_among_many_files() -> None:
    seen = {padded_size(size) for size in range(1, 1_000_000, 7)}
    assert len(seen) < 300

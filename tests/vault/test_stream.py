from __future__ import annotations

import io
import os
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.vault.blob import (
    CHUNK_BYTES,
    HEADER_BYTES,
    SEALED_CHUNK_BYTES,
    Binding,
    Role,
    seal_bytes,
    sealed_size,
)
from kedang.vault.errors import BlobDamaged, KeyMismatch, NotSealed
from kedang.vault.stream import RangedBytes, open_stream, open_through, seal_stream
from kedang.vault.suites import Suite

from .seeded import CASE, KEY, OTHER_KEY, RECORD, SALT, seeded_bytes

CONTENT = Binding(CASE, RECORD, Role.CONTENT)
GROUP = 8 * CHUNK_BYTES
SIZES = [0, 1, 118, 119, 5000]
SIZES += [CHUNK_BYTES + off for off in (-11, -10, -9, -3, -2, -1, 0, 1)]
SIZES += [GROUP + off for off in (-11, -10, -3, -2, -1, 0, 1)]
SIZES += [2 * GROUP - 2, 3 * GROUP + 12345, 7_000_001]
LONG = seeded_bytes("long")(GROUP + 300_000)


class Dribble(io.RawIOBase):
    """A source that gives a few bytes at a time, as pipes do."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._rest = io.BytesIO(content)
        self._turn = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._turn += 1
        piece = self._rest.read(min(len(buffer), 1 + self._turn * 7919 % 50_000))
        buffer[: len(piece)] = piece
        return len(piece)


def _sealed(content: bytes, suite: Suite = Suite.AES_256_GCM) -> bytes:
    sealed = bytearray()
    size = seal_stream(KEY, io.BytesIO(content), sealed.extend, binding=CONTENT, salt=SALT, suite=suite)
    assert (size.content_bytes, size.sealed_bytes) == (len(content), len(sealed))
    return bytes(sealed)


@pytest.mark.parametrize("size", SIZES)
def test_a_stream_is_sealed_as_the_same_bytes_whole(size: int) -> None:
    content = seeded_bytes("content")(size)
    sealed = _sealed(content)
    assert sealed == seal_bytes(KEY, content, binding=CONTENT, salt=SALT)
    with open_stream(KEY, RangedBytes(sealed), binding=CONTENT) as opened:
        assert opened.read() == content
        assert opened.seek(0, os.SEEK_END) == size


def test_sm4_streams_come_back() -> None:
    content = LONG[: CHUNK_BYTES * 2]
    with open_stream(KEY, RangedBytes(_sealed(content, Suite.SM4_GCM)), binding=CONTENT) as opened:
        assert opened.read() == content


def test_a_source_that_dribbles_gives_the_same_blob() -> None:
    sealed = bytearray()
    seal_stream(KEY, Dribble(LONG), sealed.extend, binding=CONTENT, salt=SALT)  # type: ignore[arg-type]
    assert sealed == _sealed(LONG)


SEALED_LONG = _sealed(LONG)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("compress", [False, True])
def test_a_blob_opened_through_gives_its_content(size: int, compress: bool) -> None:
    content = seeded_bytes("content")(size // 2) + bytes(size - size // 2)
    sealed, pieces = seal_bytes(KEY, content, binding=CONTENT, salt=SALT, compress=compress), bytearray()
    open_through(KEY, memoryview(sealed), pieces.extend, binding=CONTENT)
    assert pieces == content


@given(at=st.integers(0, len(SEALED_LONG) - 1), bit=st.integers(0, 7))
@settings(max_examples=60)
def test_every_flipped_bit_is_found_on_the_way_through(at: int, bit: int) -> None:
    altered = bytearray(SEALED_LONG)
    altered[at] ^= 1 << bit
    with pytest.raises((BlobDamaged, KeyMismatch, NotSealed)):
        open_through(KEY, memoryview(altered), lambda _: None, binding=CONTENT)


def test_a_flipped_bit_in_chunks_that_hold_only_zeros_is_found() -> None:
    sealed = bytearray(_sealed(bytes(8_400_000)))  # padded by more than one chunk
    assert sealed_size(8_400_000).padded_bytes - 8_400_000 > 2 * CHUNK_BYTES
    sealed[-SEALED_CHUNK_BYTES - 100] ^= 1
    with pytest.raises(BlobDamaged):
        open_through(KEY, memoryview(sealed), lambda _: None, binding=CONTENT)


@pytest.mark.parametrize(
    "cut", [1, 17, SEALED_CHUNK_BYTES, len(SEALED_LONG) - HEADER_BYTES, len(SEALED_LONG)]
)
def test_a_cut_blob_is_not_opened_through(cut: int) -> None:
    with pytest.raises((BlobDamaged, NotSealed)):
        open_through(KEY, memoryview(SEALED_LONG)[:-cut], lambda _: None, binding=CONTENT)


@given(st.lists(st.tuples(st.integers(0, len(LONG) + 10), st.integers(0, GROUP + 10)), max_size=6))
@settings(max_examples=60, deadline=None)
def test_every_range_can_be_read_alone(ranges: list[tuple[int, int]]) -> None:
    with open_stream(KEY, RangedBytes(SEALED_LONG), binding=CONTENT) as opened:
        for start, count in ranges:
            opened.seek(start)
            assert opened.read(count) == LONG[start : start + count]


def test_reading_one_range_touches_only_its_chunks() -> None:
    class Counted(RangedBytes):
        read = 0

        def read_at(self, offset: int, count: int) -> bytes:
            self.read += count
            return super().read_at(offset, count)

    source = Counted(SEALED_LONG)
    with open_stream(KEY, source, binding=CONTENT) as opened:
        before = source.read
        opened.seek(400_000)
        opened.read(1000)
    assert source.read - before <= 2 * SEALED_CHUNK_BYTES


def test_a_damaged_chunk_stops_the_read_there_and_nowhere_else() -> None:
    altered = bytearray(SEALED_LONG)
    altered[HEADER_BYTES + 3 * SEALED_CHUNK_BYTES + 77] ^= 1
    with open_stream(KEY, RangedBytes(bytes(altered)), binding=CONTENT) as opened:
        assert opened.read(CHUNK_BYTES) == LONG[:CHUNK_BYTES]
        opened.seek(3 * CHUNK_BYTES)
        with pytest.raises(BlobDamaged) as caught:
            opened.read(10)
        assert caught.value.facts["chunk"] == 3
        opened.seek(5 * CHUNK_BYTES)
        assert opened.read(100) == LONG[5 * CHUNK_BYTES : 5 * CHUNK_BYTES + 100]


def test_nothing_of_an_unchecked_chunk_reaches_the_buffer() -> None:
    altered = bytearray(SEALED_LONG)
    altered[HEADER_BYTES + SEALED_CHUNK_BYTES + 5] ^= 1
    with open_stream(KEY, RangedBytes(bytes(altered)), binding=CONTENT) as opened:
        opened.seek(CHUNK_BYTES - 2)
        buffer = bytearray(CHUNK_BYTES)
        with pytest.raises(BlobDamaged):
            opened.readinto(buffer)  # type: ignore[attr-defined]
        assert not any(buffer)


@pytest.mark.parametrize("cut", [1, 16, 17, 5000, SEALED_CHUNK_BYTES, len(SEALED_LONG) - HEADER_BYTES])
def test_a_cut_stream_does_not_open(cut: int) -> None:
    with pytest.raises((BlobDamaged, NotSealed)):
        open_stream(KEY, RangedBytes(SEALED_LONG[:-cut]), binding=CONTENT)


def test_an_extended_stream_does_not_open() -> None:
    with pytest.raises(BlobDamaged):
        open_stream(KEY, RangedBytes(SEALED_LONG + SEALED_LONG[-SEALED_CHUNK_BYTES:]), binding=CONTENT)


def test_another_key_does_not_open_a_stream() -> None:
    with pytest.raises(KeyMismatch):
        open_stream(OTHER_KEY, RangedBytes(SEALED_LONG), binding=CONTENT)


def test_a_compressed_blob_opens_as_a_stream_too() -> None:
    text = ("合同编号 HT-2024-001,服务期三年。\n" * 9000).encode()
    blob = seal_bytes(KEY, text, binding=CONTENT, salt=SALT, compress=True)
    closed: list[bool] = []
    with open_stream(KEY, RangedBytes(blob), binding=CONTENT, closing=lambda: closed.append(True)) as opened:
        opened.seek(1000)
        assert opened.read(50) == text[1000:1050]
    assert closed == [True]


def test_closing_a_stream_lets_go_of_its_source_once() -> None:
    closed: list[bool] = []
    opened = open_stream(KEY, RangedBytes(SEALED_LONG), binding=CONTENT, closing=lambda: closed.append(True))
    opened.close()
    opened.close()
    assert closed == [True]


def test_a_stream_that_does_not_open_leaves_its_source_to_the_caller() -> None:
    closed: list[bool] = []
    with pytest.raises(BlobDamaged):
        open_stream(KEY, RangedBytes(SEALED_LONG[:-1]), binding=CONTENT, closing=lambda: closed.append(True))
    assert closed == []


class Borrowing(io.RawIOBase):
    """A source that still looks at what it gave last while it gives the next piece, as a digest beside it does."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._rest = io.BytesIO(content)
        self._given: tuple[memoryview, bytes] = (memoryview(b""), b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._rest.readinto(buffer)
        memory, given = self._given
        assert memory == given, "it was used again too early"
        self._given = memoryview(buffer)[:count], bytes(buffer[:count])
        return count


@pytest.mark.parametrize("size", [GROUP - 2, 2 * GROUP - 2, 5 * GROUP + 12345])
def test_what_a_source_gave_is_untouched_until_the_next_piece(size: int) -> None:
    content, sealed = seeded_bytes("borrowed")(size), bytearray()
    seal_stream(KEY, cast(BinaryIO, Borrowing(content)), sealed.extend, binding=CONTENT, salt=SALT)
    with open_stream(KEY, RangedBytes(bytes(sealed)), binding=CONTENT) as opened:
        assert opened.read() == content

"""Sealed blobs of any length: sealed as they are read, opened at any place. Memory stays under 3 MiB."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol

from kedang.vault.blob import (
    CHUNK_BYTES,
    HEADER_BYTES,
    PREFIX_BYTES,
    SEALED_CHUNK_BYTES,
    TRAILER_BYTES,
    Binding,
    Cipherment,
    PayloadKind,
    SealedSize,
    begin_opening,
    begin_sealing,
    chunk_count,
    content_length,
    damaged,
    inflated,
    open_bytes,
    open_chunk,
    open_chunks,
    payload_kind,
    payload_prefix,
    seal_chunks,
    sealed_size,
)
from kedang.vault.suites import TAG_BYTES, Suite

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_GROUP_CHUNKS = 8  # sealed or read at once; 512 KiB stays in the processor's cache
_GROUP_BYTES = _GROUP_CHUNKS * CHUNK_BYTES
_THROUGH_CHUNKS = 32  # opened at once on the way through all: what is digested wants long pieces


class Ranged(Protocol):
    """Stored bytes that are read by range: part of a pack, a file, or memory.

    `read_at` gives exactly `count` bytes or raises; it may be called from several threads.
    """

    @property
    def size_bytes(self) -> int: ...

    def read_at(self, offset: int, count: int) -> bytes: ...


class RangedBytes:
    """Bytes in memory, read by range."""

    __slots__ = ("_stored",)

    def __init__(self, stored: bytes) -> None:
        self._stored = stored

    @property
    def size_bytes(self) -> int:
        """How many bytes there are."""
        return len(self._stored)

    def read_at(self, offset: int, count: int) -> bytes:
        """The bytes from `offset` on, fewer at the end."""
        return self._stored[offset : offset + count]


def seal_stream(
    key: bytes,
    source: BinaryIO,
    sink: Callable[[memoryview], object],
    *,
    binding: Binding,
    salt: bytes,
    suite: Suite = Suite.AES_256_GCM,
) -> SealedSize:
    """Seal what `source` still holds; the sealed bytes go to `sink` piece by piece.

    `sink` must be done with the piece when it returns: the memory is used again. The length need not be
    known beforehand. A source that is read into (`io.RawIOBase`) finds what it gave untouched until it has
    given the next piece, and may still be digesting it.
    """
    begun = begin_sealing(key, binding=binding, salt=salt, suite=suite)
    sink(memoryview(begun.header))
    payload, other = memoryview(bytearray(_GROUP_BYTES)), memoryview(bytearray(_GROUP_BYTES))
    sealed = memoryview(bytearray(_GROUP_CHUNKS * SEALED_CHUNK_BYTES))
    payload[:PREFIX_BYTES] = payload_prefix(PayloadKind.PLAIN)
    filled, done = _fill(source, payload, PREFIX_BYTES), 0
    while filled == _GROUP_BYTES:
        # Never the last chunk, even at the end of the source: zeros and length always follow.
        sink(sealed[: seal_chunks(begun, payload, sealed, first=done // CHUNK_BYTES, ends=False)])
        done += filled
        payload, other = other, payload
        filled = _fill(source, payload, 0)
    size = sealed_size(done + filled - PREFIX_BYTES)
    payload[filled:] = bytes(_GROUP_BYTES - filled)
    while done < size.padded_bytes:
        piece = payload[: min(_GROUP_BYTES, size.padded_bytes - done)]
        ends = done + len(piece) == size.padded_bytes
        if ends:
            piece[-TRAILER_BYTES:] = size.content_bytes.to_bytes(TRAILER_BYTES)
        first = done // CHUNK_BYTES
        sink(sealed[: seal_chunks(begun, piece, sealed, first=first, ends=ends)])
        done += len(piece)
        payload[:filled] = bytes(filled)
        filled = 0
    return size


def open_stream(
    key: bytes,
    source: Ranged,
    *,
    binding: Binding,
    closing: Callable[[], object] | None = None,
) -> BinaryIO:
    """The content of a sealed blob as a seekable stream; each chunk is checked before it is released.

    `closing` is called when the stream is closed, to let go of `source`. Raises what `open_bytes` raises:
    at once for a wrong key, a cut or an extended blob, while reading for an altered chunk.
    """
    header = source.read_at(0, min(HEADER_BYTES, source.size_bytes))
    begun = begin_opening(key, header, binding=binding)
    opened = OpenedBlob(begun, source, binding)
    how = payload_kind(opened.chunk(0))
    if how is PayloadKind.PLAIN:
        opened.closing = closing  # not before: when this raises, the source is still the caller's
        return io.BufferedReader(opened, CHUNK_BYTES)
    content = inflated(how, opened.readall() or b"", binding)
    if closing is not None:
        closing()
    return io.BytesIO(content)


def open_through(
    key: bytes, sealed: memoryview, sink: Callable[[memoryview], object], *, binding: Binding
) -> None:
    """Open every byte of a sealed blob, the zeros behind its content too; the content goes to `sink`.

    `sink` must be done with a piece when it returns. Nothing has been altered when this returns; what
    `sink` got before this raises must not be used. Raises what `open_bytes` raises.
    """
    begun = begin_opening(key, sealed[:HEADER_BYTES], binding=binding)
    body, count = sealed[HEADER_BYTES:], chunk_count(len(sealed), binding)
    last = open_chunk(
        begun, body[(count - 1) * SEALED_CHUNK_BYTES :], counter=count - 1, last=True, binding=binding
    )
    end = PREFIX_BYTES + content_length(last, len(body) - count * TAG_BYTES, binding)
    opened, at = memoryview(bytearray(_THROUGH_CHUNKS * CHUNK_BYTES)), 0
    for first in range(0, count, _THROUGH_CHUNKS):
        group = body[first * SEALED_CHUNK_BYTES : (first + _THROUGH_CHUNKS) * SEALED_CHUNK_BYTES]
        filled = open_chunks(begun, group, opened, first=first, count=count, binding=binding)
        if not first and payload_kind(opened) is not PayloadKind.PLAIN:
            sink(memoryview(open_bytes(key, sealed, binding=binding)))
            return
        if at < end:
            sink(opened[0 if first else PREFIX_BYTES : min(filled, end - at)])
        at += filled


class OpenedBlob(io.RawIOBase):
    """Checked content of a sealed blob, unbuffered: a read ends at the end of a group of chunks."""

    closing: Callable[[], object] | None = None

    def __init__(self, begun: Cipherment, source: Ranged, binding: Binding) -> None:
        super().__init__()
        self._begun, self._source, self._binding = begun, source, binding
        self._sealed_bytes = source.size_bytes
        self._kept: tuple[int, bytes] | None = None  # the chunk that was asked for last
        self._chunks = chunk_count(self._sealed_bytes, binding)
        payload_bytes = self._sealed_bytes - HEADER_BYTES - self._chunks * TAG_BYTES
        last = self.chunk(self._chunks - 1)
        self._size = content_length(last, payload_bytes, binding)
        self._at = 0

    @property
    def size_bytes(self) -> int:
        """Length of the content as it stands in the payload."""
        return self._size

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place; beyond the end is allowed and reads nothing there."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a stream has no place before its first byte")
        self._at = base + offset
        return self._at

    def close(self) -> None:
        """Let go of the source."""
        closing, self.closing = self.closing, None
        super().close()
        if closing is not None:
            closing()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` with checked bytes, up to the end of the last chunk that fits in whole."""
        into = memoryview(buffer).cast("B")
        room = min(len(into), self._size - self._at)
        if room <= 0:
            return 0
        first, skip = divmod(self._at + PREFIX_BYTES, CHUNK_BYTES)
        end = (self._at + room - 1 + PREFIX_BYTES) // CHUNK_BYTES + 1
        fits = (len(into) + skip) // CHUNK_BYTES  # the first may be begun in its middle
        count = min(end - first, max(fits, 1), _GROUP_CHUNKS)
        written = 0
        chunks = self._chunks_from(first, count) if count > 1 else (self.chunk(first),)
        for chunk in chunks:
            piece = memoryview(chunk)[skip : skip + room - written]
            into[written : written + len(piece)] = piece
            written, skip = written + len(piece), 0
        self._at += written
        return written

    def chunk(self, number: int) -> bytes:
        """One chunk of the payload, checked."""
        if self._kept is None or self._kept[0] != number:
            self._kept = number, next(self._chunks_from(number, 1))
        return self._kept[1]

    def _chunks_from(self, first: int, count: int) -> Iterator[bytes]:
        start = HEADER_BYTES + first * SEALED_CHUNK_BYTES
        wanted = min(count * SEALED_CHUNK_BYTES, self._sealed_bytes - start)
        sealed = memoryview(self._source.read_at(start, wanted))
        if len(sealed) != wanted:
            raise damaged(self._binding, chunk=first)
        for ordinal in range(count):
            number = first + ordinal
            yield open_chunk(
                self._begun,
                sealed[ordinal * SEALED_CHUNK_BYTES : (ordinal + 1) * SEALED_CHUNK_BYTES],
                counter=number,
                last=number == self._chunks - 1,
                binding=self._binding,
            )


def _fill(source: BinaryIO, into: memoryview, filled: int) -> int:
    """How far `into` is filled after reading all it can hold; less than its length at the end only."""
    while filled < len(into):
        if isinstance(source, io.RawIOBase):  # no copy of what is read
            count = source.readinto(into[filled:]) or 0
        else:
            piece = source.read(len(into) - filled)
            count = len(piece)
            into[filled : filled + count] = piece
        if not count:
            break
        filled += count
    return filled

"""Decompressors that stream: packed pieces in, unpacked pieces of bounded size out."""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from kedang.accession.errors import MemberDamaged, MemoryNeeded

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_FEED_BYTES = 32 * 1024
PIECE_BYTES = 256 * 1024  # most that one step unpacks; keeps bombs from ever being in memory


class Decompressor(Protocol):
    """What bz2, lzma and zstd of the standard library have alike."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class Inflater:
    """zlib's decompressor in the shape of the others. `wbits`: -15 raw deflate, 31 gzip."""

    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)
        self._full = False

    @property
    def eof(self) -> bool:
        """Whether the end mark was reached."""
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        """Whether more packed bytes are wanted before anything more comes out."""
        return not self._zlib.unconsumed_tail and not self._full

    @property
    def unused_data(self) -> bytes:
        """What followed the end mark."""
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int = PIECE_BYTES) -> bytes:
        """The next unpacked bytes."""
        out = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self._full = len(out) == max_length  # zlib may hold more although it took all input
        return out


def unpacked(packed: Iterator[bytes], start: Callable[[], Decompressor], *, many: bool) -> Iterator[bytes]:
    """The unpacked bytes; with `many`, of all streams that follow one another (gzip, bzip2, xz).

    Zero bytes behind a stream are padding. Anything else there must be another stream.

    Raises:
        EOFError: the packed bytes end before the end mark; the decoder's errors on broken bytes.
    """
    decoder: Decompressor | None = None
    finished = False
    for rest in _small(packed):
        while rest:
            if decoder is None:
                rest = rest.lstrip(b"\0") if finished else rest
                if not rest:
                    break
                decoder = start()
            yield from _out_of(decoder, rest)
            rest = b""
            if decoder.eof:
                finished, rest, decoder = True, decoder.unused_data, None
                if not many:
                    return
    if decoder is not None or not finished:
        raise EOFError


def _small(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of at most 32 KiB: what follows a stream is copied, and streams may be very short."""
    for piece in pieces:
        for at in range(0, len(piece), _FEED_BYTES):
            yield piece[at : at + _FEED_BYTES]


def _out_of(decoder: Decompressor, packed: bytes) -> Iterator[bytes]:
    out = decoder.decompress(packed, PIECE_BYTES)
    if out:
        yield out
    while not decoder.eof and not decoder.needs_input:
        out = decoder.decompress(b"", PIECE_BYTES)
        if out:
            yield out


def checked(chunks: Iterator[bytes], *, size: int | None, crc: int | None) -> Iterator[bytes]:
    """`chunks`, and at their end an error when size or CRC-32 differ from what was promised.

    Raises:
        MemberDamaged: after the last chunk.
    """
    given, sum_now = 0, 0
    for chunk in chunks:
        given += len(chunk)
        sum_now = zlib.crc32(chunk, sum_now)
        yield chunk
    if size is not None and given != size:
        raise MemberDamaged(promised_bytes=size, given_bytes=given)
    if crc is not None and sum_now != crc:
        raise MemberDamaged(check="crc32")


def bzip2() -> Decompressor:
    """A decompressor for one bzip2 stream."""
    return bz2.BZ2Decompressor()


def lzma_or_xz(memory_bytes: int) -> Callable[[], Decompressor]:
    """Makes decompressors for xz or lzma streams that take at most `memory_bytes`."""
    return lambda: LimitedLzma(lzma.FORMAT_AUTO, memory_bytes)


class LimitedLzma:
    """liblzma's decompressor, which says what is wrong when it wants too much memory."""

    def __init__(self, form: int, memory_bytes: int) -> None:
        self._memory_bytes = memory_bytes
        self._lzma = lzma.LZMADecompressor(form, memlimit=memory_bytes)

    @property
    def eof(self) -> bool:
        """Whether the end mark was reached."""
        return self._lzma.eof

    @property
    def needs_input(self) -> bool:
        """Whether more packed bytes are wanted."""
        return self._lzma.needs_input

    @property
    def unused_data(self) -> bytes:
        """What followed the end mark."""
        return self._lzma.unused_data

    def decompress(self, data: bytes, max_length: int = PIECE_BYTES) -> bytes:
        """The next unpacked bytes.

        Raises:
            MemoryNeeded: the stream's dictionary is larger than allowed.
        """
        try:
            return self._lzma.decompress(data, max_length)
        except lzma.LZMAError as error:
            if "limit" in str(error):  # "Memory usage limit exceeded"; there is no number to ask for
                raise MemoryNeeded(allowed_bytes=self._memory_bytes) from error
            raise


def zstandard() -> Decompressor:
    """A decompressor for one zstd frame; its window is bounded at 128 MiB by the library."""
    return zstd.ZstdDecompressor()


def gzip() -> Decompressor:
    """A decompressor for one gzip member."""
    return Inflater(31)


def deflate() -> Decompressor:
    """A decompressor for raw deflate, as zip holds it."""
    return Inflater(-15)

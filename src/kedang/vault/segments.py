"""Content in segments: a container whose ranges are sealed apart, read as one file.

A container whose members are contiguous ranges (zip, tar, mbox, eml, csv) is a list of segments, each sealed
under the key of the record it belongs to. When a member's key is destroyed its segment is a hole.
"""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

from kedang.vault.errors import SegmentDestroyed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Segment:
    """One range of a container, in the container's order."""

    size_bytes: int
    open: Callable[[], BinaryIO] | None
    """A new stream of exactly the segment's bytes; None when its key was destroyed."""


def open_segments(segments: Sequence[Segment], *, zeros_for_destroyed: bool = False) -> BinaryIO:
    """The container as one seekable stream, one segment open at a time.

    A read that touches a destroyed segment raises SegmentDestroyed, or gives zeros when asked to, so
    that every other byte can be had where it was.
    """
    joined = _JoinedSegments(segments, zeros_for_destroyed=zeros_for_destroyed)
    return io.BufferedReader(joined, _BUFFER_BYTES)


def open_range(source: BinaryIO, start: int, size_bytes: int) -> BinaryIO:
    """A range of a seekable stream, as a stream: what is sealed as one segment.

    While it is read nothing else may move `source`, which stays open.
    """
    source.seek(start)
    return io.BufferedReader(_Range(source, size_bytes), _BUFFER_BYTES)


class _Range(io.RawIOBase):
    def __init__(self, source: BinaryIO, size_bytes: int) -> None:
        super().__init__()
        self._source, self._left = source, size_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        into = memoryview(buffer).cast("B")
        piece = self._source.read(min(len(into), self._left))
        into[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)


class _JoinedSegments(io.RawIOBase):
    def __init__(self, segments: Sequence[Segment], *, zeros_for_destroyed: bool) -> None:
        super().__init__()
        self._segments = [segment for segment in segments if segment.size_bytes]
        ends = list(accumulate(segment.size_bytes for segment in self._segments))
        self._starts = [0, *ends[:-1]]
        self._size = ends[-1] if ends else 0
        self._zeros = zeros_for_destroyed
        self._at = 0
        self._current: tuple[int, BinaryIO] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a stream has no place before its first byte")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        into = memoryview(buffer).cast("B")
        if self._at >= self._size or not into:
            return 0
        ordinal = bisect_right(self._starts, self._at) - 1
        segment, start = self._segments[ordinal], self._starts[ordinal]
        wanted = min(len(into), start + segment.size_bytes - self._at)
        into[:wanted] = self._read(ordinal, segment, self._at - start, wanted)
        self._at += wanted
        return wanted

    def close(self) -> None:
        self._let_go()
        super().close()

    def _read(self, ordinal: int, segment: Segment, offset: int, wanted: int) -> bytes:
        if segment.open is None:
            if self._zeros:
                return bytes(wanted)
            raise SegmentDestroyed(offset=self._starts[ordinal], size_bytes=segment.size_bytes)
        if self._current is None or self._current[0] != ordinal:
            self._let_go()
            self._current = ordinal, segment.open()
        stream = self._current[1]
        stream.seek(offset)
        piece = stream.read(wanted)
        if len(piece) != wanted:
            raise ValueError("a segment is shorter than its container says")
        return piece

    def _let_go(self) -> None:
        current, self._current = getattr(self, "_current", None), None
        if current is not None:
            current[1].close()

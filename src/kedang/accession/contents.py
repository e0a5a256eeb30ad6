"""Contents that are no file of their own: bytes in memory, a stretch of another content, several as one."""

from __future__ import annotations

import io
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

from kedang.records.content import Content

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class BytesContent:
    """Bytes in memory. For small things: members of mails, headers, tests."""

    octets: bytes = field(repr=False)

    @property
    def size_bytes(self) -> int:
        """How many bytes there are."""
        return len(self.octets)

    def open(self) -> BinaryIO:
        """A new stream from the first byte."""
        return io.BytesIO(self.octets)

    def head(self, count: int) -> bytes:
        """The first `count` bytes."""
        return self.octets[:count]


@dataclass(frozen=True, slots=True)
class RangeContent:
    """A stretch of another content, read in place: a stored member, a message of a mailbox."""

    whole: Content = field(repr=False)
    offset: int
    size_bytes: int

    def open(self) -> BinaryIO:
        """A new stream from the first byte of the stretch; it ends where the stretch ends."""
        return io.BufferedReader(_Stretch(self.whole.open(), self.offset, self.size_bytes))

    def head(self, count: int) -> bytes:
        """The first `count` bytes of the stretch."""
        with self.open() as stream:
            return stream.read(count)


@dataclass(frozen=True, slots=True)
class JoinedContent:
    """Several contents one after another, read as one: a file that was cut into pieces."""

    parts: tuple[Content, ...] = field(repr=False)

    @property
    def size_bytes(self) -> int:
        """Bytes of all parts together."""
        return sum(part.size_bytes for part in self.parts)

    def open(self) -> BinaryIO:
        """A new stream from the first byte of the first part."""
        return io.BufferedReader(_Joined(self.parts))

    def head(self, count: int) -> bytes:
        """The first `count` bytes."""
        with self.open() as stream:
            return stream.read(count)


class _Joined(io.RawIOBase):
    def __init__(self, parts: tuple[Content, ...]) -> None:
        super().__init__()
        self._parts = parts
        self._ends = tuple(accumulate(part.size_bytes for part in parts))
        self._position = 0
        self._open: tuple[int, BinaryIO] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        end = self._ends[-1] if self._ends else 0
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: end}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        index = bisect_right(self._ends, self._position)
        if index == len(self._ends):
            return 0
        start = self._ends[index - 1] if index else 0
        stream = self._part(index)
        stream.seek(self._position - start)
        view = memoryview(buffer)
        octets = stream.read(min(len(view), self._ends[index] - self._position))
        view[: len(octets)] = octets
        self._position += len(octets)
        return len(octets)

    def _part(self, index: int) -> BinaryIO:
        """The part's stream; one part is open at a time."""
        if self._open is None or self._open[0] != index:
            if self._open is not None:
                self._open[1].close()
            self._open = (index, self._parts[index].open())
        return self._open[1]

    def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None
        super().close()


class _Stretch(io.RawIOBase):
    def __init__(self, whole: BinaryIO, offset: int, size_bytes: int) -> None:
        super().__init__()
        self._whole = whole
        self._offset = offset
        self._size = size_bytes
        self._position = 0
        whole.seek(offset)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        self._whole.seek(self._offset + min(self._position, self._size))
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        wanted = min(len(view), self._size - self._position)
        octets = self._whole.read(wanted) if wanted > 0 else b""
        view[: len(octets)] = octets
        self._position += len(octets)
        return len(octets)

    def close(self) -> None:
        if not self.closed:
            self._whole.close()
        super().close()

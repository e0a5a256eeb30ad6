"""Contents that are not a file of their own: bytes in memory, and a stretch of another content."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
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

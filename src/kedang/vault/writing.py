"""Writing to files: the operating system's faults as the store's own, large objects past the system's cache.

A large object is not read again soon. Written through the cache it costs the processor more than sealing it, and
it drives out what others read. So, for a `DirectWriter`:

1. Bytes are gathered in an aligned buffer; a full one is written by a thread while the other one is filled.
2. What does not fill one buffer, and the end of everything else, is written in the ordinary way.
3. Where the file system knows no direct writing, all is written in the ordinary way.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap

from kedang.vault.errors import ObjectMissing, StorageFull, StoreUnavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DIRECT: int = getattr(os, "O_DIRECT", 0)  # of Linux and FreeBSD
_BUFFER_BYTES = 2 * 1024 * 1024  # aligned to any sector; larger ones are no faster
_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="write")
_SPARE: list[memoryview] = []
"""Buffers that nobody fills: memory costs more to come by than to fill. They hold what is sealed."""
_MOST_SPARE = 8


class DescriptorWriter:
    """Writes to an open file; the operating system's faults are the store's."""

    __slots__ = ("_descriptor", "_name", "written")

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._name = name
        self.written = 0

    def write(self, piece: bytes | bytearray | memoryview, /) -> None:
        """Append to the object; all of the piece or an error."""
        rest = memoryview(piece).cast("B")
        self.written += len(rest)
        with named_faults(self._name):
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]


class DirectWriter:
    """Writes an empty file from its beginning. Call `finish` to have all of it there, `leave` in any case.

    A fault may be told by a later call than the one whose piece met it.
    """

    __slots__ = ("_ahead", "_buffers", "_descriptor", "_filled", "_name", "written")

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._name = name
        self._buffers = [_buffer()]
        self._filled = 0
        self._ahead: Future[None] | None = None
        self.written = 0
        """Bytes taken so far, in the file or on their way."""

    def write(self, piece: bytes | bytearray | memoryview, /) -> None:
        """Append to the object; the piece may be changed afterwards."""
        rest = memoryview(piece).cast("B")
        while rest:
            count = min(len(rest), _BUFFER_BYTES - self._filled)
            self._buffers[0][self._filled : self._filled + count] = rest[:count]
            self._filled += count
            self.written += count
            rest = rest[count:]
            if self._filled == _BUFFER_BYTES:
                self._hand_over()

    def finish(self) -> None:
        """Everything is in the file when this returns; not yet on the disk."""
        self._settle()
        with named_faults(self._name):
            _set_direct(self._descriptor, on=False)
            rest = self._buffers[0][: self._filled]
            _write_at(self._descriptor, rest, self.written - self._filled)
        self._filled = 0

    def leave(self) -> None:
        """Nothing is written to the file any more when this returns: the descriptor may be closed."""
        if self._ahead is not None:
            wait((self._ahead,))
        if len(_SPARE) < _MOST_SPARE:
            _SPARE.extend(self._buffers)
        self._buffers = []

    def _hand_over(self) -> None:
        """Let the full buffer be written, and go on with the other."""
        start = self.written - _BUFFER_BYTES
        self._settle()
        if not start:
            self._buffers.append(_buffer())
            _set_direct(self._descriptor, on=True)
        self._ahead = _THREAD.submit(_write_at, self._descriptor, self._buffers[0], start)
        self._buffers.reverse()
        self._filled = 0

    def _settle(self) -> None:
        """The buffer that was handed over is in the file."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            with named_faults(self._name):
                ahead.result()


def _buffer() -> memoryview:
    """A full buffer's room, of this process alone."""
    try:
        return _SPARE.pop()
    except IndexError:
        return memoryview(mmap(-1, _BUFFER_BYTES, flags=MAP_PRIVATE | MAP_ANONYMOUS))


def _set_direct(descriptor: int, *, on: bool) -> None:
    """Write past the cache, or not; without effect where the file system cannot."""
    held = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    wanted = held | _DIRECT if on else held & ~_DIRECT
    try:
        if wanted != held:
            fcntl.fcntl(descriptor, fcntl.F_SETFL, wanted)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def _write_at(descriptor: int, piece: memoryview, offset: int) -> None:
    """Write all of the piece; in the ordinary way when it cannot be written directly."""
    while piece:
        try:
            count = os.pwrite(descriptor, piece, offset)
        except OSError as error:
            if error.errno != errno.EINVAL or not fcntl.fcntl(descriptor, fcntl.F_GETFL) & _DIRECT:
                raise
            _set_direct(descriptor, on=False)
            continue
        piece, offset = piece[count:], offset + count


@contextmanager
def named_faults(name: str) -> Iterator[None]:
    """The operating system's faults as the store's own."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(name=name) from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(name=name) from error
        raise StoreUnavailable(name=name, errno=error.errno) from error

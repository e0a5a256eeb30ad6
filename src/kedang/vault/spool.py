"""Sealed temporary files, so that a large extracted member never lies on a disk in clear.

A spool file is a sealed blob of kind 2 under a random key that lives in memory of the run; when the run
is gone, so is the content. The format is docs/formats/spool.md.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from kedang.records.ids import CaseId
from kedang.vault.blob import Binding, Role
from kedang.vault.errors import ObjectExists, StoreUnavailable
from kedang.vault.stream import open_stream, seal_stream
from kedang.vault.suites import SALT_BYTES
from kedang.vault.writing import DescriptorWriter, named_faults

# A spool file belongs to no record yet; its key and salt are its own, so nothing can be swapped for it.
_BINDING = Binding(case=CaseId(""), record="", role=Role.SPOOL)
_PRIVATE_FILE = 0o600


class SpoolContent:
    """Content in a sealed temporary file; every byte is checked before it is released.

    May be sent to another process, with its key, over a pipe; not for storing.
    """

    __slots__ = ("_key", "_size_bytes", "path")

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key = key
        self._size_bytes: int | None = None

    @property
    def size_bytes(self) -> int:
        """Length of the content."""
        if self._size_bytes is None:
            with self.open() as stream:
                self._size_bytes = stream.seek(0, os.SEEK_END)
        return self._size_bytes

    def open(self) -> BinaryIO:
        """A new readable, seekable stream from the first byte; the caller closes it."""
        source = FileRange(self.path)
        try:
            return open_stream(self._key, source, binding=_BINDING, closing=source.close)
        except BaseException:
            source.close()
            raise

    def head(self, count: int) -> bytes:
        """The first `count` bytes, fewer when there are not so many."""
        with self.open() as stream:
            return stream.read(count)


class FileRange:
    """A file, open and read by range until it is closed."""

    __slots__ = ("_descriptor", "_size_bytes")

    def __init__(self, path: Path) -> None:
        with named_faults(path.name):
            # Not to wait for a pipe, nor to follow a link, that somebody has put in its place.
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(self._descriptor)
            raise StoreUnavailable(name=path.name)
        self._size_bytes = status.st_size

    @property
    def size_bytes(self) -> int:
        """Length when it was opened."""
        return self._size_bytes

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset` on; fewer only at the end."""
        with named_faults("spool"):
            return os.pread(self._descriptor, count, offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def write_spool(
    path: Path, key: bytes, source: BinaryIO, *, random_bytes: Callable[[int], bytes]
) -> SpoolContent:
    """What `source` still holds, left at `path` sealed; the file is removed when this raises.

    Raises:
        ObjectExists: there is a file at `path`.
        StorageFull, StoreUnavailable: it could not be written.
    """
    with named_faults(path.name):
        descriptor = _create(path)
    try:
        writer = DescriptorWriter(descriptor, path.name)
        salt = random_bytes(SALT_BYTES)
        seal_stream(key, source, writer.write, binding=_BINDING, salt=salt)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    return SpoolContent(path, key)


def _create(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
    except FileExistsError as error:
        raise ObjectExists(name=path.name) from error

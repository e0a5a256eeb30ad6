"""Reading a file of a source so that what is kept is one moment's bytes, never a mixture.

No link is followed on the way from the source's root to the file, no device or pipe is opened, and
the file's signature is compared before and after every reading.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from kedang.accession.errors import (
    FileChanging,
    FileForbidden,
    FileHalfWritten,
    FileReplaced,
    FileUnreadable,
    FileVanished,
    NotAFile,
)
from kedang.accession.fixity import CHUNK_BYTES, Fixity, copy_with_fixity
from kedang.records.errors import KedangError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

TRIES = 3  # readings of a file that changes, before it is given up
_STEP_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe that nobody writes must not wait for ever.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Signature:
    """What changes when a file's bytes change. Equal signatures mean: not written in between."""

    size_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int
    device: int

    @classmethod
    def of(cls, status: os.stat_result) -> Signature:
        """The signature in an `os.stat` result."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)


@dataclass(frozen=True, slots=True)
class FileContent:
    """The bytes of one file of a source, as they were when `signature` was taken."""

    root: bytes
    raw_path: bytes
    """Below `root`, with "/" between the parts; empty when the source is a single file."""
    signature: Signature
    fixity: Fixity | None = None

    @property
    def size_bytes(self) -> int:
        """Size when the signature was taken."""
        return self.signature.size_bytes

    def open(self) -> BinaryIO:
        """A new stream from the first byte, after the signature was found unchanged.

        Raises:
            FileReplaced: it was written or replaced since; also FileVanished, FileForbidden,
            NotAFile, FileUnreadable.
        """
        descriptor = open_below(self.root, self.raw_path)
        if Signature.of(os.fstat(descriptor)) != self.signature:
            os.close(descriptor)
            raise FileReplaced()
        return io.BufferedReader(_FaultingFile(descriptor))

    def head(self, count: int) -> bytes:
        """The first `count` bytes."""
        with self.open() as stream:
            return stream.read(count)


class _FaultingFile(io.FileIO):
    """A file whose faults carry a code of this room."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "rb", closefd=True)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            raise fault_of(error) from error

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError as error:
            raise fault_of(error) from error


def open_below(root: bytes, raw_path: bytes) -> int:
    """A descriptor of the file at `raw_path` below `root`; no step on the way may be a link.

    Raises:
        FileVanished, FileForbidden, NotAFile, FileUnreadable.
    """
    if not raw_path:
        return _opened_file(root, None)[0]
    above, _, name = raw_path.rpartition(b"/")
    folder = open_folder_below(root, above)
    try:
        return _opened_file(name, folder)[0]
    finally:
        os.close(folder)


class Neighbours:
    """Opens files as `open_below` does. The folder of the last one stays open: most files lie beside the one before."""

    def __init__(self) -> None:
        self._place: tuple[bytes, bytes] | None = None
        self._folder = -1

    def read(self, root: bytes, raw_path: bytes, most: int) -> bytes:
        """The first `most` bytes of the file at `raw_path` below `root`, fewer when it has fewer.

        Raises:
            FileVanished, FileForbidden, NotAFile, FileUnreadable.
        """
        descriptor = self._opened(root, raw_path)
        try:
            octets = os.read(descriptor, most)
            while len(octets) < most and (more := os.read(descriptor, most - len(octets))):
                octets += more
        except OSError as error:
            raise fault_of(error) from error
        finally:
            os.close(descriptor)
        return octets

    def _opened(self, root: bytes, raw_path: bytes) -> int:
        above, _, name = raw_path.rpartition(b"/")
        if not name:
            return _opened_file(root, None)[0]
        if self._place != (root, above):
            if self._place is not None:
                self._place = None
                os.close(self._folder)
            self._folder = open_folder_below(root, above)
            self._place = root, above
        return _opened_file(name, self._folder)[0]


def open_folder_below(root: bytes, raw_path: bytes) -> int:
    """A descriptor of the folder at `raw_path` below `root`; no step on the way may be a link.

    Raises:
        FileVanished, FileForbidden, NotAFile, FileUnreadable.
    """
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for step in raw_path.split(b"/") if raw_path else ():
            try:
                inner = os.open(step, _STEP_FLAGS, dir_fd=folder)
            finally:
                os.close(folder)
            folder = inner
    except OSError as error:
        raise fault_of(error) from error
    return folder


def _opened_file(name: bytes, folder: int | None) -> tuple[int, os.stat_result]:
    """A descriptor of the file in the folder, and its status; of the source itself when there is no folder."""
    flags = _FILE_FLAGS if folder is not None else _FILE_FLAGS & ~os.O_NOFOLLOW
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        raise fault_of(error) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotAFile()
    return descriptor, status


_FAULTS: dict[int | None, type[KedangError]] = {
    errno.ENOENT: FileVanished,
    errno.ESTALE: FileVanished,
    errno.EACCES: FileForbidden,
    errno.EPERM: FileForbidden,
    errno.ELOOP: NotAFile,
    errno.ENOTDIR: NotAFile,
    errno.EISDIR: NotAFile,
    errno.ENXIO: NotAFile,
    errno.ENODEV: NotAFile,
}


def fault_of(error: OSError) -> KedangError:
    """The error of this room for an operating system's error; its text names no path."""
    return _FAULTS.get(error.errno, FileUnreadable)(errno=error.errno or 0)


def read_stable(
    root: bytes,
    raw_path: bytes,
    *,
    wait: Callable[[int], None],
    settled_before_ns: int | None = None,
    write: Callable[[bytes], object] | None = None,
    restart: Callable[[], None] | None = None,
) -> FileContent:
    """The file's content with its digest, read whole while nobody wrote to it.

    `wait(attempt)` is called between tries (attempt 1, 2). A file modified after
    `settled_before_ns` gets one wait before it is first read, because a copy may be going on.
    `write` is given the bytes as they are read; `restart` says that they begin again.

    Raises:
        FileHalfWritten: the size changed in all three tries; FileChanging: something else did.
        FileVanished, FileForbidden, NotAFile, FileUnreadable.
    """
    opened = _Opened.at(root, raw_path)
    if settled_before_ns is not None and opened.before.modified_ns > settled_before_ns:
        opened.close()
        wait(0)
        opened = _Opened.at(root, raw_path)
    resized = False
    for attempt in range(1, TRIES + 1):
        before = opened.before
        fixity, after = opened.read_once(write)
        if before == after and fixity.size_bytes == after.size_bytes:
            return FileContent(root, raw_path, after, fixity)
        resized = before.size_bytes != after.size_bytes or fixity.size_bytes != after.size_bytes
        if attempt < TRIES:
            wait(attempt)
            if restart is not None:
                restart()
            opened = _Opened.at(root, raw_path)
    raise FileHalfWritten(tries=TRIES) if resized else FileChanging(tries=TRIES)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file open for one reading, and the folder it lies in: its path is walked once."""

    folder: int | None
    """None when the source is a single file."""
    name: bytes
    file: int
    before: Signature

    @classmethod
    def at(cls, root: bytes, raw_path: bytes) -> _Opened:
        """The file, opened as `open_below` does."""
        if not raw_path:
            file, status = _opened_file(root, None)
            return cls(None, root, file, Signature.of(status))
        above, _, name = raw_path.rpartition(b"/")
        folder = open_folder_below(root, above)
        try:
            file, status = _opened_file(name, folder)
        except KedangError:
            os.close(folder)
            raise
        return cls(folder, name, file, Signature.of(status))

    def close(self) -> None:
        """Let go of both."""
        os.close(self.file)
        if self.folder is not None:
            os.close(self.folder)

    def read_once(self, write: Callable[[bytes], object] | None) -> tuple[Fixity, Signature]:
        """Digest, and signature of what goes by the file's name afterwards; closes the file."""
        try:
            fixity = self._digested(write)
            # By name, not by descriptor: a program that saves by renaming leaves the descriptor unchanged.
            linked = self.folder is None
            after = os.stat(self.name, dir_fd=self.folder, follow_symlinks=linked)
        except OSError as error:
            raise fault_of(error) from error
        finally:
            self.close()
        return fixity, Signature.of(after)

    def _digested(self, write: Callable[[bytes], object] | None) -> Fixity:
        if self.before.size_bytes < CHUNK_BYTES:  # most are: one reading, one more byte shows that it grew
            octets = os.read(self.file, self.before.size_bytes + 1)
            if write is not None:
                write(octets)
            return Fixity(len(octets), sha256(octets).digest())
        with io.BufferedReader(_FaultingFile(os.dup(self.file))) as stream:
            # Not to the end: a file may grow as fast as it is read.
            return copy_with_fixity(stream, write, most=self.before.size_bytes)

"""A rar archive opened by the unrar library, which is never given a path to write to.

The library wants a path to read: it gets `/dev/fd/N` of a file that is open already, or of memory for
contents that are no file. It pushes unpacked bytes; a thread of its own turns that into pieces that are
drawn, never more than a few ahead.

Licence: the library's source is unRAR by Alexander Roshal (free to use in any software that handles RAR
archives, not to recreate the RAR compression algorithm); its wrapper is Apache-2.0.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from unrar.cffi import unrarlib
from unrar.cffi.rarfile import dostime_to_timetuple

from kedang.accession.errors import (
    ContainerTruncated,
    MemberDamaged,
    MemberEncrypted,
    MemberPassed,
    MemoryNeeded,
    MethodUnsupported,
    VolumesMissing,
)
from kedang.accession.fixity import CHUNK_BYTES
from kedang.records.content import Content
from kedang.records.errors import KedangError

# Numbers of unrar's dll.hpp that its wrapper does not name.
_END_OF_ARCHIVE, _NO_MEMORY, _BAD_DATA, _UNKNOWN_FORMAT, _NO_VOLUME = 10, 11, 12, 14, 15
_MISSING_PASSWORD, _BAD_PASSWORD, _LARGE_DICTIONARY = 22, 24, 25
_CHANGE_VOLUME_WIDE, _PROCESS_DATA, _NEED_PASSWORDS, _LARGE_DICTIONARY_ASKED = 3, 1, (2, 4), 5
_ASK_VOLUME = 0
_SPLIT_BEFORE, _SPLIT_AFTER, _ENCRYPTED, _SOLID, _FOLDER = 0x01, 0x02, 0x04, 0x10, 0x20
_PIECES_AHEAD = 4
_RAR5 = 50
_WINDOWS_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

_FAULTS: dict[int, type[KedangError]] = {
    _NO_VOLUME: VolumesMissing,
    _MISSING_PASSWORD: MemberEncrypted,
    _BAD_PASSWORD: MemberEncrypted,
    _UNKNOWN_FORMAT: MethodUnsupported,
    _LARGE_DICTIONARY: MemoryNeeded,
    _NO_MEMORY: MemoryNeeded,
    _BAD_DATA: MemberDamaged,
}
_HEADER_FAULTS: dict[int, type[KedangError]] = {
    _NO_VOLUME: VolumesMissing,
    _MISSING_PASSWORD: MemberEncrypted,
    _BAD_PASSWORD: MemberEncrypted,
}


@dataclass(frozen=True, slots=True)
class RarEntry:
    """One header of the archive."""

    ordinal: int
    name: str
    packed_bytes: int
    size_bytes: int
    dictionary_bytes: int
    modified: datetime | None
    is_folder: bool
    encrypted: bool
    solid: bool
    continued: bool
    """It began in an earlier volume."""
    is_link: bool


def fault_of(result: int) -> KedangError:
    """The error for a result of the library."""
    return _FAULTS.get(result, MemberDamaged)(unrar=result)


class UnrarSession:
    """The archive from first header to last; each entry is unpacked or skipped in its turn."""

    def __init__(self, content: Content, volumes: tuple[Content, ...], memory_bytes: int) -> None:
        """Raises the error of the library's result, MemberEncrypted when the headers are encrypted."""
        self._files = ExitStack()
        try:
            path = self._path_of(content, memory_bytes)
            self._further = [self._path_of(volume, memory_bytes) for volume in volumes]
            asked = unrarlib.RAROpenArchiveDataEx(path, unrarlib.C_RAR_OM_EXTRACT)
            self._handle = unrarlib.RAROpenArchiveEx(asked.value)
            if asked.value.OpenResult != unrarlib.C_ERAR_SUCCESS:
                raise fault_of(asked.value.OpenResult)
        except KedangError:
            self._files.close()
            raise
        self._pump: _Pump | None = None
        self.current = -1
        """Ordinal of the entry whose turn it is, -1 when it was unpacked already."""
        self._callback_handle = unrarlib.ffi.new_handle(self._called)
        unrarlib.RARSetCallbackPtr(self._handle, unrarlib.PyUNRARCALLBACKStub, self._callback_handle)

    def close(self) -> None:
        """Give back the archive and all open files."""
        self.finish()
        unrarlib.RARCloseArchive(self._handle)
        self._files.close()

    def _path_of(self, content: Content, memory_bytes: int) -> str:
        stream = self._files.enter_context(content.open())
        try:
            return f"/dev/fd/{stream.fileno()}"
        except OSError:
            return f"/dev/fd/{self._in_memory(stream, content.size_bytes, memory_bytes)}"

    def _in_memory(self, stream: BinaryIO, size_bytes: int, memory_bytes: int) -> int:
        if size_bytes > memory_bytes:
            raise MemoryNeeded(needed_bytes=size_bytes)
        descriptor = os.memfd_create("kedang", os.MFD_CLOEXEC)
        self._files.callback(os.close, descriptor)
        while piece := stream.read(CHUNK_BYTES):
            view = memoryview(piece)
            while view:
                view = view[os.write(descriptor, view) :]
        return descriptor

    def _called(self, message: int, first: int, second: int) -> int:
        """What the library asks or tells; -1 stops it."""
        if message == _PROCESS_DATA:
            octets = bytes(unrarlib.ffi.buffer(unrarlib.ffi.cast("char *", first), second))
            return 1 if self._pump is not None and self._pump.push(octets) else -1
        if message == _CHANGE_VOLUME_WIDE:
            return self._next_volume(first) if second == _ASK_VOLUME else 1
        return -1 if message in (*_NEED_PASSWORDS, _LARGE_DICTIONARY_ASKED) or second == _ASK_VOLUME else 1

    def _next_volume(self, buffer: int) -> int:
        if not self._further:
            return -1
        path = self._further.pop(0)
        place = unrarlib.ffi.cast("wchar_t *", buffer)
        for index, character in enumerate(path + "\0"):
            place[index] = character
        return 1

    def entries(self) -> Iterator[RarEntry]:
        """The headers in order; each is skipped when the next is asked for and nobody took it.

        Raises:
            ContainerTruncated, VolumesMissing, MemberEncrypted: no further header can be read.
        """
        ordinal = 0
        while True:
            header = unrarlib.RARHeaderDataEx()
            result = unrarlib.RARReadHeaderEx(self._handle, header)
            if result == _END_OF_ARCHIVE:
                return
            if result != unrarlib.C_ERAR_SUCCESS:
                raise _HEADER_FAULTS.get(result, ContainerTruncated)(unrar=result)
            self.current = ordinal
            yield _entry(ordinal, header)
            untouched = self.current == ordinal
            self.finish()
            if untouched:
                self._skip()
            ordinal += 1

    def _skip(self) -> None:
        unrarlib.RARProcessFileW(self._handle, unrarlib.C_RAR_SKIP, unrarlib.ffi.NULL, unrarlib.ffi.NULL)

    def unpack(self) -> Iterator[bytes]:
        """The bytes of the entry whose turn it is, once.

        Raises:
            The error of the library's result, at the end when a check value differs.
        """
        self.current = -1
        pump = self._pump = _Pump(self._handle)
        pump.start()  # not before the callback can find it
        try:
            yield from pump.pieces()
        finally:
            pump.stop()

    def finish(self) -> None:
        """The entry's turn is over."""
        self.current = -1
        if self._pump is not None:
            self._pump.stop()
            self._pump = None


class _Pump:
    """Runs one unpacking in a thread and hands its pieces over."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._pieces: queue.Queue[bytes | int] = queue.Queue(_PIECES_AHEAD)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="unrar", daemon=True)

    def start(self) -> None:
        """Begin to unpack."""
        self._thread.start()

    def _run(self) -> None:
        null = unrarlib.ffi.NULL
        result = unrarlib.RARProcessFileW(self._handle, unrarlib.C_RAR_TEST, null, null)
        self.push(result)

    def push(self, piece: bytes | int) -> bool:
        """Hand over a piece or the result; False when nobody wants it any more."""
        while not self._stopped.is_set():
            try:
                self._pieces.put(piece, timeout=0.05)
            except queue.Full:
                continue
            return True
        return False

    def pieces(self) -> Iterator[bytes]:
        while True:
            if self._stopped.is_set():
                raise MemberPassed()  # the next entry was asked for in the middle
            piece = self._pieces.get()
            if isinstance(piece, int):
                if piece != unrarlib.C_ERAR_SUCCESS:
                    raise fault_of(piece)
                return
            yield piece

    def stop(self) -> None:
        """End the unpacking and wait until the library has let go."""
        self._stopped.set()
        self._thread.join()


def _entry(ordinal: int, header: Any) -> RarEntry:
    flags = header.Flags
    return RarEntry(
        ordinal=ordinal,
        name=unrarlib.ffi.string(header.FileNameW),
        packed_bytes=header.PackSize + (header.PackSizeHigh << 32),
        size_bytes=header.UnpSize + (header.UnpSizeHigh << 32),
        dictionary_bytes=header.DictSize * 1024,
        modified=_modified(header),
        is_folder=bool(flags & _FOLDER),
        encrypted=bool(flags & _ENCRYPTED),
        solid=bool(flags & _SOLID),
        continued=bool(flags & _SPLIT_BEFORE),
        is_link=header.RedirType != 0,
    )


def _modified(header: Any) -> datetime | None:
    """UTC from RAR 5; older ones wrote the clock on the wall, which stays without a time zone."""
    try:
        if header.UnpVer >= _RAR5:
            ticks = header.MtimeLow | (header.MtimeHigh << 32)  # 100 ns since 1601, as Windows counts
            return _WINDOWS_EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
        return datetime(  # noqa: DTZ001 - the archive names no zone
            *dostime_to_timetuple(header.FileTime)
        )
    except (OverflowError, ValueError):
        return None

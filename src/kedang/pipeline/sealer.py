"""The program of the sealing process: `python -m kedang.pipeline.sealer <socket>`.

It is given one key for each thing it seals and never an epoch key; it parses nothing.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn, cast

from kedang.accession.errors import FileReplaced, FileVanished
from kedang.pipeline.confinement import keep_secrets
from kedang.pipeline.contents import content_of
from kedang.pipeline.errors import NoPackOpen
from kedang.pipeline.messages import (
    BlobAt,
    ClosePack,
    Failed,
    OpenPack,
    PackClosed,
    Sealed,
    SealerSetup,
    SealRequest,
    receive,
    send,
)
from kedang.records.content import Content
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId, PackId
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.digesting import BackgroundDigest
from kedang.vault.folder_store import FolderStore
from kedang.vault.pack import PackWriter, writing_pack
from kedang.vault.stream import seal_stream
from kedang.vault.suites import SALT_BYTES, Suite

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

WHOLE_BYTES = 1024 * 1024  # sealed in one call; larger content goes through the stream


class SealingDesk:
    """Seals what it is asked to into the pack that is open."""

    def __init__(self, setup: SealerSetup) -> None:
        self._case = CaseId(setup.case_id)
        self._store = FolderStore(Path(setup.vault_folder))
        self._process_key = setup.process_key
        self._suite = Suite[setup.suite]
        self._open = ExitStack()
        self._pack: PackWriter | None = None

    def open_pack(self, pack_id: str) -> None:
        """Begin a pack."""
        self._open = ExitStack()
        self._pack = self._open.enter_context(writing_pack(self._store, PackId(pack_id), self._case))

    def close_pack(self) -> PackClosed:
        """Make the pack durable."""
        pack = self._current()
        size, count = pack.size_bytes, pack.count
        self._open.close()
        self._pack = None
        return PackClosed(pack_id=pack.pack, size_bytes=size, blobs=count)

    def serve(self, request: object) -> Sealed | PackClosed | None:
        """Do what is asked; what to answer, if anything."""
        match request:
            case SealRequest():
                return self.seal(request)
            case OpenPack():
                self.open_pack(request.pack_id)
            case ClosePack():
                return self.close_pack()
        return None

    def seal(self, request: SealRequest) -> Sealed:
        """Seal one record's parts; say so when its bytes are not those that were examined."""
        content: BlobAt | None = None
        segments: list[BlobAt] = []
        if request.content is not None:
            try:
                source = content_of(request.content, self._process_key)
                if request.segments:
                    segments, digest = self._seal_segments(request, source)
                else:
                    content, digest = self._seal_content(request, source)
            except (FileReplaced, FileVanished):
                return Sealed(ticket=request.ticket, changed=True)
            if digest != request.sha256:
                return Sealed(ticket=request.ticket, changed=True)
        derived = self._seal_octets(
            request.record_id, request.key, Role.TEXT, 0, request.derived, compress=True
        )
        return Sealed(ticket=request.ticket, content=content, derived=derived, segments=tuple(segments))

    def _seal_content(self, request: SealRequest, source: Content) -> tuple[BlobAt, bytes]:
        if source.size_bytes <= WHOLE_BYTES:
            with source.open() as stream:
                octets = stream.read()
            blob = self._seal_octets(request.record_id, request.key, Role.CONTENT, 0, octets)
            return blob, sha256(octets).digest()
        digest = BackgroundDigest()
        with source.open() as stream:
            whole = cast(BinaryIO, _Digesting(stream, digest.update))
            blob = self._seal_stream(request.record_id, request.key, Role.CONTENT, 0, whole)
        return blob, digest.digest()

    def _seal_segments(self, request: SealRequest, source: Content) -> tuple[list[BlobAt], bytes]:
        """Each range under its own key; together they are all the bytes."""
        digest = BackgroundDigest()
        sealed = []
        with source.open() as stream:
            for part, (length, holder, key) in enumerate(request.segments):
                if length <= WHOLE_BYTES:
                    octets = stream.read(length)
                    digest.update(octets)
                    sealed.append(self._seal_octets(holder, key, Role.SEGMENT, part, octets))
                    continue
                piece = cast(BinaryIO, _Digesting(stream, digest.update, limit=length))
                sealed.append(self._seal_stream(holder, key, Role.SEGMENT, part, piece))
            left_over = stream.read(1)
        # Bytes that no range covers would be lost: then it is not the content that was examined.
        return sealed, b"" if left_over else digest.digest()

    def _seal_octets(
        self,
        holder: str,
        key: bytes,
        role: Role,
        part: int,
        octets: bytes,
        *,
        compress: bool = False,
    ) -> BlobAt:
        blob = seal_bytes(
            key,
            octets,
            binding=Binding(self._case, holder, role, part),
            salt=os.urandom(SALT_BYTES),
            suite=self._suite,
            compress=compress,
        )
        pointer = self._current().append(blob, record=holder, role=role, part=part)
        return BlobAt(pointer.offset, pointer.length)

    def _seal_stream(self, holder: str, key: bytes, role: Role, part: int, source: BinaryIO) -> BlobAt:
        with self._current().appending(record=holder, role=role, part=part) as appender:
            seal_stream(
                key,
                source,
                appender.write,
                binding=Binding(self._case, holder, role, part),
                salt=os.urandom(SALT_BYTES),
                suite=self._suite,
            )
        return BlobAt(appender.pointer.offset, appender.pointer.length)

    def _current(self) -> PackWriter:
        if self._pack is None:
            raise NoPackOpen()
        return self._pack


class _Digesting(io.RawIOBase):
    """A stream that digests what is read through it, at most `limit` bytes of the inner one.

    What was read into must stay as it is until the next reading; the one that finds the end counts.
    """

    def __init__(
        self,
        inner: BinaryIO,
        update: Callable[[memoryview], object],
        *,
        limit: int | None = None,
    ) -> None:
        super().__init__()
        self._inner = inner
        self._update = update
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        into = memoryview(buffer).cast("B")
        self._update(into[:0])  # the piece before has been digested: its memory may be written to
        if self._left is not None:
            into = into[: self._left]
        count: int = self._inner.readinto(into) if into else 0  # type: ignore[attr-defined]
        if self._left is not None:
            self._left -= count
        self._update(into[:count])
        return count


def main() -> NoReturn:
    """Serve the coordinator until it hangs up."""
    keep_secrets()
    connection = Connection(int(sys.argv[1]))
    desk = SealingDesk(receive(connection))
    while True:
        try:
            request = receive(connection)
        except (EOFError, OSError):
            os._exit(0)
        try:
            answer: object = desk.serve(request)
        except KedangError as error:
            answer = Failed(code=error.code)
        if answer is not None:
            send(connection, answer)


if __name__ == "__main__":
    main()

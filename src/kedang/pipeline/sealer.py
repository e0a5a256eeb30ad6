"""The program of the sealing process: `python -m kedang.pipeline.sealer <socket>`.

It is given one key for each thing it seals and never an epoch key; it parses nothing. What it seals it has read
itself, and it is the digest of what it read that counts: a parsing process that has been taken over can neither
slip in other bytes nor have something passed over as a double.
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

from kedang.accession.contents import BytesContent
from kedang.accession.errors import (
    FileForbidden,
    FileReplaced,
    FileUnreadable,
    FileVanished,
    NotAFile,
)
from kedang.accession.reading import Neighbours
from kedang.pipeline.confinement import keep_secrets
from kedang.pipeline.contents import content_of, digest_of
from kedang.pipeline.errors import NoPackOpen
from kedang.pipeline.items import INLINE_BYTES, Item
from kedang.pipeline.messages import (
    BlobAt,
    ColumnValue,
    Failed,
    Proven,
    ProveRequest,
    SealBatch,
    Sealed,
    SealedBatch,
    SealRequest,
    receive,
    send,
)
from kedang.pipeline.sealing_messages import ClosePack, OpenPack, PackClosed, SealerSetup
from kedang.records.content import Content
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId, PackId
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.column import ColumnBinding, seal_column
from kedang.vault.digesting import BackgroundDigest
from kedang.vault.folder_store import FolderStore
from kedang.vault.pack import PackWriter, writing_pack
from kedang.vault.stream import seal_stream
from kedang.vault.suites import SALT_BYTES, Suite

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

WHOLE_BYTES = 1024 * 1024  # sealed in one call; larger content goes through the stream
LOST = (FileReplaced, FileVanished, FileForbidden, FileUnreadable, NotAFile)
"""The file could be read when it was examined and is not to be had any more."""


class SealingDesk:
    """Seals what it is asked to into the pack that is open."""

    def __init__(self, setup: SealerSetup) -> None:
        self._case = CaseId(setup.case_id)
        self._store = FolderStore(Path(setup.vault_folder))
        self._process_key = setup.process_key
        self._suite = Suite[setup.suite]
        self._neighbours = Neighbours()
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

    def serve(self, request: object) -> SealedBatch | PackClosed | Proven | None:
        """Do what is asked; what to answer, if anything."""
        match request:
            case SealBatch():
                return SealedBatch(tuple(map(self.seal, request.requests)))
            case ProveRequest():
                return self.prove(request)
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
                source = self._read_again(request.content)
                if source.size_bytes != request.content.size_bytes:
                    return Sealed(ticket=request.ticket, changed=True)
                if request.segments:
                    segments, digest = self._seal_segments(request, source)
                else:
                    content, digest = self._seal_content(request, source)
            except LOST:
                return Sealed(ticket=request.ticket, changed=True)
            if digest != request.sha256:
                return Sealed(ticket=request.ticket, changed=True)
        return Sealed(
            ticket=request.ticket,
            content=content,
            derived=self._seal_reading(request, Role.TEXT, request.derived),
            mentions=self._seal_reading(request, Role.MENTIONS, request.mentions),
            segments=tuple(segments),
            columns=tuple(self._seal_column(request.key, cell) for cell in request.columns),
        )

    def _seal_reading(self, request: SealRequest, role: Role, octets: bytes) -> BlobAt | None:
        """What was read of a record, beside its content; nothing when there is nothing."""
        if not octets:
            return None
        return self._seal_octets(request.record_id, request.key, role, 0, octets, compress=True)

    def _seal_column(self, key: bytes, cell: ColumnValue) -> bytes:
        binding = ColumnBinding(self._case, cell.row, cell.column)
        salt = os.urandom(SALT_BYTES)
        return seal_column(key, cell.value, binding=binding, salt=salt, suite=self._suite)

    def prove(self, request: ProveRequest) -> Proven:
        """Read what is said to be here already, and say whether it is so."""
        try:
            source = self._read_again(request.content)
            same = source.size_bytes == request.content.size_bytes and digest_of(source) == request.sha256
        except LOST:
            same = False
        return Proven(ticket=request.ticket, same=same)

    def _read_again(self, item: Item) -> Content:
        """The bytes as they are now. A small file may have another date than when it was surveyed."""
        if item.place is None or item.size_bytes > INLINE_BYTES:
            return content_of(item, self._process_key)
        most = item.size_bytes + 1  # one more shows that it has grown
        return BytesContent(self._neighbours.read(item.place.root, item.place.raw_path, most))

    def _seal_content(self, request: SealRequest, source: Content) -> tuple[BlobAt, bytes]:
        """Where it stands, and its SHA-256; none when the faster digest is not the one that was said."""
        if source.size_bytes <= WHOLE_BYTES:
            with source.open() as stream:
                octets = stream.read()
            blob = self._seal_octets(request.record_id, request.key, Role.CONTENT, 0, octets)
            return blob, sha256(octets).digest()
        digest = BackgroundDigest(faster=bool(request.blake3))
        with source.open() as stream:
            whole = cast(BinaryIO, _Digesting(stream, digest.update))
            blob = self._seal_stream(request.record_id, request.key, Role.CONTENT, 0, whole)
        return blob, digest.digest() if digest.faster() == request.blake3 else b""

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
            left_over = stream.read(1) or sum(part[0] for part in request.segments) != source.size_bytes
        # Bytes that no range covers would be lost, ranges beyond the end are made up.
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

    What was read into must stay as it is until the next reading has ended; the one that finds the end counts.
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

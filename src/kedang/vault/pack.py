"""Packs: many sealed blobs in one immutable object. The format is docs/formats/pack.md.

    pack   = header, blob*, entry*, footer
    header = "KDPK", version, zeros (3), pack id (16), case id as SHA-256 (32), zeros (8)
    entry  = offset, length, record id (16), role, zeros (3), part, digest of the blob
    footer = index offset, entry count, digest of header and entries, version, zeros (3), "KDPE"

Blobs and entries lie in the same order without gaps, so that every byte of a pack is covered by a digest:
BLAKE3 in version 2, which is written, SHA-256 in version 1.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from blake3 import blake3

from kedang.records.ids import CaseId, PackId
from kedang.vault.blob import Role
from kedang.vault.errors import PackDamaged, PackedBlobAltered, PackForeign
from kedang.vault.opaque_ids import id_bytes
from kedang.vault.store import BlobStore, ObjectWriter, StoredRange

KIND = "packs"
TARGET_PACK_BYTES = 32 * 1024 * 1024  # a pack that has reached it is closed; one blob may be larger

_VERSION = 2
_HEADER = struct.Struct(">4sB3x16s32s8x")
_ENTRY = struct.Struct(">QQ16sB3xQ32s")
_FOOTER = struct.Struct(">QQ32sB3x4s")
_MAGIC, _END_MAGIC = b"KDPK", b"KDPE"
_DEAD = 0  # in place of a role: bytes of a blob whose source failed while it was written
_BUFFER_BYTES = 1024 * 1024  # one write call for many small blobs
_SCAN_BYTES = 4 * 1024 * 1024  # read at once when a pack is verified


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a sealed blob lies."""

    pack: PackId
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One line of a pack's index: enough to write the row of the blob again."""

    pointer: Pointer
    record: str
    role: Role
    part: int
    digest: bytes
    """Of the sealed blob, as the pack's version makes it."""


@dataclass(frozen=True, slots=True)
class PackFault:
    """Something wrong in a pack that was verified; `entry` is None when it is the pack as a whole."""

    code: str
    pack: PackId
    entry: PackEntry | None


def pack_name(pack: PackId) -> str:
    """The name of a pack's object in its store."""
    return f"{KIND}/{pack}"


class PackWriter:
    """Appends sealed blobs to a pack that is being written; not for several threads at once."""

    def __init__(self, writer: ObjectWriter, pack: PackId, case: CaseId) -> None:
        self.pack = pack
        self._writer = writer
        self._header = _header(pack, case)
        self._buffer = bytearray(self._header)
        self._flushed = 0
        self._index = bytearray()
        self._appending = False  # one streamed blob at a time, and nothing between its pieces
        self._unsure = False  # how much is written: after a write that failed

    @property
    def size_bytes(self) -> int:
        """Bytes so far, index and footer not counted."""
        return self._flushed + len(self._buffer)

    @property
    def count(self) -> int:
        """How many blobs so far."""
        return len(self._index) // _ENTRY.size

    @property
    def is_full(self) -> bool:
        """Whether the pack has reached its size and wants closing."""
        return self.size_bytes >= TARGET_PACK_BYTES

    def append(self, blob: bytes, *, record: str, role: Role, part: int = 0) -> Pointer:
        """Where the sealed blob will lie; it lies there when the pack is closed."""
        self._require_sure()
        pointer = Pointer(self.pack, self._flushed + len(self._buffer), len(blob))
        self._enter(pointer, record, role, part, blake3(blob).digest())
        self._buffer += blob
        if len(self._buffer) >= _BUFFER_BYTES:
            self._flush()
        return pointer

    @contextmanager
    def appending(self, *, record: str, role: Role, part: int = 0) -> Iterator[BlobAppender]:
        """A sink for one blob of any length. After the block its `pointer` is set.

        When the block raises because its source failed, what it wrote stays in the pack as dead bytes
        and the pack goes on; when a write failed, the pack must be given up.
        """
        self._require_sure()
        id_bytes(record)  # refused before a byte is written
        self._flush()
        self._appending = True
        appender = BlobAppender(self._write, Pointer(self.pack, self._flushed, 0))
        entered: int = role
        try:
            yield appender
        except BaseException:
            entered = _DEAD
            raise
        finally:
            self._appending = False
            pointer = appender.pointer
            if not self._unsure and (pointer.length or entered != _DEAD):
                self._enter(pointer, record, entered, part, appender.digest())

    def finish(self) -> None:
        """Write index and footer; `writing_pack` does it."""
        self._require_sure()
        index_offset = self.size_bytes
        digest = blake3(self._header + self._index).digest()
        footer = _FOOTER.pack(index_offset, self.count, digest, _VERSION, _END_MAGIC)
        self._buffer += self._index + footer
        self._flush()

    def _enter(self, pointer: Pointer, record: str, role: int, part: int, digest: bytes) -> None:
        at, length = pointer.offset, pointer.length
        self._index += _ENTRY.pack(at, length, id_bytes(record), role, part, digest)

    def _require_sure(self) -> None:
        if self._appending:
            raise ValueError("a blob is being streamed into the pack")
        if self._unsure:
            raise ValueError("how much of the pack is written is unsure: give it up")

    def _flush(self) -> None:
        if self._buffer:
            buffer, self._buffer = self._buffer, bytearray()
            self._write(buffer)

    def _write(self, piece: bytes | bytearray | memoryview) -> None:
        self._unsure = True
        self._writer.write(piece)
        self._unsure = False
        self._flushed += len(piece)


class BlobAppender:
    """Takes one sealed blob piece by piece."""

    __slots__ = ("_digest", "_write", "pointer")

    def __init__(self, write: Callable[[bytes | bytearray | memoryview], None], begin: Pointer) -> None:
        self._write = write
        self._digest = blake3()
        self.pointer = begin

    def write(self, piece: bytes | bytearray | memoryview, /) -> None:
        """Append to the blob."""
        self._digest.update(piece)
        self._write(piece)
        at = self.pointer
        self.pointer = Pointer(at.pack, at.offset, at.length + len(piece))

    def digest(self) -> bytes:
        """BLAKE3 of what was written."""
        return self._digest.digest()


@contextmanager
def writing_pack(store: BlobStore, pack: PackId, case: CaseId) -> Iterator[PackWriter]:
    """A new pack. It is durable when the block has ended, and does not exist when the block raises."""
    with store.create(pack_name(pack)) as writer:
        packing = PackWriter(writer, pack, case)
        yield packing
        packing.finish()


def stored_bytes(size_bytes: int, blobs: int) -> int:
    """Length of a pack's object, of the bytes before its index and the number of its blobs."""
    return size_bytes + blobs * _ENTRY.size + _FOOTER.size


def blob_range(store: BlobStore, pointer: Pointer) -> StoredRange:
    """The sealed blob at a pointer, to be opened as a stream."""
    return StoredRange(store, pack_name(pointer.pack), pointer.offset, pointer.length)


def read_blob(store: BlobStore, pointer: Pointer) -> bytes:
    """The sealed blob at a pointer."""
    return store.read(pack_name(pointer.pack), pointer.offset, pointer.length)


def stored_packs(store: BlobStore) -> Iterator[PackId]:
    """The ids of all packs in a store, in order."""
    return (PackId(name.removeprefix(f"{KIND}/")) for name in store.names(KIND))


def read_index(store: BlobStore, pack: PackId, case: CaseId) -> tuple[PackEntry, ...]:
    """Every blob of a pack, in order, after header, index and footer have been checked.

    Dead bytes, of blobs whose source failed, are left out.

    Raises:
        PackForeign: the header names another pack or case.
        PackDamaged: header, index or footer is altered or cut off.
    """
    return tuple(entry for entry, dead in _read_entries(store, pack, case)[1] if not dead)


def read_places(store: BlobStore, pack: PackId, case: CaseId) -> dict[int, int]:
    """The length of every blob of a pack by its offset; raises what `read_index` raises."""
    _, index, end = _checked_index(store, pack, case)
    return {offset: length for offset, length, _, role, *_ in _lines(index, pack, end=end) if role != _DEAD}


def _read_entries(
    store: BlobStore, pack: PackId, case: CaseId
) -> tuple[Callable[[], Digest], tuple[tuple[PackEntry, bool], ...]]:
    """How the pack digests, and all its entries, each with whether its bytes are dead."""
    how, index, end = _checked_index(store, pack, case)
    return how, tuple(_entries(index, pack, end=end))


def _checked_index(store: BlobStore, pack: PackId, case: CaseId) -> tuple[Callable[[], Digest], bytes, int]:
    """How the pack digests, its index, which is as it was written, and where its blobs end."""
    name = pack_name(pack)
    size = store.size(name)
    if size < _HEADER.size + _FOOTER.size:
        raise PackDamaged(pack=pack)
    header = store.read(name, 0, _HEADER.size)
    footer = store.read(name, size - _FOOTER.size, _FOOTER.size)
    index_offset, count, digest, version, _ = _FOOTER.unpack(footer)
    index_bytes = count * _ENTRY.size
    how = _DIGESTS.get(version)
    if how is None or footer != _FOOTER.pack(index_offset, count, digest, version, _END_MAGIC):
        raise PackDamaged(pack=pack)
    if index_offset < _HEADER.size or index_offset + index_bytes + _FOOTER.size != size:
        raise PackDamaged(pack=pack)
    index = store.read(name, index_offset, index_bytes)
    made = how()
    made.update(header + index)
    if made.digest() != digest:
        raise PackDamaged(pack=pack)
    if header != _header(pack, case, version):
        raise PackForeign(pack=pack)
    return how, index, index_offset


def verify_pack(
    store: BlobStore, pack: PackId, case: CaseId, *, opened: Container[int] = ()
) -> tuple[PackFault, ...]:
    """Everything wrong in a pack, found without any key by reading each byte of it once.

    Blobs at the offsets `opened` are passed over: whoever has opened every byte of one knows that it is whole.
    """
    try:
        how, entries = _read_entries(store, pack, case)
    except (PackDamaged, PackForeign) as error:
        return (PackFault(error.code, pack, None),)
    return tuple(
        PackFault(PackedBlobAltered.code, pack, entry)
        for entry, digest in _digests(store, pack, entries, how, opened)
        if digest != entry.digest
    )


def _digests(
    store: BlobStore,
    pack: PackId,
    entries: Sequence[tuple[PackEntry, bool]],
    how: Callable[[], Digest],
    opened: Container[int],
) -> Iterator[tuple[PackEntry, bytes]]:
    """The digest of every blob that is not `opened`, made in one sweep: they lie in order without gaps."""
    name, at = pack_name(pack), _HEADER.size
    end = entries[-1][0].pointer.offset + entries[-1][0].pointer.length if entries else at
    window = memoryview(b"")
    for entry, _ in entries:
        if entry.pointer.offset in opened:
            continue
        if entry.pointer.offset != at - len(window):  # behind what was passed over
            at, window = entry.pointer.offset, memoryview(b"")
        digest, left = how(), entry.pointer.length
        while left:
            if not window:
                window = memoryview(store.read(name, at, min(_SCAN_BYTES, end - at)))
                at += len(window)
            piece, window = window[:left], window[left:]
            digest.update(piece)
            left -= len(piece)
        yield entry, digest.digest()


def _header(pack: PackId, case: CaseId, version: int = _VERSION) -> bytes:
    case_digest = sha256(case.encode()).digest()  # fixed length whatever the id
    return _HEADER.pack(_MAGIC, version, id_bytes(pack), case_digest)


def _entries(index: bytes, pack: PackId, *, end: int) -> Iterator[tuple[PackEntry, bool]]:
    for offset, length, record, role, part, digest in _lines(index, pack, end=end):
        known = _ROLES.get(role, Role.CONTENT)
        entry = PackEntry(Pointer(pack, offset, length), record.hex(), known, part, digest)
        yield entry, role == _DEAD


def _lines(index: bytes, pack: PackId, *, end: int) -> Iterator[tuple[int, int, bytes, int, int, bytes]]:
    """The fields of all entries, which lie without gaps from the header to the end of the blobs."""
    expected = _HEADER.size
    for line in _ENTRY.iter_unpack(index):
        offset, length, _, role, _, _ = line
        if offset != expected or (role not in _ROLES and role != _DEAD):
            raise PackDamaged(pack=pack)
        expected = offset + length
        yield line
    if expected != end:
        raise PackDamaged(pack=pack)


_ROLES = {int(role): role for role in Role}


class Digest(Protocol):
    """A digest that takes in piece by piece."""

    def update(self, piece: bytes | memoryview, /) -> object: ...

    def digest(self) -> bytes: ...


_DIGESTS: dict[int, Callable[[], Digest]] = {1: sha256, _VERSION: blake3}

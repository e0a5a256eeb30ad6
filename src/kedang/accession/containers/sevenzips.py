"""Members of 7z archives, unpacked as they stream by, in the order they are packed.

py7zr reads the directory and makes the decompressor of a folder (a run of members packed together);
the bytes are drawn from it here piece by piece, so that a solid archive of any size is unpacked once
and never held whole. Ordinals are places in the archive's list of files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import py7zr
from py7zr.archiveinfo import Folder
from py7zr.compressor import SupportedMethods
from py7zr.exceptions import ArchiveError, PasswordRequired, UnsupportedCompressionMethodError
from py7zr.py7zr import ArchiveFile

from kedang.accession.containers.codecs import PIECE_BYTES, checked
from kedang.accession.errors import ContainerTruncated, MemberDamaged, MemberPassed
from kedang.accession.members import (
    CONTAINER_ENCRYPTED,
    DECODER_FAULTS,
    ENCRYPTED,
    MEMORY,
    NOT_A_FILE,
    NOT_OPENED,
    UNSUPPORTED,
    Damage,
    Member,
    MemberKind,
    Opening,
    read_again,
)
from kedang.accession.names import readable_name

_LZMA, _LZMA2, _PPMD = b"\x03\x01\x01", b"\x21", b"\x03\x04\x01"
_STALLS = 3  # empty answers in a row before a decompressor counts as out of input


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The members by packed folder, those without bytes of their own last."""
    with opening.content.open() as stream:
        try:
            archive = py7zr.SevenZipFile(stream, "r")
        except PasswordRequired:
            yield Damage(0, CONTAINER_ENCRYPTED)
            return
        except (ArchiveError, AssertionError, *DECODER_FAULTS) as error:
            yield Damage(0, NOT_OPENED, facts={"fault": type(error).__name__})
            return
        yield from _in_order(opening, archive, stream)


def _in_order(opening: Opening, archive: Any, stream: Any) -> Iterator[Member | Damage]:
    files = list(getattr(archive, "files", ()) or ())
    streams = getattr(getattr(archive, "header", None), "main_streams", None)
    turns: dict[int, _Turn | str] = {}
    for entry in files:
        if entry.is_directory:
            continue
        if entry.emptystream or entry.folder is None:
            if entry.id > opening.start_after:
                yield _empty(opening, entry)
            continue
        key = id(entry.folder)
        if key not in turns:
            turns[key] = _turn(opening, entry.folder, archive, streams, stream)
        held = turns[key]
        try:
            yield _judged(opening, entry, held)
        finally:  # also when nobody asks for the next one: the stream is closed then
            if isinstance(held, _Turn):
                held.finish()


@dataclass(slots=True)
class _Turn:
    """The unpacked stream of one folder and whose turn it is."""

    folder: Folder
    decompressor: Any
    stream: Any
    position: int
    packed_bytes: int
    left: int = 0
    ordinal: int = -1
    behind: int = 0
    """Bytes of earlier members that were not drawn yet."""
    drawn: bool = False
    broken: bool = False

    def begin(self, entry: ArchiveFile) -> None:
        """It is now the turn of `entry`."""
        self.ordinal, self.left, self.drawn = entry.id, entry.uncompressed, False

    def is_fresh(self, entry: ArchiveFile) -> bool:
        """Whether it is the turn of `entry` and nothing was drawn of it; drawing begins now."""
        fresh = self.ordinal == entry.id and not self.drawn
        self.drawn = self.drawn or fresh
        return fresh

    def finish(self) -> None:
        """The turn is over; what was not taken is passed over when a later member is read."""
        self.behind += self.left
        self.left, self.ordinal = 0, -1

    def take(self, entry: ArchiveFile) -> Iterator[bytes]:
        """The bytes of `entry`, once, while it is its turn."""
        while self.behind:
            self.behind -= len(self._draw(self.behind))
        while self.left:
            if self.ordinal != entry.id:
                raise MemberPassed(ordinal=entry.id)  # the next member was asked for in the middle
            piece = self._draw(self.left)
            self.left -= len(piece)
            yield piece

    def _draw(self, most: int) -> bytes:
        if self.broken:
            raise MemberDamaged(reason="folder")
        self.stream.seek(self.position)
        try:
            for _ in range(_STALLS):
                piece = self.decompressor.decompress(self.stream, min(most, PIECE_BYTES))
                if piece:
                    self.position = self.stream.tell()
                    return bytes(piece)
        except BaseException:
            self.broken = True
            raise
        self.broken = True
        raise ContainerTruncated(missing_bytes=most)


def _turn(opening: Opening, folder: Folder, archive: Any, streams: Any, stream: Any) -> _Turn | str:
    """The folder's stream, or the code why it has none."""
    if SupportedMethods.needs_password(folder.coders):
        return ENCRYPTED
    if _memory_bytes(folder) > opening.limits.memory_bytes:
        return MEMORY
    first = 0
    for before in streams.unpackinfo.folders:
        if before is folder:
            break
        first += len(before.packed_indices)
    positions = streams.packinfo.packpositions
    start = archive.afterheader + streams.packinfo.packpos + positions[first]
    packed = positions[first + len(folder.packed_indices)] - positions[first]
    try:
        decompressor = folder.get_decompressor(packed, reset=True)
    except UnsupportedCompressionMethodError:
        return UNSUPPORTED
    return _Turn(folder, decompressor, stream, start, packed)


def _memory_bytes(folder: Folder) -> int:
    """The largest dictionary or model that the folder's coders claim to need."""
    needed = 0
    for coder in folder.coders:
        properties = coder.get("properties") or b""
        if coder["method"] == _LZMA2 and properties:
            bits = min(properties[0], 40)
            needed = max(needed, (2 | bits & 1) << (bits // 2 + 11))
        elif coder["method"] in (_LZMA, _PPMD) and len(properties) >= 5:
            needed = max(needed, int.from_bytes(properties[1:5], "little"))
    return needed


def _judged(opening: Opening, entry: ArchiveFile, turn: _Turn | str) -> Member | Damage:
    raw_name, name = _names(entry)
    if isinstance(turn, str):
        return Damage(entry.id, turn, raw_name, name, size_bytes=entry.uncompressed)
    turn.begin(entry)
    if entry.is_symlink or entry.is_junction or entry.is_socket:
        return Damage(entry.id, NOT_A_FILE, raw_name, name)
    return Member(
        ordinal=entry.id,
        raw_name=raw_name,
        name=name,
        kind=MemberKind.FILE,
        chunks=lambda: (
            opening.metered(
                checked(turn.take(entry), size=entry.uncompressed, crc=entry.crc32),
                packed_bytes=turn.packed_bytes,
            )
            if turn.is_fresh(entry)
            else read_again(opening, entry.id)
        ),
        size_bytes=entry.uncompressed,
        modified=_modified(entry),
    )


def _empty(opening: Opening, entry: ArchiveFile) -> Member:
    raw_name, name = _names(entry)
    return Member(
        entry.id, raw_name, name, MemberKind.FILE, lambda: opening.metered(iter(())), 0, _modified(entry)
    )


def _names(entry: ArchiveFile) -> tuple[bytes, str]:
    """Names are UTF-16 in the archive; UTF-8 with lone surrogates kept stands for them as raw name."""
    raw_name = entry.filename.encode("utf-8", "surrogatepass")
    return raw_name, readable_name(raw_name)


def _modified(entry: ArchiveFile) -> datetime | None:
    stamp = entry.lastwritetime
    try:
        return stamp.as_datetime() if stamp is not None else None
    except (ValueError, OverflowError, OSError):
        return None

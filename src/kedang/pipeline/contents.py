"""The bytes that an item names: in memory, in a file of a source, in a sealed spool file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from kedang.accession.contents import BytesContent, JoinedContent
from kedang.accession.reading import FileContent
from kedang.pipeline.items import Item, PiecesPlace
from kedang.records.content import Content
from kedang.vault.spool import SpoolContent

PIECE_BYTES = 1024 * 1024  # read at once


def content_of(item: Item, process_key: bytes) -> Content:
    """The bytes that an item names, wherever they are."""
    if item.data is not None:
        return BytesContent(item.data)
    if item.spool is not None:
        return SpoolContent(Path(item.spool), process_key)
    if item.pieces is not None:
        return joined(item.pieces, process_key)
    if item.place is not None:
        return FileContent(item.place.root, item.place.raw_path, item.place.signature)
    raise ValueError("an item names its bytes")


def joined(place: PiecesPlace, key: bytes) -> Content:
    """A file that came in sealed pieces, as one."""
    parts = (SpoolContent(Path(place.folder, f"{place.stem}.{n}"), key) for n in range(place.count))
    return JoinedContent(tuple(parts))


def digest_of(content: Content) -> bytes:
    """SHA-256 of the content, read piece by piece."""
    digest = sha256()
    with content.open() as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.digest()


def without(content: Content, ranges: Sequence[tuple[int, int]]) -> Content:
    """The bytes outside of these (offset, length) ranges, which ascend and do not overlap."""
    with content.open() as stream:
        octets = stream.read()
    kept: list[bytes] = []
    at = 0
    for offset, length in ranges:
        kept.append(octets[at:offset])
        at = offset + length
    return BytesContent(b"".join((*kept, octets[at:])))


class PieceStream(io.RawIOBase):
    """Pieces as a stream, counted."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._left = memoryview(b"")
        self.count = 0
        """Bytes given so far."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        self.count += count
        return count

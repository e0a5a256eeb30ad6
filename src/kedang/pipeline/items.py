"""What one item of the pipeline is, and where its bytes are."""

from __future__ import annotations

from dataclasses import dataclass

from kedang.accession.reading import Signature

INLINE_BYTES = 8 * 1024 * 1024  # larger content travels as a path or a sealed spool file


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file of a source, as it was when it was surveyed."""

    root: bytes
    raw_path: bytes
    signature: Signature


@dataclass(frozen=True, slots=True)
class PiecesPlace:
    """A file that came in pieces: sealed spool files `<folder>/<stem>.<n>`, n from 0 to `count` - 1, in this order."""

    folder: str
    stem: str
    count: int


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be read. Exactly one of `place`, `data`, `spool` and `pieces` is given."""

    ticket: int
    name: str
    folders: tuple[str, ...]
    size_bytes: int
    place: FilePlace | None = None
    data: bytes | None = None
    spool: str | None = None
    pieces: PiecesPlace | None = None

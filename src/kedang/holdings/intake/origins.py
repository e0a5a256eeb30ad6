"""Where the things of an accession lie: in a folder of this computer, or in the sealed pieces of an upload."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kedang.accession.errors import FileUnreadable
from kedang.accession.reading import Signature
from kedang.accession.survey import Found, Surveyed, SurveyRules, readable_path, survey
from kedang.holdings.intake.places import Recogniser
from kedang.pipeline.items import FilePlace, Item, PiecesPlace
from kedang.pipeline.territory import Ground


class Origin(Protocol):
    """One place that is collected. Each survey gives the same order; nothing is ever written there."""

    @property
    def ground(self) -> Ground:
        """What a parsing process may read of it."""

    @property
    def process_key(self) -> bytes:
        """The key of the spool files of a run that takes it in."""

    def survey(self) -> Iterator[Surveyed]:
        """Everything that lies there."""

    def mark(self, recogniser: Recogniser, source: str, raw_path: bytes) -> bytes:
        """The fingerprint of a place in it."""

    def item(self, found: Surveyed, signature: Signature, *, ticket: int, folders: tuple[str, ...]) -> Item:
        """A file that was found, with where its bytes are."""


@dataclass(frozen=True, slots=True)
class FolderOrigin:
    """A folder or file of this computer."""

    root: bytes
    rules: SurveyRules
    ground: Ground
    process_key: bytes = field(repr=False)

    def survey(self) -> Iterator[Surveyed]:
        """Everything that lies there, by raw path."""
        return survey(self.root, rules=self.rules)

    def mark(self, recogniser: Recogniser, source: str, raw_path: bytes) -> bytes:
        """The fingerprint of a place below the source."""
        return recogniser.file(source, raw_path)

    def item(self, found: Surveyed, signature: Signature, *, ticket: int, folders: tuple[str, ...]) -> Item:
        """A file that was found, at its place."""
        place = FilePlace(self.root, found.raw_path, signature)
        return Item(ticket, found.name, folders, signature.size_bytes, place)


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file of an upload, as the browser told of it."""

    ordinal: int
    path: str
    size_bytes: int
    modified_ms: int
    """Since 1970, UTC; as the file's own system says it."""
    missing: bool = False

    @property
    def raw_path(self) -> bytes:
        """The path in UTF-8; what no text can hold is replaced."""
        return self.path.encode(errors="replace")


PIECE_BYTES = 8 * 1024 * 1024  # of one request; the last piece of a file has what is left


def pieces_of(size_bytes: int) -> int:
    """In how many pieces a file of this size comes."""
    return -(-size_bytes // PIECE_BYTES)


def piece_length(size_bytes: int, piece: int) -> int:
    """The length of one piece of it; 0 for one that there is not."""
    return max(0, min(PIECE_BYTES, size_bytes - piece * PIECE_BYTES))


@dataclass(slots=True)
class UploadOrigin:
    """The sealed pieces of one upload, read where they lie: their bytes are never a file in clear."""

    folder: Path
    upload: str
    files: Sequence[SentFile]
    process_key: bytes = field(repr=False)
    """Of the upload."""
    _placed: dict[bytes, SentFile] = field(init=False)

    def __post_init__(self) -> None:
        placed: dict[bytes, SentFile] = {}
        again: Counter[bytes] = Counter()
        for one in sorted(self.files, key=lambda sent: sent.ordinal):
            again[one.raw_path] += 1
            # Two files of one name, from two folders, are two places; no name holds this byte.
            count = again[one.raw_path]
            placed[one.raw_path + (b"\0%d" % count if count > 1 else b"")] = one
        self._placed = dict(sorted(placed.items()))

    @property
    def ground(self) -> Ground:
        """The folder of the pieces."""
        return Ground((os.fsencode(self.folder),))

    def survey(self) -> Iterator[Surveyed]:
        """Every file that was sent, by raw path; what the browser could not read is refused."""
        for raw_path, one in self._placed.items():
            shown = readable_path(one.raw_path)
            if one.missing:
                yield Surveyed(raw_path, shown, Found.REFUSED, code=FileUnreadable.code)
            else:
                signature = Signature(one.size_bytes, one.modified_ms * 1_000_000, 0, one.ordinal, 0)
                yield Surveyed(raw_path, shown, Found.FILE, signature)

    def mark(self, recogniser: Recogniser, source: str, raw_path: bytes) -> bytes:
        """The fingerprint of a place in this upload: what is sent another day supersedes nothing."""
        return recogniser.file(source, f"upload {self.upload}\0".encode() + raw_path)

    def item(self, found: Surveyed, signature: Signature, *, ticket: int, folders: tuple[str, ...]) -> Item:
        """A file that was sent, with its pieces."""
        one = self._placed[found.raw_path]
        pieces = PiecesPlace(str(self.folder), stem_of(one.ordinal), pieces_of(one.size_bytes))
        return Item(ticket, found.name, folders, signature.size_bytes, pieces=pieces)


def stem_of(ordinal: int) -> str:
    """How the pieces of a file are named, before the point."""
    return f"{ordinal:07d}"

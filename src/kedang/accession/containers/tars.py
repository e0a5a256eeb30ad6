"""Members of tar archives, plain ones in place, packed ones as they stream by."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

from kedang.accession.containers.codecs import PIECE_BYTES
from kedang.accession.containers.tar_headers import TarBroken, TarEntry, tar_entries
from kedang.accession.errors import ContainerTruncated, MemberPassed
from kedang.accession.members import (
    NOT_A_FILE,
    TRUNCATED,
    UNSUPPORTED,
    Damage,
    Member,
    MemberKind,
    Opening,
    Stretch,
    read_again,
    slices,
)
from kedang.accession.names import hinted_name


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The members of a plain tar, each with its range."""
    with opening.content.open() as stream:
        yield from _plain(opening, stream)


def _plain(opening: Opening, stream: BinaryIO) -> Iterator[Member | Damage]:
    def skip(count: int) -> bool:
        stream.seek(count, io.SEEK_CUR)
        return stream.tell() <= opening.content.size_bytes

    def member(entry: TarEntry) -> Member:
        data = Stretch(entry.data_offset, entry.size_bytes)
        return _file(
            opening,
            entry,
            lambda: opening.metered(slices(opening.content, data)),
            Stretch(entry.offset, entry.data_offset + entry.padded_bytes - entry.offset),
            data,
        )

    place = 0
    try:
        for entry in tar_entries(stream.read, skip):
            place = entry.ordinal + 1
            if entry.data_offset + entry.size_bytes > opening.content.size_bytes:
                yield _damage(opening, entry, TRUNCATED)
                return
            if entry.ordinal > opening.start_after and not entry.is_folder:
                yield _judged(opening, entry, member)
            stream.seek(entry.data_offset + entry.padded_bytes)
    except (EOFError, TarBroken, ValueError):
        yield Damage(place, TRUNCATED)


def streamed_members(opening: Opening, pieces: Iterator[bytes]) -> Iterator[Member | Damage]:
    """The members of a tar that comes in pieces, each readable once while it is its turn."""
    turn = _Turn(pieces)

    def member(entry: TarEntry) -> Member:
        return _file(opening, entry, lambda: _streamed(opening, turn, entry), None, None)

    place = 0
    try:
        for entry in tar_entries(turn.read, turn.skip):
            place = entry.ordinal + 1
            turn.begin(entry)
            if entry.ordinal > opening.start_after and not entry.is_folder:
                yield _judged(opening, entry, member)
            turn.finish()
    except (EOFError, ContainerTruncated, TarBroken, ValueError):
        yield Damage(place, TRUNCATED)


def _streamed(opening: Opening, turn: _Turn, entry: TarEntry) -> Iterator[bytes]:
    if turn.is_fresh(entry):
        return opening.metered(turn.take(entry), paid=True)
    return read_again(opening, entry.ordinal)


class _Turn:
    """The stream of a packed tar, and whose turn it is."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")
        self._left = 0
        self._ordinal = -1
        self._taken = False

    def _some(self, most: int) -> memoryview:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return self._rest
            self._rest = memoryview(piece)
        given, self._rest = self._rest[:most], self._rest[most:]
        return given

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes, fewer at the end."""
        parts = []
        while count and (part := self._some(count)):
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def skip(self, count: int) -> bool:
        """Whether `count` bytes were there to pass over."""
        while count and (part := self._some(count)):
            count -= len(part)
        return count == 0

    def begin(self, entry: TarEntry) -> None:
        """It is now the turn of `entry`."""
        self._left, self._ordinal, self._taken = entry.padded_bytes, entry.ordinal, False

    def finish(self) -> None:
        """Pass over what was not taken.

        Raises:
            EOFError: the archive ends before.
        """
        left, self._left, self._ordinal = self._left, 0, -1
        if not self.skip(left):
            raise EOFError

    def is_fresh(self, entry: TarEntry) -> bool:
        """Whether it is the turn of `entry` and nothing was taken of it; taking begins now."""
        fresh = self._ordinal == entry.ordinal and not self._taken
        self._taken = self._taken or fresh
        return fresh

    def take(self, entry: TarEntry) -> Iterator[bytes]:
        """The data of `entry`, once, while it is its turn."""
        left = entry.size_bytes
        while left:
            if self._ordinal != entry.ordinal:
                raise MemberPassed(ordinal=entry.ordinal)
            part = bytes(self._some(min(left, PIECE_BYTES)))
            if not part:
                raise ContainerTruncated(missing_bytes=left)
            left -= len(part)
            self._left -= len(part)
            yield part


def _judged(opening: Opening, entry: TarEntry, member: Callable[[TarEntry], Member]) -> Member | Damage:
    if not entry.is_file:
        return _damage(opening, entry, NOT_A_FILE)
    if entry.sparse:
        return _damage(opening, entry, UNSUPPORTED)
    return member(entry)


def _damage(opening: Opening, entry: TarEntry, code: str) -> Damage:
    return Damage(
        entry.ordinal,
        code,
        entry.raw_name,
        hinted_name(entry.raw_name, opening.charset),
        size_bytes=entry.size_bytes,
        modified=entry.modified,
    )


def _file(
    opening: Opening,
    entry: TarEntry,
    chunks: Callable[[], Iterator[bytes]],
    whole: Stretch | None,
    verbatim: Stretch | None,
) -> Member:
    return Member(
        ordinal=entry.ordinal,
        raw_name=entry.raw_name,
        name=hinted_name(entry.raw_name, opening.charset),
        kind=MemberKind.FILE,
        chunks=chunks,
        size_bytes=entry.size_bytes,
        modified=entry.modified,
        range=whole,
        verbatim=verbatim,
    )

"""The members of one container, streamed in chunks; large ones through sealed spool files."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from kedang.accession.limits import Budget, Limits
from kedang.accession.members import Damage, Member, open_members
from kedang.pipeline.contents import PIECE_BYTES, PieceStream, content_of
from kedang.pipeline.items import INLINE_BYTES
from kedang.pipeline.messages import MemberChunk, MembersRequest, ReceivedMember, WorkerSetup
from kedang.records.errors import KedangError
from kedang.vault.spool import write_spool

CHUNK_MEMBERS = 64
CHUNK_BYTES = 8 * 1024 * 1024


def list_members(request: MembersRequest, setup: WorkerSetup) -> Iterator[MemberChunk]:
    """The members behind `start_after`, in order; the last chunk says so."""
    content = content_of(request.item, setup.process_key)
    limits = Limits()
    budget = Budget.of(limits, content.size_bytes)
    if request.bytes_left is not None:
        budget = Budget(request.bytes_left, request.members_left)
    waiting: list[ReceivedMember] = []
    size = 0
    for found in open_members(
        content,
        request.format_name,
        limits=limits,
        budget=budget,
        depth=request.depth,
        start_after=request.start_after,
        name=request.item.name,
    ):
        member = _received(found, setup)
        waiting.append(member)
        size += len(member.data or b"")
        if len(waiting) >= CHUNK_MEMBERS or size >= CHUNK_BYTES:
            yield MemberChunk(
                members=tuple(waiting),
                last=False,
                bytes_left=budget.bytes_left,
                members_left=budget.members_left,
            )
            waiting, size = [], 0
    yield MemberChunk(
        members=tuple(waiting), last=True, bytes_left=budget.bytes_left, members_left=budget.members_left
    )


def _received(found: Member | Damage, setup: WorkerSetup) -> ReceivedMember:
    if isinstance(found, Damage):
        return ReceivedMember(
            ordinal=found.ordinal,
            raw_name=found.raw_name,
            name=found.name,
            modified=found.modified,
            code=found.code,
        )
    try:
        return _read(found, setup)
    except KedangError as error:
        return ReceivedMember(
            ordinal=found.ordinal,
            raw_name=found.raw_name,
            name=found.name,
            modified=found.modified,
            code=error.code,
        )


def _read(member: Member, setup: WorkerSetup) -> ReceivedMember:
    """The member's bytes: in memory while they are few, then in a sealed spool file."""
    counted = _Counted(member.chunks())
    head = counted.up_to(INLINE_BYTES + 1)
    data: bytes | None = head
    spool: str | None = None
    if counted.size_bytes > INLINE_BYTES:
        # A name of its own: the same ordinal comes again in the next container.
        data, spool = None, os.path.join(setup.work_folder, f"{os.urandom(16).hex()}.spool")
        stream = cast(BinaryIO, io.BufferedReader(PieceStream(chain((head,), counted)), PIECE_BYTES))
        write_spool(Path(spool), setup.process_key, stream, random_bytes=os.urandom)
    return ReceivedMember(
        ordinal=member.ordinal,
        raw_name=member.raw_name,
        name=member.name,
        modified=member.modified,
        sha256=counted.digest.digest(),
        size_bytes=counted.size_bytes,
        data=data,
        spool=spool,
    )


class _Counted:
    """Pieces that are counted and digested as they are read, once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.digest = sha256()
        self.size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self.digest.update(piece)
        self.size_bytes += len(piece)
        return piece

    def up_to(self, count: int) -> bytes:
        """The first pieces, until there are `count` bytes or no more."""
        pieces: list[bytes] = []
        while self.size_bytes < count and (piece := next(self, None)) is not None:
            pieces.append(piece)
        return b"".join(pieces)

"""The members of one container, streamed in chunks; large ones through sealed spool files."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from kedang.accession.limits import Budget, Limits
from kedang.accession.members import Damage, Member, open_members
from kedang.pipeline.contents import content_of
from kedang.pipeline.messages import (
    INLINE_BYTES,
    MemberChunk,
    MembersRequest,
    ReceivedMember,
    WorkerSetup,
)
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
            yield MemberChunk(members=tuple(waiting), last=False, bytes_left=budget.bytes_left, members_left=budget.members_left)
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
    digest = sha256()
    pieces: list[bytes] = []
    size = 0
    for piece in member.chunks():
        digest.update(piece)
        size += len(piece)
        pieces.append(piece)
        if size > INLINE_BYTES:
            return _spooled(member, setup)
    return ReceivedMember(
        ordinal=member.ordinal,
        raw_name=member.raw_name,
        name=member.name,
        modified=member.modified,
        sha256=digest.digest(),
        size_bytes=size,
        data=b"".join(pieces),
    )


def _spooled(member: Member, setup: WorkerSetup) -> ReceivedMember:
    path = os.path.join(setup.work_folder, f"{os.getpid()}-{member.ordinal}.spool")
    with member.open() as stream:
        counted = _Counted(stream)
        write_spool(
            Path(path),
            setup.process_key,
            cast(BinaryIO, io.BufferedReader(counted, 1 << 20)),
            random_bytes=os.urandom,
        )
    return ReceivedMember(
        ordinal=member.ordinal,
        raw_name=member.raw_name,
        name=member.name,
        modified=member.modified,
        sha256=counted.digest.digest(),
        size_bytes=counted.size_bytes,
        spool=path,
    )


class _Counted(io.RawIOBase):
    """A stream that counts and digests what is read through it."""

    def __init__(self, inner: BinaryIO) -> None:
        super().__init__()
        self._inner = inner
        self.digest = sha256()
        self.size_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        octets = self._inner.read(len(buffer))
        buffer[: len(octets)] = octets
        self.digest.update(octets)
        self.size_bytes += len(octets)
        return len(octets)

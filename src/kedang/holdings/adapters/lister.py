"""One process that lists containers, restarted when a container kills it."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from kedang.accession.limits import Budget, Limits
from kedang.pipeline.messages import MemberChunk, MembersRequest, receive, send
from kedang.pipeline.pool import DIED, MESSAGE_SECONDS, TOO_SLOW
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.validation import are_sound_members, is_spool_name

SECONDS_PER_CHUNK = 120.0


class ListingFailed(Exception):
    """The container cannot be listed further; `code` says why. What was given before stands."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Lister:
    """Streams the members of containers from a process of its own."""

    def __init__(self, spawn: Callable[[], WorkerProcess], *, spools: Path) -> None:
        """`spools` is the only folder in which members may be left as sealed files."""
        self._spawn = spawn
        self._spools = spools
        self._worker: WorkerProcess | None = None

    def chunks(self, request: MembersRequest) -> Iterator[MemberChunk]:
        """The members in order, to the last chunk.

        Raises:
            ListingFailed: the process died over it, or took too long for one chunk.
        """
        if self._worker is None:
            self._worker = self._spawn()
        try:
            send(self._worker.connection, request)
        except OSError as error:
            self.close()
            raise ListingFailed(DIED) from error
        left = Budget(request.bytes_left, request.members_left) if request.bytes_left is not None else None
        left = left or Budget.of(Limits(), request.item.size_bytes)
        after = request.start_after
        while True:
            chunk = self._next(self._worker)
            given = sum(member.size_bytes for member in chunk.members)
            left.bytes_left -= given
            left.members_left -= len(chunk.members)
            if (given and left.bytes_left < 0) or not self._is_sound(chunk, after, left):
                self.close()
                raise ListingFailed(DIED)
            after = chunk.members[-1].ordinal if chunk.members else after
            yield chunk
            if chunk.last:
                return

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _is_sound(self, chunk: MemberChunk, after: int, left: Budget) -> bool:
        """Whether the process keeps to what was agreed; one that has been taken over may say anything."""
        return (
            left.members_left >= -1  # the member that breaks the limit is told, too
            and chunk.bytes_left <= left.bytes_left
            and chunk.members_left <= left.members_left + 1
            and are_sound_members(chunk.members, after=after)
            and all(self._is_own(member.spool) for member in chunk.members if member.spool is not None)
        )

    def _is_own(self, spool: str) -> bool:
        path = Path(spool)
        if path.parent != self._spools or not is_spool_name(path.name):
            return False
        try:
            return stat.S_ISREG(path.lstat().st_mode)
        except OSError:
            return False

    def _next(self, worker: WorkerProcess) -> MemberChunk:
        code = TOO_SLOW
        deadline = time.monotonic() + SECONDS_PER_CHUNK
        try:
            if worker.connection.poll(max(0.0, deadline - time.monotonic())):
                code = DIED
                chunk = receive(worker.connection, seconds=MESSAGE_SECONDS)
                if isinstance(chunk, MemberChunk):
                    return chunk
        except (EOFError, OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError):
            code = DIED
        self.close()
        raise ListingFailed(code)

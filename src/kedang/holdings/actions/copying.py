"""Objects on their way from the home into a copy: written, read back, compared; or only compared.

Nothing here looks at the database, so that several threads may do it at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from blake3 import blake3

from kedang.holdings.actions.progress import Progress
from kedang.holdings.errors import CopyDiffers
from kedang.preservation.copy_plans import CopyObject, ObjectKind
from kedang.preservation.rates import RateLimiter
from kedang.records.errors import KedangError
from kedang.vault.errors import ObjectExists, ObjectMissing, ObjectShort
from kedang.vault.store import BlobStore, ObjectWriter, stored_pieces

AT_ONCE = 4  # objects on their way: the disk or the line is waited for, not the processor
ATTEMPTS = 2  # what is read back wrong is taken away and written once more


class Told:
    """A progress that several threads tell, from when it begins: what was done before is told then."""

    def __init__(self, progress: Progress) -> None:
        self.watched = progress.watched
        self._progress = progress
        self._begun = False
        self._expected = self._things = self._bytes = 0
        self._lock = Lock()  # its counts are read and written

    def begin(self) -> None:
        """Nobody else tells the progress any more."""
        with self._lock:
            self._begun = True
            self._tell_all()

    def expect(self, things: int) -> None:
        """So many things more are to be done."""
        with self._lock:
            self._expected += things
            self._tell_all()

    def advance(self, things: int, size_bytes: int) -> None:
        """So many things and bytes more are done."""
        with self._lock:
            self._things += things
            self._bytes += size_bytes
            if self._begun:
                self._progress.advance(things, size_bytes)

    def _tell_all(self) -> None:
        if self._begun:
            self._progress.stage("backup", self._expected)
            self._progress.advance(self._things, self._bytes)


class _SourceFails(Exception):
    """The home does not give an object; the copy is not to blame."""


@dataclass(slots=True)
class Copying:
    """Carries objects into one copy."""

    copy_id: str
    source: BlobStore
    target: BlobStore
    progress: Told
    is_whole: Callable[[CopyObject], bool]
    """Whether the home's own object is what it was: asked before a copy's is replaced by it."""
    given_up: Callable[[], bool]
    """Whether nothing more is to be begun."""
    bytes_per_second: int = 0
    """0: as fast as it goes."""
    lost: list[str] = field(default_factory=list)
    """Objects that the home did not give."""
    limiter: RateLimiter | None = field(init=False)

    def __post_init__(self) -> None:
        rate = self.bytes_per_second
        self.limiter = RateLimiter(rate, clock=time.monotonic) if rate else None

    def write_all(self, entries: Iterable[CopyObject]) -> None:
        """Write and verify objects: the largest first, and snapshots when everything else is there.

        What the home lacks is noted in `lost`.

        Raises:
            CopyDiffers: the copy does not give back what was written.
            StorageFull, StoreUnavailable: it takes no more, or is not reached any more.
        """
        wanted = sorted(entries, key=lambda one: -one.size_bytes)
        for last in (False, True):
            self._each([one for one in wanted if (one.kind is ObjectKind.SNAPSHOT) is last], self._write)

    def verify_all(self, entries: Iterable[CopyObject]) -> list[CopyObject]:
        """Those of the objects that are damaged in the copy; they are taken away, to be written again.

        Where it is the home's that is damaged, the copy's stays, and `lost` names it.
        """
        some = list(entries)
        same = self._each(some, self._is_same)
        damaged = []
        for entry in (entry for entry, is_same in zip(some, same, strict=True) if not is_same):
            if self.is_whole(entry):
                self.target.delete(entry.name)
                damaged.append(entry)
            else:
                self.lost.append(entry.name)
        return damaged

    def put(self, name: str, give: Callable[[Callable[[memoryview], object]], object]) -> None:
        """Write and verify an object that `give` makes anew, piece by piece, each time that it is asked."""
        for _ in range(ATTEMPTS):
            try:
                with self.target.create(name) as sink:
                    passing = _Passing(sink, self.told)
                    give(passing.write)
            except ObjectExists:  # of a backup that was broken off
                self.target.delete(name)
                continue
            if self._digest(self.target, CopyObject(name, passing.size)) == passing.digest.digest():
                return
            self.target.delete(name)
        raise CopyDiffers(copy=self.copy_id, object=name)

    def told(self, count: int) -> None:
        """So many bytes are on their way; waits when they are too many."""
        if self.limiter is not None:
            time.sleep(self.limiter.wait_seconds(count))
        self.progress.advance(0, count)

    def _each(self, entries: list[CopyObject], act: Callable[[CopyObject], bool]) -> list[bool]:
        """What `act` says of each, several at a time; after a fault nothing more is begun."""

        def begun(entry: CopyObject) -> bool:
            if self.given_up():
                raise CancelledError
            return act(entry)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            futures = [threads.submit(begun, entry) for entry in entries]
            try:
                found = []
                for future in futures:
                    found.append(future.result())
                    self.progress.advance(1, 0)
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise
            return found

    def _write(self, entry: CopyObject) -> bool:
        try:
            for _ in range(ATTEMPTS):
                wanted = self._carried(entry)
                if self._digest(self.target, entry) == wanted:
                    return True
                self.target.delete(entry.name)
        except _SourceFails:
            self.lost.append(entry.name)
            return False
        raise CopyDiffers(copy=self.copy_id, object=entry.name)

    def _carried(self, entry: CopyObject) -> bytes:
        """Write the object; the digest of what was read for it."""
        digest = blake3()
        try:
            with self.target.create(entry.name) as sink:
                for piece in self._source_pieces(entry):
                    digest.update(piece)
                    sink.write(piece)
                    self.told(len(piece))
        except ObjectExists:  # another process was faster
            return self._source_digest(entry)
        return digest.digest()

    def _is_same(self, entry: CopyObject) -> bool:
        try:
            wanted = self._source_digest(entry)
        except _SourceFails:
            self.lost.append(entry.name)
            return True  # the copy's may be the only one that is left
        return self._digest(self.target, entry) == wanted

    def _source_digest(self, entry: CopyObject) -> bytes:
        digest = blake3()
        for piece in self._source_pieces(entry):
            digest.update(piece)
        return digest.digest()

    def _source_pieces(self, entry: CopyObject) -> Iterator[bytes]:
        pieces = stored_pieces(self.source, entry.name, entry.size_bytes)
        while True:
            try:
                piece = next(pieces, None)
            except (KedangError, OSError) as error:
                raise _SourceFails from error
            if piece is None:
                return
            yield piece

    def _digest(self, store: BlobStore, entry: CopyObject) -> bytes:
        """Digest of what the copy gives back; of nothing when it is cut off there."""
        digest = blake3()
        try:
            for piece in stored_pieces(store, entry.name, entry.size_bytes):
                digest.update(piece)
                if self.limiter is not None:
                    time.sleep(self.limiter.wait_seconds(len(piece)))
        except (ObjectShort, ObjectMissing):
            return b""
        return digest.digest()


@dataclass(slots=True)
class _Passing:
    """What is written to an object passes here."""

    sink: ObjectWriter
    told: Callable[[int], None]
    digest: Any = field(default_factory=blake3)
    size: int = 0

    def write(self, piece: memoryview) -> None:
        """Digest, write and count it."""
        self.digest.update(piece)
        self.sink.write(piece)
        self.size += len(piece)
        self.told(len(piece))

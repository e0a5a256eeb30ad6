"""KEDANG_HOME: the one folder of an embedded archive, held by one process at a time for writing."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kedang.holdings.errors import (
    DiskNearlyFull,
    HomeBusy,
    HomeOnNetwork,
    HomeReadOnly,
    RestoreUnfinished,
)

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs"})
RESERVE_BYTES = 512 * 1024 * 1024  # intake stops here, so that there is room to finish and to verify


@dataclass(frozen=True, slots=True)
class Home:
    """The folder and what lies where in it."""

    root: Path

    @property
    def vault(self) -> Path:
        """Packs and key pages."""
        return self.root / "vault"

    @property
    def index(self) -> Path:
        """Encrypted index parts."""
        return self.root / "index"

    @property
    def work(self) -> Path:
        """Sealed temporary files of running work; emptied at every start."""
        return self.root / "work"

    @property
    def uploads(self) -> Path:
        """Sealed pieces of what is being sent through the web door; a folder for each upload, gone when it is taken in."""
        return self.root / "uploads"

    @property
    def restoring(self) -> Path:
        """A file that is there from the first step of a restore to the last; what was restored, once rows are."""
        return self.root / "restoring"

    def require_restored(self) -> None:
        """Nothing unless a restore was interrupted.

        Raises:
            RestoreUnfinished: what is here may not be whole.
        """
        if self.restoring.exists():
            raise RestoreUnfinished()

    def prepare(self) -> None:
        """Make the folder, readable by its owner only.

        Raises:
            HomeOnNetwork: locks and flushes cannot be relied on there.
            HomeReadOnly: not even a reading could be noted in the ledger.
        """
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file_system_of(self.root) in NETWORK_FILE_SYSTEMS:
            raise HomeOnNetwork()
        database = self.root / "kedang.sqlite3"
        for place in (self.root, database) if database.exists() else (self.root,):
            if not os.access(place, os.W_OK):
                raise HomeReadOnly()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A moment in which no other process makes or changes the tables; waits for its turn."""
        descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def held(self) -> Iterator[None]:
        """The home for this process alone; what dead processes left in `work` is swept first.

        Raises:
            HomeBusy: another process holds it.
        """
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise HomeBusy() from error
        try:
            shutil.rmtree(self.work, ignore_errors=True)
            self.work.mkdir(mode=0o700)
            yield
            shutil.rmtree(self.work, ignore_errors=True)
        finally:
            os.close(descriptor)

    @contextmanager
    def holding(self, what: str) -> Iterator[None]:
        """One kind of work ("keys", "copies") for this process alone; intake and reading go on beside it.

        Raises:
            HomeBusy: another process does the same.
        """
        descriptor = os.open(self.root / f"lock-{what}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HomeBusy() from error
            yield
        finally:
            os.close(descriptor)

    def require_room(self, more_bytes: int = 0) -> None:
        """Nothing while `more_bytes` and the reserve fit on the disk.

        Raises:
            DiskNearlyFull: they do not.
        """
        free = shutil.disk_usage(self.root).free
        if free < RESERVE_BYTES + more_bytes:
            raise DiskNearlyFull(free_bytes=free, reserve_bytes=RESERVE_BYTES)


def file_system_of(folder: Path) -> str:
    """The type of the file system a folder lies on ("ext4", "nfs4"); "" where it cannot be told."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    best, kind = "", ""
    place = str(folder.resolve())
    for line in mounts.splitlines():
        _device, point, found, *_ = line.split()
        point = point.replace("\\040", " ")
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind

"""A store in a folder of a local file system.

    <root>/<kind>/<first two digits>/<id>         an object
    <root>/<kind>/<first two digits>/<id>.part    one being written, locked by its writer

A writer creates and locks the part, writes, flushes it to the disk, links it to its name (which fails
when the name is taken), flushes the folder, removes the part. A part that nobody holds locked is dead.
The root folder is locked, shared, between creating a part and locking it, and wholly while parts are
swept, so that a part is never taken for dead before its writer has locked it.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kedang.vault.errors import ObjectExists, ObjectMissing, ObjectShort
from kedang.vault.store import ObjectWriter, require_kind, require_name
from kedang.vault.writing import DirectWriter, named_faults

_PART = ".part"
MAPPED = 16  # objects that a MappedStore keeps open
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK})
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


class FolderStore:
    """Objects as files; see BlobStore for what it promises. The folder is made when it is not there."""

    piece_bytes = 512 * 1024  # stays in the processor's cache until it is digested and written

    def __init__(self, root: Path, *, hard_links: bool = True) -> None:
        self._root = root
        self._hard_links = hard_links
        self._made: set[Path] = set()  # folders that are known to be on the disk

    @contextmanager
    def create(self, name: str) -> Iterator[ObjectWriter]:
        """A writer; the object exists when the block ends well."""
        path = self._path(name)
        with named_faults(name):
            if _stands(path):
                raise ObjectExists(name=name)
            self._make_folder(path.parent)
            with _folder_locked(self._root, fcntl.LOCK_SH):
                part, descriptor = self._lock_part(path, name)
        writer = DirectWriter(descriptor, name)
        try:
            yield writer  # faults of the block are the caller's own and pass as they are
            if not writer.written:
                raise ValueError("an object is never empty")
            writer.finish()
            with named_faults(name):
                os.fsync(descriptor)
                self._publish(part, path, name)
        finally:
            writer.leave()
            with named_faults(name):
                _give_up_part(part, descriptor)
        with named_faults(name):
            _sync_folder(path.parent)

    def put(self, name: str, stored: bytes) -> None:
        """Store a small object at once."""
        with self.create(name) as writer:
            writer.write(stored)

    def read(self, name: str, offset: int = 0, count: int | None = None) -> bytes:
        """Exactly `count` bytes from `offset` on, or all the rest."""
        path = self._path(name)
        with named_faults(name):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                size = os.fstat(descriptor).st_size
                end = size if count is None else offset + count
                within = offset <= end <= size
                stored = _read_fully(descriptor, offset, end - offset) if within else b""
            finally:
                os.close(descriptor)
        if not size:
            raise ObjectMissing(name=name)
        if not within or len(stored) < end - offset:
            raise ObjectShort(name=name, wanted=max(offset, end), found=size)
        return stored

    def size(self, name: str) -> int:
        """Length in bytes."""
        path = self._path(name)
        with named_faults(name):
            size = path.stat().st_size
        if not size:
            raise ObjectMissing(name=name)
        return size

    def names(self, kind: str) -> Iterator[str]:
        """The names of all objects of a kind, in order."""
        root = self._root / require_kind(kind)
        with named_faults(kind):
            for branch in sorted(entry.name for entry in _entries(root)):
                for leaf in sorted(entry.name for entry in _entries(root / branch)):
                    if not leaf.endswith(_PART) and _stands(root / branch / leaf):
                        yield f"{kind}/{leaf}"

    def sizes(self, kind: str) -> Iterator[tuple[str, int]]:
        """Name and length of every object of a kind, in order; what is deleted meanwhile is left out."""
        for name in self.names(kind):
            with suppress(ObjectMissing):
                yield name, self.size(name)

    def delete(self, name: str) -> None:
        """Take the object away, for good when this returns; nothing when it is not there."""
        path = self._path(name)
        with named_faults(name):
            if path.exists():
                path.unlink(missing_ok=True)
                _sync_folder(path.parent)

    def sweep(self) -> int:
        """Remove what dead writers left; how many files that were. Living writers are not touched."""
        swept = 0
        if not self._root.is_dir():
            return 0
        with named_faults("sweep"), _folder_locked(self._root, fcntl.LOCK_EX):
            for part in sorted(self._root.glob(f"*/*/*{_PART}")):
                swept += _remove_dead(part)
        return swept

    def _path(self, name: str) -> Path:
        kind, object_id = require_name(name)
        return self._root / kind / object_id[:2] / object_id

    def _make_folder(self, folder: Path) -> None:
        missing = [folder, *folder.parents]
        for level in reversed(missing[: missing.index(self._root) + 1]):
            if level not in self._made or not level.is_dir():
                level.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
                _sync_folder(level.parent)
                self._made.add(level)

    def _lock_part(self, path: Path, name: str) -> tuple[Path, int]:
        """The part, empty and locked by this writer alone."""
        part = path.with_name(path.name + _PART)
        while True:
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
            try:
                if not _lock(descriptor):
                    raise ObjectExists(name=name)  # another writer is about to create it
                if _still_named(part, descriptor):
                    os.ftruncate(descriptor, 0)
                    return part, descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # its writer ended between open and lock

    def _publish(self, part: Path, path: Path, name: str) -> None:
        """Give the finished part its name, unless the name is taken."""
        try:
            if self._hard_links:
                os.link(part, path)
                return
        except FileExistsError:
            if _stands(path):
                raise ObjectExists(name=name) from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
        # No hard links here (exFAT, some USB sticks), or an empty claim of a dead writer: the lock on
        # the part keeps other writers of this name away, and an empty file counts as no object.
        if _stands(path):
            raise ObjectExists(name=name)
        part.replace(path)


class MappedStore(FolderStore):
    """The same objects, read from mapped files: for whoever reads many ranges of few objects.

    The last MAPPED objects stay open, and are let go of when the block ends. Not for several threads.
    """

    def __init__(self, store: FolderStore) -> None:
        super().__init__(store._root, hard_links=store._hard_links)
        self._maps: OrderedDict[str, mmap.mmap] = OrderedDict()

    def __enter__(self) -> MappedStore:
        return self

    def __exit__(self, *_: object) -> None:
        self._maps.clear()  # a map that is still read from closes when its reader is done

    def read(self, name: str, offset: int = 0, count: int | None = None) -> bytes:
        """Exactly `count` bytes from `offset` on, or all the rest."""
        mapped = self._mapped(name)
        end = len(mapped) if count is None else offset + count
        if not offset <= end <= len(mapped):
            raise ObjectShort(name=name, wanted=max(offset, end), found=len(mapped))
        return mapped[offset:end]

    def view(self, name: str, offset: int, count: int) -> memoryview:
        """What `read` gives, without a copy of it."""
        mapped = self._mapped(name)
        if not 0 <= offset <= offset + count <= len(mapped):
            raise ObjectShort(name=name, wanted=offset + count, found=len(mapped))
        return memoryview(mapped)[offset : offset + count]

    def _mapped(self, name: str) -> mmap.mmap:
        mapped = self._maps.get(name)
        if mapped is None:
            path = self._path(name)
            with named_faults(name), path.open("rb") as file:
                if not os.fstat(file.fileno()).st_size:
                    raise ObjectMissing(name=name)
                mapped = self._maps[name] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            while len(self._maps) > MAPPED:
                self._maps.popitem(last=False)
        return mapped


@contextmanager
def _folder_locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _still_named(part: Path, descriptor: int) -> bool:
    try:
        named = part.stat()
    except FileNotFoundError:
        return False
    held = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)


def _give_up_part(part: Path, descriptor: int) -> None:
    """Remove the part while it is still locked: nobody can have taken it over."""
    try:
        if _still_named(part, descriptor):
            part.unlink()
    finally:
        os.close(descriptor)


def _remove_dead(part: Path) -> bool:
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        if not _lock(descriptor) or not _still_named(part, descriptor):
            return False
        part.unlink()
        return True
    finally:
        os.close(descriptor)


def _stands(path: Path) -> bool:
    """Whether an object is there; an empty file is none (a file system's trace of a power failure)."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return


def _read_fully(descriptor: int, offset: int, count: int) -> bytes:
    stored = os.pread(descriptor, count, offset)
    while len(stored) < count:
        piece = os.pread(descriptor, count - len(stored), offset + len(stored))
        if not piece:
            break
        stored += piece
    return stored


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

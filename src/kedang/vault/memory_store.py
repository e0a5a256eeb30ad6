"""A store in memory, for tests and for one-off work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from kedang.vault.errors import ObjectExists, ObjectMissing, ObjectShort
from kedang.vault.store import ObjectWriter, require_kind, require_name


class _Buffer:
    __slots__ = ("stored",)

    def __init__(self) -> None:
        self.stored = bytearray()

    def write(self, piece: bytes | bytearray | memoryview, /) -> None:
        """Append to the object."""
        self.stored += piece


class MemoryStore:
    """The twin of FolderStore: keeps every promise of BlobStore but durability."""

    piece_bytes = 512 * 1024

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._lock = Lock()  # one creation of a name wins

    @contextmanager
    def create(self, name: str) -> Iterator[ObjectWriter]:
        """A writer; the object exists when the block ends well."""
        require_name(name)
        if name in self._objects:
            raise ObjectExists(name=name)
        buffer = _Buffer()
        yield buffer
        if not buffer.stored:
            raise ValueError("an object is never empty")
        with self._lock:
            if name in self._objects:
                raise ObjectExists(name=name)
            self._objects[name] = bytes(buffer.stored)

    def put(self, name: str, stored: bytes) -> None:
        """Store a small object at once."""
        with self.create(name) as writer:
            writer.write(stored)

    def read(self, name: str, offset: int = 0, count: int | None = None) -> bytes:
        """Exactly `count` bytes from `offset` on, or all the rest."""
        stored = self._get(name)
        end = len(stored) if count is None else offset + count
        if end > len(stored) or offset > end:
            raise ObjectShort(name=name, wanted=max(end, offset), found=len(stored))
        return stored[offset:end]

    def size(self, name: str) -> int:
        """Length in bytes."""
        return len(self._get(name))

    def names(self, kind: str) -> Iterator[str]:
        """The names of all objects of a kind, in order."""
        start = f"{require_kind(kind)}/"
        return iter(sorted(name for name in tuple(self._objects) if name.startswith(start)))

    def sizes(self, kind: str) -> Iterator[tuple[str, int]]:
        """Name and length of every object of a kind, in order; what is deleted meanwhile is left out."""
        for name in self.names(kind):
            with suppress(ObjectMissing):
                yield name, self.size(name)

    def sweep(self) -> int:
        """Nothing: a writer that dies takes its memory along."""
        return 0

    def delete(self, name: str) -> None:
        """Take the object away; nothing when it is not there."""
        require_name(name)
        self._objects.pop(name, None)

    def _get(self, name: str) -> bytes:
        require_name(name)
        stored = self._objects.get(name)
        if stored is None:
            raise ObjectMissing(name=name)
        return stored

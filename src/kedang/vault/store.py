"""Where sealed objects lie: created once, read by range, never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from kedang.vault.errors import ObjectShort

_NAME = re.compile(r"[a-z][a-z-]{0,31}/[0-9a-f]{32}")


class ObjectWriter(Protocol):
    """An object on its way into a store."""

    def write(self, piece: bytes | bytearray | memoryview, /) -> None:
        """Append to the object; the piece may be changed afterwards."""
        ...


class BlobStore(Protocol):
    """A place for immutable objects named `<kind>/<32 hexadecimal digits>`, such as "packs/0f…".

    Durability: when `create` ends or `put` returns, the object, whole, outlives a power failure. Before
    that it does not exist for any reader, and a writer that dies leaves nothing that can be read.
    Concurrency: any number of threads and processes may use the same store. Of several writers of one
    name exactly one succeeds. A reader of an object that is being deleted gets all or ObjectMissing.
    Errors: ObjectExists, ObjectMissing, ObjectShort; StorageFull and StoreUnavailable may be retried.
    """

    piece_bytes: int
    """How much is best read at once of an object that is read whole."""

    def create(self, name: str) -> AbstractContextManager[ObjectWriter]:
        """A writer; the object exists when the block ends well, and never when it raises."""
        ...

    def put(self, name: str, stored: bytes) -> None:
        """Store a small object at once. It is never empty."""
        ...

    def read(self, name: str, offset: int = 0, count: int | None = None) -> bytes:
        """Exactly `count` bytes from `offset` on, or all the rest; ObjectShort when there are fewer."""
        ...

    def size(self, name: str) -> int:
        """Length in bytes."""
        ...

    def names(self, kind: str) -> Iterator[str]:
        """The names of all objects of a kind, in order."""
        ...

    def sizes(self, kind: str) -> Iterator[tuple[str, int]]:
        """Name and length of every object of a kind, in order; what is deleted meanwhile is left out."""
        ...

    def sweep(self) -> int:
        """Remove what dead writers left; how many things that were. Living writers are not touched."""
        ...

    def delete(self, name: str) -> None:
        """Take the object away, for good when this returns; nothing when it is not there."""
        ...


def stored_pieces(store: BlobStore, name: str, size_bytes: int) -> Iterator[bytes]:
    """An object of this length from its first byte to its last."""
    for at in range(0, size_bytes, store.piece_bytes):
        yield store.read(name, at, min(store.piece_bytes, size_bytes - at))


@dataclass(frozen=True, slots=True)
class StoredRange:
    """A range of a stored object, read by range itself."""

    store: BlobStore
    name: str
    offset: int
    size_bytes: int

    def read_at(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset` of the range on."""
        if offset + count > self.size_bytes:
            raise ObjectShort(name=self.name, wanted=offset + count, found=self.size_bytes)
        return self.store.read(self.name, self.offset + offset, count)


def require_name(name: str) -> tuple[str, str]:
    """Kind and id of an object's name. A name never comes from a received thing."""
    if _NAME.fullmatch(name) is None:
        raise ValueError("an object is named <kind>/<32 hexadecimal digits>")
    kind, _, object_id = name.partition("/")
    return kind, object_id


def require_kind(kind: str) -> str:
    """The kind, when a name can begin with it."""
    require_name(f"{kind}/{'0' * 32}")
    return kind

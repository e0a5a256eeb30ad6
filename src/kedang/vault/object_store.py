"""A store in an S3-compatible bucket.

    <prefix>/<kind>/<id>         an object
    <prefix>/claims/<digest>     a large object of that name is being written

An object of up to `single_put_bytes` is created by one conditional request (If-None-Match: *). A larger
one is uploaded in parts, which no server this was tried on makes conditional safely. So its writer first
creates a claim, by a conditional request, and looks that the name is free; it looks again before the parts
become an object. An upload that fails is aborted. A killed writer leaves no object, but parts, which the
bucket's own rule for unfinished uploads ends, and a claim, which `sweep` takes away.

Every writer marks its object with random digits. When an answer was lost and the next attempt finds the
name taken, the mark tells whether the object is the writer's own.

The bucket sees names, sizes, times and these digits. Nothing is read from the environment but the proxy
of the system; credentials are in memory only and appear in no error.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from kedang.records.ids import ID_BYTES, id_from
from kedang.vault.bucket import (
    Bucket,
    BucketCredentials,
    StoreLimits,
    answered_status,
    bucket_fault,
    bucket_faults,
    client_of,
    is_final,
)
from kedang.vault.errors import (
    ObjectExists,
    ObjectMissing,
    ObjectShort,
    StoreUnavailable,
    StoreUnsuitable,
)
from kedang.vault.store import ObjectWriter, require_kind, require_name

if TYPE_CHECKING:
    from obstore import WritableFile

_MARK = "kedang-writer"
_CLAIMS = "claims"
_ATTEMPTS = 2  # beside the client's own retries, which leave out what may have taken effect
_BRIEF_BYTES = 1 << 20  # a request of so many bytes ends within `brief_seconds` or not at all
_SENT_BYTES = 1 << 20  # of a large object, handed to the client at once
_OUT_OF_RANGE = 416


@dataclass(frozen=True, slots=True)
class BucketTraits:
    """What a probe learned. A bucket that keeps versions keeps what is deleted, until its own rules end it."""

    keeps_versions: bool


class ObjectStore:
    """Objects in a bucket; see BlobStore for what it promises. `random_bytes` gives marks of writers."""

    piece_bytes = 4 * 1024 * 1024  # each is a request

    def __init__(
        self,
        bucket: Bucket,
        credentials: BucketCredentials,
        *,
        random_bytes: Callable[[int], bytes],
        limits: StoreLimits | None = None,
    ) -> None:
        self._limits = limits or StoreLimits()
        self._random_bytes = random_bytes
        self._brief = client_of(bucket, credentials, self._limits, self._limits.brief_seconds)
        self._lengthy = client_of(bucket, credentials, self._limits, self._limits.request_seconds)

    @contextmanager
    def create(self, name: str) -> Iterator[ObjectWriter]:
        """A writer; the object exists when the block ends well."""
        require_name(name)
        upload = _Upload(self._limits.single_put_bytes, lambda: self._begin_parts(name))
        try:
            yield upload
        except BaseException:  # the block's own fault, which passes as it is
            upload.abort()
            raise
        if not upload.written:
            raise ValueError("an object is never empty")
        if upload.parts is None:
            self._put_whole(name, bytes(upload.held))
        else:
            self._complete(upload, upload.parts)

    def put(self, name: str, stored: bytes) -> None:
        """Store a small object at once."""
        require_name(name)
        if not stored:
            raise ValueError("an object is never empty")
        if len(stored) <= self._limits.single_put_bytes:
            self._put_whole(name, stored)
            return
        with self.create(name) as writer:
            writer.write(stored)

    def read(self, name: str, offset: int = 0, count: int | None = None) -> bytes:
        """Exactly `count` bytes from `offset` on, or all the rest."""
        require_name(name)
        if count == 0:
            return self._nothing_at(name, offset)
        for _ in range(_ATTEMPTS - 1):
            with suppress(StoreUnavailable):  # an answer cut in the middle is asked for again
                return self._read_once(name, offset, count)
        return self._read_once(name, offset, count)

    def size(self, name: str) -> int:
        """Length in bytes."""
        require_name(name)
        with bucket_faults(name):
            size = obstore.head(self._brief, name)["size"]
        if not size:
            raise ObjectMissing(name=name)
        return size

    def names(self, kind: str) -> Iterator[str]:
        """The names of all objects of a kind, in order."""
        return (name for name, _ in self.sizes(kind))

    def sizes(self, kind: str) -> Iterator[tuple[str, int]]:
        """Name and length of every object of a kind, in order of names: one request for a thousand."""
        return iter(self._listed(require_kind(kind)))

    def delete(self, name: str) -> None:
        """Take the object away; nothing when it is not there."""
        require_name(name)
        self._remove(name)

    def sweep(self) -> int:
        """Remove what dead writers of large objects left; how many. No writer may be alive meanwhile."""
        dead = self._listed(_CLAIMS)
        for name, _ in dead:
            self._remove(name)
        return len(dead)

    def probe(self) -> BucketTraits:
        """Try out, with one small object, what the bucket must do: create once, read ranges, list, delete.

        Raises:
            StoreUnsuitable: the bucket overwrites, ignores ranges, or does not list or delete; use another.
        """
        name = f"probe/{self._mark()}"
        tried = b"kedang"
        with bucket_faults(name):
            put = obstore.put(self._brief, name, tried, mode="create", use_multipart=False)
        try:
            try:
                obstore.put(self._brief, name, b"another", mode="create", use_multipart=False)
                raise StoreUnsuitable(reason="overwrites")
            except (AlreadyExistsError, PreconditionError):
                pass
            if self.read(name, 2, 3) != tried[2:5]:
                raise StoreUnsuitable(reason="ignores-ranges")
            if name not in self.names("probe"):
                raise StoreUnsuitable(reason="does-not-list")
        finally:
            self._remove(name)
        with suppress(ObjectMissing):
            self.size(name)
            raise StoreUnsuitable(reason="does-not-delete")
        return BucketTraits(keeps_versions=put["version"] is not None)

    def _mark(self) -> str:
        return id_from(self._random_bytes(ID_BYTES))

    def _put_whole(self, name: str, stored: bytes) -> None:
        """One conditional request, tried again where its outcome is unknown."""
        mark = self._mark()
        client = self._brief if len(stored) <= _BRIEF_BYTES else self._lengthy
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                obstore.put(
                    client, name, stored, mode="create", use_multipart=False, attributes=_attributes(mark)
                )
                return
            except (BaseError, OSError) as error:
                fault = bucket_fault(name, error, reading=False)
                if is_final(fault):
                    raise fault from None
                if self._is_marked(name, mark):
                    return  # an earlier attempt took effect and its answer was lost
                if isinstance(fault, ObjectExists) or attempt == _ATTEMPTS:
                    raise fault from None

    def _is_marked(self, name: str, mark: str) -> bool:
        with suppress(ObjectMissing), bucket_faults(name):
            answer = obstore.get(self._brief, name, options={"head": True})
            return answer.attributes.get(_MARK) == mark
        return False

    def _begin_parts(self, name: str) -> _Parts:
        """Claim the name and open an upload in parts."""
        claim = f"{_CLAIMS}/{sha256(name.encode()).hexdigest()[: 2 * ID_BYTES]}"
        self._put_whole(claim, b"claimed")
        mark = self._mark()
        try:
            self._require_free(name)
            with bucket_faults(name, reading=False):
                sink = obstore.open_writer(
                    self._lengthy,
                    name,
                    attributes=_attributes(mark),
                    buffer_size=self._limits.part_bytes,
                    max_concurrency=2,
                )
        except BaseException:
            self._give_up(claim)
            raise
        return _Parts(name, mark, sink, lambda: self._give_up(claim))

    def _complete(self, upload: _Upload, parts: _Parts) -> None:
        """Make the parts an object, unless the name was taken meanwhile."""
        try:
            parts.write(bytes(upload.held))
            self._require_free(parts.name)
            try:
                parts.close()
            except StoreUnavailable:
                if not self._is_marked(parts.name, parts.mark):
                    raise
        except BaseException:
            parts.abort()
            raise
        parts.release()

    def _require_free(self, name: str) -> None:
        with suppress(ObjectMissing):
            self.size(name)
            raise ObjectExists(name=name)

    def _give_up(self, claim: str) -> None:
        with suppress(StoreUnavailable):  # swept later
            self._remove(claim)

    def _nothing_at(self, name: str, offset: int) -> bytes:
        if offset > (size := self.size(name)):
            raise ObjectShort(name=name, wanted=offset, found=size)
        return b""

    def _read_once(self, name: str, offset: int, count: int | None) -> bytes:
        client = self._brief if count is not None and count <= _BRIEF_BYTES else self._lengthy
        try:
            if count is not None:
                answer = obstore.get(client, name, options={"range": (offset, offset + count)})
            elif offset:
                answer = obstore.get(client, name, options={"range": {"offset": offset}})
            else:
                answer = obstore.get(client, name)
            size = answer.meta["size"]
            stored = bytes(answer.bytes())
        except (BaseError, OSError) as error:
            if answered_status(error) == _OUT_OF_RANGE:
                return self._nothing_at(name, offset + (count or 0))
            raise bucket_fault(name, error) from None
        if not size:
            raise ObjectMissing(name=name)
        end = size if count is None else offset + count
        if end > size:
            raise ObjectShort(name=name, wanted=end, found=size)
        if len(stored) != end - offset:
            raise StoreUnavailable(name=name, wanted=end - offset, came=len(stored))
        return stored

    def _listed(self, kind: str) -> list[tuple[str, int]]:
        found = []
        with bucket_faults(kind, reading=False):
            for page in obstore.list(self._brief, kind):
                found += [(entry["path"], entry["size"]) for entry in page if entry["size"]]
        return sorted((name, size) for name, size in found if _is_named(name, kind))

    def _remove(self, name: str) -> None:
        with suppress(ObjectMissing), bucket_faults(name):
            obstore.delete(self._brief, name)


class _Parts:
    """A large object on its way: its upload in parts, and its claim."""

    def __init__(self, name: str, mark: str, sink: WritableFile, release: Callable[[], None]) -> None:
        self.name, self.mark, self._sink = name, mark, sink
        self.release = release

    def write(self, piece: bytes) -> None:
        """Send on; full parts go out while more is written."""
        with bucket_faults(self.name, reading=False):
            self._sink.write(piece)

    def close(self) -> None:
        """Make the parts an object."""
        with bucket_faults(self.name, reading=False):
            self._sink.close()

    def abort(self) -> None:
        """End the upload without an object. Called while its fault is being raised."""
        with suppress(BaseError, OSError):  # what cannot be reached now ends by the bucket's rule
            self._sink.__exit__(*sys.exc_info())
        self.release()


class _Upload:
    """An object on its way: held in memory while it is small, else sent in parts."""

    def __init__(self, most_held: int, begin_parts: Callable[[], _Parts]) -> None:
        self._most_held, self._begin_parts = most_held, begin_parts
        self.parts: _Parts | None = None
        self.held = bytearray()
        self.written = 0

    def write(self, piece: bytes | bytearray | memoryview, /) -> None:
        """Append to the object."""
        self.held += piece
        self.written += memoryview(piece).nbytes
        if self.parts is None and self.written > self._most_held:
            self.parts = self._begin_parts()
        if self.parts is not None and len(self.held) >= _SENT_BYTES:
            self.parts.write(bytes(self.held))
            self.held.clear()

    def abort(self) -> None:
        """End the upload without an object."""
        self.held.clear()
        if self.parts is not None:
            self.parts.abort()


def _attributes(mark: str) -> dict[str, str]:
    return {_MARK: mark, "Content-Type": "application/octet-stream"}


def _is_named(name: str, kind: str) -> bool:
    return re.fullmatch(rf"{kind}/[0-9a-f]{{32}}", name) is not None

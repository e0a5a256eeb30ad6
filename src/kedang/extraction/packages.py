"""Parts of a zip-based document, inflated within limits. Bombs and broken members end in our own errors."""

from __future__ import annotations

import struct
import zipfile
import zlib
from types import TracebackType
from typing import BinaryIO, Self

from kedang.extraction.errors import Damaged, Encrypted, LimitExceeded
from kedang.extraction.limits import Limits
from kedang.extraction.salvage import DEFLATED, HEADER_BYTES, LOCAL_HEADER, inflated_as_far, salvaged
from kedang.records.content import Content

_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)


class Package:
    """A zip-based document opened for reading; use it in a `with` statement.

    Names are compared without case and leading slash, as writers in the field are careless with both.
    A document whose directory is lost is read from its members as far as they go; `torn` is then true,
    as it is when a member turns out to be broken.
    """

    def __init__(self, content: Content, limits: Limits) -> None:
        self.torn = False
        self._left = limits.max_inflated_bytes
        self._salvaged: dict[str, bytes] = {}
        self._by_name: dict[str, zipfile.ZipInfo] = {}
        self._stream: BinaryIO = content.open()
        try:
            self._zip: zipfile.ZipFile | None = zipfile.ZipFile(self._stream)
        except _ZIP_FAULTS as error:
            self._zip = None
            self._salvage(content, limits, error)
            return
        if len(self._zip.filelist) > limits.max_members:
            self.close()
            raise LimitExceeded(limit="max_members", members=len(self._zip.filelist))
        self._by_name = {_key(member.filename): member for member in self._zip.filelist}

    def _salvage(self, content: Content, limits: Limits, error: Exception) -> None:
        self.torn = True
        self._stream.seek(0)
        raw = self._stream.read(min(limits.max_whole_bytes, content.size_bytes))
        self._stream.close()
        self._salvaged = {_key(name): part for name, part in salvaged(raw, limits).items()}
        if not self._salvaged:
            raise Damaged(reason="zip-directory") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __contains__(self, name: str) -> bool:
        key = _key(name)
        return key in self._by_name or key in self._salvaged

    def close(self) -> None:
        """Close the zip and the stream below it."""
        if self._zip is not None:
            self._zip.close()
        self._stream.close()

    def names(self) -> list[str]:
        """The members' names in lower case, in the order of the directory."""
        return [*self._by_name, *self._salvaged]

    def size_of(self, name: str) -> int:
        """The inflated size, as the directory claims it."""
        key = _key(name)
        return self._by_name[key].file_size if key in self._by_name else len(self._salvaged[key])

    def part(self, name: str) -> bytes:
        """The bytes of a member, as far as they can be inflated; empty when there is none of that name.

        Raises:
            Encrypted: the member needs a password.
            Damaged: nothing of it can be inflated.
            LimitExceeded: the document's members together grow beyond the limit.
        """
        key = _key(name)
        member = self._by_name.get(key)
        if member is None or self._zip is None:
            return self._salvaged.get(key, b"")
        if member.flag_bits & 0x1:
            raise Encrypted(reason="zip-member")
        if member.file_size > self._left:
            raise LimitExceeded(limit="max_inflated_bytes")
        try:
            with self._zip.open(member) as inflating:
                inflated = inflating.read(self._left + 1)
        except _ZIP_FAULTS as error:
            inflated = self._as_far(member)
            if not inflated:
                raise Damaged(reason="zip-member") from error
        self._left -= len(inflated)
        if self._left < 0:
            raise LimitExceeded(limit="max_inflated_bytes")
        return inflated

    def _as_far(self, member: zipfile.ZipInfo) -> bytes:
        """What a broken member gives before it breaks."""
        self.torn = True
        self._stream.seek(member.header_offset)
        head = self._stream.read(HEADER_BYTES)
        if len(head) < HEADER_BYTES or not head.startswith(LOCAL_HEADER):
            return b""
        self._stream.seek(sum(struct.unpack_from("<HH", head, 26)), 1)
        packed = self._stream.read(member.compress_size)
        return inflated_as_far(packed, self._left) if member.compress_type == DEFLATED else packed


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()

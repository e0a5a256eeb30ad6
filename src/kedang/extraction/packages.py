"""Parts of a zip-based document, inflated within limits. Bombs and broken members end in our own errors."""

from __future__ import annotations

import zipfile
import zlib
from types import TracebackType
from typing import BinaryIO, Self

from kedang.extraction.errors import Damaged, Encrypted, LimitExceeded
from kedang.extraction.limits import Limits
from kedang.records.content import Content

CHUNK_BYTES = 1024 * 1024


class Package:
    """A zip-based document opened for reading; use it in a `with` statement.

    Names are compared without case and leading slash, as writers in the field are careless with both.
    """

    def __init__(self, content: Content, limits: Limits) -> None:
        self._left = limits.max_inflated_bytes
        self._stream: BinaryIO = content.open()
        try:
            self._zip = zipfile.ZipFile(self._stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
            self._stream.close()
            raise Damaged(reason="zip-directory") from error
        if len(self._zip.filelist) > limits.max_members:
            self.close()
            raise LimitExceeded(limit="max_members", members=len(self._zip.filelist))
        self._by_name = {
            member.filename.replace("\\", "/").lstrip("/").lower(): member for member in self._zip.filelist
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._by_name

    def close(self) -> None:
        """Close the zip and the stream below it."""
        self._zip.close()
        self._stream.close()

    def names(self) -> list[str]:
        """The members' names in lower case, in the order of the directory."""
        return list(self._by_name)

    def size_of(self, name: str) -> int:
        """The inflated size that the directory claims."""
        return self._by_name[_key(name)].file_size

    def part(self, name: str) -> bytes:
        """The bytes of a member; empty when there is none of that name.

        Raises:
            Encrypted: the member needs a password.
            Damaged: it cannot be inflated, or its checksum is wrong.
            LimitExceeded: the document's members together grow beyond the limit.
        """
        member = self._by_name.get(_key(name))
        if member is None:
            return b""
        if member.flag_bits & 0x1:
            raise Encrypted(reason="zip-member")
        if member.file_size > self._left:
            raise LimitExceeded(limit="max_inflated_bytes")
        try:
            with self._zip.open(member) as inflating:
                inflated = inflating.read(self._left + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise Damaged(reason="zip-member") from error
        self._left -= len(inflated)
        if self._left < 0:
            raise LimitExceeded(limit="max_inflated_bytes")
        return inflated


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()

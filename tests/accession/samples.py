"""Containers made for tests, the shared real ones, and members as a list that can be compared."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kedang.accession.contents import BytesContent
from kedang.accession.limits import Budget, Limits
from kedang.accession.members import Damage, Member, open_members
from kedang.records.content import Content
from kedang.records.errors import KedangError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "real-mixed"
LIMITS = Limits()
Outcome = tuple[int, str, bytes | str]
"""Ordinal, name, bytes or the code in their place."""


def shared(pattern: str) -> BytesContent:
    """The one shared file of this name; the test is skipped where the shared data are not."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared data at {SHARED}")
    (found,) = [path for path in SHARED.rglob("*") if path.name == pattern]
    return BytesContent(found.read_bytes())


@contextmanager
def without_rights(*folders: Path) -> Iterator[None]:
    """As a user who owns nothing: root becomes nobody, who may reach `folders` from outside."""
    if os.geteuid() != 0:
        yield
        return
    for folder in folders:
        for place in (folder, *folder.parents):
            if place.owner() == "root" and place.stat().st_mode & 0o055 != 0o055:
                place.chmod(0o755)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def steps(
    content: Content | bytes, fmt_name: str, *, limits: Limits = LIMITS, start_after: int = -1, depth: int = 0
) -> list[Member | Damage]:
    """Everything a container gives, unread."""
    held = BytesContent(content) if isinstance(content, bytes) else content
    return list(open_members(held, fmt_name, limits=limits, start_after=start_after, depth=depth))


def outcomes(
    content: Content | bytes,
    fmt_name: str,
    *,
    limits: Limits = LIMITS,
    start_after: int = -1,
    budget: Budget | None = None,
    volumes: tuple[Content, ...] = (),
) -> list[Outcome]:
    """Every member read in its turn, every damage by its code."""
    held = BytesContent(content) if isinstance(content, bytes) else content
    opened = open_members(
        held, fmt_name, limits=limits, start_after=start_after, budget=budget, volumes=volumes
    )
    return [(step.ordinal, step.name, _bytes_or_code(step)) for step in opened]


def codes(found: list[Outcome]) -> list[str]:
    """The codes among outcomes, in order."""
    return [result for _, _, result in found if isinstance(result, str)]


def _bytes_or_code(step: Member | Damage) -> bytes | str:
    if isinstance(step, Damage):
        return step.code
    try:
        with step.open() as stream:
            return stream.read()
    except KedangError as error:
        return error.code


def zip_of(
    members: Mapping[str, bytes] | list[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip with these members."""
    held = io.BytesIO()
    pairs = members.items() if isinstance(members, Mapping) else members
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, octets in pairs:
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), octets, method)
    return held.getvalue()


def tar_of(members: Mapping[str, bytes], *, mode: str = "w", form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar with these members; `mode` packs it ("w:gz")."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for name, octets in members.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(octets), 1_700_000_000
            archive.addfile(entry, io.BytesIO(octets))
    return held.getvalue()


def mail(
    body: bytes = b"Hello\r\n",
    *,
    subject: bytes = b"Hi",
    parts: tuple[bytes, ...] = (),
    boundary: bytes = b"limit",
) -> bytes:
    """A mail of one text, or a multipart of a text and the given parts (headers and body each)."""
    head = b"From: lin@example.com\r\nTo: bo@example.com\r\nSubject: " + subject + b"\r\n"
    if not parts:
        return head + b"\r\n" + body
    mark = b"\r\n--" + boundary
    text = b"Content-Type: text/plain\r\n\r\n" + body
    inner = b"".join(mark + b"\r\n" + part for part in (text, *parts))
    kind = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\npreamble'
    return head + kind + inner + mark + b"--\r\n"


class EndlessContent:
    """A content that claims a size and gives the same bytes again and again, without holding them."""

    def __init__(self, block: bytes, blocks: int) -> None:
        self._block, self._blocks = block, blocks

    @property
    def size_bytes(self) -> int:
        return len(self._block) * self._blocks

    def open(self) -> io.BufferedReader:
        return io.BufferedReader(_Repeated(self._block, self._blocks))

    def head(self, count: int) -> bytes:
        with self.open() as stream:
            return stream.read(count)


class _Repeated(io.RawIOBase):
    def __init__(self, block: bytes, blocks: int) -> None:
        super().__init__()
        self._block, self._size, self._at = block, len(block) * blocks, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        count = max(0, min(len(view), self._size - self._at))
        inside = self._at % len(self._block)
        octets = (self._block * (count // len(self._block) + 2))[inside : inside + count]
        view[:count] = octets
        self._at += count
        return count


def pieces_of(octets: bytes, size: int) -> Iterator[bytes]:
    """Bytes cut into pieces of `size`."""
    for start in range(0, len(octets), size):
        yield octets[start : start + size]

"""Members of containers: what a member is, how it is read within limits, and which reader opens what.

Rules of every reader:

1. A member has the ordinal of its place in the container, whatever was skipped before it. The same
   bytes always give the same ordinals.
2. What cannot be read is a Damage with the ordinal it would have had, and the reader goes on where
   it can. Folders inside archives are no members.
3. Names are data. No name is ever used as a path.
4. A member can be read at any time and again. In packed containers (7z, rar, tar.gz) only the first
   reading, done while it is the member's turn, is cheap: every other one unpacks the container again
   up to the member.
5. Streams raise only errors of this room. Limits count the bytes that really come out.
"""

from __future__ import annotations

import importlib
import io
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol, cast

from kedang.accession.contents import JoinedContent
from kedang.accession.errors import (
    BudgetSpent,
    ContainerTruncated,
    MemberDamaged,
    MemberPassed,
    MemberTooLarge,
    NotAContainer,
    RatioTooHigh,
)
from kedang.accession.limits import Budget, Limits
from kedang.records.content import Content
from kedang.records.errors import KedangError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ENCRYPTED = "KD-A301"
DAMAGED = "KD-A302"
TRUNCATED = "KD-A303"
UNSUPPORTED = "KD-A304"
TOO_LARGE = "KD-A305"
RATIO = "KD-A306"
BUDGET = "KD-A307"
TOO_MANY = "KD-A308"
TOO_DEEP = "KD-A309"
OVERLAPPING = "KD-A310"
NOT_A_FILE = "KD-A311"
VOLUMES_MISSING = "KD-A312"
CONTAINER_ENCRYPTED = "KD-A313"
NOT_OPENED = "KD-A314"
NOT_TAKEN_OUT = "KD-A315"
MEMORY = "KD-A318"


class MemberKind(StrEnum):
    """What part of its container a member is."""

    FILE = "file"  # of an archive
    MESSAGE = "message"  # of a mailbox, or a mail inside a mail
    ATTACHMENT = "attachment"  # of a mail, a PDF, an OFD
    EMBEDDED = "embedded"  # an object inside an office document


class Stretch(NamedTuple):
    """A run of bytes of the container."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Member:
    """One thing inside a container, which is received like any file."""

    ordinal: int
    raw_name: bytes
    """The bytes the container holds as name, folders included; empty when it has none."""
    name: str
    kind: MemberKind
    chunks: Callable[[], Iterator[bytes]] = field(repr=False, compare=False)
    """Its bytes piece by piece, limits and check values watched. `open` is the same as a stream."""
    size_bytes: int | None = None
    """As the container claims; None when it does not say."""
    modified: datetime | None = None
    """As the container says: without time zone when it names none."""
    range: Stretch | None = None
    """The bytes of the container that hold the member and its own header; cutting them out leaves
    nothing of its content. None when the members are packed together."""
    verbatim: Stretch | None = None
    """Where the member's own bytes stand unpacked in the container, within `range`."""
    derived: bool = False
    """The bytes were composed by the reader from what the container holds (pst, msg)."""

    def open(self) -> BinaryIO:
        """A new stream of the member's bytes, forward only.

        Raises while being read: MemberEncrypted, MemberDamaged (at the end, when the check value
        differs: all bytes were given), ContainerTruncated, MethodUnsupported, MemberTooLarge,
        RatioTooHigh, BudgetSpent, MemoryNeeded; errors of reading the container itself.
        """
        return io.BufferedReader(_ChunkStream(self.chunks()), 64 * 1024)


@dataclass(frozen=True, slots=True)
class Damage:
    """A place of the container that cannot be read, with the code that says why."""

    ordinal: int
    code: str
    raw_name: bytes = b""
    name: str = ""
    range: Stretch | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)
    size_bytes: int | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a reader is given: the container, the bounds and where to take up."""

    content: Content
    fmt_name: str
    limits: Limits
    budget: Budget
    start_after: int = -1
    name: str = ""
    """Readable name of the container; names the one member of a .gz that names none."""
    charset: str | None = None
    """Code page to try first for names that are not UTF-8."""
    volumes: tuple[Content, ...] = ()
    """The further volumes of an archive in several files, in order."""

    def metered(
        self, chunks: Iterator[bytes], *, packed_bytes: int | None = None, paid: bool = False
    ) -> Iterator[bytes]:
        """`chunks` with limits watched and faults of decoders turned into errors of this room.

        `packed_bytes` is what the chunks are unpacked from, for the ratio; `paid` chunks were
        counted before.
        """
        limits = self.limits
        allowed = limits.member_bytes
        by_ratio = allowed
        if packed_bytes is not None:
            by_ratio = max(limits.ratio_floor_bytes, limits.member_ratio * packed_bytes)
        given = 0
        for chunk in _translated(chunks):
            given += len(chunk)
            if given > by_ratio:
                raise RatioTooHigh(packed_bytes=packed_bytes)
            if given > allowed:
                raise MemberTooLarge(allowed_bytes=allowed)
            if not paid:
                self.budget.spend(len(chunk))
            yield chunk


class Reader(Protocol):
    """One module of `containers`: the members of a container in their order."""

    def __call__(self, opening: Opening, /) -> Iterator[Member | Damage]: ...


_OFFICE = (
    *("docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xlsb", "xltx", "pptx", "pptm", "ppsx", "potx", "vsdx"),
    *("odt", "ott", "ods", "odp", "odg"),
)
_READERS: Mapping[str, str] = {
    "zip": "zips",
    "7z": "sevenzips",
    "rar": "rars",
    "tar": "tars",
    "gzip": "compressed",
    "bzip2": "compressed",
    "xz": "compressed",
    "lzma": "compressed",
    "zstd": "compressed",
    "eml": "mails",
    "emlx": "mails",
    "mhtml": "mails",
    "mbox": "mailboxes",
    "pst": "psts",
    "msg": "msgs",
    "tnef": "tnefs",
    "pdf": "pdfs",
    "ofd": "ofds",
    **dict.fromkeys(_OFFICE, "embedded"),
}
"""Which module of `containers` opens a format."""


def is_container(fmt_name: str) -> bool:
    """Whether things of this format (`Format.name`) may hold members to be received."""
    return fmt_name in _READERS


def open_members(
    content: Content,
    fmt_name: str,
    *,
    limits: Limits,
    budget: Budget | None = None,
    depth: int = 0,
    start_after: int = -1,
    name: str = "",
    charset: str | None = None,
    volumes: tuple[Content, ...] = (),
) -> Iterator[Member | Damage]:
    """The members of a container behind ordinal `start_after`, in order, with damage in its place.

    `budget` is that of the outermost received file, shared by all containers inside it; `depth` is
    0 for that file. `volumes` are the further files of an archive in several (`further_volumes` names
    them). The iteration ends after a Damage that nothing can follow.

    Raises:
        NotAContainer: `is_container(fmt_name)` is false. Errors of reading `content` itself
        (FileReplaced …).
    """
    if not is_container(fmt_name):
        raise NotAContainer()
    if volumes and fmt_name != "rar":  # rar volumes have headers of their own, others are one cut file
        content, volumes = JoinedContent((content, *volumes)), ()
    if depth > limits.depth:
        yield Damage(0, TOO_DEEP, facts={"depth": depth})
        return
    opening = Opening(
        content=content,
        fmt_name=fmt_name,
        limits=limits,
        budget=budget if budget is not None else Budget.of(limits, content.size_bytes),
        start_after=start_after,
        name=name,
        charset=charset,
        volumes=volumes,
    )
    yield from _bounded(opening, _reader(fmt_name)(opening))


def _reader(fmt_name: str) -> Reader:
    module = importlib.import_module(f"kedang.accession.containers.{_READERS[fmt_name]}")
    return cast(Reader, module.members_of)


def read_again(opening: Opening, ordinal: int) -> Iterator[bytes]:
    """The bytes of a member whose turn is over: the container is read again up to it.

    Bytes of the members before count for no budget; those of the member were counted.
    """
    fresh = replace(
        opening, start_after=ordinal - 1, budget=Budget.of(opening.limits, opening.content.size_bytes)
    )
    for step in _reader(opening.fmt_name)(fresh):
        if step.ordinal == ordinal and isinstance(step, Member):
            yield from step.chunks()
            return
    raise MemberPassed(ordinal=ordinal)


def _bounded(opening: Opening, found: Iterator[Member | Damage]) -> Iterator[Member | Damage]:
    """`found` behind the start, ended with one Damage when a bound of the whole is reached."""
    following = 0
    try:
        for step in found:
            following = step.ordinal + 1
            if step.ordinal <= opening.start_after:
                continue
            if opening.budget.members_left <= 0:
                yield Damage(step.ordinal, TOO_MANY, facts={"allowed": opening.limits.members})
                return
            if opening.budget.bytes_left < 0:
                yield Damage(step.ordinal, BUDGET)
                return
            opening.budget.members_left -= 1
            yield step
    except BudgetSpent:
        yield Damage(max(following, opening.start_after + 1), BUDGET)
    except DECODER_FAULTS as error:
        yield Damage(
            max(following, opening.start_after + 1), NOT_OPENED, facts={"fault": type(error).__name__}
        )


DECODER_FAULTS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What decoders raise on broken input. Readers of other projects raise most of these undocumented."""


def _translated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    except KedangError:
        raise
    except EOFError as error:
        raise ContainerTruncated() from error
    except DECODER_FAULTS as error:
        raise MemberDamaged(fault=type(error).__name__) from error


class _ChunkStream(io.RawIOBase):
    """A stream over an iterator of pieces."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        while not self._piece:
            piece = next(self._chunks, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        count = min(len(view), len(self._piece))
        view[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count


def slices(content: Content, stretch: Stretch, size: int = 256 * 1024) -> Iterator[bytes]:
    """The bytes of a stretch piece by piece.

    Raises:
        ContainerTruncated: the container ends before the stretch does.
    """
    with content.open() as stream:
        stream.seek(stretch.offset)
        left = stretch.length
        while left:
            piece = stream.read(min(size, left))
            if not piece:
                raise ContainerTruncated(missing_bytes=left)
            left -= len(piece)
            yield piece

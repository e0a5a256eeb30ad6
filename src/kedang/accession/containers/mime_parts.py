"""The parts of a mail with the exact bytes they take, found in one pass over its lines.

Order (RFC 2046): headers, blank line, body; a multipart's body is a preamble, then parts each after a
line `--boundary`, the line `--boundary--`, an epilogue. The line break before a boundary belongs to
the boundary. A part ends at any boundary of the multiparts around it, so a missing end mark costs
nothing. A mail inside a mail is one part here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from kedang.accession.containers.mime_headers import Fields, fields_of, media_type, parameters
from kedang.accession.limits import Limits

LINE_BYTES = 64 * 1024  # longer lines come in pieces; no boundary is as long
BOUNDARY_BYTES = 512  # RFC 2046 allows 70; longer ones occur, endless ones are an attack


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a mail: a body, an attachment or a mail inside."""

    ordinal: int
    """Its place among all leaves, bodies included."""
    fields: Fields
    media_type: str
    start: int
    """First byte of its headers."""
    body: int
    end: int
    around: tuple[str, ...]
    """Media types of the multiparts around it, outermost first."""
    too_deep: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    level: int
    closes: bool


def mail_parts(stream: BinaryIO, limits: Limits) -> Iterator[Part]:
    """The leaves of the mail that `stream` holds from its first byte."""
    yield from _Scan(stream, limits).parts()


class _Scan:
    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._position = 0
        self._at_line_start = True
        self._break_bytes = 0  # of the line before: belongs to the boundary that follows
        self._around: list[str] = []
        self._marks: dict[bytes, _Mark] = {}
        self._boundaries: list[bytes] = []

    def parts(self) -> Iterator[Part]:
        ordinal = 0
        while True:
            start = self._position
            fields, mark, ended = self._headers()
            body = self._position
            kind = media_type(fields)
            boundary = parameters(fields.get(b"content-type", b"")).get(b"boundary", b"")
            opens = kind.startswith("multipart/") and 0 < len(boundary) <= BOUNDARY_BYTES
            too_deep = opens and len(self._boundaries) >= self._limits.nested_parts
            around = tuple(self._around)
            if opens and not too_deep and mark is None and not ended:
                self._push(kind, boundary)
                mark, _ = self._to_mark()
            else:
                end = body
                if mark is None:
                    mark, end = self._to_mark()
                yield Part(ordinal, fields, kind, start, body, max(body, end), around, too_deep)
                ordinal += 1
            while mark is not None and mark.closes:
                self._pop(mark.level)
                mark, _ = self._to_mark()
            if mark is None:
                return
            self._pop(mark.level + 1)

    def _push(self, kind: str, boundary: bytes) -> None:
        level = len(self._boundaries)
        self._boundaries.append(boundary)
        self._around.append(kind)
        self._marks[b"--" + boundary] = _Mark(level, closes=False)
        self._marks[b"--" + boundary + b"--"] = _Mark(level, closes=True)

    def _pop(self, level: int) -> None:
        """Leave the multiparts from `level` inwards."""
        del self._boundaries[level:], self._around[level:]
        self._marks = {mark: where for mark, where in self._marks.items() if where.level < level}

    def _line(self) -> tuple[bytes, bool]:
        """The next line or piece of one, and whether it begins a line."""
        begins = self._at_line_start
        line = self._stream.readline(LINE_BYTES)
        self._position += len(line)
        self._at_line_start = line.endswith(b"\n")
        return line, begins

    def _mark(self, line: bytes, *, begins: bool) -> _Mark | None:
        if not begins or not line.startswith(b"--") or not self._marks:
            return None
        return self._marks.get(line.rstrip(b" \t\r\n"))

    def _headers(self) -> tuple[Fields, _Mark | None, bool]:
        """Fields up to the blank line; the mark that ended them early; whether the mail ended."""
        octets: list[bytes] = []
        size = 0
        while True:
            line, begins = self._line()
            if not line:
                return fields_of(b"".join(octets)), None, True
            mark = self._mark(line, begins=begins)
            if mark is not None:
                return fields_of(b"".join(octets)), mark, False
            self._break_bytes = _break_bytes(line)
            if begins and not line.strip(b"\r\n"):
                return fields_of(b"".join(octets)), None, False
            size += len(line)
            if size <= self._limits.header_bytes:
                octets.append(line)

    def _to_mark(self) -> tuple[_Mark | None, int]:
        """Pass over lines up to the next mark: the mark, None at the end, and where the body ends."""
        self._break_bytes = 0
        while True:
            before = self._position
            line, begins = self._line()
            if not line:
                return None, before
            mark = self._mark(line, begins=begins)
            if mark is not None:
                return mark, before - self._break_bytes
            self._break_bytes = _break_bytes(line)


def _break_bytes(line: bytes) -> int:
    if line.endswith(b"\r\n"):
        return 2
    return 1 if line.endswith(b"\n") else 0

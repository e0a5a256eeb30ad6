"""A delimited text row by row: the bytes of each, in bounded memory, whatever its length.

Bytes are cut into lines as the text is: behind a line feed, a carriage return, or both. Each line is decoded
alone to see where rows end; what is given is bytes. Together they are the file, byte for byte.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

from kedang.extraction.delimited import HEAD_CHARACTERS, MAX_CELL_CHARACTERS, MAX_CELL_LINES, Quoting
from kedang.extraction.delimiters import delimiter_of
from kedang.extraction.encodings import BOMS, charset_of
from kedang.extraction.errors import RowsUnreadable
from kedang.extraction.tables import LOOKED_AT, header_row
from kedang.records.content import Content, Format
from kedang.records.sheets import Book, Shape, Sheet

PIECE_BYTES = 1024 * 1024
HEAD_BYTES = 256 * 1024  # from which encoding and delimiter are found
MAX_ROW_BYTES = 16 * 1024 * 1024
_STATEFUL = frozenset({"hz", "iso2022_cn", "iso2022_jp", "iso2022_kr", "utf-7"})
"""Encodings in which a line says nothing without those before it."""
_WIDE = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)")


class DelimitedRows:
    """How a delimited text is read, found once; its rows, as often as they are asked for."""

    def __init__(self, content: Content, format: Format) -> None:
        """Find encoding, delimiter and quoting.

        Raises:
            RowsUnreadable: its bytes cannot be parted into rows.
        """
        self._content = content
        head = content.head(HEAD_BYTES)
        self.codec = _codec(head, format, complete=len(head) == content.size_bytes)
        self._mark = next((len(mark) for mark, _ in BOMS if head.startswith(mark)), 0)
        text = _tidied(head[self._mark :].decode(self.codec, "replace"))
        complete = len(head) == content.size_bytes and len(text) <= HEAD_CHARACTERS
        found = delimiter_of(text[:HEAD_CHARACTERS], complete=complete, expected=True)
        self.delimiter = found or ("\t" if format.name == "tsv" else ",")
        self._quoting: Quoting = csv.QUOTE_MINIMAL
        if not self._reads():
            self._quoting = csv.QUOTE_NONE
            if not self._reads():
                raise RowsUnreadable(because="cells")
        self.book = Book(
            Shape.DELIMITED, format.name, self.codec, self.delimiter, self._quoting == csv.QUOTE_MINIMAL
        )

    def sheet(self) -> Sheet:
        """Its one table."""
        top = []
        for _, cells in zip(range(LOOKED_AT + 10), self._cells(), strict=False):
            top.append([cell.strip() for cell in cells])
        while top and not any(top[-1]):
            top.pop()
        header = header_row(top)
        if header is None:
            return Sheet("")
        return Sheet("", header_row=header + 1, headers=tuple(top[header]))

    def rows(self) -> Iterator[bytes]:
        """The bytes of each row with its line end, from the first on; together they are the file."""
        for octets, _ in self._rows():
            yield octets

    def _cells(self) -> Iterator[list[str]]:
        return (cells for _, cells in self._rows())

    def _reads(self) -> bool:
        """Whether no cell grows beyond belief."""
        try:
            for _ in self._rows():
                pass
        except (csv.Error, RowsUnreadable):
            return False
        return True

    def _rows(self) -> Iterator[tuple[bytes, list[str]]]:
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        with self._content.open() as stream:
            waiting: list[bytes] = []
            reader = csv.reader(
                self._decoded(stream, waiting), delimiter=self.delimiter, quoting=self._quoting
            )
            for row in reader:
                if len(waiting) > MAX_CELL_LINES:
                    raise RowsUnreadable(because="cells")
                yield b"".join(waiting), row
                waiting.clear()
            if waiting:
                yield b"".join(waiting), []

    def _decoded(self, stream: BinaryIO, waiting: list[bytes]) -> Iterator[str]:
        """Each line decoded; its bytes wait until the row that it ends is told."""
        mark = self._mark
        for line in lines_of_bytes(stream, self.codec):
            waiting.append(line)
            yield _tidied(line[mark:].decode(self.codec, "replace"))
            mark = 0


def cells_of(octets: bytes, book: Book) -> list[str]:
    """The cells of one row, given as its bytes."""
    mark = next((len(mark) for mark, _ in BOMS if octets.startswith(mark)), 0)
    text = _tidied(octets[mark:].decode(book.charset, "replace"))
    quoting: Quoting = csv.QUOTE_MINIMAL if book.quoted else csv.QUOTE_NONE
    csv.field_size_limit(MAX_ROW_BYTES)
    lines = [f"{line}\n" for line in text.removesuffix("\n").split("\n")]
    return next(csv.reader(lines, delimiter=book.delimiter, quoting=quoting), [])


def lines_of_bytes(stream: BinaryIO, codec: str) -> Iterator[bytes]:
    """The lines of a stream with their ends.

    Raises:
        RowsUnreadable: a line is longer than any row may be.
    """
    width = _WIDE.get(codec, 1)
    left = b""
    while piece := stream.read(PIECE_BYTES):
        lines, left = _cut(left + piece, width, little=codec.endswith("-le"))
        yield from lines
        if len(left) > MAX_ROW_BYTES:
            raise RowsUnreadable(because="line")
    if left:
        lines, rest = _cut(left, width, little=codec.endswith("-le"), ends=True)
        yield from lines
        if rest:
            yield rest


def _cut(raw: bytes, width: int, *, little: bool, ends: bool = False) -> tuple[list[bytes], bytes]:
    """Whole lines, and what is left; a carriage return at the very end may go on with a line feed."""
    if width == 1:
        end = len(raw) if ends or not raw.endswith(b"\r") else len(raw) - 1
        # Behind the last end there is no line, and looking for one from each byte on would take for ever.
        end = max(raw.rfind(b"\n", 0, end), raw.rfind(b"\r", 0, end)) + 1
        lines = _LINE.findall(raw, 0, end)
        return lines, raw[sum(map(len, lines)) :]
    order = "little" if little else "big"
    feed, back = (value.to_bytes(width, order) for value in (0x0A, 0x0D))  # type: ignore[arg-type]
    found, begin = [], 0
    for at in range(0, len(raw) - width + 1, width):
        unit, after = raw[at : at + width], raw[at + width : at + 2 * width]
        if unit == feed or (unit == back and after != feed and (len(after) == width or ends)):
            found.append(raw[begin : at + width])
            begin = at + width
    return found, raw[begin:]


def _tidied(text: str) -> str:
    """The text as extraction has it: line feeds for line ends, no NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _codec(head: bytes, format: Format, *, complete: bool) -> str:
    found = charset_of(head, complete=complete) if format.charset is None else None
    codec = format.charset or (found.codec if found else "utf-8")
    if codec in _STATEFUL:
        raise RowsUnreadable(because="encoding")
    if codec == "utf-16":
        return "utf-16-be" if head.startswith(b"\xfe\xff") else "utf-16-le"
    if codec == "utf-32":
        return "utf-32-be" if head.startswith(b"\x00\x00\xfe\xff") else "utf-32-le"
    try:
        "".encode(codec)
    except LookupError as error:
        raise RowsUnreadable(because="encoding") from error
    return "utf-8" if codec == "utf-8-sig" else codec

"""Putting a text together piece by piece, with its places, within its limit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kedang.extraction.errors import CHARSET_UNSURE, TEXT_CUT
from kedang.extraction.limits import Limits
from kedang.records.content import Extraction, ForeignKey, Place, Problem, Table, TextSource

_UNFIT = re.compile("[\x00\r\ud800-\udfff]")
_TO_BLANKS = str.maketrans("\n\t", "  ")
_UNFIT_ROW = re.compile("[\x00\n\r\ud800-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class TableKeys:
    """Which columns of a database's table name its rows, and which name rows of others."""

    primary: tuple[str, ...] = ()
    foreign: tuple[ForeignKey, ...] = ()


NO_KEYS = TableKeys()


def tidy(piece: str) -> str:
    """The piece with line feeds for line ends, without NUL, and U+FFFD for halves of surrogate pairs."""
    if _UNFIT.search(piece) is None:
        return piece
    piece = piece.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return _SURROGATES.sub("\ufffd", piece)


def one_line(cell: str) -> str:
    """The cell tidied and on one line: line ends and tabs inside it become blanks, of equal length."""
    return tidy(cell).strip().translate(_TO_BLANKS) if cell else cell


class TextAssembly:
    """The text so far. What goes beyond the limit is dropped, and `problems` then says so."""

    def __init__(self, limits: Limits) -> None:
        self._left = limits.max_text_code_points
        self._limit = limits.max_text_code_points
        self._pieces: list[str] = []
        self.length = 0
        self.cut = False
        self.places: list[Place] = []
        self.tables: list[Table] = []
        self.metadata: list[tuple[str, str]] = []
        self.problems: list[Problem] = []

    def write(self, piece: str) -> None:
        """Add text, tidied; a carriage return cut in two by the caller becomes two line ends."""
        piece = tidy(piece)
        if len(piece) > self._left:
            piece = piece[: self._left]
            self.cut = True
        if piece:
            self._pieces.append(piece)
            self.length += len(piece)
            self._left -= len(piece)

    def line(self, piece: str) -> None:
        """Add text and end its line."""
        self.write(piece)
        self.write("\n")

    def mark(self, kind: str, label: str, start: int) -> None:
        """Name the stretch from `start` to here, if it holds anything."""
        if self.length > start:
            self.places.append(Place(kind, tidy(label), start, self.length))

    def tell(self, name: str, value: str | None) -> None:
        """Add metadata, unless it is blank."""
        if value is not None and (said := tidy(value).strip()):
            self.metadata.append((name, said))

    def problem(self, code: str, **facts: str | int) -> None:
        """Note a problem, once for each code."""
        if all(noted.code != code for noted in self.problems):
            self.problems.append(Problem(code, facts))

    def write_rows(
        self,
        name: str,
        headers: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        first_row: int,
        keys: TableKeys = NO_KEYS,
    ) -> None:
        """Add a table: its headers and rows as lines of cells parted by tabs, and the table itself."""
        if headers:
            self.line("\t".join(map(one_line, headers)))
        kept: list[tuple[str, ...]] = []
        starts: list[int] = []
        for row in rows:
            cells = tuple(cell.strip() for cell in row)
            joined = "\t".join(cells)
            if _UNFIT_ROW.search(joined) or joined.count("\t") != len(cells) - 1:
                cells = tuple(map(one_line, cells))
                joined = "\t".join(cells)
            if len(joined) + 1 > self._left:
                self.cut = True
                break
            starts.append(self.length)
            kept.append(cells)
            self._pieces += (joined, "\n")
            self.length += len(joined) + 1
            self._left -= len(joined) + 1
        shown = tuple(map(one_line, headers))
        self.tables.append(
            Table(tidy(name), shown, tuple(kept), first_row, tuple(starts), keys.primary, keys.foreign)
        )

    def unsure_charset(self, *, replaced: int) -> None:
        """Note that the encoding was a guess or left characters unread."""
        self.problem(CHARSET_UNSURE, replaced=replaced)

    def extraction(self, *, pages: int | None = None, ocr_pages: Sequence[int] = ()) -> Extraction:
        """What was read."""
        if self.cut:
            self.problem(TEXT_CUT, limit=self._limit)
        text = "".join(self._pieces)
        return Extraction(
            text=text,
            text_source=TextSource.EMBEDDED if text.strip() else TextSource.NONE,
            places=tuple(self.places),
            tables=tuple(self.tables),
            pages=pages,
            ocr_pages=tuple(ocr_pages),
            metadata=tuple(self.metadata),
            problems=tuple(self.problems),
        )

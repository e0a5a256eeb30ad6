"""The cells of the tables of one record, each with its column's meaning and its place in the text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kedang.records.content import Table
from kedang.resolution.columns import Column, Overrides, Section, sections_of
from kedang.resolution.meanings import NAMES, Meaning
from kedang.resolution.mention import MentionKind
from kedang.resolution.table_keys import KeyColumns, key_columns

_Layout = tuple[tuple[int, Column, str] | None, ...]
_NAME_PARTS = (Meaning.SURNAME, Meaning.GIVEN_NAME)
_LONGEST_NAME = 60  # characters
_ADDRESS = (Meaning.ADDRESS_PART, Meaning.ADDRESS)


@dataclass(frozen=True, slots=True)
class Cell:
    """A filled cell: its stretch of the text, its column, and the key that it holds as a customer's number."""

    start: int
    end: int
    written: str
    column: Column
    key: str = ""

    @property
    def meaning(self) -> Meaning:
        """What its column holds."""
        return self.column.meaning


class RowColumns:
    """Sections, columns and cells of a record's tables; each table is looked at when it is first asked for."""

    def __init__(self, tables: Sequence[Table], overrides: Overrides | None) -> None:
        self._tables = tables
        self._overrides = overrides
        self._sections: dict[int, tuple[Section, ...]] = {}
        self._naming: dict[int, bool] = {}
        self._layouts: dict[int, tuple[int, int, _Layout]] = {}
        self._keys: KeyColumns | None = None

    def sections(self, table: int) -> tuple[Section, ...]:
        """The sections of a table."""
        if table not in self._sections:
            self._sections[table] = sections_of(self._tables[table], overrides=self._overrides)
        return self._sections[table]

    def cells(self, table: int, row: int) -> Iterator[tuple[int, Cell]]:
        """The filled cells of a row, each with the number of its section among those side by side."""
        end = self._tables[table].row_starts[row]
        for written, column in zip(self._tables[table].rows[row], self._layout(table, row), strict=False):
            start, end = end, end + len(written) + 1
            if written and column is not None:
                side, told, key = column
                yield side, Cell(start, end - 1, written, told, key)

    def _layout(self, table: int, row: int) -> _Layout:
        """Section, column and key of each place of a row; rows of one block share it."""
        first, last, layout = self._layouts.get(table, (0, 0, ()))
        if first <= row < last:
            return layout
        side_by_side = [one for one in self.sections(table) if one.first_row <= row < one.end_row]
        if not side_by_side:
            return ()
        width = max(one.columns[-1].place for one in side_by_side) + 1
        made: list[tuple[int, Column, str] | None] = [None] * width
        for side, one in enumerate(side_by_side):
            for column in one.columns:
                made[column.place] = (side, column, self.keys.get((table, column.place), ""))
        block = side_by_side[0]
        self._layouts[table] = (block.first_row, block.end_row, tuple(made))
        return self._layouts[table][2]

    def may_name(self, table: int) -> bool:
        """Whether rows in which nobody was found may name a customer all the same: by a column of names or of his number."""
        if table not in self._naming:
            columns = [column for one in self.sections(table) for column in one.columns]
            told = any(column.meaning in NAMES and column.holds_it for column in columns)
            self._naming[table] = told or any((table, column.place) in self.keys for column in columns)
        return self._naming[table]

    @property
    def keys(self) -> KeyColumns:
        """The columns of customer numbers."""
        if self._keys is None:
            self._keys = key_columns(
                self._tables, [self.sections(place) for place in range(len(self._tables))]
            )
        return self._keys


def cell_at(cells: Sequence[Cell], position: int) -> Cell | None:
    """The cell at a position of the text."""
    place = bisect_right([cell.start for cell in cells], position) - 1
    return cells[place] if place >= 0 and position < cells[place].end else None


def address_in(cells: Sequence[Cell]) -> str:
    """The address of a row: its parts (省, 市, 区) and the address put together, in the order of the columns."""
    parts = [cell.written for cell in cells if cell.column.meaning in _ADDRESS]
    whole = [cell.written for cell in cells if cell.column.meaning is Meaning.ADDRESS]
    if not whole or len(parts) == len(whole):
        return whole[0] if whole else ""
    said = [part for part in parts[: parts.index(whole[0])] if not whole[0].startswith(part)]
    return "".join((*said, whole[0])) if any(not part.isascii() for part in said) else whole[0]


def name_in(cells: Sequence[Cell]) -> tuple[MentionKind, tuple[Cell, ...]]:
    """The name that the columns of a row hold, whatever it looks like: a firm's before a person's, given name and surname as said."""
    for meaning, kind in (
        (Meaning.ORGANISATION, MentionKind.ORGANISATION),
        (Meaning.PERSON, MentionKind.PERSON),
    ):
        found = next((cell for cell in cells if cell.column.meaning is meaning and _is_wordy(cell)), None)
        if found is not None:
            return kind, (found,)
    parts = {cell.column.meaning: cell for cell in cells if cell.column.meaning in _NAME_PARTS}
    if len(parts) == len(_NAME_PARTS) and all(map(_is_wordy, parts.values())):
        han = any("\u3400" <= sign <= "\u9fff" for sign in parts[Meaning.SURNAME].written)
        return MentionKind.PERSON, tuple(parts[one] for one in (_NAME_PARTS if han else _NAME_PARTS[::-1]))
    found = next((cell for cell in cells if cell.column.meaning is Meaning.NAME and _is_wordy(cell)), None)
    return MentionKind.PERSON, (found,) if found is not None else ()


def _is_wordy(cell: Cell) -> bool:
    letters = sum(sign.isalpha() for sign in cell.written)
    return letters >= 2 and letters * 2 > len(cell.written) and len(cell.written) <= _LONGEST_NAME

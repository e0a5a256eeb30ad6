"""Row sets give the original back, cell by cell, whatever the file is."""

from __future__ import annotations

import io
import sqlite3
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.contents import BytesContent
from kedang.catalogue.rebuilt_workbook import write_tables
from kedang.extraction.errors import ExtractionError, RowsUnreadable
from kedang.extraction.limits import Limits
from kedang.extraction.recognition import recognise
from kedang.extraction.sheet_rows import rows_of
from kedang.records.content import Content, Family, Format
from kedang.records.sheets import Cells, Formula, Sheet
from kedang.resolution.errors import RowSetDamaged
from kedang.resolution.row_sets import (
    Splitting,
    decode_cells,
    decode_chunk,
    encode_cells,
    encode_chunk,
    joined,
)
from tests.row_sets.company import database, workbook

DATA = Path(__file__).parents[3] / "shared" / "data"
XLSX = Format("application/x", Family.SHEET, "xlsx")
CSV = Format("text/csv", Family.SHEET, "csv")
Tables = list[tuple[Sheet, list[tuple[int, Cells | bytes]]]]


def read(octets: bytes, found: Format) -> Tables:
    content: Content = BytesContent(octets)
    return [(sheet, list(rows)) for sheet, rows in rows_of(content, found, limits=Limits()).tables()]


def through_sets(tables: Tables, turn_bytes: int) -> Tables:
    """The same tables after they have been split among four owners, a turn at a time, and joined."""
    turns: list[dict[tuple[int, str], bytes]] = []
    splitting = Splitting(turn_bytes)

    def hand_out() -> None:
        turns.append({(one.table, one.owner): one.payload for one in splitting.turn()})

    for table, (_, rows) in enumerate(tables):
        for number, row in rows:
            octets = row if isinstance(row, bytes) else encode_cells(row)
            if splitting.add(table, ("", "a", "b", "c")[number % 4], (number, octets)):
                hand_out()
    hand_out()
    back: Tables = []
    for table, (sheet, rows) in enumerate(tables):
        mine = ([payload for (one, _), payload in turn.items() if one == table] for turn in turns)
        raw = bool(rows) and isinstance(rows[0][1], bytes)
        back.append((sheet, [(n, row if raw else decode_cells(row)) for n, row in joined(mine)]))
    return back


def written(tables: Tables) -> bytes:
    out = io.BytesIO()
    write_tables(((sheet, iter(rows)) for sheet, rows in tables), out)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize("turn_bytes", [1, 500, 1 << 20])
def test_a_workbook_with_odd_sheets_comes_back_cell_by_cell(turn_bytes: int) -> None:
    tables = read(workbook(), XLSX)
    assert [(sheet.name, sheet.visibility) for sheet, _ in tables] == [
        ("客户台账", "visible"),
        ("订单", "hidden"),
        ("空表", "visible"),
    ]
    first, rows = tables[0]
    assert (first.header_row, first.merged) == (4, ((1, 1, 2, 6),))
    assert any(isinstance(cell, Formula) and cell.text == "SUM(E5:E8)" for _, row in rows for cell in row)
    again = through_sets(tables, turn_bytes)
    assert again == tables
    assert read(written(again), XLSX) == tables


def test_a_database_comes_back_value_by_value(tmp_path: Path) -> None:
    found = Format("application/x-sqlite3", Family.DATABASE, "sqlite")
    tables = read(database(tmp_path / "made.db"), found)
    assert [sheet.name for sheet, _ in tables] == ["客户", "品名"]
    assert tables[0][1][0][1] == (1, "林晚照", "13912340001", "住在沧浪路七号\n常来电话", b"\x00\xff")
    assert through_sets(tables, 100) == tables
    assert written(tables).startswith(b"PK")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
def test_a_delimited_text_comes_back_byte_for_byte(codec: str) -> None:
    text = '客户,备注\r\n林晚照,"两\r\n行, 一格"\r\n\r\n薄青山,"说""好"""\n谌若水,末行无换行'
    found = Format("text/csv", Family.SHEET, "csv", charset=codec)
    (_, rows) = through_sets(read(text.encode(codec), found), 60)[0]
    assert b"".join(row for _, row in rows if isinstance(row, bytes)) == text.encode(codec)
    assert len(rows) == 5


@given(st.text(alphabet='a,"\r\n客\t;', max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_delimited_text_comes_back(text: str) -> None:
    octets = text.encode("utf-8")
    try:
        tables = read(octets, Format("text/csv", Family.SHEET, "csv", charset="utf-8"))
    except RowsUnreadable:
        return
    (_, rows) = through_sets(tables, 400)[0]
    assert b"".join(row for _, row in rows if isinstance(row, bytes)) == octets


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False),
    st.integers(-(2**63), 2**63 - 1),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.builds(Formula, st.text(), st.one_of(st.none(), st.text(), st.floats(allow_nan=False))),
    st.builds(Formula, st.text(), st.none(), st.just("shared"), st.text(), st.text()),
)


@given(st.lists(CELLS, max_size=8).map(tuple))
def test_every_type_of_cell_comes_back(cells: Cells) -> None:
    assert decode_cells(encode_cells(cells)) == cells


@given(
    st.lists(st.tuples(st.integers(1, 9), st.binary(max_size=9)), unique_by=lambda row: row[0], max_size=9)
)
def test_chunks_come_back_and_broken_ones_are_refused(rows: list[tuple[int, bytes]]) -> None:
    rows.sort()
    payload = encode_chunk(rows)
    assert list(decode_chunk(payload)) == rows
    with pytest.raises(RowSetDamaged, match="KD-N201"):
        list(decode_chunk(payload[:-1] if rows else payload[1:]))
    if len(rows) > 1:
        with pytest.raises(RowSetDamaged):
            list(joined([[payload, encode_chunk(rows[:1])]]))


def test_times_and_spans_are_cells_of_their_kind() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("时间")
        for at, (value, form) in enumerate(
            (
                (date(2024, 5, 6), "yyyy-mm-dd"),
                (datetime(2024, 5, 6, 7, 8, 9), "yyyy-mm-dd hh:mm:ss"),  # noqa: DTZ001
                (time(7, 8, 9), "hh:mm:ss"),
                (timedelta(days=2, hours=3), "[h]:mm:ss"),
            )
        ):
            sheet.write(at, 0, value, book.add_format({"num_format": form}))
    tables = read(out.getvalue(), XLSX)
    assert [type(row[0]) for _, row in tables[0][1]] == [date, datetime, time, timedelta]
    assert read(written(tables), XLSX) == tables


def test_what_is_no_table_or_has_no_lines_of_its_own_is_refused() -> None:
    for found in (
        Format("text/plain", Family.TEXT, "text"),
        Format("text/csv", Family.SHEET, "csv", charset="hz"),
    ):
        with pytest.raises(RowsUnreadable, match="KD-E113"):
            read(b"a,b\n1,2\n", found)


def test_the_same_database_is_read_in_the_order_of_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE t (x)")
        made.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(50)])
    made.close()
    found = Format("application/x-sqlite3", Family.DATABASE, "sqlite")
    ((_, rows),) = read(path.read_bytes(), found)
    assert rows == [(n + 1, (n,)) for n in range(50)]


@pytest.mark.skipif(not DATA.is_dir(), reason="the collected files are not beside the checkout")
def test_workbooks_found_in_the_wild_come_back() -> None:
    seen = 0
    for path in sorted(DATA.rglob("*")):
        if (
            path.suffix.lower() not in (".xlsx", ".xls", ".et", ".ods", ".csv")
            or path.stat().st_size > 300_000
        ):
            continue
        octets = path.read_bytes()
        found = recognise(BytesContent(octets), name=path.name)
        try:
            tables = read(octets, found)
        except ExtractionError:
            continue
        again = through_sets(tables, 4000)
        assert repr(again) == repr(tables), path.name  # NaN is not itself
        if found.name == "xlsx":
            assert repr(read(written(again), XLSX)) == repr(tables), path.name
        seen += 1
        if seen == 40:
            break
    assert seen > 3

from __future__ import annotations

import io
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from kedang.catalogue.classes import class_scheme
from kedang.catalogue.errors import LabelUnknown
from kedang.catalogue.rows import CatalogueRow, columns, printable
from kedang.catalogue.workbook import CELL_CHARACTERS_MAX, WrittenWorkbook, write_xlsx
from kedang.catalogue.workbook_parts import column_letters
from tests.catalogue.lists import BARE, HARD, ROW, many


def opened(rows: list[CatalogueRow], **options: Any) -> Any:
    sink = io.BytesIO()
    write_xlsx(rows, sink, **options)
    return openpyxl.load_workbook(sink)


def cells_of(sheet: Any, number: int) -> dict[str, Any]:
    names = [cell.value for cell in sheet[2]]
    return dict(zip(names, sheet[number], strict=True))


def test_the_header_names_every_column_in_chinese_and_by_machine_name() -> None:
    sheet = opened([ROW]).active
    assert {cell.value for cell in sheet[2]} == {column.name for column in columns()}
    titles = {column.name: column.zh for column in columns()}
    assert [cell.value for cell in sheet[1]] == [titles[cell.value] for cell in sheet[2]]


def test_a_row_is_written_for_people() -> None:
    found = {name: cell.value for name, cell in cells_of(opened([ROW]).active, 3).items()}
    assert found["date"] == datetime(2025, 3, 10)  # noqa: DTZ001
    assert found["retention_until"] == datetime(2035, 12, 31)  # noqa: DTZ001
    assert (found["class"], found["accounting"], found["sensitivity"]) == ("合同信息", "否", "个人信息")
    assert (found["state"], found["text_source"]) == ("已归档", "原件")
    assert (found["size_bytes"], found["pages"], found["class_confidence"]) == (123_456, 12, 0.9734)
    assert found["record_id"] == ROW.record_id  # looks like a number in exponent form, and is text


def test_classes_go_by_the_chosen_scheme() -> None:
    sheet = opened([ROW], scheme=class_scheme("personal-first")).active
    assert cells_of(sheet, 3)["class"].value == "合同协议"


def test_what_is_not_known_is_an_empty_cell() -> None:
    found = {name: cell.value for name, cell in cells_of(opened([BARE]).active, 3).items()}
    assert found["date"] is found["pages"] is found["title"] is found["retention_until"] is None


@pytest.mark.parametrize(("until", "shown"), [("permanent", "永久"), ("undetermined", "待定")])
def test_an_end_that_is_no_day_is_said_in_words(until: str, shown: str) -> None:
    sheet = opened([replace(ROW, retention_until=until)]).active
    assert cells_of(sheet, 3)["retention_until"].value == shown


def test_dates_are_dates_and_those_before_the_calendar_of_spreadsheets_are_text() -> None:
    sheet = opened([ROW, replace(ROW, date=date(1900, 3, 1)), replace(ROW, date=date(1900, 2, 28))]).active
    days = [cells_of(sheet, number)["date"] for number in (3, 4, 5)]
    assert [cell.value for cell in days] == [
        datetime(2025, 3, 10),  # noqa: DTZ001
        datetime(1900, 3, 1),  # noqa: DTZ001
        "1900-02-28",
    ]
    assert days[0].number_format == "yyyy\\-mm\\-dd"


@pytest.mark.parametrize("text", HARD)
def test_every_text_is_a_text_cell(text: str) -> None:
    cell = cells_of(opened([replace(ROW, title=text)]).active, 3)["title"]
    assert cell.data_type in {"s", "inlineStr"} or not text
    assert unescape(cell.value or "") == printable(text)


def test_control_characters_are_escaped_as_the_format_says() -> None:
    sink = io.BytesIO()
    write_xlsx([replace(ROW, title="a\x01b _x0041_ c\rd")], sink)
    sheet = zipfile.ZipFile(sink).read("xl/worksheets/sheet1.xml").decode()
    assert "a_x0001_b _x005F_x0041_ c_x000D_d" in sheet
    ElementTree.fromstring(sheet)  # noqa: S314


def test_the_sheet_is_frozen_filtered_and_ready_to_print() -> None:
    book = opened([ROW, ROW, ROW], title="某公司 & 清算组 客户档案目录")
    sheet = book.active
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref == "A2:T5"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.print_area == "'目录'!$A$1:$K$5"
    assert sheet.oddHeader.center.text == "某公司 && 清算组 客户档案目录"
    assert sheet.oddFooter.center.text == "第 &P 页,共 &N 页"
    assert sheet.column_dimensions["B"].width == 40


def test_an_empty_list_is_a_workbook_with_its_header() -> None:
    sink = io.BytesIO()
    assert write_xlsx([], sink) == WrittenWorkbook(rows=0, sheets=1, shortened_cells=0)
    assert openpyxl.load_workbook(sink).active.max_row == 2


@pytest.mark.parametrize(("count", "sheets"), [(9, 1), (10, 1), (11, 2), (20, 2), (21, 3)])
def test_a_full_sheet_is_followed_by_another(count: int, sheets: int) -> None:
    sink = io.BytesIO()
    assert write_xlsx(many(count), sink, sheet_rows=10) == WrittenWorkbook(count, sheets, 0)
    book = openpyxl.load_workbook(sink)
    assert book.sheetnames == ["目录", "目录 2", "目录 3"][:sheets]
    codes = [row[0] for sheet in book for row in sheet.iter_rows(min_row=3, values_only=True)]
    assert codes == [row.reference_code for row in many(count)]
    assert all(sheet.print_title_rows == "$1:$2" for sheet in book)


def test_a_text_longer_than_a_cell_is_cut_counted_and_says_so() -> None:
    sink = io.BytesIO()
    fits, beyond = "长" * CELL_CHARACTERS_MAX, "😀" * (CELL_CHARACTERS_MAX // 2 + 1)
    written = write_xlsx([replace(ROW, title=fits), replace(ROW, title=beyond)], sink)
    assert written.shortened_cells == 1
    sheet = openpyxl.load_workbook(sink).active
    assert cells_of(sheet, 3)["title"].value == fits
    cut = cells_of(sheet, 4)["title"].value
    assert cut.endswith("…(全文见 JSON 目录)")
    assert len(cut.encode("utf-16-le")) // 2 <= CELL_CHARACTERS_MAX


def test_a_value_without_label_is_told() -> None:
    with pytest.raises(LabelUnknown, match="KD-C201"):
        write_xlsx([replace(ROW, state="lost")], io.BytesIO())


def test_equal_rows_give_equal_bytes() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    write_xlsx(many(20), first)
    write_xlsx(many(20), second)
    assert first.getvalue() == second.getvalue()


def test_it_can_be_written_to_a_stream_that_cannot_go_back(tmp_path: Path) -> None:
    class Forward(io.RawIOBase):
        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def writable(self) -> bool:
            return True

        def write(self, data: Any, /) -> int:
            self.parts.append(bytes(data))
            return len(data)

    sink = Forward()
    write_xlsx(many(5), sink)  # type: ignore[arg-type]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sink.parts)))
    assert book.active.max_row == 7


def test_no_temporary_file_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    assert write_xlsx(many(50), io.BytesIO()).rows == 50


def test_memory_stays_the_same_for_many_rows(tmp_path: Path) -> None:
    with (tmp_path / "list.xlsx").open("wb") as sink:
        tracemalloc.start()
        write_xlsx(many(3_000), sink)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1_000_000  # bytes; the sheet itself has 8,000,000


def test_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [column_letters(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]

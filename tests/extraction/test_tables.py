"""Tables keep rows and headers, and every row knows where it begins in the text."""

from __future__ import annotations

import csv
import datetime
import io
import sqlite3

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from kedang.extraction import Limits
from kedang.extraction.positions import places_at
from kedang.extraction.workbooks import shown
from kedang.records.content import Extraction
from tests.extraction.contents import codes, format_of, read, real
from tests.extraction.made import dbf, xlsx, zipped

HEADERS = ("姓名", "电话", "身份证号", "签约日期", "金额")


def _book() -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("客户")
    sheet.write_row(0, 0, ["客户登记表（2024年）"])
    sheet.write_row(1, 0, HEADERS)
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(2, 0, ["张三", 13800138000, "110105199001011234"])
    sheet.write_datetime(2, 3, datetime.datetime(2024, 3, 1), dates)  # noqa: DTZ001 - sheets know no zones
    sheet.write_number(2, 4, 1234.5)
    sheet.write_row(4, 0, ["李四", 13900139000, 1.10105199001011234e17])
    hidden = book.add_worksheet("旧数据")
    hidden.write_row(0, 0, ["名称", "备注"])
    hidden.write_row(1, 0, ["某某公司", "多行\n备注"])
    hidden.hide()
    book.close()
    return made.getvalue()


def _agrees(found: Extraction) -> None:
    for table in found.tables:
        for start, row in zip(table.row_starts, table.rows, strict=True):
            assert found.text.startswith("\t".join(row) + "\n", start)


def test_a_workbook_is_read_as_people_read_it() -> None:
    found = read(_book())
    customers, old = found.tables
    assert (customers.name, customers.headers, customers.first_row) == ("客户", HEADERS, 3)
    assert customers.rows[0] == ("张三", "13800138000", "110105199001011234", "2024-03-01", "1234.5")
    assert customers.rows[1] == ("", "", "", "", "")  # a blank row stays, so that row numbers hold
    assert old.rows == (("某某公司", "多行 备注"),)
    assert ("hidden_sheet", "旧数据") in found.metadata
    assert "客户登记表（2024年）" in found.text
    _agrees(found)


def test_numbers_that_lost_digits_are_flagged() -> None:
    problem = next(problem for problem in read(_book()).problems if problem.code == "KD-E108")
    assert problem.facts == {"cells": 1}


def test_a_position_is_found_back_in_its_sheet_and_row() -> None:
    found = read(_book())
    labels = [(place.kind, place.label) for place in places_at(found, found.text.index("13900139000"))]
    assert labels == [("sheet", "客户"), ("row", "客户!5")]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (13800138000.0, "13800138000"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        (1e20, "100000000000000000000"),
        (1.2e-7, "0.00000012"),
        (-0.0, "0"),
        (float("nan"), ""),
        (True, "TRUE"),
        ("=1+1", "=1+1"),
        (datetime.datetime(2024, 1, 2), "2024-01-02"),  # noqa: DTZ001 - sheets know no zones
        (datetime.datetime(2024, 1, 2, 3, 4, 5), "2024-01-02 03:04:05"),  # noqa: DTZ001 - as above
        (datetime.date(2024, 1, 2), "2024-01-02"),
        (None, ""),
    ],
)
def test_a_cell_is_shown_as_people_read_it(cell: float | str | datetime.date | None, text: str) -> None:
    assert shown(cell) == text


def test_comments_of_a_workbook_are_text() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "名称"
    sheet["A1"].comment = openpyxl.comments.Comment("此客户已注销", "档案员")
    made = io.BytesIO()
    book.save(made)
    assert "此客户已注销" in read(made.getvalue()).text


def test_a_workbook_cut_in_half_is_damaged() -> None:
    raw = _book()
    assert codes(read(raw[: len(raw) // 2], "客户.xlsx")) == ["KD-E102"]


def test_a_web_page_sold_as_a_workbook_is_read_as_a_table() -> None:
    page = "<html><meta charset=gb2312><table><tr><th>姓名</th><th>电话</th></tr><tr><td>张三</td><td>138</td></tr></table>"
    found = read(page.encode("gbk"), "导出.xls")
    assert found.tables[0].headers == ("姓名", "电话")
    assert found.tables[0].rows == (("张三", "138"),)
    _agrees(found)


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=3, max_size=12))
def test_a_csv_gives_back_its_cells(rows: list[list[str]]) -> None:
    made = io.StringIO()
    csv.writer(made).writerows([list(HEADERS[:3]), *rows])
    found = read(made.getvalue().encode("utf-8-sig"), "a.csv")
    _agrees(found)
    written = "".join(cell for row in [list(HEADERS[:3]), *rows] for cell in row)
    assert "".join(found.text.split()) == "".join(written.split())


@pytest.mark.parametrize(
    ("codec", "delimiter"), [("gbk", ","), ("utf-8", ";"), ("utf-16", "\t"), ("big5", "|")]
)
def test_delimiters_and_encodings_of_lists(codec: str, delimiter: str) -> None:
    lines = [
        delimiter.join(row) for row in (["姓名", "金額", "公司"], ["張三", "1", "甲"], ["李四", "2", "乙"])
    ]
    if codec == "gbk":
        lines = [line.replace("額", "额").replace("張", "张") for line in lines]
    found = read("\n".join(lines * 2).encode(codec), "名单.csv")
    assert len(found.tables[0].headers) == 3
    assert len(found.tables[0].rows) == 5


def test_lines_above_the_headers_are_text_but_no_rows() -> None:
    found = read(real("财务部/银行与支付流水/example-wechat-records.csv"))
    table = found.tables[0]
    assert table.headers[:3] == ("交易时间", "交易类型", "交易对方")
    assert "微信昵称" in found.text[: table.row_starts[0]]


def test_a_database_gives_a_table_for_each_of_its_tables() -> None:
    database = sqlite3.connect(":memory:")
    database.execute('CREATE TABLE "客户 表" (姓名, 照片, 电话)')
    database.execute('INSERT INTO "客户 表" VALUES (?, ?, ?)', ("张三", b"\x89PNG\x00\x01", 13800138000))
    database.execute('INSERT INTO "客户 表" VALUES (?, ?, ?)', ("李四".encode("gbk"), None, "139"))
    raw = database.serialize()
    database.close()
    found = read(raw)
    assert found.tables[0].name == "客户 表"
    assert found.tables[0].rows[0] == ("张三", "", "13800138000")
    assert found.tables[0].rows[1][2] == "139"
    _agrees(found)


def test_a_database_cut_in_half_gives_what_can_be_read() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE a (b)")
    database.executemany("INSERT INTO a VALUES (?)", [("客户" * 200,) for _ in range(200)])
    raw = database.serialize()
    database.close()
    assert set(codes(read(raw[: len(raw) // 2]))) <= {"KD-E102", "KD-E103"}
    assert codes(read(raw[: len(raw) // 2]))


@pytest.mark.parametrize("code_page", [0x4D, 0x7A, 0x00, 0x03])
def test_a_dbase_table_of_gbk_is_read_whatever_its_code_page_says(code_page: int) -> None:
    rows = [["张三有限公司".encode("gbk"), b"13800138000"], ["李四贸易".encode("gbk"), b"139"]] * 3
    found = read(dbf([("名称".encode("gbk"), 20), (b"DH", 12)], rows, code_page))
    assert found.tables[0].rows[0] == ("张三有限公司", "13800138000")


def test_an_opendocument_sheet_is_a_table() -> None:
    def row(*cells: str) -> str:
        return (
            "<t:table-row>"
            + "".join(f"<t:table-cell><x:p>{cell}</x:p></t:table-cell>" for cell in cells)
            + "</t:table-row>"
        )

    body = (
        row("姓名", "电话") + row("张三", "13800138000") + '<t:table-row t:number-rows-repeated="1048570"/>'
    )
    content = (
        "<?xml version='1.0'?><o:document-content xmlns:o='o' xmlns:t='t' xmlns:x='x'><o:body><o:spreadsheet>"
        f"<t:table t:name='客户'>{body}</t:table></o:spreadsheet></o:body></o:document-content>"
    )
    found = read(
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})
    )
    assert found.tables[0].rows == (("张三", "13800138000"),)
    assert found.problems == ()


def test_a_json_list_of_like_objects_is_a_table() -> None:
    found = read('[{"姓名": "张三", "电话": "138"}, {"姓名": "李四", "城市": null}]'.encode())
    assert found.tables[0].headers == ("姓名", "电话", "城市")
    assert found.tables[0].rows == (("张三", "138", ""), ("李四", "", ""))
    _agrees(found)


def test_other_json_is_read_value_by_value() -> None:
    raw = '{"title": "销售订单", "lines": ["客户：张三", "电话：138"], "total": {"金额": 12.5, "备注": null}}'
    assert read(raw.encode()).text == "销售订单\n客户：张三\n电话：138\n金额: 12.5\n"


def test_numbers_beyond_15_digits_are_shown_as_excel_shows_them() -> None:
    assert shown(510199199103058298.0) == "510199199103058000"


def test_escapes_of_json_are_read() -> None:
    assert "张三" in read(b'{"a": {"b": ["\\u5f20\\u4e09"]}}').text


def test_an_empty_sheet_gives_no_row() -> None:
    found = read(xlsx(""))
    assert format_of(xlsx("")) == "xlsx"
    assert all(not table.rows for table in found.tables)


def test_a_cell_budget_cuts_a_wide_sheet() -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>1</v></c></row>' for n in range(1, 101)
    )
    found = read(xlsx(rows), limits=Limits(max_cells=20))
    assert "KD-E110" in codes(found)
    assert sum(len(table.rows) for table in found.tables) == 10


def test_a_dump_of_a_database_gives_its_tables() -> None:
    dump = (
        "-- dump\nCREATE TABLE `客户` (\n  `id` int NOT NULL,\n  `姓名` varchar(20),\n  `备注` text,\n  PRIMARY KEY (`id`)\n);\n"
        "INSERT INTO `客户` VALUES (1, '张三', 'it''s; (ok)'), (2, '李\\'四', NULL);\n"
        "INSERT INTO `订单` (`号`, `金额`) VALUES ('DD1', 12.50);\nCOMMIT;\n"
    )
    found = read(dump.encode("gbk"), "备份.sql")
    customers, orders = found.tables
    assert customers.headers == ("id", "姓名", "备注")
    assert customers.rows == (("1", "张三", "it's; (ok)"), ("2", "李'四", ""))
    assert (orders.name, orders.headers, orders.rows) == ("订单", ("号", "金额"), (("DD1", "12.50"),))
    assert "CREATE TABLE" in found.text
    assert "COMMIT" in found.text
    _agrees(found)

"""A small firm's tables of every form, with three customers in each: made, not found."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

HEADERS = ("客户名称", "联系电话", "身份证号", "签约日期", "金额", "备注")
LIN = ("林晚照", "13912340001", "11010119900307765X", date(2023, 4, 5), 1280.5, "住在沧浪路七号\n常来电话")
BO = ("薄青山", "13912340002", "", date(2023, 6, 7), 990.0, "沉香里九号")
CHEN = ("谌若水", "13912340003", "", date(2024, 1, 2), 31.25, "白鹭洲三号")
PEOPLE = (LIN, BO, CHEN)
MARKER = "沉香里"
"""Stands in the rows of 薄青山 and nowhere else."""


def write_tables(desk: Path) -> None:
    """A workbook with odd sheets, an old one, two delimited texts and a database."""
    desk.mkdir(parents=True, exist_ok=True)
    (desk / "客户台账.xlsx").write_bytes(workbook())
    (desk / "客户名单.csv").write_bytes("".join(csv_lines()).encode("gb18030"))
    (desk / "客户资料.db").write_bytes(database(desk / "tmp.db"))


def csv_lines() -> Iterator[str]:
    """Quoted line ends, an empty row and no line end at the end."""
    yield ",".join(HEADERS[:3]) + ",备注\r\n"
    for one in PEOPLE:
        yield f'{one[0]},{one[1]},{one[2]},"{one[5]}"\r\n'
        if one is LIN:
            yield "\r\n"
    yield "合计,3,,"


def workbook() -> bytes:
    """Title in merged cells, headers in the fourth row, formulas, an empty row, two tables on a sheet, a hidden sheet."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("客户台账")
        sheet.merge_range(0, 0, 1, 5, "客户台账（2024 年）")
        at = _table(sheet, 3, day)
        sheet.write_formula(at, 4, "=SUM(E5:E8)", None, 2301.75)
        sheet.write_row(at + 3, 0, ("编号", "品名", "库存"))
        sheet.write_row(at + 4, 0, ("P-1", "绿茶", 12))
        orders = book.add_worksheet("订单")
        _table(orders, 0, day)
        orders.hide()
        book.add_worksheet("空表")
    return made.getvalue()


def _table(sheet: Any, top: int, day: Any) -> int:
    sheet.write_row(top, 0, HEADERS)
    at = top + 1
    for one in PEOPLE:
        sheet.write_row(at, 0, one[:3])
        sheet.write_datetime(at, 3, datetime.combine(one[3], datetime.min.time()), day)
        sheet.write(at, 4, one[4])
        sheet.write(at, 5, one[5])
        at += 2 if one is LIN else 1
    return at


def database(path: Path) -> bytes:
    """A table of customers and one without."""
    with closing(sqlite3.connect(path)) as made, made:
        made.execute(
            'CREATE TABLE "客户" (id INTEGER PRIMARY KEY, 客户名称 TEXT, 联系电话 TEXT, 备注, x BLOB)'
        )
        for one in PEOPLE:
            values = (one[0], one[1], one[5], None if one is BO else b"\x00\xff")
            made.execute('INSERT INTO "客户" (客户名称, 联系电话, 备注, x) VALUES (?, ?, ?, ?)', values)
        made.execute("CREATE TABLE 品名 (name TEXT, price REAL)")
        made.execute("INSERT INTO 品名 VALUES ('绿茶', 12.5)")
    octets = path.read_bytes()
    path.unlink()
    return octets

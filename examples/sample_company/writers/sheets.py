"""Spreadsheets: xlsx, xls and the et of WPS, which is the same container."""

from __future__ import annotations

import io
from datetime import date, datetime, time

import xlsxwriter
import xlwt

from examples.sample_company.marks import plain
from examples.sample_company.paper import Grid, Paper
from examples.sample_company.writers.text import line_of

MOST_DIGITS = 15  # a spreadsheet number keeps no more


def cells(paper: Paper, *, numeric: bool) -> list[tuple[str, list[list[str | float]]]]:
    """Sheets with rows; lines before and after the first table stand on its sheet."""
    sheets: list[tuple[str, list[list[str | float]]]] = []
    loose: list[list[str | float]] = [[plain(paper.header)]] if paper.header else []
    loose += [[plain(paper.title)]] if paper.title else []
    for block in paper.blocks:
        if isinstance(block, Grid):
            rows: list[list[str | float]] = [[plain(cell) for cell in block.headers]]
            rows += [[_value(plain(cell), numeric=numeric) for cell in row] for row in block.rows]
            sheets.append((block.name[:31], loose + rows))
            loose = []
        elif sheets:
            sheets[-1][1].append([plain(line_of(block))])
        else:
            loose.append([plain(line_of(block))])
    return sheets or [("Sheet1", loose)]


def _value(text: str, *, numeric: bool) -> str | float:
    if (
        numeric
        and text.isascii()
        and text.isdigit()
        and len(text) <= MOST_DIGITS
        and (text == "0" or text[0] != "0")
    ):
        return float(text)
    return text


def xlsx(paper: Paper, *, numeric: bool = False, hidden: bool = False) -> bytes:
    """The paper as xlsx; `numeric` writes digits as numbers, `hidden` hides the last sheet."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties(
            {
                "title": plain(paper.title),
                "author": "样禾办公",
                "created": datetime.combine(paper.day, time(9, 30)),
            }
        )
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7"})
        sheets = cells(paper, numeric=numeric)
        last = len(sheets) - 1
        for place, (name, rows) in enumerate(sheets):
            sheet = book.add_worksheet(_sheet_name(name, place))
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, float):
                        sheet.write_number(number, column, value)
                    else:
                        sheet.write_string(number, column, value, bold if number == 0 else None)
            sheet.set_column(0, 8, 18)
            if hidden and place == last:
                sheet.hide()
    return target.getvalue()


def xls(paper: Paper, *, numeric: bool = False) -> bytes:
    """The paper as xls (BIFF8)."""
    book = xlwt.Workbook(encoding="utf-8")
    for place, (name, rows) in enumerate(cells(paper, numeric=numeric)):
        sheet = book.add_sheet(_sheet_name(name, place))
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _sheet_name(name: str, place: int) -> str:
    clean = "".join(char for char in name if char not in "[]:*?/\\")[:24] or "Sheet"
    return clean if place == 0 else f"{clean}{place + 1}"


def numbers_xlsx(headers: list[str], rows: list[tuple[str, float]], day: date) -> bytes:
    """A sheet whose numbers are too long for a spreadsheet."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": datetime.combine(day, time(9, 30))})
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, headers)
        for number, (name, value) in enumerate(rows, 1):
            sheet.write_string(number, 0, name)
            sheet.write_number(number, 1, value)
    return target.getvalue()

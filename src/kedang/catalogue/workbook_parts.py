"""The fixed parts of a workbook in the Office Open XML form (ISO/IEC 29500), as Excel and WPS read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from xml.sax.saxutils import escape

CONTENT_TYPES = "[Content_Types].xml"
HEADER_ROWS = 2
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ALPHABET = 26
_QUOTES = {'"': "&quot;"}
# Characters that XML cannot hold, and text that looks like their escape, as the format writes them.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class Style(IntEnum):
    """Places in the table of cell formats of STYLES."""

    PLAIN = 0
    HEADER = 1
    NAMES = 2
    TEXT = 3
    CENTRED = 4
    DAY = 5
    COUNT = 6
    SCORE = 7
    UNWRAPPED = 8


_BORDER = 'borderId="1" applyBorder="1"'
_MIDDLE = 'applyAlignment="1"><alignment vertical="center"'
STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="3">'
    '<font><sz val="10"/><name val="宋体"/><family val="3"/><charset val="134"/></font>'
    '<font><b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="黑体"/><family val="3"/>'
    '<charset val="134"/></font>'
    '<font><sz val="8"/><color rgb="FF6B7280"/><name val="Arial"/><family val="2"/></font>'
    "</fonts>"
    '<fills count="4"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FF1F4E5F"/></patternFill></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFEEF2F4"/></patternFill></fill></fills>'
    '<borders count="2"><border/><border>'
    + "".join(
        f'<{side} style="thin"><color rgb="FFD1D5DB"/></{side}>'
        for side in ("left", "right", "top", "bottom")
    )
    + "</border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="9">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    f'<xf numFmtId="0" fontId="1" fillId="2" {_BORDER} xfId="0" applyFont="1" applyFill="1" '
    'applyAlignment="1"><alignment horizontal="center" vertical="center"/></xf>'
    f'<xf numFmtId="0" fontId="2" fillId="3" {_BORDER} xfId="0" applyFont="1" applyFill="1" '
    'applyAlignment="1"><alignment horizontal="center" vertical="center" shrinkToFit="1"/></xf>'
    f'<xf numFmtId="49" fontId="0" fillId="0" {_BORDER} xfId="0" applyNumberFormat="1" {_MIDDLE} '
    'wrapText="1"/></xf>'
    f'<xf numFmtId="0" fontId="0" fillId="0" {_BORDER} xfId="0" {_MIDDLE} horizontal="center"/></xf>'
    f'<xf numFmtId="164" fontId="0" fillId="0" {_BORDER} xfId="0" applyNumberFormat="1" {_MIDDLE} '
    'horizontal="center"/></xf>'
    f'<xf numFmtId="3" fontId="0" fillId="0" {_BORDER} xfId="0" applyNumberFormat="1" {_MIDDLE}/></xf>'
    f'<xf numFmtId="2" fontId="0" fillId="0" {_BORDER} xfId="0" applyNumberFormat="1" {_MIDDLE}/></xf>'
    f'<xf numFmtId="49" fontId="0" fillId="0" {_BORDER} xfId="0" applyNumberFormat="1" {_MIDDLE}/></xf>'
    "</cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)

PACKAGE_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def column_letters(at: int) -> str:
    """The name of the column at this place, counted from 0: A … Z, AA …"""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, _ALPHABET)
        letters = chr(ord("A") + rest) + letters
    return letters


def text_cell(at: str, style: Style, text: str) -> str:
    """A cell that holds the text as text, whatever it begins with."""
    written = escape(_UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
    return f'<c r="{at}" s="{style:d}" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


def sheet_start(widths: Sequence[int]) -> bytes:
    """A sheet up to its first row: two rows and one column frozen, widths set."""
    cols = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(widths, start=1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        '<sheetViews><sheetView workbookViewId="0">'
        '<pane xSplit="1" ySplit="2" topLeftCell="B3" activePane="bottomRight" state="frozen"/>'
        '<selection pane="topRight"/><selection pane="bottomLeft"/>'
        '<selection pane="bottomRight" activeCell="B3" sqref="B3"/>'
        '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
        f"<cols>{cols}</cols><sheetData>"
    ).encode()


def sheet_end(last_row: int, last_column: str, title: str) -> bytes:
    """A sheet from its last row on: filter, A4 landscape, title above and page number below."""
    above = escape(title.replace("&", "&&"))  # a single & begins a code in a page header
    header = f"<oddHeader>&amp;C{above}</oddHeader>" if title else ""
    return (
        f'</sheetData><autoFilter ref="A{HEADER_ROWS}:{last_column}{last_row}"/>'
        '<pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
        f"<headerFooter>{header}<oddFooter>&amp;C第 &amp;P 页,共 &amp;N 页</oddFooter></headerFooter>"
        "</worksheet>"
    ).encode()


def workbook_part(names: Sequence[str], lengths: Sequence[int], last_printed: str, last_column: str) -> str:
    """The list of sheets, with what is printed of each and the rows repeated on every page."""
    sheets = "".join(
        f'<sheet name="{escape(name, _QUOTES)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, start=1)
    )
    defined = []
    for at, (name, length) in enumerate(zip(names, lengths, strict=True)):
        quoted = "'" + escape(name.replace("'", "''"), _QUOTES) + "'"
        last = HEADER_ROWS + length
        scope = f'localSheetId="{at}"'
        defined += [
            f'<definedName name="_xlnm._FilterDatabase" {scope} hidden="1">'
            f"{quoted}!$A${HEADER_ROWS}:${last_column}${last}</definedName>",
            f'<definedName name="_xlnm.Print_Area" {scope}>'
            f"{quoted}!$A$1:${last_printed}${last}</definedName>",
            f'<definedName name="_xlnm.Print_Titles" {scope}>{quoted}!$1:${HEADER_ROWS}</definedName>',
        ]
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets><definedNames>{''.join(defined)}</definedNames></workbook>"
    )


def workbook_relations(sheets: int) -> str:
    """Where the workbook finds its sheets and formats."""
    related = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, sheets + 1)
    )
    return (
        f'{_XML}<Relationships xmlns="{_RELATIONS}">{related}<Relationship Id="rId{sheets + 1}" '
        f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    )


def content_types(sheets: int) -> str:
    """What each part of the package is."""
    listed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_SHEET_TYPES}.worksheet+xml"/>'
        for at in range(1, sheets + 1)
    )
    return (
        f'{_XML}<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPES}.styles+xml"/>{listed}</Types>'
    )

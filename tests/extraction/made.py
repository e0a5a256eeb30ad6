"""Documents made by the tests, part by part, so that each test shows what it puts in."""

from __future__ import annotations

import io
import struct
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/main" ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/>'
    "</Types>"
)


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """A zip of the parts, deflated."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def docx(body: str, **parts: bytes | str) -> bytes:
    """A Word document with that body; further parts by name, `__` for `/` and `_xml` for `.xml`."""
    main: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES.format(kind="wordprocessingml.document"),
        "word/document.xml": f"<?xml version='1.0'?><w:document {W}><w:body>{body}</w:body></w:document>",
    }
    return zipped(
        main | {name.replace("__", "/").replace("_xml", ".xml"): part for name, part in parts.items()}
    )


def paragraph(text: str) -> str:
    """A Word paragraph."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(sheet: str) -> bytes:
    """A workbook of one sheet 表 whose sheetData is given."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return zipped(
        {
            "[Content_Types].xml": TYPES.format(kind="spreadsheetml.sheet"),
            "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r" '
            f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
            f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData>'
            "</worksheet>",
        }
    )


def pdf(objects: list[bytes], root: int = 1) -> bytes:
    """A PDF of the objects, numbered from 1, with a right cross-reference table."""
    made = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start)
    return bytes(made)


def dbf(fields: list[tuple[bytes, int]], rows: list[list[bytes]], code_page: int = 0) -> bytes:
    """A dBASE table of character fields."""
    width = 1 + sum(length for _, length in fields)
    header = 32 + 32 * len(fields) + 1
    made = struct.pack("<BBBBIHH17xB2x", 3, 123, 4, 5, len(rows), header, width, code_page)
    for name, length in fields:
        made += name.ljust(11, b"\x00") + b"C" + bytes(4) + bytes([length]) + bytes(15)
    made += b"\x0d"
    for row in rows:
        made += b" " + b"".join(cell.ljust(length) for cell, (_, length) in zip(row, fields, strict=True))
    return made + b"\x1a"

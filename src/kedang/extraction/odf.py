"""OpenDocument: text, sheets, slides and drawings from content.xml, headers and footers from styles.xml.

Sheets become tables; repeated cells and rows are written out only as far as they hold something.
"""

from __future__ import annotations

import re

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.embedded_images import pictures_wanting_ocr
from kedang.extraction.errors import PARTLY_READ, ROWS_CUT, Damaged, Encrypted, ExtractionError
from kedang.extraction.limits import Limits
from kedang.extraction.office_properties import tell_properties
from kedang.extraction.packages import Package
from kedang.extraction.tables import write_sheet
from kedang.extraction.whole import whole_bytes
from kedang.extraction.xml_tree import Element, depth_checked, local, tree_of
from kedang.records.content import Content, Extraction, Format

_BLOCKS = frozenset(("p", "h"))
_MARGINS = frozenset(
    (
        "header",
        "footer",
        "header-left",
        "footer-left",
        "header-first",
        "footer-first",
        "master-page",
        "footer-decl",
        "header-decl",
    )
)
_UNSEEN = frozenset(
    (
        "tracked-changes",
        "forms",
        "sequence-decls",
        "automatic-styles",
        "font-face-decls",
        "scripts",
        "annotation-end",
    )
)
MAX_REPEATED_TEXT = 1_000  # times that a cell or row with text is written out; more is a trap, not a table
_ENCRYPTED = re.compile(rb"<(?:\w+:)?encryption-data\b")


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The document's text, slides and sheets as places."""
    assembly = TextAssembly(limits)
    if format.name == "flat-odf":
        _write_body(tree_of(whole_bytes(content, limits), limits), assembly, limits)
        return assembly.extraction()
    with Package(content, limits) as package:
        if _ENCRYPTED.search(
            package.part("META-INF/manifest.xml") if "META-INF/manifest.xml" in package else b""
        ):
            raise Encrypted(format=format.name)
        if "content.xml" not in package:
            raise Damaged(reason="no-content-part")
        pages = _write_body(tree_of(package.part("content.xml"), limits), assembly, limits)
        try:
            _write_margins(package, assembly, limits)
            tell_properties(package, ("meta.xml",), assembly, limits)
        except ExtractionError:
            assembly.problem(PARTLY_READ, part="styles")
        wanted = pictures_wanting_ocr(package, assembly.length)
        if package.torn:
            assembly.problem(PARTLY_READ, part="zip")
    return assembly.extraction(pages=pages or None, ocr_pages=range(wanted))


def _write_body(root: Element, assembly: TextAssembly, limits: Limits) -> int:
    """Add everything under office:body; returns how many slides it had."""
    body = next((element for element in root.iter() if local(element.tag) == "body"), root)
    slides = 0
    for kind in body:
        start = assembly.length
        name = local(kind.tag)
        if name == "spreadsheet":
            _write_sheets(kind, assembly, limits)
        elif name in ("presentation", "drawing"):
            for page in (child for child in kind if local(child.tag) == "page"):
                slides += 1
                start = assembly.length
                _write_blocks(page, assembly, limits, 0)
                assembly.mark("slide" if name == "presentation" else "page", str(slides), start)
        else:
            _write_blocks(kind, assembly, limits, 0)
            assembly.mark("body", "body", start)
    return slides


def _write_margins(package: Package, assembly: TextAssembly, limits: Limits) -> None:
    """Add the headers and footers of the master pages, each text once."""
    raw = package.part("styles.xml") if "styles.xml" in package else b""
    if not raw:
        return
    seen: set[str] = set()
    for element in tree_of(raw, limits).iter():
        kind = local(element.tag).partition("-")[0]
        if local(element.tag) not in _MARGINS:
            continue
        if kind == "master":
            if not any(local(inner.tag) in ("frame", "custom-shape") for inner in element):
                continue
            kind = "header"
        said = "\n".join(_said(block) for block in element.iter() if local(block.tag) in _BLOCKS).strip()
        if said and said not in seen:
            seen.add(said)
            start = assembly.length
            assembly.line(said)
            assembly.mark(kind, kind, start)


def _write_blocks(parent: Element, assembly: TextAssembly, limits: Limits, depth: int) -> None:
    depth_checked(depth, limits)
    for child in parent:
        name = local(child.tag)
        if name in _BLOCKS:
            assembly.line(_said(child))
            for frame in child.iter():
                if local(frame.tag) in ("text-box", "annotation"):
                    _write_blocks(frame, assembly, limits, depth + 1)
        elif name == "table":
            for row in child.iter():
                if local(row.tag) == "table-row":
                    assembly.line(
                        "\t".join(_cell_text(cell) for cell in row if local(cell.tag).endswith("table-cell"))
                    )
        elif name not in _UNSEEN and name:
            _write_blocks(child, assembly, limits, depth + 1)


def _said(block: Element) -> str:
    """The characters of a paragraph; boxes and comments anchored in it are written apart."""
    pieces: list[str] = []
    _gather(block, pieces, 0)
    return "".join(pieces)


def _gather(element: Element, pieces: list[str], depth: int) -> None:
    if depth > 200:
        return
    pieces.append(element.text or "")
    for child in element:
        name = local(child.tag)
        if name == "s":
            pieces.append(" " * min(_number(child, "c"), 1000))
        elif name == "tab":
            pieces.append("\t")
        elif name == "line-break":
            pieces.append("\n")
        elif name not in (
            "text-box",
            "annotation",
            "tracked-changes",
            "ruby-text",
            "desc",
            "title",
            "object",
            "binary-data",
        ):
            _gather(child, pieces, depth + 1)
        pieces.append(child.tail or "")


def _number(element: Element, name: str) -> int:
    """A count in an attribute of that local name; 1 when it is absent or no number."""
    for key, value in element.attrib.items():
        if local(key) == name and str(value).isdigit():
            return int(str(value)[:9])
    return 1


def _attribute(element: Element, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if local(key) == name), "")


def _cell_text(cell: Element) -> str:
    return "\n".join(_said(block) for block in cell.iter() if local(block.tag) in _BLOCKS).replace("\n", " ")


def _write_sheets(spreadsheet: Element, assembly: TextAssembly, limits: Limits) -> None:
    left = limits.max_rows
    cells = limits.max_cells
    for table in (child for child in spreadsheet if local(child.tag) == "table"):
        name = _attribute(table, "name")
        rows: list[list[str]] = []
        for row in (element for element in table.iter() if local(element.tag) == "table-row"):
            filled = _row(row)
            repeated = _number(row, "number-rows-repeated")
            times = min(repeated, MAX_REPEATED_TEXT if filled else 100_000 if repeated < 100_000 else 0)
            rows += [filled] * min(times, left - len(rows))
            cells -= times * len(filled)
            if len(rows) >= left or cells <= 0:
                assembly.problem(ROWS_CUT, rows=len(rows))
                break
        left -= len(rows)
        start = assembly.length
        assembly.line(name)
        while rows and not rows[-1]:
            rows.pop()
        width = max((len(row) for row in rows), default=0)
        write_sheet(assembly, name, [row + [""] * (width - len(row)) for row in rows], first_row=1)
        assembly.mark("sheet", name, start)


def _row(row: Element) -> list[str]:
    """The cells of a row up to the last that holds anything."""
    cells: list[str] = []
    for cell in row:
        if not local(cell.tag).endswith("table-cell"):
            continue
        said = _value(cell)
        times = _number(cell, "number-columns-repeated")
        cells += [said] * min(times, MAX_REPEATED_TEXT if said else 16_384)
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _value(cell: Element) -> str:
    """A cell as people read it: dates as ISO 8601, else the text that the program showed."""
    date = _attribute(cell, "date-value")
    if date:
        return date.removesuffix("T00:00:00").replace("T", " ")
    said = "\n".join(_said(block) for block in cell if local(block.tag) in _BLOCKS)
    return said or _attribute(cell, "value")

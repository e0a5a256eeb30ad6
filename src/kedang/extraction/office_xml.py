"""Word and Excel 2003 XML: paragraphs as lines, worksheets as tables."""

from __future__ import annotations

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import PARTLY_READ, ROWS_CUT
from kedang.extraction.limits import Limits
from kedang.extraction.tables import write_sheet
from kedang.extraction.whole import whole_bytes
from kedang.extraction.xml_tree import Element, local, parsed
from kedang.records.content import Content, Extraction, Format

SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
MAX_SKIPPED = 10_000  # rows or columns that an index may leave blank; more is a trap
_TOLD = {
    "Title": "title",
    "Author": "author",
    "Created": "created",
    "Subject": "subject",
    "Company": "company",
}


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The document's text."""
    assembly = TextAssembly(limits)
    root, sound = parsed(whole_bytes(content, limits), limits)
    if not sound:
        assembly.problem(PARTLY_READ, part="xml")
    for element in root.iter():
        told = _TOLD.get(local(element.tag))
        if told is not None and "office:office" in str(element.tag):
            assembly.tell(told, element.text)
    if format.name == "word-xml":
        _write_paragraphs(root, assembly)
    else:
        _write_worksheets(root, assembly, limits)
    return assembly.extraction()


def _write_paragraphs(root: Element, assembly: TextAssembly) -> None:
    start = assembly.length
    in_table: set[Element] = set()
    for element in root.iter():
        name = local(element.tag)
        if name == "tr":
            in_table.update(element.iter())
            assembly.line("\t".join(_words(cell) for cell in element if local(cell.tag) == "tc"))
        elif name == "p" and element not in in_table and "wordml" in str(element.tag):
            assembly.line(_words(element))
    assembly.mark("body", "body", start)


def _words(element: Element) -> str:
    """The characters of a paragraph or cell; text boxes inside are paragraphs of their own."""
    inner = element.tag if local(element.tag) == "p" else None
    pieces: list[str] = []
    for run in element.iter():
        name = local(run.tag)
        if name == "t" and (inner is None or next(run.iterancestors(inner), None) is element):
            pieces.append(run.text or "")
        elif name == "tab" and local(getattr(run.getparent(), "tag", "")) == "r":
            pieces.append("\t")
    return "".join(pieces)


def _write_worksheets(root: Element, assembly: TextAssembly, limits: Limits) -> None:
    for sheet in root.iter(SPREADSHEET + "Worksheet"):
        name = str(sheet.get(SPREADSHEET + "Name") or "")
        rows: list[list[str]] = []
        for row in sheet.iter(SPREADSHEET + "Row"):
            rows += [[]] * _skipped(row, len(rows))
            rows.append(_cells(row))
            if len(rows) >= limits.max_rows:
                assembly.problem(ROWS_CUT, rows=len(rows))
                break
        start = assembly.length
        assembly.line(name)
        width = max((len(row) for row in rows), default=0)
        write_sheet(assembly, name, [row + [""] * (width - len(row)) for row in rows], first_row=1)
        assembly.mark("sheet", name, start)


def _skipped(element: Element, so_far: int) -> int:
    index = str(element.get(SPREADSHEET + "Index") or "")
    return max(0, min(int(index[:9]) - 1 - so_far, MAX_SKIPPED)) if index.isdigit() else 0


def _cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(SPREADSHEET + "Cell"):
        cells += [""] * _skipped(cell, len(cells))
        data = next(cell.iter(SPREADSHEET + "Data"), None)
        said = "".join(map(str, data.itertext())) if data is not None else ""
        kind = data.get(SPREADSHEET + "Type") if data is not None else None
        cells.append(
            said.removesuffix(".000").removesuffix("T00:00:00").replace("T", " ")
            if kind == "DateTime"
            else said
        )
    return cells

"""OFD (GB/T 33190): text of pages, templates and annotations in reading order; pictures are left to OCR.

`OFD.xml` names document roots, a document its pages, a page its layers of objects. Captions of forms lie in
template pages. Paths may be absolute, relative to the naming file, and careless with case.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import PAGES_CUT, PARTLY_READ, Damaged, Encrypted, ExtractionError
from kedang.extraction.invoices import tell_custom, tell_invoice
from kedang.extraction.limits import Limits
from kedang.extraction.packages import Package
from kedang.extraction.xml_text import write_values
from kedang.extraction.xml_tree import Element, local, tree_of
from kedang.records.content import Content, Extraction, Format

LINE_MM = 2.0  # pieces whose base lines differ by less stand on one line
GAP_MM = 1.5  # a wider gap between pieces parts words
MAX_ATTACHMENT_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of characters and where it stands on its page, in millimetres from the top left."""

    x: float
    y: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class _Document:
    """One document of the package: its root element and the folder its paths start from."""

    root: Element
    folder: str


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The text of each page as a place; XML attachments (original invoices) after the pages."""
    assembly = TextAssembly(limits)
    pages = 0
    wanting: list[int] = []
    with Package(content, limits) as package:
        for document in _documents(package, assembly, limits):
            templates = _templates(package, document, limits)
            for page in _pages_of(document):
                if pages >= limits.max_pages:
                    assembly.problem(PAGES_CUT, kept=pages)
                    break
                if _write_page(package, document, page, templates, assembly, limits, number=pages + 1):
                    wanting.append(pages)
                pages += 1
            _write_attachments(package, document, assembly, limits)
        if package.torn:
            assembly.problem(PARTLY_READ, part="zip")
    return assembly.extraction(pages=pages, ocr_pages=wanting)


def _documents(package: Package, assembly: TextAssembly, limits: Limits) -> list[_Document]:
    found: list[_Document] = []
    if "OFD.xml" not in package:
        raise Damaged(reason="no-ofd-part")
    root = tree_of(package.part("OFD.xml"), limits)
    for element in root.iter():
        name = local(element.tag)
        if name == "DocRoot" and element.text:
            path = _resolve(package, "", element.text.strip())
            if path in package:
                found.append(_Document(tree_of(package.part(path), limits), path.rpartition("/")[0]))
        elif name in ("Title", "Author", "CreationDate", "Creator"):
            assembly.tell(
                {"Title": "title", "Author": "author", "CreationDate": "created", "Creator": "application"}[
                    name
                ],
                element.text,
            )
        elif name == "CustomData":
            tell_custom(_attribute(element, "Name") or "custom", element.text, assembly)
    if not found:
        if any(name.endswith("encryptions.xml") for name in package.names()):
            raise Encrypted(format="ofd")
        raise Damaged(reason="no-document-part")
    return found


def _resolve(package: Package, folder: str, path: str) -> str:
    """The member a path means: absolute, beside the naming file, or from the root."""
    path = path.replace("\\", "/").removeprefix("./")
    if path.startswith("/"):
        return path[1:]
    beside = f"{folder}/{path}" if folder else path
    return beside if beside in package or path not in package else path


def _attribute(element: Element, name: str) -> str:
    return str(element.get(name) or "")


def _pages_of(document: _Document) -> list[Element]:
    return [
        page
        for pages in document.root.iter()
        if local(pages.tag) == "Pages"
        for page in pages
        if local(page.tag) == "Page"
    ]


def _templates(package: Package, document: _Document, limits: Limits) -> dict[str, list[_Piece]]:
    """Template id → the pieces it puts on every page that uses it."""
    found: dict[str, list[_Piece]] = {}
    for element in document.root.iter():
        if local(element.tag) == "TemplatePage":
            path = _resolve(package, document.folder, _attribute(element, "BaseLoc"))
            if path in package:
                found[_attribute(element, "ID")] = _pieces(tree_of(package.part(path), limits))
    return found


def _write_page(
    package: Package,
    document: _Document,
    page: Element,
    templates: dict[str, list[_Piece]],
    assembly: TextAssembly,
    limits: Limits,
    *,
    number: int,
) -> bool:
    """Add a page; returns whether it wants OCR."""
    path = _resolve(package, document.folder, _attribute(page, "BaseLoc"))
    if path not in package:
        assembly.problem(PARTLY_READ, part="page", page=number)
        return False
    try:
        root = tree_of(package.part(path), limits)
    except ExtractionError:
        assembly.problem(PARTLY_READ, part="page", page=number)
        return False
    pieces = _pieces(root)
    for element in root.iter():
        if local(element.tag) == "Template":
            pieces = templates.get(_attribute(element, "TemplateID"), []) + pieces
    pieces += _annotations(package, document, _attribute(page, "ID"), limits)
    start = assembly.length
    for line in _lines(pieces):
        assembly.line(line)
    assembly.mark("page", str(number), start)
    pictures = any(local(element.tag) == "ImageObject" for element in root.iter())
    return pictures and sum(len(piece.text.strip()) for piece in pieces) < 10


def _annotations(package: Package, document: _Document, page_id: str, limits: Limits) -> list[_Piece]:
    """What annotations write on a page: watermarks, stamps, notes."""
    listed = next(
        (element for element in document.root.iter() if local(element.tag) == "Annotations" and element.text),
        None,
    )
    if listed is None:
        return []
    path = _resolve(package, document.folder, str(listed.text).strip())
    if path not in package:
        return []
    found: list[_Piece] = []
    for page in tree_of(package.part(path), limits).iter():
        if local(page.tag) == "Page" and _attribute(page, "PageID") == page_id:
            for place in (child for child in page if local(child.tag) == "FileLoc" and child.text):
                member = _resolve(package, path.rpartition("/")[0], str(place.text).strip())
                if member in package:
                    found += _pieces(tree_of(package.part(member), limits))
    return found


def _pieces(root: Element) -> list[_Piece]:
    found: list[_Piece] = []
    for thing in root.iter():
        if local(thing.tag) != "TextObject":
            continue
        left, top, width, _ = _numbers(_attribute(thing, "Boundary"), 4)
        for code in thing:
            if local(code.tag) == "TextCode" and code.text:
                x, y = _numbers(_attribute(code, "X"), 1)[0], _numbers(_attribute(code, "Y"), 1)[0]
                found.append(_Piece(left + x, top + y, left + width, code.text.strip("\r\n")))
    return found


def _numbers(said: str, count: int) -> list[float]:
    numbers: list[float] = []
    for word in said.split()[:count]:
        try:
            numbers.append(float(word))
        except ValueError:
            numbers.append(0.0)
    return numbers + [0.0] * (count - len(numbers))


def _lines(pieces: list[_Piece]) -> list[str]:
    """The pieces as lines from top to bottom, words from left to right."""
    lines: list[str] = []
    row: list[_Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.y):
        if row and piece.y - row[0].y >= LINE_MM:
            lines.append(_joined(row))
            row = []
        row.append(piece)
    return [*lines, _joined(row)] if row else lines


def _joined(row: list[_Piece]) -> str:
    row.sort(key=lambda piece: piece.x)
    said = row[0].text
    for before, piece in pairwise(row):
        said += (" " if piece.x - before.end > GAP_MM else "") + piece.text
    return said


def _write_attachments(package: Package, document: _Document, assembly: TextAssembly, limits: Limits) -> None:
    """Add XML attachments, where invoices keep their original data; others are told by their number."""
    listed = next(
        (element for element in document.root.iter() if local(element.tag) == "Attachments" and element.text),
        None,
    )
    if listed is None:
        return
    path = _resolve(package, document.folder, str(listed.text).strip())
    others = 0
    for element in tree_of(package.part(path), limits).iter() if path in package else ():
        if local(element.tag) != "FileLoc" or not element.text:
            continue
        member = _resolve(package, path.rpartition("/")[0], element.text.strip())
        if (
            not member.lower().endswith(".xml")
            or member not in package
            or package.size_of(member) > MAX_ATTACHMENT_BYTES
        ):
            others += 1
            continue
        start = assembly.length
        try:
            root = tree_of(package.part(member), limits)
        except ExtractionError:
            assembly.problem(PARTLY_READ, part="attachment")
            continue
        write_values(root, assembly)
        tell_invoice(root, assembly)
        assembly.mark("attachment", "xml", start)
    if others:
        assembly.tell("attached_files", str(others))

"""Word documents (Office Open XML): body, tables, text boxes, headers, footers, notes and comments.

The body is read straight from the parts: a paragraph is a line, a table row a line of cells parted by tabs.
What was deleted under tracked changes is not text; what was inserted is. Of the two forms in which Word
writes a text box, the newer one is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.drawn_text import write_drawn_text
from kedang.extraction.embedded_images import pictures_wanting_ocr
from kedang.extraction.errors import PARTLY_READ, Damaged, ExtractionError
from kedang.extraction.limits import Limits
from kedang.extraction.office_properties import tell_properties
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import Element, depth_checked, tree_of
from kedang.records.content import Content, Extraction, Format

_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_WORD = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = "{" + _WORD.decode() + "}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
P, TBL, TR, TC, T = W + "p", W + "tbl", W + "tr", W + "tc", W + "t"
MATH_T = M + "t"
_BOXES_OR_CHANGES = re.compile(rb"txbxContent|:Fallback|<w:(?:del|moveFrom)[ >]")
TXBX = W + "txbxContent"
_CHARACTERS = {
    W + "tab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
    W + "softHyphen": "",
    W + "ptab": "\t",
}
_RUN_TAGS = (T, MATH_T, *_CHARACTERS)
_LEFT_OUT = frozenset(
    (
        W + "del",
        W + "moveFrom",
        MC_FALLBACK,
        W + "sectPr",
        W + "pPr",
        W + "rPr",
        W + "tblPr",
        W + "tcPr",
        W + "trPr",
    )
)
_SIDE_PARTS = (
    (re.compile(r"word/header\d*\.xml"), "header"),
    (re.compile(r"word/footer\d*\.xml"), "footer"),
    (re.compile(r"word/footnotes\.xml"), "footnotes"),
    (re.compile(r"word/endnotes\.xml"), "endnotes"),
    (re.compile(r"word/comments\.xml"), "comments"),
)
_NOTES_OF_NOTHING = frozenset(("separator", "continuationSeparator", "continuationNotice"))


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The document's text, body first, and its properties."""
    assembly = TextAssembly(limits)
    with Package(content, limits) as package:
        main = _main_part(package)
        try:
            _write_part(package, main, "body", assembly, limits)
            strange = False
        except NotWord:
            strange = True
        seen: set[str] = set()
        for pattern, kind in _SIDE_PARTS:
            for name in sorted(name for name in package.names() if pattern.fullmatch(name)):
                try:
                    _write_part(package, name, kind, assembly, limits, unless=seen)
                except Damaged:
                    assembly.problem(PARTLY_READ, part=kind)
        write_drawn_text(package, assembly, limits)
        if strange:
            assembly.problem(PARTLY_READ if assembly.length else NotWord.code, part="body")
        try:
            tell_properties(package, ("docProps/core.xml", "docProps/app.xml"), assembly, limits)
        except ExtractionError:
            assembly.problem(PARTLY_READ, part="properties")
        wanted = pictures_wanting_ocr(package, assembly.length)
        if package.torn:
            assembly.problem(PARTLY_READ, part="zip")
    return assembly.extraction(ocr_pages=range(wanted))


def _main_part(package: Package) -> str:
    if "word/document.xml" in package:
        return "word/document.xml"
    found = [name for name in package.names() if re.fullmatch(r"word/document\d*\.xml", name)]
    if not found:
        raise Damaged(reason="no-document-part")
    return found[0]


def _write_part(
    package: Package,
    name: str,
    kind: str,
    assembly: TextAssembly,
    limits: Limits,
    *,
    unless: set[str] | None = None,
) -> None:
    """Add a part's paragraphs as one place; a header that repeats an earlier one is left out."""
    raw = package.part(name).replace(_STRICT, _WORD)
    root = tree_of(raw, limits)
    if not str(root.tag).startswith(W):
        raise NotWord(reason="not-word")
    lines = _Lines(limits, simple=_BOXES_OR_CHANGES.search(raw) is None)
    lines.walk(root, 0)
    said = "\n".join(lines.said).strip("\n")
    if unless is not None:
        if said in unless:
            return
        unless.add(said)
    if not said.strip():
        return
    start = assembly.length
    assembly.line(said)
    assembly.mark(kind, name.rpartition("/")[2].removesuffix(".xml"), start)


class NotWord(Damaged):
    """A part stands where Word's own belongs and is something else; what it holds was not read."""


class _Lines:
    """The lines of a part. `simple` parts hold neither text boxes nor tracked changes, which most do not."""

    def __init__(self, limits: Limits, *, simple: bool) -> None:
        self.said: list[str] = []
        self._limits = limits
        self._simple = simple

    def walk(self, parent: Element, depth: int) -> None:
        """Add the lines of everything below an element that holds blocks."""
        depth_checked(depth, self._limits)
        for child in parent:
            tag = child.tag
            if tag == P:
                self._paragraph(child, depth)
            elif tag == TBL:
                self._table(child, depth)
            elif tag in _LEFT_OUT or child.get(W + "type") in _NOTES_OF_NOTHING:
                continue
            elif len(child):
                self.walk(child, depth + 1)

    def _paragraph(self, paragraph: Element, depth: int) -> None:
        if self._simple:
            self.said.append("".join([_character(run) for run in paragraph.iter(*_RUN_TAGS)]))
            return
        said: list[str] = []
        boxes: list[Element] = []
        self._runs(paragraph, said, boxes, depth)
        self.said.append("".join(said))
        for box in boxes:
            self.walk(box, depth + 1)

    def _runs(self, parent: Element, said: list[str], boxes: list[Element], depth: int) -> None:
        """The characters of a paragraph that may hold text boxes or tracked changes; boxes are set aside."""
        depth_checked(depth, self._limits)
        for child in parent:
            tag = child.tag
            if tag in _RUN_TAGS:
                said.append(_character(child))
            elif tag == TXBX:
                boxes.append(child)
            elif tag not in _LEFT_OUT and len(child):
                self._runs(child, said, boxes, depth + 1)

    def _table(self, table: Element, depth: int) -> None:
        """Each row as one line; the paragraphs of a cell are parted by blanks, so that rows stay rows."""
        for row in _inside(table, TR):
            cells: list[str] = []
            for cell in _inside(row, TC):
                inner = _Lines(self._limits, simple=self._simple)
                inner.walk(cell, depth + 1)
                cells.append(" ".join(filter(None, inner.said)).replace("\n", " "))
            self.said.append("\t".join(cells))


def _character(run: Element) -> str:
    """What an element of a run stands for; a tab stop of a paragraph's properties stands for nothing."""
    tag = run.tag
    if tag in (T, MATH_T):
        return run.text or ""
    if tag == W + "tab" and getattr(run.getparent(), "tag", "") != W + "r":
        return ""
    return _CHARACTERS.get(str(tag), "")


def _inside(parent: Element, wanted: str) -> Iterator[Element]:
    """The rows of a table or cells of a row, those wrapped by content controls too; none of inner tables."""
    for child in parent:
        if child.tag == wanted:
            yield child
        elif child.tag not in (TBL, TC, TR) and len(child):
            yield from _inside(child, wanted)

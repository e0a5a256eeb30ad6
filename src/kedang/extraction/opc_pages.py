"""Visio drawings (vsdx) and XPS documents: the words of each page, in the order of the file."""

from __future__ import annotations

import re

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import PAGES_CUT, PARTLY_READ, ExtractionError
from kedang.extraction.limits import Limits
from kedang.extraction.office_properties import tell_properties
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import Element, local, tree_of
from kedang.records.content import Content, Extraction, Format

_PAGES = {"vsdx": re.compile(r"visio/pages/page(\d+)\.xml"), "xps": re.compile(r".*/(\d+)\.fpage")}


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The text of the pages as places."""
    assembly = TextAssembly(limits)
    with Package(content, limits) as package:
        found = [
            (int(match[1]), name)
            for name in package.names()
            if (match := _PAGES[format.name].fullmatch(name))
        ]
        if len(found) > limits.max_pages:
            assembly.problem(PAGES_CUT, pages=len(found), kept=limits.max_pages)
        for number, name in sorted(found)[: limits.max_pages]:
            start = assembly.length
            try:
                root = tree_of(package.part(name), limits)
            except ExtractionError:
                assembly.problem(PARTLY_READ, part="page", page=number)
                continue
            for line in _shapes(root) if format.name == "vsdx" else _glyph_lines(root):
                assembly.line(line)
            assembly.mark("page", str(number), start)
        tell_properties(package, ("docProps/core.xml", "docProps/app.xml"), assembly, limits)
        if package.torn:
            assembly.problem(PARTLY_READ, part="zip")
    return assembly.extraction(pages=len(found))


def _shapes(root: Element) -> list[str]:
    """The text of each shape."""
    texts = (
        "".join(map(str, shape.itertext())).strip() for shape in root.iter() if local(shape.tag) == "Text"
    )
    return [text for text in texts if text]


def _glyph_lines(root: Element) -> list[str]:
    """Runs of glyphs, those on one base line joined."""
    lines: list[str] = []
    base = None
    for run in root.iter():
        said = str(run.get("UnicodeString") or "").removeprefix("{}") if local(run.tag) == "Glyphs" else ""
        if not said:
            continue
        if lines and run.get("OriginY") == base:
            lines[-1] += said
        else:
            lines.append(said)
        base = run.get("OriginY")
    return lines

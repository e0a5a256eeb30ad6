"""PowerPoint presentations (Office Open XML): slides in their order, tables, notes and comments."""

from __future__ import annotations

import re

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.drawn_text import write_drawn_text
from kedang.extraction.embedded_images import pictures_wanting_ocr
from kedang.extraction.errors import PAGES_CUT, PARTLY_READ, Damaged, ExtractionError
from kedang.extraction.limits import Limits
from kedang.extraction.office_properties import tell_properties
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import Element, local, tree_of
from kedang.records.content import Content, Extraction, Format

_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb"\b(Id|Target|Type)\s*=\s*[\"']([^\"']*)[\"']")
_RELATION_ID = "}id"


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The slides' text as places, notes and comments after their slide."""
    assembly = TextAssembly(limits)
    with Package(content, limits) as package:
        slides = _slides_in_order(package, limits)
        if not slides and "ppt/presentation.xml" not in package:
            raise Damaged(reason="no-presentation-part")
        if len(slides) > limits.max_pages:
            assembly.problem(PAGES_CUT, pages=len(slides), kept=limits.max_pages)
        for number, name in enumerate(slides[: limits.max_pages], 1):
            _write_slide(package, name, number, assembly, limits)
        write_drawn_text(package, assembly, limits)
        try:
            tell_properties(package, ("docProps/core.xml", "docProps/app.xml"), assembly, limits)
        except ExtractionError:
            assembly.problem(PARTLY_READ, part="properties")
        wanted = pictures_wanting_ocr(package, assembly.length)
        if package.torn:
            assembly.problem(PARTLY_READ, part="zip")
    return assembly.extraction(pages=len(slides), ocr_pages=range(wanted))


def relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → (type's last word, target part) of a part; targets are resolved within the package."""
    folder, _, name = part.rpartition("/")
    found: dict[str, tuple[str, str]] = {}
    for tag in _RELATION.findall(package.part(f"{folder}/_rels/{name}.rels")):
        said = {key.decode(): value.decode("utf-8", "replace") for key, value in _ATTRIBUTE.findall(tag)}
        if {"Id", "Target", "Type"} <= said.keys():
            found[said["Id"]] = (said["Type"].rpartition("/")[2], _resolved(folder, said["Target"]))
    return found


def _resolved(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def _slides_in_order(package: Package, limits: Limits) -> list[str]:
    """The slide parts in the order of the presentation; by number where that order is lost."""
    by_number = sorted((int(match[1]), name) for name in package.names() if (match := _SLIDE.fullmatch(name)))
    every = [name for _, name in by_number]
    try:
        root = tree_of(package.part("ppt/presentation.xml"), limits)
    except ExtractionError:
        return every
    known = relations(package, "ppt/presentation.xml")
    ordered: list[str] = []
    for element in root.iter():
        if local(element.tag) == "sldId":
            ids = [value for key, value in element.attrib.items() if str(key).endswith(_RELATION_ID)]
            ordered += [known[each][1].lower() for each in map(str, ids) if each in known]
    ordered = [name for name in dict.fromkeys(ordered) if name in package]
    return ordered + [name for name in every if name not in set(ordered)]


def _write_slide(package: Package, name: str, number: int, assembly: TextAssembly, limits: Limits) -> None:
    start = assembly.length
    try:
        _write_part(package, name, assembly, limits)
        assembly.mark("slide", str(number), start)
        for kind, target in relations(package, name).values():
            if kind in ("notesSlide", "comments"):
                start = assembly.length
                _write_part(package, target, assembly, limits)
                assembly.mark("notes" if kind == "notesSlide" else "comments", str(number), start)
    except Damaged:
        assembly.problem(PARTLY_READ, part="slide")


def _write_part(package: Package, name: str, assembly: TextAssembly, limits: Limits) -> None:
    root = tree_of(package.part(name), limits)
    in_table: set[Element] = set()
    for element in root.iter():
        tag = local(element.tag)
        if tag == "tr":
            cells = [" ".join(_lines_of(cell)) for cell in element if local(cell.tag) == "tc"]
            in_table.update(element.iter())
            assembly.line("\t".join(cells))
        elif tag == "p" and element not in in_table:
            said = _said(element)
            if said.strip() and not _is_slide_number(element):
                assembly.line(said)
        elif tag == "text" and element.text and "comment" in name:
            assembly.line(element.text)


def _lines_of(cell: Element) -> list[str]:
    return [said for paragraph in cell.iter() if local(paragraph.tag) == "p" and (said := _said(paragraph))]


def _said(paragraph: Element) -> str:
    pieces: list[str] = []
    for run in paragraph.iter():
        tag = local(run.tag)
        if tag == "t":
            pieces.append(run.text or "")
        elif tag == "br":
            pieces.append("\n")
    return "".join(pieces)


def _is_slide_number(paragraph: Element) -> bool:
    fields = [field for field in paragraph if local(field.tag) == "fld"]
    return (
        bool(fields)
        and all(field.get("type") == "slidenum" for field in fields)
        and all(local(child.tag) != "r" for child in paragraph)
    )

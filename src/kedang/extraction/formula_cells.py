"""Formulas of an Office Open XML workbook, sheet by sheet, as they are written."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from kedang.extraction.errors import LimitExceeded
from kedang.extraction.limits import Limits
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import local, tree_of

Address = tuple[int, int]
"""Row and column, from 1."""
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ANY = re.compile(rb"<(?:\w+:)?f[ />]")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass(frozen=True, slots=True)
class Written:
    """A formula without what it gives."""

    text: str
    kind: str = ""
    reach: str = ""
    group: str = ""


def sheet_parts(package: Package, limits: Limits) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    related = {
        element.get("Id", ""): element.get("Target", "")
        for element in tree_of(package.part("xl/_rels/workbook.xml.rels"), limits).iter()
        if local(element.tag) == "Relationship"
    }
    found = {}
    for element in tree_of(package.part("xl/workbook.xml"), limits).iter():
        if local(element.tag) == "sheet":
            target = related.get(element.get(_RELATION) or element.get(_STRICT) or "", "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            found[element.get("name", "")] = part
    return found


def formulas_of(raw: bytes, limits: Limits) -> Mapping[Address, Written]:
    """The formulas of one sheet, given as its part; none when it has none."""
    if _ANY.search(raw) is None:
        return {}
    reading = _Reading(limits)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError:
        return reading.found  # as far as the part is whole; calamine has read the values
    return reading.found


def _refuse(*_declared: object) -> None:
    raise LimitExceeded(limit="entities")


class _Reading:
    """The formulas found so far."""

    def __init__(self, limits: Limits) -> None:
        self.found: dict[Address, Written] = {}
        self._left = limits.max_cells
        self._at: Address = (0, 0)
        self._said: list[str] | None = None
        self._about: dict[str, str] = {}
        self._begin: dict[str, Callable[[dict[str, str]], None]] = {"c": self._cell, "f": self._formula}

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        handler = self._begin.get(tag.rpartition("}")[2])
        if handler is not None:
            handler(attributes)

    def _cell(self, attributes: dict[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        if place is None:  # cells without places follow each other
            self._at = (self._at[0], self._at[1] + 1)
            return
        self._at = (int(place[2]), column_of(place[1]))

    def _formula(self, attributes: dict[str, str]) -> None:
        self._said, self._about = [], attributes

    def text(self, piece: str) -> None:
        """Characters of an element."""
        if self._said is not None:
            self._said.append(piece)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._said is None or tag.rpartition("}")[2] != "f":
            return
        about = self._about
        kind = about.get("t", "")
        self.found[self._at] = Written(
            "".join(self._said), "" if kind == "normal" else kind, about.get("ref", ""), about.get("si", "")
        )
        self._said = None
        self._left -= 1
        if self._left < 0:
            raise LimitExceeded(limit="max_cells")


def column_of(letters: str) -> int:
    """The number of a column, from 1, of its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number

"""XML data: every value on a line after its element's name, so that a reader can tell what is what.

Entities and external references are never resolved. Electronic invoices also give their fields as metadata.
"""

from __future__ import annotations

import re

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import PARTLY_READ
from kedang.extraction.invoices import tell_invoice
from kedang.extraction.limits import Limits
from kedang.extraction.plain import text_of
from kedang.extraction.whole import whole_bytes
from kedang.extraction.xml_tree import Element, local, parsed
from kedang.records.content import Content, Extraction, Format

# Names that say nothing of the value they hold.
_WORDLESS = frozenset(
    [
        "p",
        "para",
        "text",
        "line",
        "title",
        "subtitle",
        "li",
        "item",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "span",
        "div",
        "value",
        "v",
        "t",
        "string",
        "body",
    ]
)
_PACKED = re.compile(r"[A-Za-z0-9+/=\s]{400,}")  # signatures and pictures in Base64 are no words


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The values of an XML file in document order."""
    assembly = TextAssembly(limits)
    raw = whole_bytes(content, limits)
    if format.charset is not None and not raw[:100].lstrip().startswith((b"<?xml", b"\xef\xbb\xbf<?xml")):
        raw = text_of(content, format, assembly, limits).encode("utf-8", "replace")
    root, sound = parsed(raw, limits)
    if not sound:
        assembly.problem(PARTLY_READ, part="xml")
    write_values(root, assembly)
    tell_invoice(root, assembly)
    return assembly.extraction()


def write_values(root: Element, assembly: TextAssembly) -> None:
    """Add each value: `name: text` for a leaf, bare text where text and elements mix, then its attributes."""
    for element in root.iter():
        name = local(element.tag)
        if not name:
            assembly.problem(PARTLY_READ, part="entity")
        said = (element.text or "").strip() if name else ""
        if said and not _PACKED.fullmatch(said):
            bare = len(element) > 0 or name.lower() in _WORDLESS
            assembly.line(said if bare else f"{name}: {said}")
        for key, value in ((str(key), str(value)) for key, value in element.attrib.items()):
            attribute = local(key)
            if value.strip() and attribute not in ("schemaLocation", "space", "lang"):
                assembly.line(f"{attribute}: {value}")
        tail = (element.tail or "").strip()
        if tail:
            assembly.line(tail)

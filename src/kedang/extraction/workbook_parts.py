"""What an Office Open XML workbook says outside its cells: comments, text boxes, page headers, properties."""

from __future__ import annotations

import re

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.limits import Limits
from kedang.extraction.office_properties import tell_properties
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import local, tree_of

_COMMENTS = re.compile(r"xl/(?:comments\d*|threadedcomments/.*|comments/.*)\.xml")
_DRAWINGS = re.compile(r"xl/drawings/drawing\d+\.xml")
_SHEETS = re.compile(r"xl/worksheets/sheet\d+\.xml")
_PRINTED = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)>([^<]*)<")
_CODES = re.compile(r"&(?:\"[^\"]*\"|[0-9]+|K[0-9A-F]{6}|[A-Z&])")


def write_side_parts(package: Package, assembly: TextAssembly, limits: Limits) -> None:
    """Add the comments, text boxes and printed headers, and tell the properties."""
    for name in package.names():
        if _COMMENTS.fullmatch(name):
            _write_runs(package.part(name), "comments", ("comment", "threadedComment"), assembly, limits)
        elif _DRAWINGS.fullmatch(name):
            _write_runs(package.part(name), "drawing", ("p",), assembly, limits)
        elif _SHEETS.fullmatch(name) and package.size_of(name) < 4_000_000:
            _write_printed(package.part(name), assembly)
    tell_properties(package, ("docProps/core.xml", "docProps/app.xml"), assembly, limits)


def _write_runs(
    raw: bytes, kind: str, blocks: tuple[str, ...], assembly: TextAssembly, limits: Limits
) -> None:
    start = assembly.length
    for element in tree_of(raw, limits).iter():
        if local(element.tag) in blocks:
            said = "".join(run.text or "" for run in element.iter() if local(run.tag) in ("t", "text"))
            if said.strip():
                assembly.line(said)
    assembly.mark(kind, kind, start)


def _write_printed(raw: bytes, assembly: TextAssembly) -> None:
    start = assembly.length
    for found in _PRINTED.findall(raw):
        said = (
            found.decode("utf-8", "replace").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
        )
        said = _CODES.sub(" ", said.replace("&quot;", '"')).strip()
        if said:
            assembly.line(said)
    assembly.mark("header", "header", start)

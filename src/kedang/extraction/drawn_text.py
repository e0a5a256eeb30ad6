"""Words in the charts and diagrams of an Office Open XML document."""

from __future__ import annotations

import re

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import PARTLY_READ, ExtractionError
from kedang.extraction.limits import Limits
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import local, tree_of

_PARTS = re.compile(r"(?:word|ppt)/(?:charts/chart[^/]*|diagrams/data[^/]*)\.xml")
MAX_VALUES = 5_000  # of one chart


def write_drawn_text(package: Package, assembly: TextAssembly, limits: Limits) -> None:
    """Add titles, series, categories and values of charts, and the words of diagrams."""
    for name in package.names():
        if not _PARTS.fullmatch(name):
            continue
        try:
            root = tree_of(package.part(name), limits)
        except ExtractionError:
            assembly.problem(PARTLY_READ, part="chart")
            continue
        start = assembly.length
        said = [
            element.text
            for element in root.iter()
            if local(element.tag) in ("t", "v") and element.text and element.text.strip()
        ]
        if said:
            assembly.line("\t".join(said[:MAX_VALUES]))
        assembly.mark(
            "chart" if "chart" in name else "diagram", name.rpartition("/")[2].removesuffix(".xml"), start
        )

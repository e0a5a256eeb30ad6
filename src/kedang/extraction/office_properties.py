"""Title, author and dates that office programs keep beside the text (Dublin Core in OOXML and ODF)."""

from __future__ import annotations

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import ExtractionError
from kedang.extraction.limits import Limits
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import local, tree_of

_TOLD = {
    "title": "title",
    "subject": "subject",
    "creator": "author",
    "initial-creator": "author",
    "lastModifiedBy": "last_author",
    "keywords": "keywords",
    "keyword": "keywords",
    "description": "description",
    "created": "created",
    "creation-date": "created",
    "modified": "modified",
    "Company": "company",
    "Application": "application",
    "generator": "application",
}


def tell_properties(package: Package, parts: tuple[str, ...], assembly: TextAssembly, limits: Limits) -> None:
    """Add what the parts say of the document; parts that are missing or broken are passed over."""
    for part in parts:
        raw = package.part(part) if part in package else b""
        if not raw:
            continue
        try:
            root = tree_of(raw, limits)
        except ExtractionError:
            continue
        for element in root.iter():
            name = _TOLD.get(local(element.tag))
            if name is not None and len(element) == 0:
                assembly.tell(name, element.text)

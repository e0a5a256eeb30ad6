"""EPUB: the chapters in reading order."""

from __future__ import annotations

from urllib.parse import unquote

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import PARTLY_READ, Damaged, Encrypted, ExtractionError
from kedang.extraction.html_text import write_html
from kedang.extraction.limits import Limits
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import Element, local, tree_of
from kedang.records.content import Content, Extraction, Format

_TOLD = {
    "title": "title",
    "creator": "author",
    "date": "created",
    "publisher": "publisher",
    "identifier": "identifier",
}


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The book's text, a chapter a place."""
    assembly = TextAssembly(limits)
    with Package(content, limits) as package:
        if "META-INF/rights.xml" in package:
            raise Encrypted(format="epub")
        path = _package_path(package, limits)
        root = tree_of(package.part(path), limits)
        for element in root.iter():
            name = _TOLD.get(local(element.tag))
            if name is not None and len(element) == 0:
                assembly.tell(name, element.text)
        for number, chapter in enumerate(_spine(root, path.rpartition("/")[0]), 1):
            start = assembly.length
            try:
                write_html(package.part(chapter).decode("utf-8", "replace"), assembly, title=False)
            except ExtractionError:
                assembly.problem(PARTLY_READ, part="chapter", page=number)
            assembly.mark("chapter", str(number), start)
        if package.torn:
            assembly.problem(PARTLY_READ, part="zip")
    return assembly.extraction()


def _package_path(package: Package, limits: Limits) -> str:
    """Where the package document lies, as META-INF/container.xml names it."""
    if "META-INF/container.xml" in package:
        for element in tree_of(package.part("META-INF/container.xml"), limits).iter():
            path = str(element.get("full-path") or "")
            if local(element.tag) == "rootfile" and path in package:
                return path
    found = next((name for name in package.names() if name.endswith(".opf")), None)
    if found is None:
        raise Damaged(reason="no-package-document")
    return found


def _spine(root: Element, folder: str) -> list[str]:
    hrefs = {
        str(item.get("id")): str(item.get("href") or "") for item in root.iter() if local(item.tag) == "item"
    }
    order = [str(item.get("idref")) for item in root.iter() if local(item.tag) == "itemref"]
    paths = [unquote(hrefs[each]) for each in order if each in hrefs]
    return [f"{folder}/{path}" if folder else path for path in paths]

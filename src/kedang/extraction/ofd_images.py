"""The pictures of an OFD page, put where the page puts them (GB/T 33190-2016)."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from kedang.extraction.errors import Damaged, ExtractionError
from kedang.extraction.images import PageImage, Pixels, pixels_of
from kedang.extraction.limits import Limits
from kedang.extraction.packages import Package
from kedang.extraction.xml_tree import Element, tree_of
from kedang.records.content import Content

_DOTS_PER_MILLIMETRE = 200 / 25.4
_LONGEST_SIDE = 4_000
_A4 = (0.0, 0.0, 210.0, 297.0)
_MOST_PICTURES = 200  # of one page

_Rectangle = tuple[float, float, float, float]  # x, y, width, height in millimetres


@dataclass(frozen=True, slots=True)
class _Document:
    """One document of the package: its pages in order, its pictures by id, its usual page size."""

    pages: tuple[str, ...]
    pictures: dict[str, str]
    area: _Rectangle


def ofd_pages(content: Content, pages: Sequence[int], *, limits: Limits) -> Iterator[PageImage]:
    """The named pages with their pictures on white; a page without pictures comes as None."""
    with Package(content, limits) as package:
        places = [(document, page) for document in _documents(package, limits) for page in document.pages]
        for index in pages:
            if not 0 <= index < len(places):
                yield PageImage(index, None)
                continue
            try:
                yield PageImage(index, _drawn(package, *places[index], limits))
            except (ExtractionError, ValueError):
                yield PageImage(index, None)


def _documents(package: Package, limits: Limits) -> list[_Document]:
    roots = [node.text or "" for node in _all(tree_of(package.part("ofd.xml"), limits), "DocRoot")]
    if not roots:
        raise Damaged(reason="ofd-root")
    return [_document(package, _joined("", root), limits) for root in roots]


def _document(package: Package, path: str, limits: Limits) -> _Document:
    root = tree_of(package.part(path), limits)
    pictures: dict[str, str] = {}
    for node in [*_all(root, "PublicRes"), *_all(root, "DocumentRes")]:
        pictures.update(_pictures_named_in(package, _joined(path, node.text or ""), limits))
    pages = tuple(
        _joined(path, str(page.get("BaseLoc", "")))
        for node in _all(root, "Pages")
        for page in _all(node, "Page")
    )
    return _Document(pages, pictures, _area(root) or _A4)


def _pictures_named_in(package: Package, path: str, limits: Limits) -> dict[str, str]:
    raw = package.part(path)
    if not raw:
        return {}
    root = tree_of(raw, limits)
    base = _joined(path, str(root.get("BaseLoc", "")))
    found = {}
    for medium in _all(root, "MultiMedia"):
        for file in _all(medium, "MediaFile"):
            found[str(medium.get("ID"))] = posixpath.join(base, (file.text or "").strip())
    return found


def _drawn(package: Package, document: _Document, path: str, limits: Limits) -> Pixels | None:
    root = tree_of(package.part(path), limits)
    pictures = dict(document.pictures)
    for node in _all(root, "PageRes"):
        pictures.update(_pictures_named_in(package, _joined(path, node.text or ""), limits))
    objects = _all(root, "ImageObject")[:_MOST_PICTURES]
    if not objects:
        return None
    left, top, width, height = _area(root) or document.area
    scale = min(_DOTS_PER_MILLIMETRE, _LONGEST_SIDE / max(width, height, 1.0))
    sheet = np.full((max(1, round(height * scale)), max(1, round(width * scale)), 3), 255, np.uint8)
    for node in objects:
        place = _rectangle(node.get("Boundary"))
        name = pictures.get(str(node.get("ResourceID")))
        if place is None or name is None:
            continue
        picture = pixels_of(io.BytesIO(package.part(name)), limits)
        x, y, w, h = place
        _paste(sheet, picture, ((x - left) * scale, (y - top) * scale, w * scale, h * scale))
    return sheet


def _paste(sheet: Pixels, picture: Pixels, place: _Rectangle) -> None:
    """Lay a picture on the sheet; what hangs over the edge is cut off."""
    x, y, width, height = (round(value) for value in place)
    right, bottom = min(sheet.shape[1], x + width), min(sheet.shape[0], y + height)
    left, top = max(0, x), max(0, y)
    if right <= left or bottom <= top or width > 4 * sheet.shape[1] or height > 4 * sheet.shape[0]:
        return
    fitted = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    sheet[top:bottom, left:right] = fitted[top - y : bottom - y, left - x : right - x]


def _area(root: Element) -> _Rectangle | None:
    for node in _all(root, "PhysicalBox"):
        found = _rectangle(node.text)
        if found is not None:
            return found
    return None


def _rectangle(said: str | None) -> _Rectangle | None:
    try:
        x, y, width, height = (float(number) for number in (said or "").split())
    except ValueError:
        return None
    return (x, y, width, height) if 0 < width < 10_000 and 0 < height < 10_000 else None


def _all(root: Element, name: str) -> list[Element]:
    """Elements by their plain name: writers in the field use several namespaces."""
    return list(root.iter("{*}" + name))


def _joined(beside: str, path: str) -> str:
    """A path as a package means it: from the root, or from the folder of the part that names it."""
    path = path.strip().replace("\\", "/")
    joined = path if path.startswith("/") else posixpath.join(posixpath.dirname(beside), path)
    return posixpath.normpath(joined).lstrip("/")
